#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: format_store.sh NTA
#
# Whole stores, read by a reader that was written from docs/format.md alone: all must hold, and
# every record must be, as JSON and byte for byte, what `nta records --json` shows.  And a changed
# store must not hold.
set -u
nta=$1
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
work=$(mktemp -d /tmp/nta-format-XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0
# all of them: what the sensor says of itself is shown only where it is asked for
events=flow,lookup,request,alert,packets,loss,lease,canary,download,policy,start,stop,gap,audit,note

fail()
{
    echo "FAIL $*"
    failed=1
}

for capture in "$root"/tests/data/demo/demo.pcap "$root"/tests/golden/*.pcap; do
    name=$(basename "$capture" .pcap)
    store=$work/$name
    "$nta" read "$capture" --list "$root/tests/golden/lists.txt" --list \
        "$root/conf/lists/example-malware.txt" --geo "$root/tests/data/demo/city.mmdb" \
        --geo "$root/tests/data/demo/asn.mmdb" --sites "$root/tests/data/demo/sites.conf" --store \
        "$store" > /dev/null 2>&1 || fail "$name: cannot be read"
    python3 "$here/verify_format.py" --store "$store" --json > "$work/python" 2> "$work/said" ||
        fail "$name: $(cat "$work/said")"
    "$nta" records --store "$store" --json --event "$events" > "$work/c" 2> /dev/null ||
        fail "$name: nta records"
    [ -s "$work/c" ] || fail "$name: no records"
    if cmp -s "$work/python" "$work/c"; then
        echo "ok   $name: $(wc -l < "$work/c") records"
    else
        fail "$name: other lines"
        diff "$work/python" "$work/c" | head -n 4
    fi
done
python3 - "$work/demo/journal.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
for kind in range(1, 5):
    db.execute(f"UPDATE content_{kind} SET tokens = x'0011223344556677'")
db.commit()
PY
python3 "$here/verify_format.py" --store "$work/demo" 2> "$work/said" &&
    fail "changed tokens are not seen"
grep -q "tokens or body are others" "$work/said" || fail "changed tokens: $(cat "$work/said")"
# a store of format 1, as it was written then
cp -r "$root/tests/data/format1" "$work/v1" # git keeps no modes
chmod 0700 "$work/v1" "$work/v1/keys"
chmod 0600 "$work"/v1/keys/* "$work/v1/journal.db"
python3 "$here/verify_format.py" --store "$work/v1" --json > "$work/python" 2> "$work/said" ||
    fail "format 1: $(cat "$work/said")"
"$nta" records --store "$work/v1" --json --event "$events" > "$work/c" 2> /dev/null ||
    fail "format 1: nta records"
if [ -s "$work/c" ] && cmp -s "$work/python" "$work/c"; then
    echo "ok   format 1: $(wc -l < "$work/c") records"
else
    fail "format 1: other lines"
fi
exit $failed
