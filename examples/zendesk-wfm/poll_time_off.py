"""Requests for time off of Zendesk WFM, by its API, as intents: python3 poll_time_off.py SETTINGS.json

Zendesk WFM sends no webhooks, so this asks: everything from a week ago to half a year ahead, page by page. What was sent is kept in a
file beside the settings, so that only what has changed is sent. Losing that file costs time and nothing else: each state of a
request has its own key. Run it every few minutes, one at a time.

Environment: ZENDESK_USER (with /token), ZENDESK_TOKEN, CLIENT_ID, CLIENT_SECRET.
"""

import base64
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

DAY = 86400
PAGE = 50

# Statuses of Zendesk WFM; any other is told and left out, never guessed.
STATUS = {"pending": "PENDING", "approved": "APPROVED", "denied": "DENIED", "cancelled": "CANCELED"}


def main():
    path = Path(sys.argv[1])
    settings = json.loads(path.read_text())
    cursor = path.with_suffix(".cursor")
    sent = json.loads(cursor.read_text()) if cursor.exists() else {}
    intents, left_out = [], 0
    for request in requests(settings, int(time.time())):
        state = str(len(request["statusHistory"]))
        if sent.get(request["timeOffRequestId"]) == state:
            continue
        try:
            intents.append((request["timeOffRequestId"], state, intent(settings, request)))
        except LookupError as missing:
            left_out += 1
            print(f"{request['timeOffRequestId']}: {missing.args[0]}", file=sys.stderr)
    refused = 0
    for place in range(0, len(intents), 100):
        some = intents[place:place + 100]
        for (key, state, _), result in zip(some, submit(settings, [it for _, _, it in some]), strict=True):
            problem = result.get("error")
            if problem:
                refused += 1
                print(f"{key}: {problem['detail']}", file=sys.stderr)
            if not problem or problem["status"] < 500:
                sent[key] = state
        keep(cursor, sent)
    print(json.dumps({"sent": len(intents) - refused, "refused": refused, "left_out": left_out}))
    return 1 if refused or left_out else 0


def requests(settings, now):
    """Every request in the window, page by page."""
    page = 1
    while True:
        query = {"startTime": now - 7 * DAY, "endTime": now + 180 * DAY, "page": page, "perPage": PAGE}
        pair = f"{os.environ['ZENDESK_USER']}:{os.environ['ZENDESK_TOKEN']}"
        headers = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        url = f"{settings['zendesk']}/wfm/public/api/v1/timeOff?{urllib.parse.urlencode(query)}"
        found = ask(url, None, headers)["data"]
        yield from found
        if len(found) < PAGE:
            return
        page += 1


def intent(settings, request):
    """The record as it shall stand. Sequence and key are the count of its states: an older one that comes late is put behind."""
    key, state = request["timeOffRequestId"], len(request["statusHistory"])
    return {
        "idempotency_key": f"zendesk-wfm:{key}:{state}",
        "resource": {"org": settings["org"], "kind": "time-off-request", "external": {"system": "zendesk-wfm", "id": key}},
        "change": {"desired": {
            "managementUnitId": settings["management_unit"],
            "userId": known(settings["agents"], str(request["agentId"]), "agent"),
            "activityCodeId": known(settings["codes"], request["reasonId"], "reason"),
            "status": known(STATUS, request["status"], "status"),
            "notes": request.get("note") or "",
            **hours(request, ZoneInfo(settings["time_zone"])),
        }},
        "origin": {"system": "zendesk-wfm", "record": key, "sequence": state},
    }


def known(table, value, what):
    if value not in table:
        raise LookupError(f"no {what} is given for {value!r}")
    return table[value]


def hours(request, zone):
    """Whole days where it begins and ends at midnight of the team, else one stretch of minutes."""
    begin, end = (datetime.fromtimestamp(request[name], zone) for name in ("startTime", "endTime"))
    if begin.timetz().replace(tzinfo=None) == end.timetz().replace(tzinfo=None) == datetime.min.time():
        # By dates and not by hours: a day on which the clock changes is not 24 of them.
        days = (end.date() - begin.date()).days
        dates = [(begin.date() + timedelta(days=day)).isoformat() for day in range(days)]
        return {"fullDayManagementUnitDates": dates, "dailyDurationMinutes": 480}
    instant = begin.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    minutes = (request["endTime"] - request["startTime"]) // 60
    return {"partialDayStartDateTimes": [instant], "durationMinutes": [minutes], "dailyDurationMinutes": minutes}


def submit(settings, intents):
    pair = f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}"
    login = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode(), "Content-Type": "application/x-www-form-urlencoded"}
    token = ask(settings["gateway"] + "/oauth/token", b"grant_type=client_credentials", login)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return ask(settings["gateway"] + "/v1/intents", json.dumps(intents).encode(), headers)


def ask(url, body, headers):
    """One exchange; a list of results also where all of them were refused, which is 422."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        said = json.load(refusal) if refusal.code == 422 else None
        if isinstance(said, list):
            return said
        raise


def keep(cursor, sent):
    """Written beside and moved, so that a crash leaves the old one or the new one."""
    fresh = cursor.with_suffix(".new")
    fresh.write_text(json.dumps(sent))
    fresh.replace(cursor)


if __name__ == "__main__":
    sys.exit(main())
