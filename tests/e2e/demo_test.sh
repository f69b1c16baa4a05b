#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the demo shows a newcomer, and that a single changed byte
# in what it keeps does not go unnoticed. usage: demo_test.sh NTA
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1")
. "$here/lib/check.sh"
cd "$here/../.."
data=tests/data/demo
work=$(mktemp -d /tmp/nta-demo-XXXXXX)
trap 'rm -rf "$work"' EXIT

"$nta" read $data/demo.pcap --list conf/lists/example-malware.txt --list \
    conf/lists/example-video.txt \
    --allow conf/lists/example-allow.txt --geo $data/city.mmdb --geo $data/asn.mmdb --sites \
    $data/sites.conf \
    --store "$work/store" > "$work/out" 2> "$work/err"
ok "the analysis ends with status 0" [ $? -eq 0 ]
ok "alerts are printed as they are found" grep -q '^ALERT 10.9.0.5 .*files.bad.example' "$work/out"
ok "the table names user, site, list, file, city and country" \
    grep -Eq \
    '^10\.9\.0\.5 +files\.bad\.example +example-malware .*tool\.exe +Reykjavík +Iceland +download' \
    "$work/out"
ok "the TLS visit is in the table, and too small for a download" grep -Eq \
    '^10\.9\.0\.5 +secret\.example +example-video .*Singapore +contact' "$work/out"
ok "no allowed site is in the table" sh -c "! grep -q good.example '$work/out'"
sensor=$("$nta" keys show --store "$work/store" | awk '/^sensor/ { print $2 }')
ok "nta verify holds" "$nta" verify --store "$work/store" --key "$sensor"
ok "nta records finds by site" sh -c \
    "'$nta' records --store '$work/store' --site bad.example | grep -q tool.exe"
ok "nta records --csv has a head line" sh -c \
    "'$nta' records --store '$work/store' --csv | head -1 | grep -q '^id,time'"
ok "nothing found is said, not an error" sh -c \
    "'$nta' records --store '$work/store' --site nowhere.invalid | grep -q 'Nothing found'"
ok "records of a user's network" sh -c \
    "'$nta' records --store '$work/store' --user 10.9.0.0/24 --limit 3 | wc -l | grep -q 3"
ok "a wrong time is refused with what would be right" sh -c \
    "'$nta' records --store '$work/store' --since teatime 2>&1 | grep -q yesterday"
ok "the chain holds without the auditor's key" sh -c \
    "mv '$work/store/keys/auditor.key' '$work/'; '$nta' verify --store '$work/store'"
"$nta" records --store "$work/store" > /dev/null 2> "$work/no-key"
ok "without it nothing can be read, and the sentence names the key" sh -c \
    "grep -q auditor.key '$work/no-key'"
mv "$work/auditor.key" "$work/store/keys/"

ok "the report and the map are made" sh -c \
    "'$nta' report --store '$work/store' -o '$work/r.html' && '$nta' map --store '$work/store' -o '$work/m.kml' &&
    grep -q 'files.bad.example' '$work/m.kml' && grep -q 'Reykjav' '$work/r.html'"

# tamper with each part of the stored batch: each is noticed, and named
tamper()
{
    cp "$work/store/journal.db" "$work/kept.db"
    python3 - "$work/store/journal.db" "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
part = sys.argv[2]
table = "head" if part in ("header", "signature") else "content_1"
number, value = db.execute(f"SELECT number, {part} FROM {table} WHERE number > 1").fetchone()
value = bytearray(value)
value[len(value) // 2] ^= 1
db.execute(f"UPDATE {table} SET {part} = ? WHERE number = ?", (bytes(value), number))
db.commit()
PY
    ! "$nta" verify --store "$work/store" --key "$sensor" > "$work/tampered" 2>&1
    noticed=$?
    cp "$work/kept.db" "$work/store/journal.db"
    rm -f "$work/store/journal.db-wal" "$work/store/journal.db-shm"
    return $noticed
}
for part in header signature tokens body; do
    ok "one changed bit in the $part is noticed" tamper $part
done
ok "the store is whole again after the tests" "$nta" verify --store "$work/store" --key "$sensor"
other=$(mktemp -d "$work/other-XXXX")
"$nta" keys init --keys "$other/keys" > "$other/out"
ok "another sensor's key proves nothing" sh -c \
    "'$nta' verify --store '$work/store' --key $(awk '/^sensor/ { print $2 }' \
    "$other/out") | grep -q 'batches 0'"
conclude
