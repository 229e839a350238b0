"""The k6 plan: run for two seconds against a gateway of this machine."""

import os
import subprocess
import unittest

from rig import EXAMPLES, gateway, tool

PLAN = EXAMPLES / "k6" / "edits.js"


def run_plan(**env):
    words = [tool("k6", "it comes with the requirements"), "run", "--quiet", "--no-color", "--no-usage-report", str(PLAN)]
    return subprocess.run(words, env={**os.environ, **env}, capture_output=True, text=True, timeout=120)


class K6(unittest.TestCase):
    def test_users_land_their_edits_without_a_refusal(self):
        with gateway(more=["--scenario", "calm-unlimited"]) as running:
            env = {"GATEWAY_URL": running.url, "CLIENT_ID": running.id, "CLIENT_SECRET": running.secret, "SECONDS": "2"}
            done = run_plan(**env)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertGreater(len(running.ledger()), 4)

    def test_another_machine_is_not_loaded(self):
        done = run_plan(GATEWAY_URL="http://gateway.invalid:8409")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("ALLOW_HOST=gateway.invalid", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
