"""Adds points to quality scores: read, change, write back, and on a refusal once more. As people write it.

API_URL, CLIENT_ID and CLIENT_SECRET say where; the arguments are the points and the ids of scores. Nothing in here knows of
ifmatch: with API_URL at the target it loses edits and gives up, with API_URL at the gateway it does neither.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.request

API = os.environ["API_URL"]


def call(method, path, body=None, **headers):
    request = urllib.request.Request(API + path, body and body.encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer), answer.headers


def login():
    basic = base64.b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
    form = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return call("POST", "/oauth/token", "grant_type=client_credentials", **form)[0]["access_token"]


def adjust(token, score_id, points):
    path = f"/api/v2/wfm/v2/quality/scores/{score_id}"
    bearer = {"Authorization": f"Bearer {token}"}
    for _ in range(3):
        record, headers = call("GET", path, **bearer)
        body = json.dumps({"score": min(100, record["score"] + points)})
        try:
            guarded = {"If-Match": headers["ETag"], "Content-Type": "application/json"}
            return call("PATCH", path, body, **bearer, **guarded)[0]
        except urllib.error.HTTPError as refusal:
            print(f"{score_id}: {refusal.code}", file=sys.stderr)
            time.sleep(0.5)
    sys.exit(f"{score_id}: given up after 3 tries")


def main():
    points, ids = int(sys.argv[1]), sys.argv[2:]
    token = login()
    for score_id in ids:
        print(json.dumps({"id": score_id, "score": adjust(token, score_id, points)["score"]}))


main()
