"""The Terraform plan: parsed, and applied where terraform is."""

import json
import os
import shutil
import subprocess
import unittest

import hcl2

from rig import EXAMPLES, gateway, run, tool

PLAN = EXAMPLES / "terraform"


class Terraform(unittest.TestCase):
    def test_the_plan_parses(self):
        with open(PLAN / "main.tf") as file:
            plan = hcl2.load(file)
        kinds = [next(iter(resource)).strip('"') for resource in plan["resource"]]
        self.assertEqual(kinds, ["terraform_data"])
        self.assertIn("--fail-with-body", json.dumps(plan, default=str))

    def test_a_second_apply_does_nothing(self):
        terraform = tool("terraform", "its maker ships it by none of the registries that this stage uses")
        config = (PLAN / "ifmatch.toml").read_text()
        with gateway(config, env={"TERRAFORM_SECRET": "a secret"}) as running:
            score = running.world()["quality_scores"][0]
            folder = running.folder / "plan"
            shutil.copytree(PLAN, folder)
            change = folder / "changes" / "score.json"
            change.write_text(change.read_text().replace("SCORE_ID", score["id"]))
            env = {**os.environ, "CLIENT_ID": "terraform", "CLIENT_SECRET": "a secret", "CHECKPOINT_DISABLE": "1",
                   "TF_VAR_gateway_url": running.url, "TF_IN_AUTOMATION": "1"}
            run([terraform, "init", "-no-color"], cwd=folder, env=env)
            run([terraform, "validate", "-no-color"], cwd=folder, env=env)
            run([terraform, "apply", "-auto-approve", "-no-color"], cwd=folder, env=env)
            [intent] = running.intents()
            self.assertEqual(running.settled(intent["id"])["state"], "landed")
            self.assertEqual(running.record(score["path"])["comments"], "set by Terraform")
            again = [terraform, "plan", "-detailed-exitcode", "-no-color"]
            self.assertEqual(subprocess.run(again, cwd=folder, env=env, capture_output=True).returncode, 0)
            # A state that was lost: the same file is still the same intent.
            (folder / "terraform.tfstate").unlink()
            run([terraform, "apply", "-auto-approve", "-no-color"], cwd=folder, env=env)
            self.assertEqual([it["id"] for it in running.intents()], [intent["id"]])


if __name__ == "__main__":
    unittest.main()
