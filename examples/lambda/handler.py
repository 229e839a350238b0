"""AWS Lambda behind a queue: each message is a wish for a quality score, and goes to the gateway as an intent.

Environment: GATEWAY_URL, CLIENT_ID, CLIENT_SECRET, ORG. The function uses nothing but the standard library. The queue has to be set
up with ReportBatchItemFailures: what the gateway did not take is delivered again, everything else is not.
"""

import base64
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

# A warm function keeps its token until shortly before it ends.
_token = {"text": None, "until": 0.0}


def handler(event, _context):
    records = event["Records"]
    wishes = [wish(record) for record in records]
    lines = "".join(json.dumps(it) + "\n" for it in wishes).encode()
    try:
        results = send(lines)
    except (OSError, ValueError) as error:
        # Nobody knows what was taken. All are delivered again, and the keys keep that harmless.
        print(json.dumps({"failed": str(error)}))
        return failures(records)
    again = []
    for record, result in zip(records, results, strict=True):
        problem = result.get("error")
        print(json.dumps({"message": record["messageId"], "intent": result.get("id"), "error": problem}))
        # A wish that is refused for its content would be refused again: it belongs to the log, not to the queue.
        if problem and problem.get("status", 500) >= 500:
            again.append(record)
    return failures(again)


def wish(record):
    """The intent of a message. Its key is the message: a second delivery is the same wish."""
    body = json.loads(record["body"])
    return {
        "idempotency_key": f"sqs:{record['messageId']}",
        "resource": {"org": os.environ["ORG"], "kind": "quality-score", "id": body["score_id"]},
        "change": {"merge_patch": {"score": body["score"]}},
        "origin": {"system": "sqs", "record": body["score_id"]},
    }


def failures(records):
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in records]}


def send(lines):
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/x-ndjson"}
    try:
        answer = post("/v1/intents", lines, headers)
    except urllib.error.HTTPError as refusal:
        # The status is 422 where all of them are refused; each line still says why.
        if refusal.code != 422:
            _token["until"] = 0.0
            raise
        answer = refusal.read().decode()
    return [json.loads(line) for line in answer.splitlines() if line]


def token():
    if time.monotonic() > _token["until"]:
        pair = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()
        headers = {"Authorization": "Basic " + base64.b64encode(pair).decode(),
                   "Content-Type": "application/x-www-form-urlencoded"}
        said = json.loads(post("/oauth/token", b"grant_type=client_credentials", headers))
        _token.update(text=said["access_token"], until=time.monotonic() + said["expires_in"] - 60)
    return _token["text"]


def post(path, body, headers):
    request = urllib.request.Request(os.environ["GATEWAY_URL"] + path, body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()
