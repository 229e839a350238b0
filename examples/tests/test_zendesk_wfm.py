"""Time off by polling: an emulated Zendesk WFM on one side, a gateway in the vendor's dialect on the other."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

from rig import EXAMPLES, Gateway

FOLDER = EXAMPLES / "zendesk-wfm"
USER, TOKEN = "wfm@example.com/token", "zendesk-token"

# Midnights of Paris: the 25th of October 2026 has 25 hours.
OCT_24, OCT_26 = 1792792800, 1792969200


class ZendeskWfm(http.server.ThreadingHTTPServer):
    """`GET /wfm/public/api/v1/timeOff` in pages of 50."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests, self.pages = [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, query = self.path.split("?", 1)
        asked = dict(urllib.parse.parse_qsl(query))
        self.server.pages.append(int(asked["page"]))
        begin = (int(asked["page"]) - 1) * int(asked["perPage"])
        body = json.dumps({"data": self.server.requests[begin:begin + int(asked["perPage"])]}).encode()
        self.send_response(200 if path == "/wfm/public/api/v1/timeOff" and self.headers["Authorization"] else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words):
        pass


class Poller(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway(more=["--dialect", "genesys-cloud", "--scenario", "calm-unlimited"])
        cls.addClassCleanup(cls.gateway.end)
        world = cls.gateway.world()
        units = [it["path"].split("/")[5] for it in world["documents"] if "/managementunits/" in it["path"]]
        cls.unit, cls.users = units[0], [it["id"] for it in world["agents"]]

    def setUp(self):
        self.zendesk = ZendeskWfm()
        self.addCleanup(self.zendesk.server_close)
        self.addCleanup(self.zendesk.shutdown)
        agents = {str(377000000 + place): user for place, user in enumerate(self.users)}
        self.settings = self.gateway.folder / f"{self.id()}.json"
        self.set(zendesk=self.zendesk.url, gateway=self.gateway.url, org="sandbox", management_unit=self.unit,
                 time_zone="Europe/Paris", agents=agents, codes={"r1": "time-off"})

    def set(self, **some):
        held = json.loads(self.settings.read_text()) if self.settings.exists() else {}
        self.settings.write_text(json.dumps({**held, **some}))

    def request(self, name, agent=1, status="pending", states=1, begin=OCT_24, end=OCT_26, reason="r1"):
        return {"timeOffRequestId": f"{self.id().rsplit('.')[-1]}-{name}", "agentId": 377000000 + agent, "startTime": begin, "endTime": end,
                "status": status, "reasonId": reason, "note": "skiing", "createdAt": 1790000000,
                "statusHistory": [{"id": str(state), "status": status} for state in range(states)]}

    def poll(self):
        env = {**os.environ, "ZENDESK_USER": USER, "ZENDESK_TOKEN": TOKEN, "CLIENT_ID": self.gateway.id,
               "CLIENT_SECRET": self.gateway.secret}
        words = [sys.executable, str(FOLDER / "poll_time_off.py"), str(self.settings)]
        done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=60)
        return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr

    def intents(self):
        """Those of this test, the oldest first."""
        name = self.id().rsplit(".")[-1]
        found = [it for it in self.gateway.intents(order="oldest") if name in json.dumps(it["resource"])]
        return [self.gateway.settled(it["id"]) for it in found]

    def held(self, intent):
        unit, user, request = intent["result"]["id"].split("/")
        return self.gateway.record(f"/api/v2/workforcemanagement/managementunits/{unit}/users/{user}/timeoffrequests/{request}")

    def test_a_request_lands_and_its_approval_changes_it(self):
        self.zendesk.requests = [self.request("a")]
        self.assertEqual(self.poll()[:2], (0, {"sent": 1, "refused": 0, "left_out": 0}))
        [first] = self.intents()
        self.assertEqual(first["state"], "landed", first)
        dates = ["2026-10-24", "2026-10-25"]
        self.assertEqual((self.held(first)["status"], self.held(first)["fullDayManagementUnitDates"]), ("PENDING", dates))
        self.zendesk.requests = [self.request("a", status="approved", states=2)]
        self.poll()
        end = time.monotonic() + 30
        while self.held(first)["status"] != "APPROVED":
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def test_what_has_not_changed_is_not_sent_again(self):
        self.zendesk.requests = [self.request("b", agent=2)]
        self.poll()
        self.assertEqual(self.poll()[:2], (0, {"sent": 0, "refused": 0, "left_out": 0}))

    def test_a_lost_cursor_costs_nothing_but_time(self):
        self.zendesk.requests = [self.request("c", agent=3)]
        self.poll()
        self.settings.with_suffix(".cursor").unlink()
        self.assertEqual(self.poll()[1]["sent"], 1)
        self.assertEqual(len(self.intents()), 1)

    def test_pages_are_read_to_the_end(self):
        def nine_to_ten(place):
            nine = OCT_26 + 86400 * (place // 60) + 9 * 3600
            return self.request(str(place), agent=place % 60, begin=nine, end=nine + 3600)

        self.zendesk.requests = [nine_to_ten(place) for place in range(107)]
        self.assertEqual(self.poll()[1], {"sent": 107, "refused": 0, "left_out": 0})
        self.assertEqual(self.zendesk.pages, [1, 2, 3])
        self.assertEqual({it["state"] for it in self.intents()}, {"landed"})

    def test_part_of_a_day_is_a_stretch_of_minutes(self):
        self.zendesk.requests = [self.request("d", agent=4, begin=OCT_24 + 9 * 3600, end=OCT_24 + 11 * 3600)]
        self.poll()
        held = self.held(self.intents()[0])
        self.assertEqual((held["durationMinutes"], held["fullDayManagementUnitDates"]), ([120], []))
        self.assertEqual(held["partialDayStartDateTimes"], ["2026-10-24T07:00:00Z"])

    def test_what_nobody_mapped_is_told_and_left_out(self):
        self.zendesk.requests = [self.request("e", reason="r9"), self.request("f", agent=999), self.request("g", status="waiting")]
        code, said, told = self.poll()
        self.assertEqual((code, said), (1, {"sent": 0, "refused": 0, "left_out": 3}))
        for words in ["no reason is given for 'r9'", "no agent is given for '377000999'", "no status is given for 'waiting'"]:
            self.assertIn(words, told)

    def test_a_gateway_that_is_away_leaves_the_cursor(self):
        self.zendesk.requests = [self.request("h", agent=5)]
        self.set(gateway="http://127.0.0.1:9")
        self.assertNotEqual(self.poll()[0], 0)
        self.set(gateway=self.gateway.url)
        self.assertEqual(self.poll()[:2], (0, {"sent": 1, "refused": 0, "left_out": 0}))


if __name__ == "__main__":
    unittest.main()
