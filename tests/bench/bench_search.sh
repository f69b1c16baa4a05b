#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Looking through ten million records: each step on one core
# against a floor, then the commands as they are used. usage: bench_search.sh NTA BENCH_SEARCH
# [RECORDS]
set -eu
nta=$1 bench=$2 n=${3:-10000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/nta-bench-search-XXXXXX")
trap 'rm -rf "$work"' EXIT
$bench make "$work/store" "$n"
$bench read "$work/store"
$bench keys "$work/keys" 1500
"$(dirname "$bench")/bench_verify" "$nta" "$work/store"
# best of three: wall clock, processor time of both threads, resident memory
best() {
    local what=$1
    shift
    for _ in 1 2 3; do
        /usr/bin/env python3 - "$@" <<'PY'
import os, resource, subprocess, sys, time
began = time.monotonic()
first = None
with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE) as done:
    done.stdout.read(1)
    first = time.monotonic() - began
    done.stdout.read()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{time.monotonic() - began:.2f} {first:.2f} {used.ru_utime + used.ru_stime:.2f} {used.ru_maxrss // 1024}")
PY
    done | sort -n | head -1 | awk -v what="$what" \
        '{ printf "%-46s %6.2f s, first byte after %.2f s, %.2f s of processors, %d MiB\n", what, $1, $2, $3, $4 }'
}
best "a user who is in one batch of all" "$nta" records --store "$work/store" --user 10.99.99.99
for by in user country registrable-domain site; do best "stats --by $by" "$nta" stats --store \
    "$work/store" --by $by; done
