#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What is wrong is said at once: by `nta status`, its exit
# status, systemd's line, JSON, Prometheus, and once in the log. Real file systems that are full, a
# real interface that is set down, in namespaces of the test's own. usage: health.sh NTA NTAD FREEZE
# STEP      as root; 77 if this machine cannot
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2") freeze=$(realpath "$3") step=$(realpath "$4")
. "$here/lib/check.sh"
. "$here/lib/net.sh"
PATH=$PATH:/usr/sbin:/sbin
ns=nta$$-health-a peer=nta$$-health-b
if [ "$(id -u)" -ne 0 ] || ! command -v ip unshare python3 > /dev/null ||
    ! ip netns add "$ns" 2> /dev/null; then
    echo "skipped: needs root, network namespaces, unshare, python3"
    exit 77
fi
ip netns add "$peer"
work=$(mktemp -d /tmp/nta-health-XXXXXX)
daemon= others=

cleanup()
{
    for pid in $daemon $others; do
        kill -9 "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    ip netns del "$ns"
    ip netns del "$peer"
    umount "$work/tiny" "$work/small" 2> /dev/null
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT

mkdir "$work/tiny" "$work/small"
mount -t tmpfs -o size=2m tmpfs "$work/tiny" && mount -t tmpfs -o size=32m tmpfs "$work/small" ||
    { echo "skipped: no tmpfs can be mounted here"; exit 77; }
ip -n "$ns" link add h0 type veth peer name h1 netns "$peer"
ip -n "$ns" addr add 10.88.0.1/24 dev h0
ip -n "$peer" addr add 10.88.0.2/24 dev h1
for pair in "$ns lo" "$ns h0" "$peer lo" "$peer h1"; do ip -n ${pair% *} link set ${pair#* } up; \
    done
for pair in "$ns h0" "$peer h1"; do
    ip netns exec ${pair% *} ethtool -K ${pair#* } tx off > /dev/null 2>&1
done

store=$work/small/store conf=$work/ntad.conf list=$work/list.txt json=$work/tiny/alerts.json
mkdir -p "$store"
echo bad.example > "$list"
"$nta" keys init --keys "$work/keys" --state "$store/state" > /dev/null || fail "nta keys init"
rm "$work/keys/sensor.key" # as it should be: else it is a cause
cat > "$conf" <<TEXT
capture = { interfaces = [ "h0" ]; workers = 1; blocks = 4; buffer = "1M"; };
network = { home = [ "10.88.0.1/32" ]; };
flow = { table = 1024; };
blacklist = { files = ( "$list" ); shared = ""; canary = "1s"; canary_wait = "5s"; canary_restart = true; };
store = { directory = "$store"; keys = "$work/keys"; free = 0.0; }; # no bound: writes fail
alert = { json = "$json"; window = "0s"; };
control = { socket = "$work/control"; };
TEXT

# ---- a fake systemd: each datagram becomes one line of JSON ----
cat > "$work/listen.py" <<'PY'
import json, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(sys.argv[2], "w", buffering=1) as log:
    notify.bind(sys.argv[1])
    while True:
        print(json.dumps(notify.recv(65536).decode("utf-8", "backslashreplace")), file=log)
PY
python3 "$work/listen.py" "$work/notify" "$work/told" &
others=$!
net_wait 5 test -S "$work/notify" || fail "the listener did not start"

start() # [NAME=VALUE...]
{
    NOTIFY_SOCKET=$work/notify ip netns exec "$ns" env "$@" "$ntad" --config "$conf" --foreground \
        >> "$work/out" 2>> "$work/err" &
    daemon=$!
    net_wait 20 sh -c "'$nta' status --socket '$work/control' | grep -q ^running"
}

stop()
{
    kill -TERM "$daemon"
    wait "$daemon"
    daemon=
}

ask() # NAME [COUNT]: DNS questions, each a flow of its own
{
    ip netns exec "$ns" python3 - "$1" "${2:-1}" <<'PY'
import socket, struct, sys
name = b"".join(bytes([len(l)]) + l for l in sys.argv[1].encode().split(b".")) + b"\0"
for i in range(int(sys.argv[2])):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(struct.pack(">6H", i & 0xffff, 0x100, 1, 0, 0, 0) + name + struct.pack(">2H", 1, 1), ("10.88.0.2", 53))
PY
}

status() { "$nta" status --socket "$work/control" "$@"; }
healthy() { status > /dev/null; }
says() { status | grep -q "$1"; }
gauge() { status --prometheus | grep -qx "nta_cause{name=\"$1\"} $2"; }
told() { tail -n 3 "$work/told" | grep -q "$1"; }
times() { [ "$(grep -c -- "$1" "$work/err")" -eq "$2" ]; }

# bad NAME WORDS: all that show it do, of one moment
bad()
{
    ok "$1: nta status says: $2" net_wait 20 says \
        "^state      BAD: .*$2.*, since 20[0-9-]*T[0-9:]*Z\$"
    status > "$work/status"
    ok "$1: its exit status is 1" [ $? -eq 1 ]
    ok "$1: the first line is BAD" sh -c "head -n 1 '$work/status' | grep -q '^state      BAD: '"
    ok "$1: Prometheus has the cause" gauge "$1" 1
    ok "$1: and is not healthy" sh -c \
        "'$nta' status --prometheus --socket '$work/control' | grep -qx 'nta_healthy 0'"
    ok "$1: JSON has it with since when" sh -c \
        "'$nta' status --json --socket '$work/control' | python3 -c '
import json, sys
s = json.load(sys.stdin)
c = {c[\"name\"]: c for c in s[\"causes\"]}[sys.argv[1]]
assert s[\"state\"] == \"bad\" and c[\"level\"] == \"bad\", s
assert c[\"since\"][:2] == \"20\" and s[\"reasons\"], s
' $1"
    ok "$1: systemd's status line says it" net_wait 5 told "STATUS=BAD: .*$2"
}

# good NAME: it is over
good()
{
    ok "$1: it is well again" net_wait 90 gauge "$1" 0
}

start || fail "ntad did not start: $(tail -n 3 "$work/err")"
ok "all is well at first" net_wait 10 healthy
ok "the first line says so" sh -c \
    "'$nta' status --socket '$work/control' | head -n 1 | grep -qx 'state      good'"
ok "Prometheus' page can be parsed, and has each cause" sh -c \
    "'$nta' status --prometheus --socket '$work/control' | python3 '$here/prometheus.py'"
ok "the canary is found" net_wait 10 says "^canary     found, last"

# ---- interface ----
ip -n "$ns" link set h0 down
bad interface "nothing is seen of an interface: h0 is down"
ip -n "$ns" link set h0 up
good interface
ok "interface: the log said each once" sh -c \
    "sleep 1.2; [ \$(grep -c 'nothing is seen of an interface: h0 is down' '$work/err') = 1 ] &&
    [ \$(grep -Ec 'again well, after [0-9]+ s: no more \"nothing is seen of an interface\"' '$work/err') = 1 ]"
ip -n "$peer" link set h1 down
ok "no carrier is a warning" net_wait 10 says "^warning    an interface has no carrier: h0, since"
ok "and the state is good" healthy
ok "Prometheus has it, too" gauge carrier 1
ip -n "$peer" link set h1 up
good carrier
ip -n "$ns" link set h0 down
ip -n "$ns" link set h0 name hx
bad interface "h0 is lost"
ip -n "$ns" link set hx name h0
ip -n "$ns" link set h0 up
good interface

# ---- reload ----
mv "$list" "$list.away"
kill -HUP "$daemon"
bad reload "last reload refused: policy 1 stays: .*list.txt"
mv "$list.away" "$list"
kill -HUP "$daemon"
good reload
ok "reload: the log said it once" times "^last reload refused" 1

# ---- a disk nearly full, of alerts ----
head -c 2050000 /dev/zero > "$work/tiny/fill"
bad disk "a disk is nearly full: $work/tiny has less than [0-9]* KiB left"
rm "$work/tiny/fill"
good disk
i=0
inodes=$(df --output=iavail "$work/tiny" | tail -n 1)
mkdir "$work/tiny/many"
python3 - "$work/tiny/many" "$inodes" <<'PY'
import os, sys
for i in range(int(sys.argv[2])):
    try:
        os.symlink("x", "%s/%d" % (sys.argv[1], i))
    except OSError:
        break
PY
bad disk "$work/tiny has less than [0-9]* \(inodes\|KiB\) left"
rm -rf "$work/tiny/many"
good disk

# ---- alerts that cannot be written ----
ask ok.bad.example
ok "an alert is written" net_wait 10 grep -q ok.bad.example "$json"
head -c 9000000 /dev/zero > "$work/tiny/fill" 2> /dev/null
for i in 1 2 3 4 5 6 7 8; do ask g$i.bad.example; done
bad alerts_unwritten "alerts could not be written"
rm "$work/tiny/fill"
ask later.bad.example
ok "later ones are written" net_wait 10 grep -q later.bad.example "$json"

# ---- flows that are given up, and packets that are lost ----
good alerts_unwritten
ask many.example 4000
bad lost_flows "flows are given up before their end: [0-9]* flows (flow.evicted) in the last minute"
ok "lost_flows: the log said it once" times "flows are given up" 1

# ---- a store that cannot be written: alerts go on, nothing is restarted ----
head -c 64000000 /dev/zero > "$work/small/fill" 2> /dev/null
ask h1.bad.example
bad store "records cannot be stored"
bad disk "$store has less than"
sleep 8 # two rounds of the canary
ok "the watchdog is not triggered" sh -c "! grep -q WATCHDOG '$work/told'"
ok "the service runs" kill -0 "$daemon"
ok "store: the log said it once" times "^records cannot be stored" 1
rm "$work/small/fill"
good store
ok "store: and once that it is over" net_wait 5 times \
    'again well, .* no more "records cannot be stored"' 1

# ---- a canary that is missed since the interface is lost is explained: nothing is restarted ----
ip -n "$ns" link set h0 down
ip -n "$ns" link set h0 name hx
bad canary \
    "does not find what it should: no canary from worker 1 .*(no wonder: nothing is seen of an interface)"
sleep 6
ok "an explained canary triggers no watchdog" sh -c "! grep -q WATCHDOG '$work/told'"
ip -n "$ns" link set hx name h0
ip -n "$ns" link set h0 up
good interface
good canary
ok "the log says that the canary is found again" grep -Eq \
    "the canary is found again, after [0-9]+ (s|min)" "$work/err"

# ---- status asked for a hundred times a second, while causes come and go ----
( for i in $(seq 12); do
    ip -n "$ns" link set h0 down; sleep 0.3
    ip -n "$ns" link set h0 up; sleep 0.3
done ) &
ok "each answer agrees with itself while causes flip" python3 - "$work/control" <<'PY'
import json, socket, sys, time
end, n, seen = time.time() + 7, 0, set()
while time.time() < end:
    for form in ("text", "json", "prometheus"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(sys.argv[1])
            s.sendall(b"status " + form.encode() + b"\n")
            s.shutdown(socket.SHUT_WR)
            data = b""
            while chunk := s.recv(65536):
                data += chunk
        head, _, body = data.partition(b"\n")
        word, length = head.split()
        assert len(body) == int(length), head
        good = {"text": lambda: body.startswith(b"state      good\n"),
                "json": lambda: json.loads(body)["state"] == "good",
                "prometheus": lambda: b"\nnta_healthy 1\n" in body}[form]()
        assert good == (word == b"good"), (head, body[:200])
        assert good or word == b"bad"
        n += 1
    time.sleep(0.02)
assert n > 300, n
PY
wait $!

# ---- a worker that hangs: nothing explains it, so the watchdog is triggered, and what is not taken
# is lost ----
good lost_flows
"$freeze" "$daemon" nta-worker > "$work/freeze" 2>&1 &
others="$others $!"
if net_wait 5 grep -q frozen "$work/freeze"; then
    for i in 1 2 3; do ask lost.example 4000; done
    bad canary "no canary from worker 1"
    ok "a canary that nothing explains triggers the watchdog" net_wait 10 grep -q \
        "WATCHDOG=trigger" "$work/told"
    bad lost_packets "packets are lost: [0-9]* packets (capture.drop"
else
    echo "skipped: no ptrace here: $(cat "$work/freeze")"
fi
kill -9 ${others##* } "$daemon" 2> /dev/null
wait ${others##* } "$daemon" 2> /dev/null
daemon=

# ---- a clock that is stepped: of this one program ----
echo 0 > "$work/step"
start LD_PRELOAD="$step" NTA_TEST_STEP="$work/step" || fail "ntad did not start again"
ok "a clock that runs is well" gauge clock 0
echo -7200 > "$work/step"
bad clock "the clock was stepped: from 20[0-9T:-]*Z to 20[0-9T:-]*Z, \(7199\|7200\|7201\) s back"
stop

# ---- syslog: structured data; a long URL is shortened, all else stays ----
mkdir "$work/dev"
for node in null urandom random shm; do
    if [ -d /dev/$node ]; then mkdir "$work/dev/$node"; else : > "$work/dev/$node"; fi
done
cat > "$work/syslog.py" <<'PY'
import json, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, open(sys.argv[2], "w", buffering=1) as log:
    s.bind(sys.argv[1])
    while True:
        print(json.dumps(s.recv(70000).decode("latin-1")), file=log)
PY
python3 "$work/syslog.py" "$work/dev/log" "$work/syslog" &
others="$others $!"
net_wait 5 test -S "$work/dev/log"
sed -i 's/window = "0s";/window = "0s"; syslog = true;/' "$conf"
start_with_syslog()
{
    ip netns exec "$ns" unshare -m sh -c \
        'for n in null urandom random shm; do mount --bind /dev/$n "$1/dev/$n"; done
        mount --rbind "$1/dev" /dev && exec "$2" --config "$3"' sh "$work" "$ntad" "$conf" \
        > /dev/null 2>> "$work/err" &
    daemon=$!
    net_wait 20 says ^running || fail "ntad did not start with a syslog of its own: $(tail -n 3 \
        "$work/err")"
}
start_with_syslog
ip netns exec "$peer" python3 -c '
import socket
with socket.create_server(("10.88.0.2", 80)) as server:
    while True:
        c, _ = server.accept()
        c.recv(65536)
        c.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        c.close()' &
others="$others $!"
cat > "$work/get.py" <<'PY'
import socket
for path in (b"%C3%BC" * 400, "\u00fc\u20ac".encode() * 480, b"\xff\x01" * 1200, b"x" * 800):
    with socket.create_connection(("10.88.0.2", 80)) as s:
        s.sendall(b"GET /" + path + b" HTTP/1.1\r\nHost: s1.bad.example\r\n\r\n")
        s.recv(100)
PY
net_wait 10 ip netns exec "$ns" python3 "$work/get.py"
net_wait 10 sh -c "[ \$(grep -c 'visited s1.bad.example' '$work/syslog') -ge 4 ]"
ok "each message is one of RFC 5424, with fields, and has list, entry and address" python3 - \
    "$work/syslog" <<'PY'
import json, re, sys
HEAD = re.compile(r"<(\d{1,3})>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z [!-~]{1,255} ntad (\d+) "
                  r"([!-~]{1,32}) (-|(?:\[.*?[^\\](?:\\\\)*\])) (?:\xef\xbb\xbf)?(.*)", re.S)
PARAM = re.compile(r' ([!#-<>-\\^-~]{1,32})="((?:[^"\\\]]|\\["\\\]])*)"')
lines = [json.loads(l) for l in open(sys.argv[1])]
heads = [HEAD.fullmatch(l) for l in lines]
assert all(heads), [l for l, h in zip(lines, heads) if not h]  # what ntad says of itself, too
alerts = [h for h in heads if "visited s1.bad.example" in h[5]]
assert len(alerts) >= 4, len(alerts)
for alert in alerts:
    assert len(alert[0]) <= 2048, len(alert[0])
    assert alert[3] == "alert" and int(alert[1]) == 28, alert[0]
    assert alert[4].startswith("[nta@32473 "), alert[4]
    assert PARAM.sub("", alert[4]) == "[nta@32473]", alert[4]
    fields = dict(PARAM.findall(alert[4]))
    assert fields["NTA_LIST"] == "list" and fields["NTA_ENTRY"] == "bad.example", fields
    assert fields["NTA_PEER_IP"] == "10.88.0.2" and fields["NTA_SITE"] == "s1.bad.example", fields
    assert '[list list:1 "bad.example"] at 10.88.0.2:80 by ' in alert[5], alert[5]
    text = re.search(r"\(GET (.*)\) \[list", alert[5])[1].encode("latin-1").decode()
    if text.endswith("..."):  # no character is cut
        text = text[:-3]
    assert not re.search(r"\\(x[0-9a-f]?)?$", text.replace("\\\\", "")), text[-20:]
PY
stop

# ---- and for receivers that know the older form only ----
sed -i 's/syslog = true;/syslog = true; syslog_form = "rfc3164";/' "$conf"
before=$(wc -l < "$work/syslog")
start_with_syslog
net_wait 10 ip netns exec "$ns" python3 "$work/get.py"
net_wait 10 sh -c \
    "[ \$(tail -n +$((before + 1)) '$work/syslog' | grep -c 'visited s1.bad.example') -ge 4 ]"
tail -n "+$((before + 1))" "$work/syslog" > "$work/syslog.old"
ok "each line has list, entry and address, and at most 1,024 bytes in all" python3 - \
    "$work/syslog.old" <<'PY'
import json, re, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
assert all(re.match(r"<\d+>[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d ntad", l) for l in lines), lines
lines = [l for l in lines if "visited s1.bad.example" in l]
assert len(lines) >= 4, len(lines)
for line in lines:
    assert len(line) <= 1024, len(line)
    assert '[list list:1 "bad.example"] at 10.88.0.2:80 by ' in line, line
PY
stop
conclude
