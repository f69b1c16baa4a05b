#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Several threads read one interface: with 1, 2 and 4 of them the same is recorded, each of them
has its part; a kill and a restart, or an interface that goes and comes back, leaves nothing
behind; and two interfaces each have a filter of their own.

usage: fanout.py NTA NTAD     77: no network namespace can be made here

Packets are sent into one end of a pair with room for 64 KiB in a packet, as GRO and TSO make them.
"""
import collections
import ipaddress
import json
import os
import pathlib
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok as check  # noqa: E402
from links import ip as ip_link, make_pair  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from wire import ACK, PSH, Wire, hello, ip, tcp, udp  # noqa: E402

USERS, LARGE = 60, 60000
RESOLVER = "198.51.100.53"
NOT_COMPARED = {"id", "time", "end", "about", "requests", "policy"}


def tagged(data, *tags):
    """With VLAN tags, the outermost first: (kind, number)."""
    for kind, number in reversed(tags):
        data = data[:12] + struct.pack("!HH", kind, number) + data[12:]
    return data


def datagram_in_parts(user, number):
    """2,400 bytes to a port of nobody, as two fragments; the second has no port."""
    whole = udp(user, "203.0.113.200", 40000, 40001, bytes([number % 256]) * 2400)
    payload = whole[20:]
    return [ip(user, "203.0.113.200", 17, payload[:1480], number, 0x2000),
            ip(user, "203.0.113.200", 17, payload[1480:], number, 185)]


def traffic():
    wire = Wire()
    for i in range(USERS):
        begin, user, server = i * .01, f"10.1.0.{i + 1}", f"203.0.113.{i + 1}"
        v6 = str(ipaddress.ip_address("fd00::1000") + i)
        wire.lookup(begin, user, 20000 + i, f"h{i}.example", server, i, RESOLVER)
        wire.connection(begin + .011, user, server, 30000 + i, 80,
                        f"GET /{i} HTTP/1.1\r\nHost: www{i}.bad.example\r\n\r\n".encode(),
                        b"HTTP/1.1 200 OK\r\nContent-Length: 3000\r\n\r\n" + b"x" * 3000)
        wire.connection(begin + .012, user, server, 32000 + i, 443,
                        hello(f"front{i % 7}.example", True), b"\x17\3\3\1\0" + b"\x33" * 256)
        wire.connection(begin + .013, v6, "2001:db8::80", 34000 + i, 80,
                        f"GET /six{i} HTTP/1.1\r\nHost: six.example\r\n\r\n".encode(),
                        b"HTTP/1.1 204 No Content\r\n\r\n")
        for part in datagram_in_parts(user, i):
            wire.put(begin + .02, part, True)
        wire.put(begin + .03, tcp(server, user, 80, 36000 + i, 7000, 1, ACK | PSH, b"y" * LARGE),
                 False)
    packets = sorted(wire.packets, key=lambda packet: packet[0])
    out = []
    for i, (when, _, data) in enumerate(packets):
        out.append((when, data))
        if i % 4 == 0 and len(data) < LARGE:  # again under one tag, and two: other connections
            out.append((when, tagged(data, (0x8100, 10))))
            out.append((when, tagged(data, (0x88a8, 20), (0x8100, 30))))
    return out


def play(packets, name="a0"):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    port.bind((name, 0))
    began = time.monotonic()
    for when, data in packets:
        if (wait := began + when - time.monotonic()) > 0:
            time.sleep(wait)
        port.send(data)
    port.close()


def recorded(running):
    """What was recorded, each as often, but for times and numbers."""
    rows = collections.Counter()
    for row in running.records():
        if row["event"] in ("flow", "lookup", "request", "alert", "download"):
            kept = {k: v for k, v in row.items() if k not in NOT_COMPARED}
            kept.get("user", {}).pop("since", None)
            rows[json.dumps(kept, sort_keys=True)] += 1
    return rows


def widen():
    for name in ("a0", "b0"):
        ip_link("link", "set", name, "mtu", "65535")


def config(threads):
    return f"threads = {threads}; "


class Fanout(Ntad):
    """`capture` goes into that section."""

    def __init__(self, nta, ntad, folder, interfaces, capture, workers=2):
        self.capture = capture
        super().__init__(nta, ntad, folder, interfaces, workers, canary_s=0,
                         more='flow = { udp_idle = "2s"; tcp_idle = "2s"; };\n'
                              'network = { home = [ "10.0.0.0/8", "fd00::/8" ]; };')

    def launch(self):
        path = self.folder / "conf"
        text = path.read_text()
        if self.capture not in text:
            path.write_text(text.replace("capture = { ", "capture = { " + self.capture, 1))
        super().launch()


def sockets():
    """Packet sockets of this namespace."""
    return len(pathlib.Path("/proc/net/packet").read_text().splitlines()) - 1


def interface(running, i=0):
    return running.status()["interfaces"][i]


def wait_for(what, seconds=20):
    end = time.monotonic() + seconds
    while not what() and time.monotonic() < end:
        time.sleep(.1)
    return what()


def run_threads(nta, ntad, folder, packets, threads):
    with Fanout(nta, ntad, folder, ["b0"], config(threads)) as running:
        check(f"{threads} threads: a socket each", sockets() == threads, sockets())
        play(packets)
        time.sleep(3.5)  # until what is idle has ended
        status = running.status()
    seen = status["interfaces"][0]
    check(f"{threads} threads: all packets are there",
          seen["packets"] == len(packets) and seen["lost"] == 0, seen)
    least = len(packets) // threads // 3
    check(f"{threads} threads: each has its part {seen['threads']}",
          len(seen["threads"]) == threads and min(seen["threads"]) >= least, seen["threads"])
    worked = status["worked"]
    check(f"{threads} threads: what each worker had is known {worked}",
          len(worked) == 2 and min(worked) > 0 and sum(worked) >= .9 * len(packets), worked)
    check(f"{threads} threads: the sockets are closed", sockets() == 0, sockets())
    return recorded(running)


def compare(nta, ntad, folder):
    packets = traffic()
    first = None
    for threads in (1, 2, 4):
        rows = run_threads(nta, ntad, folder / str(threads), packets, threads)
        if first is None:
            first = rows
            check(f"one thread: something is recorded ({sum(rows.values())})",
                  sum(rows.values()) > 8 * USERS, sum(rows.values()))
            continue
        other = [(first - rows).most_common(2), (rows - first).most_common(2)]
        check(f"{threads} threads: the same is recorded ({sum(rows.values())})", first == rows,
              other)


def come_and_go(nta, ntad, folder):
    """Killed, and started again at once; then the interface goes, is back, and is another one."""
    with Fanout(nta, ntad, folder, ["b0"], config(3)) as running:
        running.kill()
        check("killed: no socket is left", wait_for(lambda: sockets() == 0), sockets())
        running.launch()
        wait_for(lambda: running.status())
        check("started again: a socket each", sockets() == 3, sockets())
        ip_link("link", "del", "b0")
        check("gone: it is said", wait_for(lambda: interface(running)["sight"] != "up"),
              interface(running))
        make_pair("a0", "b0")
        widen()
        check("back: a socket each",
              wait_for(lambda: interface(running)["sight"] == "up" and sockets() == 3),
              (interface(running), sockets()))
        time.sleep(.5)
        before = sum(interface(running)["threads"])
        packets = traffic()
        play([(when, data) for when, data in packets if len(data) < 1500])
        n = sum(len(data) < 1500 for _, data in packets)
        check("back: each packet once",
              wait_for(lambda: sum(interface(running)["threads"]) - before >= n) and
              sum(interface(running)["threads"]) - before == n,
              (n, sum(interface(running)["threads"]) - before))
    gaps = [r["log"] for r in running.records("--event", "gap")]
    reasons = collections.Counter(g["reason"] for g in gaps)
    check("the time without it is told once",
          reasons["interface gone"] == 1 and max(reasons.values()) == 1, gaps)


def filters(nta, ntad, folder):
    """Of two interfaces; on processors that are there."""
    cpus = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    with Fanout(nta, ntad, folder, ["b0: not port 443", "b1: port 443"],
                f'cpus = "{cpus}"; ') as running:
        packets = [(when, data) for when, data in traffic() if len(data) < 1500][:400]
        play(packets, "a0")
        play(packets, "a1")
        time.sleep(1)
        rows = running.status()["interfaces"]
        check("filters: names without them", [r["name"] for r in rows] == ["b0", "b1"], rows)
        check("filters: each shows its part", all(0 < r["packets"] < 400 for r in rows), rows)
    ports = collections.Counter((r["peer"].get("port") == 443, r["event"])
                                for r in running.records() if r["event"] == "flow")
    check("filters: both kinds are recorded", ports[(True, "flow")] and ports[(False, "flow")],
          ports)


def main():
    nta, ntad = sys.argv[1:3]
    if not in_namespace():
        return 77
    make_pair("a0", "b0")
    widen()
    make_pair("a1", "b1")
    with tempfile.TemporaryDirectory(prefix="nta-fanout-") as name:
        folder = pathlib.Path(name)
        compare(nta, ntad, folder)
        come_and_go(nta, ntad, folder / "come")
        filters(nta, ntad, folder / "filters")
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
