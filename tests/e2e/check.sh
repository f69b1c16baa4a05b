#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ntad --check: each thing that a start needs, broken, is said;
# all in one run; nothing is run, left behind or waited for; as root, as root for a service's user,
# as somebody else.  On `lo` of a namespace of the test's own.  usage: check.sh NTA NTAD
set -u
here=$(cd "$(dirname "$0")" && pwd)
nta=$(realpath "$1") ntad=$(realpath "$2")
. "$here/lib/check.sh"
PATH=$PATH:/usr/sbin:/sbin
ns=nta$$-check
if [ "$(id -u)" -ne 0 ] || ! command -v capsh > /dev/null || ! command -v setpriv > /dev/null ||
    ! ip netns add "$ns" 2> /dev/null; then
    echo "skipped: needs root, network namespaces, capsh and setpriv"
    exit 77
fi
work=$(mktemp -d /tmp/nta-check-XXXXXX)
chmod 755 "$work"
daemon=

cleanup()
{
    [ -n "$daemon" ] && kill "$daemon" 2> /dev/null && wait "$daemon" 2> /dev/null
    ip netns del "$ns"
    if [ "$failures" -eq 0 ]; then rm -rf "$work"; else echo "kept: $work"; fi
}
trap cleanup EXIT
ip -n "$ns" link set lo up
ip -n "$ns" tuntap add tun7 mode tun 2> /dev/null && ip -n "$ns" link set tun7 up
cp "$ntad" "$work/ntad" # where everybody can run it
store=$work/store
mkdir "$store"
"$nta" keys init --keys "$store/keys" > /dev/null || fail "nta keys init"
echo bad.example > "$work/list.txt"

# conf NAME [EXPRESSION...]: a configuration in which everything is named and right, changed by sed
conf()
{
    name=$work/$1.conf
    shift
    cat > "$name" <<TEXT
capture = { interfaces = [ "lo" ]; workers = 1; filter = "udp"; };
network = { sites = ""; };
blacklist = { files = ( { path = "$work/list.txt"; } ); shared = ""; };
geo = { databases = ( ); };
store = { directory = "$store"; keys = ""; };
alert = { json = "$work/alerts.json"; };
control = { socket = "$work/control"; };
#MYSQL
TEXT
    for expression in "$@"; do sed -i -e "$expression" "$name"; done
}

# check NAME [COMMAND...]: its output into $work/out, its status into $status
check()
{
    name=$1
    shift
    timeout 30 ip netns exec "$ns" "$@" "$work/ntad" --config "$work/$name.conf" --check > \
        "$work/out" 2>&1
    status=$?
}

says() { ok "$1" grep -qE -- "$2" "$work/out"; }

# wrong WHAT EXPRESSION WORDS: of a configuration so changed one line is WRONG, and says so
wrong()
{
    conf wrong "$2"
    check wrong
    ok "$1: status 1" [ $status -eq 1 ]
    says "$1: $3" "WRONG: .*$3"
    # where the store is elsewhere, the keys' state is not there either
    ok "$1: and nothing else is" [ "$(grep WRONG "$work/out" | grep -vc "^keys *WRONG: [^ ]*/state[:/]")" -eq 1 ]
}

listing() { find "$work/store" "$work" -maxdepth 1 ! -name out ! -name '*.conf' | sort; }

# ---- all is right ----
conf good
before=$(listing)
check good
ok "what is right is fine" [ $status -eq 0 ]
for line in "configuration *fine: " "interfaces *fine: lo" "filter *fine: udp" \
    "memory *fine: bounds add up to [0-9]+ of 2048 MiB" "lists *fine: 1" \
    "geo *none" "sites *none" "keys *fine" \
    "store *fine" "mysql *none" "alert.json *fine" "control *fine"; do says "it says: $line" \
    "^$line"; done
ok "nothing is left behind, the journal is not made" [ "$(listing)" = "$before" ]
conf none 's,files = .*;.*shared,files = ( ); shared,' 's/json = "[^"]*"/json = ""/' 's/"udp"/""/'
check none
ok "what is not named is no fault" [ $status -eq 0 ]
for what in filter lists geo sites mysql alert.json; do says "$what: none" "^$what *none$"; done

# ---- memory ----
wrong "too little memory" 's/#MYSQL/memory = { limit = "64M"; };/' \
    "memory.limit is 64 MiB, but .* need at least [0-9]* MiB: raise it"
conf little 's/#MYSQL/memory = { limit = "400M"; };/'
check little
says "less memory than configured" "smaller than configured: flow.table [0-9]+,"

# ---- interfaces and filter ----
wrong "an unknown interface" 's/"lo"/"nosuch0"/' "there is no interface nosuch0; there are: .*lo"
wrong "no interface" 's/\[ "lo" \]/[ ]/' "names no interface; there are: .*lo"
wrong "a filter of no sense" 's/"udp"/"udp and prot 53"/' "udp and prot 53"
conf wrong 's/"lo"/"lo", "nosuch0", "nosuch1"/'
check wrong
ok "each interface has a line" [ "$(grep -c '^interfaces' "$work/out")" -eq 3 ]
if ip -n "$ns" link show tun7 > /dev/null 2>&1; then \
    # its packets begin with IP: there is no Ethernet
    wrong "a filter that this link has not" \
        's/"lo"/"tun7"/;s/"udp"/"ether host 02:00:00:00:00:01"/' "ether host"
else
    ok "a tunnel device is made" false
fi
check good capsh --drop=cap_net_raw -- -c 'exec "$0" "$@"'
ok "without CAP_NET_RAW: status 1" [ $status -eq 1 ]
says "without CAP_NET_RAW: the start's sentence" \
    "^interfaces *WRONG: no right to capture on lo: be root or have CAP_NET_RAW"
ip netns exec "$ns" capsh --drop=cap_net_raw -- -c \
    "exec $work/ntad --foreground --config $work/good.conf" > "$work/start" 2>&1
ok "the start says the same" grep -q "no right to capture on lo: be root or have CAP_NET_RAW" \
    "$work/start"

# ---- lists for some users and hours ----
conf whom 's/list.txt"; }/list.txt"; for = [ "login:ann", "vlan:10" ]; not_for = "department:it"; }/'
check whom
ok "names that nobody has are no fault" [ $status -eq 0 ]
says "but it is said that they have no effect" \
    "^lists *$work/list.txt: not_for = \"department:it\" has no effect: no file in who.users says who is of which department$"
ok "and of nothing else" [ "$(grep -c 'has no effect' "$work/out")" -eq 1 ]
conf wrong 's/list.txt"; }/list.txt"; hours = "Mo 08:00-16:00"; }/'
check wrong
says "hours that are none" '^configuration *WRONG: .*wrong.conf:3: hours: "Mo" is no day'


# ---- files that cannot be what they should be: refused at once ----
mkfifo "$work/fifo"
truncate -s 1T "$work/huge"
for bad in fifo huge; do
    for what in "list:s,$work/list.txt,$work/$bad," "sites:s,sites = \"\",sites = \"$work/$bad\"," \
        "geo:s,databases = ( ),databases = ( \"$work/$bad\" ),"; do
        wrong "a $bad for ${what%%:*}" "${what#*:}" "$work/$bad"
    done
done
wrong "a FIFO as password_file" \
    "s,#MYSQL,mysql = { hosts = \"127.0.0.1:1\"; password_file = \"$work/fifo\"; };," \
    "mysql.password_file: $work/fifo: not a file but a FIFO"
wrong "a FIFO as tls_ca" \
    "s,#MYSQL,mysql = { hosts = \"127.0.0.1:1\"; tls_ca = \"$work/fifo\"; };," \
    "mysql.tls_ca: $work/fifo: not a file but a FIFO"
for bad in fifo huge; do
    ln -f "$work/$bad" "$work/$bad.conf" 2> /dev/null
    check "$bad"
    ok "a $bad as configuration is refused at once with 3" [ $status -eq 3 ]
    says "a $bad as configuration is said" "^configuration *WRONG: $work/$bad.conf: "
    timeout 20 "$work/ntad" --foreground --config "$work/$bad.conf" > "$work/start" 2>&1
    ok "a start with a $bad as configuration, too" [ $? -eq 3 ]
    timeout 20 "$nta" lists check --config "$work/$bad.conf" > "$work/start" 2>&1
    ok "nta lists check, too" [ $? -eq 3 ]
    rm "$work/$bad.conf"
    timeout 20 "$nta" lists check "$work/$bad" > "$work/start" 2>&1
    ok "nta lists check of a $bad ends at once, and not with 0" [ $? -ne 0 -a $? -ne 124 ]
done

# ---- passwords ----
echo secret > "$work/password"
chmod 644 "$work/password"
mysql="s,#MYSQL,mysql = { hosts = \"127.0.0.1:1\\, 127.0.0.1:2\"; password_file = \"$work/password\"; };,"
wrong "a password file that others can read" "$mysql" \
    "mysql.password_file: $work/password: others may read"
ln -s password "$work/link"
chmod 600 "$work/password"
wrong "a link as password file" "${mysql//$work\/password/$work/link}" "$work/link: a symbolic link"
chown nobody "$work/password"
wrong "somebody else's password file" "$mysql" "$work/password: belongs to somebody else"
chown root "$work/password"
conf wrong "$mysql"
check wrong
says "of two servers the first is blamed for itself" "^mysql *WRONG: MySQL at 127.0.0.1:1 "
says "and the second for itself" "^mysql *WRONG: MySQL at 127.0.0.1:2 "
conf wrong 's,#MYSQL,mysql = { hosts = "127.0.0.1:1"; password = "secret"; };,'
chmod 644 "$work/wrong.conf"
check wrong
says "a password in a file that everybody reads is said" "^configuration *WRONG: .*mysql.password"
ok "and not shown" [ "$(grep -c '"secret"' "$work/out")" -eq 0 ]

# ---- keys ----
cp -r "$store/keys" "$work/keys"
"$nta" keys init --keys "$work/other" > /dev/null
cp "$work/other/sensor.pub" "$work/keys/sensor.pub"
keys="s,keys = \"\",keys = \"$work/keys\","
wrong "a sensor.pub of another key" "$keys" "sensor.pub: is not the identity that signed"
conf wrong "$keys"
timeout 20 ip netns exec "$ns" "$ntad" --foreground --config "$work/wrong.conf" > "$work/start" 2>&1
ok "a start refuses it, too" [ $? -eq 3 ]
cp "$store/keys/sensor.pub" "$work/keys/sensor.pub"
chmod 644 "$work/keys/state.key"
wrong "a key that others can read" "$keys" "state.key: can be read by others"
rm "$work/keys/state.key" "$work/keys/auditors.pub"
conf wrong "$keys"
check wrong
ok "each missing key has a line" [ "$(grep -c '^keys *WRONG: .*No such file' "$work/out")" -eq 2 ]
says "and what makes them is said" "nta keys init"

# ---- store, alerts, control ----
wrong "a store that is not there" \
    "s,directory = \"$store\",directory = \"$work/nostore\",;s,keys = \"\",keys = \"$store/keys\"," "store.directory $work/nostore: No such file"
mkdir "$work/odd"
echo "this is no database at all, it is text" > "$work/odd/journal.db"
wrong "a journal that is none" \
    "s,directory = \"$store\",directory = \"$work/odd\",;s,keys = \"\",keys = \"$store/keys\"," \
    "not a store of NTA"
mkdir "$work/ro" "$work/full"
mount -t tmpfs -o ro none "$work/ro"
mount -t tmpfs -o size=64k none "$work/full"
head -c 65536 /dev/zero > "$work/full/zeros" 2> /dev/null
wrong "a store on read-only ground" \
    "s,directory = \"$store\",directory = \"$work/ro\",;s,keys = \"\",keys = \"$store/keys\"," \
    "store.directory $work/ro: Read-only"
wrong "a store on a full disk" \
    "s,directory = \"$store\",directory = \"$work/full\",;s,keys = \"\",keys = \"$store/keys\"," \
    "store.directory $work/full: No space left"
wrong "alerts to a full disk" "s,$work/alerts.json,$work/full/alerts.json," \
    "full/alerts.json: folder .*No space left"
umount "$work/ro" "$work/full"
wrong "alerts into no folder" "s,$work/alerts.json,$work/nofolder/alerts.json," \
    "nofolder/alerts.json"
ln -s list.txt "$work/alerts.link"
wrong "alerts through a link" "s,$work/alerts.json,$work/alerts.link," "a symbolic link"
wrong "a control socket in no folder" "s,$work/control,$work/no/such/control," \
    "control.socket: folder $work/no/such"
wrong "a control socket whose name is too long" "s,$work/control,$work/$(printf '%0120d' 0)," \
    "too long for a socket"
wrong "something else in its place" "s,$work/control,$work/list.txt," "there is something else"

# ---- beside a daemon that runs ----
ip netns exec "$ns" "$ntad" --foreground --config "$work/good.conf" > "$work/daemon" 2>&1 &
daemon=$!
for _ in $(seq 50); do [ -S "$work/control" ] && break; sleep 0.1; done
# until it has made all that it makes: the state of its journal comes with the first batch
for _ in $(seq 300); do [ -e "$work/store/journal.state" ] && break; sleep 0.1; done
before=$(listing)
check good
ok "a daemon that runs is no fault" [ $status -eq 0 ]
says "but said" "^control *fine: .*ntad answers there"
ok "and nothing is left beside its journal" [ "$(listing)" = "$before" ]
kill "$daemon" && wait "$daemon"
daemon=
( exec 9> "$store/journal.lock"; echo "4711 ntad --something" >&9; flock 9; check good; exit \
    $status )
ok "a store in use is no fault" [ $? -eq 0 ]
says "and by whom is said" "^store *fine: .*in use by 4711 ntad --something"
rm "$store/journal.lock"

# ---- a key that systemd opens for the service alone ----
mv "$store/keys/state.key" "$work/state.key" && echo sealed > "$store/keys/state.cred"
check good
ok "a state.key that is sealed for the service is no fault" [ $status -eq 0 ]
says "but said" "state.key is sealed for the service"
rm "$store/keys/state.cred"
check good
says "without it, it is missing" "^keys *WRONG: .*state.key"
mv "$work/state.key" "$store/keys/state.key"

# ---- a signing key that is lost ----
mv "$store/state/signing.key" "$work/signing.key"
check good
ok "a signing key that is lost: status 1" [ $status -eq 1 ]
says "and what to do is said" "^signing key *WRONG: .*lost.*nta keys adopt"
ok "nta keys show says so, too" bash -c \
    '"$1" keys show --store "$2" | tr -s "\n " " " | grep -q "the signing key is lost.*nta keys adopt"' - \
    "$nta" "$store"
mv "$work/signing.key" "$store/state/signing.key"
ok "and no more when it is back" bash -c '! "$1" keys show --store "$2" | grep -q BAD' - "$nta" "$store"

# ---- for the service's user, and as somebody else ----
chown -R nobody "$store"
chown root "$store/journal.db"
chmod 600 "$store/journal.db" "$work/list.txt"
check good
ok "root looks as the service's user: status 1" [ $status -eq 1 ]
says "a journal that root made keeps it out" "^store *WRONG: $store/journal.db: Permission denied"
says "so does a list that only root may read" "^lists *WRONG: .*$work/list.txt: Permission denied"
says "and alerts that root made" "^alert.json *WRONG: $work/alerts.json: Permission denied"
chown nobody "$work/alerts.json"
chown nobody "$store/journal.db"
chmod 644 "$work/list.txt"
chmod 777 "$work"
chown -R root "$store/keys"
check good
ok "with all of it the service's, all is fine" [ $status -eq 0 ]
cp -r "$store/keys" "$work/credentials" && rm "$work/credentials/sensor.key" &&
    chmod 755 "$work/credentials" &&
    chmod 640 "$work/credentials"/* && chgrp root "$work/credentials"/*
for file in "$work/credentials"/*; do setfacl -m u:nobody:r "$file" 2> /dev/null ||
    { chown nobody "$file"; chmod 400 "$file"; }; done
conf unit 's/keys = "";//'
check unit setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps +net_raw \
    --ambient-caps +net_raw env CREDENTIALS_DIRECTORY="$work/credentials"
ok "under a unit's user, capability and credentials all is fine" [ $status -eq 0 ]
says "the keys are the credentials" "^keys *fine: $work/credentials"
check good setpriv --reuid daemon --regid daemon --clear-groups
ok "somebody else cannot look at everything: status 1" [ $status -eq 1 ]
says "it says what it could not try, not that it is fine" "^keys *not tried as daemon: "
says "nor that the store is" "^store *not tried as daemon: "
says "the right to capture was tried" "^interfaces *WRONG: no right to capture on lo"

conf unit 's/keys = "";//' 's,#MYSQL,mysql = { hosts = "127.0.0.1:1"; };,'
echo secret > "$work/credentials/mysql-password"
chmod 600 "$work/credentials/mysql-password"
check unit setpriv --reuid nobody --regid nogroup --clear-groups --inh-caps +net_raw \
    --ambient-caps +net_raw env CREDENTIALS_DIRECTORY="$work/credentials"
says "a credential that may not be read is not taken for none" \
    "^mysql *WRONG: $work/credentials/mysql-password: Permission denied"
chmod 000 "$store/lists"/*.state
chown root "$store/lists"/*.state
check good
says "nor is the copy of a list" "list.txt: its copy in $store/lists may not be read"

# ---- all at once ----
cat > "$work/all.conf" <<TEXT
capture = { interfaces = [ "nosuch0", "lo", "nosuch1" ]; filter = "tcpp and 5"; workrs = 1; snap_length = 3; };
netwrk = { };
network = { home = ( "10.0.0.0/8", "10.0.0.1/8" ); sites = "$work/fifo"; };
blacklist = { files = ( "$work/nolist1", "$work/fifo", "$work/list.txt", { path = "$work/nolist2"; severity = "hihg"; } );
              shared = ""; shrink_limit = 7; };
geo = { databases = ( "$work/nogeo1", "$work/fifo", "$work/list.txt" ); };
record = { url = "pth"; flows = "yes"; };
store = { directory = "$work/nostore"; keys = "$work/nokeys"; };
mysql = { hosts = "127.0.0.1:1, 127.0.0.1:2"; user = "x"; pasword = "y"; };
alert = { json = "$work/nofolder/alerts.json"; };
control = { socket = "$work/no/such/control"; };
TEXT
all="all.conf:1: .*workrs.*\"workers\" all.conf:1: .*snap_length
all.conf:2: .*netwrk.*\"network\" all.conf:3: .*10.0.0.1/8 all.conf:4: .*hihg.*\"high\"
all.conf:5: .*shrink_limit all.conf:7: .*\"pth\".*\"path\" all.conf:7: .*flows
all.conf:9: .*pasword nosuch0 nosuch1 tcpp nolist1 nolist2 fifo: nogeo1
list.txt:.not.a.geo nostore nokeys 127.0.0.1:1 127.0.0.1:2 nofolder no/such"
# words are apart by blanks, so those in an expression are dots
check all
ok "all at once: status 1" [ $status -eq 1 ]
printf '%s\n' "$all" | sed 's/: \.\*/:..*/g' | tr ' ' '\n' | while read -r words; do
    grep -qE "WRONG: .*${words}" "$work/out" || echo "$words"
done > "$work/missing"
ok "all at once: each is named" [ ! -s "$work/missing" ] || cat "$work/missing"
ok "all at once: in few lines" [ "$(grep -c WRONG "$work/out")" -le 30 ]
check all setpriv --reuid daemon --regid daemon --clear-groups
ok "all at once as somebody else: status 1" [ $status -eq 1 ]
ok "no line is fine that is not" [ "$(grep -v '^memory' "$work/out" | grep -c ' fine')" -eq 0 ]
conclude
