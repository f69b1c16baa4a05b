#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What ntad tells systemd, in which order; what --check finds; which starts are refused, and how;
# which one is not.  On `lo` of a namespace of the test's own.  usage: notify.sh NTA NTAD
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2")
. "$here/lib/check.sh"
. "$here/lib/net.sh"
PATH=$PATH:/usr/sbin:/sbin
ns=nta$$-notify
if [ "$(id -u)" -ne 0 ] || ! command -v ip > /dev/null || ! ip netns add "$ns" 2> /dev/null; then
    echo "skipped: needs root and network namespaces"
    exit 77
fi
work=$(mktemp -d /tmp/nta-notify-XXXXXX)
listener= daemon=

cleanup()
{
    for pid in $daemon $listener; do
        kill "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    ip netns del "$ns"
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
ip -n "$ns" link set lo up

# ---- a fake systemd: each datagram becomes one line of JSON, with the clock it came at ----
cat > "$work/listen.py" <<'PY'
import json, socket, sys, time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(sys.argv[2], "w", buffering=1) as log:
    notify.bind(sys.argv[1])
    while True:
        text = notify.recv(65536).decode()
        fields = dict(line.split("=", 1) for line in text.splitlines())
        print(json.dumps({"at_usec": time.monotonic_ns() // 1000, **fields}), file=log)
PY
python3 "$work/listen.py" "$work/notify" "$work/log" &
listener=$!
net_wait 5 test -S "$work/notify" || fail "the listener did not start"

store=$work/store list=$work/list.txt
mkdir -p "$store"
echo bad.example > "$list"
"$nta" keys init --keys "$store/keys" > /dev/null || fail "nta keys init"

# conf NAME [EXPRESSION...]: a configuration, changed by sed
conf()
{
    name=$work/$1.conf
    shift
    cat > "$name" <<TEXT
capture = { interfaces = [ "lo" ]; workers = 1; filter = "udp"; };
blacklist = { files = ( { path = "$list"; } ); };
store = { directory = "$store"; };
control = { socket = "$work/control"; };
TEXT
    for expression in "$@"; do sed -i -e "$expression" "$name"; done
}

run() { timeout 20 ip netns exec "$ns" "$ntad" --foreground --config "$@"; }

# said N NAME[=VALUE]: the fake systemd was told this N times or more
said()
{
    python3 - "$work/log" "$@" <<'PY'
import json, sys
name, _, value = sys.argv[3].partition("=")
rows = [r for r in map(json.loads, open(sys.argv[1])) if name in r and value in ("", r[name])]
sys.exit(len(rows) < int(sys.argv[2]))
PY
}

# ---- what systemd is told ----
conf good 's/"lo"/"lo: udp or (tcp and not port 22)"/'
NOTIFY_SOCKET=$work/notify ip netns exec "$ns" "$ntad" --foreground --config "$work/good.conf" > \
    "$work/out" 2>&1 &
daemon=$!
net_wait 20 said 1 READY=1 || fail "READY=1 was never sent: $(tail -n 3 "$work/out")"
net_wait 10 said 1 STATUS || fail "no status was ever sent"
kill -HUP $daemon
net_wait 10 said 2 READY=1
mv "$list" "$list.away"
kill -HUP $daemon
net_wait 10 said 3 READY=1
net_wait 10 grep -q "last reload refused" "$work/log"
ok "the status says that a reload was refused" grep -q "last reload refused" "$work/log"
mv "$list.away" "$list"
kill -HUP $daemon
net_wait 10 said 4 READY=1
kill -TERM $daemon
wait $daemon
ok "SIGTERM ends it with 0" [ $? -eq 0 ]
daemon=
net_wait 5 said 1 STOPPING=1
ok "READY, then RELOADING and READY for each reload, then STOPPING" python3 - "$work/log" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
steps = [name for row in rows for name in ("READY", "RELOADING", "STOPPING") if row.get(name) == "1"]
assert steps == ["READY"] + 3 * ["RELOADING", "READY"] + ["STOPPING"], steps
PY
ok "RELOADING comes with the monotonic time of its own moment" python3 - "$work/log" <<'PY'
import json, sys
last = 0
for row in map(json.loads, open(sys.argv[1])):
    if "RELOADING" in row:
        assert last <= int(row["MONOTONIC_USEC"]) <= row["at_usec"], row
        assert row["at_usec"] - int(row["MONOTONIC_USEC"]) < 2_000_000, row
    last = row["at_usec"]
PY
ok "the status is one line: packets, losses, alerts, policy, interface (no filter) and store" python3 - "$work/log" <<'PY'
import json, re, sys
status = [row["STATUS"] for row in map(json.loads, open(sys.argv[1])) if "STATUS" in row]
assert re.fullmatch(r"\d+ packets, 0 lost, \d+ alerts, policy 1; lo up; batch \d+", status[0]), status
PY

# ---- --check ----
conf good
run "$work/good.conf" --check > "$work/check" 2>&1
ok "--check is content with what is right" [ $? -eq 0 ]

# wrong NAME EXPRESSION WORDS...: --check exits with 1 and the line says WRONG and the words
wrong()
{
    what=$1
    conf wrong "$2"
    shift 2
    run "$work/wrong.conf" --check > "$work/check" 2>&1
    status=$?
    ok "--check with $what exits with 1" [ $status -eq 1 ]
    for words in "$@"; do
        ok "--check with $what says: $words" grep -q "WRONG: .*$words" "$work/check"
    done
}

wrong "a missing interface" 's/"lo"/"nosuch0"/' '"nosuch0"'
wrong "a filter of no sense" 's/"udp"/"udp and prot 53"/' "udp and prot 53"
wrong "a missing list" 's/list.txt/nolist.txt/' "nolist.txt" "No such file"
wrong "a processor that is not there" 's/workers = 1/cpus = "1023"/' "no processor 1023"
wrong "a filter right behind the colon" 's/"lo"/"lo:not port 53"/' "no name of an interface"
wrong "missing keys" \
    's,^store.*,store = { directory = "'"$store"'"; keys = "'"$work"'/nokeys"; };,' "$work/nokeys"
conf wrong 's/"lo"/"nosuch0"/' 's/list.txt/nolist.txt/' 's/"udp"/"prot 53"/'
run "$work/wrong.conf" --check > "$work/check" 2>&1
ok "--check goes on behind the first mistake" [ "$(grep -c WRONG "$work/check")" -eq 3 ]

# ---- starts that are refused ----
conf typo 's/workers = 1/wokers = 1/'
run "$work/typo.conf" > "$work/out" 2>&1
ok "an unknown option ends the start with 3" [ $? -eq 3 ]
ok "the sentence names file, line and the nearest option" grep -q "typo.conf:1: .*wokers.*workers" \
    "$work/out"

conf nolist 's/list.txt/nolist.txt/'
NOTIFY_SOCKET=$work/notify run "$work/nolist.conf" > "$work/out" 2>&1
ok "a missing list ends the start with 3" [ $? -eq 3 ]
ok "the sentence names it" grep -q "nolist.txt.*No such file" "$work/out"
ok "systemd is told so too" net_wait 5 grep -q 'STATUS.*nolist.txt.*"ERRNO": "2"' "$work/log"

run "$work/none.conf" > "$work/out" 2>&1
ok "a missing configuration ends the start with 3" [ $? -eq 3 ]
ok "the sentence names it" grep -q "none.conf" "$work/out"

# ---- an interface that is not there is no reason to refuse: it is waited for ----
conf nosuch 's/"lo"/"nosuch0"/'
NOTIFY_SOCKET=$work/notify ip netns exec "$ns" "$ntad" --foreground --config "$work/nosuch.conf" > \
    "$work/out" 2>&1 &
daemon=$!
ok "with an unknown interface it starts" net_wait 20 said 5 READY=1
ok "the sentence names it, lists those there, and says that it waits" grep -q \
    "nosuch0; there are: .*lo.*waited for" "$work/out"
ok "systemd is told so too" net_wait 5 grep -q \
    'STATUS": "BAD: .*nothing is seen of an interface: nosuch0 is lost' "$work/log"
kill -TERM $daemon
wait $daemon
ok "SIGTERM ends that, too, with 0" [ $? -eq 0 ]
daemon=
conclude
