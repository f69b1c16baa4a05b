#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo behind `./bootstrap demo`: a capture with two
# forbidden downloads in it, through the whole pipeline. usage: demo.sh NTA
set -eu
nta=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
if [ -t 1 ]; then bold=$'\033[1m' off=$'\033[0m'; else bold='' off=''; fi
step() { printf '\n%s%s%s\n' "$bold" "$*" "$off"; }

cd "$here/../.."
store=build/demo
rm -rf "$store"
data=tests/data/demo
step "Analysing $data/demo.pcap: a user's morning, recorded on the router"
"$nta" read "$data/demo.pcap" --list conf/lists/example-malware.txt --list \
    conf/lists/example-video.txt \
    --allow conf/lists/example-allow.txt --geo $data/city.mmdb --geo $data/asn.mmdb --sites \
    $data/sites.conf \
    --store "$store"
step "Proof: of what is kept, nothing was changed, removed or added"
"$nta" verify --store "$store"
step "To look at: a page that opens in any browser, offline, and a map for Google Earth"
"$nta" report --store "$store" --title "A user's morning" -o "$store/report.html"
"$nta" map --store "$store" --title "A user's morning" -o "$store/map.kmz"
step "Next"
cat <<TEXT
  sealed records of this demo   build/release/tools/nta records --store $store --site bad.example
  the same as JSON              build/release/tools/nta alerts --store $store --json
  why is a name forbidden       build/release/tools/nta lists explain files.bad.example --list conf/lists/example-malware.txt
  your own capture              build/release/tools/nta read FILE --list LIST --geo CITY.mmdb
  a free city database          ./bootstrap geo
  live, as a service            ./bootstrap install; edit /etc/nta/ntad.conf; ntad --check; systemctl enable --now ntad
  records into MySQL            section mysql of /etc/nta/ntad.conf (docs/operations.md)
TEXT
