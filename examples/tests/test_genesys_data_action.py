"""The data action: its templates filled, its request sent in chunks, its answer held against its contract."""

import http.client
import json
import re
import time
import unittest

from rig import EXAMPLES, Gateway

FOLDER = EXAMPLES / "genesys-data-action"
ACTION = json.loads((FOLDER / "set-score.json").read_text())
KEY = "a-long-random-key"
KINDS = {"string": str, "boolean": bool, "integer": int}


def fill(template, values):
    """The template language, as far as this action goes: references, quiet ones, and the escape for JSON."""
    def value(name):
        found = values
        for part in name.split("."):
            found = found.get(part, "") if isinstance(found, dict) else ""
        return found

    def escaped(match):
        return json.dumps(str(value(match[1])))[1:-1]

    def plain(match):
        found = value(match[1])
        return found if isinstance(found, str) else json.dumps(found)

    template = re.sub(r"\$!?esc\.jsonString\(\$!?\{?([\w.]+)\}?\)", escaped, template)
    return re.sub(r"\$!?\{([\w.]+)\}", plain, template)


def at(body, path):
    for part in path.removeprefix("$.").split("."):
        body = body[part]
    return body


class DataAction(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        env = {"GENESYS_FLOW_SECRET": "unused", "GENESYS_FLOW_KEY": KEY}
        cls.gateway = Gateway((FOLDER / "ifmatch.toml").read_text(), env=env)
        cls.addClassCleanup(cls.gateway.end)

    def execute(self, **given):
        """What the platform does: request, map, template. Returns the output and how long it took."""
        config = ACTION["config"]
        request, response = config["request"], config["response"]
        values = {"input": given, "credentials": {"apiKey": KEY}}
        path = fill(request["requestUrlTemplate"], values).split("example.com", 1)[1]
        headers = {name: fill(text, values) for name, text in request["headers"].items()}
        body = fill(request["requestTemplate"], values).encode()
        began = time.monotonic()
        line = http.client.HTTPConnection("127.0.0.1", self.gateway.port, timeout=config["timeoutSeconds"])
        # No length: the platform sends in chunks.
        line.request(request["requestType"], path, iter([body[:10], body[10:]]), headers, encode_chunked=True)
        answer = line.getresponse()
        said = answer.read()
        took = time.monotonic() - began
        line.close()
        self.assertEqual(answer.status, 202, said)
        found = {name: json.dumps(at(json.loads(said), path)) for name, path in response["translationMap"].items()}
        return json.loads(fill(response["successTemplate"], found)), took

    def test_a_score_is_taken_in_time_and_lands(self):
        score = self.gateway.world()["quality_scores"][0]
        given = {"scoreId": score["id"], "score": 77, "comments": 'a "good" one', "conversationId": "c-1"}
        output, took = self.execute(**given)
        self.assertLess(took, 1)
        schema = ACTION["contract"]["output"]["successSchema"]["properties"]
        self.assertEqual({name: type(value) for name, value in output.items()}, {name: KINDS[it["type"]] for name, it in schema.items()})
        self.assertEqual(self.gateway.settled(output["intent"])["state"], "landed")
        held = self.gateway.record(score["path"])
        self.assertEqual((held["score"], held["comments"]), (77, 'a "good" one'))
        again, _ = self.execute(**given)
        self.assertEqual((again["intent"], again["duplicate"]), (output["intent"], True))

    def test_the_action_has_what_an_import_needs(self):
        self.assertEqual(ACTION["integrationType"], "custom-rest-actions")
        self.assertTrue(1 <= ACTION["config"]["timeoutSeconds"] <= 3)
        inputs = ACTION["contract"]["input"]["inputSchema"]
        used = set(re.findall(r"input\.(\w+)", json.dumps(ACTION["config"])))
        self.assertEqual(used, set(inputs["properties"]))
        self.assertLessEqual(set(inputs["required"]), used)


if __name__ == "__main__":
    unittest.main()
