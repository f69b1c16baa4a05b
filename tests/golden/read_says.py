#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `nta read` says of captures that show less than they should, and with which exit status.

usage: read_says.py NTA
"""
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

NTA = sys.argv[1]
MACS = bytes.fromhex("020000000002020000000001")
failed = 0


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def tcp(client, seq, flags, data=b"", back=False, broken=False):
    """A segment between 10.0.0.5:`client` and 198.51.100.7:80."""
    ends = [(socket.inet_aton("10.0.0.5"), client), (socket.inet_aton("198.51.100.7"), 80)]
    (src, sport), (dst, dport) = ends[::-1] if back else ends
    ack = (101 if flags & 2 else 109) if back else 501
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 1024, 0, 0)
    whole = src + dst + struct.pack("!HH", 6, len(head) + len(data)) + head + data
    sum16 = checksum(whole + b"\0" * (len(whole) % 2)) ^ (1 if broken else 0)
    head = head[:16] + struct.pack("!H", sum16) + head[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(head) + len(data), 1, 0, 64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return MACS + b"\x08\x00" + ip + head + data


def connections(n, twice=False, broken=False, answered=True):
    packets = []
    for i in range(n):
        port = 40000 + i
        packets.append(tcp(port, 100, 2, broken=broken))
        if answered:
            packets.append(tcp(port, 500, 0x12, back=True, broken=broken))
        packets.append(tcp(port, 101, 0x18, b"question"))
        if twice:
            packets.append(tcp(port, 101, 0x18, b"question"))
        if answered:
            packets.append(tcp(port, 501, 0x18, b"an answer", back=True))
    return packets


def read(folder, packets, *options):
    path = os.path.join(folder, "x.pcap")
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, packet in enumerate(packets):
            micros = i * 100
            out.write(struct.pack("<IIII", 1760000000 + micros // 1000000, micros % 1000000, len(packet), len(packet)) + packet)
    run = subprocess.run([NTA, "read", *options, path], capture_output=True, text=True, timeout=60, check=False)
    return run.returncode, run.stderr


def expect(what, got, status, *words, absent=()):
    global failed
    code, said = got
    wrong = [w for w in words if w not in said] + ["not: " + w for w in absent if w in said]
    if code != status or wrong:
        failed += 1
        print(f"FAILED {what}: status {code}, expected {status}; {wrong}\n{said}")


def sums(folder, *options):
    """Rows of `nta stats` over what the golden capture of tunnels left in a store."""
    run = subprocess.run([NTA, "stats", "--store", folder, "--top", "0", "--json", *options], capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def tunnels_count_once(folder):
    """Outer connections are left out of sums unless they are asked for."""
    capture = pathlib.Path(__file__).with_name("tunnels.pcap")
    lists = pathlib.Path(__file__).with_name("lists.txt")
    store = os.path.join(folder, "store")
    run = subprocess.run([NTA, "read", "--json", "--list", lists, "--store", store, capture], capture_output=True, timeout=60, check=True)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    carriers = [r for r in records if r["event"] == "flow" and r.get("carrier")]
    rows = {
        "no carrier": (sums(store, "--by", "app", "--event", "flow"),
                       [r for r in records if r["event"] == "flow" and not r.get("carrier")]),
        "--app": (sums(store, "--by", "user", "--app", "vxlan"), [r for r in carriers if r["app"] == "vxlan"]),
        "matches": (sums(store, "--by", "list", "--event", "flow"),
                    [r for r in records if r["event"] == "flow" and "match" in r]),
    }
    for what, (said, expected) in rows.items():
        want = sum(r[way]["bytes"] for r in expected for way in ("up", "down"))
        expect(f"sums, {what}", (sum(r["up"] + r["down"] for r in said), ""), want)


with tempfile.TemporaryDirectory() as folder:
    good = connections(50)
    expect("a good capture", read(folder, good), 0, absent=["nta:"])
    expect("no packet", read(folder, []), 1, "not one packet was read")
    expect("no packet, as JSON", read(folder, [], "--json"), 1, "not one packet was read")
    expect("a filter that lets none through", read(folder, good, "--filter", "udp port 9"), 1, "the filter lets none through")
    odd = [MACS + b"\x81\x02" + b"\0" * 46] * 40
    expect("an EtherType nobody knows", read(folder, good + odd), 0, "(40) are of a kind that is not known here")
    code, said = read(folder, good + odd, "--stats", "--workers", "4")
    expect("its number", (code, said), 0, "40 packets with a layer we do not know: EtherType 33026 (0x8102)")
    expect("each number once", (said.count("0x8102"), ""), 1)
    expect("one direction", read(folder, connections(50, answered=False)), 0, "only one direction was seen", absent=["checksum"])
    expect("everything twice", read(folder, connections(50, twice=True)), 0, "came twice", absent=["direction"])
    tunnels_count_once(folder)
    expect("wrong checksums", read(folder, connections(50, broken=True)), 0, "have a wrong checksum")

sys.exit(1 if failed else 0)
