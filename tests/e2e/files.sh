#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Files and torrents moved by real programs, captured on the
# router between them, and what nta makes of the captures.  usage: files.sh NTA [KEEP]      as root;
# 77 if this machine cannot.  KEEP: a folder for the captures
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$1 keep=${2:-}
. "$here/lib/net.sh"
. "$here/lib/files.sh"
. "$here/lib/check.sh"
net_found && files_found || { echo \
    "skipped: needs root, ip, nginx, dnsmasq, dig, curl, openssl, vsftpd, in.tftpd, tftp," \
    "smbd, smbclient, microsocks, nghttpd, nghttp, opentracker, aria2c, tcpdump"; exit 77; }

work=$(mktemp -d /tmp/nta-files-XXXXXX)
tap=
cleanup()
{
    [ -n "$tap" ] && kill "$tap" 2> /dev/null
    net_down
    rm -rf "/etc/netns/$NET_SERVER"
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
printf 'bad.example\n' > "$work/list.txt"

# listen NAME, then traffic, then heard: its records are in $work/NAME.json
listen()
{
    tape=$1
    ip netns exec $NET_SENSOR tcpdump -i lan0 -B 65536 -U -w "$work/$tape.pcap" -Z root \
        'ip or ip6 and not icmp6' 2> "$work/$tape.tap" &
    tap=$!
    net_wait 10 grep -q "listening on" "$work/$tape.tap"
}

heard()
{
    sleep 1
    kill "$tap" && wait "$tap" 2> /dev/null
    tap=
    "$nta" read --json --list "$work/list.txt" "$work/$tape.pcap" > "$work/$tape.json" 2> \
        "$work/$tape.err"
    [ -n "$keep" ] && cp "$work/$tape.pcap" "$keep/"
    return 0
}

# there FIELD=VALUE...: some record of the last capture has all of them; VALUE "*" is anything
there()
{
    python3 - "$work/$tape.json" "$@" <<'PY'
import json, sys
want = [w.split("=", 1) for w in sys.argv[2:]]
def get(record, path):
    for step in path.split("."):
        record = record.get(step, "") if isinstance(record, dict) else ""
    return str(record)
rows = [json.loads(line) for line in open(sys.argv[1])]
for row in rows:
    if all(get(row, k) == v or (v == "*" and get(row, k)) for k, v in want):
        sys.exit(0)
for row in rows:
    if row.get("event") == "request":
        print({k: get(row, k) for k, _ in want})
sys.exit(1)
PY
}

net_up "$work/net" && net_servers || fail "the test network did not come up"
files_servers "$work/files" || fail "the servers did not come up"
size=$(stat -c %s "$FILES_DIR/pub/tool.exe")
zip_size=$(stat -c %s "$FILES_DIR/pub/deep dir/a b.zip")
up_size=$(stat -c %s "$FILES_DIR/upload.bin")

# --- FTP: passive and active, both address families, both ways, a file that is not there, a
# password
listen ftp
in_client curl -s -o /dev/null ftp://files.bad.example/tool.exe
in_client curl -s -o /dev/null --ftp-port - "ftp://192.0.2.80/deep%20dir/a%20b.zip"
in_client curl -s -o /dev/null "ftp://[2001:db8::80]/tool.exe"
in_client curl -s -o /dev/null --ftp-port - "ftp://[2001:db8::80]/boot.img"
in_client curl -s -o /dev/null --ftp-method singlecwd -T "$FILES_DIR/upload.bin" \
    ftp://192.0.2.80/incoming/upload.bin
in_client python3 -c '
import ftplib
with ftplib.FTP("192.0.2.80", "ftp", "hunter2secret") as ftp:
    try:
        ftp.retrbinary("RETR nowhere.txt", print)
    except ftplib.error_perm as e:
        print(e)' > "$work/nowhere.out"
in_client curl -s -o /dev/null --disable-epsv ftp://192.0.2.80/incoming/
heard
ok "FTP, passive: path, code, bytes, type, verdict" there event=request app=ftp method=RETR \
    status=226 \
    url=ftp://files.bad.example/tool.exe file.name=tool.exe file.bytes=$size \
    file.type=application/x-dosexec \
    user.ip=10.9.0.5 match.entry=bad.example download=True down.bytes=$size
ok "its alert" there event=alert app=ftp url=ftp://files.bad.example/tool.exe \
    match.entry=bad.example
ok "the connection that carried it" there event=flow app=ftp file.name=tool.exe user.ip=10.9.0.5 \
    down.bytes=$size \
    site=files.bad.example basis=dns
ok "FTP, active: the user stays the user" there event=request app=ftp method=RETR \
    "file.name=a b.zip" \
    url=ftp://192.0.2.80/deep%20dir/a%20b.zip file.bytes=$zip_size file.type=application/zip \
    user.ip=10.9.0.5 peer.ip=192.0.2.80
ok "the server's connection to the user" there event=flow app=ftp "file.name=a b.zip" \
    user.ip=10.9.0.5 peer.port=20
ok "FTP over IPv6, passive" there event=request "url=ftp://[2001:db8::80]/tool.exe" \
    file.bytes=$size user.ip=fd00:9::5
ok "FTP over IPv6, active" there event=request "url=ftp://[2001:db8::80]/boot.img" file.bytes=1800 \
    user.ip=fd00:9::5
ok "FTP, upload" there event=request method=STOR url=ftp://192.0.2.80/incoming/upload.bin \
    file.bytes=$up_size \
    up.bytes=$up_size file.type=application/x-executable
ok "FTP, not there" there event=request method=RETR url=ftp://192.0.2.80/nowhere.txt status=550
ok "no password is in the records" sh -c "! grep -q hunter2 '$work/ftp.json'"

# --- FTP, resumed: broken off in the middle and fetched on from there, in parallel parts
listen resumed
in_client python3 -c '
import ftplib, socket
ftp = ftplib.FTP("files.bad.example", "ftp", "none")
data = ftp.transfercmd("RETR large.iso")
got = 0
while got < 600000:
    got += len(data.recv(65536))
data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
data.close()
ftp.close()
with ftplib.FTP("files.bad.example", "ftp", "none") as ftp:
    ftp.retrbinary("RETR large.iso", lambda part: None, rest=got - 1000)
' > "$work/resumed.out" 2>&1
in_client aria2c -q --no-conf -x3 -s3 -k1M --allow-overwrite=true -d "$work" -o parts.iso \
    ftp://192.0.2.80/large.iso
heard
sum=$(sha256sum "$FILES_DIR/pub/large.iso" | cut -d' ' -f1)
large=$(stat -c %s "$FILES_DIR/pub/large.iso")
ok "FTP, broken off and resumed: one download, whole, with its hash" there event=download \
    url=ftp://files.bad.example/large.iso file.parts=2 file.bytes=$large file.complete=True \
    file.sha256=$sum user.ip=10.9.0.5 match.entry=bad.example
ok "FTP in parallel parts: one download" [ "$(grep '"event":"download"' "$work/resumed.json" |
    grep -c '"url":"ftp://192.0.2.80/large.iso"')" = 1 ]
ok "all of it came" there event=download url=ftp://192.0.2.80/large.iso file.complete=True \
    file.bytes=$large

# --- TFTP: both ways, options, a file that is not there
listen tftp
in_client tftp -m octet 192.0.2.80 -c get boot.img "$work/got.img"
in_client curl -s -o /dev/null tftp://192.0.2.80/tool.exe
in_client tftp -m octet 192.0.2.80 -c put "$FILES_DIR/upload.bin" incoming/up.bin
in_client curl -s -o /dev/null tftp://192.0.2.80/nowhere.img
heard
ok "TFTP, read" there event=request app=tftp method=READ url=tftp://192.0.2.80/boot.img \
    file.bytes=1800 user.ip=10.9.0.5
ok "TFTP, read with options" there event=request method=READ file.name=tool.exe file.bytes=$size \
    file.type=application/x-dosexec
ok "TFTP, write" there event=request method=WRITE url=tftp://192.0.2.80/incoming/up.bin \
    file.bytes=$up_size up.bytes=$up_size
ok "TFTP, not there" there event=request method=READ file.name=nowhere.img status=1
ok "the flow that carried it" there event=flow app=tftp file.name=boot.img user.ip=10.9.0.5

# --- SMB 3: both ways
listen smb
in_client smbclient -N //files.bad.example/media -c \
    "get tool.exe $work/got.exe; cd \"deep dir\"; get \"a b.zip\" $work/got.zip" > "$work/smb.out" \
    2>&1
in_client smbclient -N //192.0.2.80/media -c "put $FILES_DIR/upload.bin incoming\\smb.bin" >> \
    "$work/smb.out" 2>&1
heard
ok "SMB, read: share, path, bytes, type, verdict" there event=request app=smb method=READ \
    site=files.bad.example basis=url \
    url=smb://files.bad.example/media/tool.exe file.bytes=$size file.type=application/x-dosexec \
    match.entry=bad.example download=True
ok "SMB, read in a folder" there event=request \
    url=smb://files.bad.example/media/deep%20dir/a%20b.zip file.bytes=$zip_size
ok "SMB, write" there event=request method=WRITE url=smb://192.0.2.80/media/incoming/smb.bin \
    file.bytes=$up_size

# --- SOCKS: the target, and what goes through
listen socks
in_client curl -s -o /dev/null --socks5-hostname 192.0.2.80:1080 http://files.bad.example/index.html
in_client curl -s -o /dev/null --socks5 192.0.2.80:1080 ftp://192.0.2.80/boot.img
heard
ok "SOCKS: the target is recorded and judged" there event=request app=socks method=CONNECT \
    url=socks://files.bad.example:80 match.entry=bad.example
ok "and the request inside" there event=request app=http url=http://files.bad.example/index.html \
    status=200
ok "SOCKS to an address" there event=request app=socks url=socks://192.0.2.80:21

# --- HTTP/2 in clear
listen http_two
two=http://192.0.2.80:8080
sum=$(sha256sum "$FILES_DIR/pub/large.iso" | cut -d' ' -f1)
in_client nghttp --null-out -H ':authority: files.bad.example' $two/large.iso $two/tool.exe
in_client curl -s -o /dev/null --http2-prior-knowledge --data-binary "@$FILES_DIR/upload.bin" \
    $two/tool.exe
heard
ok "HTTP/2 in clear: a file, beside another one" there event=download \
    url=http://files.bad.example/large.iso \
    file.sha256=$sum file.complete=True match.entry=bad.example
ok "the other one" there event=request url=http://files.bad.example/tool.exe method=GET \
    status=200 file.bytes=$size file.complete=True
ok "what goes up" there event=request url=$two/tool.exe method=POST \
    up.bytes="$(stat -c %s "$FILES_DIR/upload.bin")"

# --- BitTorrent: trackers over HTTP and UDP, a peer
hash=$(cat "$FILES_DIR/hash")
listen bittorrent
for way in http udp; do
    dht=$([ $way = udp ] && echo true || echo false) # aria2 has its UDP in one piece with its DHT
    rm -f "$FILES_DIR"/leech/*
    in_client timeout 60 aria2c --no-conf --enable-dht=$dht --enable-dht6=false \
        --dht-file-path="$work/dht" --dht-listen-port=6883 --bt-enable-lpd=false --seed-time=0 \
        --listen-port=6882 --dir="$FILES_DIR/leech" "$FILES_DIR/$way.torrent" > \
        "$work/aria2-$way.out" 2>&1
done
heard
ok "the torrent came" cmp -s "$FILES_DIR/seed/film.mkv" "$FILES_DIR/leech/film.mkv"
ok "a peer, by its torrent, with its bytes" there event=request app=bittorrent method=PEER \
    file.name=$hash \
    url=magnet:?xt=urn:btih:$hash file.bytes=20000
ok "a tracker over HTTP names the torrent" there event=request app=http file.name=$hash
ok "a tracker over UDP names the torrent" there event=request app=bittorrent method=ANNOUNCE \
    file.name=$hash peer.port=6969
conclude
