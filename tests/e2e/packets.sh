#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Real logins over HTTP and FTP at a forbidden place, seen by
# ntad: the packets that prove it open in tshark, say what they prove, and hold no secret.  usage:
# packets.sh NTA NTAD      as root; 77 if this machine cannot
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2")
. "$here/lib/check.sh"
for tool in unshare ip curl tshark capinfos python3; do
    command -v $tool > /dev/null || { echo "skipped: needs $tool"; exit 77; }
done
if [ "${NTA_IN_NAMESPACE:-}" != 1 ]; then
    unshare -n true 2> /dev/null || { echo "skipped: needs root"; exit 77; }
    NTA_IN_NAMESPACE=1 exec unshare -n "$0" "$nta" "$ntad"
fi

work=$(mktemp -d /tmp/nta-packets-XXXXXX)
daemon_pid=
server_pid=
cleanup()
{
    [ -n "$daemon_pid" ] && kill "$daemon_pid" 2> /dev/null
    exec 8>&-
    [ -n "$server_pid" ] && wait "$server_pid" 2> /dev/null
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT

ip link set lo up || fail "no loopback"
mkfifo "$work/stdin"
python3 "$here/packets_servers.py" 127.0.0.2 < "$work/stdin" > "$work/servers" 2>&1 &
server_pid=$!
exec 8> "$work/stdin"
printf 'bad.example\n127.0.0.2\n' > "$work/forbidden.txt"
cat > "$work/ntad.conf" <<TEXT
capture = { interfaces = [ "lo" ]; workers = 1; promiscuous = false; };
network = { home = [ "127.0.0.1/32" ]; };
blacklist = { files = ( { path = "$work/forbidden.txt"; } ); };
store = { directory = "$work/store"; keys = "$work/store/keys"; };
control = { socket = "$work/control"; };
TEXT
mkdir "$work/store"
"$nta" keys init --store "$work/store" > "$work/keys.out" 2>&1
"$ntad" --config "$work/ntad.conf" --foreground > "$work/ntad.out" 2>&1 &
daemon_pid=$!
for _ in $(seq 100); do
    grep -q ready "$work/servers" && "$nta" status --socket "$work/control" > /dev/null 2>&1 &&
        break
    sleep 0.1
done

to="--resolve www.bad.example:80:127.0.0.2 --interface 127.0.0.1 -sS -o /dev/null --max-time 10"
ok "a login is answered" curl $to -u ann:hunter2-basic -b 'sid=hunter2-cookie' -H \
    'X-Auth-Token: hunter2-header' \
    --data 'user=ann&password=hunter2-form' http://www.bad.example/login --next $to \
    -u ann:hunter2-basic -b 'sid=hunter2-cookie' 'http://www.bad.example/film.mp4?part=1'
ok "a file is fetched by FTP" curl --interface 127.0.0.1 -sS -o /dev/null --max-time 10 \
    'ftp://ann:hunter2-ftp@127.0.0.2/films/film.mp4'
sleep 6
kill "$daemon_pid"
wait "$daemon_pid"
daemon_pid=

at="--store $work/store"
"$nta" alerts $at --json > "$work/alerts"
id_of() { python3 -c 'import json,sys
for line in sys.stdin:
    r = json.loads(line)
    if r.get("app") == sys.argv[1]: print(r["id"]); break' "$1" < "$2"; }
web=$(id_of http "$work/alerts") ftp=$(id_of ftp "$work/alerts")
ok "there are alerts of both" [ -n "$web" -a -n "$ftp" ]
ok "packets of the web alert are written" "$nta" packets "$web" $at -o "$work/web.pcapng"
ok "packets of the FTP alert are written" "$nta" packets "$ftp" $at -o "$work/ftp.pcapng"
ok "nobody else may read the file" [ "$(stat -c %a "$work/web.pcapng")" = 600 ]
ok "a file that is there is not replaced" sh -c \
    "! '$nta' packets $web $at -o '$work/web.pcapng' 2> '$work/err' && grep -q -- --force '$work/err'"
ok "unless it is said" "$nta" packets "$web" $at -o "$work/web.pcapng" --force
ok "standard output is the same" sh -c "'$nta' packets $web $at -o - | cmp - '$work/web.pcapng'"
ok "what is kept can be listed" sh -c "'$nta' packets $at | grep -q 'entry bad.example'"

for name in web ftp; do
    ok "tshark reads $name without a complaint" sh -c \
        "tshark -r '$work/$name.pcapng' > '$work/$name.txt' 2> '$work/$name.err' &&
        ! grep -iE 'malformed|cut short|isn.t valid' '$work/$name.txt' '$work/$name.err'"
done
tshark -r "$work/web.pcapng" -q -z follow,tcp,ascii,0 > "$work/web.follow" 2> /dev/null
ok "the request, its host and the film are there" sh -c \
    "grep -q 'GET /film.mp4?part=x HTTP/1.1' '$work/web.follow' &&
    grep -q 'Host: www.bad.example' '$work/web.follow' && grep -q EVIDENCE-OF-A-FILM '$work/web.follow'"
tshark -r "$work/ftp.pcapng" -V > "$work/ftp.follow" 2> /dev/null
ok "so are the commands of FTP" sh -c \
    "grep -q 'RETR' '$work/ftp.follow' && grep -q 'film.mp4' '$work/ftp.follow'"
capinfos "$work/web.pcapng" > "$work/web.info" 2> /dev/null
ok "comments name list, line, entry and record" sh -c \
    "grep -q 'list forbidden, line 1, entry bad.example' '$work/web.info' &&
    grep -q 'alert $web' '$work/web.info'"
ok "and how much was masked" grep -Eq '[1-9][0-9]* bytes masked' "$work/web.info"
ok "packets that were masked say so" sh -c \
    "tshark -r '$work/web.pcapng' -T fields -e frame.comment 2> /dev/null | grep -q 'bytes masked'"
ok "no secret is in any file" sh -c "! grep -aE 'hunter2|$(printf ann:hunter2-basic |
    base64)' '$work'/*.pcapng"
python3 - "$work/alerts" "$web" > "$work/about" <<'PY'
import json, sys
print(next(r["about"] for r in map(json.loads, open(sys.argv[1])) if r["id"] == sys.argv[2]))
PY
flow=$("$nta" records $at --json --event flow | grep "\"about\":$(cat "$work/about")" | head -1 |
    sed 's/.*"id":"\([^"]*\)".*/\1/')
ok "the flow's id leads to the same packets" sh -c \
    "'$nta' packets $flow $at -o '$work/flow.pcapng' && [ \$(tshark -r '$work/flow.pcapng' 2> /dev/null | wc -l) = \$(wc -l < '$work/web.txt') ]"
ok "an id that is none is refused" sh -c \
    "'$nta' packets nonsense $at -o '$work/x' 2> /dev/null; [ \$? -eq 2 ]"
ok "a record that is not there is said" sh -c \
    "'$nta' packets ${web%-*-*}-999999-0 $at -o '$work/x' 2> '$work/err'; [ \$? -eq 1 ] && grep -q 'no record' '$work/err'"
conclude
