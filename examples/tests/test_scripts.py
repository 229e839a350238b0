"""Unmodified scripts through the proxy, while somebody edits the same records."""

import json
import os
import subprocess
import threading
import time
import unittest

from rig import EXAMPLES, Gateway, tool

SCRIPTS = EXAMPLES / "scripts"


class Scripts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = Gateway()
        cls.addClassCleanup(cls.gateway.end)

    def setUp(self):
        self.scores = self.gateway.world()["quality_scores"][:6]
        self.ids = [score["id"] for score in self.scores]
        self.held = {score["id"]: self.gateway.record(score["path"]) for score in self.scores}

    def start(self, words):
        env = {**os.environ, "API_URL": self.gateway.url, "CLIENT_ID": self.gateway.id,
               "CLIENT_SECRET": self.gateway.secret}
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)

    def check(self, script):
        out, err = script.communicate(timeout=120)
        self.assertEqual((script.returncode, err), (0, ""), "the script was refused")
        return [json.loads(line) for line in out.splitlines()]

    def edited(self, field, value, script):
        """Edits every record, again and again, until the script is done; the last value of each."""
        last = {}

        def edit():
            turn = 0
            while script.poll() is None:
                turn += 1
                for score in self.scores:
                    last[score["id"]] = value(turn)
                    self.gateway.edit(score["path"], {field: last[score["id"]]})
                    # Each record three times a second: a record that never rests ends in review.
                    time.sleep(0.05)

        person = threading.Thread(target=edit)
        person.start()
        return person, last

    def test_a_script_in_python_beside_a_person(self):
        script = self.start(["python3", str(SCRIPTS / "adjust.py"), "5", *self.ids])
        person, last = self.edited("comments", lambda turn: f"seen {turn} times", script)
        said = self.check(script)
        person.join()
        for score, line in zip(self.scores, said, strict=True):
            now = self.gateway.record(score["path"])
            self.assertEqual(now["score"], min(100, self.held[score["id"]]["score"] + 5))
            self.assertEqual(now["score"], line["score"])
            self.assertEqual(now["comments"], last[score["id"]])

    def test_a_script_in_node_beside_a_script_in_python(self):
        node = self.start([tool("node", "the script runs in it"), str(SCRIPTS / "comment.mjs"), "reviewed", *self.ids])
        python = self.start(["python3", str(SCRIPTS / "adjust.py"), "-1", *self.ids])
        self.check(node)
        self.check(python)
        for score in self.scores:
            before, now = self.held[score["id"]], self.gateway.record(score["path"])
            self.assertEqual(now["score"], before["score"] - 1)
            self.assertEqual(now["comments"], f"{before['comments']} reviewed".strip())


if __name__ == "__main__":
    unittest.main()
