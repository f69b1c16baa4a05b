#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# How many host names we see in captures of others, by their truth; fails below what was reached before.
# usage: names.sh NTA      NTA_SHARED names the folder with corpora/ and tools/score_names.py
set -euo pipefail
nta=$(realpath "$1")
cd "$NTA_SHARED/corpora"
for folder in zeek ndpi suricata arkime; do
    truths=(--truth "truth_$folder.jsonl")
    [ -f "truth_tshark_$folder.jsonl" ] && truths+=(--truth "truth_tshark_$folder.jsonl")
    echo "$folder:"
    python3 "$NTA_SHARED/tools/score_names.py" --nta "$nta" --pcaps "$folder" "${truths[@]}" --show 0 |
        grep -E '^(tls|quic|http|dns) |^\{'
done | python3 -c '
import json, sys
least = {"tls": 0.99, "quic": 0.99, "http": 0.98, "dns": 0.97}
must, found, failed = {}, {}, 0
for line in sys.stdin:
    if not line.startswith("{"):
        if "must" in line or line.rstrip().endswith(":"):
            print("  " + line.rstrip())
        continue
    total = json.loads(line)
    failed += total["failed"]
    for kind, k in total["kinds"].items():
        must[kind] = must.get(kind, 0) + k["must"]
        found[kind] = found.get(kind, 0) + (k["recall"] or 0) * k["must"]
low = [k for k in must if found[k] < least[k] * must[k]]
for kind in must:
    print("  all %-5s %4d names that all truths agree on, recall %.4f" % (kind, must[kind], found[kind] / must[kind]))
sys.exit(1 if low or failed else 0)'
