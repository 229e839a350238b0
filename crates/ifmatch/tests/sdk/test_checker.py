"""The checker finds what it is there for."""

import unittest

from checker import faults

GOOD = {
    "entities": [
        {
            "id": "1",
            "weekDate": "2026-11-16",
            "weekCount": 1,
            "published": True,
            "metadata": {"version": 3, "dateModified": "2026-11-10T09:00:00Z", "modifiedBy": {"id": "a"}},
        }
    ]
}


def altered(**fields):
    return {"entities": [GOOD["entities"][0] | fields]}


class Checker(unittest.TestCase):
    def check(self, body, *words):
        found = faults("BuScheduleListing", body)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_an_answer_as_documented_has_no_fault(self):
        self.assertEqual(faults("BuScheduleListing", GOOD), [])

    def test_an_unknown_field_is_found_at_any_depth(self):
        self.check(GOOD | {"total": 1}, "$.total", "BuScheduleListing")
        self.check(altered(state="draft"), "$.entities[0].state", "'draft'")
        self.check(altered(metadata={"version": 3, "etag": "3"}), "$.entities[0].metadata.etag")

    def test_another_type_is_found(self):
        self.check(altered(metadata={"version": "3"}), "$.entities[0].metadata.version", "'3'")
        self.check(altered(weekCount=True), "weekCount")
        self.check(altered(published="yes"), "published")
        self.check(altered(metadata=[]), "metadata")
        self.check({"entities": {}}, "$.entities")

    def test_a_time_without_its_offset_is_no_time(self):
        self.check(altered(metadata={"version": 3, "dateModified": "2026-11-10T09:00:00"}), "dateModified")
        self.check(altered(weekDate="2026-11-16T00:00:00Z"), "weekDate")

    def test_an_unknown_enum_value_is_found(self):
        self.assertEqual(faults("BuAsyncScheduleResponse", {"status": "Processing"}), [])
        for status in ["Pending", "processing"]:
            found = faults("BuAsyncScheduleResponse", {"status": status})
            self.assertEqual(len(found), 1)
            self.assertIn(status, found[0])

    def test_maps_and_lists_of_text_are_walked(self):
        self.assertEqual(faults("UpdateScheduleUploadResponse", {"headers": {"Content-Encoding": "gzip"}}), [])
        self.assertEqual(len(faults("UpdateScheduleUploadResponse", {"headers": {"Content-Length": 3}})), 1)
        self.assertEqual(len(faults("ChannelTopic", {"missingPermissions": [1]})), 1)
