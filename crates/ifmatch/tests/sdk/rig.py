"""A sandbox of its own for each test, and the SDK in front of it with every answer checked."""

import json
import os
import select
import subprocess
import tempfile
import time
import unittest
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

# The SDK reads a file of settings in the home folder: there is none in this one.
os.environ["HOME"] = tempfile.mkdtemp()

import PureCloudPlatformClientV2 as sdk
from PureCloudPlatformClientV2.rest import ApiException

from checker import faults

WEEK = "2026-11-16"
WEEK_DATE = date.fromisoformat(WEEK)

# The week that the sandbox begins with, on a clock that stands in it: what counts as recent is then the same whenever this runs.
SCENARIO = f"""
name = "the week"
base = "calm"
start = "2026-11-18T09:00:00Z"
[world]
first_week = "{WEEK}"
trades_week = "{WEEK}"
"""

# How long a test waits for the sandbox to say something, seconds.
PATIENCE = 30

BUDGET = ["inin-ratelimit-count", "inin-ratelimit-allowed", "inin-ratelimit-reset"]


DATA = Path(__file__).resolve().parents[3] / "ifmatch-sandbox" / "data"


def documented():
    """The documented operations by method and path."""
    files = [json.loads((DATA / name).read_text()) for name in ["genesys-endpoints.json", "more-endpoints.json"]]
    return {(operation["method"], operation["path"]): operation for file in files for operation in file}


OPERATIONS = documented()


class Sandbox:
    """`ifmatch sandbox` on a free port."""

    def __init__(self, *more):
        self.folder = tempfile.TemporaryDirectory()
        scenario = Path(self.folder.name, "scenario.toml")
        scenario.write_text(SCENARIO)
        # Faster than the clock on the wall: uploads and jobs take seconds.
        words = [os.environ["IFMATCH"], "sandbox", "--listen", "127.0.0.1:0", "--speed", "5", "--scenario", scenario, *more]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            self.end()
            raise RuntimeError(f"{words} did not start")
        said = json.loads(line)
        self.url, self.id, self.secret = said["url"], said["client_id"], said["client_secret"]
        self.host, self.port = urlsplit(self.url).hostname, urlsplit(self.url).port

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()

    def client(self):
        """The SDK, pointed here by its gateway configuration and logged in."""
        client = Checked()
        client.set_gateway(self.host, "http", self.port, "", "")
        client.get_client_credentials_token(self.id, self.secret)
        return client


class Checked(sdk.api_client.ApiClient):
    """The SDK's client. What comes back through it is walked beside the model that the SDK takes it for."""

    def call_api(self, resource_path, method, *rest, response_type=None, **more):
        what = f"{method} {resource_path}"
        try:
            answer = super().call_api(resource_path, method, *rest, response_type=response_type, **more)
        except ApiException as refusal:
            self.check_refusal(what, refusal)
            raise
        response = self.last_response
        operation = OPERATIONS[method, resource_path]
        # The vendor's notes say that any job may be put off; its table lists that for one of them only.
        put_off = response.status == 202 and method == "POST" and resource_path.endswith("/jobs")
        assert put_off or response.status in operation["successCodes"], f"{what}: {response.status} is not documented"
        assert operation.get("responseModel") == response_type, f"{what}: {response_type} is not the documented model"
        self.status = response.status
        self.check_headers(what, response.status, response.getheaders())
        if response_type is None:
            assert not response.data, f"{what}: a body where none is documented: {response.data!r}"
        else:
            self.raw = json.loads(response.data)
            check(what, response_type, self.raw)
        return answer

    def check_refusal(self, what, refusal):
        body = json.loads(refusal.body)
        check(what, "ErrorBody", body)
        codes = OPERATIONS[tuple(what.split(" "))]["codes"]
        assert refusal.status in codes, f"{what}: {refusal.status} is not documented"
        assert body["status"] == refusal.status, f"{what}: {refusal.status} with {body}"
        assert body["code"] and body["message"], f"{what}: {body}"
        correlation = self.check_headers(what, refusal.status, refusal.headers)
        assert body["contextId"] == correlation, f"{what}: {body['contextId']} is not {correlation}"

    def check_headers(self, what, status, headers):
        if "/workforcemanagement/" in what and status != 401:
            missing = [name for name in BUDGET if not headers.get(name, "").isdigit()]
            assert not missing, f"{what}: {missing} are missing or no numbers"
        correlation = headers.get("ININ-Correlation-Id")
        assert correlation, f"{what}: no correlation id"
        return correlation


def check(what, kind, body):
    found = faults(kind, body)
    assert not found, f"{what} is no {kind}:\n  " + "\n  ".join(found)


class Case(unittest.TestCase):
    """Tests with a sandbox and a logged-in client; `OPTIONS` are more words for the sandbox."""

    OPTIONS = []

    def setUp(self):
        self.sandbox = Sandbox(*self.OPTIONS)
        self.addCleanup(self.sandbox.end)
        self.client = self.sandbox.client()
        self.wfm = sdk.WorkforceManagementApi(self.client)
        self.notifications = sdk.NotificationsApi(self.client)

    def unit(self):
        """The first management unit and its business unit."""
        listing = self.wfm.get_workforcemanagement_managementunits(page_size=25, page_number=1)
        unit = listing.entities[0]
        return unit.id, unit.business_unit.id

    def refused(self, status, code, call, *args, **more):
        """The refusal of a call, which must be this one."""
        with self.assertRaises(ApiException) as caught:
            call(*args, **more)
        refusal = caught.exception
        body = json.loads(refusal.body)
        self.assertEqual((refusal.status, body["code"]), (status, code), body)
        return refusal

    def wait_for(self, ask):
        """Asks until there is an answer that counts as true."""
        end = time.monotonic() + PATIENCE
        while True:
            answer = ask()
            if answer:
                return answer
            self.assertLess(time.monotonic(), end, "it did not come about in time")
            time.sleep(0.1)
