"""The unit: read by systemd where it is there, and its commands run."""

import configparser
import os
import re
import signal
import subprocess
import unittest

from rig import EXAMPLES, Gateway, run, tool

UNIT = EXAMPLES / "systemd" / "ifmatch.service"
BINARY = "/usr/local/bin/ifmatch"


class Systemd(unittest.TestCase):
    def test_systemd_reads_it(self):
        analyze = tool("systemd-analyze", "it belongs to systemd")
        running = Gateway()
        self.addCleanup(running.end)
        copy = running.folder / "ifmatch.service"
        copy.write_text(UNIT.read_text().replace(BINARY, os.environ["IFMATCH"]))
        done = subprocess.run([analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60)
        # It speaks of other units of the machine as well.
        about = [line for line in (done.stdout + done.stderr).splitlines() if "ifmatch.service" in line]
        self.assertEqual(about, [], done.stderr)

    def test_every_line_is_a_setting_of_a_section(self):
        parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
        parser.optionxform = str
        parser.read_string(UNIT.read_text())
        self.assertEqual(parser.sections(), ["Unit", "Service", "Install"])
        for section in parser.sections():
            for name in parser[section]:
                self.assertRegex(name, r"^[A-Z][A-Za-z]+$")

    def test_its_commands_are_commands(self):
        for line in re.findall(rf"^Exec\w+={BINARY} (.*)$", UNIT.read_text(), re.MULTILINE):
            words = [word for word in line.split() if not word.startswith(("--", "/"))]
            said = run([os.environ["IFMATCH"], *words, "--help"])
            for flag in re.findall(r"--\w+", line):
                self.assertIn(flag, said)

    def test_a_stop_ends_it_well(self):
        running = Gateway()
        self.addCleanup(running.end)
        running.process.send_signal(signal.SIGTERM)
        self.assertEqual(running.process.wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main()
