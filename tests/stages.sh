# SPDX-License-Identifier: Apache-2.0
# Stages of a long run of tests: what each took of its budget, what was skipped.  Sourced by run.sh.

if [ -t 1 ]; then bold=$'\033[1m' off=$'\033[0m'; else bold='' off=''; fi
jobs=$(nproc)
stage_of='' stage_budget=0 stage_began=0 stages_used='' skipped=() n_skipped_tests=0

stage_ends()
{
    [ -z "$stage_of" ] || stages_used+=$(awk -v s=$((SECONDS - stage_began)) \
        -v budget="$stage_budget" -v of="$stage_of" 'BEGIN {
            over = (s > 60 * budget) ? "OVER" : ""
            printf "%6.1f of %3g min  %-4s  %s", s / 60, budget, over, of
        }')$'\n'
    stage_of=''
}

# stage MINUTES TEXT: a new one begins; MINUTES: what it may take on two quiet cores.
stage()
{
    stage_ends
    stage_budget=$1 stage_of=$2 stage_began=$SECONDS
    printf '\n%s==> [%4d s] %s%s\n' "$bold" $SECONDS "$2" "$off"
}

# all_done: what each stage took, and in the last line what this machine could not test.
all_done()
{
    stage_ends
    printf '\n%s' "$stages_used"
    awk -v s=$SECONDS '/ min / { n += $3 } END {
        printf "%6.1f of %3g min  in all, on two quiet processors\n", s / 60, n }' <<< "$stages_used"
    printf '%s==> [%4d s] all tests passed' "$bold" $SECONDS
    if [ ${#skipped[@]} -gt 0 ] || [ $n_skipped_tests -gt 0 ]; then
        printf '; skipped, since this machine cannot do them: %d stages' ${#skipped[@]}
        [ ${#skipped[@]} -eq 0 ] || { printf ' ('; printf '%s; ' "${skipped[@]}"; printf ')'; }
        printf ', %d tests' $n_skipped_tests
    fi
    printf '%s\n' "$off"
}

# quietly LOG COMMAND...: run; on failure show the log's end and stop.
quietly()
{
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" > "$log" 2>&1; then
        grep -E 'error|warning:|FAIL|Error' -A4 "$log" | head -60 >&2 || true
        tail -n 15 "$log" >&2
        echo "failed: $* (all of it: $log)" >&2
        exit 1
    fi
}

# may_skip NAME COMMAND...: status 77 is what this machine cannot test.
may_skip()
{
    local status=0 name=$1
    shift
    "$@" || status=$?
    [ $status -eq 0 ] || [ $status -eq 77 ] || exit 1
    [ $status -eq 0 ] || skipped+=("$name")
}

# build PRESET [TARGET...]
build()
{
    local preset=$1
    shift
    quietly "build/$preset.log" cmake --preset "$preset"
    quietly "build/$preset.log" cmake --build --preset "$preset" -j "$jobs" ${1:+--target "$@"}
}

# tested PRESET CTEST-ARGUMENTS...: what fails is shown whole, what is skipped counted and named.
tested()
{
    local preset=$1 log=build/$1-tests.log status=0
    shift
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@" > "$log" 2>&1 ||
        status=$?
    grep -E '[*]{3}Skipped' "$log" || true
    n_skipped_tests=$((n_skipped_tests + $(grep -cE '[*]{3}Skipped' "$log" || true)))
    if [ $status -ne 0 ]; then
        grep -vE ' Passed |^ +Start ' "$log" | tail -n 200
        exit 1
    fi
    grep -E 'tests passed|tests failed|Total Test time' "$log"
}

# no_report PRESET: a sanitizer's report fails, though its test passed when it was tried again.
no_report()
{
    local marks='ERROR: (Address|Leak)Sanitizer|runtime error:|WARNING: ThreadSanitizer'
    if grep -aE -A30 "$marks" "build/$1-tests.log" | head -60 | grep .; then
        echo "failed: a sanitizer reported something (build/$1-tests.log)" >&2
        exit 1
    fi
}
