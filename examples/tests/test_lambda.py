"""The Lambda handler, called as the service calls it, against a gateway."""

import contextlib
import importlib
import io
import json
import os
import sys
import unittest
from unittest import mock

from rig import EXAMPLES, Gateway

sys.path.insert(0, str(EXAMPLES / "lambda"))
handler = importlib.import_module("handler")


def batch(*bodies):
    """A batch of SQS."""
    return {"Records": [{"messageId": key, "body": json.dumps(body), "eventSource": "aws:sqs"} for key, body in bodies]}


class Lambda(unittest.TestCase):
    def setUp(self):
        self.gateway = Gateway()
        self.addCleanup(self.gateway.end)
        self.scores = self.gateway.world()["quality_scores"]
        self.point_at(self.gateway.url)

    def point_at(self, url):
        handler._token.update(text=None, until=0.0)
        env = {"GATEWAY_URL": url, "CLIENT_ID": self.gateway.id, "CLIENT_SECRET": self.gateway.secret,
               "ORG": "sandbox"}
        patch = mock.patch.dict(os.environ, env)
        patch.start()
        self.addCleanup(patch.stop)

    def call(self, event):
        log = io.StringIO()
        with contextlib.redirect_stdout(log):
            failed = handler.handler(event, None)
        keys = [it["itemIdentifier"] for it in failed["batchItemFailures"]]
        return keys, [json.loads(it) for it in log.getvalue().splitlines()]

    def test_a_batch_lands_and_a_second_delivery_changes_nothing(self):
        scores = [("m-1", {"score_id": self.scores[0]["id"], "score": 71}), ("m-2", {"score_id": self.scores[1]["id"], "score": 72})]
        event = batch(*scores)
        failed, log = self.call(event)
        self.assertEqual(failed, [])
        self.assertEqual([self.gateway.settled(it["intent"])["state"] for it in log], ["landed", "landed"])
        _, again = self.call(event)
        self.assertEqual([it["intent"] for it in again], [it["intent"] for it in log])
        self.assertEqual([self.gateway.record(score["path"])["score"] for score in self.scores[:2]], [71, 72])
        self.assertEqual(len(self.gateway.ledger()), 2)

    def test_what_makes_no_sense_is_not_delivered_again(self):
        senseless = ("m-3", {"score_id": {"no": "id"}, "score": 73})
        failed, log = self.call(batch(senseless, ("m-4", {"score_id": self.scores[3]["id"], "score": 74})))
        self.assertEqual(failed, [])
        self.assertEqual(log[0]["error"]["status"], 422)
        self.assertEqual(self.gateway.settled(log[1]["intent"])["state"], "landed")
        failed, log = self.call(batch(senseless))
        self.assertEqual((failed, log[0]["error"]["status"]), ([], 422))

    def test_a_gateway_that_is_away_has_everything_delivered_again(self):
        self.point_at("http://127.0.0.1:9")
        failed, _ = self.call(batch(("m-5", {"score_id": self.scores[4]["id"], "score": 75})))
        self.assertEqual(failed, ["m-5"])


if __name__ == "__main__":
    unittest.main()
