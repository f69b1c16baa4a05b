#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: packages.sh BUILD
#
# The Debian packages of BUILD: lintian finds no error in them, and in a booted Debian 12 they are
# installed, run, upgraded to a next version, removed and purged.  Of all that is installed some
# package has it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
. "$here/lib/check.sh"
. "$here/lib/machine.sh"

for tool in lintian dpkg-deb cpack dpkg-shlibdeps; do
    command -v $tool > /dev/null || skip "no $tool (Debian: lintian dpkg-dev cmake)"
done
trap machine_end EXIT
trap 'exit 1' INT TERM
machine_make "$here/packages.sh" "$build"

# ---- packages ----

next_version() # the same packages with another number
{
    local deb
    mkdir "$work/two"
    for deb in "$work"/one/*.deb; do
        dpkg-deb -R "$deb" "$work/open" &&
            sed -i -E '/^(Version|Depends):/s/0\.1\.0/0.1.1/' "$work/open/DEBIAN/control" &&
            dpkg-deb -Znone -b "$work/open" "$work/two" || return 1
        rm -rf "$work/open"
    done
}
ok "cpack makes packages" machine_pack "$work/one"
ok "and those of a next version" next_version
for name in daemon tools exporter notify console verify doc; do
    ok "nta-$name is one" test -s "$work"/one/nta-$name*.deb
done
clean() # clean FILE...: nothing that lintian calls an error
{
    lintian --allow-root --fail-on error "$@" 2>&1
}
ok "lintian finds no error" clean "$work"/one/*.deb
for deb in "$work"/one/*.deb; do
    dpkg-deb -c "$deb"
done | awk '$1 !~ /^d/ { sub(/^\./, "", $6); print $6 }' | sort > "$work/packed"
everything() # what cmake installs, some package has, and the other way round
{
    DESTDIR=$work/all cmake --install "$build" --prefix /usr > /dev/null &&
        (cd "$work/all" && find . ! -type d | sed 's/^\.//' | sort) > "$work/installed"
    rm -rf "$work/all"
    # only packages have these: what Debian's policy wants, and the admin's own file
    grep -v -e '/doc/nta-[a-z]*/' -e /lintian/ -e '^/etc/nta/ntad.conf$' "$work/packed" |
        diff "$work/installed" -
}
ok "what is installed is in the packages, and nothing else" everything
ok "and nothing of this machine" sh -c "! grep -r /usr/local '$work/packed'"

# ---- a machine ----

mkdir "$root/debs" "$root/debs2"
cp "$work"/one/*.deb "$root/debs"
cp "$work"/two/*.deb "$root/debs2"
machine_boot
ip link set lo up
ip link add wire0 type veth peer name mirror0 netns "$leader" || fail "no veth"
box ip link set mirror0 up
within 30 box systemctl is-system-running --wait

install() { box sh -c "DEBIAN_FRONTEND=noninteractive dpkg -i $1/*.deb"; }
property() { box systemctl show --property="$2" --value "$1"; }
owner() { [ "$(box stat -c %U:%G:%a "$1")" = "$2" ]; }

ok "dpkg -i" install /debs
ok "nta runs" box nta --version
ok "ntad is not started, nor enabled" [ "$(property ntad ActiveState) $(property ntad \
    UnitFileState)" = "inactive disabled" ]
ok "its units are where systemd looks" box systemctl cat ntad nta-verify.timer nta-lists.timer \
    nta-witness.timer
ok "they name the program that was installed" sh -c \
    "grep -q '^ExecStart=/usr/bin/ntad ' '$root/usr/lib/systemd/system/ntad.service' &&
     ! grep -r /usr/local '$root/usr/lib/systemd/system/'nta*"
ok "its users are there" box id nta nta-lists
ok "and the groups of who may ask for the status, and read" box getent group nta-status nta-records
ok "its folder is its own" owner /var/lib/nta nta:nta:750
ok "the configuration is a conffile" sh -c \
    "grep -q ' /etc/nta/ntad.conf ' '$root/var/lib/dpkg/status' ||
     grep -q '/etc/nta/ntad.conf' '$root/var/lib/dpkg/info/nta-daemon.conffiles'"
ok "the manual is found" box test -s /usr/share/man/man1/nta.1.gz
ok "completion of bash loads" box bash -c \
    '. /usr/share/bash-completion/completions/nta && complete -p nta'

cat > "$root/etc/nta/ntad.conf" <<'TEXT'
capture = { interfaces = ( "mirror0" ); workers = 1; buffer = "4M"; };
blacklist = { files = ( "/usr/share/nta/lists/example-malware.txt" ); };
TEXT
ok "systemctl enable --now ntad" box systemctl enable --now ntad
healthy() { box nta status | grep '^state      good'; }
ok "it is well" within 15 healthy

# ---- who may ask and read ----

box useradd -M -G nta-status watcher
box useradd -M -G nta-records reader
box useradd -M nobody2
as() { box setpriv --reuid="$1" --regid="$1" --init-groups --no-new-privs "${@:2}"; }
ok "who is in nta-status asks for the status" as watcher nta status
ok "and has nothing reloaded" [ "$(as watcher nta reload > /dev/null 2>&1; echo $?)" != 0 ]
ok "nor reads records" [ "$(as watcher nta records --quiet > /dev/null 2>&1; echo $?)" = 3 ]
ok "who is in neither asks nothing" [ "$(as nobody2 nta status > /dev/null 2>&1; echo $?)" = 3 ]
# the auditor's key is given by hand (docs/operations.md)
if box sh -c 'command -v setfacl' > /dev/null; then
    box setfacl -m g:nta-records:rx /var/lib/nta/keys
    box setfacl -m g:nta-records:r /var/lib/nta/keys/auditor.key /var/lib/nta/keys/sensors.pub
else
    setfacl -m "g:$(box getent group nta-records | cut -d: -f3):rx" "$root/var/lib/nta/keys"
    setfacl -m "g:$(box getent group nta-records | cut -d: -f3):r" \
        "$root/var/lib/nta/keys/auditor.key" "$root/var/lib/nta/keys/sensors.pub"
fi
reads() { [ "$(as "$1" nta records --quiet --json --event start | wc -l)" = "$2" ]; }
ok "who is in nta-records reads records while ntad writes" within 10 reads reader 1
ok "and holds nothing up: no lock, no other key" as reader sh -c \
    '! cat /var/lib/nta/journal.lock && ! cat /var/lib/nta/keys/state.key && ! ls /var/lib/nta/state'
ok "and cannot change them" as reader sh -c \
    '! touch /var/lib/nta/x && ! sh -c "echo x >> /var/lib/nta/journal.db"'
ok "nor have anything reloaded" [ "$(as reader nta reload > /dev/null 2>&1; echo $?)" != 0 ]

# ---- the exporter ----

ok "nta-exporter is not started by itself" [ "$(property nta-exporter ActiveState)" = inactive ]
ok "systemctl start nta-exporter" box systemctl start nta-exporter
shown() { nsenter --target "$leader" --net curl -s 127.0.0.1:9871/metrics | grep "$1"; }
ok "it shows that ntad is well" within 10 shown "^nta_healthy 1"
exposure() { box systemd-analyze security --no-pager --threshold="$2" "$1"; }
ok "its exposure is 1.1 at most" exposure nta-exporter 11
ok "it runs as nobody else does" box sh -c \
    '! grep -q "^Uid:[[:space:]]*0" /proc/$(systemctl show -P MainPID nta-exporter)/status'

# ---- the console ----

ok "nta-console is not started by itself" [ "$(property nta-console ActiveState)" = inactive ]
ok "its user is there" box id nta-console
ok "its folder is root's alone" owner /etc/nta/console root:root:700
box sh -c 'umask 077
    od -An -N 24 -tx1 /dev/urandom | tr -d " " > /etc/nta/console/auditor-passphrase
    nta keys auditor /etc/nta/console/auditor.key --keys /var/lib/nta/keys \
        --new-passphrase-file /etc/nta/console/auditor-passphrase
    cp /var/lib/nta/keys/sensor.pub /etc/nta/console/sensors.pub
    install -m 644 /usr/share/nta/nta-console.conf /etc/nta/
    printf "vera:*:viewer\naudrey:*:auditor\n" > /etc/nta/console/users
    systemctl restart ntad'
start_console() { box systemctl start nta-console || ! box journalctl -b -u nta-console; }
ok "systemctl start nta-console" start_console
shows() # shows NAME: what a web server gets for NAME
{
    curl -s -i --unix-socket "/proc/$leader/root/run/nta-console/socket" \
        -H "X-Forwarded-User: $1" http://localhost/data
}
answers() { shows "$1" | grep "$2"; } # answers NAME PATTERN
ok "a viewer sees sums" within 10 answers vera '"role":"viewer"'
box journalctl -b -u nta-console -n 3 --no-pager -o cat
ip addr add 10.9.0.1/24 dev wire0
ip link set wire0 up
ip neigh replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev wire0
python3 - <<'PY'
import socket
question = bytes.fromhex("123401000001000000000000") + b"\3bad\7example\0\0\1\0\1"
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(question, ("10.9.0.2", 53))
PY
ok "an auditor sees what was wrapped to that key" within 20 answers audrey \
    '"role":"auditor".*10\.9\.0\.1.*bad\.example'
ok "a viewer sees where, and not who" sh -c \
    "! curl -s --unix-socket /proc/$leader/root/run/nta-console/socket -H 'X-Forwarded-User: vera' \
        http://localhost/data | grep '10\.9\.0\.1'"
looked() { box nta audit --quiet | grep "$1"; }
ok "which is in the chain, by the service's user" looked 'nta-console.*audrey'
ok "and of the viewer nothing" [ "$(looked vera | wc -l)" = 0 ]
ok "its socket is for the web server that is in its group" owner /run/nta-console/socket \
    nta-console:nta-console:660
ok "somebody else nothing" answers mallory '^HTTP/1.. 403'
in_console() # in_console COMMAND: as it sees the machine
{
    local pid
    pid=$(property nta-console MainPID)
    [ "$pid" -gt 0 ] && box nsenter --target "$pid" --mount --net -- "$@"
}
ok "it has what it was handed, and no other key" in_console sh -c \
    'test -s /run/credentials/nta-console.service/auditor.key && ! test -e /etc/nta/console/users'
ok "it has no network" in_console sh -c '[ "$(ip -o link | wc -l)" = 1 ]'
ok "its exposure is 0.5 at most" exposure nta-console 5
box systemd-analyze security --no-pager nta-console | tail -n 1
ok "it runs as a user of its own" in_console sh -c \
    '[ "$(stat -c %U /run/nta-console/socket)" = nta-console ]'

# ---- the next version ----

pid=$(property ntad MainPID)
n_before=$(box nta records --quiet --json --event start,stop,policy | wc -l)
ok "an upgrade" install /debs2
ok "is one" [ "$(box dpkg-query -W -f '${Version}' nta-daemon)" = 0.1.1 ]
ok "restarts ntad" [ "$(property ntad MainPID)" != "$pid" ]
ok "which is well" within 15 healthy
ok "the admin's configuration is untouched" grep -q mirror0 "$root/etc/nta/ntad.conf"
ok "the chain holds" box nta verify
more() { [ "$(box nta records --quiet --json --event start,stop,policy | wc -l)" -gt "$n_before" ]; }
ok "and goes on: what was before is there, and more" within 10 more
ok "ntad is still enabled" [ "$(property ntad UnitFileState)" = enabled ]

# ---- the end ----

ok "remove" box dpkg -r nta-exporter nta-notify nta-console nta-daemon
ok "ntad is stopped" [ "$(property ntad MainPID)" = 0 ]
ok "and no longer wanted at a start" box sh -c \
    '! ls /etc/systemd/system/multi-user.target.wants/ntad.service'
ok "configuration and records are kept" box test -s /etc/nta/ntad.conf -a -s \
    /var/lib/nta/journal.db
ok "nta still reads them" box nta verify
ok "installed again, they go on" sh -c "nsenter --target $leader --mount --uts --ipc --net --pid \
    --cgroup -- sh -c 'dpkg -i /debs2/nta-daemon*.deb && systemctl start ntad'"
ok "and are well" within 15 healthy
ok "purge" box dpkg -P nta-daemon nta-tools nta-exporter nta-notify nta-console nta-verify \
    nta-doc
ok "takes configuration and what was fetched" box sh -c \
    '! ls -d /etc/nta/ntad.conf /var/lib/nta-lists /etc/logrotate.d/nta'
ok "and leaves records and keys: they are evidence" box test -s /var/lib/nta/journal.db -a -s \
    /var/lib/nta/keys/auditor.key
ok "files of the program are gone" box sh -c \
    '! find /usr/bin /usr/lib/systemd /usr/share -name "nta*" | grep .'
conclude
