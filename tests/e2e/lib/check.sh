# SPDX-License-Identifier: Apache-2.0
# Assertions of end-to-end tests.  To be sourced.  ok NAME
# COMMAND... counts, fail NAME ends the test, conclude ends it.

passed=0
failures=0

ok()
{
    name=$1
    shift
    if "$@" > /tmp/nta-check.$$ 2>&1; then
        passed=$((passed + 1))
        echo "ok    $name"
    else
        failures=$((failures + 1))
        echo "FAIL  $name"
        sed 's/^/      /' /tmp/nta-check.$$ | tail -n 5
    fi
    rm -f /tmp/nta-check.$$
}

fail()
{
    echo "FAIL  $*"
    failures=$((failures + 1))
    conclude
}

# within SECONDS COMMAND...: tried until it succeeds, or the time is over.
within()
{
    local end=$((SECONDS + $1))
    shift
    until "$@" > /dev/null 2>&1; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

# within_percent GOT WANT PERCENT
within_percent()
{
    [ -n "$1" ] && awk -v a="$1" -v b="$2" -v p="$3" \
        'BEGIN { d = a - b; if (d < 0) d = -d; exit !(b > 0 && d * 100 <= b * p) }'
}

conclude()
{
    echo "$passed passed, $failures failed"
    [ "$failures" -eq 0 ]
    exit
}
