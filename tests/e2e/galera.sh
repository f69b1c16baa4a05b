#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: galera.sh BUILD [--short]
#
# A Galera cluster of three MariaDB nodes, each of which takes writes, in a network namespace of the
# test's own: programs and daemons write to it while its nodes are killed one after the other and
# come back.  Each batch arrives once on each node, no chain forks or has a hole, and `nta verify`
# says so of each node.  BUILD has the test programs of tests/e2e, nta and ntad.  With --short one
# node is killed and comes back, and that is all.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
short=${2:-}
PATH=$PATH:/usr/sbin:/sbin
provider=/usr/lib/galera/libgalera_smm.so
. "$here/lib/check.sh"

skip()
{
    echo "SKIPPED: no test against a Galera cluster: $*"
    exit 77
}

[ "$(id -u)" -eq 0 ] || skip "not root"
for tool in mariadbd mariadb-install-db mariadb rsync ss ip unshare python3; do
    command -v $tool > /dev/null || skip "no $tool (Debian: mariadb-server rsync iproute2)"
done
getent passwd mysql > /dev/null || skip "no user mysql (Debian: mariadb-server)"
[ -e $provider ] || skip "no $provider (Debian: galera-4)"
if [ "${NTA_GALERA:-}" != inside ]; then
    # whatever the nodes start ends with this
    NTA_GALERA=inside exec unshare --net --pid --fork --kill-child --mount-proc "$here/galera.sh" \
        "$build" $short
fi
ip link set lo up || exit 1

dir=$(mktemp -d /tmp/nta-galera-XXXXXX)
chmod 755 "$dir"
declare -A node_pid=()
writers=()
traffic=

finish()
{
    status=$?
    kill ${traffic:+"$traffic"} "${writers[@]}" 2> /dev/null
    for n in "${!node_pid[@]}"; do kill -KILL "${node_pid[$n]}" 2> /dev/null; done
    wait
    if [ -n "${NTA_GALERA_KEEP:-}" ]; then echo "kept: $dir"; else rm -rf "$dir"; fi
    exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM

fail()
{
    echo "FAILED: $*" >&2
    for log in "$dir"/*.log; do
        printf '%s:\n' "$(basename "$log")" >&2
        tail -n 6 "$log" >&2
    done
    exit 1
}

# ---- nodes ----

socket() { echo "$dir/n$1/sock"; }

sql() # sql NODE TEXT
{
    mariadb --no-defaults --socket="$(socket "$1")" --user=root --batch --skip-column-names \
        --execute="$2"
}

is_synced() { sql "$1" "SHOW STATUS LIKE 'wsrep_local_state_comment'" | grep -q Synced; }

has_come() { is_synced "$1" || ! kill -0 "${node_pid[$1]}"; }

# start NODE [OPTION...]: until it takes statements; an empty folder gets its state from another
start()
{
    local n=$1 base=$((4500 + 10 * $1))
    shift
    # not as root: rsync's daemon would then receive as nobody
    install -d -o mysql "$dir/n$n" "$dir/n$n/data" "$dir/n$n/tmp"
    mariadbd --no-defaults --user=mysql --datadir="$dir/n$n/data" --socket="$(socket "$n")" \
        --pid-file="$dir/n$n/pid" --tmpdir="$dir/n$n/tmp" --innodb-buffer-pool-size=64M \
        --bind-address=127.0.0.1 --port=330"$n" --binlog-format=ROW --innodb-autoinc-lock-mode=2 \
        --wsrep-on=ON --wsrep-provider=$provider --wsrep-cluster-name=nta \
        --wsrep-cluster-address=gcomm://127.0.0.1:4510,127.0.0.1:4520,127.0.0.1:4530 \
        --wsrep-node-name="n$n" --wsrep-node-address="127.0.0.1:$base" \
        --wsrep-sst-method=rsync --wsrep-sst-receive-address="127.0.0.1:$((base + 2))" \
        --wsrep-provider-options="gmcast.listen_addr=tcp://127.0.0.1:$base;ist.recv_addr=127.0.0.1:$((base + 1));gcache.size=${gcache:-64M};evs.keepalive_period=PT0.5S;evs.suspect_timeout=PT2S;evs.inactive_timeout=PT4S" \
        "$@" >> "$dir/n$n.log" 2>&1 &
    node_pid[$n]=$!
    within 300 has_come "$n" # a machine may be busy
    is_synced "$n" || fail "node $n does not start"
}

end() # end SIGNAL NODE
{
    { kill "-$1" "${node_pid[$2]}"; wait "${node_pid[$2]}"; } 2> /dev/null
    unset "node_pid[$2]"
}

# hosts FIRST SECOND...: for the option `hosts`
hosts() { local IFS=,; echo "${*/#/127.0.0.1:330}"; }

make_database() # make_database NAME
{
    sql 1 "CREATE DATABASE $1; CREATE USER IF NOT EXISTS nta@'127.0.0.1' IDENTIFIED BY 'sesame';
        GRANT SELECT, INSERT, CREATE ON $1.* TO nta@'127.0.0.1';
        GRANT CREATE, UPDATE ON $1.chain TO nta@'127.0.0.1'" || fail "no database"
}

count() # count NODE SENSOR: batches of a sensor whose id has so many times this byte
{
    sql "$1" "SELECT COUNT(*) FROM nta.head WHERE sensor = REPEAT(CHAR($2), 16)" 2> /dev/null ||
        echo 0
}

has() { [ "$(count "$1" "$2")" -ge "$3" ]; } # has NODE SENSOR N

echo "== three nodes; two of them get their state from the first"
install -d -o mysql "$dir/n1"
mariadb-install-db --no-defaults --user=mysql --datadir="$dir/n1/data" --skip-test-db \
    --auth-root-authentication-method=normal --skip-name-resolve > "$dir/install.log" 2>&1 ||
    fail "mariadb-install-db"
start 1 --wsrep-new-cluster
start 2
start 3

if [ -z "$short" ]; then
    echo "== the tests of one server's writers, one of two rivals on the second node"
    NTA_TEST_SOCKET=$(socket 1) NTA_TEST_SECOND=$(socket 2) "$build/tests/e2e/mysql_writers" \
        > "$dir/writers.log" 2>&1 || fail "writers"
    tail -n 3 "$dir/writers.log"
    sql 1 "DROP DATABASE nta; DROP USER nta@localhost"
fi

# ---- everybody writes while the nodes are killed in turn ----

make_database nta
make_database gates
driver=$build/tests/e2e/ship_driver
write() # write NAME COMMAND...
{
    local name=$1
    shift
    "$@" > "$dir/$name.out" 2> "$dir/$name.log" &
    writers+=($!)
}

# Two sensors with one auditor, who reads all from the first batch on.
init()
{
    "$build/tools/nta" keys init --keys "$dir/$1/keys" --state "$dir/$1/state" > "$dir/$1.init" 2>&1
}
mkdir "$dir/gate1" "$dir/gate2"
init gate1 && cp -r "$dir/gate1/keys" "$dir/gate2/keys" && rm "$dir"/gate2/keys/s* && init gate2 ||
    fail "keys"

# sensor NAME FIRST SECOND THIRD: a real ntad of its own identity, which captures on lo
sensor()
{
    local name=$1
    shift
    cat > "$dir/$name.conf" <<TEXT
capture = { interfaces = ( "lo" ); workers = 1; buffer = "16M"; };
blacklist = { files = ( "$dir/deny.txt" ); shared = ""; canary = "0s"; };
flow = { udp_idle = "1s"; };
record = { batch_time = "100ms"; };
store = { directory = "$dir/$name"; };
alert = { json = "$dir/$name.alerts"; };
control = { socket = "$dir/$name.control"; };
mysql = { hosts = "$(hosts "$@")"; password = "sesame"; database = "gates"; tls = "off"; };
TEXT
    write "$name" "$build/daemon/ntad" --config "$dir/$name.conf" --foreground
}

echo "== two shippers, two rivals for one chain and two ntad write, each to a node of its own first"
echo bad.example > "$dir/deny.txt"
python3 - <<'PY' &
import socket, time
while True:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("127.0.0.1", 9))
    time.sleep(0.05)
PY
traffic=$!
n_batches=4000 killed="1 2 3"
[ -z "$short" ] || n_batches=600 killed=2
write ship1 "$driver" run "$dir/j1.db" "$(hosts 1 2 3)" $n_batches 20
write ship2 "$driver" --sensor 2 run "$dir/j2.db" "$(hosts 2 3 1)" $n_batches 20
write rival1 "$build/tests/e2e/rival" write "$(hosts 1 3 2)" 1 "$dir/stop"
write rival2 "$build/tests/e2e/rival" write "$(hosts 2 1 3)" 2 "$dir/stop"
sensor gate1 1 2 3
sensor gate2 3 2 1

goes_on() # goes_on NODE: the chains of the two shippers and the rivals, as this node has them
{
    local sensor goal
    for sensor in 1 2 3; do
        goal=$(($(count "$1" $sensor) + 20))
        [ $sensor = 3 ] || [ $goal -lt $n_batches ] || goal=$n_batches
        within 60 has "$1" $sensor $goal ||
            fail "sensor $sensor does not come to $goal at node $1"
    done
}

# A node that is behind: what the cluster has committed waits there for as long as a lock is held.
fall_behind() # fall_behind NODE SECONDS
{
    sql "$1" "SET GLOBAL wsrep_desync = ON; FLUSH TABLES WITH READ LOCK; DO SLEEP($2);
        UNLOCK TABLES; SET GLOBAL wsrep_desync = OFF"
}

within 60 has 3 1 100 || fail "nobody writes"
for n in $killed; do
    other=$((n % 3 + 1))
    echo "== node $n is killed while node $other is behind, and comes back"
    fall_behind $other 3 &
    sleep 1
    end KILL $n
    wait $!
    goes_on $other
    # what it missed it gets from another node: the third one, which lost all, as a whole
    [ $n = 3 ] && rm -rf "$dir/n$n/data"
    start $n
    goes_on $n
done
is_alone() { sql "$1" "SHOW STATUS LIKE 'wsrep_cluster_status'" | grep -q non-Primary; }
isolate() { sql "$1" "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=$2'"; } # isolate NODE 0|1
if [ -z "$short" ]; then
    echo "== node 1 is cut off from the others, alive, and joins them again"
    isolate 1 1 || fail "node 1 cannot be cut off"
    goes_on 2
    isolate 1 0
    within 60 is_synced 1 || fail "node 1 does not come back"
    goes_on 1
    echo "== node 2 is stopped in order, and comes back"
    end TERM 2
    goes_on 1
    start 2
    goes_on 2
    echo "== nodes 2 and 3 are killed at once: the one that is left has no majority, and takes nothing"
    end KILL 2
    end KILL 3
    within 60 is_alone 1 || fail "node 1 goes on without a majority"
    sleep 5
    for i in "${writers[@]}"; do
        kill -0 "$i" || fail "a writer does not wait for the cluster"
    done
    is_alone 1 || fail "node 1 takes writes without a majority"
    echo "== the admin says that node 1 is the cluster, and the others join it"
    sql 1 "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'" || fail "pc.bootstrap"
    goes_on 1
    start 2
    start 3
    goes_on 3
fi

echo "== the writers end"
touch "$dir/stop"
for i in 0 1 2 3; do
    wait "${writers[$i]}" || fail "a writer: $i"
done
kill "${writers[4]}" "${writers[5]}"
wait "${writers[4]}" || fail "gate1"
wait "${writers[5]}" || fail "gate2"
kill "$traffic"
traffic=
writers=()

# ---- what is there, on each node ----

if grep -hE "lacks batches|hold different|another (program|ntad|writer)|not ours" "$dir"/ship?.log \
    "$dir"/gate?.log; then
    fail "a node that was behind was taken for one that lost something"
fi
! grep -h "^again (5)" "$dir"/rival?.log || fail "another node was not tried at once"
! grep -h "Deadlock" "$dir"/ship?.log "$dir"/gate?.log || fail "a deadlock was told as an outage"
tail -qn 1 "$dir"/ship?.out
cat "$dir"/rival?.out > "$dir/told"
sed -n 's/^won //p' "$dir/told" | sort > "$dir/won"
sed 's/^[a-z]* //' "$dir/told" | sort > "$dir/may"
echo "rivals: $(wc -l < "$dir/won") batches acknowledged, $(grep -c unsure "$dir/told") in doubt"
for n in 1 2; do
    grep -q won "$dir/rival$n.out" || fail "rival $n never wins"
done
trust() # trust READER OTHER
{
    "$build/tools/nta" keys trust "$(grep -o "nta-sensor-[0-9a-f]*" "$dir/$2/keys/sensor.pub")" \
        --name "$2" --store "$dir/$1" > /dev/null || fail "keys trust"
}
trust gate1 gate2
trust gate2 gate1
for n in 1 2 3; do
    within 30 is_synced $n || fail "node $n is not in the cluster"
    "$driver" check "$(hosts $n)" $n_batches || fail "sensor 1 on node $n"
    "$driver" --sensor 2 check "$(hosts $n)" $n_batches || fail "sensor 2 on node $n"
    "$build/tests/e2e/rival" list "$(hosts $n)" > "$dir/list" || fail "the rivals' chain on node $n"
    sort "$dir/list" > "$dir/sorted"
    [ -z "$(comm -23 "$dir/won" "$dir/sorted")" ] || fail "acknowledged, and not on node $n"
    [ -z "$(comm -23 "$dir/sorted" "$dir/may")" ] || fail "nobody wrote what is on node $n"
    for gate in gate1 gate2; do
        sed "s/hosts = \"[^\"]*\"/hosts = \"$(hosts $n)\"/" "$dir/$gate.conf" > "$dir/read.conf"
        cat "$dir"/gate?.log | "$build/tools/nta" verify --heads - --config "$dir/read.conf" \
            > "$dir/verify.log" 2>&1 && grep -q HOLDS "$dir/verify.log" ||
            fail "$gate: nta verify of node $n"
    done
    sed -n 's/^batches/node '$n': HOLDS/p' "$dir/verify.log"
    once=$(sql $n "SELECT COUNT(*) = COUNT(DISTINCT number) AND MIN(number) = 1 AND MAX(number) =
        COUNT(*) AND MAX(number) = (SELECT number FROM gates.chain WHERE sensor = head.sensor)
        FROM gates.head GROUP BY sensor" | tr '\n' ' ')
    [ "$once" = "1 1 " ] || fail "not each batch is there once on node $n: $once"
done
[ "$(for n in 1 2 3; do sql $n "CHECKSUM TABLE nta.head, nta.chain, nta.data_key, nta.content_1,
    nta.content_2, nta.content_3, nta.content_4, gates.head, gates.chain, gates.data_key"; done |
    sort -u | wc -l)" = 10 ] || fail "the nodes do not hold the same"
echo "all nodes hold the same, each batch once"
