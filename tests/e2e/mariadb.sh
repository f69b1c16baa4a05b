#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: mariadb.sh SHIP_DRIVER
#
# The shipper against a server that is absent, is killed in the middle, is stopped, and comes back:
# every batch arrives, once, in order; the journal ends empty but for heads that name a key.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/mariadb.sh"
driver=$1
mariadb_found || {
    echo "skipped: no MariaDB server is installed (Debian: mariadb-server)"
    exit 77
}
dir=$(mktemp -d /tmp/nta-e2e-XXXXXX)
run_pid=
cut_pid=

finish()
{
    status=$?
    [ -n "$run_pid" ] && kill "$run_pid" 2> /dev/null
    [ -n "$cut_pid" ] && kill "$cut_pid" 2> /dev/null
    mariadb_stop
    rm -rf "$dir"
    exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM

fail()
{
    echo "FAILED: $*" >&2
    [ -f "$dir/run.log" ] && cat "$dir/run.log" >&2
    exit 1
}

# Wait until the server holds at least so many batches.
wait_for()
{
    tries=0
    while [ "$(mariadb_sql 'SELECT COUNT(*) FROM head' nta 2> /dev/null || echo 0)" -lt "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "fewer than $1 batches after a minute"
        kill -0 "$run_pid" 2> /dev/null || fail "the driver ended early"
        sleep 0.1
    done
}

mariadb_start "$dir" || exit 1
mariadb_sql "CREATE DATABASE nta; GRANT SELECT, INSERT, CREATE ON nta.* TO nta@localhost
    IDENTIFIED BY 'sesame'; GRANT CREATE, UPDATE ON nta.chain TO nta@localhost" ||
        fail "cannot set up the server"
mariadb_stop

echo "== 200 batches before there is a server"
"$driver" fill "$dir/journal.db" 200 > /dev/null || fail "fill"

echo "== 1000 more, with the server coming, killed, stopped"
"$driver" run "$dir/journal.db" "$MARIADB_SOCKET" 1000 10 > "$dir/run.log" 2>&1 &
run_pid=$!
sleep 1
mariadb_again || exit 1
wait_for 300
mariadb_kill
sleep 2
mariadb_again || exit 1
wait_for 500
for n in 520 540 560; do
    mariadb_kill
    mariadb_again || exit 1
    wait_for $n
done
mariadb_stop
sleep 1
mariadb_again || exit 1
wait "$run_pid" || fail "the driver"
run_pid=
cat "$dir/run.log"

count=$(mariadb_sql "SELECT COUNT(*), COUNT(DISTINCT sensor, number), MIN(number), MAX(number)
    FROM head" nta)
[ "$count" = "1200	1200	1	1200" ] || fail "count, distinct, first, last: $count"
"$driver" check "$MARIADB_SOCKET" 1200 || fail "check"

# One line when it went, one when it came back; every outage may change its reason once.
lost=$(grep -c "records stay in the journal" "$dir/run.log")
back=$(grep -c "takes records again after" "$dir/run.log")
[ "$back" -ge 2 ] && [ "$lost" -ge "$back" ] && [ "$lost" -le $((2 * back)) ] ||
    fail "$lost lines say an outage, $back its end"
grep -q sesame "$dir/run.log" && fail "the password is in the log"

echo "== a crash between MySQL's acknowledgement and the journal's forgetting"
rm -f "$dir"/journal.db*
mariadb_sql "DELETE FROM head; DELETE FROM content_1; DELETE FROM content_2;
    DELETE FROM content_3; DELETE FROM content_4; DELETE FROM data_key; DELETE FROM chain" nta
"$driver" fill "$dir/journal.db" 100 > /dev/null || fail "fill"
cp "$dir/journal.db" "$dir/before.db"
"$driver" run "$dir/journal.db" "$MARIADB_SOCKET" 0 0 > "$dir/run.log" 2>&1 || fail "first run"
cp "$dir/before.db" "$dir/journal.db"
rm -f "$dir/journal.db-wal" "$dir/journal.db-shm"
"$driver" run "$dir/journal.db" "$MARIADB_SOCKET" 10 0 > "$dir/run.log" 2>&1 || fail "second run"
grep -q "shipped 10 errors 0" "$dir/run.log" || fail "sent again what was there"
"$driver" check "$MARIADB_SOCKET" 110 || fail "check"

echo "== the server's data put back from a copy, under a shipper that runs"
mariadb_stop
cp -a "$dir/data" "$dir/copy"
mariadb_again || exit 1
"$driver" run "$dir/journal.db" "$MARIADB_SOCKET" 100 50 > "$dir/run.log" 2>&1 &
run_pid=$!
wait_for 140
mariadb_stop
rm -rf "$dir/data"
mv "$dir/copy" "$dir/data"
mariadb_again || exit 1
wait "$run_pid" || fail "the driver: $(cat "$dir/run.log")"
run_pid=
grep -q "MySQL lacks batches that it had: .* batches 111 to 1[0-9][0-9] the journal still holds" \
    "$dir/run.log" || fail "it is not said: $(cat "$dir/run.log")"
count=$(mariadb_sql "SELECT COUNT(*) < 210, MAX(number), (SELECT number FROM chain) FROM head" nta)
[ "$count" = "1	210	210" ] || fail "a hole, last, row: $count"

echo "== answers to COMMIT that are lost: done or not done, each batch arrives once"
rm -f "$dir"/journal.db*
mariadb_sql "DELETE FROM head; DELETE FROM content_1; DELETE FROM content_2;
    DELETE FROM content_3; DELETE FROM content_4; DELETE FROM data_key; DELETE FROM chain" nta
python3 "$here/cut_commit.py" "$MARIADB_SOCKET" "$dir/port" "$dir/cut" &
cut_pid=$!
tries=0
until [ -s "$dir/port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "the proxy does not start"
    sleep 0.1
done
"$driver" run "$dir/journal.db" "127.0.0.1:$(cat "$dir/port")" 200 2 > "$dir/run.log" 2>&1 ||
    fail "the driver behind the proxy"
kill "$cut_pid"
cut_pid=
[ "$(grep -c after "$dir/cut")" -ge 2 ] && [ "$(grep -c before "$dir/cut")" -ge 2 ] ||
    fail "the proxy cut: $(cat "$dir/cut")"
count=$(mariadb_sql "SELECT COUNT(*), COUNT(DISTINCT sensor, number), MIN(number), MAX(number),
    (SELECT number FROM chain) FROM head" nta)
[ "$count" = "200	200	1	200	200" ] || fail "count, distinct, first, last, row: $count"
"$driver" check "$MARIADB_SOCKET" 200 || fail "check"
grep -q "another" "$dir/run.log" && fail "our own commit was taken for another's: $(cat \
    "$dir/run.log")"

echo "== another writer moves the row: nothing more is sent, and that is said"
"$driver" fill "$dir/journal.db" 5 > /dev/null || fail "fill"
"$driver" other "$dir/journal.db" "$MARIADB_SOCKET" > "$dir/run.log" 2>&1 || fail "the driver"
grep -q "another program writes with this sensor's key" "$dir/run.log" || fail "it is not said"
count=$(mariadb_sql "SELECT COUNT(*), MAX(number) FROM head" nta)
[ "$count" = "206	206" ] || fail "count, last: $count"

echo "== nothing that SELECT can read"
mariadb_sql "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'nta' AND
    TABLE_NAME IN ('head', 'content_1', 'content_2', 'content_3', 'content_4', 'data_key', 'chain')
    AND DATA_TYPE NOT IN
    ('bigint', 'int', 'tinyint', 'binary', 'varbinary', 'blob', 'mediumblob')" | grep -qx 0 ||
    fail "a column of text"
