"""The workflow: linted, and its script run."""

import json
import os
import subprocess
import unittest

from rig import EXAMPLES, gateway, run, tool

FOLDER = EXAMPLES / "github-actions"


class GitHubActions(unittest.TestCase):
    def test_the_workflow_is_lint_free(self):
        run([tool("actionlint", "it comes with the requirements"), str(FOLDER / "apply-changes.yml")])

    def test_the_linter_would_notice(self):
        text = (FOLDER / "apply-changes.yml").read_text().replace("runs-on: ubuntu-24.04", "runs-on: [")
        words = [tool("actionlint", "it comes with the requirements"), "-"]
        self.assertNotEqual(subprocess.run(words, input=text, capture_output=True, text=True).returncode, 0)

    def test_a_run_lands_its_changes_once(self):
        with gateway() as running:
            scores = running.world()["quality_scores"][:3]
            lines = [self.line(score["id"], {"score": 60 + place}) for place, score in enumerate(scores)]
            first, again = self.submit(running, lines), self.submit(running, lines)
            self.assertEqual((first.returncode, again.returncode), (0, 0), first.stdout + first.stderr)
            self.assertEqual(first.stdout.count("landed"), 3)
            self.assertEqual(again.stdout, first.stdout)
            self.assertEqual([running.record(score["path"])["score"] for score in scores], [60, 61, 62])
            self.assertEqual(len(running.ledger()), 3)

    def test_a_change_that_is_refused_fails_the_run(self):
        with gateway() as running:
            done = self.submit(running, [self.line(running.world()["quality_scores"][0]["id"], {"score": 200})])
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn("refused: must be a number", done.stdout)

    def line(self, score, patch):
        return {"resource": {"org": "sandbox", "kind": "quality-score", "id": score}, "change": {"merge_patch": patch}}

    def submit(self, running, lines):
        file = running.folder / "changes.ndjson"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        env = {**os.environ, "GATEWAY_URL": running.url, "CLIENT_ID": running.id, "CLIENT_SECRET": running.secret,
               "KEY": "gha-1-2"}
        words = [str(FOLDER / "submit.sh"), str(file)]
        return subprocess.run(words, env=env, capture_output=True, text=True, timeout=200)


if __name__ == "__main__":
    unittest.main()
