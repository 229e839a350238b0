"""Management units and business units."""

from rig import Case


class Units(Case):
    def test_the_first_management_unit_names_its_business_unit(self):
        listing = self.wfm.get_workforcemanagement_managementunits(page_size=25, page_number=1)
        self.assertGreaterEqual(len(listing.entities), 1)
        unit = self.wfm.get_workforcemanagement_managementunit(listing.entities[0].id)
        self.assertEqual(unit.business_unit.id, listing.entities[0].business_unit.id)

    def test_a_business_unit_with_expanded_settings(self):
        _, business_unit = self.unit()
        expand = ["settings.timeZone", "settings.startDayOfWeek"]
        unit = self.wfm.get_workforcemanagement_businessunit(business_unit, expand=expand)
        self.assertEqual(unit.id, business_unit)
        self.assertTrue(unit.settings.time_zone)
        self.assertEqual(unit.settings.start_day_of_week, "Monday")
        self.assertGreaterEqual(unit.settings.metadata.version, 1)

    def test_one_that_does_not_exist_is_not_found(self):
        nobody = "00000000-0000-4000-8000-000000000000"
        refusal = self.refused(404, "wfm.business.unit.not.found", self.wfm.get_workforcemanagement_businessunit, nobody)
        self.assertTrue(refusal.headers.get("ININ-Correlation-Id"))
