#!/usr/bin/env bash
# usage: run.sh BUILD_DIR SECONDS JOBS: fuzz every target for that long, each from its corpus; a finding fails.
set -euo pipefail
build=$(realpath "$1") seconds=$2 jobs=$3
cd "$(dirname "$0")"
one() {
    local target=$1 name=${1##*/fuzz_} work
    work=$(mktemp -d)
    cp "corpus/$name"/* "$work"/ 2> /dev/null || true
    if ! "$target" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$3/finding-$name-" \
        -print_final_stats=1 "$work" > "$3/fuzz-$name.log" 2>&1; then
        tail -n 40 "$3/fuzz-$name.log"
        echo "FOUND $name: $3/fuzz-$name.log"
        exit 255
    fi
    awk -v n="$name" '/stat::number_of_executed_units/ { r = $2 } END { printf "  %-16s %12d runs, nothing found\n", n, r }' \
        "$3/fuzz-$name.log"
    rm -rf "$work"
}
export -f one
find "$build/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -executable | sort |
    xargs -P "$jobs" -I{} bash -c 'one {} "$1" "$2"' _ "$seconds" "$build"
