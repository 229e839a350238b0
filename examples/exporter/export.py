"""Exports the recordings of agents, one agent after the other, and proves that nothing is missing or mismatched.

    export.py take FOLDER FROM TO AGENT …    what is there already is kept: after an interruption it goes on
    export.py prove FOLDER                   exit 0 where the proof holds, else 1 with what does not

API_URL, CLIENT_ID and CLIENT_SECRET say where the gateway is. The list of an agent's recordings is wrong while the agent is under
reconciliation: so an agent that is held is waited for, a list is read twice, and one that was read across a hold is thrown away.
"""

import base64
import hashlib
import json
import os
import sys
import time
import urllib.parse
import urllib.request
from datetime import datetime, timedelta
from pathlib import Path

API = os.environ["API_URL"]

# So long after its start the target may still show a wrong conversation for a recording, or none.
SETTLES = timedelta(minutes=10)

# How long to wait between two looks at an agent that is held, in seconds.
PAUSE = float(os.environ.get("PAUSE", "5"))


def call(path, token=None, form=None, **query):
    query = "?" + urllib.parse.urlencode(query) if query else ""
    secret = base64.b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
    headers = {"Authorization": f"Bearer {token}" if token else f"Basic {secret}", "Cache-Control": "no-cache"}
    with urllib.request.urlopen(urllib.request.Request(API + path + query, form, headers), timeout=60) as answer:
        return json.load(answer)


def login():
    return call("/oauth/token", form=b"grant_type=client_credentials")["access_token"]


def digest(recordings):
    return hashlib.sha256(json.dumps(recordings, sort_keys=True).encode()).hexdigest()


def listed(token, agent, start, end):
    """The recordings of an agent, in an order that is always the same."""
    query = {"agent_id": agent, "from": start, "to": end}
    return sorted(call("/api/v2/recordings", token, **query), key=lambda it: (it["start"], it["recording_id"]))


def take(token, agent, start, end):
    """The recordings of an agent, as they were while nothing of it was on the move, and when that was."""
    attempts = waited = 0
    while True:
        before = call("/v1/holds", token, agent=agent)
        now = datetime.fromisoformat(before["at"])
        if before["held"] or now < datetime.fromisoformat(end) + SETTLES:
            waited += 1
            time.sleep(PAUSE)
            continue
        attempts += 1
        first, second = listed(token, agent, start, end), listed(token, agent, start, end)
        after = call("/v1/holds", token, agent=agent)
        between = call("/v1/holds", token, agent=agent, at=before["at"], to=after["at"])
        if first == second and not between["held"]:
            return first, {"agent": agent, "from": start, "to": end, "begun_at": before["at"], "ended_at": after["at"],
                           "recordings": len(first), "sha256": digest(first), "attempts": attempts, "waited": waited}


def take_all(folder, start, end, agents):
    folder.mkdir(parents=True, exist_ok=True)
    manifest = folder / "manifest.ndjson"
    lines = manifest.read_text().splitlines(keepends=True) if manifest.exists() else []
    # A line that an interruption cut is no line.
    whole = [line for line in lines if line.endswith("\n")]
    manifest.write_text("".join(whole))
    done = {json.loads(line)["agent"] for line in whole}
    token = login()
    for agent in dict.fromkeys(agents):
        if agent in done:
            continue
        recordings, entry = take(token, agent, start, end)
        (folder / f"{agent}.json").write_text(json.dumps(recordings, indent=1))
        with manifest.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        print(f"{agent}: {len(recordings)} recordings", file=sys.stderr)


def prove(folder):
    """What the manifest does not bear out, as sentences."""
    token, wrong = login(), []
    for line in (folder / "manifest.ndjson").read_text().splitlines():
        entry = json.loads(line)
        agent = entry["agent"]
        kept = json.loads((folder / f"{agent}.json").read_text())
        there = {it["recording_id"]: it for it in listed(token, agent, entry["from"], entry["to"])}
        here = {it["recording_id"]: it for it in kept}
        if digest(kept) != entry["sha256"]:
            wrong.append(f"{agent}: the file was changed since it was taken")
        wrong += [f"{agent}: recording {it} is missing" for it in there.keys() - here.keys()]
        wrong += [f"{agent}: recording {it} does not exist" for it in here.keys() - there.keys()]
        wrong += [f"{agent}: recording {it} is mismatched" for it in here.keys() & there.keys() if here[it] != there[it]]
        if call("/v1/holds", token, agent=agent, at=entry["begun_at"], to=entry["ended_at"])["held"]:
            wrong.append(f"{agent}: it was under reconciliation while it was taken")
    return wrong


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["take", folder, start, end, *agents] if agents:
            take_all(Path(folder), start, end, agents)
        case ["prove", folder]:
            found = prove(Path(folder))
            print("\n".join(found) or "nothing is missing and nothing is mismatched")
            sys.exit(1 if found else 0)
        case _:
            sys.exit(__doc__)
