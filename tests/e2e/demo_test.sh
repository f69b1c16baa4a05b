#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the demo shows a newcomer, and that a single changed byte
# in what it keeps does not go unnoticed. usage: demo_test.sh NTA
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1")
. "$here/lib/check.sh"
cd "$here/../.."
work=$(mktemp -d /tmp/nta-demo-XXXXXX)
trap 'rm -rf "$work"' EXIT

tests/data/demo.sh "$nta" "$work/store" > "$work/out" 2> "$work/err"
ok "the demo ends with status 0" [ $? -eq 0 ]
ok "and complains of nothing" [ ! -s "$work/err" ]
ok "alerts were printed as they were found" \
    grep -q '^ALERT 10.9.0.5 (ann-laptop) visited files.bad.example' "$work/store/said"
shown() { ok "$1" grep -Eq "$2" "$work/out"; }
shown "what happened, in sentences" '^Ann Example and Bob Example downloaded 4 files, 1 of them a '
shown "and when" ' 2 forbidden sites between Monday 2026-11-23 and Wednesday 2026-11-25\.'
shown "a program, with person, site, list, city and country" \
    '^Ann Example +files\.bad\.example +example-malware .* tool\.exe +Reykjavík +Iceland +download'
shown "a film over TLS" '^Bob Example +secret\.example +example-video +8\.6 MiB .* download'
shown "a film over QUIC" '^Bob Example +live\.secret\.example +example-video +2\.9 MiB .* download'
shown "an upload of a machine that is nobody's" '^library-2 +drop\.worse\.example .*upload, sent'
shown "a VPN" '^Ann Example .* evasion '
shown "what other sites on the address may explain is weak" '^Carol Example +blog\.fine\..* weak'
shown "and a lookup is no visit" '^Carol Example +secret\.example .* lookup'
ok "no allowed site is in the table" sh -c "! grep -q good.example '$work/out'"
shown "the proof holds" '^HOLDS'
ok "the report and the map are there" [ -s "$work/store/report.html" -a -s "$work/store/map.kmz" ]
ok "who had the address then" sh -c "'$nta' who 10.9.0.6 --at '2026-11-24 12:00' \
    --store '$work/store' | grep -q 'bob-phone, Bob Example, class 7b'"
tried=0
while read -r line; do
    # of what it says to try, what is a command of this store
    tried=$((tried + 1))
    ok "as it says: $(echo "$line" | cut -c 1-60)" sh -c "cd '$work' && $line > '$work/tried'"
done <<TEXT
$(sed -n "s|^  [a-z].*  \($nta .* --store $work/store.*\)|\1|p" "$work/out")
TEXT
ok "four or more could be tried" [ $tried -ge 4 ]
sensor=$("$nta" keys show --store "$work/store" | awk '/^sensor/ { print $2 }')
ok "nta verify holds" "$nta" verify --store "$work/store" --key "$sensor"
ok "nta records finds by site" sh -c \
    "'$nta' records --store '$work/store' --site bad.example | grep -q tool.exe"
ok "nta records --csv has a head line" sh -c \
    "'$nta' records --store '$work/store' --csv | head -1 | grep -q '^id,time'"
ok "nothing found is said, not an error" sh -c \
    "'$nta' records --store '$work/store' --site nowhere.invalid | grep -q 'Nothing found'"
ok "records of a user's network" sh -c \
    "'$nta' records --store '$work/store' --user 10.9.0.0/24 --limit 3 | wc -l | grep -qx 4"
ok "a wrong time is refused with what would be right" sh -c \
    "'$nta' records --store '$work/store' --since teatime 2>&1 | grep -q yesterday"
ok "the chain holds without the auditor's key" sh -c \
    "mv '$work/store/keys/auditor.key' '$work/'; '$nta' verify --store '$work/store'"
"$nta" records --store "$work/store" > /dev/null 2> "$work/no-key"
ok "without it nothing can be read, and the sentence names the key" sh -c \
    "grep -q auditor.key '$work/no-key'"
mv "$work/auditor.key" "$work/store/keys/"

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
