#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: outages.sh SHIP_DRIVER
#
# The shipper over TCP to a MariaDB server that goes on and on about something: a host of the list
# that is not there, a server that is read-only, forgets the password, ends connections in the
# middle, answers slowly, has no disk left, is killed; a network that swallows everything.  Each is
# told in its own words, and in the end every batch is there, once, in order.  In a network and a
# mount namespace of the test's own; needs root.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/mariadb.sh"
. "$here/lib/check.sh"
driver=$1

skip()
{
    echo "skipped: $*"
    exit 77
}

[ "$(id -u)" -eq 0 ] || skip "not root"
mariadb_found || skip "no MariaDB server is installed (Debian: mariadb-server)"
if [ "${NTA_OUTAGES:-}" != inside ]; then
    NTA_OUTAGES=inside exec unshare --net --mount --pid --fork --kill-child --mount-proc "$0" "$@"
fi
ip link set lo up || skip "no network namespace"
dir=$(mktemp -d /tmp/nta-outages-XXXXXX)
run_pid=
trap 'kill $run_pid 2> /dev/null; mariadb_kill; umount "$dir/db"; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
mkdir "$dir/db"
mount -t tmpfs -o size=420m none "$dir/db" || skip "no file system of one's own can be mounted"

port=3307
mariadb_start "$dir/db" --bind-address=127.0.0.1 --port=$port --innodb-log-file-size=16M || exit 1
mariadb_sql "CREATE DATABASE nta; CREATE USER nta@'127.0.0.1' IDENTIFIED BY 'sesame';
    GRANT SELECT, INSERT, CREATE ON nta.* TO nta@'127.0.0.1';
    GRANT CREATE, UPDATE ON nta.chain TO nta@'127.0.0.1'" || fail "cannot set up the server"

n=700
hosts=127.0.0.1:3399,127.0.0.1:$port # at the first one nobody listens
"$driver" run "$dir/journal.db" $hosts $n 30 > "$dir/run.log" 2>&1 &
run_pid=$!

count() { mariadb_sql 'SELECT COUNT(*) FROM head' nta 2> /dev/null || echo 0; }
has() { [ "$(count)" -ge "$1" ]; }
said() { grep -q "$1" "$dir/run.log"; }
# more N: so many more arrive now
more() { within 60 has $(($(count) + $1)); }
end_connections()
{
    mariadb_sql "SELECT id FROM information_schema.processlist WHERE user = 'nta'" |
        while read -r id; do mariadb_sql "KILL $id" 2> /dev/null; done
}

ok "the second host of the list takes batches" more 20

mariadb_sql "SET GLOBAL read_only = 1"
ok "a read-only server is told" within 20 said "read-only"
mariadb_sql "SET GLOBAL read_only = 0"
ok "and batches go on" more 10

mariadb_sql "ALTER USER nta@'127.0.0.1' IDENTIFIED BY 'another'"
end_connections
ok "a password that does not fit any more is told" within 20 said "does not let user 'nta' in"
mariadb_sql "ALTER USER nta@'127.0.0.1' IDENTIFIED BY 'sesame'"
ok "and batches go on when it fits" more 10

for _ in $(seq 25); do
    end_connections
    sleep 0.1
done
ok "connections that end in the middle cost nothing" more 10

for _ in $(seq 15); do
    kill -STOP "$MARIADB_PID"
    sleep 0.15
    kill -CONT "$MARIADB_PID"
    sleep 0.05
done
ok "a slow server is waited for" more 10

before=$(count)
ip link set lo down
sleep 8
ok "a network that swallows everything is noticed" [ "$(count)" -le $((before + 64)) ]
ip link set lo up
ok "and batches go on when it is back" more 10

dd if=/dev/zero of="$dir/db/fill" bs=1M 2> /dev/null
sleep 4
rm "$dir/db/fill"
ok "a server without disk is waited for" more 10

mariadb_kill
sleep 1
mariadb_again || fail "the server does not start again"

wait $run_pid
status=$?
run_pid=
ok "the driver came to its end" [ $status -eq 0 ]
ok "every batch once" \
    [ "$(mariadb_sql 'SELECT COUNT(*), COUNT(DISTINCT sensor, number), MAX(number) FROM head' nta)" \
    = "$n	$n	$n" ]
ok "in one chain, every byte as made" "$driver" check $hosts $n
ok "no password in the log" [ "$(grep -c sesame "$dir/run.log")" -eq 0 ]
[ $failures -eq 0 ] || tail -n 20 "$dir/run.log"
conclude
