#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A file of 10 MB that real programs fetch: in parallel ranges, broken off, over HTTPS; captured on
# the router between them, and which downloads nta makes of it.  usage: downloads.sh NTA   as root;
# 77 if this machine cannot
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$1
. "$here/lib/net.sh"
. "$here/lib/check.sh"
net_found && command -v aria2c > /dev/null && command -v tcpdump > /dev/null || { echo \
    "skipped: needs root, ip, nginx, dnsmasq, dig, curl, openssl, aria2c, tcpdump"; exit 77; }

work=$(mktemp -d /tmp/nta-downloads-XXXXXX)
tap=
cleanup()
{
    [ -n "$tap" ] && kill "$tap" 2> /dev/null
    net_down
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
printf 'bad.example\nsecret.example\n' > "$work/list.txt"
size=10485760

# captured NAME COMMAND...: its packets, read into a store of their own
captured()
{
    name=$1
    shift
    ip netns exec $NET_SENSOR tcpdump -i lan0 -B 65536 -U -w "$work/$name.pcap" -Z root \
        'ip or ip6 and not icmp6' 2> "$work/$name.tap" &
    tap=$!
    net_wait 10 grep -q "listening on" "$work/$name.tap"
    in_client "$@" > "$work/$name.out" 2>&1
    sleep 1
    kill "$tap" && wait "$tap" 2> /dev/null
    tap=
    "$nta" read --store "$work/$name" --list "$work/list.txt" "$work/$name.pcap" \
        > "$work/$name.read" 2>&1
    "$nta" downloads --store "$work/$name" --json > "$work/$name.json" 2> "$work/$name.err"
}

# one NAME EXPRESSION: there is one download, of which that is true
one()
{
    python3 - "$work/$1.json" "$2" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
d = rows[0] if len(rows) == 1 else {}
f = d.get("file", {})
good = len(rows) == 1 and eval(sys.argv[2], {"d": d, "f": f})
if not good:
    print(len(rows), "downloads:", rows)
sys.exit(0 if good else 1)
PY
}

net_up "$work/net" && net_servers || fail "the test network did not come up"
head -c $size /dev/urandom > "$NET_DIR/www/large.iso"
sum=$(sha256sum "$NET_DIR/www/large.iso" | cut -d' ' -f1)
aria="aria2c -q --no-conf -x4 -s4 -k1M --file-allocation=none --allow-overwrite=true -d $work"

captured ranges $aria -o a.iso http://files.bad.example/large.iso
ok "4 parallel ranges are one download" one ranges 'f["bytes"] == '$size' and f["complete"]'
ok "with several parts" one ranges 'f["parts"] >= 4 and len(d["requests"]) >= 4'
ok "and the SHA-256 of the file" one ranges 'f["sha256"] == "'$sum'"'
ok "from a forbidden site" one ranges 'd["download"] and d["match"]["entry"] == "bad.example"'
ok "of its kind" one ranges 'f["kind"] == "disk" and f["name"] == "large.iso"'

# a server that closes after 60 %
cat > "$work/broken.py" <<'PY'
import socket
listener = socket.create_server(("198.51.100.7", 8080))
print("ready", flush=True)
while True:
    peer, _ = listener.accept()
    peer.recv(65536)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n" + bytes(6291456))
    peer.close()
PY
ip netns exec $NET_SERVER python3 "$work/broken.py" > "$work/broken.log" 2>&1 &
NET_PIDS="$NET_PIDS $!"
net_wait 10 grep -q ready "$work/broken.log"
captured broken curl -s -o "$work/b.iso" http://files.bad.example:8080/large.iso
ok "broken off at 60 %: what came" one broken 'f["bytes"] == 6291456 and f["expected"] == '$size
ok "and that it is not all" one broken 'f["complete"] is False and f["no_hash"] == "cut"'

# aria2 gets more than the file: its first connection brings what the others fetch, too
cat > "$work/ranges.sh" <<'TEXT'
for i in 0 1 2 3; do
    curl -sk -o "/dev/null" -r $((i * 2621440))-$((i * 2621440 + 2621439)) \
        https://secret.example/large.iso &
done
wait
TEXT
captured https sh "$work/ranges.sh"
ok "over HTTPS it is one download, too" one https 'd["app"] == "tls" and d["download"]'
ok "with bytes within 1 %" one https '0 <= f["bytes"] - '$size' <= '$size' / 100'
ok "and why it has no hash" one https 'f["no_hash"] == "encrypted" and "sha256" not in f'

shown() { "$nta" downloads --store "$work/ranges" "$@" 2> /dev/null; }
ok "found by its kind" sh -c "\"$nta\" downloads --store \"$work/ranges\" --kind disk --csv \
    --fields sha256 2> /dev/null | grep -q $sum"
for word in iso application/x-cd-image application/x-iso9660-image disk; do
    ok "found by --type $word" [ "$(shown --type $word --json | wc -l)" = 1 ]
done
ok "where there is none of a kind, what there is" sh -c "\"$nta\" downloads --store \
    \"$work/ranges\" --kind program 2> /dev/null | grep -q 'There are others: disk (1)'"

conclude
