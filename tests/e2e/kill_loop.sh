#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 in the middle of commits, again and again: the chain always holds and the numbers go on.
# usage: kill_loop.sh NTA ROUNDS
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") rounds=$2
. "$here/lib/check.sh"
cd "$here/../.."
work=$(mktemp -d /tmp/nta-kill-XXXXXX)
trap 'rm -rf "$work"' EXIT
captures=()
for i in $(seq 200); do captures+=(tests/data/demo/demo.pcap); done
last=0 gone_on=0
for i in $(seq "$rounds"); do
    "$nta" read --store "$work/store" --list conf/lists/example-malware.txt "${captures[@]}" > \
        /dev/null 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
    kill -9 $pid 2> /dev/null
    wait $pid 2> /dev/null
    [ -e "$work/store/journal.db" ] || continue
    "$nta" verify --store "$work/store" > "$work/verify" ||
        { cat "$work/verify"; fail "round $i: the chain is broken"; }
    n=$(awk '/^batches/ { print $2 }' "$work/verify")
    [ "$n" -ge "$last" ] || fail "round $i: batches were lost ($last, then $n)"
    [ "$n" -gt "$last" ] && gone_on=$((gone_on + 1))
    last=$n
done
ok "after each of $rounds kills the chain held ($last batches)" true
ok "batches were committed between kills ($gone_on rounds)" [ "$gone_on" -gt 0 ]
conclude
