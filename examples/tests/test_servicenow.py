"""The ServiceNow application: built by the vendor's SDK, and what was built is run against a gateway."""

import json
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml

from rig import CACHE, EXAMPLES, Gateway, run, tool

PROJECT = EXAMPLES / "servicenow"
TABLE = "x_acme_wfm_review"
OUTBOX = "x_acme_wfm_outbox"
SECRET = "a long random text"
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ENV = {"SERVICENOW_SECRET": SECRET, "SERVICENOW_WHSEC": WHSEC}


def build():
    """The application as `now-sdk build` makes it, in a copy of the project."""
    node, npm = tool("node", "the SDK runs on it"), tool("npm", "the SDK comes by it")
    folder = CACHE / "servicenow"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ["src", "dist", ".now"]:
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
    lock, done = PROJECT / "package-lock.json", folder / "node_modules" / ".complete"
    if not done.exists() or done.read_text() != lock.read_text():
        run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"], cwd=folder)
        done.write_text(lock.read_text())
    # Fails where the committed keys are not those of the sources.
    run([node, "node_modules/@servicenow/sdk/bin/index.js", "build", "--frozenKeys"], cwd=folder)
    return folder / "dist" / "app"


def records(built, table):
    """The records of a table in the built package."""
    files = sorted(built.glob(f"update/{table}_*.xml"))
    return [found for file in files for found in [xml.parse(file).getroot().find(table)] if found is not None]


def read(built):
    """What was built, as the instance of the test takes it."""
    def text(record, name):
        return record.findtext(name) or ""

    def on(rule):
        return [name for name in ["insert", "update", "delete"] if text(rule, f"action_{name}") == "true"]

    columns = {}
    for file in sorted(built.glob("dictionary/*.xml")):
        for table in xml.parse(file).getroot().iter("element"):
            if table.get("reference"):
                columns.setdefault(file.stem, {})[table.get("name")] = table.get("reference")
    rules = [
        {"name": text(rule, "name"), "table": text(rule, "collection"), "on": on(rule), "when": text(rule, "when"),
         "script": text(rule, "script")}
        for rule in records(built, "sys_script")
    ]
    return {
        "includes": [{key: text(it, key) for key in ["name", "script"]} for it in records(built, "sys_script_include")],
        "jobs": [{key: text(it, key) for key in ["name", "script"]} for it in records(built, "sysauto_script")],
        "properties": {text(it, "name"): text(it, "value") for it in records(built, "sys_properties")},
        "rules": rules,
        "tables": columns,
    }


class Instance:
    """The scripts of the application in Node, with tables in memory and real HTTP."""

    def __init__(self, app, folder):
        path = folder / "app.json"
        path.write_text(json.dumps(app))
        words = [tool("node", "the scripts run in it"), str(EXAMPLES / "tests/servicenow/instance.cjs"), str(path)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, command, **more):
        self.process.stdin.write(json.dumps({"command": command, **more}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["result"]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class ServiceNow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.built = build()
        cls.app = read(cls.built)
        cls.gateway = Gateway((PROJECT / "ifmatch.toml").read_text(), env=ENV)
        cls.addClassCleanup(cls.gateway.end)

    def setUp(self):
        self.instance = Instance(self.app, self.gateway.folder)
        self.addCleanup(self.instance.end)
        self.instance("property", name="x_acme_wfm.gateway_url", value=self.gateway.url)
        self.credential(SECRET)
        agent = self.gateway.world()["agents"][7]
        self.agent = self.instance("insert", table="sys_user", values={"email": agent["email"].upper()})
        self.agent_email = agent["email"]

    def credential(self, password):
        alias = self.app["properties"]["x_acme_wfm.credential_alias"]
        self.instance("credential", alias=alias, user="servicenow", password=password)

    def review(self, score, minute=0):
        values = {"number": "QR0001001", "agent": self.agent, "evaluation_form": f"form-{self.id().rsplit('.')[-1]}",
                  "reviewed_at": f"2026-11-20 09:{minute:02}:00", "score": score, "comments": "well ${explained}"}
        return self.instance("insert", table=TABLE, values=values)

    def scores(self, sys_id):
        """What the target holds of a review."""
        world = [self.gateway.record(row["path"]) for row in self.gateway.world()["quality_scores"]]
        return [score for score in world if score.get("correlation_id") == sys_id]

    def landed(self, sys_id):
        """What became of the intents about a review."""
        def settled(name, of):
            found = [it for it in self.gateway.intents() if name(it["resource"]) in of]
            return [self.gateway.settled(it["id"]) for it in found]

        # The first one by the foreign id, later ones by the id that the target gave.
        first = settled(lambda resource: resource.get("external", {}).get("id"), [sys_id])
        return first + settled(lambda resource: resource.get("id"), [it["result"]["id"] for it in first])

    def test_the_package_has_what_the_application_is_made_of(self):
        self.assertEqual([it["name"] for it in self.app["includes"]], ["WfmGateway"])
        [rule] = self.app["rules"]
        self.assertEqual((rule["table"], rule["on"]), (TABLE, ["insert", "update"]))
        self.assertTrue(rule["when"].startswith("async"), rule)
        [alias] = records(self.built, "sys_alias")
        self.assertEqual(self.app["properties"]["x_acme_wfm.credential_alias"], alias.findtext("sys_id"))

    def test_the_package_holds_no_secret(self):
        named = [name for name in self.app["properties"] if re.search("secret|password|token", name)]
        self.assertEqual(named, [])

    def test_a_review_lands_as_a_score(self):
        sys_id = self.review(85)
        self.assertEqual(self.instance("run", order="in order"), 1)
        self.assertEqual([it["state"] for it in self.landed(sys_id)], ["landed"], self.instance("log"))
        [score] = self.scores(sys_id)
        self.assertEqual((score["score"], score["comments"]), (85, "well ${explained}"))
        self.assertEqual(score["agent_email"], self.agent_email)

    def test_rules_that_run_out_of_order_end_at_the_last_value(self):
        sys_id = self.review(70)
        self.instance("run", order="in order")
        self.landed(sys_id)
        for score in [75, 80, 90]:
            self.instance("update", table=TABLE, sys_id=sys_id, values={"score": score})
        self.assertEqual(self.instance("run", order="reversed"), 3)
        states = sorted(it["state"] for it in self.landed(sys_id))
        self.assertEqual(states, ["landed", "landed", "superseded", "superseded"])
        self.assertEqual([it["score"] for it in self.scores(sys_id)], [90])

    def test_a_signed_review_lands_too(self):
        self.instance("property", name="x_acme_wfm.auth", value="signature")
        self.credential(WHSEC)
        sys_id = self.review(61)
        self.instance("run", order="in order")
        self.assertEqual([it["state"] for it in self.landed(sys_id)], ["landed"], self.instance("log"))

    def test_a_gateway_that_is_away_is_sent_to_later(self):
        self.instance("property", name="x_acme_wfm.gateway_url", value="http://127.0.0.1:9")
        sys_id = self.review(66)
        self.instance("run", order="in order")
        self.assertEqual([row["key"] for row in self.instance("rows", table=OUTBOX)], [f"{sys_id}:0"])
        self.instance("property", name="x_acme_wfm.gateway_url", value=self.gateway.url)
        self.instance("job", name="Send what is in the WFM outbox")
        self.assertEqual(self.instance("rows", table=OUTBOX), [])
        self.assertEqual([it["state"] for it in self.landed(sys_id)], ["landed"])

    def test_a_wrong_password_keeps_the_review(self):
        self.credential("something else")
        sys_id = self.review(67)
        self.instance("run", order="in order")
        [row] = self.instance("rows", table=OUTBOX)
        self.assertIn("401", row["error"])
        self.credential(SECRET)
        self.instance("job", name="Send what is in the WFM outbox")
        self.assertEqual([it["state"] for it in self.landed(sys_id)], ["landed"])

    def test_what_cannot_be_mapped_waits_for_a_person(self):
        sys_id = self.review("very good")
        self.instance("run", order="in order")
        [row] = self.instance("rows", table=OUTBOX)
        self.assertIn("/score", row["error"])
        self.assertEqual(self.instance("job", name="Send what is in the WFM outbox"), None)
        self.assertEqual([it["key"] for it in self.instance("rows", table=OUTBOX)], [f"{sys_id}:0"])


if __name__ == "__main__":
    unittest.main()
