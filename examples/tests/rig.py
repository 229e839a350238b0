"""A gateway with a sandbox for each test that wants one, and the tools that the examples are tried with."""

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[1]
ROOT = EXAMPLES.parent

# How long a test waits for something to happen, seconds.
PATIENCE = 60

# Where tools are kept from one run to the next.
CACHE = Path(os.environ.get("EXAMPLES_CACHE", ROOT / "target" / "examples"))


def tool(name, why):
    """The path of a program; a test whose program is not here is skipped by name."""
    found = shutil.which(name)
    if not found:
        raise unittest.SkipTest(f"{name} is not here: {why}")
    return found


class Gateway:
    """`ifmatch serve --sandbox` on a free port, in a folder of its own."""

    def __init__(self, config=None, env=None, more=()):
        self.folder = Path(tempfile.mkdtemp(prefix="ifmatch-example-"))
        self.words = [os.environ["IFMATCH"], "serve", "--sandbox", "--data", str(self.folder / "data"), *more]
        if config:
            path = self.folder / "ifmatch.toml"
            path.write_text(config)
            self.words += ["--config", str(path)]
        self.env = {**os.environ, **(env or {})}
        self.start()

    def start(self):
        words = [*self.words, "--listen", "127.0.0.1:0"]
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, env=self.env, cwd=self.folder)
        log.close()
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        line = self.process.stdout.readline() if ready else b""
        if not line:
            said = (self.folder / "log").read_text()[-2000:]
            self.stop()
            raise RuntimeError(f"{words} did not start:\n{said}")
        said = json.loads(line)
        self.url, self.sandbox = said["url"], said["sandbox"]
        self.id, self.secret = said["client_id"], said["client_secret"]
        self.port = urllib.parse.urlsplit(self.url).port

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def end(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def get(self, path):
        """The answer of a path that needs no token."""
        return call("GET", self.url + path)[1]

    def api(self, path, method="GET", body=None):
        """The answer of a path for the ready-made source."""
        return call(method, self.url + path, body, {"Authorization": f"Bearer {self.token()}"})[1]

    def token(self):
        return token(self.url, self.id, self.secret)

    def world(self):
        return self.get("/__sandbox/world")

    def record(self, path):
        """What the target really holds."""
        return self.get("/__sandbox/record?" + urllib.parse.urlencode({"path": path}))

    def ledger(self, path=None):
        query = "?" + urllib.parse.urlencode({"path": path}) if path else ""
        return self.get("/__sandbox/ledger" + query)

    def edit(self, path, patch, by="Ada Lehmann"):
        call("POST", self.url + "/__sandbox/edit", {"path": path, "merge_patch": patch, "by": by})

    def settled(self, intent):
        """How an intent ended, or that it is in review."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = call("GET", f"{self.url}/v1/intents/{intent}?wait=10", headers=self.operator())[1]
            if answer.get("settled_at") or answer["state"] == "review":
                return answer
        raise AssertionError(f"not settled in time: {answer}")

    def intents(self, **query):
        """The intents of all sources, as the operator sees them."""
        query = urllib.parse.urlencode({"limit": 500, **query})
        return call("GET", f"{self.url}/v1/intents?{query}", headers=self.operator())[1]["intents"]

    def operator(self):
        return {"Authorization": "Bearer " + (self.folder / "data" / "operator-token").read_text().strip()}


@contextlib.contextmanager
def gateway(*words, **more):
    running = Gateway(*words, **more)
    try:
        yield running
    except BaseException:
        print((running.folder / "log").read_text()[-4000:])
        raise
    finally:
        running.end()


def call(method, url, body=None, headers=None):
    """Status and body of one request; JSON where it is JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        status, text = refusal.code, refusal.read()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text.decode()


def token(url, client_id, secret):
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    status, said = call("POST", url + "/oauth/token", b"grant_type=client_credentials", headers)
    assert status == 200, said
    return said["access_token"]


def run(words, **more):
    """A program to its end; its output where it fails."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, f"{words} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def until(what, seconds=PATIENCE):
    """The first truthy value of a call, asked again and again."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("nothing happened in time")
