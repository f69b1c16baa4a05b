#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Make demo/demo.pcap and demo/*.mmdb anew: real clients and
# servers in namespaces, recorded with tcpdump. usage: make.sh      as root; needs what
# tests/e2e/lib/net.sh needs, tcpdump, libmaxmind-db-writer-perl
set -eu
cd "$(dirname "$0")"
. ../e2e/lib/net.sh
net_found || { echo "needs root, nginx, dnsmasq, dig, curl, openssl" >&2; exit 3; }
work=$(mktemp -d)
trap 'net_down; rm -rf "$work"' EXIT
mkdir -p demo
perl make_geo.pl demo/city.mmdb demo/asn.mmdb demo/flat.mmdb
net_up "$work"
net_servers
head -c 60000 /dev/urandom > "$work/www/tool.exe"
head -c 90000 /dev/urandom > "$work/www/film.mkv"
sleep 0.5
ip netns exec $NET_SENSOR tcpdump -q -Z root -i lan0 -w "$work/demo.pcap" \
    --time-stamp-precision=nano -U 2> /dev/null &
dump=$!
sleep 1
get() { in_client curl -sS -o /dev/null --max-time 10 "$@"; }
in_client dig +short good.example > /dev/null
get http://good.example/
in_client dig +tcp +short secret.example > /dev/null
get http://files.bad.example/tool.exe
get -k https://secret.example/film.mkv
get -k --tls-max 1.2 https://secret.example/
get http://mirror.bad.example/ http://mirror.bad.example/film.mkv
get -6 http://good.example/
get -k https://good.example/
sleep 0.5
kill $dump
wait $dump || true
cp "$work/demo.pcap" demo/demo.pcap
ls -l demo
