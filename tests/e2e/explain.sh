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
ok "what is in no list is said so" says none.example 'in no list'
ok "JSON says verdict, rule, entry, list and its hash" json files.bad.example \
    "a['verdict']=='forbidden' and a['by']['entry']=='=files.bad.example' and a['by']['line']==2 and len(a['by']['list_sha256'])==64 and a['by']['severity']=='high' and a['others'][0]['entry']=='bad.example'"
ok "JSON says whose address it is" json 198.51.100.7 "a['shared']=='big-cdn' and a['weak']"

"$nta" lists check "$work/deny.txt" "$work/rules.txt" "$work/bad.txt" "$work/nowhere" > \
    "$work/out" 2> "$work/err"
ok "check ends with 1 if something is wrong" [ $? -eq 1 ]
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
ok "lists are compiled" grep -q "5 lists, .* read and compiled" "$work/out"
compile
ok "unchanged, they are taken as they are" grep -q "unchanged, taken" "$work/out"
ok "and complained about as before" grep -q "deny.txt:5: 8.8.8.8 is a well-known public resolver" \
    "$work/err"
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
