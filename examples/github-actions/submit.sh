#!/usr/bin/env bash
# Submits files of intents (NDJSON) and waits for their outcome. Ends with 1 where one is refused or waits for a person.
set -euo pipefail

: "${GATEWAY_URL:?}" "${CLIENT_ID:?}" "${CLIENT_SECRET:?}" "${KEY:?}"

token=$(curl --silent --show-error --fail-with-body --retry 5 --retry-connrefused --user "$CLIENT_ID:$CLIENT_SECRET" \
  --data grant_type=client_credentials "$GATEWAY_URL/oauth/token" | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Each line has a key of its own: that of the run, the file and the line, unless it names one.
python3 - "$KEY" "$@" > "$work/intents" <<'END'
import json, pathlib, sys

run, *files = sys.argv[1:]
for file in files:
    for number, line in enumerate(pathlib.Path(file).read_text().splitlines(), 1):
        if line.strip():
            print(json.dumps({"idempotency_key": f"{run}-{pathlib.Path(file).name}-{number}", **json.loads(line)}))
END

# The same keys and the same lines are the same intents, so trying again is safe.
curl --silent --show-error --retry 5 --retry-connrefused --header "authorization: Bearer $token" \
  --header 'content-type: application/x-ndjson' --data-binary @"$work/intents" "$GATEWAY_URL/v1/intents?wait=120" > "$work/results"

python3 - "$work/results" <<'END'
import json, pathlib, sys

good = {"landed", "satisfied", "superseded"}
results = [json.loads(line) for line in pathlib.Path(sys.argv[1]).read_text().splitlines() if line]
for result in results:
    problem = result if "detail" in result else result.get("error")
    print("refused: " + problem["detail"] if problem else f"{result['id']} {result['state']}: {result['reason']}")
sys.exit(0 if results and all(result.get("state") in good for result in results) else 1)
END
