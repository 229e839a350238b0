"""Schedules: lists, reads, blank ones, copies, runs."""

from datetime import datetime, timedelta

import PureCloudPlatformClientV2 as sdk

from rig import WEEK, WEEK_DATE
from schedules_rig import ScheduleCase

RUNS = "v2.workforcemanagement.businessunits.{}.scheduling.runs"
RUN = "WfmBuScheduleRunTopicBuSchedulingRunProgressNotification"


class Schedules(ScheduleCase):
    def test_the_schedules_of_a_week_and_the_recent_ones(self):
        week = self.listed(include_only_published=False)
        self.assertGreaterEqual(len(week), 1)
        self.assertTrue(all(entity.week_date == WEEK_DATE for entity in week))
        recent = self.listed("recent")
        self.assertTrue({entity.id for entity in week} <= {entity.id for entity in recent})

    def test_a_schedule_with_its_agents(self):
        schedule = self.schedule(expand="managementUnits.agents")
        self.assertGreaterEqual(schedule.metadata.version, 1)
        units = {unit.management_unit.id: unit for unit in schedule.management_units}
        self.assertGreaterEqual(len(units[self.management_unit].agents), 1)
        self.assertEqual(self.schedule(schedule.id).metadata.version, schedule.metadata.version)

    def test_the_agents_of_a_schedule(self):
        schedule = self.listed()[0].id
        agents = self.agents(schedule)
        self.assertEqual(self.client.status, 200)
        self.assertGreaterEqual(len(agents), 2)
        self.assertTrue(all(agent.metadata.version >= 1 for agent in agents))
        first = agents[0].user.id
        only = self.agents(schedule, [first])
        self.assertEqual([agent.user.id for agent in only], [first])

    def test_the_agents_by_download(self):
        answer = self.agents(self.listed()[0].id, force_download_service=True)
        self.assertTrue(answer.download_url)

    def test_a_schedule_that_does_not_exist_is_not_found(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        self.refused(404, "wfm.entity.not.found", self.schedule, nobody)

    def test_a_blank_schedule_a_copy_and_their_end(self):
        listener = self.listen()
        body = sdk.BuCreateBlankScheduleRequest()
        body.description, body.week_count = "Draft for the holidays", 1
        blank = self.of_week("schedules", body)
        self.assertEqual((self.client.status, blank.description, blank.published), (201, body.description, False))

        copy = sdk.BuCopyScheduleRequest()
        copy.description, copy.week_date = "The same a week later", WEEK_DATE + timedelta(days=7)
        answer = self.of_week("schedule_copy", self.listed()[0].id, copy)
        self.assertIn(self.client.status, (201, 202))
        if self.client.status == 202:
            end = listener.end_of(answer.operation_id)
            self.assertEqual((end["status"], end["eventType"]), ("Complete", "Copy"))

        delete = self.wfm.delete_workforcemanagement_businessunit_week_schedule
        answer = delete(self.business_unit, WEEK_DATE, blank.id)
        self.assertEqual(self.client.status, 202)
        end = listener.end_of(answer.operation_id)
        self.assertEqual((end["status"], end["eventType"]), ("Complete", "Delete"))
        self.refused(404, "wfm.entity.not.found", self.schedule, blank.id)

    def test_the_history_of_an_agent(self):
        schedule = self.listed()[0].id
        agent = self.agents(schedule)[0].user.id
        history = self.wfm.get_workforcemanagement_businessunit_week_schedule_history_agent(
            self.business_unit, WEEK_DATE, schedule, agent
        )
        self.assertIsNotNone(history.changes)


class Runs(ScheduleCase):
    def reschedule(self, schedule):
        body = sdk.BuRescheduleRequest()
        body.start_date = datetime.fromisoformat(f"{WEEK}T00:00:00+00:00")
        body.end_date = body.start_date + timedelta(days=7)
        body.management_unit_ids = [self.management_unit]
        return self.of_week("schedule_reschedule", schedule, body)

    def read(self, run):
        return self.wfm.get_workforcemanagement_businessunit_scheduling_run(self.business_unit, run)

    def newest(self):
        return self.wfm.get_workforcemanagement_businessunit_scheduling_runs(self.business_unit).entities[0].id

    def apply(self, run):
        body = sdk.PatchBuScheduleRunRequest()
        body.rescheduling_options = sdk.PatchBuReschedulingOptionsRequest()
        unit = sdk.PatchBuReschedulingOptionsManagementUnitRequest()
        unit.management_unit_id, unit.applied = self.management_unit, True
        body.rescheduling_options.management_units = [unit]
        self.wfm.patch_workforcemanagement_businessunit_scheduling_run(self.business_unit, run, body)

    def test_a_generation_ends_in_a_schedule(self):
        listener = self.listen(RUNS.format(self.business_unit))
        body = sdk.BuGenerateScheduleRequest()
        body.description, body.week_count = "Generated", 1
        body.short_term_forecast = sdk.BuShortTermForecastReference()
        body.short_term_forecast.id, body.short_term_forecast.week_date = "forecast", WEEK_DATE
        answer = self.of_week("schedules_generate", body)
        self.assertEqual((self.client.status, answer.status), (202, "Processing"))
        end = listener.end_of(answer.operation_id, RUN)
        self.assertEqual(end["status"], "Complete")
        run = self.read(end["result"]["id"])
        self.assertEqual(run.state, "Complete")
        self.assertEqual(self.schedule(run.schedule.id).description, "Generated")

    def test_one_reschedule_that_nobody_applied_refuses_the_next(self):
        listener = self.listen(RUNS.format(self.business_unit))
        schedule = self.listed()[0].id
        answer = self.reschedule(schedule)
        self.assertEqual((self.client.status, answer.status), (202, "Processing"))
        self.refused(400, "wfm.not.allowed", self.reschedule, schedule)
        end = listener.end_of(answer.operation_id, RUN)
        self.assertEqual(end["status"], "Complete")
        self.refused(400, "wfm.not.allowed", self.reschedule, schedule)

        run = end["result"]["id"]
        self.assertEqual(self.newest(), run)
        result = self.wfm.get_workforcemanagement_businessunit_scheduling_run_result(
            self.business_unit, run, [self.management_unit], "agentSchedules"
        )
        self.assertTrue(result.agent_schedules[0].download_url)
        self.apply(run)
        self.assertEqual(self.client.status, 204)
        self.assertTrue(self.read(run).rescheduling_options.management_units[0].applied)

        self.reschedule(schedule)
        again = self.newest()
        cancel = self.wfm.delete_workforcemanagement_businessunit_scheduling_run
        cancel(self.business_unit, again)
        self.assertEqual((self.client.status, self.read(again).state), (204, "Canceled"))
