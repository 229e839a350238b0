"""Supervisors decide trades: at once or later, each item with its own result."""

import PureCloudPlatformClientV2 as sdk

from rig import WEEK, WEEK_DATE, Case


class States(Case):
    def setUp(self):
        super().setUp()
        self.management_unit, self.business_unit = self.unit()

    def evaluated(self):
        body = sdk.EvaluateShiftTradeListJobRequest()
        body.management_unit_ids, body.week_dates = [self.management_unit], [WEEK]
        post = self.wfm.post_workforcemanagement_businessunit_shifttrading_trades_evaluate_jobs
        job = post(self.business_unit, body)
        self.assertEqual((job.status, job.type), ("Complete", "EvaluateTrades"))
        return [one.trade for one in job.evaluate_trades_result.entities]

    def item(self, trade, state):
        item = sdk.BulkUpdateShiftTradeStateRequestItem()
        item.id, item.state, item.metadata = trade.id, state, sdk.WfmVersionedEntityMetadata()
        item.metadata.version = trade.metadata.version
        return item

    def one(self, trades, state):
        return next(trade for trade in trades if trade.state == state)

    def test_a_job_tells_each_item(self):
        trades = self.evaluated()
        body = sdk.BulkUpdateShiftTradeListJobRequest()
        body.management_unit_ids, body.week_dates = [self.management_unit], [WEEK]
        body.entities = [
            self.item(self.one(trades, "Matched"), "Approved"),
            self.item(self.one(trades, "Unmatched"), "Approved"),
        ]
        post = self.wfm.post_workforcemanagement_businessunit_shifttrading_trades_state_bulk_jobs
        job = post(self.business_unit, body, force_async=False)
        first, second = job.bulk_update_trade_states_result.entities
        self.assertEqual((first.state, first.failure_reason), ("Approved", None))
        self.assertEqual((second.state, second.failure_reason), ("Unmatched", "TransitionNotAllowed"))
        self.refused(409, "wfm.transaction.conflict", post, self.business_unit, body)

    def test_the_older_route_answers_at_once_or_later(self):
        trades = [trade for trade in self.evaluated() if trade.state == "Matched"]
        post = self.wfm.post_workforcemanagement_managementunit_week_shifttrades_state_bulk
        for trade, later in zip(trades[:2], (False, True)):
            body = sdk.BulkShiftTradeStateUpdateRequest()
            body.entities = [self.item(trade, "Denied")]
            answer = post(self.management_unit, WEEK_DATE, body, force_async=later)
            wanted = (202, "Processing") if later else (200, "Complete")
            self.assertEqual((self.client.status, answer.status), wanted)

        def denied():
            listing = self.wfm.get_workforcemanagement_managementunit_week_shifttrades(self.management_unit, WEEK_DATE)
            states = {entity.trade.id: entity.trade.state for entity in listing.entities}
            return all(states[trade.id] == "Denied" for trade in trades[:2])

        self.wait_for(denied)
