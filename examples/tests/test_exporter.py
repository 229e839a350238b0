"""The exporter beside changes of the same agents, and its proof against exports that are wrong."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime, timedelta
from pathlib import Path

from rig import EXAMPLES, Gateway, call, run, until

SCRIPT = EXAMPLES / "exporter" / "export.py"

# What the target lists of the last ten minutes is wrong while an agent is locked.
SCENARIO = """
[options]
recording_metadata_wrong_ms = 600000
"""

# So many seconds of the scenario pass in one.
SPEED = 120


class Exporter(unittest.TestCase):
    def setUp(self):
        self.scenario = Path(tempfile.mkdtemp()) / "scenario.toml"
        self.addCleanup(shutil.rmtree, self.scenario.parent)
        self.scenario.write_text(SCENARIO)
        self.gateway = Gateway(more=["--scenario", str(self.scenario), "--speed", str(SPEED)])
        self.addCleanup(self.gateway.end)
        world = self.gateway.world()
        self.agents = [agent["id"] for agent in world["agents"][:3]]
        self.schedule = world["schedules"][0]["id"]
        self.out = self.gateway.folder / "out"
        now = datetime.fromisoformat(self.gateway.api("/v1/holds")["at"])
        self.span = ((now - timedelta(hours=6)).isoformat(), now.isoformat())
        self.env = {**os.environ, "API_URL": self.gateway.url, "CLIENT_ID": self.gateway.id,
                    "CLIENT_SECRET": self.gateway.secret, "PAUSE": "0.2"}

    def words(self, *words):
        return [sys.executable, "-B", str(SCRIPT), *words]

    def take(self, *agents):
        return self.words("take", str(self.out), *self.span, *agents)

    def prove(self):
        done = subprocess.run(self.words("prove", str(self.out)), env=self.env, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout.splitlines()

    def manifest(self):
        return [json.loads(line) for line in (self.out / "manifest.ndjson").read_text().splitlines()]

    def hold(self, agent, seconds):
        """A change of the agent that waits for a lock."""
        path = f"/api/v2/wfm/schedules/{self.schedule}/agents/{agent}"
        call("POST", self.gateway.url + "/__sandbox/lock", {"path": path, "seconds": seconds})
        shift = self.gateway.record(path)["shifts"][0]["id"]
        intent = {"idempotency_key": f"move-{agent}",
                  "resource": {"org": "sandbox", "kind": "agent-schedule", "id": f"{self.schedule}/{agent}"},
                  "change": {"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 15}}}}
        return self.gateway.api("/v1/intents", "POST", intent)["id"]

    def test_an_agent_on_the_move_is_waited_for_and_the_proof_holds(self):
        held = self.agents[1]
        intent = self.hold(held, 8 * SPEED)
        run(self.take(*self.agents, held), env=self.env)
        self.assertEqual(self.gateway.settled(intent)["state"], "landed")
        entries = {entry["agent"]: entry for entry in self.manifest()}
        self.assertEqual(list(entries), self.agents)
        self.assertTrue(all(entry["recordings"] > 0 for entry in entries.values()), entries)
        self.assertGreater(entries[held]["waited"], 0)
        settled = self.gateway.settled(intent)["settled_at"]
        self.assertGreaterEqual(entries[held]["begun_at"], settled)
        self.assertEqual(self.prove(), (0, ["nothing is missing and nothing is mismatched"]))

    def test_an_interrupted_export_goes_on(self):
        self.hold(self.agents[1], 3000)
        taking = subprocess.Popen(self.take(*self.agents), env=self.env, stderr=subprocess.DEVNULL)
        until(lambda: (self.out / "manifest.ndjson").exists() and len(self.manifest()) == 1)
        taking.kill()
        taking.wait()
        with (self.out / "manifest.ndjson").open("a") as file:
            file.write('{"agent": "cut')
        first = self.manifest_line(0)
        run(self.take(self.agents[0], self.agents[2]), env=self.env)
        self.assertEqual([entry["agent"] for entry in self.manifest()], [self.agents[0], self.agents[2]])
        self.assertEqual(self.manifest_line(0), first)
        self.assertEqual(self.prove()[0], 0)

    def manifest_line(self, at):
        return (self.out / "manifest.ndjson").read_text().splitlines()[at]

    def test_what_is_wrong_is_found(self):
        run(self.take(*self.agents), env=self.env)
        path = Path(self.out / f"{self.agents[0]}.json")
        recordings = json.loads(path.read_text())
        lost, other = recordings[0]["recording_id"], recordings[1]["recording_id"]
        recordings[1]["conversation_id"] = recordings[2]["conversation_id"]
        path.write_text(json.dumps(recordings[1:]))
        code, found = self.prove()
        self.assertEqual(code, 1)
        agent = self.agents[0]
        self.assertEqual(found, [f"{agent}: the file was changed since it was taken", f"{agent}: recording {lost} is missing",
                                 f"{agent}: recording {other} is mismatched"])

    def test_an_export_across_a_hold_is_found(self):
        agent = self.agents[2]
        begun = self.gateway.api("/v1/holds")["at"]
        self.gateway.settled(self.hold(agent, SPEED))
        run(self.take(agent), env=self.env)
        entry = {**self.manifest()[0], "begun_at": begun}
        (self.out / "manifest.ndjson").write_text(json.dumps(entry) + "\n")
        self.assertEqual(self.prove(), (1, [f"{agent}: it was under reconciliation while it was taken"]))


if __name__ == "__main__":
    unittest.main()
