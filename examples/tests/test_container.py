"""The container file: linted, and its command run."""

import json
import os
import re
import subprocess
import unittest

from rig import EXAMPLES, ROOT, run, tool

FILE = EXAMPLES / "container" / "Dockerfile"


class Container(unittest.TestCase):
    def test_it_is_lint_free(self):
        run([tool("hadolint", "it comes with the requirements"), "--no-color", str(FILE)])

    def test_the_linter_would_notice(self):
        words = [tool("hadolint", "it comes with the requirements"), "-"]
        text = FILE.read_text().replace("debian:12-slim", "debian")
        self.assertNotEqual(subprocess.run(words, input=text, capture_output=True, text=True).returncode, 0)

    def test_the_image_is_built_with_the_compiler_that_the_project_asks_for(self):
        wanted = re.search(r'^rust-version = "([\d.]+)"', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
        self.assertIn(f"rust:{wanted}-slim", FILE.read_text())

    def test_its_command_is_one(self):
        command = json.loads(re.search(r"^CMD (.*)$", FILE.read_text(), re.MULTILINE)[1])
        said = run([os.environ["IFMATCH"], command[0], "--help"])
        for flag in command[1::2]:
            self.assertIn(flag, said)


if __name__ == "__main__":
    unittest.main()
