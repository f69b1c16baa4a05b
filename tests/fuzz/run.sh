#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# usage: run.sh BUILD_DIR SECONDS JOBS: fuzz every target for that long by the clock, each from its
# corpus; a finding fails.  What goes a packet's whole way is fuzzed for a minute at least; what
# does not read bytes off the wire (lists that an admin chose, stored records, words of the command
# line, pages) for a third.
set -euo pipefail
build=$(realpath "$1") seconds=$2 jobs=$3
cd "$(dirname "$0")"

# one TARGET SECONDS BUILD
one() {
    local target=$1 name=${1##*/fuzz_} seconds=$2 build=$3 work log
    case $name in
        worker | path_*) [ "$seconds" -ge 60 ] || seconds=60 ;;
        list_* | record* | rows | body | header | when | xml | pcapng | gate | config | geo | \
            notify_*)
            seconds=$(((seconds + 2) / 3)) ;;
    esac
    log=$build/fuzz-$name.log
    work=$(mktemp -d)
    cp "corpus/$name"/* "$work"/ 2> /dev/null || true
    if ! "$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -artifact_prefix="$build/finding-$name-" -print_final_stats=1 "$work" > "$log" 2>&1; then
        tail -n 40 "$log"
        echo "FOUND $name: $log"
        exit 255
    fi
    printf '  %-16s %4d s %12d runs, nothing found\n' "$name" "$seconds" \
        "$(awk '/stat::number_of_executed_units/ { print $2 }' "$log")"
    rm -rf "$work"
}
export -f one
# the longest first: else the last one runs alone
targets=$(find "$build/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -executable | sort)
long='/fuzz_(worker|path_[^/]*)$'
{ grep -E "$long" <<< "$targets" || true; grep -vE "$long" <<< "$targets"; } |
    xargs -P "$jobs" -I{} bash -c 'one {} "$1" "$2"' _ "$seconds" "$build"
