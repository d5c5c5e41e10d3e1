# Shorthands of the walk-throughs, for bash. Start the demo with `make demo ARGS="--json demo.json"`, then, in another
# terminal in the same folder: `. docs/how-to/walkthroughs/demo.sh`.

FACTS=${SMARTS_DEMO_FACTS:-demo.json}
fact() { python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$FACTS" "$1"; }

GATEWAY=$(fact gatewayUrl)
NODE=$(fact nodeUrl)
STORE=$(fact institutionId)

json() { curl --silent --show-error -H 'Content-Type: application/json' "$@"; }
shop() { json -H "Authorization: Bearer $TOKEN" "$GATEWAY/shop/v1/$1" "${@:2}"; }                     # a shopper's phone
work() { json -H "Authorization: Bearer $(fact workerToken)" "$GATEWAY/work/v1/$1" "${@:2}"; }         # the store's staff
manage() { json -H "Authorization: Bearer $(fact managerToken)" "$GATEWAY/manage/v1/$1" "${@:2}"; }    # the store's manager
merchant() { json -H "accessToken: $(fact institutionAccessToken)" "$GATEWAY/v1/$1" "${@:2}"; }        # the merchant's system
office() { json -H "accessToken: $(fact nodeAccessToken)" "$NODE/$1" "${@:2}"; }                       # what it was told

# pick state total.totalToPay: prints these fields of a JSON document, in a line.
pick() {
    python3 -c '
import json, sys
def step(value, name):
    return value[int(name)] if isinstance(value, list) else value[name]
document = json.load(sys.stdin)
found = []
for path in sys.argv[1:]:
    value = document
    for name in path.split("."):
        value = step(value, name)
    found.append(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
print(*found)' "$@"
}

# each name price: the same for every document of a list, a line each.
each() {
    python3 -c '
import json, sys
for document in json.load(sys.stdin):
    print(json.dumps(document))' | while read -r document; do pick "$@" <<< "$document"; done
}

# wait_for WORD COMMAND…: repeats a command until it says the word, for what takes a moment, and prints what it said.
wait_for() {
    for _ in $(seq 150); do
        said=$("${@:2}" 2> /dev/null)
        if [[ $said == *"$1"* ]]; then echo "$said"; return; fi
        sleep 0.1
    done
    echo "never said $1, but: $said"
    return 1
}
