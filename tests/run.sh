#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All tests, in the order in which they find most for the time.  Called by `./bootstrap test
# [--long]`.  Each stage says what it does; the first that fails ends the run with its log.
set -euo pipefail
cd "$(dirname "$0")/.."

long=0
for arg in "$@"; do
    case $arg in
        --long) long=1 ;;
        *) echo "usage: ./bootstrap test [--long]" >&2; exit 2 ;;
    esac
done
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
if [ -t 1 ]; then bold=$'\033[1m' off=$'\033[0m'; else bold='' off=''; fi
began=$SECONDS
stage() { printf '\n%s==> [%3d s] %s%s\n' "$bold" $((SECONDS - began)) "$*" "$off"; }
jobs=$(nproc)

# quietly LOG COMMAND...: run; on failure show the log's end and stop.
quietly() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" > "$log" 2>&1; then
        grep -E 'error|warning:|FAILED|Error' -A4 "$log" | head -60 >&2 || true
        tail -n 15 "$log" >&2
        echo "failed: $* (all of it: $log)" >&2
        exit 1
    fi
}

# may_skip COMMAND...: status 77 is what this machine cannot test, which is told again at the end.
skipped=
may_skip() {
    local status=0
    "$@" || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] || exit 1
    [ $status -eq 0 ] || skipped+="$1 "
}

build() { # build PRESET [TARGET...]
    local preset=$1
    shift
    quietly "build/$preset.log" cmake --preset "$preset"
    quietly "build/$preset.log" cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# no_report PRESET: a sanitizer's report fails, though its test passed when it was tried again.
no_report() {
    local marks='ERROR: (Address|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer'
    if grep -aE -A30 "$marks" \
        "build/$1/Testing/Temporary/LastTest.log" | head -60 | grep .; then
        echo "failed: a sanitizer reported something (build/$1/Testing/Temporary/LastTest.log)" >&2
        exit 1
    fi
}

stage "debug build with gcc, warnings are errors"
build dev
stage "unit tests, corpus replays, golden captures, checks of the tree"
ctest --preset dev -j "$jobs" --output-on-failure | tail -n 200

fuzz_seconds=$([ $long = 1 ] && echo 600 || echo 60)
stage "fuzzing with libFuzzer begins: each target of the wire for $fuzz_seconds s of processor time, beside what follows"
build fuzz
setsid nice -n 19 tests/fuzz/run.sh build/fuzz "$fuzz_seconds" "$jobs" > build/fuzz-run.log 2>&1 &
fuzzing=$!
sleep 0.2
(echo 19 > "/proc/$fuzzing/autogroup") 2> /dev/null ||
    true # a session of its own is scheduled as one: behind the tests
trap '[ -z "$fuzzing" ] || kill -- "-$fuzzing" 2> /dev/null || true' EXIT

stage "address and undefined-behaviour sanitizers"
build asan
ctest --preset asan -j "$jobs" -L 'unit|fuzz|golden' --repeat until-pass:2 | tail -n 6
no_report asan
stage "every capture of the corpora, sanitized (where NTA_SHARED names them)"
tests/e2e/corpora.py build/asan/tools/nta --seconds 20 || [ $? -eq 77 ]

stage "thread sanitizer"
build tsan
ctest --preset tsan -j "$jobs" -R \
    'unit.(ring|capture|pdns|packets|policy|session|pipeline|alert|base|store|search|chain)|golden' \
    --repeat until-pass:2 | tail -n 6
no_report tsan

stage "clang, and clang-tidy over every source"
build lint
stage "clang 19: library and programs, warnings are errors"
build clang-19
stage "how much the unit tests and golden captures reach"
build coverage
find build/coverage -name '*.gcda' -delete # those of a run before
quietly build/coverage-tests.log ctest --preset coverage -j "$jobs" -L 'unit|golden' \
    -E 'unit.(store.(damage|hostile)|flow.model)' # long, and they reach what others reach, too
tests/coverage.py build/coverage

stage "release build"
build release
stage "end to end: real servers, real clients"
# they mostly wait, so more run side by side than there are processors; one that a busy machine made
# fail may try once more, and is told
# corpora: done above, sanitized
ctest --test-dir build/dev -L 'e2e|bench' -E corpora -j $((jobs + 1)) --repeat until-pass:2 \
    --output-on-failure --no-tests=error
stage "the units of the release under a booted systemd"
may_skip tests/e2e/booted.sh build/release build/dev/tests/e2e/freeze
if [ -n "${NTA_SHARED:-}" ]; then
    stage "names found in captures of others, by their independent truth"
    tests/e2e/names.py build/release/tools/nta
    stage "rows of other programs' logs over the same captures"
    tests/e2e/rows.py build/release/tools/nta
fi
stage "what fuzzing found"
fuzz_status=0
wait "$fuzzing" || fuzz_status=$?
fuzzing=
cat build/fuzz-run.log
[ $fuzz_status = 0 ] || exit 1
if [ $long = 1 ]; then
    stage "kill loop: 200 times kill -9 in the middle of commits"
    tests/e2e/kill_loop.sh build/release/tools/nta 200
    stage "20 minutes of traffic, reloads, a full disk, an interface that is set down"
    may_skip tests/e2e/soak.py build/release/tools/nta build/release/daemon/ntad 20m
    stage "three nodes of a Galera cluster, killed in turn while six programs write"
    may_skip tests/e2e/galera.sh build/dev
    stage "who has which address, as servers of DHCP, Kerberos, files and names say it"
    may_skip tests/e2e/bindings_long.py build/dev/tools/nta
    stage "a million questions about made-up lists, against the independent model"
    quietly build/lists-model.log python3 tests/unit/blacklist/ask_model.py \
        build/dev/tests/unit/blacklist/ask_lists small 500
    awk '{ n += $1; d += $3 } END { print n, "questions,", d, "denied, none answered wrongly" }' \
        build/lists-model.log
    stage "the same records with any number of workers: every capture by itself, five times, and the mix"
    status=0
    tests/e2e/workers.py build/release/tools/nta --shared --long || status=$?
    [ $status = 0 ] || [ $status = 77 ]
    stage "arm64, run by qemu-user"
    status=0
    tests/arm64.sh > build/arm64.log 2>&1 || status=$?
    tail -n 5 build/arm64.log
    [ $status = 0 ] || [ $status = 77 ]
fi
stage "how fast (prints, never fails)"
tests/bench/run.sh --quick || true
stage "all tests passed${skipped:+ but those that this machine cannot do: $skipped}"
