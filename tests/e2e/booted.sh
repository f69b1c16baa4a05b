#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: booted.sh BUILD FREEZE
#
# The units as systemd runs them: the packages of BUILD are installed in a small Debian, which is
# booted in a container with a network of its own, and a mirrored link between a user and a server
# ends there.
# The Debian is made once, in the cache folder; a run writes into a layer over it, in memory.
#
# Its TPM2 is swtpm in the container's network, since a container has no device.  What it cannot
# have here cannot be tested: more locked memory than this machine gives.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
freeze=$(realpath "$2")
. "$here/lib/check.sh"
. "$here/lib/machine.sh"

server='' frozen='' tpm=''
cleanup()
{
    # shellcheck disable=SC2086
    kill $server $frozen $tpm 2> /dev/null
    machine_end
    rmdir "${group:-/nowhere}" 2> /dev/null
}
trap cleanup EXIT
trap 'exit 1' INT TERM
machine_make "$here/booted.sh" "$build" "$freeze"
for tool in dpkg-deb cpack dpkg-shlibdeps swtpm; do
    command -v $tool > /dev/null || skip "no $tool (Debian: dpkg-dev cmake swtpm)"
done
mkdir "$work/www"
machine_pack "$work/debs" > "$work/pack.log" 2>&1 || fail "cpack: $(tail -n 3 "$work/pack.log")"
mkdir "$root/debs"
mv "$work"/debs/*.deb "$root/debs"

# An authority of the test's own, which the machine trusts, and a server that has a list.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=test CA" \
    -addext "basicConstraints=critical,CA:TRUE" -keyout "$work/ca.key" -out "$work/ca.pem" \
    2> /dev/null &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=feed.example" \
        -addext "subjectAltName=DNS:feed.example" -keyout "$work/key.pem" -out "$work/csr.pem" \
        2> /dev/null &&
    openssl x509 -req -in "$work/csr.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -days 30 \
        -copy_extensions copy -out "$work/cert.pem" 2> /dev/null || fail "certificates"
mkdir -p "$root/etc/ssl/certs" "$root/etc/nta/lists" "$root/var/lib/nta-lists"
cp "$work/ca.pem" "$root/etc/ssl/certs/ca-certificates.crt"
echo "1.2.3.4 feed.example" >> "$root/etc/hosts"
echo bad.example > "$root/etc/nta/lists/deny.txt"
cat > "$root/etc/nta/ntad.conf" <<'TEXT'
capture = { interfaces = ( "mirror0" ); workers = 1; buffer = "4M"; };
network = { home = ( "10.9.0.0/24" ); };
blacklist = { files = ( "/etc/nta/lists/deny.txt",
                        { path = "/var/lib/nta-lists/feed.txt"; url = "https://feed.example/feed.txt"; } );
              shared = ""; canary = "2s"; canary_wait = "2s"; canary_restart = true; };
alert = { window = "0s"; json = "/var/log/nta/alerts.json"; format = "eve"; };
TEXT
cat > "$root/etc/nta/nta-notify.conf" <<'TEXT'
receivers = ( { name = "people"; kind = "json"; url = "https://feed.example/hook"; gather = "0s";
                window = "1s"; per_hour = 1000; content = "names"; health = true;
                report = "notice"; } );
TEXT
chmod 600 "$root/etc/nta/nta-notify.conf"

# ---- the machine ----

chip=swtpm:host=127.0.0.1,port=2321
machine_boot --setenv=SYSTEMD_TPM2_DEVICE=$chip
ok "the machine has booted, and nothing failed" box systemctl is-system-running
no_clock() # CAP_SYS_TIME is 25
{
    [ $((0x$(sed -n 's/^CapBnd:[[:space:]]*//p' "/proc/$leader/status") >> 25 & 1)) = 0 ]
}
ok "nothing in it may set the clock" no_clock

# user and mirror port are in the container's network, the server in the test's
ip link set lo up
ip link add wire0 type veth peer name mirror0 netns "$leader" || fail "no veth"
ip addr add 10.9.0.1/24 dev wire0 && ip addr add 1.2.3.4/32 dev wire0 && ip link set wire0 up
box ip addr add 10.9.0.5/24 dev mirror0
box ip link set mirror0 up
box ip route add default via 10.9.0.1
python3 - "$work" > "$work/server.log" 2>&1 <<'PY' &
import functools, http.server, ssl, sys, threading
folder = sys.argv[1]
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open(folder + "/hooks", "ab") as hooks:
            hooks.write(body + b"\n")
        self.send_response(204)
        self.end_headers()
handler = functools.partial(Handler, directory=folder + "/www")
plain = http.server.ThreadingHTTPServer(("1.2.3.4", 80), handler)
threading.Thread(target=plain.serve_forever, daemon=True).start()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder + "/cert.pem", folder + "/key.pem")
secure = http.server.ThreadingHTTPServer(("1.2.3.4", 443), handler)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
secure.serve_forever()
PY
server=$!
within 10 bash -c 'exec 3<> /dev/tcp/1.2.3.4/443' || fail "the server does not start"

# visit NAME: the user fetches a page of this site
visit()
{
    nsenter --target "$leader" --net python3 -c 'import socket, sys
with socket.create_connection(("1.2.3.4", 80), 5) as s:
    s.sendall(b"GET / HTTP/1.1\r\nHost: " + sys.argv[1].encode() + b"\r\nConnection: close\r\n\r\n")
    while s.recv(4096):
        pass' "$1"
}

# property UNIT NAME
property() { box systemctl show --value --property="$2" "$1"; }
is() { [ "$(property "$1" "$2")" = "$3" ] || { property "$1" "$2"; false; }; } # is UNIT NAME VALUE
journal() { box journalctl --quiet --no-pager --output=cat "$@"; }
says() { journal --unit="$1" | grep -e "$2"; } # says UNIT PATTERN
count() { journal --unit=ntad | grep -c "ALERT .*visited $1 "; }
is_more() { [ "$(count "$1")" -gt "$2" ]; } # is_more SITE N
alerts() # alerts SITE: it is visited now, and that is told
{
    local before
    before=$(count "$1")
    visit "$1" && within 10 is_more "$1" "$before"
}

installed()
{
    box sh -c 'DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i /debs/*.deb'
}
ok "the packages are installed" installed
box rm -r /debs
units="ntad.service ntad-keys.service nta-verify.service nta-verify.timer nta-lists.service
    nta-lists.timer nta-witness.service nta-witness.timer nta-report.service
    nta-report.timer nta-notify.service nta-exporter.service nta-console.service"
clean()
{
    local status=0
    # shellcheck disable=SC2086
    box systemd-analyze verify --man=no $units > "$work/verify" 2>&1 || status=$?
    cat "$work/verify"
    [ $status -eq 0 ] && [ ! -s "$work/verify" ]
}
ok "systemd-analyze verify has nothing to say" clean

# ---- lists that are fetched ----

fetch_list() { # fetch_list N: the server's list has N entries, and nta-lists gets it
    seq -f "site-%g.example" "$1" > "$work/www/feed.txt"
    box systemctl start nta-lists
}
ok "nta-lists fetches a list before ntad runs" fetch_list 120
ok "from the server" says nta-lists "fetched, 120 entries"
ok "as a user of its own" [ "$(box stat -c %U /var/lib/nta-lists/feed.txt)" = nta-lists ]
ok "the service has ended well" is nta-lists Result success

# ---- the service ----

ok "systemctl start ntad: it says READY=1" box systemctl start ntad
ok "it runs" is ntad ActiveState active
ok "its keys were made by ntad-keys" is ntad-keys ExecMainStatus 0
ok "the status is well: nta status" within 10 box nta status
main=$(property ntad MainPID)
# as the daemon is: its namespaces, its user, none of its privileges more
daemon()
{
    box nsenter --target "$main" --mount --setuid "$(box id -u nta)" --setgid "$(box id -g nta)" \
        -- "$@"
}
ok "it has the credentials, and no others" [ "$(daemon ls /run/credentials/ntad.service | sort |
    tr '\n' ' ')" = "auditors.pub sensor.pub state.key " ]
ok "the identity is where the admin takes it" box test -s /var/lib/nta-identity/sensor.key
ok "the daemon sees that" daemon test -e /var/lib/nta-identity/sensor.key
ok "and cannot read it" daemon sh -c '! cat /var/lib/nta-identity/sensor.key'
ok "nor what lies in the keys' folder" daemon sh -c \
    '! cat /var/lib/nta/keys/state.key && ! ls /var/lib/nta/keys'
ok "it is said that it must be taken away" says ntad-keys "TAKE IT AWAY"
ok "nothing of it is open" box sh -c "! ls -l /proc/$main/fd | grep -e sensor.key -e auditor.key"
sandboxed()
{
    box grep -E '^(Uid|Cap|NoNewPrivs|Seccomp:)' "/proc/$main/status" | tr '\t' ' ' > "$work/status"
    cat "$work/status"
    grep -q "^CapBnd: 0000000000002000" "$work/status" &&
        grep -q "^CapEff: 0000000000002000" "$work/status" &&
        grep -q "^NoNewPrivs: 1" "$work/status" && grep -q "^Seccomp: 2" "$work/status" &&
        ! grep -q "^Uid: 0" "$work/status" &&
        daemon sh -c '! touch /etc/nta/x && ! touch /usr/x && ! touch /var/lib/x && ! ls /root'
}
ok "it has CAP_NET_RAW and nothing else, and writes nowhere else" sandboxed
filters_of() # of its threads of that name, how many filters each has
{
    local task
    for task in $(box ls "/proc/$main/task"); do
        box cat "/proc/$main/task/$task/status"
    done | tr '\t' ' ' | sed -n "/^Name: $1\$/,/^Seccomp_filters:/s/^Seccomp_filters: //p" | sort -u
}
confined()
{
    local all worker capture
    all=$(filters_of ntad) worker=$(filters_of nta-worker) capture=$(filters_of nta-capture)
    echo "of all threads: $all, of workers: $worker, of captures: $capture"
    [ "$worker" = $((all + 1)) ] && [ "$capture" = $((all + 1)) ]
}
ok "who reads packets has given up what it does not need" confined
exposure() # exposure UNIT N: its level must not be above this, in tenths
{
    box systemd-analyze security --no-pager --threshold="$2" "$1" > "$work/exposure" ||
        { tail -n 1 "$work/exposure"; false; }
}
ok "its exposure is 1.5 at most" exposure ntad 15

# ---- alerts ----

ok "a visit to a listed site is an alert in the journal" alerts bad.example
explained()
{
    journal --unit=ntad --output=short --catalog > "$work/catalog"
    grep -q "A user of this network reached a site that stands on one of its blacklists" \
        "$work/catalog" &&
        grep -q "Subject: 10.9.0.5 reached a listed site: bad.example" "$work/catalog" &&
        grep -q "nta records --user 10.9.0.5 --site bad.example" "$work/catalog"
}
ok "journalctl -x explains it with its fields" explained
eve() # eve FILE N: so many lines, each an alert as Suricata writes it
{
    python3 - "$root/var/log/nta/$1" "$2" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
for row in rows:
    assert row["event_type"] == "alert" and row["alert"]["signature"] == "NTA deny: bad.example"
    assert (row["src_ip"], row["dest_ip"], row["proto"]) == ("10.9.0.5", "1.2.3.4", "TCP"), row
    assert row["http"]["hostname"] == "bad.example" and row["nta"]["event"] == "alert", row
assert len(rows) == int(sys.argv[2]), rows
PY
}
ok "alerts are in alert.json, too, as EVE" within 5 eve alerts.json 1
ok "logrotate" box logrotate --force /etc/logrotate.d/nta
ok "an alert after it" alerts bad.example
ok "is in the new file" within 5 eve alerts.json 1
ok "what was before is in the old one" eve alerts.json.1 1
echo worse.example >> "$root/etc/nta/lists/deny.txt"
ok "systemctl reload" box systemctl reload ntad
ok "takes the new list" alerts worse.example
ok "and it is the same process" is ntad MainPID "$main"
cp "$root/etc/nta/ntad.conf" "$work/ntad.conf"
echo "nonsense = 1;" >> "$root/etc/nta/ntad.conf"
ok "systemctl reload fails where the configuration is refused" \
    [ "$(box systemctl reload ntad > /dev/null 2>&1; echo $?)" != 0 ]
ok "and says why in the journal" says ntad "nonsense"
cp "$work/ntad.conf" "$root/etc/nta/ntad.conf"
ok "it goes on with what was in force" alerts worse.example
ok "and takes a good one again" box systemctl reload ntad

ok "a list that is fetched while it runs" fetch_list 130
ok "is taken, too" alerts site-125.example
ok "and that has ended well" is nta-lists Result success

# ---- people are told ----

ok "systemctl start nta-notify: it says READY=1" box systemctl start nta-notify
told() { grep "$1" "$work/hooks"; } # told PATTERN: a webhook had that
n_told() { grep -c "$1" "$work/hooks"; }
ok "an alert" alerts bad.example
ok "is told by a webhook, with what the journal has" within 10 told \
    '"severity":"unknown".*"list":"deny".*"entry":"bad.example".*"user":"10.9.0.5"'
forge() # the same entry by another unit
{
    box systemd-run --quiet --wait --pipe --unit=forger logger --journald <<TEXT
MESSAGE_ID=5914e996ccd8463d9b08af1445efd3f2
MESSAGE=forged
NTA_SITE=forged.example
NTA_ENTRY=forged.example
TEXT
}
ok "an entry that another service writes" forge
notify=$(property nta-notify MainPID)
box sh -c "kill -KILL $notify"
ok "nta-notify is killed, and an alert comes" alerts worse.example
ok "it is started again" within 20 is nta-notify ActiveState active
ok "and tells it" within 20 told '"site":"worse.example"'
ok "what another service wrote is not believed" [ "$(n_told forged)" = 0 ]
as_notify() # as that daemon is
{
    notify=$(property nta-notify MainPID)
    box nsenter --target "$notify" --mount -- "$@"
}
ok "it runs as nobody else does" box sh -c \
    '! grep -q "^Uid:[[:space:]]*0" /proc/$(systemctl show -P MainPID nta-notify)/status'
ok "and sees neither records nor the configuration" as_notify sh -c \
    '! ls /var/lib/nta/journal.db && ! ls /etc/nta/ntad.conf && ! ls /run/nta/control'
ok "its exposure is 1.5 at most" exposure nta-notify 15
ok "nta-report.service" box systemctl start nta-report
ok "leaves a page that only root may read" box sh -c \
    '[ "$(stat -c %a:%U /var/lib/nta-report)" = 700:root ] && test -s /var/lib/nta-report/week-*.html'
ok "ntad has noted who read for it" box sh -c 'nta audit --quiet | grep "root  report --since 7d"'
ok "and tells who wants it" within 10 told '"event":"report"'
ok "its exposure is 4 at most" exposure nta-report 40

# ---- it goes on ----

ok "systemctl restart" box systemctl restart ntad
ok "goes on alerting" alerts bad.example
verified() { box nta verify > "$work/verified" 2>&1 && grep HOLDS "$work/verified"; }
ok "the chain goes on: nta verify" verified
starts() { [ "$(box nta records --quiet --json --event start | wc -l)" = "$1" ]; }
ok "with two starts in it" starts 2
ok "nta-verify.service" box systemctl start nta-verify
ok "finds the heads that ntad logged" says nta-verify "lies in it\|lie in it"
waiting() # waiting TIMER: for a time that it knows
{
    box systemctl start "$1" && is "$1" SubState waiting &&
        [ -n "$(property "$1" NextElapseUSecRealtime)" ]
}
ok "its timer waits for its time" waiting nta-verify.timer
ok "and that of nta-lists" waiting nta-lists.timer
ok "and that of nta-report" waiting nta-report.timer
main=$(property ntad MainPID)
box sh -c "kill -KILL $main"
restarted() # asked at once: while it ends, one of them is still that of before
{
    box systemctl show --property=ActiveState,MainPID ntad | sort | tr '\n' ' ' |
        grep "^ActiveState=active MainPID=[1-9]" | grep -v "MainPID=$main "
}
ok "after kill -9 it is started again" within 20 restarted
ok "and alerts" alerts worse.example
ok "its chain holds" verified

# ---- killed again and again: it is started again ----

n_kills=4
[ "${NTA_LONG:-0}" = 0 ] || n_kills=12
kill_often()
{
    local i
    for i in $(seq $n_kills); do
        main=$(property ntad MainPID)
        box sh -c "kill -KILL $main"
        within 20 restarted || return 1
    done
}
ok "killed $n_kills times in a row, it is started each time" kill_often
ok "and alerts" alerts bad.example
told_killed() { [ "$(box nta records --quiet --json --event gap | grep -c '"killed"')" -ge "$1" ]; }
ok "each time is told" within 10 told_killed $((n_kills + 1)) # and the one before
ok "its chain holds after all" verified

# ---- a worker that hangs: the canary is missed, and systemd's watchdog ends the service ----

main=$(property ntad MainPID)
hang() # hang THREAD: one of its threads, by the process id outside
{
    local status
    for status in /proc/[0-9]*/status; do
        if grep -q "^Name:.ntad$" "$status" && grep -q "^NSpid:.*[[:space:]]$main\$" "$status"; then
            "$freeze" "$(echo "$status" | cut -d / -f 3)" "$1" > "$work/freeze" 2>&1 &
            frozen=$!
        fi
    done 2> /dev/null
    within 5 grep frozen "$work/freeze" || { cat "$work/freeze"; false; }
}
ok "a worker hangs" hang nta-worker
ok "the canary is not found, and that is said" within 20 says ntad "canary was not found\|no canary from"
ok "which triggers systemd's watchdog" within 10 says ntad "Watchdog request"
kill "$frozen" # a process ends when whoever traces it lets it
frozen=
ok "it is started again" within 20 restarted
ok "for that reason" says ntad "Failed with result 'watchdog'"
ok "and it alerts" alerts bad.example

# ---- a thread that hangs where no canary goes: systemd hears nothing more of ntad ----

watched()
{
    sed -i "s/canary_restart = true/canary_restart = false/" "$root/etc/nta/ntad.conf"
    box sh -e -c 'mkdir -p /etc/systemd/system/ntad.service.d
        printf "%s\n" "[Service]" "WatchdogSec=6" > /etc/systemd/system/ntad.service.d/watchdog.conf
        systemctl daemon-reload
        systemctl restart ntad'
}
ok "its watchdog waits for 6 s" watched
quiet() { sleep 8 && is ntad NRestarts 0 && is ntad ActiveState active; }
ok "which is kept as long as all threads move" quiet
main=$(property ntad MainPID)
ok "the recorder hangs" hang nta-recorder
ok "which is named" within 15 says ntad "the thread nta-recorder has not moved"
ok "systemd ends ntad" within 20 says ntad "Watchdog timeout"
kill "$frozen"
frozen=
ok "and starts it again" within 20 restarted
main=$(property ntad MainPID)
box sh -c "kill -STOP $main"
ok "so it does when all of it is stopped" within 40 restarted
ok "it alerts" alerts bad.example
ok "the chain holds" verified
box rm /etc/systemd/system/ntad.service.d/watchdog.conf
box systemctl daemon-reload

# ---- an interface that is deleted, and made again ----

healthy() { box nta status | grep "^state      good"; }
wrong() { box nta status | grep "^state      BAD: .*$1"; }
line_has() { property ntad StatusText | grep -e "$1"; } # systemd's status line
ip link del wire0
ok "its interface is deleted: it is not well" within 20 wrong "nothing is seen of an interface"
ok "systemd is told" within 10 line_has "^BAD: .*mirror0"
ip link add wire0 type veth peer name mirror0 netns "$leader"
ip addr add 10.9.0.1/24 dev wire0 && ip addr add 1.2.3.4/32 dev wire0 && ip link set wire0 up
box ip addr add 10.9.0.5/24 dev mirror0
box ip link set mirror0 up
box ip route add default via 10.9.0.1
ok "it is made again: well" within 30 healthy
ok "people are told what was wrong, once there is a way to them" within 30 told \
    '"event":"bad","severity":"high".*mirror0 is lost'
ok "systemd is told that, too" within 10 line_has "; mirror0 up"
ok "and alerts" alerts bad.example

# ---- memory: the kernel ends it ----

oom()
{
    box systemctl set-property --runtime ntad MemoryMax=8M || return 1
    visit bad.example
    within 20 says ntad "Failed with result 'oom-kill'"
    local r=$?
    box systemctl set-property --runtime ntad MemoryMax=3G
    return $r
}
# Where the container's systemd has no say in memory, the machine has: a group of the old kind.
group=/sys/fs/cgroup/memory/nta-booted-$$
failed_once()
{
    grep -v '^0$' "$group/memory.failcnt"
    grep -E '^oom_kill [1-9]' "$group/memory.oom_control"
}
oom_in_group()
{
    echo 256K > "$group/memory.limit_in_bytes" &&
        nsenter --target "$leader" --pid -- \
            sh -c "echo $main > $group/cgroup.procs" || return 1
    box systemctl reload ntad 2> /dev/null # it needs memory for that
    visit bad.example
    within 20 failed_once && within 20 says ntad "code=killed, status=9/KILL"
}
oom_kill=''
if box test -e /sys/fs/cgroup/system.slice/ntad.service/memory.max; then
    oom_kill=oom
elif mkdir "$group" 2> /dev/null; then
    oom_kill=oom_in_group
fi
if [ -n "$oom_kill" ]; then
    main=$(property ntad MainPID)
    ok "with too little memory it is killed" $oom_kill
    ok "and started again" within 30 restarted
    ok "and alerts" alerts bad.example
    ok "its chain holds" verified
    rmdir "$group" 2> /dev/null
else
    echo "SKIPPED: no memory controller in a container here"
fi

# ---- a state that is full, or read only: on a small disk of its own ----

small_disk()
{
    box sh -e -c 'systemctl stop ntad
        mkdir /run/aside && cp -a /var/lib/nta/. /run/aside
        mount -t tmpfs -o size=120M,mode=750 tmpfs /var/lib/nta
        cp -a /run/aside/. /var/lib/nta && chown --reference=/run/aside /var/lib/nta
        rm -r /run/aside
        systemctl start ntad'
}
ok "it has a small disk" small_disk
ok "and is well" within 20 healthy
box sh -c 'head -c 200M /dev/zero > /var/lib/nta/fill 2> /dev/null'
ok "the disk is full: an alert comes all the same" alerts bad.example
ok "it is not well" within 30 wrong .
box rm /var/lib/nta/fill
ok "there is room again: well" within 40 healthy
box sh -c 'systemctl stop ntad && mount -o remount,ro /var/lib/nta'
read_only() { ! box systemctl start ntad && says ntad "Read-only file system"; }
ok "its disk is read only: it does not start, and says why" read_only
box mount -o remount,rw /var/lib/nta
ok "it may be written again: it starts" box systemctl restart ntad
ok "and is well" within 40 healthy
ok "and alerts" alerts worse.example
ok "the chain holds" verified

# ---- MariaDB beside it ----

database()
{
    box sh -e -c 'systemctl start mariadb
        mariadb -e "CREATE DATABASE nta; CREATE USER nta@localhost IDENTIFIED BY \"sesame\";
            GRANT SELECT, INSERT, CREATE, UPDATE ON nta.* TO nta@localhost"
        echo sesame > /etc/nta/mysql-password
        chown root:nta /etc/nta/mysql-password && chmod 640 /etc/nta/mysql-password'
    echo 'mysql = { hosts = "/run/mysqld/mysqld.sock"; user = "nta"; database = "nta";
        password_file = "/etc/nta/mysql-password"; };' >> "$root/etc/nta/ntad.conf"
    box systemctl restart ntad
}
rows() { [ "$(box mariadb -N -e 'SELECT COUNT(*) FROM nta.head')" -ge "${1:-1}" ]; }
ok "MariaDB runs in there, and ntad is told of it" database
ok "it is connected, as systemd's status line says" within 30 line_has "; MySQL connected"
ok "batches are in it" within 30 rows
box systemctl stop mariadb.socket mariadb # whoever asks the socket would start it again
ok "it is stopped: the line says so, also while nothing is to be sent" within 30 line_has "; MySQL NOT CONNECTED"
ok "ntad goes on alerting" alerts bad.example
n_rows=$(box systemctl start mariadb && box mariadb -N -e 'SELECT COUNT(*) FROM nta.head')
ok "it is there again: connected" within 90 line_has "; MySQL connected"
ok "and gets what it missed" within 30 rows $((n_rows + 1))
ok "the chain holds" verified

# ---- state.key, sealed by a TPM2 ----

# a secret of the same chip each time; it lets systemd in by 2321, and is led by 2322
mkdir "$work/tpm"
start_tpm()
{
    nsenter --target "$leader" --net swtpm socket --tpm2 --tpmstate "dir=$work/tpm" \
        --server type=tcp,port=2321,bindaddr=127.0.0.1 \
        --ctrl type=tcp,port=2322,bindaddr=127.0.0.1 --flags not-need-init,startup-clear \
        > "$work/tpm.log" 2>&1 &
    tpm=$!
    within 5 nsenter --target "$leader" --net bash -c 'exec 3<> /dev/tcp/127.0.0.1/2322'
}
end_tpm() { kill "$tpm" && within 5 gone "$tpm"; tpm=''; }
sealing() { box env SYSTEMD_TPM2_DEVICE=$chip "$@"; }
fails() { ! "$@"; }
restarted() { box systemctl reset-failed ntad; box systemctl restart ntad; }
sealed() # docs/operations.md, word for word
{
    sealing systemd-creds encrypt --with-key=host+tpm2 --name=state.key \
        /var/lib/nta/keys/state.key /var/lib/nta/keys/state.cred &&
        box sh -e -c 'mkdir -p /etc/systemd/system/ntad.service.d
        printf "%s\n" "[Service]" "LoadCredential=" \
            "LoadCredential=sensor.pub:/var/lib/nta/keys/sensor.pub" \
            "LoadCredential=auditors.pub:/var/lib/nta/keys/auditors.pub" \
            "LoadCredentialEncrypted=state.key:/var/lib/nta/keys/state.cred" \
            > /etc/systemd/system/ntad.service.d/override.conf
        sha256sum < /var/lib/nta/keys/state.key > /root/state.sum
        systemctl daemon-reload
        systemctl restart ntad
        shred -u /var/lib/nta/keys/state.key
        systemctl restart ntad'
}
ok "a TPM2 is there" start_tpm
ok "state.key is sealed by it, and not there in clear any more" sealed
main=$(property ntad MainPID)
ok "ntad has it all the same" [ "$(daemon sha256sum /run/credentials/ntad.service/state.key |
    cut -c1-64)" = "$(box cut -c1-64 /root/state.sum)" ]
ok "no other was made" box sh -c '! ls /var/lib/nta/keys/state.key'
ok "ntad alerts" alerts worse.example
ok "and its chain goes on" verified
ok "without the TPM2 the disk gives nothing" end_tpm
ok "the key is not to be had" fails sealing systemd-creds decrypt --name=state.key \
    /var/lib/nta/keys/state.cred -
ok "and ntad does not start" fails restarted
mv "$work/tpm" "$work/own" && mkdir "$work/tpm"
ok "nor with another one" start_tpm
ok "for which it is nothing" fails sealing systemd-creds decrypt --name=state.key \
    /var/lib/nta/keys/state.cred -
ok "so ntad does not start" fails restarted
end_tpm
rm -r "$work/tpm" && mv "$work/own" "$work/tpm"
ok "its own is there again" start_tpm
ok "ntad starts" restarted
ok "no other key was made meanwhile" box sh -c '! ls /var/lib/nta/keys/state.key'
ok "ntad alerts" alerts bad.example
ok "and the chain holds" verified
back() # docs/operations.md, for commands that seal
{
    sealing sh -e -c '(umask 077; systemd-creds decrypt --name=state.key \
        /var/lib/nta/keys/state.cred /var/lib/nta/keys/state.key)
        sha256sum < /var/lib/nta/keys/state.key | cmp - /root/state.sum
        shred -u /var/lib/nta/keys/state.key'
}
ok "whoever needs it back for the moment has it" back

ok "systemctl enable" box systemctl enable ntad nta-lists.timer nta-verify.timer nta-notify
ok "systemctl stop" box systemctl stop ntad
ok "ends well" is ntad Result success
no_failed() { ! box systemctl --failed --no-legend --no-pager | grep .; }
ok "no unit has failed" no_failed
if [ "$failures" -gt 0 ]; then box journalctl --no-pager | tail -n 150; fi
conclude
