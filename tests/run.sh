#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# All tests, in the order in which they find most for the time.  Called by `./bootstrap test
# [--long]`.  Each stage says what it does; the first that fails ends the run with its log.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/stages.sh

long=0
for arg in "$@"; do
    case $arg in
        --long) long=1 ;;
        *) echo "usage: ./bootstrap test [--long]" >&2; exit 2 ;;
    esac
done
export NTA_LONG=$long # tests that would take long take samples, if this is not 1
export XDG_STATE_HOME=/dev/null # commands remember no heads of stores that tests made
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 \
    UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# What tests write is gone with them, so it need not wait for a disk: a /tmp of our own in memory,
# where there is enough.
memory_kb=$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)
case "$(pwd -P)/ $(realpath -m "${NTA_SHARED:-/}")/ $(realpath -m "${HOME:-/}")/" in
    /tmp/* | *" /tmp/"*) NTA_OWN_TMP=0 ;; # that would hide it
esac
if [ -z "${NTA_OWN_TMP:-}" ] && [ "$(id -u)" -eq 0 ] && [ "$memory_kb" -gt 8000000 ] &&
    unshare --mount mount -t tmpfs tmpfs /tmp 2> /dev/null; then
    # shellcheck disable=SC2016
    NTA_OWN_TMP=1 exec unshare --mount bash -c \
        'mount -t tmpfs -o mode=1777,size=50% tmpfs /tmp && exec "$@"' _ "$PWD/tests/run.sh" "$@"
fi

stage 4 "build with clang and the address and undefined-behaviour sanitizers; warnings are errors"
build asan
stage 2 "unit tests and what fuzzing once found, sanitized"
tested asan -L 'unit|fuzz' -j "$jobs" --repeat until-pass:2
no_report asan
stage 2 "golden captures, sanitized"
tested asan -L golden -j "$jobs" --repeat until-pass:2
no_report asan
stage 0.5 "every capture of the corpora, sanitized (where NTA_SHARED names them)"
may_skip corpora tests/e2e/corpora.py build/asan/tools/nta --seconds 20

stage 2 "debug build with gcc, warnings are errors; checks of the tree"
build dev
tested dev -L 'check|memory' -j "$jobs"

stage 2 "thread sanitizer: what threads do together"
threaded=(ring capture policy pipeline alert packets daemon)
folders=("${threaded[@]/#/tests/unit/}")
build tsan "${folders[@]/%//all}"
tested tsan -j "$jobs" -R "unit.($(IFS='|'; echo "${threaded[*]}"))" \
    -E 'unit.pipeline.(crash|destroy)' --repeat until-pass:2
no_report tsan

stage 3 "fuzzing with libFuzzer, each target from its corpus"
tests/fuzz/run.sh build/asan "$([ $long = 1 ] && echo 600 || echo 3)" "$jobs"

stage 1.5 "release build"
build release
if [ -n "${NTA_SHARED:-}" ]; then
    stage 1 "names found in captures of others, by their independent truth; rows of others' logs"
    tests/e2e/names.py build/release/tools/nta
    tests/e2e/rows.py build/release/tools/nta
fi
stage 0.5 "a minute of a large network's rates: everything is read"
build release bench_rates
build/release/tests/bench/bench_rates 60
stage 7 "end to end: real servers, real clients, attacks, pages"
# they mostly wait, so more run side by side than there are processors; one that a busy machine made
# fail may try once more, and is told.  corpora: done above, sanitized
tested dev -L e2e -E corpora -j $((jobs + 2)) --repeat until-pass:2
stage 4 "the units of the release under a booted systemd"
may_skip "booted Debian" tests/e2e/booted.sh build/release build/dev/tests/e2e/freeze

if [ $long = 1 ]; then
    stage 12 "clang-tidy over every source; clang 19: warnings are errors"
    build lint nta ntad
    build clang-19
    stage 5 "how much the unit tests and golden captures reach"
    build coverage
    find build/coverage -name '*.gcda' -delete # those of a run before
    tested coverage -j "$jobs" -L 'unit|golden' \
        -E 'unit.(store.(damage|hostile)|flow.model)' # long, and they reach what others reach, too
    tests/coverage.py build/coverage
    stage 20 "thread sanitizer: every unit test and golden capture"
    build tsan
    tested tsan -L 'unit|golden' -j "$jobs" --repeat until-pass:2
    no_report tsan
    stage 5 "./bootstrap package, install and uninstall"
    may_skip "bootstrap" tests/e2e/bootstrap.sh .
    stage 10 "kill loop: 200 times kill -9 in the middle of commits"
    tests/e2e/kill_loop.sh build/release/tools/nta 200
    stage 25 "20 minutes of traffic, reloads, a full disk, an interface that is set down"
    may_skip soak tests/e2e/soak.py build/release/tools/nta build/release/daemon/ntad 20m
    stage 10 "three nodes of a Galera cluster, killed in turn while six programs write"
    may_skip Galera tests/e2e/galera.sh build/dev
    stage 10 "who has which address, as servers of DHCP, Kerberos, files and names say it"
    may_skip "long bindings" tests/e2e/bindings_long.py build/dev/tools/nta
    stage 10 "a million questions about made-up lists, against the independent model"
    quietly build/lists-model.log python3 tests/unit/blacklist/ask_model.py \
        build/asan/tests/unit/blacklist/ask_lists small 500
    awk '{ n += $1; d += $3 } END { print n, "questions,", d, "denied, none answered wrongly" }' \
        build/lists-model.log
    stage 60 "the same records with any number of workers: every capture five times, and the mix"
    may_skip "workers over the corpora" tests/e2e/workers.py build/release/tools/nta --shared --long
    stage 60 "arm64, run by qemu-user"
    may_skip arm64 tests/arm64.sh
fi
stage 2 "how fast (prints, never fails)"
tests/bench/run.sh --quick || true
all_done
