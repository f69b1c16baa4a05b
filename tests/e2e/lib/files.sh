# SPDX-License-Identifier: Apache-2.0
# Servers that move files, in the network of lib/net.sh: vsftpd,
# in.tftpd, smbd, microsocks, nghttpd, opentracker with aria2.  To be sourced after net.sh.  Mostly
# small files, so that captures of them can be kept.

files_found()
{
    for tool in vsftpd in.tftpd tftp smbd smbclient microsocks nghttpd nghttp opentracker aria2c \
        tcpdump; do
        command -v $tool > /dev/null || return 1
    done
}

# in_background NAME COMMAND...: a server; its output goes to a file of its name.  In a session of
# its own: in.tftpd ends its whole process group with itself.
in_background()
{
    name=$1
    shift
    setsid ip netns exec $NET_SERVER "$@" > "$FILES_DIR/$name.out" 2>&1 < /dev/null &
    NET_PIDS="$NET_PIDS $!"
}

files_content()
{
    mkdir -p "$FILES_DIR/pub/deep dir" "$FILES_DIR/pub/incoming" "$FILES_DIR/empty" \
        "$FILES_DIR/samba"
    python3 - "$FILES_DIR" <<'PY'
import random, sys
random.seed(7)
folder = sys.argv[1]
open(folder + "/pub/tool.exe", "wb").write(b"MZ\x90\0" + random.randbytes(2996))
open(folder + "/pub/deep dir/a b.zip", "wb").write(b"PK\3\4" + random.randbytes(1500))
open(folder + "/pub/boot.img", "wb").write(random.randbytes(1800))
open(folder + "/pub/large.iso", "wb").write(random.randbytes(4 << 20))
open(folder + "/upload.bin", "wb").write(b"\x7fELF" + random.randbytes(1200))
PY
    chmod 777 "$FILES_DIR/pub/incoming"
    chmod -R a+rX "$FILES_DIR"
}

files_ftp()
{
    cat > "$FILES_DIR/vsftpd.conf" <<TEXT
listen_ipv6=YES
background=NO
anonymous_enable=YES
anon_root=$FILES_DIR/pub
write_enable=YES
anon_upload_enable=YES
no_anon_password=NO
connect_from_port_20=YES
pasv_min_port=50000
pasv_max_port=50100
secure_chroot_dir=$FILES_DIR/empty
seccomp_sandbox=NO
TEXT
    in_background vsftpd vsftpd "$FILES_DIR/vsftpd.conf"
}

files_smb()
{
    cat > "$FILES_DIR/smb.conf" <<TEXT
[global]
server role = standalone server
map to guest = bad user
guest account = nobody
server smb encrypt = off
disable netbios = yes
smb ports = 445
load printers = no
private dir = $FILES_DIR/samba
lock directory = $FILES_DIR/samba
state directory = $FILES_DIR/samba
cache directory = $FILES_DIR/samba
pid directory = $FILES_DIR/samba
ncalrpc dir = $FILES_DIR/samba
log file = $FILES_DIR/samba/log
[media]
path = $FILES_DIR/pub
guest ok = yes
read only = no
force user = root
TEXT
    in_background smbd smbd --foreground --no-process-group --configfile="$FILES_DIR/smb.conf"
}

# A torrent of one file, its info hash in $FILES_DIR/hash.
files_torrent()
{
    mkdir -p "$FILES_DIR/seed" "$FILES_DIR/leech"
    python3 - "$FILES_DIR" <<'PY'
import hashlib, random, sys
folder = sys.argv[1]
random.seed(8)
content = random.randbytes(20000)
open(folder + "/seed/film.mkv", "wb").write(content)
def code(x):
    if isinstance(x, int): return b"i%de" % x
    if isinstance(x, bytes): return b"%d:%s" % (len(x), x)
    return b"d" + b"".join(code(k) + code(v) for k, v in sorted(x.items())) + b"e"
info = {b"length": len(content), b"name": b"film.mkv", b"piece length": 16384, b"pieces": b"".join(
    hashlib.sha1(content[i:i + 16384]).digest() for i in range(0, len(content), 16384))}
for name, url in ("http", b"http://192.0.2.80:6969/announce"), ("udp", b"udp://192.0.2.80:6969/announce"):
    open(f"{folder}/{name}.torrent", "wb").write(code({b"announce": url, b"info": info}))
open(folder + "/hash", "w").write(hashlib.sha1(code(info)).hexdigest())
PY
    printf 'listen.tcp_udp 192.0.2.80:6969\naccess.whitelist %s\n' "$FILES_DIR/white" > \
        "$FILES_DIR/tracker.conf"
    cp "$FILES_DIR/hash" "$FILES_DIR/white"
    in_background opentracker opentracker -f "$FILES_DIR/tracker.conf"
    sleep 0.5
    in_background seed aria2c --no-conf --enable-dht=false --enable-dht6=false \
        --bt-enable-lpd=false --seed-ratio=0.0 \
        --listen-port=6881 --check-integrity=true --stop-with-process=$$ \
        --dir="$FILES_DIR/seed" "$FILES_DIR/http.torrent"
}

# files_servers DIR
files_servers()
{
    FILES_DIR=$1
    mkdir -p "$FILES_DIR"
    chmod 755 "$FILES_DIR" "$(dirname "$FILES_DIR")"
    mkdir -p "/etc/netns/$NET_SERVER"
    echo "198.51.100.7 files.bad.example" > "/etc/netns/$NET_SERVER/hosts"
    files_content
    files_ftp
    in_background tftpd in.tftpd --listen --foreground --address 192.0.2.80:69 --secure --create \
        --permissive --user root "$FILES_DIR/pub"
    files_smb
    in_background microsocks microsocks -i 192.0.2.80 -p 1080
    in_background nghttpd nghttpd --no-tls -a 192.0.2.80 -d "$FILES_DIR/pub" 8080
    files_torrent
    net_wait 10 in_client curl -s -o /dev/null ftp://192.0.2.80/tool.exe &&
        net_wait 10 in_client smbclient -N //192.0.2.80/media -c ls &&
        net_wait 10 in_client nghttp http://192.0.2.80:8080/tool.exe
}
