"""A work plan from its creation to its end."""

import PureCloudPlatformClientV2 as sdk

from rig import Case


class WorkPlans(Case):
    def patch(self, plan, version, minutes):
        body = sdk.WorkPlan()
        body.weekly_exact_paid_minutes = minutes
        body.metadata = sdk.WfmVersionedEntityMetadata()
        body.metadata.version = version
        return self.wfm.patch_workforcemanagement_managementunit_workplan(self.management_unit, plan, body)

    def test_create_read_patch_and_delete(self):
        self.management_unit, _ = self.unit()
        body = sdk.CreateWorkPlan()
        body.name = "acceptance"
        body.enabled = True
        body.constrain_weekly_paid_time = True
        body.flexible_weekly_paid_time = False
        body.weekly_exact_paid_minutes = 2400
        plan = self.wfm.post_workforcemanagement_managementunit_workplans(self.management_unit, body)

        read = self.wfm.get_workforcemanagement_managementunit_workplan
        seen = read(self.management_unit, plan.id)
        self.assertEqual((seen.name, seen.weekly_exact_paid_minutes), ("acceptance", 2400))

        landed = self.patch(plan.id, seen.metadata.version, 2340)
        self.assertEqual(landed.weekly_exact_paid_minutes, 2340)
        self.assertGreater(landed.metadata.version, seen.metadata.version)
        self.refused(409, "wfm.transaction.conflict", self.patch, plan.id, seen.metadata.version, 2280)
        self.assertEqual(read(self.management_unit, plan.id).weekly_exact_paid_minutes, 2340)

        self.wfm.delete_workforcemanagement_managementunit_workplan(self.management_unit, plan.id)
        self.assertEqual(self.client.status, 204)
        self.refused(404, "wfm.entity.not.found", read, self.management_unit, plan.id)
