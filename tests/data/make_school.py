#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make school/school.pcap.zst anew: three days of a school, made up packet by packet, the same
each time.

usage: make_school.py      needs zstd

Names, leases and lists are those of school/ntad.conf.  What goes over TLS and QUIC is the same
block again and again, so that megabytes of it take little space here.
"""
import datetime
import hashlib
import pathlib
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e/lib"), str(HERE.parent / "golden")]
from quic_seal import crypto, hello as quic_hello, initial  # noqa: E402
from wire import ACK, FIN, GATE_MAC, PSH, SYN, Wire, hello, tcp, udp  # noqa: E402

RESOLVER, ROUTER = "192.0.2.53", "10.9.0.1"
SERVERS = {"good.example": "192.0.2.80", "blog.fine.example": "192.0.2.66",
           "files.bad.example": "198.51.100.7", "secret.example": "203.0.113.9",
           "live.secret.example": "203.0.113.10", "drop.worse.example": "198.51.100.9",
           "mirror.bad.example": "198.51.100.8"}
MSS = 1400


def noise(label, length):
    """Ciphertext, as far as anybody can tell, that packs well."""
    block = hashlib.shake_128(label.encode()).digest(MSS)
    return (block * (length // MSS + 1))[:length]


def at(day, clock, second=0):
    """Of November 2026, in the school's own time, an hour before UTC."""
    hour, minute = map(int, clock.split(":"))
    zone = datetime.timezone(datetime.timedelta(hours=1))
    return datetime.datetime(2026, 11, day, hour, minute, second, tzinfo=zone).timestamp()


class Machine:
    def __init__(self, wire, last, called):
        self.wire, self.ip, self.called = wire, f"10.9.0.{last}", called.encode()
        self.mac = b"\2\0\0\0\0" + bytes([last])
        self.port, self.number = 40000 + 200 * last, last << 8

    def lease(self, time):
        """Asks for an address, and is given it for ten hours."""
        self.number += 1
        head = struct.pack("!BBBBI", 1, 1, 6, 0, self.number) + bytes(8)
        given = bytes(map(int, self.ip.split(".")))
        asked = (head + bytes(12) + self.mac + bytes(202) + bytes.fromhex("63825363") +
                 b"\x35\1\3\x32\4" + given + b"\x0c" + bytes([len(self.called)]) + self.called +
                 b"\xff")
        told = (b"\2" + head[1:] + given + bytes(8) + self.mac + bytes(202) +
                bytes.fromhex("63825363") + b"\x35\1\5\x33\4" + struct.pack("!I", 36000) +
                b"\x36\4" + bytes(map(int, ROUTER.split("."))) + b"\xff")
        self.wire.put(time, udp("0.0.0.0", "255.255.255.255", 68, 67, asked), True, self.mac)
        self.wire.put(time + .02, udp(ROUTER, self.ip, 67, 68, told), False, self.mac)

    def look_up(self, time, name):
        self.number += 1
        self.port += 1
        self.wire.lookup(time, self.ip, self.port, name, SERVERS[name], self.number, RESOLVER,
                         self.mac)

    def talk(self, time, name, service, parts):
        """A connection; `parts`: (who speaks, what, for how many seconds)."""
        self.look_up(time, name)
        self.port += 1
        server, time, seq = SERVERS[name], time + .03, {True: 1000, False: 5000}

        def send(up, flags, payload=b""):
            ends = (self.ip, server, self.port, service)
            if not up:
                ends = (server, self.ip, service, self.port)
            self.wire.put(time, tcp(*ends, seq[up], seq[not up] if flags != SYN else 0, flags,
                                    payload), up, self.mac)
            seq[up] += len(payload) + bool(flags & (SYN | FIN))

        for up, flags in (True, SYN), (False, SYN | ACK), (True, ACK):
            send(up, flags)
            time += .012
        for up, data, seconds in parts:
            pieces = range(0, len(data), MSS)
            for i, start in enumerate(pieces):
                send(up, PSH | ACK, data[start:start + MSS])
                if i % 8 == 7:
                    send(not up, ACK)
                time += seconds / len(pieces)
        for up, flags in (True, FIN | ACK), (False, FIN | ACK), (True, ACK):
            send(up, flags)
            time += .012

    def get(self, time, name, path, kind, body, seconds=8, host=None):
        asked = f"GET {path} HTTP/1.1\r\nHost: {host or name}\r\nUser-Agent: Browser\r\n\r\n"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.talk(time, name, 80, [(True, asked.encode(), .05), (False, head.encode() + body,
                                                                 seconds)])

    def put(self, time, name, path, body, seconds):
        asked = (f"PUT {path} HTTP/1.1\r\nHost: {name}\r\nContent-Type: "
                 f"application/zip\r\nContent-Length: {len(body)}\r\n\r\n")
        self.talk(time, name, 80, [
            (True, asked.encode() + body, seconds),
            (False, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", .05)])

    def tls(self, time, name, length, seconds):
        """Version 1.3: hello, hello, and then nothing that can be read."""
        told = struct.pack("!H", 0x0303) + noise("random", 32) + b"\0\x13\1\0"
        told += struct.pack("!HHHH", 6, 43, 2, 0x0304)
        told = b"\2" + struct.pack("!I", len(told))[1:] + told
        answer = b"\x16\3\3" + struct.pack("!H", len(told)) + told + b"\x14\3\3\0\1\1"
        content = noise(name, MSS - 5)
        record = b"\x17\3\3" + struct.pack("!H", len(content)) + content
        self.talk(time, name, 443, [
            (True, hello(name), .02), (False, answer + record, .05), (True, record[:320], .02),
            (False, record * (length // len(record)), seconds)])

    def quic(self, time, name, length, seconds):
        self.look_up(time, name)
        self.port += 1
        ours, theirs = (self.ip, SERVERS[name], self.port, 443), (SERVERS[name], self.ip, 443,
                                                                  self.port)
        time += .03
        self.wire.put(time, udp(*ours, initial(b"pupils-1", crypto(quic_hello(name)),
                                               source=b"mine")), True, self.mac)
        self.wire.put(time + .02, udp(*theirs, initial(b"mine", crypto(b"\2\0\0\0"),
                                                       source=b"yours", begun=b"pupils-1")),
                      False, self.mac)
        n = length // 1200
        for i in range(n):
            when = time + .05 + i * seconds / n
            self.wire.put(when, udp(*theirs, b"\x41mine" + noise(name, 1200)), False, self.mac)
            if i % 8 == 7:
                self.wire.put(when, udp(*ours, b"\x42yours" + noise("ack", 30)), True, self.mac)

    def vpn(self, time, minutes):
        """WireGuard: its handshake each two minutes, and what goes through."""
        self.port += 1
        ours = (self.ip, "203.0.113.20", self.port, 51820)
        theirs = ("203.0.113.20", self.ip, 51820, self.port)

        def message(kind, length):
            last = bytes(16 if kind <= 2 else 0)
            return struct.pack("<I", kind) + noise(f"{kind}", length - 4 - len(last)) + last

        for i in range(60 * minutes // 5):
            when = time + 5 * i
            if i % 24 == 0:
                self.wire.put(when, udp(*ours, message(1, 148)), True, self.mac)
                self.wire.put(when + .03, udp(*theirs, message(2, 92)), False, self.mac)
            self.wire.put(when + .1, udp(*ours, message(4, 128)), True, self.mac)
            for k in range(3):
                self.wire.put(when + .15 + k / 100, udp(*theirs, message(4, 1312)), False,
                              self.mac)


def program(length):
    """What begins as a Windows program does."""
    head = b"MZ" + bytes(58) + struct.pack("<I", 128) + bytes(64) + b"PE\0\0"
    return head + noise("program", length - len(head))


def week():
    wire = Wire()
    ann, bob = Machine(wire, 5, "ann-laptop"), Machine(wire, 6, "bob-phone")
    carol, library = Machine(wire, 7, "carol-desk"), Machine(wire, 8, "library-2")
    page = b"<html>" + b"hello " * 2000 + b"</html>"
    for day in 23, 24, 25:
        for i, machine in enumerate((ann, bob, carol, library)):
            machine.lease(at(day, "08:05", i))
            for hour in range(8, 16):
                machine.get(at(day, f"{hour}:{10 + i}"), "good.example", "/", "text/html", page, 1)
                machine.tls(at(day, f"{hour}:{31 + i}"), "good.example", 90000, 20)
    ann.get(at(23, "09:42"), "files.bad.example", "/tool.exe", "application/x-msdownload",
            program(1250000), 14)
    ann.get(at(23, "09:44"), "mirror.bad.example", "/patch.zip", "application/zip",
            b"PK\3\4" + noise("archive", 620000), 6)
    bob.tls(at(23, "10:20"), "secret.example", 9000000, 1300)
    ann.vpn(at(24, "11:00"), 40)
    bob.quic(at(24, "12:35"), "live.secret.example", 3000000, 700)
    library.put(at(24, "14:50"), "drop.worse.example", "/in/grades.zip",
                b"PK\3\4" + noise("grades", 1800000), 30)
    carol.tls(at(25, "09:15"), "blog.fine.example", 700000, 40)
    carol.look_up(at(25, "10:05"), "secret.example")
    return wire


def main():
    plain = HERE / "school/school.pcap"
    week().write(plain)
    subprocess.run(["zstd", "-q", "-f", "-19", "--rm", plain, "-o", f"{plain}.zst"], check=True)


main()
