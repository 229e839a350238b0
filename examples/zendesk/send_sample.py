"""Signs a body as Zendesk signs its webhooks, and sends it: python3 send_sample.py URL BODY.json

The secret is in ZENDESK_WEBHOOK_SECRET. Tries out a hook without a ticket.
"""

import base64
import hashlib
import hmac
import os
import sys
import urllib.error
import urllib.request
from datetime import datetime, timezone


def sign(secret, timestamp, body):
    """Over the time and the very bytes of the body, with nothing in between; the secret is used as it is written."""
    mac = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()


def main():
    url, file = sys.argv[1:]
    with open(file, "rb") as opened:
        body = opened.read()
    timestamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature": sign(os.environ["ZENDESK_WEBHOOK_SECRET"], timestamp, body),
        "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
    }
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers, method="POST"), timeout=12) as answer:
            print(answer.status, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        print(refusal.code, refusal.read().decode())
        sys.exit(1)


if __name__ == "__main__":
    main()
