# SPDX-License-Identifier: Apache-2.0
"""Ends that are none, alerts that wait for their bytes, and packets that are kept for them."""
import struct

import make

from hostile_rows import row
from hostile_rows.http import CLIENT, SERVER, Connection, connections
from hostile_rows.quic import junk

PACKETS = 20000
LISTED = ("bad.example",)
UNBOUND = "each match has a record of its own"
RST, PUSH = 4, make.ACK | make.PSH



@row("edge")
def ordinary():
    def talk(connection, i):
        yield from connection.say(0, b"\x01\x02\x03 hello")
        for k in range(20):
            yield from connection.say(k % 2, bytes([k]) * 1000)
    yield from connections(400, talk)


@row("edge", "ordinary")
def resets_that_are_none():
    """Each before bytes that go on."""
    def talk(connection, i):
        for k in range(500):
            yield connection.frame(0, RST)
            yield connection.frame(0, PUSH, b"on")
            yield connection.frame(1, make.ACK)
    yield from connections(20, talk)


@row("edge", "ordinary")
def resets_of_the_other_side():
    def talk(connection, i):
        for k in range(500):
            yield connection.frame(1, RST | make.ACK)
            yield connection.frame(0, PUSH, b"on")
    yield from connections(20, talk)


@row("edge", "ordinary")
def ends_again_and_again():
    def talk(connection, i):
        for k in range(1000):
            yield connection.frame(0, make.FIN | make.ACK)
            yield connection.frame(0, PUSH, b"on")
    yield from connections(10, talk)


@row("edge", "ordinary")
def holes_that_nobody_takes():
    def talk(connection, i):
        for k in range(1000):
            connection.next[0] += 2
            yield connection.frame(0, PUSH, b"a")
            yield connection.frame(1, make.ACK)
    yield from connections(10, talk)


@row("held", listed=LISTED)
def ordinary_matches():
    """A request, its answer, the end."""
    def talk(connection, i):
        yield from connection.say(0, b"GET /%d HTTP/1.1\r\nHost: www.bad.example\r\n\r\n" % i)
        yield from connection.say(1, b"HTTP/1.1 200 OK\r\nContent-Length: 8000\r\n\r\n" +
                                  bytes(8000))
        yield connection.frame(0, make.ACK)
    yield from connections(1500, talk)


@row("held", "ordinary_matches", LISTED, UNBOUND)
def requests_that_nobody_takes():
    """Their alerts wait, as many as may."""
    def talk(connection, i):
        yield from connection.say(0, b"GET /%d HTTP/1.1\r\nHost: www.bad.example\r\n\r\n" % i)
    yield from connections(5000, talk)


@row("held", "ordinary_matches", LISTED, UNBOUND)
def requests_on_one_connection():
    """None is acknowledged."""
    def talk(connection, i):
        for k in range(400):
            yield from connection.say(0, b"GET /%d HTTP/1.1\r\nHost: www.bad.example\r\n\r\n" % k)
    yield from connections(10, talk)


@row("held", "ordinary_matches", LISTED, UNBOUND)
def pipelined_matches():
    """As many as a segment holds: no match is summed."""
    asked = b"GET / HTTP/1.1\r\nHost:bad.example\r\n\r\n" * 40

    def talk(connection, i):
        for k in range(30):
            yield connection.frame(0, PUSH, asked)
    yield from connections(10, talk)


@row("held", "ordinary_matches", LISTED)
def acknowledgements_while_others_wait():
    def talk(connection, i):
        if i < 60:
            yield from connection.say(0, b"GET /%d HTTP/1.1\r\nHost: www.bad.example\r\n\r\n" % i)
            return
        for k in range(300):
            yield connection.frame(0, PUSH, b"a")
            yield connection.frame(1, make.ACK)
    yield from connections(100, talk)


def asked(i, payload, up=True, port=53):
    ends, ports = (CLIENT, SERVER), (1024 + i % 60000, port)
    step = 1 if up else -1
    macs = (make.mac(1), make.mac(2))[::step]
    return make.ether(*macs, make.ip4(*ends[::step], make.UDP, make.udp(*ports[::step], payload)))


def lookup(i, question, told=b"", n=0):
    yield asked(i, make.dns(i & 0xffff, 0x100, (1, 0, 0, 0), question))
    yield asked(i, make.dns(i & 0xffff, 0x8180, (1, n, 0, 0), question, told), up=False)


@row("kept", listed=LISTED)
def ordinary_lookups():
    """Of listed names, each of another site."""
    for i in range(3000):
        yield from lookup(i, make.question(f"www{i}.bad.example", 1), make.record(
            make.pointer(12), 1, 1, 60, bytes([192, 0, 2, i % 250])), 1)


@row("kept", "ordinary_lookups", LISTED)
def lookups_with_many_records():
    told = make.record(make.pointer(12), 99, 1, 60, b"x") * 90
    for i in range(3000):
        yield from lookup(i, make.question(f"www{i}.bad.example", 1), told, 90)


@row("kept", "ordinary_lookups", LISTED)
def lookups_with_many_texts():
    told = make.record(make.pointer(12), 16, 1, 60, b"\1a" * 120) * 5
    for i in range(3000):
        yield from lookup(i, make.question(f"www{i}.bad.example", 16), told, 5)


@row("kept", "ordinary_lookups", LISTED)
def lookups_with_chains_of_names():
    """Each name a pointer to the one before."""
    told, at = b"", 12 + len(make.question("www1000.bad.example", 1))
    for k in range(80):  # a name that is the pointer of the record before it
        told += make.record(make.pointer(at - 2 if k else 12), 2, 1, 60, make.pointer(12))
        at += 14
    for i in range(1000, 4000):
        yield from lookup(i, make.question(f"www{i}.bad.example", 1), told, 80)


@row("kept", "ordinary_lookups", LISTED)
def lookups_with_many_options():
    option = struct.pack(">HH", 65001, 0) * 300
    told = b"\0" + struct.pack(">HHIH", 41, 4096, 0, len(option)) + option
    for i in range(3000):
        question = make.question(f"www{i}.bad.example", 1)
        yield asked(i, make.dns(i & 0xffff, 0x100, (1, 0, 0, 1), question, told))
        yield asked(i, make.dns(i & 0xffff, 0x8180, (1, 0, 0, 1), question, told), up=False)


@row("tunnel")
def ordinary_overlay():
    """VXLAN between two ends of the network's own, which both send."""
    for i in range(400):
        connection = Connection(1024 + i)
        for frame in list(connection.open()) + [f for k in range(20) for f in connection.say(
                k % 2, bytes([k]) * 1000)]:
            up = frame[6:12] == make.mac(1)
            yield overlay(frame, "10.0.9.1" if up else "10.0.9.2", "10.0.9.2" if up else
                          "10.0.9.1", 50000)


def overlay(frame, src, dst, port, network=77):
    inside = struct.pack(">II", 0x08000000, network << 8) + frame
    return make.ether(make.mac(8), make.mac(9), make.ip4(src, dst, make.UDP, make.udp(
        port, 4789, inside)))


def outsiders(frame_of):
    for i in range(PACKETS):
        source = "203.%d.%d.%d" % tuple(junk(f"{i}", 3))
        yield overlay(frame_of(i), source, "10.0.9.1", 50000 + i % 8)


@row("tunnel", "ordinary_overlay")
def outsiders_of_many_addresses():
    frame = Connection(1024).frame(0, PUSH, b"a")
    yield from outsiders(lambda i: frame)


@row("tunnel", "ordinary_overlay")
def outsiders_with_flows_of_their_own():
    yield from outsiders(lambda i: Connection(1024 + i % 60000).frame(0, make.SYN))


@row("tunnel", "ordinary_overlay")
def tunnels_in_tunnels():
    frame = Connection(1024).frame(0, PUSH, b"a")
    for _ in range(4):
        frame = overlay(frame, "10.0.9.1", "10.0.9.2", 50000)
    for i in range(PACKETS):
        yield overlay(frame, "203.0.113.%d" % (i % 250), "10.0.9.1", 50000)
