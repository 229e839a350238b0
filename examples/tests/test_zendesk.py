"""Swap tickets: the trigger's body filled, signed and sent; both agents have the other one's shift."""

import importlib
import json
import os
import re
import subprocess
import sys
import unittest

from rig import EXAMPLES, Gateway, run, until

FOLDER = EXAMPLES / "zendesk"
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
ENV = {"ZENDESK_SECRET": "unused", "ZENDESK_WEBHOOK_SECRET": SECRET}

sys.path.insert(0, str(FOLDER))
send_sample = importlib.import_module("send_sample")


def body_of(ticket):
    """What the trigger sends about a ticket."""
    trigger = json.loads((FOLDER / "trigger.json").read_text())["trigger"]
    [action] = trigger["actions"]
    return re.sub(r"\{\{ticket\.(\w+)\}\}", lambda match: str(ticket[match[1]]), action["value"][1])


class Zendesk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway((FOLDER / "ifmatch.toml").read_text(), env=ENV)
        cls.addClassCleanup(cls.gateway.end)
        schedule = cls.gateway.world()["schedules"][0]
        cls.schedule, cls.path = schedule["id"], schedule["path"]

    def agents(self):
        return self.gateway.record(self.path)["agents"]

    def shifts(self, agent):
        [found] = [it for it in self.agents() if it["agent_id"] == agent]
        return {shift["id"]: shift["start"] for shift in found["shifts"]}

    def ticket(self, number):
        """A swap of the first shifts of two agents who can take each other's."""
        agents = self.agents()
        first, second = agents[2 * number], agents[2 * number + 1]
        return {"id": 98765 + number, "updated_at_with_timestamp": "2026-11-20T10:00:01Z", "ticket_field_1000": self.schedule,
                "ticket_field_1001": first["agent_id"], "ticket_field_1002": second["agent_id"],
                "ticket_field_1003": first["shifts"][0]["id"], "ticket_field_1004": second["shifts"][0]["id"]}

    def send(self, body, secret=SECRET):
        file = self.gateway.folder / "body.json"
        file.write_text(body)
        words = [sys.executable, str(FOLDER / "send_sample.py"), self.gateway.url + "/v1/hooks/zendesk", str(file)]
        done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "ZENDESK_WEBHOOK_SECRET": secret})
        status, said = done.stdout.split(" ", 1)
        return int(status), json.loads(said)

    def test_the_signature_is_the_published_one(self):
        for body, signature in [
            (b'{"event":"ticket.updated","id":123}', "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM="),
            (b'{"id":"evt-1"}', "EGJL2mgpoIDJK/AwkzrLamyAbPUINHPKqUrL1TLOUgI="),
        ]:
            self.assertEqual(send_sample.sign(SECRET, "2021-03-25T05:09:27Z", body), signature)

    def test_a_solved_ticket_swaps_two_shifts(self):
        ticket = self.ticket(0)
        first, second = ticket["ticket_field_1001"], ticket["ticket_field_1002"]
        before = self.shifts(first), self.shifts(second)
        status, taken = self.send(body_of(ticket))
        self.assertEqual((status, taken["duplicate"]), (202, False), taken)
        end = self.gateway.settled(taken["intent_id"])
        self.assertEqual(end["state"], "landed", end)
        gone, came = ticket["ticket_field_1003"], ticket["ticket_field_1004"]
        # The other half is an intent of its own, and lands next.
        until(lambda: gone in self.shifts(second))
        for agent, lost, won, held in [(first, gone, came, before[0]), (second, came, gone, before[1])]:
            now = self.shifts(agent)
            self.assertEqual(len(now), len(held))
            self.assertNotIn(lost, now)
            self.assertIn(won, now)

    def test_a_repetition_is_the_same_swap(self):
        body = body_of(self.ticket(1))
        _, first = self.send(body)
        _, again = self.send(body)
        self.assertEqual((again["intent_id"], again["duplicate"]), (first["intent_id"], True))

    def test_another_secret_is_refused(self):
        status, said = self.send(body_of(self.ticket(2)), secret="another")
        self.assertEqual((status, said["code"]), (401, "hook_refused"))

    def test_a_shift_that_never_was_takes_nothing_from_anybody(self):
        ticket = {**self.ticket(3), "ticket_field_1004": "no-such-shift"}
        held = self.shifts(ticket["ticket_field_1001"])
        _, taken = self.send(body_of(ticket))
        # Both halves: the one that would give it away, and the one that would get it.
        until(lambda: len(self.gateway.intents(state="rejected")) >= 2)
        self.assertIn(taken["intent_id"], [it["id"] for it in self.gateway.intents(state="rejected")])
        self.assertEqual(self.shifts(ticket["ticket_field_1001"]), held)

    def test_the_body_can_be_tried_without_sending_it(self):
        file = self.gateway.folder / "try.json"
        file.write_text(body_of(self.ticket(4)))
        words = [os.environ["IFMATCH"], "sources", "try", "zendesk", str(file), "--config", str(FOLDER / "ifmatch.toml")]
        self.assertIn('"swap"', run(words, env={**os.environ, **ENV}))

    def test_webhook_and_trigger_belong_together(self):
        webhook = json.loads((FOLDER / "webhook.json").read_text())["webhook"]
        self.assertEqual(webhook["subscriptions"], ["conditional_ticket_events"])
        self.assertTrue(webhook["endpoint"].endswith("/v1/hooks/zendesk"))
        trigger = json.loads((FOLDER / "trigger.json").read_text())["trigger"]
        self.assertEqual(trigger["actions"][0]["field"], "notification_webhook")


if __name__ == "__main__":
    unittest.main()
