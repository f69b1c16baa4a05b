#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# nta verify and nta keys on a store of `nta read`: what is
# said, which status, noted heads, trusted sensors. usage: verify.sh NTA
set -u
nta=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/nta-verify-XXXXXX")
trap 'rm -rf "$work"' EXIT
n_failed=0

# say NAME STATUS-WANTED NEEDLE COMMAND...: its status, and what its output holds ("!x": does not
# hold)
say() {
    local name=$1 wanted=$2 needle=$3 out status
    shift 3
    out=$("$@" 2>&1)
    status=$?
    case $needle in
    '!'*) [[ $out != *"${needle#!}"* ]] ;;
    *) [[ $out == *"$needle"* ]] ;;
    esac
    if [ $? -eq 0 ] && [ $status -eq "$wanted" ]; then
        echo "ok    $name"
    else
        echo "FAIL  $name: status $status, not $wanted, or without \"$needle\":"
        printf '%s\n' "$out" | sed 's/^/      /'
        n_failed=$((n_failed + 1))
    fi
}

echo bad.example >"$work/list.txt"
for store in one other; do
    for _ in 1 2; do
        "$nta" read "$root/tests/data/demo/demo.pcap" --list "$work/list.txt" --store \
            "$work/$store" >/dev/null 2>&1
    done
done
sensor=$(sed -n '/^nta-sensor-/p' "$work/one/keys/sensor.pub")
other=$(cat "$work/other/keys/sensor.pub")
# batches: 1 the first one; 2 evidence, 3 traffic, 4 log of the first run; 5 to 7 of the second
whole=$("$nta" verify --store "$work/one" | sed -n 's/^head    //p')
head=${whole%:*}
last=${head%:*}
tree=${whole##*:}
id=$("$nta" verify --store "$work/one" --json | sed 's/.*"sensor":"\([0-9a-f]*\)".*/\1/')

say "a whole chain holds" 0 "HOLDS" "$nta" verify --store "$work/one"
say "with every batch opened" 0 '"opened":"yes"' "$nta" verify --json --store "$work/one"
say "and none with --quick" 0 '"opened":"no"' "$nta" verify --json --quick --store "$work/one"
say "with its key given" 0 "HOLDS" "$nta" verify --key "$sensor" --store "$work/one"
say "another key given has no batch" 1 "[none]" "$nta" verify --key "$other" --store "$work/one"
say "a key that is none is wrong usage" 2 "--key" "$nta" verify --key nta-sensor-12 --store \
    "$work/one"
say "its head lies in it" 0 "1 head lies in it, up to batch $last: none up to there is missing" "$nta" \
    verify --head "$head" --store "$work/one"
say "and with its tree, it is one head" 0 "1 head lies in it, up to batch $last: none" "$nta" verify \
    --head "$whole" --store "$work/one"
say "with its sensor, too" 0 "1 head lies in it" "$nta" verify --head "$id:$whole" --store "$work/one"
say "another tree does not" 1 "[noted]" "$nta" verify --head "$head:${head#*:}" --store "$work/one"
say "a head with half a tree is wrong usage" 2 "--head" "$nta" verify --head "$head:00" --store \
    "$work/one"
say "of what nobody noted, nothing is said" 0 "!missing" "$nta" verify --store "$work/one"
say "another head does not" 1 "[noted]" "$nta" verify --head "1:${head#*:}" --store "$work/one"
say "a log's heads do" 0 "HOLDS" sh -c \
    "echo 'Nov 29 ntad[7]: chain head of sensor $id: batch ${head%:*}, ${head#*:}' | '$nta' verify --heads - --store '$work/one'"
say "with trees, too" 0 "HOLDS" sh -c \
    "echo 'Nov 29 ntad[7]: chain head of sensor $id: batch ${head%:*}, ${head#*:}, tree $tree' | '$nta' verify --heads - --store '$work/one'"
say "a log's tree that is another's does not" 1 "[noted]" sh -c \
    "echo 'chain head of sensor $id: batch ${head%:*}, ${head#*:}, tree ${head#*:}' | '$nta' verify --heads - --store '$work/one'"
say "the state file is a checkpoint" 0 "1 head lies in it, up to batch $last" "$nta" verify --heads \
    "$work/one/journal.state" --store "$work/one"
say "another sensor's is of nobody" 1 "nobody trusts" "$nta" verify --heads \
    "$work/other/journal.state" --store "$work/one"
say "a checkpoint that its sensor did not sign is nobody's word" 1 \
    "is not signed by its sensor's checkpoint key" sh -c \
    "sed '\$ s/....\$/AAAA/' '$work/one/journal.state' | '$nta' verify --heads - --store '$work/one'"
say "and so is one that names another tree" 1 "is not signed by its sensor's checkpoint key" sh -c \
    "sed '2s/.*/6/' '$work/one/journal.state' | '$nta' verify --heads - --store '$work/one'"
say "one whose signature was cut off is none" 3 "it ends in line 9: not a checkpoint" sh -c \
    "sed '\$d' '$work/one/journal.state' | '$nta' verify --heads - --store '$work/one'"
say "a head whose tree was cut is named" 3 "standard input: line 2: not a head" sh -c \
    "printf 'x\nchain head of sensor $id: batch ${head%:*}, ${head#*:}, tr\n' | '$nta' verify --heads - --store '$work/one'"
say "a checkpoint that was cut is named" 3 "not a checkpoint" sh -c \
    "head -n 1 '$work/one/journal.state' | cat - /etc/passwd | '$nta' verify --heads - --store '$work/one'"
say "that the identity is here is said" 0 "lies on this machine" "$nta" verify --store "$work/one"
say "in JSON as well" 0 '"identity_here":true' "$nta" verify --json --store "$work/one"
say "and by keys show" 0 "take it away" "$nta" keys show --store "$work/one"
mv "$work/one/keys/sensor.key" "$work/identity"
say "it is not said of what is elsewhere" 0 "!lies on this machine" "$nta" verify --store "$work/one"
say "a log's head behind the last does not" 1 "[noted]" sh -c \
    "echo 'chain head of sensor $id: batch 77, ${head#*:}' | '$nta' verify --heads - --store '$work/one'"
say "a log's head that was cut is named" 3 "standard input: line 2: not a head" sh -c \
    "printf 'x\nchain head of sensor $id: batch 1, 00\n' | '$nta' verify --heads - --store '$work/one'"
say "a line without an end is not read for ever" 3 "line 1: longer than" sh -c \
    "head -c 300000 /dev/zero | '$nta' verify --heads - --store '$work/one'"
say "a log without heads is no witness" 3 "no head is noted in standard input" sh -c \
    "echo nothing | '$nta' verify --heads - --store '$work/one'"
say "but what can be seen is looked at" 3 "what could be seen holds" sh -c \
    "echo nothing | '$nta' verify --heads - --store '$work/one'"

# ---- what was lost to the sensor is in the summary, and no fault ----
back() { "$nta" read "$(dirname "$0")/../data/demo/demo.pcap" --list "$work/list.txt" --store \
    "$work/back" > /dev/null 2>&1; }
"$nta" keys init --store "$work/back" > /dev/null
back
cp "$work/back/journal.db" "$work/before.db"
back
cp "$work/before.db" "$work/back/journal.db" && rm -f "$work/back/journal.db-"*
back
"$nta" keys adopt --identity "$work/back/keys/sensor.key" --store "$work/back" > /dev/null 2>&1
say "lost batches, and when that was noted, at exit status 0" 0 " batches, as noted at $(date -u +%Y-)" \
    "$nta" verify --store "$work/back"
say "and of records none, in JSON" 0 '"records_lost":{"records":0,"first":null' "$nta" verify \
    --json --store "$work/back"
say "without the auditor's key nobody knows" 0 '"records_lost":null' "$nta" verify --quick --json \
    --store "$work/back"

# ---- each night: the service's own line, with a log of ours ----
mkdir -p "$work/bin" "$work/run"
printf '#!/bin/sh\ncat "%s/log"\n' "$work" > "$work/bin/journalctl"
printf '#!/bin/sh\nexec "%s" "$@" --store "$STORE"\n' "$nta" > "$work/bin/nta"
chmod +x "$work/bin/journalctl" "$work/bin/nta"
python3 - "$(dirname "$0")/../../systemd/nta-verify.service.in" "$work/bin" > "$work/nightly" <<'TEXT'
import re, sys
line = re.search(r"^ExecStart=/bin/sh -c '(.*?)'$", open(sys.argv[1]).read(), re.M | re.S)[1]
print(line.replace("\\\n", "").replace("@CMAKE_INSTALL_FULL_BINDIR@", sys.argv[2]))
TEXT
nightly() { STORE=$1 RUNTIME_DIRECTORY=$work/run PATH=$work/bin:$PATH sh "$work/nightly"; }
echo "chain head of sensor $id: batch ${head%:*}, ${head#*:}" > "$work/log"
say "each night the log's heads are a witness" 0 "1 head lies in it" nightly "$work/one"
: > "$work/log"
say "a log that was emptied is said" 3 "no head is noted in $work/run/heads" nightly "$work/one"
"$nta" keys init --store "$work/young" > /dev/null
say "a sensor that never ran has none" 3 "!no head is noted" nightly "$work/young"

# ---- what is said is what was looked at: a part that was left out, or not read, is no "yes" and no
# "all" ----
change() { # change STORE SQL: a copy of the first store with that change
    rm -rf "$work/$1"
    cp -r "$work/one" "$work/$1"
    python3 -c "import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute(sys.argv[2])
store.commit()" "$work/$1/journal.db" "$2"
}
cp -r "$work/one" "$work/forged"
sed -i '2s/.*/77/' "$work/forged/journal.state"
say "a forged file of the chain's state is named" 1 "[state]" "$nta" verify --store "$work/forged"
rm "$work/forged/journal.state"
ln -s "$work/one/journal.state" "$work/forged/journal.state"
say "and what is to be done" 1 "to do   [state] take journal.state along" "$nta" verify --store \
    "$work/forged"
say "in JSON, too" 1 '"todo":"take journal.state along' "$nta" verify --json --store "$work/forged"
say "so is a link in its place" 1 "[state]" "$nta" verify --store "$work/forged"
rm "$work/forged/journal.state"
say "and so is one that is not there" 1 "there is no journal.state" "$nta" verify --store "$work/forged"
change unsigned "update head set signature = zeroblob(64) where number = 3"
say "a reader says who says what to do" 1 "\`nta verify\` says what to do" "$nta" records --store \
    "$work/unsigned"
say "a batch that was left out was not opened" 1 "opened  some" "$nta" verify --store \
    "$work/unsigned"
change hole "delete from head where number = 3"
say "a head behind a hole lies in it" 1 "1 head lies in it, up to batch $last" "$nta" verify --head \
    "$head" --store "$work/hole"
say "a tree that is not known is no word on MySQL" 1 "!MySQL could" "$nta" verify --head "$whole" \
    --store "$work/hole"
say "but fills no hole" 1 "!none up to there" "$nta" verify --head "$head" --store "$work/hole"
say "a head in a hole is missing, not another" 1 "somebody noted it, but it is missing" "$nta" \
    verify --head "3:${head#*:}" --store "$work/hole"
change body "update content_1 set body = zeroblob(length(body)) where number = 2"
say "what was not opened was not checked" 0 "$last batches (0 opened), 1 sensor; this much holds" \
    "$nta" records --site not.there.example --store "$work/body"
say "one record opens one batch" 1 "$last batches (1 opened), 1 sensor; this much holds" "$nta" \
    packets "$id-2-99999" -o "$work/none.pcapng" --store "$work/one"
say "what cannot be shown is not said to be" 1 "where it can be shown" "$nta" records --unverified \
    --store "$work/body"
rm -rf "$work/bare"
mkdir -p "$work/bare/keys"
cp "$work/one/journal.db" "$work/bare/"
cp "$work/one/keys/auditor.key" "$work/bare/keys/"
say "without any sensor's key, verify says what to do" 1 "give the one that you noted" "$nta" \
    verify --store "$work/bare"
say "and so does a reader" 1 "give the one that you noted" "$nta" records --store "$work/bare"
say "a mere copy of the journal may be an old one" 1 "this is a copy whose state cannot be seen" "$nta" verify \
    --key "$sensor" --store "$work/bare"
cp "$work/one/journal.state" "$work/bare/"
say "with the key there is nothing to say" 0 "!No sensor" "$nta" verify --key "$sensor" --store \
    "$work/bare"
change cut "select 1"
truncate -s 50000 "$work/cut/journal.db"
say "of what cannot be read, nothing is said" 1 "Nothing found in what holds." "$nta" records \
    --site not.there.example --store "$work/cut"
say "and it was not read to its end" 1 "!to its end" "$nta" records --store "$work/cut"
change empty "delete from head"
rm "$work/empty/journal.state"
python3 -c \
    "import sqlite3, sys; s = sqlite3.connect(sys.argv[1]); [s.execute('delete from ' + t) for t in ('chain', 'content_1', 'content_2', 'content_3', 'content_4')]; s.commit()" "$work/empty/journal.db"
say "nothing is no yes" 1 "is this the right store?" "$nta" verify --store "$work/empty"
change view "pragma user_version = 0"
say "a store that is not ours gives no line" 1 "!id,time" "$nta" records --csv --store "$work/view"
say "nor an empty one" 1 "somebody changed it" sh -c \
    "'$nta' records --csv --store '$work/view' 2>&1 >'$work/out'; s=\$?; [ ! -s '$work/out' ] || echo 'something on standard output'; exit \$s"
say "a file is no folder" 3 "not a folder" "$nta" verify --store "$work/one/journal.db"

say "a path is shown with one slash" 3 "$work/nowhere/journal.db: no records" "$nta" verify --store \
    "$work/nowhere//"
say "no store could not be verified" 3 "no records there" "$nta" verify --store "$work/nowhere"

say "the line how far" 0 "chain checked to its end: $last batches, 1 sensor; all of it holds" "$nta" \
    records --json --store "$work/one"
say "is left out with --quiet" 0 "!chain checked" "$nta" records --json --quiet --store "$work/one"
say "a key limits what is shown" 1 "nobody trusts" "$nta" records --key "$other" --store "$work/one"
say "keys show says for whom stored keys are" 0 "9 data keys, 2 of evidence, 2 of traffic, 2 of who, 3 of log; for" "$nta" keys show --store "$work/one"
say "and each auditor's" 0 ": 9 of them" "$nta" keys show --store "$work/one"
say "and the checkpoint key as witnesses are told it" 0 "witness   nta/$id+" "$nta" keys show \
    --store "$work/one"
say "and which key signs now" 0 "signing   $(sed -n 's/^signing //p' "$work/one/journal.state")" \
    "$nta" keys show --store "$work/one"
say "and the sensor's id" 0 "id        $id" "$nta" keys show --store "$work/one"
say "and whose records are trusted" 0 "$sensor local" "$nta" keys show --store "$work/one"
say "a sensor can be trusted" 0 "is trusted now" "$nta" keys trust "$other" --name gate-2 --from \
    2026-01-01 --store "$work/one" the other one
say "once" 1 "twice" "$nta" keys trust "$other" --name gate-3 --store "$work/one"
say "with a word for a name" 3 "no word" "$nta" keys trust "${other%??}00" --name "a b" --store \
    "$work/one"
say "it is there then" 0 "$other gate-2" "$nta" keys show --store "$work/one"
say "and the chain still holds" 0 "HOLDS" "$nta" verify --store "$work/one"

# ---- a journal that is gone ----
cp -r "$work/one" "$work/emptied"
: >"$work/emptied/journal.db"
say "a journal that was emptied" 1 "was removed or emptied [head]" "$nta" verify --store \
    "$work/emptied"
say "nothing is said to be new there" 3 "!nothing was recorded yet" "$nta" records --store \
    "$work/emptied"
rm "$work/emptied/journal.db"
say "a journal that was removed" 1 "was removed or emptied [head]" "$nta" verify --store \
    "$work/emptied"
rm "$work/emptied/journal.state"
say "with its state: a head that was noted does not lie in it" 1 "[noted]" "$nta" verify --head \
    "$head" --store "$work/emptied"
say "without a head nothing can be said" 3 "no records there" "$nta" verify --store "$work/emptied"

# ---- a store of format 1 is read ----
copy_1() { # git keeps no modes
    rm -rf "$work/v1"
    cp -r "$root/tests/data/format1" "$work/v1"
    chmod 0700 "$work/v1" "$work/v1/keys"
    chmod 0600 "$work"/v1/keys/* "$work/v1/journal.db"
}
copy_1
say "a chain of format 1 holds" 0 "HOLDS" "$nta" verify --store "$work/v1"
say "its head is shown without a tree" 0 \
    "head    7:ec40fef2df76d09cb55593a49a73fe5790bd723e2d5e9b0bfb7e7480c56368a8
" "$nta" verify --store "$work/v1"
say "and can be noted" 0 "1 head lies in it, up to batch 7" "$nta" verify --head \
    7:ec40fef2df76d09cb55593a49a73fe5790bd723e2d5e9b0bfb7e7480c56368a8 --store "$work/v1"
"$nta" records --json --store "$work/v1" >"$work/v1.json" 2>/dev/null
say "its records are shown as they were" 0 "" cmp "$work/v1.json" "$work/v1/records.json"
say "tokens find them" 0 '"event":"alert"' "$nta" alerts --json --store "$work/v1"
say "and filters" 0 "7 batches (" "$nta" records --site bad.example --store "$work/v1"
say "they are counted" 0 "bad.example" "$nta" stats --by site --store "$work/v1"
say "mapped" 0 "" "$nta" map -o "$work/v1.kml" --store "$work/v1"
say "reported" 0 "" "$nta" report -o "$work/v1.html" --store "$work/v1"
say "its keys are shown" 0 "data keys" "$nta" keys show --store "$work/v1"
say "when the sensor watched" 0 "read" "$nta" coverage --store "$work/v1"
say "nothing is written to it" 3 "only read" "$nta" read "$root/tests/data/demo/demo.pcap" --store \
    "$work/v1"
say "not even by a note" 3 "" "$nta" keys revoke --identity "$work/v1/keys/sensor.key" --store \
    "$work/v1"
python3 -c "import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
store.execute('update content set body = zeroblob(length(body)) where id = 2')
store.commit()" "$work/v1/journal.db"
say "what was changed in it is found" 1 "[body]" "$nta" verify --store "$work/v1"
say "and not shown" 1 "batch 2 of sensor" "$nta" records --store "$work/v1"

chmod 0644 "$work/one/keys/auditor.key"
say "a key that was given and cannot be used" 1 "[key_given]" "$nta" verify --store "$work/one"
rm "$work/one/keys/auditor.key"
say "one that was not given" 0 "opened  no" "$nta" verify --store "$work/one"
[ $n_failed -eq 0 ]
