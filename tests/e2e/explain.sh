#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nta lists check and nta lists explain, as an admin uses them.    usage: explain.sh NTA
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1")
. "$here/lib/check.sh"
work=$(mktemp -d /tmp/nta-explain-XXXXXX)
trap 'rm -rf "$work"' EXIT
mkdir "$work/shared.d"
printf 'bad.example\n=files.bad.example\nhttp://bad.example/x\n198.51.100.7\n8.8.8.8\n198.51.100.0/24\n203.0.113.5:8080\n' > "$work/deny.txt"
printf 'good.bad.example\nhttp://bad.example/x/ok\n' > "$work/allow.txt"
printf '||bad.example^\n||ads.example^$domain=x.example\nexample.com##.ad\ncom\n' > \
    "$work/rules.txt"
printf 'b.example\nno host name!\n192.0.2.0/33\nc.example\nd.example\n' > "$work/bad.txt"
echo 198.51.100.0/24 > "$work/shared.d/big-cdn.txt"
cat > "$work/conf" <<TEXT
blacklist = { files = ( { path = "$work/deny.txt"; severity = "high"; category = "malware"; },
                        { path = "$work/allow.txt"; allow = true; } );
              own = ( "mine.example" ); shared = "$work/shared.d"; };
store = { directory = "$work"; };
TEXT

explain() { "$nta" lists explain --config "$work/conf" "$@"; }
says() { explain "$1" | grep -qF -- "$2"; }
json() { explain --json "$1" | python3 -c \
    "import json,sys; a=json.loads(sys.stdin.read()); sys.exit(not ($2))"; }

ok "an exact entry decides over the wider one" says files.bad.example \
    'line 2: =files.bad.example (malware, high)'
ok "and the wider one is told" says files.bad.example 'or deny  list "deny", line 1: bad.example'
ok "a longer exception wins" says www.good.bad.example 'www.good.bad.example: allowed'
ok "the rule is said" says www.good.bad.example 'the longest name decides'
ok "a URL's own entry decides" says 'http://bad.example/x?q=1' 'forbidden as a URL'
ok "an exception for a longer path wins" says http://bad.example/x/ok 'allowed as a URL'
ok "a URL without an entry falls to its host" says http://bad.example/y 'line 1: bad.example'
ok "an address is weak, and whose range it is in is said" says 198.51.100.7 \
    'shared   in a range of big-cdn'
ok "the smaller network decides" says 198.51.100.7 'the smallest network decides'
ok "an address with a port is forbidden there" says 203.0.113.5:8080 \
    'by       list "deny", line 7: 203.0.113.5:8080'
ok "and nowhere else" says http://203.0.113.5/ 'in no list'
ok "a public resolver stays allowed" says 8.8.8.8 \
    'list "public-resolvers", line 1: 8.8.8.8 [built in]'
ok "Unicode and case do not matter" says 'BAD.Example.' 'forbidden'
ok "what is no host name is said so" says 'no name' 'not a host name'
ok "and is wrong usage" sh -c "! '$nta' lists explain 'no name' --list '$work/deny.txt' > /dev/null"
ok "what is in no list is said so" says none.example 'in no list'
ok "JSON says verdict, rule, entry, list and its hash" json files.bad.example \
    "a['verdict']=='forbidden' and a['by']['entry']=='=files.bad.example' and a['by']['line']==2 and len(a['by']['list_sha256'])==64 and a['by']['severity']=='high' and a['others'][0]['entry']=='bad.example'"
ok "JSON says whose address it is" json 198.51.100.7 "a['shared']=='big-cdn' and a['weak']"

# for whom and when
printf 'game.example\nwww.game.example\n192.0.2.9\n' > "$work/class.txt"
printf 'game.example\nad.example\n' > "$work/ads.txt"
cat > "$work/class.conf" <<TEXT
blacklist = { files = ( { path = "$work/ads.txt"; action = "record"; },
                        { path = "$work/class.txt"; for = [ "10.1.0.0/16", "vlan:10" ]; not_for = "login:ann";
                          hours = "Mon-Fri 08:00-16:00"; },
                        { path = "$work/own.txt.gz"; allow = true; url = "https://lists.example/x"; },
                        { path = "$work/mine/own.txt"; name = "mine"; allow = true; } ); shared = ""; };
store = { directory = "$work"; };
control = { socket = "$work/control"; };
TEXT
class() { TZ=Europe/Brussels "$nta" lists "$@" --config "$work/class.conf"; }
class_says() { words=$1; shift; class "$@" 2>&1 | grep -qF -- "$words"; }
gzip -c "$work/allow.txt" > "$work/own.txt.gz"
mkdir "$work/mine" && echo 'old.example' > "$work/mine/own.txt"
lesson='2026-11-23 09:00' weekend='2026-11-22 09:00'
ok "without a user all lists count, and what narrows them is shown" class_says \
    'hours = "Mon-Fri 08:00-16:00"' explain game.example
ok "in class, for the class" class_says 'www.game.example: forbidden' explain www.game.example \
    --user 10.1.0.5 --at "$lesson"
ok "an equal entry that raises alerts decides" class_says 'one that raises alerts decides' explain \
    game.example --user vlan:10 --at "$lesson"
ok "out of hours the next entry counts" class_says 'game.example: recorded only' explain \
    game.example --user 10.1.0.5 --at "$weekend"
ok "and it is said why" class_says 'does not apply: Sun 2026-11-22 09:00 is not in its hours' \
    explain game.example --user 10.1.0.5 --at "$weekend"
ok "for others" class_says 'its for does not have this user' explain game.example --user 10.2.0.5 \
    --at "$lesson"
ok "not for one" class_says 'not_for has login:ann' explain game.example --user 10.1.0.5 \
    --user login:ann --at "$lesson"
ok "without a user at a time" class_says 'no --user was given' explain game.example --at "$lesson"
ok "in no list that applies" class_says '192.0.2.9: in no list that applies' explain 192.0.2.9 \
    --user 10.2.0.5
ok "JSON says what applies" sh -c "TZ=UTC '$nta' lists explain game.example --json --config \
    '$work/class.conf' --user 10.9.0.1 | grep -q '\"applies\":false.*\"why_not\":'"
ok "a network is no user" class_says 'one user has one address' explain x.example --user 10.0.0.0/8
ok "a wrong time is wrong usage" sh -c "'$nta' lists explain x.example --at never --config \
    '$work/class.conf'; [ \$? -eq 2 ]"

# exceptions with a reason
own=$work/mine/own.txt
ok "an exception is added" class_says "game.example: allowed by $own" allow game.example \
    --reason 'a reason, said'
ok "with when, who and why" grep -qE '^# 20[0-9T:-]+Z [a-z]+: a reason, said$' "$own"
ok "behind what was there" [ "$(head -n 1 "$own") $(tail -n 1 "$own")" = "old.example game.example" ]
ok "and it counts" class_says 'game.example: allowed' explain game.example
cp "$own" "$work/before"
refuses() { words=$1; shift; class_says "$words" allow "$@" && cmp -s "$own" "$work/before"; }
ok "twice is refused" refuses 'is allowed already' game.example --reason x
ok "what is covered already, too" refuses 'line 3: game.example' a.game.example --reason x
ok "an option of another subcommand is refused" refuses 'allow has no --dry-run' new.example \
    --reason x --dry-run
ok "of one user there is one address" class_says 'one address, not two' explain game.example \
    --user 10.1.0.5 --user 10.2.0.5
ok "what a longer name forbids is not allowed yet" sh -c "'$nta' lists allow www.game.example \
    --reason x --config '$work/class.conf' | grep -q 'allowed by' && '$nta' lists explain \
    www.game.example --config '$work/class.conf' | grep -q ': allowed'"
ok "a time that never was is said" sh -c "TZ=Europe/Brussels '$nta' lists explain game.example \
    --config '$work/class.conf' --at '2026-03-29 02:30' 2>&1 | grep -q 'no such time'"
printf '||imp.example^$important\n@@||fine.bad.example^\n' > "$work/imp.txt"
sed 's|ads.txt|imp.txt|' "$work/class.conf" > "$work/imp.conf"
ok "an exception without effect is said" sh -c "! '$nta' lists allow imp.example --reason x \
    --config '$work/imp.conf' 2> '$work/err' && grep -q 'stays forbidden' '$work/err'"
sed 's|imp.txt|nowhere.txt|' "$work/imp.conf" > "$work/lost.conf"
ok "what cannot be compared with all lists is said" sh -c "'$nta' lists allow lost.example \
    --reason x --config '$work/lost.conf' 2> '$work/err'; [ \$? -eq 1 ] && grep -q \
    'whether another entry still forbids lost.example' '$work/err'"
ok "an exception of a list that only records is one" sh -c "'$nta' lists explain fine.bad.example \
    --config '$work/imp.conf' | grep -q 'fine.bad.example: allowed'"
cp "$own" "$work/before"
ok "a URL twice, too" sh -c "'$nta' lists allow http://u.example/x --reason x --config \
    '$work/class.conf' && cp '$own' '$work/before' && ! '$nta' lists allow http://u.example/x \
    --reason x --config '$work/class.conf' && cmp -s '$own' '$work/before'"
ok "a public suffix is refused" refuses 'a public suffix' co.uk --reason x
ok "all of IPv4 is refused" refuses 'is not taken' 0.0.0.0/0 --reason x
ok "nonsense is refused" refuses 'is not' 'no name!' --reason x
ok "two lines are refused" refuses 'is not one name' "$(printf 'a.example\nb.example')" --reason x
ok "a reason is needed" refuses 'why is it allowed' new.example
ok "a reason is one line" refuses 'one line of at most' new.example --reason "$(printf 'a\nb')"
rm "$own"
ok "a list that is not there yet is made" sh -c "'$nta' lists allow 192.0.2.0/24 --reason x \
    --config '$work/class.conf' && grep -qx 192.0.2.0/24 '$own' && [ \$(stat -c %a '$own') = 644 ]"
gzip -c "$work/allow.txt" > "$own"
ok "a packed list is left alone" sh -c "! '$nta' lists allow new.example --reason x --config \
    '$work/class.conf' && ! grep -q new '$own'"
grep -v '"mine"' "$work/class.conf" | sed 's/x"; },/x"; } ); shared = ""; };/' > "$work/none.conf"
ok "without a list of exceptions it is said what to configure" sh -c "'$nta' lists allow x.example \
    --reason x --config '$work/none.conf' 2>&1 | grep -q 'add to blacklist.files: { path = '"

"$nta" lists check "$work/deny.txt" "$work/rules.txt" "$work/bad.txt" "$work/nowhere" > \
    "$work/out" 2> "$work/err"
ok "check ends with 1 if something is wrong" [ $? -eq 1 ]
printf 'bad name.example x\nb..d.example\n-@@@\nok.example\n' > "$work/refused.txt"
ok "the wrong lines of a list that is refused are shown" sh -c \
    "'$nta' lists check '$work/refused.txt' 2>&1 | grep -q 'refused.txt:2: '"
ok "a list that is refused does not hide the others" sh -c \
    "grep -q '^deny ' '$work/out' && grep -q '^rules ' '$work/out'"
ok "it is said why" grep -q "refused: .*/nowhere: No such file" "$work/err"
ok "bad lines are named with file and line" grep -q "bad.txt:2: .*no host name" "$work/err"
ok "public suffixes are warned of" grep -q "rules.txt:4: a public suffix" "$work/err"
ok "the total is said" grep -q "bad.txt: 2 lines not understood, 0 refused" "$work/err"
ok "skipped lines are counted by reason" grep -Eq "rules +1  a rule for the look of pages" \
    "$work/out"
ok "overlaps are counted" grep -Eq "deny +rules +1 " "$work/out"
ok "the share of lines that were taken is said" grep -Eq "^bad +deny +[0-9.]+ % " "$work/out"
COLUMNS=80 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$nta" lists check \
    "$work/rules.txt" "$work/deny.txt" > "$work/narrow" 2>&1
ok "the table fits the terminal" sh -c \
    "grep -q '^rules  *[0-9.]* %' '$work/narrow' && ! grep -v '^$work' '$work/narrow' | tr -d '\\r' | grep -q '.\{81,\}'"
printf '%s\n' 'ok.example' '||page.example^\$domain=x.example' 'x.example##.ad' > "$work/fine.txt"
ok "lines that mean nothing here are no fault" "$nta" lists check "$work/fine.txt"
"$nta" lists check --json --config "$work/conf" > "$work/json"
ok "check --json is JSON" python3 -c "
import json
a = json.load(open('$work/json'))
assert [l['name'] for l in a['lists']] == ['deny', 'allow'] and a['lists'][0]['severity'] == 'high', a"
printf 'one;culprit\ngood.example;bad.example\n' > "$work/table.csv"
ok "a column can be named" sh -c \
    "'$nta' lists explain --list '$work/table.csv' --column culprit bad.example | grep -q forbidden"
echo com > "$work/tld.txt"
ok "a public suffix alone is no list" sh -c "! '$nta' lists check '$work/tld.txt' 2> /dev/null"
ok "unless forced" "$nta" lists check --force "$work/tld.txt"

compile() { "$nta" lists compile --config "$work/conf" > "$work/out" 2> "$work/err"; }
mkdir "$work/lists" # an 8.8.8.8 on a list is complained about: status 1
compile
ok "lists are compiled" grep -q "6 lists, .* read and compiled" "$work/out"
compile
ok "unchanged, they are taken as they are" grep -q "unchanged, taken" "$work/out"
ok "and complained about as before" grep -q "deny.txt:5: 8.8.8.8 is a well-known public resolver" \
    "$work/err"
ok "as JSON, too" sh -c "'$nta' lists check '$work/lists/compiled.ntaset' --json | grep -q '\"holds\":true'"
ok "what was compiled can be checked" "$nta" lists check "$work/lists/compiled.ntaset"
echo other.example >> "$work/deny.txt" && sleep 0.2
compile
ok "changed, they are read" grep -q "read and compiled" "$work/out"
printf x | dd of="$work/lists/compiled.ntaset" bs=1 seek=5000 conv=notrunc 2> "$work/dd"
ok "a changed byte is found" sh -c "! '$nta' lists check '$work/lists/compiled.ntaset' 2> /dev/null"
compile
ok "and the lists are read" grep -q "read and compiled" "$work/out"
ok "compile takes no list" sh -c "'$nta' lists compile '$work/deny.txt' 2> /dev/null; [ \$? -eq 2 ]"
ok "neither check nor explain is wrong usage" sh -c "'$nta' lists; [ \$? -eq 2 ]"
conclude
