"""The SDK as a client of a gateway in front of the sandbox: the same calls, merged where the vendor would refuse."""

import json
import os
import select
import subprocess
import tempfile
import urllib.request
from urllib.parse import urlsplit

import PureCloudPlatformClientV2 as sdk

import test_trades
import test_upload
from rig import PATIENCE, Checked, Sandbox, check
from schedules_rig import ScheduleCase


class Gateway(Sandbox):
    """`ifmatch serve --sandbox` on a free port; it brings its sandbox along."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        words = [os.environ["IFMATCH"], "serve", "--sandbox", "--dialect", "genesys-cloud"]
        words += ["--listen", "127.0.0.1:0", "--data", self.folder.name, "--speed", "5"]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.end()
            raise RuntimeError(f"{words} did not start")
        said = json.loads(line)
        self.url, self.id, self.secret = said["url"], said["client_id"], said["client_secret"]
        self.target = said["sandbox"]
        self.host, self.port = urlsplit(self.url).hostname, urlsplit(self.url).port

    def end(self):
        super().end()
        self.folder.cleanup()

    def edit(self, path, patch):
        """A person changes a record in the target."""
        body = json.dumps({"path": path, "merge_patch": patch, "by": "Mara Lind"}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(self.target + "/__sandbox/edit", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert answer.status == 200, answer.status

    def client(self):
        client = Behind()
        client.set_gateway(self.host, "http", self.port, "", "")
        client.get_client_credentials_token(self.id, self.secret)
        return client


class Behind(Checked):
    """What the gateway answers by itself has no window of the target and no correlation id; all else has."""

    def check_headers(self, what, status, headers):
        if headers.get("ifmatch-intent"):
            return None
        return super().check_headers(what, status, headers)

    def check_refusal(self, what, refusal):
        body = json.loads(refusal.body)
        if not refusal.headers.get("ifmatch-intent") or "contextId" in body:
            return super().check_refusal(what, refusal)
        check(what, "ErrorBody", body)
        assert body["status"] == refusal.status and body["message"], body


class BehindGateway(ScheduleCase):
    def setUp(self):
        self.sandbox = Gateway()
        self.addCleanup(self.sandbox.end)
        self.client = self.sandbox.client()
        self.wfm = sdk.WorkforceManagementApi(self.client)
        self.notifications = sdk.NotificationsApi(self.client)
        self.management_unit, self.business_unit = self.unit()

    trades = test_trades.Trades.trades
    patch_trade = test_trades.Trades.patch

    def test_units_schedules_and_trades_are_read(self):
        unit = self.wfm.get_workforcemanagement_businessunit(self.business_unit, expand=["settings.timeZone"])
        self.assertTrue(unit.settings.time_zone)
        schedule = self.schedule()
        self.assertGreaterEqual(schedule.metadata.version, 1)
        self.assertTrue(self.agents(schedule.id)[0].shifts)
        self.assertGreaterEqual(len(self.trades()), 1)

    def test_a_trade_is_its_agents_to_patch_and_the_target_judges_the_version(self):
        trade = self.trades()[0]
        landed = self.patch_trade(trade, trade.metadata.version)
        self.assertGreater(landed.metadata.version, trade.metadata.version)
        self.refused(409, "wfm.transaction.conflict", self.patch_trade, trade, trade.metadata.version)

    def patch_plan(self, plan, version, **fields):
        body = sdk.WorkPlan()
        for name, value in fields.items():
            setattr(body, name, value)
        body.metadata = sdk.WfmVersionedEntityMetadata()
        body.metadata.version = version
        return self.wfm.patch_workforcemanagement_managementunit_workplan(self.management_unit, plan, body)

    def test_a_stale_work_plan_is_merged_and_a_true_conflict_refused(self):
        listing = self.wfm.get_workforcemanagement_managementunit_workplans(self.management_unit, expand=["details"])
        plan = listing.entities[0].id
        seen = self.wfm.get_workforcemanagement_managementunit_workplan(self.management_unit, plan)
        self.sandbox.edit(seen.self_uri, {"weeklyExactPaidMinutes": 2340})
        # The client still has the version from before the person's edit.
        merged = self.patch_plan(plan, seen.metadata.version, name="Whole weeks")
        self.assertEqual((merged.name, merged.weekly_exact_paid_minutes), ("Whole weeks", 2340))
        self.assertGreater(merged.metadata.version, seen.metadata.version)
        minutes = {"weekly_exact_paid_minutes": 2280}
        self.refused(409, "wfm.transaction.conflict", self.patch_plan, plan, seen.metadata.version, **minutes)

    def test_a_record_that_is_sent_back_as_it_was_read_stays(self):
        groups = self.wfm.get_workforcemanagement_businessunit_planninggroups(self.business_unit).entities
        seen = self.wfm.get_workforcemanagement_businessunit_planninggroup(self.business_unit, groups[0].id)
        self.assertTrue(seen.route_paths)
        answer = self.wfm.patch_workforcemanagement_businessunit_planninggroup(
            self.business_unit, seen.id, body=self.client.raw
        )
        # Links inside of a record are the target's own; the gateway's answer has the record without them.
        shown = lambda group: (group.name, group.metadata.version, [path.queue.id for path in group.route_paths])
        self.assertEqual(shown(answer), shown(seen))

    def test_trades_are_settled_by_the_job_of_supervisors(self):
        matched = [trade for trade in self.trades() if trade.state == "Matched"]
        body = sdk.BulkUpdateShiftTradeListJobRequest()
        body.management_unit_ids = [self.management_unit]
        body.week_dates = [str(matched[0].week_date)]
        body.entities = []
        for trade in matched[:2]:
            entity = sdk.BulkUpdateShiftTradeStateRequestItem()
            entity.id, entity.state = trade.id, "Denied"
            entity.metadata = sdk.WfmVersionedEntityMetadata()
            entity.metadata.version = trade.metadata.version
            body.entities.append(entity)
        job = self.wfm.post_workforcemanagement_businessunit_shifttrading_trades_state_bulk_jobs(
            self.business_unit, body
        )
        self.assertEqual(job.status, "Complete")
        states = {entity.id: entity.state for entity in job.bulk_update_trade_states_result.entities}
        self.assertEqual(states, {trade.id: "Denied" for trade in matched[:2]})

    def test_a_whole_upload_cycle_passes_through(self):
        listener = self.listen()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        length = agent["shifts"][0]["lengthMinutes"]
        version = self.schedule(schedule).metadata.version
        content = {"metadata": {"version": version}, "agentSchedules": [test_upload.shortened(agent)]}
        end = listener.end_of(self.update(schedule, content))
        self.assertEqual(end["status"], "Complete")
        now = self.agents_raw(schedule, [agent["user"]["id"]])[0]
        self.assertEqual(now["shifts"][0]["lengthMinutes"], length - 30)
