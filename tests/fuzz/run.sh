#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh BUILD_DIR SECONDS JOBS: fuzz every target for that long, each from its corpus; a
# finding fails.  Seconds are of processor time: beside other work a target runs longer, not less.
# What does not read bytes off the wire (lists that an admin chose, stored records, words of the
# command line, pages) gets a third.
set -euo pipefail
build=$(realpath "$1") seconds=$2 jobs=$3
cd "$(dirname "$0")"

# one TARGET SECONDS BUILD: rounds until the processor time is used up; the found inputs stay from
# round to round.
one() {
    local target=$1 name=${1##*/fuzz_} build=$3 work log used=0 runs=0
    local seconds=$2
    case $name in
        list_* | record* | body | header | when | xml | pcapng | gate)
            seconds=$(((seconds + 2) / 3)) ;;
    esac
    log=$build/fuzz-$name.log
    work=$(mktemp -d)
    cp "corpus/$name"/* "$work"/ 2> /dev/null || true
    while [ "$used" -lt "$seconds" ]; do
        if ! bash -c 'TIMEFORMAT="%U %S"; time "$@" > "$0" 2>&1' "$log" "$target" \
            -max_total_time=$((seconds - used)) -timeout=20 \
            -rss_limit_mb=2048 -artifact_prefix="$build/finding-$name-" -print_final_stats=1 \
            "$work" 2> "$work.time"; then
            tail -n 40 "$log"
            echo "FOUND $name: $log"
            exit 255
        fi
        used=$((used + $(awk '{ printf "%d", $1 + $2 + 1 }' "$work.time")))
        runs=$((runs + $(awk '/stat::number_of_executed_units/ { print $2 }' "$log")))
    done
    printf '  %-16s %12d runs, nothing found\n' "$name" "$runs"
    rm -rf "$work" "$work.time"
}
export -f one
find "$build/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -executable | sort |
    xargs -P "$jobs" -I{} bash -c 'one {} "$1" "$2"' _ "$seconds" "$build"
