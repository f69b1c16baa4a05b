#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo behind `./bootstrap demo`: three days of a made-up school through the whole pipeline.
# usage: demo.sh NTA [FOLDER]      FOLDER: build/demo
set -eu
nta=$(realpath "$1")
cd "$(dirname "$0")/../.."
if [ -t 1 ]; then bold=$'\033[1m' off=$'\033[0m'; else bold='' off=''; fi
step() { printf '\n%s%s%s\n' "$bold" "$*" "$off"; }

store=${2:-build/demo}
school=tests/data/school
rm -rf "$store"
mkdir -p "$store"
step "Three days of a school, as its router saw them ($school/school.pcap.zst)"
"$nta" read "$school/school.pcap.zst" --config "$school/ntad.conf" --store "$store" \
    > "$store/said" 2> "$store/log"
grep -v '^ALERT' "$store/said"
step "Proof: of what is kept, nothing was changed, removed or added"
"$nta" verify --store "$store" | grep -E '^(batches|opened|HOLDS)'
"$nta" report --store "$store" --quiet --title "Three days of a school" -o "$store/report.html" \
    >> "$store/log"
"$nta" map --store "$store" --quiet --title "Three days of a school" -o "$store/map.kmz" \
    >> "$store/log"
step "What you have now, and what to try"
cat <<TEXT
  the report, for any browser   $store/report.html
  the map, for Google Earth     $store/map.kmz
  the incidents again           $1 incidents --store $store
  all about the first one       $1 incidents 2-0 --store $store
  the packets that prove it     $1 packets --incident 2-0 --store $store -o proof.pcapng
  who had an address then       $1 who 10.9.0.6 --at "2026-11-24 12:00" --store $store
  why is a name forbidden       $1 lists explain files.bad.example --list conf/lists/example-malware.txt
  your own capture              $1 read FILE --list LIST --geo CITY.mmdb   (./bootstrap geo)
  live, as a service            ./bootstrap install, then README.md, "Use it"
TEXT
if [ -t 1 ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open > /dev/null; then
    xdg-open "$store/report.html" > /dev/null 2>&1 &
fi
