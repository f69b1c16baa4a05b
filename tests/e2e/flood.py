#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory goes back when a flood is over: connections from ever new ports, each of which keeps a
parser's state and bytes of a stream, until the table is full; resident memory before, in it, and
after; and in a second one it stays below a memory.limit that is too small for all.

usage: flood.py NTA NTAD     77: no namespace can be made here
"""
import pathlib
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from links import make_pair  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from wire import ACK, PSH, checksum, frame, tcp  # noqa: E402

FLOWS = 100000
LEFT = 32 << 10      # KiB above what it was before, at most
BACK_WITHIN_S = 60
LIMIT_M = 384
ASKS = b"POST /form HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 1000\r\n\r\n" + b"a=1&" * 20


def resident(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise SystemExit("no VmRSS")


def flood(port):
    """One user's connections: only source and port change, and with them the checksum."""
    data = bytearray(frame(tcp("10.1.0.1", "198.51.100.7", 0, 80, 1000, 1, ACK | PSH, ASKS)))
    data[14 + 36:14 + 38] = b"\0\0"
    pseudo = bytes(data[14 + 12:14 + 20]) + struct.pack("!HH", 6, len(data) - 34)
    base = ~checksum(pseudo + bytes(data[34:])) & 0xffff
    for i in range(FLOWS):
        source = 1024 + i % 50000
        struct.pack_into("!H", data, 34, source)
        struct.pack_into("!I", data, 38, 1000 + i)
        total = base + source + (1000 + i >> 16) + (1000 + i & 0xffff) - 1000
        data[33] = 80 + i // 50000  # of the server's address
        total += i // 50000 + 80 - 7
        while total >> 16:
            total = (total & 0xffff) + (total >> 16)
        struct.pack_into("!H", data, 50, ~total & 0xffff)
        head = bytes(data[14:24]) + b"\0\0" + bytes(data[26:34])
        struct.pack_into("!H", data, 24, checksum(head))
        port.send(data)
        if i % 100 == 0:
            time.sleep(.002)


def run_in_limit(nta, ntad, folder, port):
    more = f'flow = {{ table = 131072; udp_idle = "30s"; }}; memory = {{ limit = "{LIMIT_M}M"; }};'
    with Ntad(nta, ntad, folder, ["b0"], canary_s=0, more=more) as running:
        flood(port)
        time.sleep(.5)
        full = resident(running.process)
        status = running.status()
    memory, counters = status["memory"], status["counters"]
    print(f"limit {LIMIT_M} MiB, bounds {memory['bounds'] >> 20} MiB, resident {full >> 10} MiB; "
          f"{counters['flow.opened']} connections, {counters['flow.evicted']} had to go")
    if memory["share"] >= 1 or memory["bounds"] > LIMIT_M << 20 or not counters["flow.evicted"]:
        print(f"FAILED: the limit was not divided: {memory}")
        return 1
    if full > LIMIT_M << 10:
        print("FAILED: more than memory.limit is resident")
        return 1
    print("ok: memory.limit holds")
    return 0


def run(nta, ntad, folder, port):
    more = 'flow = { table = 131072; tcp_idle = "3s"; udp_idle = "3s"; };'
    with Ntad(nta, ntad, folder, ["b0"], canary_s=0, more=more) as running:
        time.sleep(1)
        before = resident(running.process)
        flood(port)
        time.sleep(.5)
        full = resident(running.process)
        began = time.monotonic()
        while (after := resident(running.process)) > before + LEFT and \
                time.monotonic() - began < BACK_WITHIN_S:
            time.sleep(.5)
        took = time.monotonic() - began
        counters = running.status()["counters"]
    print(f"resident: {before} KiB before, {full} KiB with {counters['flow.opened']} connections, "
          f"{after} KiB {took:.0f} s later")
    if counters["flow.opened"] < FLOWS * .9:
        print(f"FAILED: the flood was not seen: {counters}")
        return 1
    if full < before + 3 * LEFT:
        print("FAILED: the flood took too little for this to be a test")
        return 1
    if after > before + LEFT:
        print("FAILED: memory stays after the flood")
        return 1
    print("ok: memory goes back after a flood")
    return 0


def main():
    if not in_namespace():
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-flood-") as name:
        make_pair("a0", "b0")
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        port.bind(("a0", 0))
        programs = sys.argv[1:3]
        return run(*programs, pathlib.Path(name) / "run", port) + \
            run_in_limit(*programs, pathlib.Path(name) / "limited", port)


if __name__ == "__main__":
    sys.exit(main())
