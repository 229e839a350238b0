"""Shift trades: the legacy routes and the jobs."""

from datetime import datetime, timedelta, timezone

import PureCloudPlatformClientV2 as sdk

from rig import WEEK, WEEK_DATE, Case


class Trades(Case):
    def trades(self):
        self.management_unit, self.business_unit = self.unit()
        listing = self.wfm.get_workforcemanagement_managementunit_week_shifttrades(
            self.management_unit, WEEK_DATE, evaluate_matches=True
        )
        return [entity.trade for entity in listing.entities]

    def patch(self, trade, version):
        body = sdk.PatchShiftTradeRequest()
        body.expiration = sdk.ValueWrapperDate()
        body.expiration.value = datetime.now(timezone.utc) + timedelta(days=2)
        body.metadata = sdk.WfmVersionedEntityMetadata()
        body.metadata.version = version
        return self.wfm.patch_workforcemanagement_managementunit_week_shifttrade(
            self.management_unit, WEEK_DATE, trade.id, body
        )

    def update(self, trade, version, note="Agreed by phone"):
        metadata = sdk.WfmVersionedEntityMetadata()
        metadata.version = version
        body = sdk.UpdateShiftTradeJobRequest()
        body.week_date = WEEK
        body.review_note = sdk.ValueWrapperString()
        body.review_note.value = note
        body.metadata = metadata
        return body

    def test_the_trades_of_a_week_carry_versions(self):
        trades = self.trades()
        self.assertGreaterEqual(len(trades), 1)
        for trade in trades:
            self.assertGreaterEqual(trade.metadata.version, 1)
            self.assertEqual(trade.week_date, WEEK_DATE)

    def test_a_fresh_patch_lands_and_a_stale_one_conflicts(self):
        trade = self.trades()[0]
        landed = self.patch(trade, trade.metadata.version)
        self.assertGreater(landed.metadata.version, trade.metadata.version)
        refusal = self.refused(409, "wfm.transaction.conflict", self.patch, trade, trade.metadata.version)
        self.assertTrue(refusal.headers.get("ININ-Correlation-Id"))
        again = next(other for other in self.trades() if other.id == trade.id)
        self.assertEqual(again.metadata.version, landed.metadata.version)

    def test_a_job_answers_at_once_or_later(self):
        trade = self.trades()[0]
        post = self.wfm.post_workforcemanagement_shifttrading_trade_jobs
        job = post(trade.id, self.update(trade, trade.metadata.version), force_async=False)
        self.assertEqual((self.client.status, job.status, job.type), (200, "Complete", "UpdateTrade"))
        version = job.update_trade_result.metadata.version
        self.assertGreater(version, trade.metadata.version)

        job = post(trade.id, self.update(trade, version, "Agreed by mail"), force_async=True)
        self.assertEqual((self.client.status, job.status), (202, "Processing"))
        read = self.wfm.get_workforcemanagement_shifttrading_trade_job

        def ended():
            now = read(trade.id, job.id)
            return now if now.status != "Processing" else None

        done = self.wait_for(ended)
        self.assertEqual(done.status, "Complete")
        self.assertGreater(done.update_trade_result.metadata.version, version)

    def test_a_stale_job_conflicts(self):
        trade = self.trades()[0]
        post = self.wfm.post_workforcemanagement_shifttrading_trade_jobs
        post(trade.id, self.update(trade, trade.metadata.version), force_async=False)
        stale = self.update(trade, trade.metadata.version)
        self.refused(409, "wfm.transaction.conflict", post, trade.id, stale, force_async=False)
