#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lists as a running ntad sees them: packed ones, reloads by
# signal and by inotify, broken ones refused, what a start makes of them, and the canary, also when
# the path it goes is broken.  On `lo` of a namespace of the test's own.  usage: lists.sh NTA NTAD
# FREEZE      as root; 77 if this machine cannot
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2") freeze=$(realpath "$3")
. "$here/lib/check.sh"
. "$here/lib/net.sh"
PATH=$PATH:/usr/sbin:/sbin
ns=nta$$-lists
if [ "$(id -u)" -ne 0 ] || ! command -v ip zstd gzip python3 > /dev/null ||
    ! ip netns add "$ns" 2> /dev/null; then
    echo "skipped: needs root, network namespaces, gzip, zstd, python3"
    exit 77
fi
work=$(mktemp -d /tmp/nta-lists-XXXXXX)
daemon= frozen=

cleanup()
{
    for pid in $frozen $daemon; do
        kill -9 "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    ip netns del "$ns"
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
ip -n "$ns" link set lo up

store=$work/store conf=$work/ntad.conf lists=$work/lists
mkdir -p "$store" "$lists" "$work/shared.d"
"$nta" keys init --keys "$store/keys" > /dev/null || fail "nta keys init"
printf 'one.example\nshared by packets\n' > "$lists/one.txt"
sed -i 2d "$lists/one.txt"
printf 'zipped.example\n' | gzip > "$lists/two.txt.gz"
seq -f 'many-%.0f.example' 1000 | zstd -q > "$lists/many.zst"
printf '# source: this test\n192.0.2.0/24\n' > "$work/shared.d/test-cdn.txt"
cat > "$conf" <<TEXT
capture = { interfaces = [ "lo" ]; workers = 2; };
network = { home = [ "127.0.0.0/8" ]; };
blacklist = { files = ( { path = "$lists/one.txt"; severity = "high"; category = "test"; },
                        "$lists/two.txt.gz", { path = "$lists/many.zst"; name = "many"; } );
              shared = "$work/shared.d"; watch = true; settle = "500ms"; canary = "2s"; canary_wait = "6s"; };
store = { directory = "$store"; };
alert = { json = "$work/alerts.json"; window = "0s"; };
control = { socket = "$work/control"; };
TEXT

start()
{
    ip netns exec "$ns" "$ntad" --config "$conf" --foreground >> "$work/out" 2>> "$work/err" &
    daemon=$!
    net_wait 20 sh -c "'$nta' status --socket '$work/control' | grep -q ^running"
}

stop()
{
    kill -TERM "$daemon"
    wait "$daemon"
    daemon=
}

# ask NAME: a DNS question over lo, as a client would send it
ask()
{
    ip netns exec "$ns" python3 - "$1" <<'PY'
import socket, struct, sys
name = b"".join(bytes([len(l)]) + l for l in sys.argv[1].encode().split(b".")) + b"\0"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    s.sendto(struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1), ("127.0.0.1", 53))
PY
}

alerted() { grep -q "\"event\":\"alert\".*\"site\":\"$1\".*$2" "$work/alerts.json" 2> /dev/null; }
status() { "$nta" status --socket "$work/control" "$@"; }
generation() { status --json | python3 -c \
    'import json,sys; print(json.load(sys.stdin)["policy"]["generation"])'; }
in_force() { [ "$(generation)" -ge "$1" ]; }
healthy() { status > /dev/null; }

start || fail "ntad did not start: $(tail -n 3 "$work/err")"

# --- packed lists, severity
ask one.example; ask x.zipped.example; ask many-777.example
ok "a listed name alerts with the severity of its list" net_wait 5 alerted one.example \
    '"severity":"high"'
ok "an entry of a gzip list alerts with its line" net_wait 5 alerted x.zipped.example \
    '"list":"two".*"line":1'
ok "an entry of a zstd list alerts with its line" net_wait 5 alerted many-777.example \
    '"list":"many".*"line":777'

# --- the canary
ok "the canary is found" net_wait 10 sh -c \
    "'$nta' status --socket '$work/control' | grep -q '^canary     found, last'"
ok "the status is good and its exit status 0" healthy
ok "Prometheus hears of it" sh -c \
    "'$nta' status --prometheus --socket '$work/control' | grep -q '^nta_canary_found 1'"
ok "it is no alert" sh -c "! grep -q canary '$work/alerts.json'"

# --- a worker that hangs: found out, and found again
"$freeze" "$daemon" nta-worker > "$work/freeze" 2>&1 &
frozen=$!
if net_wait 5 grep -q frozen "$work/freeze"; then
    ok "a worker that hangs turns the status bad" net_wait 40 sh -c \
        "'$nta' status --socket '$work/control' | grep -q 'state      BAD: does not find what it should: no canary from worker'"
    status > /dev/null
    ok "the exit status says so" [ $? -eq 1 ]
    ok "and the log" grep -q "does not find what it should: no canary from worker" "$work/err"
    ok "and Prometheus" sh -c \
        "'$nta' status --prometheus --socket '$work/control' | grep -q '^nta_healthy 0'"
    kill "$frozen"
    wait "$frozen" 2> /dev/null
    frozen=
    ok "it turns good when the worker goes on" net_wait 40 healthy
    ok "and the log says that too" grep -q "the canary is found again" "$work/err"
else
    echo "skipped: no ptrace here: $(cat "$work/freeze")"
    frozen=
fi

# --- a store that takes nothing
python3 - "$store/journal.db" "$work/locked" <<'PY' &
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
time.sleep(600)
PY
frozen=$!
net_wait 30 test -e "$work/locked"
ok "a store that takes nothing turns the status bad" net_wait 60 sh -c \
    "'$nta' status --socket '$work/control' | grep -q 'state      BAD: records cannot be stored: '"
ok "but what it should find is found: the canary does not wait for the store" sh -c \
    "! '$nta' status --socket '$work/control' | grep -q 'no canary from'"
kill -9 "$frozen"
wait "$frozen" 2> /dev/null
frozen=
ok "it turns good when the store does" net_wait 60 healthy

# --- reload by signal, by inotify
before=$(generation)
echo hup.example >> "$lists/one.txt.new"
cat "$lists/one.txt" >> "$lists/one.txt.new"
mv "$lists/one.txt.new" "$lists/one.txt"
ok "a list renamed into place is taken over by itself" net_wait 20 in_force $((before + 1))
ask hup.example
ok "its new entry alerts" net_wait 5 alerted hup.example '"line":1'
before=$(generation)
for i in 1 2 3 4 5 6; do echo "drip-$i.example" >> "$lists/one.txt"; sleep 0.2; done
ok "one that is written to is taken over when it has settled" net_wait 20 in_force $((before + 1))
sleep 2
ok "once, not each time" [ "$(generation)" -le $((before + 2)) ]
before=$(generation)
kill -HUP "$daemon"
ok "SIGHUP reloads" net_wait 20 in_force $((before + 1))
ok "lists that have not changed are taken as they were compiled" grep -q \
    "taken as they were compiled" "$work/err"
echo 198.51.100.0/24 >> "$work/shared.d/test-cdn.txt"
ok "shared ranges are watched, too" net_wait 20 in_force $((before + 2))

# --- broken ones: the old ones stay
before=$(generation)
head -c 200 "$lists/many.zst" > "$lists/new" && mv "$lists/new" "$lists/many.zst"
ok "a packed list that is cut off is refused" net_wait 20 grep -q \
    "reload refused.*many.zst: cut off" "$work/err"
ok "the status says which" sh -c \
    "'$nta' status --socket '$work/control' | grep -q 'BAD: last reload refused.*many.zst'"
seq -f 'many-%.0f.example' 400 | zstd -q > "$lists/new" && mv "$lists/new" "$lists/many.zst"
ok "a list that shrank is refused, with counts and hashes" net_wait 20 grep -Eq \
    "reload refused.*many.zst: shrank from 1000 to 400 entries.*sha256 before [0-9a-f]{64}, now [0-9a-f]{64}" "$work/err"
ok "the old policy stays" [ "$(generation)" = "$before" ]
ask many-999.example
ok "and its entries alert" net_wait 5 alerted many-999.example '"line":999'
stop

# --- a start with the same broken list: its kept copy is in force
start || fail "ntad did not start with a kept list: $(tail -n 3 "$work/err")"
ok "a start takes the kept copy and says so" grep -q \
    "refused: .*many.zst: shrank.*(1000 entries) is in force" "$work/err"
status > /dev/null
ok "the status is bad until it is mended" [ $? -eq 1 ]
ask many-998.example
ok "entries of the copy alert" net_wait 5 alerted many-998.example '"list":"many"'
sed -i 's/watch = true;/watch = true; shrink_limit = 1.0;/' "$conf"
kill -HUP "$daemon"
ok "with a larger limit the reload is accepted, and all is well" net_wait 30 healthy
stop

# --- a feed that died
touch -d '3 days ago' "$lists/two.txt.gz"
sleep 0.5 # a file changed a moment ago is not compiled
sed -i 's/watch = true;/watch = true; max_age = "2d";/' "$conf"
start || fail "ntad did not start: $(tail -n 3 "$work/err")"
ok "a list that is too old turns the status bad" sh -c \
    "'$nta' status --socket '$work/control' | grep -q 'BAD: a list is too old (blacklist.max_age): two has not changed since 20[0-9-]*, since'"
ok "Prometheus has each list's age and entries" sh -c \
    "'$nta' status --prometheus --socket '$work/control' |
    grep -q 'nta_list_age_seconds{list=\"two\"} 2[0-9]*' && '$nta' status --prometheus --socket '$work/control' |
    grep -q 'nta_list_entries{list=\"many\"} 400'"
stop

# --- a start with lists that have not changed since
: > "$work/err"
start || fail "ntad did not start: $(tail -n 3 "$work/err")"
ok "a start takes them as they were compiled" grep -q "taken as they were compiled" "$work/err"
ask x.many-7.example
ok "their entries alert with list and line" net_wait 5 alerted x.many-7.example \
    '"list":"many".*"line":7'
ok "the canary that they bring is found" net_wait 10 sh -c \
    "'$nta' status --socket '$work/control' | grep -q '^canary     found, last'"
stop

# --- records: canaries are stored as such, and the chain holds
"$nta" records --config "$conf" --json > "$work/visits.json" 2> "$work/records.err"
ok "nobody is shown canaries who does not ask for them" sh -c "! grep -q canary '$work/visits.json'"
"$nta" records --config "$conf" --json --event canary > "$work/canaries.json" 2>> \
    "$work/records.err"
cat "$work/visits.json" "$work/canaries.json" > "$work/records.json"
ok "canaries are records of their own" grep -q '"event":"canary"' "$work/records.json"
ok "none of them is an alert, a lookup or a flow" sh -c \
    "! grep canary.nta.invalid '$work/records.json' | grep -qv '\"event\":\"canary\"'"
ok "by DNS and by TLS" sh -c \
    "grep -q '\"app\":\"dns\".*\"site\":\"d-0-' '$work/records.json' && grep -q '\"app\":\"tls\".*\"site\":\"t-0-' '$work/records.json'"
"$nta" verify --config "$conf" --quick > "$work/verify.txt" 2>&1
ok "the chain holds" [ $? -eq 0 ]
conclude
