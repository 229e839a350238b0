"""The upload of a change: a place, a file, its processing, and the message that ends it."""

import PureCloudPlatformClientV2 as sdk

from schedules_rig import ScheduleCase


def shortened(agent):
    """An agent's week as an upload takes it, with its first shift half an hour shorter."""
    shift = agent["shifts"][0]
    last = shift["activities"][-1]
    last["lengthMinutes"] -= 30
    shift["lengthMinutes"] -= 30
    metadata = {"version": agent["metadata"]["version"]}
    return {"userId": agent["user"]["id"], "metadata": metadata, "shifts": agent["shifts"]}


class Upload(ScheduleCase):
    def change(self, schedule, agents, **more):
        """A whole upload that names the versions as they are now."""
        version = self.schedule(schedule).metadata.version
        return {"metadata": {"version": version}, "agentSchedules": agents} | more

    def test_a_whole_cycle_ends_in_a_message_and_lands(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        before = self.schedule(schedule)
        agent = self.agents_raw(schedule)[0]
        length = agent["shifts"][0]["lengthMinutes"]
        operation = self.update(schedule, self.change(schedule, [shortened(agent)]))

        end = listener.end_of(operation)
        self.assertEqual(set(end), {"status", "operationId", "eventType", "result"})
        self.assertEqual((end["status"], end["eventType"]), ("Complete", "Update"))
        after = self.schedule(schedule)
        self.assertEqual(end["result"]["metadata"]["version"], after.metadata.version)
        self.assertGreater(after.metadata.version, before.metadata.version)
        now = self.agents_raw(schedule, [agent["user"]["id"]])[0]
        self.assertEqual(now["shifts"][0]["lengthMinutes"], length - 30)
        self.assertGreater(now["metadata"]["version"], agent["metadata"]["version"])

    def test_the_ids_of_shifts_outlive_an_upload(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        ids = [shift["id"] for shift in agent["shifts"]]
        listener.end_of(self.update(schedule, self.change(schedule, [shortened(agent)])))
        now = self.agents_raw(schedule, [agent["user"]["id"]])[0]
        self.assertEqual([shift["id"] for shift in now["shifts"]], ids)

    def test_a_stale_schedule_or_agent_ends_in_an_error_without_a_reason(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        stale = self.change(schedule, [shortened(agent)])
        gone = [{"id": shift["id"], "delete": True} for shift in agent["shifts"]]
        first = {"userId": agent["user"]["id"], "metadata": stale["agentSchedules"][0]["metadata"], "shifts": gone}
        listener.end_of(self.update(schedule, self.change(schedule, [first])))
        for content in [stale, self.change(schedule, stale["agentSchedules"])]:
            end = listener.end_of(self.update(schedule, content))
            self.assertEqual(set(end), {"status", "operationId", "eventType"})
            self.assertEqual((end["status"], end["eventType"]), ("Error", "Update"))
        self.assertEqual(self.agents_raw(schedule, [agent["user"]["id"]])[0]["shifts"], [])

    def test_shifts_that_an_upload_does_not_name_stay(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        entry = shortened(agent) | {"shifts": agent["shifts"][:1]}
        listener.end_of(self.update(schedule, self.change(schedule, [entry])))
        now = self.agents_raw(schedule, [agent["user"]["id"]])[0]
        self.assertEqual([shift["id"] for shift in now["shifts"]], [shift["id"] for shift in agent["shifts"]])
        self.assertEqual(now["shifts"][1:], agent["shifts"][1:])

    def test_what_only_this_api_knows_comes_back(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        entry = shortened(agent)
        activity = entry["shifts"][0]["activities"][0]
        activity.update({"description": "Hand-over", "paid": False, "payableMinutes": 0})
        entry["shifts"][0]["manuallyEdited"] = True
        marker = {
            "businessUnitDate": "2026-11-22",
            "startOffsetMinutes": 0,
            "endOffsetMinutes": 1440,
            "lengthMinutes": 480,
            "description": "Leave",
            "activityCodeId": "meal",
            "paid": True,
            "payableMinutes": 480,
        }
        entry["fullDayTimeOffMarkers"] = [marker]
        listener.end_of(self.update(schedule, self.change(schedule, [entry])))
        now = self.agents_raw(schedule, [agent["user"]["id"]])[0]
        self.assertEqual(now["fullDayTimeOffMarkers"], [marker])
        self.assertEqual(now["shifts"][0]["activities"][0], activity)
        self.assertTrue(now["shifts"][0]["manuallyEdited"])

    def test_an_agent_is_removed_and_put_back(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        user, version = agent["user"]["id"], agent["metadata"]["version"]
        gone = {"userId": user, "metadata": {"version": version}, "delete": True}
        self.assertEqual(listener.end_of(self.update(schedule, self.change(schedule, [gone])))["status"], "Complete")
        self.assertEqual(self.agents_raw(schedule, [user]), [])
        back = {"userId": user, "shifts": agent["shifts"]}
        self.assertEqual(listener.end_of(self.update(schedule, self.change(schedule, [back])))["status"], "Complete")
        self.assertEqual(len(self.agents_raw(schedule, [user])[0]["shifts"]), len(agent["shifts"]))

    def test_an_upload_may_publish(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        content = self.change(schedule, [shortened(agent)], published=True, description="Published by upload")
        end = listener.end_of(self.update(schedule, content))
        self.assertTrue(end["result"]["published"])
        seen = self.schedule(schedule)
        self.assertEqual((seen.published, seen.description), (True, "Published by upload"))
        self.assertIn(schedule, [entity.id for entity in self.listed(include_only_published=True)])

    def test_an_import_makes_a_schedule(self):
        listener = self.listen()
        agent = self.agents_raw(self.listed()[0].id)[0]
        shifts = [{name: value for name, value in shift.items() if name != "id"} for shift in agent["shifts"]]
        content = {
            "description": "Imported",
            "weekCount": 1,
            "published": False,
            "agentSchedules": [{"userId": agent["user"]["id"], "shifts": shifts}],
        }
        body = sdk.WfmProcessUploadRequest()
        body.upload_key = self.uploaded("schedules_import_uploadurl", content=content)
        answer = self.of_week("schedules_import", body)
        self.assertEqual((self.client.status, answer.status), (202, "Processing"))
        end = listener.end_of(answer.operation_id)
        self.assertEqual((end["status"], end["eventType"]), ("Complete", "Import"))
        self.assertEqual(self.schedule(end["result"]["id"]).description, "Imported")
        self.assertEqual(len(self.agents(end["result"]["id"])[0].shifts), len(shifts))

    def test_a_key_that_nobody_gave_out_is_refused(self):
        body = sdk.ProcessScheduleUpdateUploadRequest()
        body.upload_key = "no such key"
        self.refused(400, "wfm.validation.failure", self.of_week, "schedule_update", self.listed()[0].id, body)
