#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tunnels through WebSocket between a real client and server,
# captured on the router between them, and what nta makes of them.  usage: websocket.sh NTA [KEEP]
# as root; 77 if this machine cannot.  KEEP: a folder for the capture
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$1 keep=${2:-}
. "$here/lib/net.sh"
. "$here/lib/check.sh"
python=/usr/bin/python3 # the one that Debian packages its libraries for
net_found && command -v tcpdump > /dev/null && $python -c "import websockets" 2> /dev/null || {
    echo "skipped: needs root, ip, nginx, dnsmasq, dig, curl, openssl, tcpdump, python3-websockets"; exit 77; }

work=$(mktemp -d /tmp/nta-websocket-XXXXXX)
tap=
cleanup()
{
    [ -n "$tap" ] && kill "$tap" 2> /dev/null
    net_down
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
printf 'bad.example\n' > "$work/list.txt"
ends="$python $here/websocket_ends.py"

net_up "$work/net" && net_servers || fail "the test network did not come up"
ip netns exec "$NET_SERVER" $ends serve 192.0.2.80 8090 > "$work/serve.err" 2>&1 &
NET_PIDS="$NET_PIDS $!"
net_wait 10 in_client curl -s -o /dev/null http://192.0.2.80:8090/
ip netns exec "$NET_SENSOR" tcpdump -i lan0 -U -w "$work/websocket.pcap" -Z root \
    'ip or ip6 and not icmp6' 2> "$work/tap" &
tap=$!
net_wait 10 grep -q "listening on" "$work/tap"
in_client $ends tls ws://192.0.2.80:8090/443 tls.bad.example > "$work/tls.out" 2>&1
in_client $ends http ws://outer.bad.example:8090/80 mirror.bad.example > "$work/http.out" 2>&1
in_client $ends text ws://192.0.2.80:8090/chat chat.bad.example > "$work/text.out" 2>&1
in_client $ends packed ws://192.0.2.80:8090/80 packed.bad.example > "$work/packed.out" 2>&1
sleep 1
kill "$tap" && wait "$tap" 2> /dev/null
tap=
"$nta" read --json --list "$work/list.txt" --store "$work/store" "$work/websocket.pcap" > \
    "$work/json" 2> "$work/err"
[ -n "$keep" ] && cp "$work/websocket.pcap" "$keep/"

# there PYTHON: some record `r` is so
there() { python3 -c 'import json, sys
sys.exit(not any(eval(sys.argv[2], {"r": json.loads(line)}) for line in open(sys.argv[1])))' \
    "$work/json" "$1"; }

ok "TLS went through" test -s "$work/tls.out"
ok "so did a file" test "$(cat "$work/http.out")" -gt 1000000
ok "the upgrade is a request with its status" there \
    'r["event"] == "request" and r.get("url") == "http://192.0.2.80:8090/443" and r.get("status") == 101'
ok "the server name inside names the connection" there \
    'r["event"] == "flow" and r["app"] == "tls" and r["site"] == "tls.bad.example" and r["basis"] == "sni" and r["peer"]["port"] == 8090'
ok "and is forbidden" there \
    'r["event"] == "alert" and r["site"] == "tls.bad.example" and r["match"]["entry"] == "bad.example"'
ok "a request inside, with its response's bytes" there \
    'r["event"] == "request" and r.get("url") == "http://mirror.bad.example/tool.exe" and r["status"] == 200 and r["file"]["bytes"] == 1000000 and r.get("download")'
ok "text is nobody's request" sh -c "! grep -q chat.bad.example '$work/json'"
ok "its connection is known for what it is" there 'r["event"] == "flow" and r["app"] == "websocket"'
ok "what is packed is not guessed at" sh -c "! grep -q packed.bad.example '$work/json'"

# the packets that prove the alerts: the upgrade is shown, its credentials and what follows are not
"$nta" records --store "$work/store" --json 2> /dev/null |
    python3 -c 'import json, sys
for line in sys.stdin:
    r = json.loads(line)
    if r["event"] == "alert" and r["peer"]["port"] == 8090:
        print(r["id"])' > "$work/ids"
for id in $(cat "$work/ids"); do "$nta" packets "$id" --store "$work/store" -o "$work/$id.pcapng" \
    > /dev/null 2>> "$work/err"; done
cat "$work"/*.pcapng > "$work/proof"
ok "packets prove the alerts" grep -qa "Upgrade: websocket" "$work/proof"
ok "without credentials, and what follows is masked" \
    sh -c "grep -qa 'Authorization: xxx' '$work/proof' && ! grep -qaE 'aHVudGVyMjpz|GET /tool.exe' '$work/proof'"
conclude
