#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: coverage.sh NTA NTAD      as root (or with the right to capture on lo); 77 if it cannot
#
# When the sensor watched, and when not, from its own records: started, killed (kill -9), started
# again, reloaded with another list, stopped, started once more; and capture files read into a
# store. What a list said at each of these times.
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2")
. "$here/lib/check.sh"
. "$here/lib/net.sh"
work=$(mktemp -d /tmp/nta-coverage-XXXXXX)
daemon=

cleanup()
{
    if [ -n "$daemon" ]; then
        kill -9 "$daemon" 2> /dev/null
        wait "$daemon" 2> /dev/null
    fi
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT

# ---- capture files ----
golden=$here/../golden
"$nta" read "$golden/http.pcap" "$golden/dns.pcap" --list "$golden/lists.txt" --store "$work/read" \
    > /dev/null 2>&1 || fail "nta read"
"$nta" coverage --store "$work/read" --json --quiet > "$work/read.json" || fail "coverage of files"
"$nta" records --store "$work/read" --json --quiet --event policy,start,stop > "$work/own.json"
"$nta" records --store "$work/read" --json --quiet > "$work/records.json"
python3 - "$work" "$golden" << 'PY' || fail "what is told of files"
import hashlib, json, sys
work, golden = sys.argv[1:]
rows = [json.loads(line) for line in open(f"{work}/read.json")]
own = [json.loads(line) for line in open(f"{work}/own.json")]
records = [json.loads(line) for line in open(f"{work}/records.json")]
assert [row["state"] for row in rows] == ["read"] and rows[0]["files"] == 2, rows
assert rows[0]["from"] == min(r["time"] for r in records), rows
assert rows[0]["to"] == max(r.get("end", r["time"]) for r in records), rows
# the first is that of the sensor's first batch
assert [o["event"] for o in own] == ["policy", "policy", "start", "stop"], own
del own[0]
for told, name in zip(own[1]["log"]["files"], ("http.pcap", "dns.pcap")):
    content = open(f"{golden}/{name}", "rb").read()
    assert told["sha256"] == hashlib.sha256(content).hexdigest() and told["size"] == len(content)
text = open(f"{golden}/lists.txt", "rb").read()
listed = own[0]["log"]["lists"][0]
assert listed["sha256"] == hashlib.sha256(text).hexdigest(), listed
assert listed["lines"] == text.count(b"\n"), listed
# nobody but who asks sees them, and each record names its policy
assert not {"policy", "start", "stop"} & {r["event"] for r in records}
assert {r["policy"] for r in records} == {own[1]["policy"]} == {rows[0]["policy"]}, rows
PY
# the stamp is that of the record's own bytes
PYTHONPATH=$here/../check python3 - "$work/read" "$work/own.json" "$here/../../docs/format.md" \
    << 'PY' || fail "the policy's stamp"
import hashlib, json, pathlib, sys
import format2_reader, format_reader, verify_format
store, own, page = sys.argv[1:]
raw, opened = [], format2_reader.open_body
def note(*args):
    raw.extend(opened(*args))
    return opened(*args)
format2_reader.open_body = note
assert verify_format.check_store(pathlib.Path(store), None, False, pathlib.Path(page).read_text())
policies = [record for record in raw if format_reader.whole(record)[0] == 10]
assert len(policies) == 2
stamp = json.loads(open(own).readlines()[2])["policy"]
assert hashlib.sha256(policies[1]).digest()[:8].hex() == stamp, stamp
PY
# of what the sensor says of itself alone: no other class is opened
"$nta" coverage --store "$work/read" --json 2>&1 > /dev/null | grep -q "4 batches (2 opened)" ||
    fail "coverage opens other classes, too"
"$nta" coverage --store "$work/read" --quiet > "$work/table" || fail "table"
[ "$(awk '{ print length($0) }' "$work/table" | sort -n | tail -n 1)" -le 80 ] || fail "a wide table"
grep -q "2 files read" "$work/table" || fail "table: $(cat "$work/table")"
grep -q "$(printf '\033')" "$work/table" && fail "colours in a file"
"$nta" coverage --store "$work/read" --quiet --color=always | grep -q "$(printf '\033')" &&
    fail "a row without losses has no colour"
[ "$("$nta" lists line lists 1 --store "$work/read")" = "$(head -n 1 "$golden/lists.txt")" ] ||
    fail "a line of a list"
"$nta" lists line lists 99 --store "$work/read" 2> /dev/null
[ $? -eq 1 ] || fail "a line that is not there"
"$nta" lists line others 1 --store "$work/read" 2> /dev/null
[ $? -eq 1 ] || fail "a list that is not there"
# files are older than what was in force when they were read
[ "$("$nta" lists line lists 1 --store "$work/read" --at 2020-01-01 2> "$work/said")" = \
    "$(head -n 1 "$golden/lists.txt")" ] || fail "a time before the first policy"
grep -q "shown as of the first one" "$work/said" || fail "the first policy: $(cat "$work/said")"
mkdir "$work/twice" && echo other.example > "$work/twice/lists.txt"
"$nta" read --list "$golden/lists.txt" --list "$work/twice/lists.txt" --store "$work/two" \
    "$golden/ftp.pcap" > /dev/null 2>&1
"$nta" lists line lists 1 --store "$work/two" 2> "$work/said"
[ $? -eq 1 ] || fail "two lists of one name"
grep -q "two lists of that policy" "$work/said" || fail "two lists of one name: $(cat "$work/said")"
"$nta" coverage --user 10.9.0.5 2> /dev/null
[ $? -eq 2 ] || fail "filters of records are no filters of coverage"
"$nta" coverage --store "$work/read" --quiet --since 2030-01-01 | grep -q "no record tells" ||
    fail "a window with nothing in it"

# ---- a sensor ----
list=$work/list.txt store=$work/live
mkdir "$store"
echo one.example > "$list"
"$nta" keys init --keys "$work/keys" --state "$store/state" > /dev/null || fail "nta keys init"
cat > "$work/ntad.conf" << TEXT
capture = { interfaces = [ "lo" ]; workers = 1; blocks = 4; buffer = "1M"; filter = "tcp port 9"; };
blacklist = { files = ( "$list" ); shared = ""; canary = "0s"; };
store = { directory = "$store"; keys = "$work/keys"; };
control = { socket = "$work/control"; };
TEXT

start()
{
    "$ntad" --config "$work/ntad.conf" --foreground >> "$work/out" 2>> "$work/err" &
    daemon=$!
    net_wait 20 sh -c "'$nta' status --socket '$work/control' | grep -q ^running"
}

coverage() # [ARGUMENT...]
{
    "$nta" coverage --config "$work/ntad.conf" --quiet "$@"
}

if ! start; then
    grep -qi "permission\|not permitted" "$work/err" && { echo "skipped: may not capture"; exit 77; }
    fail "ntad does not start: $(tail -n 3 "$work/err")"
fi
net_wait 15 grep -q "^nta-watch 1 running" "$store/watch.state" || fail "no watch.state"
net_wait 20 sh -c "'$nta' records --config '$work/ntad.conf' --event start --json --quiet | grep -q start" ||
    fail "the start is not recorded"
first=$(date -u +%Y-%m-%dT%H:%M:%SZ)
kill -9 "$daemon"
wait "$daemon" 2> /dev/null
daemon=
coverage --json > "$work/killed.json" || fail "coverage after kill -9"
sleep 1
start || fail "no start after kill -9"
sleep 1
echo two.example > "$list"
kill -HUP "$daemon"
net_wait 20 grep -q "policy 2 is in force" "$work/err" || fail "no reload"
sleep 1
kill -TERM "$daemon"
wait "$daemon" || fail "a stop that is not clean"
daemon=
grep -q "^nta-watch 1 stopped" "$store/watch.state" || fail "watch.state: $(cat "$store/watch.state")"
sleep 1
start || fail "no start after a stop"
net_wait 20 sh -c "'$nta' records --config '$work/ntad.conf' --event gap --json --quiet | grep -q stopped" ||
    fail "no gap after a stop"
coverage --json > "$work/live.json" || fail "coverage while it runs"
kill -TERM "$daemon"
wait "$daemon"
daemon=
coverage --json > "$work/end.json" || fail "coverage at the end"
coverage > "$work/table" || fail "table at the end"
"$nta" records --config "$work/ntad.conf" --json --quiet --event policy,start,stop,gap,loss \
    > "$work/own.json"
python3 - "$work" << 'PY' || fail "what is told of the sensor"
import hashlib, json, sys
work = sys.argv[1]
def rows(name):
    return [json.loads(line) for line in open(f"{work}/{name}.json")]
killed = rows("killed")
assert len(killed) == 1 and killed[0]["open"] and killed[0]["state"] == "watched", killed
found = rows("end")
said = [(row["state"], row.get("reason"), row.get("open", False)) for row in found]
assert said == [("watched", None, False), ("gap", "killed", False), ("watched", None, False),
                ("watched", None, False), ("gap", "stopped", False), ("watched", None, False)], said
# one behind the other, and each has its policy
for before, after in zip(found, found[1:]):
    assert before["to"] <= after["from"] or before["to"] == after["from"], (before, after)
assert found[0]["from"] < found[0]["to"] or found[0]["from"] == killed[0]["from"]
assert found[1]["from"] == found[0]["to"] and found[1]["to"] == found[2]["from"], found
assert found[2]["to"] == found[3]["from"] and found[2]["policy"] != found[3]["policy"], found
assert rows("live")[-1]["open"], rows("live")
own = rows("own")[1:]  # but for that of the sensor's first batch
policies = [o for o in own if o["event"] == "policy"]
assert len(policies) == 4, policies
for policy, text in zip(policies, ("one", "one", "two", "two")):
    listed = policy["log"]["lists"][0]
    assert listed["sha256"] == hashlib.sha256(f"{text}.example\n".encode()).hexdigest(), listed
    assert policy["log"]["interfaces"] == [
        {"name": "lo", "link": "EN10MB", "filter": "tcp port 9"}], policy
    assert policy["log"]["clock"]["error_ms"] >= 0 and len(policy["log"]["config"]) == 64
assert all("policy" in o for o in own if o["event"] != "policy"), own
PY
[ "$(awk '{ print length($0) }' "$work/table" | sort -n | tail -n 1)" -le 80 ] || fail "a wide table"
now=$("$nta" lists line list 1 --config "$work/ntad.conf")
then=$("$nta" lists line list 1 --config "$work/ntad.conf" --at "$first")
[ "$then" = one.example ] && [ "$now" = two.example ] || fail "then: $then, now: $now"
# what is kept may be changed by whoever can write there: that is seen
for file in "$store"/lists/history/*; do
    echo three.example | zstd -q -c > "$file"
done
"$nta" lists line list 1 --config "$work/ntad.conf" 2> "$work/said"
[ $? -eq 1 ] && grep -q "another one" "$work/said" || fail "a changed text: $(cat "$work/said")"
"$nta" verify --config "$work/ntad.conf" > /dev/null 2>&1 || fail "the chain does not hold"
exit "$failures"
