#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The whole service against real clients and servers: curl and
# dig, nginx and dnsmasq, ntad on the veth, MariaDB behind it.  usage: live.sh NTA NTAD      as
# root; 77 if this machine cannot
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$1 ntad=$2
. "$here/lib/net.sh"
. "$here/lib/mariadb.sh"
. "$here/lib/check.sh"
net_found || { echo "skipped: needs root, ip, nginx, dnsmasq, dig, curl, openssl"; exit 77; }
mariadb_found || { echo "skipped: needs mariadb-server"; exit 77; }

work=$(mktemp -d /tmp/nta-live-XXXXXX)
daemon_pid=
cleanup()
{
    [ -n "$daemon_pid" ] && kill -9 "$daemon_pid" 2> /dev/null
    mariadb_stop
    net_down
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT

store=$work/store conf=$work/ntad.conf
mkdir -p "$store"
list=$work/forbidden.txt
echo "bad.example" > "$list"
echo "secret.example" >> "$list"
cat > "$conf" <<TEXT
capture = { interfaces = [ "lan0" ]; workers = 2; };
network = { home = [ "10.9.0.0/24", "fd00:9::/64" ]; sites = "$here/../data/demo/sites.conf"; };
blacklist = { files = ( { path = "$list"; category = "test"; } ); };
geo = { databases = [ "$here/../data/demo/city.mmdb", "$here/../data/demo/asn.mmdb" ]; };
flow = { tcp_idle = "10s"; udp_idle = "5s"; };
store = { directory = "$store"; };
alert = { json = "$work/alerts.json"; window = "0s"; };
control = { socket = "$work/control"; };
mysql = { hosts = "$work/db/mariadb.sock"; user = "root"; database = "nta"; };
TEXT

start_daemon()
{
    # journald's stand-in for READY: a socket that systemd would listen on
    ip netns exec $NET_SENSOR "$ntad" --config "$conf" --foreground >> "$work/ntad.out" 2>> \
        "$work/ntad.err" &
    daemon_pid=$!
    net_wait 20 "$nta" status --socket "$work/control"
}

# alerts MATCH...: lines of the JSON alert file that hold all words
alert_with()
{
    python3 - "$work/alerts.json" "$@" <<'PY'
import json, sys
want = dict(w.split("=", 1) for w in sys.argv[2:])
def get(record, path):
    for name in path.split("."):
        record = record.get(name, "") if isinstance(record, dict) else ""
    return str(record)
try:
    rows = [json.loads(l) for l in open(sys.argv[1])]
except FileNotFoundError:
    sys.exit(1)
sys.exit(0 if any(all(get(r, k) == v for k, v in want.items()) for r in rows) else 1)
PY
}

# record_with FIELD=VALUE...: prints one field of the first record that has all (FIELD? prints)
records() { "$nta" records --config "$conf" --json "$@"; }
field() { python3 -c '
import json, sys
want = dict(w.split("=", 1) for w in sys.argv[2:])
def get(r, p):
    for n in p.split("."):
        r = r.get(n, "") if isinstance(r, dict) else ""
    return str(r)
hits = [r for r in map(json.loads, sys.stdin) if all(get(r, k) == v for k, v in want.items())]
print(max((get(r, sys.argv[1]) for r in hits), key=lambda v: (len(v), v), default=""))' "$@"; }

net_up "$work/net" && net_servers || fail "the test network did not come up"
mariadb_start "$work/db" || fail "MariaDB did not start"
mariadb_sql "CREATE DATABASE nta" > /dev/null
"$nta" keys init --keys "$store/keys" > "$work/keys.txt" || fail "keys init"
sensor_key=$(awk '/^sensor/ { print $2 }' "$work/keys.txt")

ip netns exec $NET_SENSOR "$ntad" --config "$conf" --check > "$work/check.txt" 2>&1
ok "ntad --check is content with a good configuration" [ $? -eq 0 ]
start_daemon || fail "ntad did not start: $(tail -n 3 "$work/ntad.err")"

# --- a forbidden download in clear: alert at once, record with URL, bytes, place
size=$(in_client curl -s -o /dev/null -w '%{size_download}' http://files.bad.example/tool.exe)
ok "the alert of a request names URL, user, list, line and country" net_wait 5 alert_with \
    event=alert \
    site=files.bad.example user.ip=10.9.0.5 user.mac=02:00:00:00:00:05 match.line=1 \
    match.entry=bad.example \
    url=http://files.bad.example/tool.exe peer.geo.country_code=IS user.place="Leuven office"

# --- the same over TLS 1.3: server name
tls_size=$(in_client curl -sk -o /dev/null -w '%{size_download}' https://secret.example/film.mkv)
ok "the alert of a TLS connection names its server name" net_wait 5 alert_with event=alert \
    site=secret.example \
    app=tls basis=sni peer.geo.country_code=SG match.line=2
in_client curl -s -o /dev/null http://good.example/
sleep 3
ok "an allowed site raises no alert" sh -c "! grep -q good.example '$work/alerts.json'"
net_wait 25 sh -c \
    "'$nta' records --config '$conf' --json --site secret.example | grep -q '\"event\":\"flow\"'"
got=$(records --site files.bad.example | field file.bytes event=request status=200)
ok "the request's record has the bytes curl says ($got of $size)" within_percent "$got" "$size" 1
got=$(records --site secret.example | field down.bytes event=flow app=tls)
ok "the TLS record has the bytes curl says within 1 % ($got of $tls_size)" within_percent "$got" \
    "$tls_size" 1
ok "the record says what was found and that DNS agrees" [ "$(records --site secret.example |
    field agrees event=flow app=tls)" = "['dns']" ]
ok "the request is called a download" [ "$(records --site files.bad.example |
    field download event=request)" = True ]
ok "the lookup is recorded with its answer" sh -c \
    "'$nta' records --config '$conf' --json --site secret.example |
    grep '\"event\":\"lookup\"' | grep -q 203.0.113.9"

# --- a tunnel to a forbidden host: told by its outer connection, and what goes through it by itself
tunnel() { ip -n "$1" link add vx0 type vxlan id 7 local "$2" remote "$3" dstport 4789 &&
    ip -n "$1" addr add "$4" dev vx0 && ip -n "$1" link set vx0 mtu 1400 up; }
if tunnel $NET_CLIENT 10.9.0.5 198.51.100.7 10.77.0.5/24 &&
    tunnel $NET_SERVER 198.51.100.7 10.9.0.5 10.77.0.80/24; then
    through=$(in_client curl -s -o /dev/null -w '%{size_download}' http://10.77.0.80/film.mkv)
    ok "a tunnel to a forbidden host alerts by its outer connection" net_wait 5 alert_with \
        event=alert app=vxlan \
        carrier=True user.ip=10.9.0.5 user.mac=02:00:00:00:00:05 peer.port=4789 \
        site=files.bad.example basis=dns
    net_wait 25 sh -c \
        "'$nta' records --config '$conf' --json --app vxlan --event flow | grep -q carrier"
    got=$(records --user 10.77.0.5 | field file.bytes event=request status=200)
    ok "what went through it is recorded by itself ($got of $through)" within_percent "$got" \
        "$through" 1
    outer=$("$nta" stats --config "$conf" --by app --app vxlan --json --event flow |
        python3 -c 'import json, sys
print(sum(json.loads(l)["down"] for l in sys.stdin))')
    ok "and its outer side holds all of that ($outer)" [ "$outer" -gt "$through" ]
else
    echo "no VXLAN on this machine: not tried"
fi

# --- MySQL has it, sealed
rows=$(mariadb_sql "SELECT COUNT(*) FROM nta.head")
ok "batches arrived in MySQL ($rows)" [ "${rows:-0}" -gt 0 ]
mariadb-dump --no-defaults --socket="$MARIADB_SOCKET" --user=root --skip-hex-blob nta > \
    "$work/dump.sql" 2> /dev/null
ok "the dump has something in it" [ "$(wc -c < "$work/dump.sql")" -gt 1000 ]
ok "no SELECT can read a name, an address or a URL in it" sh -c \
    "! grep -aq -e bad.example -e secret.example -e tool.exe -e 10.9.0.5 '$work/dump.sql'"

# --- SIGHUP with a new entry while traffic flows: nothing lost, the next visit alerts
in_client sh -c 'for i in $(seq 60); do curl -s -o /dev/null http://good.example/; done' &
traffic=$!
sleep 0.3
echo "later.example" >> "$list"
kill -HUP "$daemon_pid"
wait $traffic
net_wait 10 sh -c "'$nta' status --json --socket '$work/control' | grep -q '\"generation\":2'"
ok "the new policy is in force" [ $? -eq 0 ]
in_client curl -s -o /dev/null http://later.example/
ok "the next visit to a new entry alerts" net_wait 5 alert_with event=alert site=later.example \
    match.line=3
dropped=$("$nta" status --json --socket "$work/control" | python3 -c '
import json, sys
c = json.load(sys.stdin)["counters"]
print(c["capture.drop.kernel"] + c["capture.drop.interface"] + c["capture.drop.ring"] + c["record.drop"])')
ok "nothing was dropped by the reload ($dropped)" [ "$dropped" = 0 ]

# --- a broken list: the old policy stays, and the log says why
cp "$list" "$work/good.txt"
head -c 3000 /dev/urandom > "$list"
kill -HUP "$daemon_pid"
net_wait 10 grep -q "reload refused" "$work/ntad.err"
ok "a broken list is refused with a sentence that names it" grep -q \
    "reload refused: policy 2 stays: .*forbidden.txt" \
    "$work/ntad.err"
in_client curl -s -o /dev/null "http://later.example/index.html?again"
ok "the old policy goes on" net_wait 5 alert_with event=alert \
    url="http://later.example/index.html?again"
cp "$work/good.txt" "$list"

# --- MariaDB goes away and comes back: nothing lost, nothing twice
mariadb_kill
for i in 1 2 3 4 5; do in_client curl -s -o /dev/null \
    "http://files.bad.example/index.html?outage=$i"; sleep 0.5; done
ok "the outage is seen in the status" net_wait 15 sh -c \
    "'$nta' status --json --socket '$work/control' | grep -q '\"connected\":false,\"lag_s\":[1-9]'"
mariadb_again
ok "they are shipped when it is back" net_wait 40 sh -c \
    "'$nta' status --json --socket '$work/control' | grep -q '\"connected\":true,\"lag_s\":0'"
twice=$(mariadb_sql "SELECT COUNT(*) - COUNT(DISTINCT number) FROM nta.head")
ok "nothing is stored twice" [ "$twice" = 0 ]

# --- kill -9: what was committed is there, the chain holds, the numbers go on
in_client curl -s -o /dev/null "http://files.bad.example/index.html?before-kill"
net_wait 5 alert_with url="http://files.bad.example/index.html?before-kill"
before=$("$nta" status --json --socket "$work/control" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["last_batch"])')
kill -9 "$daemon_pid"
wait "$daemon_pid" 2> /dev/null
daemon_pid=
ok "after kill -9 the chain holds with the public key alone" \
    "$nta" verify --config "$conf" --key "$sensor_key" --quick
start_daemon || fail "ntad did not start again"
in_client curl -s -o /dev/null "http://files.bad.example/index.html?after-kill"
ok "it goes on after the restart" net_wait 5 alert_with \
    url="http://files.bad.example/index.html?after-kill"
after=$("$nta" status --json --socket "$work/control" |
    python3 -c 'import json,sys; print(json.load(sys.stdin)["last_batch"])')
ok "the numbers go on behind the last one ($before, $after)" [ "$after" -gt "$before" ]

# --- SIGTERM drains
in_client curl -s -o /dev/null "http://files.bad.example/index.html?last-words"
kill -TERM "$daemon_pid"
wait "$daemon_pid"
ok "SIGTERM ends with status 0" [ $? -eq 0 ]
ok "the chain head went to the log, for a witness" grep -Eq \
    "chain head of sensor [0-9a-f]{32}: batch [0-9]+, [0-9a-f]{64}" "$work/ntad.err"
daemon_pid=
ok "what came last is stored" sh -c \
    "'$nta' records --config '$conf' --json --site bad.example | grep -q last-words"
for i in 1 2 3 4 5; do
    ok "outage visit $i is there once" [ "$(records --site bad.example |
        grep '"event":"request"' | grep -c "outage=$i\"")" = 1 ]
done
"$nta" verify --config "$conf" --key "$sensor_key" > "$work/verify.txt"
ok "nta verify holds over MySQL and journal together" [ $? -eq 0 ]
ok "no secret is in what was logged" sh -c "! grep -q -i password '$work/ntad.err'"
conclude
