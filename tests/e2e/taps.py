#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several interfaces, live: a tap with two ports, each of which shows one direction, loses nothing,
with any number of workers; and the canary is found with one, two and three interfaces.

usage: taps.py NTA NTAD     77: no network namespace can be made here

The test goes on in a network namespace of its own, which ends with it: three pairs of interfaces,
of which packets are sent into one end and `ntad` listens at the other.
"""
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from ntad import Ntad, in_namespace  # noqa: E402
from wire import START, Wire, hello  # noqa: E402

N = 600
SIZE = 6000
RESOLVER = "198.51.100.53"
CANARY_S = 2


def user(i):
    return f"10.1.{i // 250}.{1 + i % 250}"


def server(i):
    return f"203.0.113.{1 + i % 250}"


def make_interfaces():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for i in range(3):
        subprocess.run(["ip", "link", "add", f"a{i}", "type", "veth", "peer", "name", f"b{i}"],
                       check=True)
        for name in (f"a{i}", f"b{i}"):
            path = pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
            if path.exists():
                path.write_text("1")  # nothing but what is sent here
            subprocess.run(["ip", "link", "set", name, "up"], check=True)


def traffic():
    """Downloads from a listed site; and answers that name a site, then hellos whose own name is
    encrypted: what a worker that misses one direction, or takes it too early, does not know."""
    wire = Wire()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {SIZE}"
    body = head.encode() + b"\r\n\r\nMZ" + b"\x90" * (SIZE - 2)
    for i in range(N):
        begin = START + i * .005
        asked = f"GET /tool{i}.exe HTTP/1.1\r\nHost: www{i}.bad.example\r\n\r\n".encode()
        wire.connection(begin, user(i), server(i), 30000 + i, 80, asked, body)
        wire.lookup(begin + .001, user(i), 20000 + i, f"h{i}.hidden.example", server(i), i,
                    RESOLVER)
        wire.connection(begin + .0115, user(i), server(i), 32000 + i, 443,
                        hello(f"front{i % 50}.example", True), b"\x17\3\3\1\0" + b"\x33" * 256)
    return sorted(wire.packets, key=lambda packet: packet[0])


def play(packets):
    """By their times: what users send into one port, what they are sent into the other."""
    ports = {}
    for up, name in ((True, "a0"), (False, "a1")):
        ports[up] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        ports[up].bind((name, 0))
    began, first = time.monotonic(), packets[0][0]
    for when, up, data in packets:
        wait = began + when - first - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        ports[up].send(data)
    for port in ports.values():
        port.close()


def names(n):
    return [f"b{i}" for i in range(n)]


def run_tap(nta, ntad, folder, packets, workers):
    with Ntad(nta, ntad, folder, names(2), workers) as running:
        play(packets)
        time.sleep(1.5)  # the longest hold, and some
        counters = running.status().get("counters", {})
    rows = running.records()
    got = {
        "packets": counters.get("capture.received", 0),
        "downloads": sum(r["event"] == "request" and r.get("file", {}).get("bytes") == SIZE and
                         r["file"].get("complete", False) for r in rows),
        "hidden sites": sum(r["event"] == "flow" and r["hidden"] and
                            r["site"].endswith(".hidden.example") for r in rows),
        "lookups": sum(r["event"] == "lookup" for r in rows),
        "whole connections": sum(r["event"] == "flow" and r["transport"] == "tcp" and
                                 r["up"]["packets"] > 0 and r["down"]["packets"] > 0
                                 for r in rows),
    }
    want = {"packets": len(packets), "downloads": N, "hidden sites": N, "lookups": N,
            "whole connections": 2 * N}
    late = counters.get("capture.order.late", 0)
    print(f"{workers} workers: {got}, {late} packets late: "
          f"{'nothing lost' if got == want else f'WRONG, not {want}'}", flush=True)
    return got != want


def run_canary(nta, ntad, folder, workers, interfaces):
    """Good all the time, and found again and again."""
    good, bad, found = 0, [], set()
    with Ntad(nta, ntad, folder, names(interfaces), workers, CANARY_S) as running:
        until = time.monotonic() + 4 * CANARY_S
        while time.monotonic() < until:
            status = running.status()
            good += status["state"] == "good"
            if status["state"] != "good":
                bad.append(status["reasons"])
            found.add(status["canary"].get("last"))
            time.sleep(.3)
    counters = status["counters"]
    ours = {k: counters[k] for k in ("flow.opened", "flow.oneway", "match.hits", "proto.messages")}
    if any(ours.values()):
        bad.append(f"the sensor's own visits are counted: {ours}")
    told = len(running.records("--event", "canary"))
    ok = good > 0 and not bad and len(found - {None}) > 1
    print(f"canary, {workers} workers, {interfaces} interfaces: good {good} times, "
          f"{told} records: {'right' if ok else f'WRONG: {bad[:2]}'}", flush=True)
    return not ok


def main():
    nta, ntad = sys.argv[1:3]
    if not in_namespace():
        return 77
    make_interfaces()
    failed, packets = 0, traffic()
    with tempfile.TemporaryDirectory(prefix="nta-taps-") as name:
        folder = pathlib.Path(name)
        for workers in (1, 2, 4):
            failed += run_tap(nta, ntad, folder / f"tap{workers}", packets, workers)
        for workers, interfaces in ((1, 1), (1, 2), (2, 2), (4, 3)):
            failed += run_canary(nta, ntad, folder / f"canary{workers}-{interfaces}", workers,
                                 interfaces)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
