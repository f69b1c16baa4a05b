#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Golden captures that are made up: one function a capture, of its name; README.md says where the
others are from.

usage: make.py [--write] [NAME...]      Without --write: do the captures that are there say the same
to the bit?

A new one: a function with the decorator, which gives its packets; then `make.py --write NAME`, and
golden.py --write.
"""
import base64
import hashlib
import ipaddress
import pathlib
import struct
import sys

from quic_seal import after, crypto, hello, initial

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = {}
SECOND = 1000000
TCP, UDP, IPIP, IP6, GRE, SCTP = 6, 17, 4, 41, 47, 132
FIN, SYN, PSH, ACK = 1, 2, 8, 16


def capture(snap_len=262144):
    """A function that gives (microseconds, frame) is a capture of its name: classic pcap,
    Ethernet.
    """
    def take(function):
        CAPTURES[function.__name__] = (function, snap_len)
        return function
    return take


def pcap(packets, snap_len):
    out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, snap_len, 1)
    for micros, frame in packets:
        out += struct.pack("<IIII", micros // SECOND, micros % SECOND, len(frame),
                           len(frame)) + frame
    return out


def every(start, step, frames):
    return [(start + i * step, frame) for i, frame in enumerate(frames)]


# ---- layers ----


def mac(last):
    return bytes([2, 0, 0, 0, 0, last])


BROADCAST = bytes([255] * 6)


def ether(src, dst, payload, kind=0x0800, vlan=None):
    tag = b"" if vlan is None else struct.pack(">HH", 0x8100, vlan)
    return dst + src + tag + struct.pack(">H", kind) + payload


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def addr(text):
    return ipaddress.ip_address(text).packed


def ip4(src, dst, proto, payload, ident=1, fragment=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ident, fragment, 64, proto, 0)
    head += addr(src) + addr(dst)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def ip6(src, dst, proto, payload):
    return struct.pack(">IHBB", 0x60000000, len(payload), proto,
                       64) + addr(src) + addr(dst) + payload


def udp(src_port, dst_port, payload, between=None):
    """With the checksum of a datagram `between` two addresses; 0, which says that there is none,
    without them.
    """
    head = struct.pack(">HHHH", src_port, dst_port, 8 + len(payload), 0)
    if between:
        pseudo = addr(between[0]) + addr(between[1]) + struct.pack(">HH", UDP, 8 + len(payload))
        head = head[:6] + struct.pack(">H", checksum(pseudo + head + payload))
    return head + payload


def tcp(ports, numbers, flags, payload=b"", window=65535):
    return struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, window, 0, 0) + payload


# ---- what several speak ----


def name(text):
    return b"".join(bytes([len(part)]) + part.encode() for part in text.split(".")) + b"\0"


def label(text, pointer):
    """One label, then a compression pointer."""
    return bytes([len(text)]) + text.encode() + struct.pack(">H", 0xc000 | pointer)


def pointer(offset):
    return struct.pack(">H", 0xc000 | offset)


def dns(ident, flags, counts, *parts):
    return struct.pack(">HHHHHH", ident, flags, *counts) + b"".join(parts)


def question(what, kind):
    return name(what) + struct.pack(">HH", kind, 1)


def record(owner, kind, kind_class, ttl, data=b""):
    return owner + struct.pack(">HHIH", kind, kind_class, ttl, len(data)) + data


def request(path, host):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()


HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

# ---- the captures ----


@capture(snap_len=65535)
def dhcp():
    """A station asks and is given an address; another name of its has a terminal's and a page's
    characters in it.
    """
    def message(operation, given, options):
        return (bytes([operation, 1, 6, 0, 1, 2, 3, 4]) + bytes(8) + given + bytes(8) + mac(5) +
                bytes(10 + 192) + bytes.fromhex("63825363") + options)

    def asks(options):
        packet = ip4("0.0.0.0", "255.255.255.255", UDP, udp(68, 67, message(1, bytes(4), options)),
                     ident=0)
        return ether(mac(5), BROADCAST, packet)

    address, server = addr("10.9.0.7"), addr("10.9.0.1")
    called = b"\x0c\x06lap-7\0"
    answer = udp(67, 68, message(2, address, b"\x35\x01\x05" + b"\x33\x04" +
                                 struct.pack(">I", 3600) + b"\x36\x04" + server + b"\xff"))
    return every(1770000000 * SECOND, SECOND, [
        asks(b"\x35\x01\x01" + called + b"\xff"),
        asks(b"\x35\x01\x03" + b"\x32\x04" + address + b"\x36\x04" + server + called + b"\xff"),
        ether(mac(1), mac(5), ip4("10.9.0.1", "10.9.0.7", UDP, answer, ident=0)),
        # the name's length counts in what would end the options
        asks(b"\x35\x01\x03" + b"\x32\x04" + address + b"\x0c\x10\x1b[31m=cmd|\xff\xfe\"<b\xff")])


@capture()
def leases():
    """A lease from its beginning to its end: asked for through a relay, given, renewed, given back;
    one that a server refuses, one that the station finds in use, and an answer that nobody asked
    for.
    """
    client_id, vendor = b"\x3d\x07\x01" + mac(5), b"\x3c\x08MSFT 5.0"
    relay = b"\x52\x0e" + b"\x01\x04sw/7" + b"\x02\x06" + mac(9)

    def message(operation, number, last, has="0.0.0.0", given="0.0.0.0", via="0.0.0.0",
                options=b""):
        return (bytes([operation, 1, 6, 0]) + struct.pack(">I", number) + bytes(4) + addr(has) +
                addr(given) + bytes(4) + addr(via) + mac(last) + bytes(10 + 192) +
                bytes.fromhex("63825363") + options + b"\xff")

    def option(code, text):
        return bytes([code, 4]) + addr(text)

    def packet(src, dst, ports, payload, macs=(5, 1)):
        return ether(mac(macs[0]), mac(macs[1]), ip4(src, dst, UDP, udp(*ports, payload)))

    kind = {n: bytes([0x35, 1, n]) for n in range(1, 9)}
    hour, server = b"\x33\x04" + struct.pack(">I", 3600), option(54, "10.9.0.1")
    called = b"\x0c\x05lap-7"
    return every(1770001000 * SECOND, SECOND, [
        packet("10.8.0.1", "10.9.0.1", (67, 67), message(
            1, 1, 5, via="10.8.0.1", options=kind[3] + option(50, "10.8.0.7") + called + client_id +
            vendor + relay), (9, 1)),
        packet("10.9.0.1", "10.8.0.1", (67, 67), message(
            2, 1, 5, given="10.8.0.7", via="10.8.0.1", options=kind[5] + server + hour), (1, 9)),
        packet("10.8.0.7", "10.9.0.1", (68, 67), message(1, 2, 5, has="10.8.0.7",
                                                         options=kind[3] + called)),
        packet("10.9.0.1", "10.8.0.7", (67, 68), message(
            2, 2, 5, has="10.8.0.7", given="10.8.0.7", options=kind[5] + server + hour), (1, 5)),
        packet("10.8.0.7", "10.9.0.1", (68, 67), message(1, 3, 5, has="10.8.0.7",
                                                         options=kind[7] + server)),
        packet("0.0.0.0", "255.255.255.255", (68, 67), message(
            1, 4, 6, options=kind[3] + option(50, "10.8.0.8")), (6, 1)),
        packet("10.9.0.1", "255.255.255.255", (67, 68), message(
            2, 4, 6, options=kind[6] + server), (1, 6)),
        packet("0.0.0.0", "255.255.255.255", (68, 67), message(
            1, 5, 6, options=kind[4] + option(50, "10.8.0.9") + server), (6, 1)),
        packet("10.9.0.66", "10.8.0.7", (67, 68), message(
            2, 9, 5, given="10.8.0.7", options=kind[5] + option(54, "10.9.0.66") + hour), (8, 5))])


@capture()
def neighbours():
    """Who has which address, as stations of a link ask each other (RFC 826, RFC 4861): asked and
    answered, announced, probed and refused; in a tunnel of its own, and on another VLAN.
    """
    def arp(operation, sender, target, vlan=None):
        payload = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation)
        payload += mac(sender[0]) + addr(sender[1]) + mac(target[0]) + addr(target[1])
        dst = BROADCAST if operation == 1 else mac(target[0])
        return ether(mac(sender[0]), dst, payload, kind=0x0806, vlan=vlan)

    def discovery(src, dst, message, macs):
        head = struct.pack(">IHBB", 0x60000000, len(message), 58, 255) + addr(src) + addr(dst)
        pseudo = addr(src) + addr(dst) + struct.pack(">IHBB", len(message), 0, 0, 58)
        message = message[:2] + struct.pack(">H", checksum(pseudo + message)) + message[4:]
        return ether(*macs, head + message, kind=0x86dd)

    def solicits(target, option=b""):
        return bytes([135, 0, 0, 0]) + bytes(4) + addr(target) + option

    def advertises(target, flags, option):
        return bytes([136, 0, 0, 0, flags, 0, 0, 0]) + addr(target) + option

    group = bytes.fromhex("3333ff000007")
    asked_at, all_nodes = "ff02::1:ff00:7", bytes.fromhex("333300000001")
    inside = arp(1, (5, "10.9.0.5"), (0, "10.9.0.9"))
    mirrored = ether(mac(1), mac(2), ip4("198.51.100.7", "198.51.100.9", UDP, udp(
        50000, 4789, bytes.fromhex("0800000000000a00") + inside)))
    return every(1770002000 * SECOND, SECOND // 2, [
        arp(1, (5, "10.9.0.5"), (0, "10.9.0.7")),
        arp(2, (7, "10.9.0.7"), (5, "10.9.0.5")),
        arp(1, (5, "10.9.0.5"), (0, "10.9.0.7")),  # known: said once
        arp(2, (7, "10.9.0.7"), (5, "10.9.0.5")),
        arp(1, (8, "10.9.0.8"), (0, "10.9.0.8")),  # announced: a claim
        arp(1, (6, "0.0.0.0"), (0, "10.9.0.7")),  # probed, and defended
        arp(2, (7, "10.9.0.7"), (6, "0.0.0.0")),
        arp(1, (5, "10.9.0.5"), (0, "10.9.0.7"), vlan=20),
        arp(2, (66, "10.9.0.7"), (5, "10.9.0.5"), vlan=20),
        arp(2, (66, "10.9.0.7"), (5, "10.9.0.5")),  # the link above asked, but long ago
        discovery("fe80::5", asked_at, solicits("fe80::7", b"\x01\x01" + mac(5)),
                  (mac(5), group)),
        discovery("fe80::7", "fe80::5", advertises("fe80::7", 0x60, b"\x02\x01" + mac(7)),
                  (mac(7), mac(5))),
        discovery("::", asked_at, solicits("2001:db8::7"), (mac(6), group)),
        discovery("2001:db8::7", "ff02::1", advertises("2001:db8::7", 0x20, b"\x02\x01" + mac(7)),
                  (mac(7), all_nodes)),
        mirrored,
        arp(2, (9, "10.9.0.9"), (5, "10.9.0.5"))])


@capture()
def radius():
    """Accounting (RFC 2866): a login from start to stop, one that is never acknowledged, one with
    addresses of IPv6 only, an access server that starts anew.
    """
    def packet(code, number, attributes=b""):
        body = struct.pack(">BBH", code, number, 20 + len(attributes)) + bytes(16) + attributes
        if code == 4:
            return ether(mac(2), mac(1), ip4("10.9.0.2", "10.9.0.1", UDP, udp(40000, 1813, body)))
        return ether(mac(1), mac(2), ip4("10.9.0.1", "10.9.0.2", UDP, udp(1813, 40000, body)))

    def attribute(kind, value):
        return bytes([kind, len(value) + 2]) + value

    def status(number):
        return attribute(40, struct.pack(">I", number))

    ann = attribute(1, b"ann") + attribute(8, addr("10.9.0.7")) + attribute(
        31, b"02-00-00-00-00-07") + attribute(44, b"s-1") + attribute(87, b"ap-3")
    bob = attribute(1, b"bob@example.org") + attribute(
        97, b"\0\x40" + addr("2001:db8:0:7::")[:8]) + attribute(168, addr("2001:db8:0:7::5"))
    return every(1770003000 * SECOND, SECOND, [
        packet(4, 1, status(1) + ann), packet(5, 1),
        packet(4, 2, status(3) + ann), packet(5, 2),
        packet(4, 3, status(1) + attribute(1, b"eve") + attribute(8, addr("10.9.0.8"))),
        packet(4, 4, status(1) + bob), packet(5, 4),
        packet(4, 5, status(2) + ann), packet(5, 5), packet(5, 5),
        packet(4, 6, status(7) + attribute(4, addr("10.9.0.2"))), packet(5, 6)])


@capture()
def routed():
    """A mirror port shows both sides of a router: each datagram comes twice, one hop on and between
    two other machines; a second request is its sender's own.
    """
    def both(ends, ports, message, back):
        inner, outer = (mac(5), mac(1)), (mac(0x51), mac(0x52))
        if back:
            inner, outer = outer[::-1], inner[::-1]
        packet = ip4(*ends, UDP, udp(*ports, message, between=ends))
        return [ether(*inner, packet), ether(*outer, one_hop_on(packet))]

    def one_hop_on(packet):
        packet = packet[:8] + bytes([packet[8] - 1]) + packet[9:10] + bytes(2) + packet[12:]
        return packet[:10] + struct.pack(">H", checksum(packet[:20])) + packet[12:]

    client, server = "10.9.0.5", "192.0.2.53"
    frames = []
    for number, site in ((1, "good.example"), (2, "bad.example")):
        asked = question(site, 1)
        frames += both((client, server), (50000 + number, 53), dns(number, 0x0100, (1, 0, 0, 0),
                                                                  asked), False)
        frames += both((server, client), (53, 50000 + number), dns(
            number, 0x8180, (1, 1, 0, 0), asked, record(pointer(12), 1, 1, 60, addr("192.0.2.7"))),
            True)
    return every(1770003900 * SECOND, 50, frames)


@capture()
def radius_anew():
    """An access server that starts anew: whoever was logged in by it is not any more, and who came
    by another one is.
    """
    def packet(server, code, number, attributes=b""):
        ends, ports = (f"10.9.0.{server}", "10.9.0.1"), (40000, 1813)
        body = struct.pack(">BBH", code, number, 20 + len(attributes)) + bytes(16) + attributes
        if code == 4:
            return ether(mac(server), mac(1), ip4(*ends, UDP, udp(*ports, body)))
        return ether(mac(1), mac(server), ip4(*ends[::-1], UDP, udp(*ports[::-1], body)))

    def attribute(kind, value):
        return bytes([kind, len(value) + 2]) + value

    def status(number):
        return attribute(40, struct.pack(">I", number))

    def login(who, last):
        return status(1) + attribute(1, who) + attribute(8, addr(f"10.9.0.{last}"))

    def lookup(last, number):
        asked = dns(number, 0x0100, (1, 0, 0, 0), question("bad.example", 1))
        return ether(mac(9), mac(1), ip4(f"10.9.0.{last}", "192.0.2.53", UDP,
                                         udp(20000 + number, 53, asked)))

    return every(1770003600 * SECOND, SECOND, [
        packet(2, 4, 1, login(b"ann", 7)), packet(2, 5, 1),
        packet(3, 4, 1, login(b"bob", 8)), packet(3, 5, 1),
        lookup(7, 1), lookup(8, 2),
        packet(2, 4, 2, status(7)), packet(2, 5, 2),
        lookup(7, 3), lookup(8, 4),
        packet(3, 4, 2, status(8)), packet(3, 5, 2),
        lookup(8, 5)])


@capture()
def radius_forged():
    """Somebody else says in an access server's name that it starts anew, and answers himself: the
    logins by that one stand.
    """
    def packet(ends, code, body):
        ports = (40000, 1813) if code == 4 else (1813, 40000)
        body = struct.pack(">BBH", code, 1, 20 + len(body)) + bytes(16) + body
        return ether(mac(int(ends[0].split(".")[3])), mac(int(ends[1].split(".")[3])),
                     ip4(*ends, UDP, udp(*ports, body)))

    def attribute(kind, value):
        return bytes([kind, len(value) + 2]) + value

    def status(number):
        return attribute(40, struct.pack(">I", number)) + attribute(4, addr("10.9.0.2"))

    def both(asker, server, body):
        return [packet((asker, server), 4, body), packet((server, asker), 5, b"")]

    def lookup(number):
        asked = dns(number, 0x0100, (1, 0, 0, 0), question("bad.example", 1))
        return ether(mac(9), mac(1), ip4("10.9.0.7", "192.0.2.53", UDP,
                                         udp(20000 + number, 53, asked)))

    start = status(1) + attribute(1, b"ann") + attribute(8, addr("10.9.0.7"))
    return every(1770003600 * SECOND, SECOND, [
        *both("10.9.0.2", "10.9.0.1", start),
        *both("10.9.0.66", "10.9.0.1", status(7)),
        lookup(1),
        *both("10.9.0.2", "10.9.0.66", status(8)),
        lookup(2),
        *both("10.9.0.2", "10.9.0.1", status(8)),
        lookup(3)])


def der(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    return bytes([tag, 0x82]) + struct.pack(">H", length) + content


@capture()
def kerberos():
    """Tickets (RFC 4120): a user's and a computer's over UDP, another one over TCP, a wrong
    password.
    """
    def request(kind, station=None):
        addresses = b"" if station is None else der(
            0xa9, der(0x30, der(0x30, der(0xa0, der(2, b"\x14")),
                                der(0xa1, der(4, station.ljust(16).encode())))))
        body = der(0xa4, der(0x30, der(0xa0, b"\x03\x05\0\0\0\0\0"), addresses))
        return der(0x60 | kind, der(0x30, der(0xa1, der(2, b"\x05")),
                                    der(0xa2, der(2, bytes([kind]))), body))

    def reply(kind, *account):
        names = der(0x30, *[der(0x1b, part.encode()) for part in account])
        return der(0x60 | kind, der(
            0x30, der(0xa0, der(2, b"\x05")), der(0xa1, der(2, bytes([kind]))),
            der(0xa3, der(0x1b, b"EXAMPLE.ORG")),
            der(0xa4, der(0x30, der(0xa0, der(2, b"\x01")), der(0xa1, names))),
            der(0xa5, der(4, bytes(200))), der(0xa6, der(4, bytes(100)))))

    error = der(0x7e, der(0x30, der(0xa0, der(2, b"\x05")), der(0xa1, der(2, b"\x1e"))))
    client, server = "10.9.0.7", "10.9.0.1"

    def asks(port, message):
        return ether(mac(7), mac(1), ip4(client, server, UDP, udp(port, 88, message)))

    def answers(port, message):
        return ether(mac(1), mac(7), ip4(server, client, UDP, udp(88, port, message)))

    def segment(from_client, numbers, flags, payload=b""):
        if from_client:
            return ether(mac(7), mac(1), ip4(client, server, TCP, tcp(
                (50009, 88), numbers, flags, payload)))
        return ether(mac(1), mac(7), ip4(server, client, TCP, tcp(
            (88, 50009), numbers, flags, payload)))

    asked, given = request(12), reply(13, "ann")
    asked, given = [struct.pack(">I", len(text)) + text for text in (asked, given)]
    return every(1770004000 * SECOND, SECOND, [
        asks(50001, request(10, "PC-7")), answers(50001, error),
        asks(50002, request(10, "PC-7")), answers(50002, reply(11, "ann")),
        asks(50003, request(10)), answers(50003, reply(11, "PC-7$")),
        answers(50004, reply(11, "eve")),
        segment(True, (100, 0), SYN), segment(False, (500, 101), SYN | ACK),
        segment(True, (101, 501), ACK), segment(True, (101, 501), PSH | ACK, asked),
        segment(False, (501, 101 + len(asked)), PSH | ACK, given[:150]),
        segment(False, (651, 101 + len(asked)), PSH | ACK, given[150:]),
        segment(True, (101 + len(asked), 501 + len(given)), FIN | ACK),
        segment(False, (501 + len(given), 102 + len(asked)), FIN | ACK),
        segment(True, (102 + len(asked), 502 + len(given)), ACK)])


@capture()
def dhcpv6():
    """RFC 8415: an address and a prefix from Solicit to Release, on the link and through a relay;
    a renewal that is refused.
    """
    def option(code, value):
        return struct.pack(">HH", code, len(value)) + value

    duid = option(1, bytes.fromhex("00030001") + mac(5))
    server = option(2, bytes.fromhex("00030001") + mac(1))
    name = option(39, b"\0\x05lap-7\x07example\0")
    times = struct.pack(">II", 1800, 2880)

    def address(text, valid=3600):
        return option(5, addr(text) + struct.pack(">II", valid, valid))

    def na(*options):
        return option(3, b"\0\0\0\x01" + times + b"".join(options))

    prefix = option(25, b"\0\0\0\x01" + times + option(
        26, struct.pack(">II", 3600, 3600) + b"\x38" + addr("2001:db8:9::")))

    def message(kind, number, *options):
        return bytes([kind]) + number.to_bytes(3, "big") + duid + b"".join(options)

    def packet(src, dst, payload, ports=(546, 547), macs=(5, 1)):
        return ether(mac(macs[0]), mac(macs[1]), ip6(src, dst, UDP, udp(
            *ports, payload, between=(src, dst))), kind=0x86dd)

    def relayed(kind, inner):
        return (bytes([kind, 0]) + addr("2001:db8:9::1") + addr("fe80::6") + option(18, b"ge-1") +
                option(79, b"\0\x01" + mac(6)) + option(9, inner))

    client, everybody, router = "fe80::5", "ff02::1:2", "fe80::1"
    relay, far = "2001:db8:9::1", "2001:db8::53"
    back = {"ports": (547, 546), "macs": (1, 5)}
    own, lost = address("2001:db8::7"), address("2001:db8::7", 0)
    return every(1770005000 * SECOND, SECOND, [
        packet(client, everybody, message(1, 1, name, na(), prefix)),
        packet(router, client, message(2, 1, server, na(own), prefix), **back),
        packet(client, everybody, message(3, 2, server, name, na(own), prefix)),
        packet(router, client, message(7, 2, server, na(own), prefix), **back),
        packet(client, everybody, message(5, 3, server, na(own))),
        packet(router, client, message(7, 3, server, na(own)), **back),
        packet(client, everybody, message(5, 4, server, na(own))),
        packet(router, client, message(7, 4, server, na(lost)), **back),
        packet(client, everybody, message(8, 5, server, na(own))),
        packet(relay, far, relayed(12, message(3, 6, na(address("2001:db8:9::8")))), (547, 547),
               (9, 1)),
        packet(far, relay, relayed(13, message(7, 6, na(address("2001:db8:9::8")))), (547, 547),
               (1, 9))])


def ntlm_names(user):
    """A message of NTLM of which the names alone are there (MS-NLMP section 2.2.1.3)."""
    names = [text.encode("utf-16-le") for text in ("EXAMPLE", user, "PC-7")]
    message, at = b"NTLMSSP\0" + struct.pack("<I", 3) + bytes(16), 64
    for text in names:
        message += struct.pack("<HHI", len(text), len(text), at)
        at += len(text)
    return message + struct.pack("<HHI", 0, 0, at) + struct.pack("<I", 1) + b"".join(names)


def between(client, server, ports, said):
    """Frames of a connection: (side, bytes) as they were said."""
    frames, numbers = [], [1000, 5000]

    def segment(side, flags, payload=b""):
        ends, macs = (client, server), (mac(int(client.split(".")[-1])), mac(1))
        seen = numbers[1 - side] if flags & ACK else 0
        turn = slice(None, None, -1 if side else 1)
        frames.append(ether(*macs[turn], ip4(*ends[turn], TCP, tcp(
            ports[turn], (numbers[side], seen), flags, payload))))
        numbers[side] += len(payload) + bool(flags & (SYN | FIN))

    segment(0, SYN)
    segment(1, SYN | ACK)
    segment(0, ACK)
    for side, payload in said:
        segment(side, PSH | ACK, payload)
    segment(0, FIN | ACK)
    segment(1, FIN | ACK)
    segment(0, ACK)
    return frames


@capture()
def ntlm():
    """Logins by NTLM over SMB 2: one that the server accepts, one that it takes for a guest's, one
    that it never challenged.
    """
    def smb(command, answer, number, status, body):
        head = b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 0, status, command, 1, answer, 0,
                                        number, 0, 0, 7) + bytes(16)
        return struct.pack(">I", len(head + body)) + head + body

    token = ntlm_names

    def setup(number, text):
        return smb(1, 0, number, 0, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(text), 0)
                   + text)

    def accepts(number, flags, status=0):
        return smb(1, 1, number, status, struct.pack("<HHHH", 9, flags, 72, 0))

    frames, numbers = [], [1000, 5000]

    def segment(side, flags, payload=b""):
        ends = ("10.9.0.7", "10.9.0.1") if side == 0 else ("10.9.0.1", "10.9.0.7")
        ports = (50010, 445) if side == 0 else (445, 50010)
        macs = (mac(7), mac(1)) if side == 0 else (mac(1), mac(7))
        seen = numbers[1 - side] if flags & ACK else 0
        frames.append(ether(*macs, ip4(*ends, TCP, tcp(ports, (numbers[side], seen), flags,
                                                       payload))))
        numbers[side] += len(payload) + bool(flags & (SYN | FIN))

    segment(0, SYN)
    segment(1, SYN | ACK)
    segment(0, ACK)
    for number, user, flags in ((1, "ann", 0), (3, "guest", 1), (5, "PC-7$", 0)):
        segment(0, PSH | ACK, setup(number, b"NTLMSSP\0" + struct.pack("<I", 1)))
        segment(1, PSH | ACK, accepts(number, 0, 0xc0000016))
        segment(0, PSH | ACK, setup(number + 1, token(user)))
        segment(1, PSH | ACK, accepts(number + 1, flags))
    segment(0, PSH | ACK, setup(7, token("eve")))
    segment(1, PSH | ACK, accepts(7, 0))
    segment(0, FIN | ACK)
    segment(1, FIN | ACK)
    segment(0, ACK)
    return every(1770006000 * SECOND, SECOND // 4, frames)


@capture()
def ntlm_http():
    """Logins by NTLM over HTTP: at a server, at a proxy (in a message of SPNEGO), one that the
    server does not accept; a password, of which nothing is told; and a server outside, which
    accepts any name.
    """
    def get(field, value):
        return (f"GET /intranet HTTP/1.1\r\nHost: intranet.example\r\n{field}: {value}\r\n"
                "\r\n").encode()

    def credentials(scheme, user, around=b""):
        return f"{scheme} " + base64.b64encode(around + ntlm_names(user)).decode()

    def answer(status, more=""):
        return f"HTTP/1.1 {status} X\r\n{more}Content-Length: 5\r\n\r\nhello".encode()

    challenge = answer(401, "WWW-Authenticate: NTLM TlRMTVNTUAACAAAA\r\n")
    begin = "NTLM " + base64.b64encode(b"NTLMSSP\0" + struct.pack("<I", 1) + bytes(8)).decode()
    talks = [
        between("10.9.0.7", "10.9.0.1", (50010, 80), [
            (0, get("Authorization", begin)), (1, challenge),
            (0, get("Authorization", credentials("NTLM", "ann"))), (1, answer(200))]),
        between("10.9.0.8", "10.9.0.1", (50011, 80), [
            (0, get("Proxy-Authorization", begin)), (1, challenge),
            (0, get("Proxy-Authorization", credentials("Negotiate", "bob", b"\x60\x0a"))),
            (1, answer(200))]),
        between("10.9.0.9", "10.9.0.1", (50012, 80), [
            (0, get("Authorization", begin)), (1, challenge),
            (0, get("Authorization", credentials("NTLM", "eve"))), (1, challenge),
            (0, get("Authorization", "Basic bWFsOnNlY3JldA==")), (1, answer(200))]),
        between("10.9.0.9", "192.0.2.80", (50013, 80), [
            (0, get("Authorization", begin)), (1, challenge),
            (0, get("Authorization", credentials("NTLM", "ann"))), (1, answer(200))]),
    ]
    return every(1770006600 * SECOND, SECOND // 4, [frame for talk in talks for frame in talk])


@capture()
def ntlm_old():
    """Logins over SMB 1: by a message of NTLM, by answers to a challenge with names behind them, as
    a guest, and without a challenge.
    """
    def smb(answer, number, status, words, content, command=0x73):
        head = b"\xffSMB" + struct.pack("<BIBHH8xHHHHH", command, status, 0x80 * answer, 0xc001, 0,
                                        0, 1, 2, 3, number)
        body = head + bytes([len(words) // 2]) + words + struct.pack("<H", len(content)) + content
        return struct.pack(">I", len(body)) + body

    def by_message(number, user):
        token = ntlm_names(user)
        return smb(0, number, 0, struct.pack("<BBHHHHIHII", 255, 0, 0, 4356, 1, 0, 0, len(token), 0,
                                             0x80000000), token)

    def by_answers(number, user):
        names = b"".join(text.encode("utf-16-le") + b"\0\0" for text in (user, "EXAMPLE", "X"))
        words = struct.pack("<BBHHHHIHHII", 255, 0, 0, 4356, 1, 0, 0, 24, 24, 0, 0)
        return smb(0, number, 0, words, bytes(48) + b"\0" + names)

    def answer(number, status=0, guest=0):
        return smb(1, number, status, struct.pack("<BBHHH", 255, 0, 0, guest, 0), b"")

    def challenge(number):
        words = struct.pack("<HBHHIIIIQHB", 5, 3, 50, 1, 16644, 65536, 0, 0, 0, 0, 8)
        return [(0, smb(0, number, 0, b"", b"\x02NT LM 0.12\0", command=0x72)),
                (1, smb(1, number, 0, words, bytes(range(8)), command=0x72))]

    return every(1770006900 * SECOND, SECOND // 4, [
        *between("10.9.0.7", "10.9.0.1", (50020, 445), [
            (0, by_message(1, "")), (1, answer(1, status=0xc0000016)),
            (0, by_message(2, "ann")), (1, answer(2))]),
        *between("10.9.0.8", "10.9.0.1", (50021, 139), [
            *challenge(1), (0, by_answers(2, "bob")), (1, answer(2))]),
        *between("10.9.0.9", "10.9.0.1", (50022, 445), [
            *challenge(1),
            (0, by_answers(2, "eve")), (1, answer(2, status=0xc000006d)),
            (0, by_answers(3, "guest")), (1, answer(3, guest=1))]),
        *between("10.9.0.9", "10.9.0.1", (50023, 445), [
            (0, by_message(1, "eve")), (1, answer(1)),
            (0, by_answers(2, "eve")), (1, answer(2))])])


@capture()
def dns_told():
    """Names that nobody asked for: a printer's announcement (RFC 6763), an update (RFC 2136) and
    its answer.
    """
    def packet(src, dst, ports, message):
        return ether(mac(5), mac(1), ip4(src, dst, UDP, udp(*ports, message, between=(src, dst))))

    service, office, zone = pointer(12), pointer(43), pointer(12)
    announcement = dns(
        0, 0x8400, (0, 3, 0, 2),
        record(name("_printer._tcp.local"), 12, 1, 4500, b"\x06Office" + service),
        record(office, 33, 1, 120, struct.pack(">HHH", 0, 0, 515) + label("office", 26)),
        record(office, 16, 1, 4500, b"\x09txtvers=1"),
        record(pointer(70), 1, 1, 120, addr("10.9.0.7")),
        record(pointer(70), 28, 1, 120, addr("fd00:9::7")))
    laptop = pointer(29)
    update = dns(
        0x1092, 0x2800, (1, 1, 3, 0), question("bad.example", 6),
        record(b"\x06laptop" + zone, 255, 254, 0), record(laptop, 1, 255, 0),
        record(laptop, 1, 1, 300, addr("10.9.0.5")),
        record(b"\x0aold-laptop" + zone, 255, 255, 0))
    answer = dns(0x1092, 0xa800, (1, 0, 0, 0), question("bad.example", 6))
    return every(1771200001 * SECOND, SECOND, [
        packet("10.9.0.7", "224.0.0.251", (5353, 5353), announcement),
        packet("10.9.0.5", "192.0.2.53", (50001, 53), update),
        packet("192.0.2.53", "10.9.0.5", (53, 50001), answer)])


@capture()
def netbios():
    """Datagrams that name who sends them (RFC 1002): one twice, one to a name, an error."""
    def encoded(text, last):
        plain = text.ljust(15).encode() + bytes([last])
        letters = bytes(65 + half for byte in plain for half in (byte >> 4, byte & 15))
        return bytes([32]) + letters + b"\0"

    def datagram(kind, src, names):
        return (bytes([kind, 2]) + struct.pack(">H", 0x1a2b) + addr(src) +
                struct.pack(">HHH", 138, len(names), 0) + names)

    def packet(src, dst, macs, message):
        return ether(*macs, ip4(src, dst, UDP, udp(138, 138, message)))

    out, back = (mac(1), mac(2)), (mac(2), mac(1))
    browse = packet("10.0.0.5", "10.0.0.255", out, datagram(
        0x11, "10.0.0.5", encoded("LAPTOP-7", 0) + encoded("WORKGROUP", 0x1d) + b"\xffSMB%" +
        bytes(30)))
    hello = datagram(0x10, "10.0.0.9",
                     encoded('PC <b>"9', 0x20) + encoded("LAPTOP-7", 0) + b"hello")
    error = bytes([0x13, 2, 0, 1]) + addr("10.0.0.9") + struct.pack(">HB", 138, 0x82)
    return every(1795600000 * SECOND + 250000, 250000, [
        browse, browse, packet("10.0.0.9", "10.0.0.5", back, hello),
        packet("10.0.0.9", "10.0.0.5", back, error)])


@capture(snap_len=65535)
def sctp():
    """An association (RFC 9260) that carries HTTP; the answer's last chunk comes twice."""
    def packet(from_client, *chunks):
        ports = (50000, 80, 0x11111111) if from_client else (80, 50000, 0x22222222)
        ends = ("10.9.0.5", "192.0.2.80") if from_client else ("192.0.2.80", "10.9.0.5")
        macs = (mac(5), mac(1)) if from_client else (mac(1), mac(5))
        return ether(*macs, ip4(*ends, SCTP, struct.pack(">HHII", *ports, 0) + b"".join(chunks),
                                ident=0))

    def chunk(kind, body=b"", flags=0):
        whole = struct.pack(">BBH", kind, flags, 4 + len(body)) + body
        return whole + bytes(-len(whole) % 4)

    def data(number, content, flags):
        return chunk(0, struct.pack(">IHHI", number, 0, 0, 0) + content, flags)

    begin = struct.pack(">IIHHI", 1, 65535, 10, 10, 100)
    answer = (b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 12\r\n\r\n"
              b"%PDF-1.7 \n..")
    last = packet(False, data(2, answer[-8:], flags=1))
    return every(1770000000 * SECOND, SECOND, [
        packet(True, chunk(1, begin)),
        packet(False, chunk(2, begin + struct.pack(">HH", 7, 12) + b"cookie!!")),
        packet(True, chunk(10, b"cookie!!")),
        packet(False, chunk(11)),
        packet(True, data(100, request("/a/report.pdf", "files.bad.example"), flags=3)),
        packet(False, chunk(3, struct.pack(">IIHH", 100, 65535, 0, 0)),
               data(1, answer[:-8], flags=2)),
        last, last,
        packet(True, chunk(7, struct.pack(">I", 2))),
        packet(False, chunk(8))])


def half_open(src, dst, ports, numbers, flags, payload=b""):
    """All from one card: who is the client is told by what is said alone."""
    segment = tcp(ports, numbers, flags, payload)
    return ether(mac(1), mac(2), ip4(src, dst, TCP, segment, ident=0))


@capture()
def turned():
    """A long connection of bytes that say nothing, then a request from the side that was taken
    for the server.
    """
    there, here = ("203.0.113.9", "10.0.0.1",
                   (9000, 20000)), ("10.0.0.1", "203.0.113.9", (20000, 9000))
    start, sent, packets = 1764370000 * SECOND, 5000, []
    for i in range(24):
        noise = bytes([0, 1, 2]) * (400 if i < 8 else 40)
        at = start + (i * 10000 if i < 8 else (i - 7) * 20 * SECOND)
        packets.append((at, half_open(*there, (sent, 777), PSH | ACK, noise)))
        sent += len(noise)
    asked = request("/a.exe", "evil.example")
    read, end = 777 + len(asked), sent + len(HELLO)
    return packets + every(start + 325 * SECOND, SECOND, [
        half_open(*here, (777, sent), PSH | ACK, asked),
        half_open(*there, (sent, read), PSH | ACK, HELLO),
        half_open(*there, (end, read), FIN | ACK),
        half_open(*here, (read, end + 1), FIN | ACK)])


@capture()
def turned_syn():
    """Half a request, a SYN with ACK of the same side that comes late, and half an answer."""
    here, there = ("10.0.0.5", "198.51.100.7",
                   (40000, 80)), ("198.51.100.7", "10.0.0.5", (80, 40000))
    half = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 60
    return every(1764370000 * SECOND, 1000, [
        half_open(*here, (100, 500), PSH | ACK, half),
        half_open(*here, (99, 500), SYN | ACK),
        half_open(*there, (500, 100 + len(half)), PSH | ACK, b"HTTP/1")])


def http_connection(client, server, port, asked, first=1000):
    """The segments of a connection with one request, as (from the client, IP packet)."""
    numbers = {True: first, False: first + 4000}

    def segment(from_client, flags, payload=b""):
        ends = (client, server) if from_client else (server, client)
        ports = (port, 80) if from_client else (80, port)
        acknowledged = numbers[not from_client] if flags & ACK else 0
        packet = ip4(*ends, TCP, tcp(ports, (numbers[from_client], acknowledged), flags, payload,
                                     window=8192))
        numbers[from_client] += len(payload) + (flags & (SYN | FIN) != 0)
        return from_client, packet

    return [segment(True, SYN), segment(False, SYN | ACK), segment(True, PSH | ACK, asked),
            segment(False, PSH | ACK, HELLO), segment(True, FIN | ACK), segment(False, FIN | ACK),
            segment(True, ACK)]


@capture()
def networks():
    """One address in two VLANs behind one router: connections on the same ports at once, and what
    was asked for in one names nothing in the other.
    """
    def frames(vlan, segments):
        return [ether(*((mac(5), mac(1)) if up else (mac(1), mac(5))), packet, vlan=vlan)
                for up, packet in segments]

    def lookup(what, address):
        asked = dns(7, 0x100, (1, 0, 0, 0), question(what, 1))
        told = dns(7, 0x8180, (1, 1, 0, 0), question(what, 1),
                   record(pointer(12), 1, 1, 60, addr(address)))
        return [(True, ip4("10.9.0.5", "192.0.2.53", UDP, udp(50000, 53, asked))),
                (False, ip4("192.0.2.53", "10.9.0.5", UDP, udp(53, 50000, told)))]

    def greeting(port, first):
        return http_connection("10.9.0.5", "192.0.2.81", port, b"\0\1\2\3" * 4, first)

    ports = ("10.9.0.5", "192.0.2.80", 40000)
    both = [frame for pair in zip(
        frames(10, http_connection(*ports, request("/tool.exe", "files.bad.example"))),
        frames(20, http_connection(*ports, request("/", "www.ok.example"), 7000000))
    ) for frame in pair]
    return every(1795600000 * SECOND, 10000, both + frames(
        10, lookup("www.bad.example", "192.0.2.81")) + frames(20, greeting(41000, 1000)) + frames(
            10, greeting(41001, 9000000)))


@capture()
def tunnels():
    """ERSPAN, VXLAN, 6in4, Teredo inside GTP, IP in IP that came in fragments, GRE with little
    in it.
    """
    def outer(src, dst, proto, payload, back=False, vlan=None, **how):
        macs = (mac(2), mac(1)) if back else (mac(1), mac(2))
        return ether(*macs, ip4(src, dst, proto, payload, **how), vlan=vlan)

    def inside(from_client, packet, kind=0x0800, vlan=None):
        macs = (mac(5), mac(0xfe)) if from_client else (mac(0xfe), mac(5))
        return ether(*macs, packet, kind, vlan)

    def erspan(number, from_client, packet):
        head = struct.pack(">HHIHHI", 0x1000, 0x88be, number, 0x1017, 1, 0)
        return outer("10.255.0.1", "10.255.0.2", GRE, head + inside(from_client, packet), vlan=7)

    def vxlan(from_client, frame):
        payload = struct.pack(">II", 0x08000000, 1 << 8) + frame
        if from_client:
            return outer("10.0.0.6", "198.51.100.9", UDP, udp(50123, 4789, payload))
        return outer("198.51.100.9", "10.0.0.6", UDP, udp(50999, 4789, payload), back=True)

    def gtp(tunnel, packet, back):
        ends = ("203.0.113.2", "203.0.113.1") if back else ("203.0.113.1", "203.0.113.2")
        payload = struct.pack(">BBHI", 0x30, 0xff, len(packet), tunnel) + packet
        return outer(*ends, UDP, udp(2152, 2152, payload), back=back)

    frames = [erspan(i + 1, *one) for i, one in enumerate(
        http_connection("10.0.0.5", "192.0.2.80", 41000, request("/a.exe", "files.bad.example")))]
    gateway = question("gw.bad.example", 1)
    frames += [
        outer("10.0.0.6", "192.0.2.53", UDP, udp(41009, 53, dns(5, 0x0100, (1, 0, 0, 0), gateway))),
        outer("192.0.2.53", "10.0.0.6", UDP, udp(53, 41009, dns(
            5, 0x8180, (1, 1, 0, 0), gateway,
            record(pointer(12), 1, 1, 300, addr("198.51.100.9")))), back=True)]
    arp = (struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + mac(5) + addr("192.168.0.5") + bytes(6) +
           addr("192.168.0.6"))
    frames.append(vxlan(True, inside(True, arp, 0x0806, vlan=5)))
    frames += [vxlan(from_client, inside(from_client, packet, vlan=5)) for from_client, packet in
               http_connection("10.1.0.5", "192.0.2.81", 41001, request("/", "www.example.org"))]
    host, resolver = "2001:db8:1::5", "2001:db8:2::53"
    site = question("www.example.net", 28)
    frames += [
        outer("10.0.0.7", "203.0.113.41", IP6, ip6(host, resolver, UDP, udp(
            41002, 53, dns(7, 0x0100, (1, 0, 0, 0), site)))),
        outer("203.0.113.41", "10.0.0.7", IP6, ip6(resolver, host, UDP, udp(
            53, 41002, dns(7, 0x8180, (1, 1, 0, 0), site, record(
                pointer(12), 28, 1, 300, addr("2001:db8:3::80"))))), back=True)]
    teredo = "2001:0:cb00:7101::1"
    frames += [
        gtp(77, ip4("10.0.0.8", "203.0.113.44", UDP, udp(50001, 3544, ip6(
            teredo, host, UDP, udp(1234, 4321, b"inside teredo")))), back=False),
        gtp(77, ip4("203.0.113.44", "10.0.0.8", UDP, udp(3544, 50001, ip6(
            host, teredo, UDP, udp(4321, 1234, b"and back")))), back=True)]
    whole = ip4("10.2.0.1", "10.2.0.2", UDP, udp(7000, 7001, b"x" * 100))
    frames += [
        outer("10.0.0.9", "203.0.113.9", IPIP, whole[:64], ident=9, fragment=0x2000),
        outer("10.0.0.9", "203.0.113.9", IPIP, whole[64:], ident=9, fragment=64 // 8),
        outer("10.0.0.9", "203.0.113.10", GRE, bytes(4)),
        outer("10.0.0.9", "203.0.113.10", GRE, struct.pack(">HH", 0, 0x0800) +
              ip4("10.2.0.3", "10.2.0.4", TCP, bytes(2)))]
    return every(1795600000 * SECOND + 250000, 250000, frames)


@capture()
def wireguard():
    """Handshakes, one under load, one without its beginning; data alone and uTP are not known."""
    def sealed(label, length):
        return hashlib.shake_128(label.encode()).digest(length)

    def message(kind, length, code=b""):
        """A handshake ends with a second code, which is zeros unless it was asked for."""
        last = code or bytes(16 if kind <= 2 else 0)
        return struct.pack("<I", kind) + sealed(f"{kind}", length - 4 - len(last)) + last

    def utp(kind, numbers, payload=b""):
        return struct.pack(">BBHIIIHH", kind, 0, 0, 0x5f3a11c2, 0x1234, 1 << 20, *numbers) + payload

    def packet(src, dst, ports, payload, back=False):
        macs = (mac(1), mac(5)) if back else (mac(5), mac(1))
        datagram = udp(*ports, payload, between=(src, dst))
        if ":" in src:
            return ether(*macs, ip6(src, dst, UDP, datagram), kind=0x86dd)
        return ether(*macs, ip4(src, dst, UDP, datagram))

    def talk(client, server, ports):
        return (lambda payload: packet(client, server, ports, payload),
                lambda payload: packet(server, client, ports[::-1], payload, back=True))

    initiation, response, cookie = message(1, 148), message(2, 92), message(3, 64)
    data, alive = message(4, 128), message(4, 32)
    gateway = question("vpn.bad.example", 1)
    ask, tell = talk("10.9.0.5", "192.0.2.53", (50001, 53))
    up, down = talk("10.9.0.5", "192.0.2.80", (51820, 51820))
    hidden_up, hidden_down = talk("fd00:9::5", "2001:db8::80", (40000, 443))
    late_up, late_down = talk("10.9.0.6", "192.0.2.81", (40001, 51820))
    utp_up, utp_down = talk("10.9.0.7", "192.0.2.82", (6881, 51413))
    return every(1795600000 * SECOND, 250000, [
        ask(dns(9, 0x0100, (1, 0, 0, 0), gateway)),
        tell(dns(9, 0x8180, (1, 1, 0, 0), gateway,
                 record(pointer(12), 1, 1, 300, addr("192.0.2.80")))),
        up(initiation), down(cookie), up(message(1, 148, sealed("code", 16))), down(response),
        up(alive), up(data), down(data), down(alive),
        hidden_down(response), hidden_up(data), hidden_down(data),
        late_up(data), late_down(data), late_down(cookie), late_up(alive),
        utp_up(utp(0x01, (7, 6), sealed("piece", 128))), utp_down(utp(0x21, (6, 7)))])


@capture()
def ipsec():
    """A VPN whose address changes behind a NAT: IKE version 2 on port 500, then with the marker and
    ESP on port 4500; version 1 from outside; ESP that began before; what looks like it, and is
    none; at home.
    """
    def sealed(label, length):
        return hashlib.shake_128(label.encode()).digest(length)

    def ike(label, answered, payload, version, exchange, flags, content, number=0):
        """`content`: behind the first payload's own head, which what is encrypted lacks."""
        indices = sealed(label, 8) + (sealed(label + " answer", 8) if answered else bytes(8))
        if version == 0x20 or not flags & 1:
            content = struct.pack(">BBH", 0, 0, 4 + len(content)) + content
        return indices + struct.pack(">BBBBII", payload, version, exchange, flags, number,
                                     28 + len(content)) + content

    def talk(client, server, ports):
        def packet(payload, back):
            macs = (mac(1), mac(5)) if back else (mac(5), mac(1))
            ends, numbers = ((server, client), ports[::-1]) if back else ((client, server), ports)
            return ether(*macs, ip4(*ends, UDP, udp(*numbers, payload, between=ends)))
        return lambda payload: packet(payload, False), lambda payload: packet(payload, True)

    def esp(index, number):
        return struct.pack(">II", index, number) + sealed(f"{index} {number}", 96)

    marker = bytes(4)
    offer, proof = sealed("offer", 120), sealed("proof", 200)
    frames = looked_up("10.9.0.5", 7, "vpn.good.example", "192.0.2.90")
    up, down = talk("10.9.0.5", "192.0.2.90", (500, 500))
    frames += [up(ike("two", False, 33, 0x20, 34, 0x08, offer)),
               down(ike("two", True, 33, 0x20, 34, 0x20, offer))]
    up, down = talk("10.9.0.5", "192.0.2.90", (4500, 4500))
    frames += [up(marker + ike("two", True, 46, 0x20, 35, 0x08, proof, 1)),
               down(marker + ike("two", True, 46, 0x20, 35, 0x20, proof, 1)),
               up(esp(0x1a2b3c4d, 1)), down(esp(0x5e6f7a8b, 1)), up(b"\xff")]
    up, down = talk("10.9.0.6", "192.0.2.91", (500, 500))
    frames += [down(ike("one", False, 1, 0x10, 2, 0, offer)),
               up(ike("one", True, 1, 0x10, 2, 0, offer)),
               down(ike("one", True, 5, 0x10, 2, 1, proof)),
               up(ike("one", True, 5, 0x10, 2, 1, proof))]
    up, down = talk("10.9.0.7", "192.0.2.92", (4500, 4500))
    frames += [up(esp(0x1a2b3c4e, 1)), down(esp(0x5e6f7a8c, 1)), up(esp(0x1a2b3c4e, 2)),
               down(esp(0x5e6f7a8c, 2))]
    up, down = talk("10.9.0.8", "192.0.2.93", (4500, 4500))
    frames += [up(esp(0x1a2b3c4f, (1 << 20) + i)) for i in range(2)]
    frames += [down(esp(0x5e6f7a8d, 1 << 20))]
    up, down = talk("10.9.0.8", "192.0.2.94", (4500, 4500))
    frames += [up(esp(0x1a2b3c50, 1 << 20)), down(esp(0x5e6f7a8e, 1 << 20)),
               up(esp(0x1a2b3c51, 1 << 20)), down(esp(0x5e6f7a8f, 1 << 20))]
    up, down = talk("10.9.0.9", "10.9.0.10", (500, 500))
    frames += [up(ike("home", False, 33, 0x20, 34, 0x08, offer)),
               down(ike("home", True, 33, 0x20, 34, 0x20, offer))]
    return every(1796100000 * SECOND, SECOND // 4, frames)


def conversation(client, server, ports, begins=True):
    """A function that gives a list of one segment, as an Ethernet frame, for what one side says;
    `begins`: the connection's opening was seen.
    """
    numbers = {True: 1000, False: 5000}

    def say(from_client, payload=b"", flags=PSH | ACK):
        ends = (client, server) if from_client else (server, client)
        macs = (mac(5), mac(1)) if from_client else (mac(1), mac(5))
        acknowledged = numbers[not from_client] if flags & ACK else 0
        segment = tcp(ports if from_client else ports[::-1], (numbers[from_client], acknowledged),
                      flags, payload)
        numbers[from_client] += len(payload) + (flags & (SYN | FIN) != 0)
        if ":" in client:
            return [ether(*macs, ip6(*ends, TCP, segment), kind=0x86dd)]
        return [ether(*macs, ip4(*ends, TCP, segment))]

    opening = say(True, flags=SYN) + say(False, flags=SYN | ACK) + say(True, flags=ACK)
    return say, opening if begins else []


def closing(say):
    return say(True, flags=FIN | ACK) + say(False, flags=FIN | ACK) + say(True, flags=ACK)


def looked_up(client, ident, site, address):
    """A site is asked for and found."""
    asked = question(site, 1)
    told = dns(ident, 0x8180, (1, 1, 0, 0), asked, record(pointer(12), 1, 1, 300, addr(address)))
    return [ether(mac(5), mac(1), ip4(client, "192.0.2.53", UDP, udp(
                41000, 53, dns(ident, 0x0100, (1, 0, 0, 0), asked)))),
            ether(mac(1), mac(5), ip4("192.0.2.53", client, UDP, udp(53, 41000, told)))]


@capture()
def ssh():
    """Four conversations: to a forbidden site; with its beginning not seen, behind a banner; over
    IPv6; through an HTTP proxy.  What is encrypted is bytes that look like it.
    """
    def talk(say, label, n_rounds):
        """All behind the first lines: key exchange, then `n_rounds` questions and answers."""
        def sealed(what, length):
            return hashlib.shake_128(f"{label} {what}".encode()).digest(length)

        def offer(length):
            return struct.pack(">IBB", length - 4, 10, 20) + sealed("offer", length - 6)

        frames = (say(True, offer(1216)) + say(False, offer(920)) + say(True, sealed("key", 44)) +
                  say(False, sealed("keys", 300)) + say(True, flags=ACK))
        for i in range(n_rounds):
            frames += (say(True, sealed(f"question {i}", 60 + 16 * i)) +
                       say(False, sealed(f"answer {i}", 300)) + say(True, flags=ACK))
        return frames + closing(say)

    frames = looked_up("10.9.0.5", 7, "files.bad.example", "192.0.2.80")
    say, opening = conversation("10.9.0.5", "192.0.2.80", (40022, 22))
    frames += opening + say(True, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")
    frames += say(False, b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3ubuntu0.10\r\n") + talk(say, "one", 4)
    say, _ = conversation("10.9.0.6", "192.0.2.81", (40023, 50022), begins=False)
    frames += say(False, b"Keep out.\nAll is logged.\n\nSSH-1.99-Cisco-1.25\n")
    frames += say(True, b"SSH-2.0-PuTTY_Release_0.78\r\n") + talk(say, "two", 2)
    say, opening = conversation("fd00:9::5", "2001:db8::80", (40024, 22))
    frames += opening + say(False, b"Welcome\r\n") + say(True, b"SSH-2.0-libssh2_1.11.0\r\n")
    frames += say(False, b"SSH-2.0-dropbear_2022.83\r\n") + talk(say, "three", 2)
    say, opening = conversation("10.9.0.7", "192.0.2.88", (40025, 3128))
    frames += opening
    frames += say(True, b"CONNECT git.example:22 HTTP/1.1\r\nHost: git.example:22\r\n\r\n")
    frames += say(False, b"HTTP/1.1 200 Connection established\r\n\r\n")
    frames += say(False, b"SSH-2.0-babeld-8405d5f9\r\n") + say(True, b"SSH-2.0-Go\r\n")
    return every(1795614000 * SECOND, SECOND // 2, frames + talk(say, "four", 2))


@capture()
def daemons():
    """Daemons of rsync and Git, each also on a port of another service; both greetings said first
    by somebody who then asks for a file by HTTP.
    """
    def packet(content):
        return b"%04x" % (4 + len(content)) + content

    greeting = b"@RSYNCD: 32.0 sha512 sha256 sha1 md5 md4\n"
    asks = packet(b"git-upload-pack /project.git\0host=git.bad.example\0\0version=2\0")
    say, frames = conversation("10.9.0.5", "192.0.2.80", (40100, 873))
    frames += say(True, greeting) + say(False, greeting) + say(True, b"pub\n")
    frames += say(False, b"@RSYNCD: OK\n") + closing(say)
    say, opening = conversation("10.9.0.5", "192.0.2.80", (40101, 443))
    frames += opening + say(False, b"@RSYNCD: 30.0\n") + say(True, greeting) + closing(say)
    say, opening = conversation("10.9.0.6", "192.0.2.81", (40102, 9418))
    frames += opening + say(True, asks) + say(False, packet(b"version 2\n") + b"0000")
    frames += closing(say)
    say, opening = conversation("10.9.0.6", "192.0.2.81", (40103, 80))
    frames += opening + say(True, asks[:9]) + say(True, asks[9:])
    frames += say(False, packet(b"ERR access denied")) + closing(say)
    for port, lie in ((40104, greeting), (40105, asks)):
        say, opening = conversation("10.9.0.7", "192.0.2.82", (port, 80))
        frames += opening + say(True, lie) + say(False, b"HTTP/1.1 400 Bad Request\r\n\r\n")
        frames += say(True, request("/tool.exe", "files.bad.example")) + say(False, HELLO)
        frames += closing(say)
    return every(1796200000 * SECOND, SECOND // 4, frames)


@capture()
def talk():
    """Servers that say in clear who they are (mail, news, a chat) and clients that say what they
    want (a camera, a film, a repository); ZeroTier; a relay over TCP; what looks random.
    """
    def talks(port, *lines):
        say, frames = conversation("10.9.0.5", "192.0.2.80", (40000 + port, port))
        for up, line in lines:
            frames += say(up, line)
        return frames + closing(say)

    def rtmp(url):
        body = (b"\2\0\7connect\0" + struct.pack(">d", 1) + b"\3\0\3app\2\0\4live\0\5tcUrl\2" +
                struct.pack(">H", len(url)) + url + b"\0\0\x09")
        return (b"\3\0\0\0" + struct.pack(">I", len(body))[1:] + b"\x14" + bytes(4) + body[:128] +
                b"".join(b"\xc3" + body[i:i + 128] for i in range(128, len(body), 128)))

    greets = hashlib.shake_128(b"greets").digest(1528)
    head = b"\3" + bytes(8) + greets
    node = bytes.fromhex("aabbccddee")
    hello = (bytes(range(8)) + bytes.fromhex("1122334455") + node + b"\0" + bytes(range(8)) +
             bytes.fromhex("010b010a0002") + struct.pack(">Q", 1796400000000) + node + b"\0" +
             hashlib.shake_128(b"key").digest(64))
    refused = struct.pack(">HHI", 0x0113, 24, 0x2112a442) + bytes(12) + struct.pack(
        ">HH", 0x14, 17) + b"relay.bad.example" + bytes(3)
    frames = (
        talks(25, (False, b"220 mail.ok.example ESMTP\r\n"), (True, b"EHLO me.example\r\n"),
              (False, b"250 mail.ok.example\r\n")) +
        talks(119, (False, b"200 news.bad.example InterNetNews NNRP server ready\r\n"),
              (True, b"MODE READER\r\n")) +
        talks(6667, (True, b"NICK ann\r\nUSER ann 0 * :Ann\r\n"),
              (False, b":irc.bad.example NOTICE * :*** Looking up your hostname\r\n")) +
        talks(554, (True, b"DESCRIBE rtsp://cam.bad.example/live RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
              (False, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")) +
        talks(1935, (True, head), (False, head), (False, head[1:]), (True, head[1:]),
              (True, rtmp(b"rtmp://live.bad.example/films/" + b"a" * 100))) +
        talks(3690, (False, b"( success ( 2 2 ( ) ( edit-pipeline svndiff1 ) ) ) "),
              (True, b"( 2 ( edit-pipeline ) 26:svn://svn.bad.example/tree 3:SVN ( ) ) ")) +
        talks(3478, (True, struct.pack(">HHI", 3, 0, 0x2112a442) + bytes(12)), (False, refused)) +
        talks(8388, (True, greets[:200]), (False, greets[200:700])))
    for up in (True, False):
        frames += over_udp("10.9.0.5", "192.0.2.81", (9993, 9993), (mac(5), mac(1)), hello, up=up)
    return every(1796400000 * SECOND, SECOND // 16, frames)


@capture()
def outsider():
    """An outsider asks servers of ours for forbidden sites, by HTTP, TLS and DNS, and fetches a
    file; one of ours then asks for the same.
    """
    def fetch(client, server, port):
        say, frames = conversation(client, server, (port, 80))
        return (frames + say(True, request("/a.exe", "files.bad.example")) + say(False, HELLO) +
                closing(say))

    said = hello("www.bad.example")
    say, opening = conversation("203.0.113.77", "10.9.0.5", (42001, 443))
    frames = fetch("203.0.113.77", "10.9.0.5", 42000) + opening
    frames += say(True, b"\x16\3\1" + struct.pack(">H", len(said)) + said) + closing(say)
    frames += asked_and_told("203.0.113.77", "10.9.0.5", 7, "www.bad.example",
                             [address("www.bad.example", "192.0.2.80")])
    return every(1795614000 * SECOND, SECOND // 8, frames + fetch("10.9.0.6", "192.0.2.80", 42002))


@capture()
def torrent_search():
    """A client looks for a torrent in its own network (BEP 14); peers that then encrypt show no
    other sign.
    """
    lines = ("BT-SEARCH * HTTP/1.1", "Host: 239.192.152.143:6771", "Port: 6881",
             "Infohash: 000102030405060708090a0b0c0d0e0f10111213", "", "", "")
    return every(1795614000 * SECOND, SECOND, over_udp(
        "10.9.0.5", "239.192.152.143", (40000, 6771), (mac(5), mac(1)),
        "\r\n".join(lines).encode()))


@capture()
def quiet():
    """A connection of TLS that is silent for half an hour, then gives a large answer."""
    said = hello("www.bad.example")
    answer = b"\x17\3\3\x40\0" + hashlib.shake_128(b"answer").digest(16384)
    say, frames = conversation("10.9.0.5", "192.0.2.80", (40000, 443))
    frames += say(True, b"\x16\3\1" + struct.pack(">H", len(said)) + said)
    later = say(True, answer[:100])
    for i in range(0, len(answer), 1460):
        later += say(False, answer[i:i + 1460]) + say(True, flags=ACK)
    start = 1795614000 * SECOND
    return every(start, SECOND // 8, frames) + every(start + 1800 * SECOND, SECOND // 8,
                                                     later + closing(say))


@capture()
def forged():
    """A neighbour who sees no answers asks a forbidden site in another's name: he guesses what to
    acknowledge.  Then the same from one who was answered; and one whose beginning was not seen.
    """
    asked = request("/a.zip", "files.bad.example")

    def segment(up, numbers, flags, payload=b""):
        ends, ports = ("10.9.0.5", "192.0.2.80"), (40000, 80)
        macs = (mac(9), mac(1))
        step = 1 if up else -1
        return ether(*macs[::step], ip4(*ends[::step], TCP, tcp(ports[::step], numbers, flags,
                                                                payload)))

    frames = [segment(True, (1000, 0), SYN), segment(False, (900000, 1001), SYN | ACK),
              segment(True, (1001, 900040), ACK), segment(True, (1001, 900040), PSH | ACK, asked)]
    say, opening = conversation("10.9.0.6", "192.0.2.80", (40001, 80))
    frames += opening + say(True, asked)
    say, _ = conversation("10.9.0.7", "192.0.2.80", (40002, 80), begins=False)
    frames += say(True, asked) + say(False, HELLO)
    return every(1795614000 * SECOND, SECOND // 8, frames)


@capture()
def prefetch():
    """A browser fetches a page of a forbidden site ahead of its user; one that its user goes to,
    with a picture in it; one of which a part was fetched ahead.
    """
    def asked(path, *fields):
        return request(path, "www.bad.example")[:-2] + b"".join(f + b"\r\n" for f in
                                                                fields) + b"\r\n"

    def talk(port, *requests):
        say, frames = conversation("10.9.0.5", "192.0.2.80", (port, 80))
        for one in requests:
            frames += say(True, one) + say(False, HELLO)
        return frames + closing(say)

    ahead = b"Sec-Purpose: prefetch;prerender"
    goes = b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document", b"Sec-Fetch-User: ?1"
    frames = talk(40000, asked("/ahead.html", ahead, b"Sec-Fetch-Mode: navigate"))
    frames += talk(40001, asked("/page.html", *goes),
                   asked("/picture.png", b"Sec-Fetch-Mode: no-cors", b"Sec-Fetch-Dest: image"))
    frames += talk(40002, asked("/next.html", b"X-Moz: prefetch"), asked("/page.html", *goes))
    return every(1795614000 * SECOND, SECOND // 8, frames)


@capture()
def capwap():
    """What a controller's port mirrors: two stations behind an access point, one of them in 802.11
    whose frame control is the other way round, one in 802.3; what keeps the tunnel alive.
    """
    def tunnel(head, frame, up):
        ends, ports = ("198.51.100.1", "198.51.100.2"), (50123, 5247)
        macs = (mac(0x64), mac(0x65))
        step = 1 if up else -1
        return ether(*macs[::step], ip4(*ends[::step], UDP, udp(*ports[::step], head + frame)))

    def air(up, packet):
        control = b"\x01\x08" if up else b"\x02\x08"
        station, router = mac(5), mac(0xfe)
        ends = mac(0x70) + station + router if up else station + mac(0x70) + router
        return tunnel(bytes.fromhex("00200320 00000000 04bf2300 00000000"), control + bytes(2) +
                      ends + bytes(2) + bytes.fromhex("aaaa03 000000 0800") + packet, up)

    def wire(up, packet):
        macs = (mac(6), mac(0xfe)) if up else (mac(0xfe), mac(6))
        return tunnel(bytes.fromhex("00100200 00000000"), ether(*macs, packet), up)

    frames = [air(*one) for one in http_connection(
        "10.9.0.5", "192.0.2.80", 41000, request("/a.exe", "files.bad.example"))]
    frames.append(tunnel(bytes.fromhex("00100208 00000000"), bytes(6), True))
    frames += [wire(*one) for one in http_connection(
        "10.9.0.6", "192.0.2.81", 41001, request("/", "www.example.org"))]
    return every(1795614000 * SECOND, SECOND // 8, frames)


@capture()
def carried():
    """Users whose frames others carry: a mesh, an older access point, IP in UDP and VXLAN on ports
    of somebody's choice, and IPsec without ports, which is a VPN.
    """
    def mesh(up, packet):
        ends = (mac(5), mac(0xfe)) if up else (mac(0xfe), mac(5))
        return ether(mac(0x41), mac(0x42), bytes.fromhex("400f3f01 020000000042") +
                     ether(*ends, packet), kind=0x4305)

    def over(payload, up, port):
        step, macs = (1 if up else -1), (mac(0x64), mac(0x65))
        return ether(*macs[::step], ip4(*("198.51.100.1", "198.51.100.2")[::step], UDP, udp(
            *(50123, port)[::step], payload)))

    def access_point(up, packet):
        ends = (mac(0x70) + mac(6) + mac(0xfe)) if up else (mac(6) + mac(0x70) + mac(0xfe))
        frame = ((b"\x01\x08" if up else b"\x02\x08") + bytes(2) + ends + bytes(2) +
                 bytes.fromhex("aaaa03 000000 0800") + packet)
        return over(struct.pack(">BBHH", 0, 0, len(frame), 0xc0de) + frame, up, 12222)

    def vxlan(up, packet):
        ends = (mac(8), mac(0xfe)) if up else (mac(0xfe), mac(8))
        return over(struct.pack(">II", 0x08000000, 7 << 8) + ether(*ends, packet), up, 30000)

    ways = (mesh, access_point, lambda up, packet: over(packet, up, 5555), vxlan)
    frames = []
    for i, way in enumerate(ways):
        frames += [way(*one) for one in http_connection(
            f"10.9.0.{5 + i}", "192.0.2.80", 41000 + i,
            request(f"/{i}.exe", "files.bad.example"))]
    for number in range(1, 4):
        for ends in (("10.9.0.9", "192.0.2.94"), ("192.0.2.94", "10.9.0.9")):
            sealed = hashlib.shake_128(f"{ends} {number}".encode()).digest(96)
            macs = (mac(9), mac(1)) if ends[0] == "10.9.0.9" else (mac(1), mac(9))
            frames.append(ether(*macs, ip4(*ends, 50, struct.pack(
                ">II", 0x1a2b3c4d if macs[1] == mac(1) else 0x5e6f7a8b, number) + sealed)))
    return every(1796200000 * SECOND, SECOND // 8, frames)


@capture()
def zone():
    """A zone comes in four messages, of which only the first repeats the question; where mail for a
    domain goes, and where a whole domain went to.
    """
    def message(*parts):
        whole = dns(*parts)
        return struct.pack(">H", len(whole)) + whole

    asked = question("corp.example", 252)
    say, frames = conversation("10.9.0.5", "10.9.0.53", (40000, 53))
    frames += say(True, message(7, 0, (1, 0, 0, 0), asked))
    frames += say(False, message(7, 0x8480, (1, 1, 0, 0), asked,
                                 address("a.corp.example", "10.9.1.1")))
    for i in range(3):
        frames += say(False, message(7, 0x8480, (0, 1, 0, 0),
                                     address(f"b{i}.corp.example", "10.9.1.2")))
    frames += closing(say)
    for ident, kind, site, told in (
            (1, 15, "ok.example", record(pointer(12), 15, 1, 300, b"\0\5" +
                                         name("mail.bad.example"))),
            (2, 1, "www.old.example", record(name("old.example"), 39, 1, 300,
                                             name("new.bad.example")))):
        say = "10.9.0.5", "192.0.2.53", (42000 + ident, 53), (mac(5), mac(1))
        frames += over_udp(*say, dns(ident, 0x0100, (1, 0, 0, 0), question(site, kind)))
        frames += over_udp(*say, dns(ident, 0x8180, (1, 1, 0, 0), question(site, kind), told),
                           up=False)
    return every(1796300000 * SECOND, SECOND // 8, frames)


@capture()
def turn():
    """A relay that asks for a password says its realm, a forbidden domain; another one says an
    innocent one; a client that says one itself.
    """
    def message(kind, *attributes):
        body = b"".join(struct.pack(">HH", which, len(value)) + value + bytes(-len(value) % 4)
                        for which, value in attributes)
        return struct.pack(">HHI", kind, len(body), 0x2112a442) + bytes(range(12)) + body

    def refused(server, port, realm):
        say = "10.9.0.5", server, (port, 3478), (mac(5), mac(1))
        return (over_udp(*say, message(0x0003, (0x0019, b"\x11\0\0\0"))) +
                over_udp(*say, message(0x0113, (0x0009, b"\0\0\4\1Unauthorized"),
                                       (0x0015, b"nonce"), (0x0014, realm)), up=False))

    asks = message(0x0003, (0x0006, b"someone"), (0x0014, b"relay.bad.example"))
    frames = refused("192.0.2.81", 40000, b"relay.bad.example")
    frames += refused("192.0.2.82", 40001, b"relay.example.org")
    frames += over_udp("10.9.0.5", "192.0.2.83", (40002, 3478), (mac(5), mac(1)), asks)
    return every(1795614000 * SECOND, SECOND, frames)


@capture()
def relayed():
    """What a relay passes on, in a channel and in indications: a lookup, then HTTP, then a
    connection of QUIC beside them.
    """
    client, server = "10.9.0.5", "192.0.2.83"

    def message(kind, *attributes):
        body = b"".join(struct.pack(">HH", which, len(value)) + value + bytes(-len(value) % 4)
                        for which, value in attributes)
        return struct.pack(">HHI", kind, len(body), 0x2112a442) + bytes(range(12)) + body

    def channel(up, content):
        return struct.pack(">HH", 0x4001, len(content)) + content + bytes(-len(content) % 4)

    def indication(up, content):
        peer = bytes.fromhex("00012117") + bytes(
            a ^ b for a, b in zip(addr("198.51.100.53"), bytes.fromhex("2112a442")))
        return message(0x16 if up else 0x17, (0x12, peer), (0x13, content))

    site = question("www.bad.example", 1)
    lookup = [dns(7, 0x0100, (1, 0, 0, 0), site),
              dns(7, 0x8180, (1, 1, 0, 0), site, record(pointer(12), 1, 1, 300,
                                                        addr("192.0.2.80")))]
    page = [request("/a.exe", "files.bad.example"), HELLO]
    connection = [initial(b"clients-id", crypto(hello("quic.bad.example")), source=b"mine"),
                  initial(b"mine", crypto(b"\2\0\0\0"), source=b"yours", begun=b"clients-id"),
                  after("short", b"yours"), after("short", b"mine")]
    frames = []
    both = [(wrap, said) for wrap in (channel, indication)
            for said in (lookup, page, lookup + connection, page + lookup)]
    for i, (wrap, said) in enumerate(both):
        def put(up, payload):
            return over_udp(client, server, (40000 + i, 3478), (mac(5), mac(1)), payload, up)

        frames += put(True, message(3, (0x19, b"\x11\0\0\0"))) + put(False, message(0x103))
        for k, content in enumerate(said):
            frames += put(k % 2 == 0, wrap(k % 2 == 0, content))
    return every(1796302000 * SECOND, SECOND // 8, frames)


@capture()
def relayed_tcp():
    """What a relay passes on over TCP: lookups and HTTP in channels and indications, cut into
    segments anyhow, with a segment lost, then a hello of QUIC; a connection that it is told to make
    to a listed address, refused; one that it made, over which a file comes.
    """
    client, server = "10.9.0.5", "192.0.2.83"

    def message(kind, *attributes):
        body = b"".join(struct.pack(">HH", which, len(value)) + value + bytes(-len(value) % 4)
                        for which, value in attributes)
        return struct.pack(">HHI", kind, len(body), 0x2112a442) + bytes(range(12)) + body

    def peer(last):
        return 0x12, bytes.fromhex("00013e82") + bytes(
            a ^ b for a, b in zip(addr(f"192.0.2.{last}"), bytes.fromhex("2112a442")))

    def channel(up, content):
        return struct.pack(">HH", 0x4001, len(content)) + content + bytes(-len(content) % 4)

    def indication(up, content):
        return message(0x16 if up else 0x17, peer(53), (0x13, content))

    def allocated(port):
        say, frames = conversation(client, server, (port, 3478))
        return say, frames + say(True, message(3, (0x19, b"\x11\0\0\0"))) + say(
            False, message(0x103))

    site = question("www.bad.example", 1)
    lookup = [dns(7, 0x0100, (1, 0, 0, 0), site),
              dns(7, 0x8180, (1, 1, 0, 0), site, record(pointer(12), 1, 1, 300,
                                                        addr("192.0.2.80")))]
    page = [request("/a.exe", "files.bad.example"), HELLO]
    opening = [initial(b"clients-id", crypto(hello("quic.bad.example")), source=b"mine"),
               initial(b"mine", crypto(b"\2\0\0\0"), source=b"yours", begun=b"clients-id")]
    frames = []
    for i, (wrap, said) in enumerate([(wrap, said) for wrap in (channel, indication)
                                      for said in (lookup, page, lookup + opening)]):
        say, some = allocated(40000 + i)
        for k, content in enumerate(said):
            whole = wrap(k % 2 == 0, content)
            for piece in (whole[:7], whole[7:30], whole[30:]):
                some += say(k % 2 == 0, piece)
        frames += some + closing(say)
    say, some = allocated(40010)
    say(True, channel(True, b"lost"))
    some += say(True, channel(True, page[0])) + say(False, channel(False, page[1]))
    frames += some + closing(say)
    for port, last in ((40011, 80), (40012, 90)):
        say, some = allocated(port)
        some += say(True, message(10, peer(last))) + say(
            False, message(0x11a, (9, b"\0\0\4\x2f")) if last == 80 else message(0x10a))
        frames += some + closing(say)
    say, some = conversation(client, server, (40013, 3478))
    some += say(True, message(11, (0x2a, b"\0\0\0\7"))) + say(False, message(0x10b))
    frames += some + say(True, page[0]) + say(False, page[1]) + closing(say)
    return every(1796302100 * SECOND, SECOND // 16, frames)


@capture()
def relayed_back():
    """A relay is told to connect to an address, and the connection that is bound to it says its
    number and logs in there; another client says the same number.  In datagrams of a relay its peer
    asks its client for a file.  A proxy of the network's own opens a connection
    for an outsider, and one for a station, and says so in front of it.
    """
    client, server, cookie = "10.9.0.5", "192.0.2.83", bytes.fromhex("2112a442")

    def message(kind, *attributes):
        body = b"".join(struct.pack(">HH", which, len(value)) + value + bytes(-len(value) % 4)
                        for which, value in attributes)
        return struct.pack(">HH", kind, len(body)) + cookie + bytes(range(12)) + body

    def peer(host, port):
        return 0x12, struct.pack(">HH", 1, port ^ 0x2112) + bytes(
            a ^ b for a, b in zip(addr(host), cookie))

    def talk(ends, *said):
        say, frames = conversation(*ends)
        for i, line in enumerate(said):
            frames += say(i % 2 == 0, line)
        return frames + closing(say)

    number, there = (0x2a, b"\0\0\0\7"), peer("192.0.2.80", 443)
    frames = talk((client, server, (40000, 3478)), message(3), message(0x103),
                  message(10, there), message(0x10a, number))
    for who in (client, "10.9.0.6"):
        frames += talk((who, server, (40001, 3478)), message(11, number), message(0x10b),
                       b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n")
    asked = request("/a.exe", "files.bad.example")
    for up, datagram in ((True, message(3)), (False, message(0x103)),
                         (False, message(0x17, peer("192.0.2.53", 80), (0x13, asked))),
                         (True, message(0x16, peer("192.0.2.53", 80), (0x13, HELLO)))):
        ends, ports = (client, server), (40002, 3478)
        step = 1 if up else -1
        frames.append(ether(*(mac(5), mac(1))[::step], ip4(*ends[::step], UDP, udp(
            *ports[::step], datagram))))
    for port, source in ((40003, "203.0.113.66"), (40004, "10.77.0.9")):
        head = f"PROXY TCP4 {source} 192.0.2.80 50000 80\r\n".encode()
        frames += talk((client, "192.0.2.81", (port, 80)), head + asked, HELLO)
    return every(1796302500 * SECOND, SECOND // 16, frames)


@capture()
def http2():
    """HTTP/2 in clear: requests whose fields refer to those of earlier ones, for two sites, in
    frames of their own and with their fields cut in two, between content that goes up; by an
    upgrade; and one whose fields are more than what is read.
    """
    def frame(kind, flags, stream, body=b""):
        return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body

    def field(head, text):
        return bytes([head, len(text)]) + text.encode()

    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
    settings = frame(4, 0, 0) + frame(4, 1, 0)
    fine = b"\x82\x86" + field(0x41, "www.ok.example") + field(0x44, "/first.html")
    again = b"\x82\x86\xbf\xbe"
    upload = b"\x83\x86\xbf" + field(0x04, "/put")
    bad = b"\x82\x86" + field(0x41, "files.bad.example") + field(0x04, "/a.exe")
    frames = []
    for port, asks in ((40000, (frame(1, 5, 1, fine), frame(1, 5, 3, again),
                                frame(1, 4, 5, upload) + frame(0, 1, 5, bytes(3000)),
                                frame(1, 1, 7, bad[:9]) + frame(9, 4, 7, bad[9:]),
                                frame(1, 0x2d, 9, b"\2" + bytes(5) + b"\x82\x86\xbe\x84" +
                                      bytes(2)))),
                       (40001, (frame(1, 1, 1, bad) + frame(9, 0, 1) * 20,
                                frame(1, 5, 3, fine)))):
        say, some = conversation("10.9.0.5", "192.0.2.80", (port, 80))
        some += say(True, preface) + say(False, settings)
        whole = b"".join(asks)
        for i in range(0, len(whole), 700):
            some += say(True, whole[i:i + 700])
        frames += some + closing(say)
    say, some = conversation("10.9.0.5", "192.0.2.80", (40002, 80))
    some += say(True, b"GET / HTTP/1.1\r\nHost: www.ok.example\r\nConnection: Upgrade, HTTP2-"
                      b"Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
    some += say(False, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                       b"Upgrade: h2c\r\n\r\n" + settings)
    some += say(True, preface + frame(1, 5, 3, bad))
    some += say(True, frame(1, 5, 5, b"\x82\x86\xbe\x84"))
    frames += some + closing(say)
    return every(1796302200 * SECOND, SECOND // 16, frames)


@capture()
def http2_bodies():
    """Answers of HTTP/2 in clear: two downloads on one connection, whose frames come in turn, one
    of them padded and by fields that refer to earlier ones, and an upload beside them; one that the
    client resets, and one whose length is a lie; a hole in a frame, then one that hides where the
    next begins; and one that answers a request of HTTP/1, which asked for the upgrade.
    """
    def frame(kind, flags, stream, body=b""):
        return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body

    def field(head, text):
        return bytes([head, len(text)]) + text.encode()

    def asked(path, method=b"\x82"):
        return method + b"\x86" + field(0x41, "files.bad.example") + field(0x04, path)

    def answered(length, kind="application/octet-stream"):
        return b"\x88" + field(0x5f, kind) + field(0x0f, "")[:1] + b"\x0d" + bytes(
            [len(str(length))]) + str(length).encode()

    def data(stream, content, last=False, padding=None):
        if padding is None:
            return frame(0, last, stream, content)
        return frame(0, 8 | last, stream, bytes([padding]) + content + bytes(padding))

    def talk(port, moves, skipped=()):
        """`moves`: who says what; of the server's segments those `skipped` are not seen."""
        say, some = conversation("10.9.0.5", "192.0.2.80", (port, 80))
        some += say(True, preface) + say(False, settings)
        n = 0
        for from_client, whole in moves:
            for at in range(0, len(whole), 1400):
                segment = say(from_client, whole[at:at + 1400])
                some += segment if from_client or n not in skipped else []
                n += not from_client
        return some + closing(say)

    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0)
    settings = frame(4, 0, 0) + frame(4, 1, 0)
    program = b"MZ" + hashlib.shake_128(b"program").digest(19998)
    film = bytes.fromhex("000000186674797069736f6d") + hashlib.shake_128(b"film").digest(30000)
    turns = b"".join(
        data(1, program[at * 2:at * 2 + 2000], at == 9000) * (at < 10000) +
        data(3, film[at * 3:at * 3 + 3000], at * 3 + 3000 >= len(film), 7)
        for at in range(0, 11000, 1000) if at * 3 < len(film))
    frames = talk(40000, (
        (True, frame(1, 5, 1, asked("/a.exe")) +
         frame(1, 5, 3, b"\x82\x86\xbe" + field(4, "/b.mp4"))),
        (False, frame(1, 4, 1, answered(len(program))) +
         frame(1, 4, 3, b"\x88" + field(0x5f, "video/mp4"))),
        (True, frame(1, 4, 5, b"\x83\x86\xbe" + field(4, "/put")) + data(5, bytes(3000)) +
         data(5, bytes(2000), True, 9)),
        (False, turns + frame(1, 5, 5, b"\x89") + frame(1, 5, 7, b"\x8d"))))
    frames += talk(40001, (
        (True, frame(1, 5, 1, asked("/reset.exe"))),
        (False, frame(1, 4, 1, answered(len(program))) + data(1, program[:4000])),
        (True, frame(3, 0, 1, b"\0\0\0\x08")),
        (False, data(1, program[4000:5000])),
        (True, frame(1, 5, 3, asked("/lie.exe"))),
        (False, frame(1, 4, 3, answered(99999)) + data(3, program, True)),
        (True, frame(1, 5, 5, asked("/server.exe"))),
        (False, frame(1, 4, 5, answered(len(program))) + data(5, program[:3000]) +
         frame(3, 0, 5, b"\0\0\0\2"))))
    whole = frame(1, 4, 1, answered(len(program))) + data(1, program[:10000]) + data(
        1, program[10000:], True)
    for port, skipped in ((40002, (2,)), (40003, (7,))):
        frames += talk(port, ((True, frame(1, 5, 1, asked("/hole.exe"))), (False, whole),
                              (True, frame(1, 5, 3, asked("/behind.exe"))),
                              (False, frame(1, 4, 3, answered(len(program))) +
                               data(3, program[:10000]) + data(3, program[10000:], True))), skipped)
    say, some = conversation("10.9.0.5", "192.0.2.80", (40004, 80))
    some += say(True, b"GET /up.exe HTTP/1.1\r\nHost: files.bad.example\r\nConnection: Upgrade, "
                      b"HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n")
    some += say(False, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                       b"Upgrade: h2c\r\n\r\n" + settings)
    some += say(True, preface)
    whole = frame(1, 4, 1, answered(5000)) + data(1, program[:5000], True)
    for at in range(0, len(whole), 1400):
        some += say(False, whole[at:at + 1400])
    some += say(True, frame(1, 5, 3, asked("/next.exe")))
    some += say(False, frame(1, 4, 3, answered(1000)) + data(3, program[:1000], True))
    frames += some + closing(say)
    return every(1796302400 * SECOND, SECOND // 16, frames)


@capture()
def url_users():
    """Passwords in URLs within the path of a request, escaped and not, and in its last segment."""
    frames = []
    for i, path in enumerate(("/get/http://ann:hunter2@files.bad.example/a.exe",
                              "/get/http%3A%2F%2Fann%3Ahunter2%40files.bad.example%2Fa.exe",
                              "/get/http://ann:hunter2@files.bad.example",
                              "http://ann:hunter2@www.ok.example/x//ann:hunter2@b/c")):
        say, some = conversation("10.9.0.5", "192.0.2.80", (40000 + i, 80))
        frames += some + say(True, request(path, "www.ok.example")) + say(False, HELLO)
        frames += closing(say)
    return every(1796302600 * SECOND, SECOND // 16, frames)


@capture()
def http2_turns():
    """Two sites on one connection of HTTP/2 in clear, one of them listed, whose contents come in
    turn, with fields behind them: each has its own bytes and hash, and one is accused.  An answer
    that goes on in many frames, and one that nobody asked for, say nothing of the others.
    """
    def frame(kind, flags, stream, body=b""):
        return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body

    def field(head, text):
        return bytes([head, len(text)]) + text.encode()

    listed = b"MZ" + hashlib.shake_128(b"listed").digest(5998)
    other = b"PK\3\4" + hashlib.shake_128(b"other").digest(5996)
    say, frames = conversation("10.9.0.5", "192.0.2.80", (40000, 80))
    frames += say(True, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
    frames += say(False, frame(4, 0, 0) + frame(4, 1, 0))
    frames += say(True, frame(1, 5, 1, b"\x82\x86" + field(0x41, "www.ok.example") +
                              field(0x04, "/fine.zip")) +
                  frame(1, 5, 3, b"\x82\x86" + field(0x41, "files.bad.example") +
                        field(0x04, "/bad.exe")) +
                  frame(1, 5, 5, b"\x82\x86\xbf" + field(0x04, "/many.zip")))
    length = b"\x0f\x0d" + field(0, "6000")[1:]
    whole = frame(1, 4, 3, b"\x88" + length) + frame(1, 4, 1, b"\x88" + length)
    for at in range(0, 6000, 1000):
        whole += frame(0, 8, 1, b"\5" + other[at:at + 1000] + bytes(5))
        whole += frame(0, 0, 3, listed[at:at + 1000])
        if at == 2000:
            whole += frame(5, 4, 1, b"\0\0\0\2\x82\x86\x84") + frame(1, 4, 2, b"\x88")
            whole += frame(0, 1, 2, bytes(500)) + frame(1, 0, 5, b"\x88") + frame(9, 0, 5) * 20
    whole += frame(1, 5, 3, b"\0\1x\1y") + frame(1, 5, 1, b"\0\1x\1y")
    for at in range(0, len(whole), 1400):
        frames += say(False, whole[at:at + 1400])
    return every(1796302450 * SECOND, SECOND // 16, frames + closing(say))


@capture()
def byteranges():
    """multipart/byteranges: three parts that are all of a file, out of order and overlapping, the
    type of the first not its own; parts without a place, or whose length is a lie, and a delimiter
    that is none; and one of which a segment is missing.
    """
    program = b"MZ" + hashlib.shake_128(b"program").digest(9998)

    def part(first, last, content=None, total=len(program)):
        place = f"bytes {first}-{last}/{total}".encode()
        return (b"\r\n--THIS_IS\r\nContent-Type: application/octet-stream\r\nContent-Range: " +
                place + b"\r\n\r\n" +
                (program[first:last + 1] if content is None else content))

    def answer(body, fields=b""):
        return (b"HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; "
                b"boundary=\"THIS_IS\"\r\nETag: \"one\"\r\n" + fields +
                f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    end = b"\r\n--THIS_IS--\r\n"
    bodies = (b"preamble" + part(4000, 6999) + part(0, 4999) + part(6000, 9999) + end,
              part(0, 99, b"\r\n--THIS_WAS" + bytes(39)) + part(10, 19, bytes(30)) +
              b"\r\n--THIS_IS\r\nContent-Type: text/plain\r\n\r\nno place" + end,
              part(0, 4999) + part(5000, 9999) + end)
    frames = []
    for i, (path, body) in enumerate(zip(("/a.exe", "/lies.exe", "/hole.exe"), bodies)):
        say, some = conversation("10.9.0.5", "192.0.2.80", (40000 + i, 80))
        some += say(True, b"GET " + path.encode() + b" HTTP/1.1\r\nHost: files.bad.example\r\n"
                          b"Range: bytes=0-4999,4000-\r\n\r\n")
        whole = answer(body)
        for n, at in enumerate(range(0, len(whole), 1400)):
            segment = say(False, whole[at:at + 1400])
            some += segment if i < 2 or n != 1 else []
        frames += some + closing(say)
    return every(1796302500 * SECOND, SECOND // 16, frames)


@capture()
def lengths():
    """What announces more, or something else, than what comes: a length beside chunks, chunks of
    what is packed, a size of TFTP that is none; and a window of TFTP that is sent again, of which
    nothing is missing.
    """
    data = bytes(range(256)) * 8
    chunks = (b"400;name=value\r\n" + data[:1024] + b"\r\n400 ; a=\"b;c\"\r\n" + data[1024:] +
              b"\r\n0;last\r\nX-Trailer: yes\r\n\r\n")
    frames = []
    for i, fields in enumerate((b"Content-Length: 5\r\nTransfer-Encoding: chunked",
                                b"Transfer-Encoding: gzip, chunked")):
        say, some = conversation("10.9.0.5", "192.0.2.80", (40000 + i, 80))
        frames += some + say(True, request("/a.bin", "files.bad.example"))
        whole = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n\r\n" + chunks
        for at in range(0, len(whole), 1000):
            frames += say(False, whole[at:at + 1000])
        frames += closing(say)

    def put(port, up, payload, to=5000):
        return over_udp("10.9.0.5", "192.0.2.80", (port, to), (mac(5), mac(1)), payload, up)

    def block(number):
        return struct.pack(">HH", 3, number) + data[(number - 1) * 512:number * 512][:500 + 12 * (
            number < 3)]

    def acknowledged(number):
        return struct.pack(">HH", 4, number)

    frames += put(40010, True, b"\0\1lie.bin\0octet\0tsize\0000\0", 69)
    frames += put(40010, False, b"\0\6tsize\00042949672640\0") + put(40010, True, acknowledged(0))
    for number in (1, 2, 3):
        frames += put(40010, False, block(number)) + put(40010, True, acknowledged(number))
    frames += put(40011, True, b"\0\1again.bin\0octet\0windowsize\0003\0", 69)
    frames += put(40011, False, b"\0\6windowsize\0003\0") + put(40011, True, acknowledged(0))
    frames += put(40011, False, block(1)) + put(40011, False, block(3))
    frames += put(40011, True, acknowledged(1))
    frames += put(40011, False, block(2)) + put(40011, False, block(3))
    frames += put(40011, True, acknowledged(3))
    return every(1796302300 * SECOND, SECOND // 16, frames)


@capture()
def tds():
    """SQL Server's protocol: behind the pre-login talk the hellos lie in its messages, that of the
    client in two packets; then plain records.
    """
    def packet(kind, body, ends=True):
        return struct.pack(">BBHHBB", kind, ends, len(body) + 8, 0, 1, 0) + body

    def handshake(message):
        return b"\x16\3\3" + struct.pack(">H", len(message)) + message

    talk = bytes.fromhex("00000b0006010011000101ff0f00000000000100")[:18]
    asks = handshake(hello("sql.bad.example"))
    answers = handshake(b"\2" + struct.pack(">I", 38)[1:] + b"\3\3" + bytes(32) + b"\0\x13\1\0")
    sealed = b"\x17\3\3" + struct.pack(">H", 600) + hashlib.shake_128(b"login").digest(600)
    say, frames = conversation("10.9.0.5", "192.0.2.80", (40000, 1433))
    frames += say(True, packet(18, talk)) + say(False, packet(4, talk))
    frames += say(True, packet(18, asks[:40], False)) + say(True, packet(18, asks[40:]))
    frames += say(False, packet(18, answers)) + say(True, sealed) + say(False, sealed)
    return every(1795614000 * SECOND, SECOND // 8, frames + closing(say))


@capture()
def starttls():
    """TLS that begins behind some talk in clear: IRC, LDAP, XMPP, ManageSieve, NNTP.  The names are
    in the hellos alone.
    """
    def handshake(message):
        return b"\x16\3\3" + struct.pack(">H", len(message)) + message

    answer = handshake(b"\2" + struct.pack(">I", 38)[1:] + b"\3\3" + bytes(32) + b"\0\x13\1\0")
    sealed = b"\x17\3\3" + struct.pack(">H", 600) + hashlib.shake_128(b"sealed").digest(600)
    asks_ldap = der(0x30, der(2, b"\1"), der(0x77, der(0x80, b"1.3.6.1.4.1.1466.20037")))
    grants_ldap = der(0x30, der(2, b"\1"), der(0x78, der(10, b"\0"), der(4), der(4)))
    features = (b"<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
                b"</stream:features>")
    talks = {
        "irc": (6667, [(False, b":irc.bad.example NOTICE * :*** Looking up your hostname\r\n"),
                       (True, b"CAP LS 302\r\n"), (False, b":x CAP * LS :tls\r\n"),
                       (True, b"STARTTLS\r\n"), (False, b":x 670 * :go ahead\r\n")]),
        "ldap": (389, [(True, asks_ldap), (False, grants_ldap)]),
        "xmpp": (5222, [(True, b"<?xml version='1.0'?><stream:stream to='im.example' "
                               b"xmlns:stream='http://etherx.jabber.org/streams'>"),
                        (False, b"<?xml version='1.0'?><stream:stream from='im.example'>" +
                         features),
                        (True, b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                        (False, b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")]),
        "sieve": (4190, [(False, b'"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK\r\n'),
                         (True, b"STARTTLS\r\n"), (False, b'OK "begin"\r\n')]),
        "news": (119, [(False, b"200 news\r\n"), (True, b"STARTTLS\r\n"),
                       (False, b"382 go on\r\n")]),
    }
    frames = []
    for i, (site, (port, talk)) in enumerate(talks.items()):
        say, opening = conversation("10.9.0.5", "192.0.2.80", (40000 + i, port))
        frames += opening
        for from_client, text in talk:
            frames += say(from_client, text)
        frames += say(True, handshake(hello(f"{site}.bad.example"))) + say(False, answer)
        frames += say(True, sealed) + say(False, sealed) + closing(say)
    return every(1795614000 * SECOND, SECOND // 8, frames)


@capture()
def ftp_elsewhere():
    """FTP at a port of its own, with a greeting that does not name it: the login does.  A file that
    comes from where the server waits.
    """
    say, frames = conversation("10.9.0.5", "192.0.2.80", (41000, 2121))
    data, opening = conversation("10.9.0.5", "192.0.2.80", (41001, 50001))

    def talk(*lines):
        return [frame for i, line in enumerate(lines)
                for frame in say(i % 2 == 0, line.encode() + b"\r\n")]

    frames += say(False, b"220 hi\r\n")
    frames += talk("USER anonymous", "331 go on", "PASS none", "230 fine", "CWD /pub", "250 fine",
                   "PASV", "227 here (192,0,2,80,195,81)", "RETR x.iso", "150 x")
    frames += opening + data(False, bytes(1200)) + data(False, bytes(1200)) + closing(data)
    frames += say(False, b"226 done\r\n") + talk("QUIT", "221 bye")
    return every(1795614000 * SECOND, SECOND // 8, frames + closing(say))


@capture()
def long_torrent():
    """A forbidden peer sends pieces of a torrent for a quarter of an hour: the connection is
    recorded in slices, each of the size of a download, before the request with all of it.
    """
    def greeting(peer):
        return b"\x13BitTorrent protocol" + bytes(8) + bytes(range(20)) + peer.encode().ljust(20)

    def piece(i):
        return struct.pack(">IBII", 9 + 6000, 7, 0, i * 6000) + bytes([i]) * 6000

    say, opening = conversation("10.9.0.5", "192.0.2.80", (40026, 6881))
    frames = looked_up("10.9.0.5", 8, "files.bad.example", "192.0.2.80")
    frames += opening + say(True, greeting("ours")) + say(False, greeting("theirs"))
    slow = []
    for i in range(12):
        slow += say(False, piece(i)) + say(True, flags=ACK)
    start = 1795700000 * SECOND
    return (every(start, SECOND, frames) + every(start + 60 * SECOND, 40 * SECOND, slow) +
            every(start + 1100 * SECOND, SECOND, closing(say)))


# ---- names that DNS teaches, and whom ----


def alias(owner, target, ttl=300):
    return record(name(owner), 5, 1, ttl, name(target))


def address(owner, where, ttl=300):
    return record(name(owner), 1, 1, ttl, addr(where))


def over_udp(client, server, ports, macs, payload, up=True):
    ends, between, cards = (client, server), ports, macs
    if not up:
        ends, between, cards = ends[::-1], between[::-1], cards[::-1]
    if ":" in client:
        return [ether(*cards, ip6(*ends, UDP, udp(*between, payload, between=ends)), kind=0x86dd)]
    return [ether(*cards, ip4(*ends, UDP, udp(*between, payload)))]


def asked_and_told(client, server, ident, site, records, station=5):
    """A question, with this id from a port of its own, and the records of its answer."""
    ports, macs = (42000 + ident, 53), (mac(station), mac(1))
    told = dns(ident, 0x8180, (1, len(records), 0, 0), question(site, 1), *records)
    return (over_udp(client, server, ports, macs, dns(ident, 0x0100, (1, 0, 0, 0),
                                                      question(site, 1))) +
            over_udp(client, server, ports, macs, told, up=False))


def unnamed(client, server, port, station=5):
    """A connection that says nothing of its site."""
    say, opening = conversation(client, server, (port, 9999))
    frames = opening + say(True, b"\1\2\3\4") + say(False, b"\5\6\7\x08") + closing(say)
    return [frame.replace(mac(5), mac(station)) for frame in frames]


@capture()
def dns_taught():
    """Which answers teach a name: not one that nobody asked for, nor what lies beside the chain of
    aliases, nor to another machine on the same address, nor to a connection that began before; but
    to the machine's other address, and a listed alias says through what it matched.  Then twelve
    questions under way on one pair of ports.
    """
    resolver, site = "192.0.2.53", "192.0.2.80"
    unasked = dns(1, 0x8180, (1, 1, 0, 0), question("www.bad.example", 1),
                  address("www.bad.example", site))
    frames = over_udp("10.9.0.5", "203.0.113.66", (55555, 53), (mac(5), mac(1)), unasked, up=False)
    frames += unnamed("10.9.0.5", site, 43001)
    frames += asked_and_told("10.9.0.6", resolver, 2, "www.bad.example", [
        alias("www.bad.example", "a.cdn.example"), address("a.cdn.example", "192.0.2.99"),
        address("elsewhere.example", site)], station=6)
    frames += unnamed("10.9.0.6", site, 43002, station=6)
    frames += unnamed("10.9.0.6", "192.0.2.99", 43003, station=6)
    frames += unnamed("10.9.0.6", "192.0.2.99", 43004, station=7)
    say, opening = conversation("10.9.0.8", site, (43005, 9999))
    early = [frame.replace(mac(5), mac(8)) for frame in opening + say(True, b"\1\2\3\4")]
    frames += early + asked_and_told("10.9.0.8", resolver, 3, "www.bad.example", [
        address("www.bad.example", site)], station=8)
    frames += [frame.replace(mac(5), mac(8)) for frame in say(False, b"\5\6\7\x08") + closing(say)]
    frames += asked_and_told("fd00:9::9", "fd00:9::53", 4, "www.bad.example", [
        address("www.bad.example", site)], station=9)
    frames += unnamed("10.9.0.9", site, 43006, station=9)
    frames += asked_and_told("10.9.0.10", resolver, 5, "metrics.ok.example", [
        alias("metrics.ok.example", "tracker.bad.example"),
        address("tracker.bad.example", "192.0.2.81")], station=10)
    frames += unnamed("10.9.0.10", "192.0.2.81", 43007, station=10)
    ports, macs = (44000, 53), (mac(11), mac(1))
    for i in range(24):
        asks = i < 12
        what = question(f"h{i % 12}.ok.example", 1)
        told = address(f"h{i % 12}.ok.example", "192.0.2.82")
        message = (dns(i, 0x0100, (1, 0, 0, 0), what) if asks else
                   dns(i - 12, 0x8180, (1, 1, 0, 0), what, told))
        frames += over_udp("10.9.0.11", resolver, ports, macs, message, up=asks)
    return every(1795800000 * SECOND, SECOND // 10, frames)


@capture()
def quic_connections():
    """One pair of ports: two connections at once, the first bytes of which are greased; one later;
    and one sent to mislead that nobody answers, with the ids of the next.  Another connection goes
    on from other ports.
    """
    def talk(port=40000):
        ports, macs = (port, 443), (mac(5), mac(1))

        def say(payload, up=True):
            return over_udp("10.9.0.5", "192.0.2.80", ports, macs, payload, up)
        return say

    def begins(ident, source, site):
        return initial(ident, crypto(hello(site)), source, grease=site == "two.bad.example")

    def data(ident, length):
        return b"\x43" + ident + hashlib.shake_128(ident).digest(length)

    say, moved = talk(), talk(51111)
    frames = say(begins(b"first-id", b"client-1", "one.ok.example"))
    frames += say(begins(b"other-id", b"client-2", "two.bad.example"))
    frames += say(initial(b"client-2", b"\1", b"server-2", b"other-id"), up=False)
    frames += say(initial(b"client-1", b"\1", b"server-1", b"first-id"), up=False)
    for i in range(20):
        frames += say(data(b"client-1", 1000), up=False) + say(data(b"server-1", 40))
        if i % 4 == 0:
            frames += say(data(b"client-2", 500), up=False) + say(data(b"server-2", 40))
    frames += say(begins(b"third-id", b"client-3", "three.ok.example"))
    frames += say(initial(b"client-3", b"\1", b"server-3", b"third-id"), up=False)
    frames += say(begins(b"decoy-id", b"client-4", "decoy.ok.example"))
    frames += say(begins(b"fifth-id", b"client-4", "five.bad.example"))
    frames += say(initial(b"client-4", b"\1", b"server-5", b"fifth-id"), up=False)
    frames += say(data(b"server-5", 40)) + moved(data(b"server-5", 41))
    frames += moved(data(b"client-4", 1100), up=False)
    return every(1795900000 * SECOND, SECOND // 10, frames)


def leased(station, message, address, vlan=None, called=b"", server="10.9.0.1"):
    """What a station and its server of DHCP say to each other: DHCPREQUEST and DHCPACK (`called`:
    what it calls itself), or DHCPRELEASE.
    """
    def says(operation, had, given, options):
        packet = (bytes([operation, 1, 6, 0, 9, 9, 9, station]) + bytes(4) + had + given +
                  bytes(8) + mac(station) + bytes(10 + 192) + bytes.fromhex("63825363") +
                  b"\x36\x04" + addr(server) + options + b"\xff")
        return udp(68, 67, packet) if operation == 1 else udp(67, 68, packet)

    if message == "release":
        packet = ip4(address, server, UDP, says(1, addr(address), bytes(4), b"\x35\x01\x07"))
        return [ether(mac(station), mac(1), packet, vlan=vlan)]
    asks = says(1, bytes(4), bytes(4), b"\x35\x01\x03\x32\x04" + addr(address) + b"\x0c" +
                bytes([len(called)]) + called)
    gives = says(2, bytes(4), addr(address), b"\x35\x01\x05\x33\x04" + struct.pack(">I", 3600))
    return [ether(mac(station), BROADCAST, ip4("0.0.0.0", "255.255.255.255", UDP, asks), vlan=vlan),
            ether(mac(1), mac(station), ip4(server, address, UDP, gives), vlan=vlan)]


@capture()
def ftp_resumed():
    """A file over FTP that breaks off, and comes to its end over a connection that begins before
    that place (REST): one download.  Who fetches it has a lease, with a name.  Another file from a
    server that refuses REST, and so sends it from its begin.
    """
    file = bytes((i * 7 + i // 251) % 256 for i in range(5000))

    def session(port):
        say, frames = conversation("10.9.0.5", "192.0.2.80", (port, 21))

        def talk(*lines):
            return [frame for i, line in enumerate(lines)
                    for frame in say(i % 2 == 0, line.encode() + b"\r\n")]

        frames += say(False, b"220 ftp\r\n") + talk("USER anonymous", "331 go on", "PASS none",
                                                    "230 fine", "TYPE I", "200 fine")
        return say, talk, frames

    def fetched(say, talk, port, name, begin, end, ended):
        data, opening = conversation("10.9.0.5", "192.0.2.80", (port, 50000 + port % 256))
        frames = talk("PASV", f"227 here (192,0,2,80,195,{80 + port % 256})")
        if begin is not None:
            frames += talk(f"REST {begin}", "350 so be it" if name == "big.exe" else "502 no")
        start = begin if name == "big.exe" and begin else 0
        frames += talk(f"RETR {name}", "150 Opening BINARY mode data connection for "
                       f"{name} (5000 bytes).") + opening
        for at in range(start, end, 1000):
            frames += data(False, file[at:min(at + 1000, end)])
        return frames + closing(data) + say(False, ended.encode() + b"\r\n")

    frames = leased(5, "request", "10.9.0.5", called=b"ann-pc")
    frames += looked_up("10.9.0.5", 7, "files.bad.example", "192.0.2.80")
    for port, name, begin, end, ended in ((41000, "big.exe", None, 2600, "426 broken off"),
                                          (41010, "big.exe", 2000, 5000, "226 done"),
                                          (41020, "no_rest.exe", 2000, 5000, "226 done")):
        say, talk, opening = session(port)
        frames += opening + fetched(say, talk, port + 1, name, begin, end, ended) + closing(say)
    return every(1795615000 * SECOND, SECOND // 8, frames)


@capture()
def swapped():
    """Two stations swap their addresses within a minute, and a third has one of them in another
    VLAN: each connection is of who had its address then, also one over UDP that seems to go on.
    """
    def visits(station, address, port, vlan=None):
        frames = http_connection(address, "192.0.2.80", port,
                                 request("/tool.exe", "files.bad.example"),
                                 station * 100000000)
        sent = [ether(*((mac(station), mac(1)) if up else (mac(1), mac(station))), packet,
                      vlan=vlan) for up, packet in frames]
        ticks = udp(123, 123, bytes([0x23]) + bytes(47))
        return sent + [ether(mac(station), mac(1), ip4(address, "192.0.2.123", UDP, ticks),
                             vlan=vlan)]

    first, second = "10.9.0.5", "10.9.0.6"
    packets = (
        leased(5, "request", first, called=b"ann-pc") +
        leased(6, "request", second, called=b"bob-pc") +
        leased(7, "request", first, called=b"cyd-pc", vlan=20) +
        visits(5, first, 40000) + visits(6, second, 40000) + visits(7, first, 40000, vlan=20) +
        leased(5, "release", first) + leased(6, "release", second) +
        leased(6, "request", first, called=b"bob-pc") +
        leased(5, "request", second, called=b"ann-pc") +
        visits(5, second, 40000) + visits(6, first, 40000) + visits(7, first, 40001, vlan=20))
    return every(1796000000 * SECOND, SECOND // 2, packets)


class Decoys:
    """A connection of a client that sends other bytes before, behind or among the true ones: each
    segment of its own TTL, options, flags and numbers, and all with right checksums.
    """

    def __init__(self, last, port, server_port=443):
        self.ends, self.ports = (f"10.9.1.{last}", "192.0.2.80"), (port, server_port)
        self.macs, self.frames = (mac(last), mac(1)), []
        self.next = [1001, 5001]

    def put(self, up, seq, ack, flags, payload=b"", ttl=64, options=b"", urgent=0, wrong=0):
        step = 1 if up else -1
        src, dst = self.ends[::step]
        head = struct.pack(">HHIIBBHHH", *self.ports[::step], seq, ack,
                           (20 + len(options)) * 4, flags, 65535, 0, urgent) + options
        pseudo = addr(src) + addr(dst) + struct.pack(">HH", TCP, len(head) + len(payload))
        total = checksum(pseudo + head + payload) ^ wrong
        segment = head[:16] + struct.pack(">H", total) + head[18:] + payload
        packet = bytearray(ip4(src, dst, TCP, segment))
        packet[8], packet[10:12] = ttl, bytes(2)
        packet[10:12] = struct.pack(">H", checksum(bytes(packet[:20])))
        self.frames.append(ether(*self.macs[::step], bytes(packet)))
        return self

    def opened(self, said=b""):
        self.put(True, 1000, 0, SYN, said)
        self.put(False, 5000, 1001, SYN | ACK)
        return self if said else self.put(True, 1001, 5001, ACK)

    def say(self, payload, off=0, **how):
        """Of the client, at its next number or `off` behind it, which stays the next one."""
        flags, ack = how.pop("flags", PSH | ACK), how.pop("ack", self.next[1])
        return self.put(True, self.next[0] + off, ack, flags, payload, **how)

    def went(self, n):
        """So many bytes of the client's are true, and acknowledged."""
        self.next[0] += n
        return self.put(False, self.next[1], self.next[0], ACK)

    def told(self, payload, **how):
        """Of the server, at its next number, which stays the next one."""
        return self.put(False, self.next[1], self.next[0], PSH | ACK, payload, **how)

    def came(self, n):
        """So many bytes of the server's are true, and acknowledged."""
        self.next[1] += n
        return self.put(True, self.next[0], self.next[1], ACK)

    def close(self):
        self.put(True, self.next[0], self.next[1], FIN | ACK)
        self.put(False, self.next[1], self.next[0] + 1, FIN | ACK)
        return self.put(True, self.next[0] + 1, self.next[1] + 1, ACK).frames

    def answer(self, payload):
        self.put(False, self.next[1], self.next[0], PSH | ACK, payload)
        self.next[1] += len(payload)
        self.put(True, self.next[0], self.next[1], FIN | ACK)
        self.put(False, self.next[1], self.next[0] + 1, FIN | ACK)
        return self.put(True, self.next[0] + 1, self.next[1] + 1, ACK).frames


@capture()
def two_readings():
    """Programs that hide a site: bytes that the server never takes name another one.  First those
    that something tells apart, then those that nothing does, and devices that pad what they say.
    """
    def record_of(site):
        return b"\x16\x03\x01" + struct.pack(">H", len(hello(site))) + hello(site)

    true, decoy, longer = map(record_of, ("www.bad.example", "www.new.example",
                                          "innocent.example"))
    server = bytes.fromhex("16030300300200002c0303") + bytes([0x73] * 32) + bytes.fromhex(
        "001301000004002b0000")
    asked, other = request("/a.exe", "files.bad.example"), request("/", "innocent.example")
    frames = []

    def done(conn, n=len(true)):
        nonlocal frames
        frames += conn.went(n).answer(server)

    def hidden(last, **how):
        done(Decoys(last, 40000 + last).opened().say(decoy, **how).say(true))

    hidden(10, ttl=4)
    hidden(11, wrong=0x1111)
    hidden(12, options=b"\x13\x12" + bytes(16) + b"\x01\x01")
    hidden(13, ack=5001 - 66000 & 0xffffffff)
    hidden(14, flags=PSH)
    done(Decoys(15, 40015).opened(said=decoy).say(true))
    # junk, which is no protocol's; zeros that pad a bare acknowledgement, in its length
    done(Decoys(16, 40016).opened().say(b"\x16\x03\x01\xff\xff\x01\xff\xff" + bytes(60), ttl=5)
         .say(true))
    done(Decoys(17, 40017).opened().say(bytes(6), flags=ACK).say(true))
    # the decoy comes last, or before each of two parts
    done(Decoys(18, 40018).opened().say(true).say(decoy, ttl=4))
    done(Decoys(19, 40019).opened().say(decoy[:40], ttl=4).say(true[:40])
         .say(decoy[40:], off=40, ttl=4).say(true[40:], off=40))
    # nothing tells: both are read, whichever is first; an acknowledgement that only one ends at
    done(Decoys(20, 40020).opened().say(decoy).say(true), len(decoy))
    done(Decoys(21, 40021).opened().say(true).say(decoy))
    done(Decoys(22, 40022).opened().say(longer).say(true))
    # junk that nothing tells apart, in place of the hello and before it
    done(Decoys(23, 40023).opened().say(bytes([0x78] * 60)).say(true))
    done(Decoys(24, 40024).opened().say(b"junk\x00\xff\xfe").went(7).say(true))
    # an urgent byte among the others
    done(Decoys(25, 40025).opened().say(true[:90] + b"x" + true[90:], flags=PSH | ACK | 32,
                                        urgent=91), len(true) + 1)
    # the true bytes alone look as if in doubt: a sender whose packets differ from its SYN
    done(Decoys(26, 40026).opened().say(true, ttl=63, wrong=0x1111))
    # requests, and a third one that differs from both
    conn = Decoys(27, 40027, 80).opened().say(other).say(asked).went(len(asked))
    frames += conn.answer(HELLO)
    conn = Decoys(28, 40028, 80).opened().say(other, ttl=3).say(asked).went(len(asked))
    frames += conn.answer(HELLO)
    # who is innocent: his hello is the true one, what names the forbidden site never came there
    done(Decoys(30, 40030).opened().say(true, ttl=4).say(decoy), len(decoy))
    done(Decoys(31, 40031).opened().say(true, wrong=0x2222).say(decoy), len(decoy))
    # sent again as it was, and cut otherwise: nothing differs
    done(Decoys(32, 40032).opened().say(decoy[:50]).say(decoy[50:], off=50).say(decoy), len(decoy))
    return every(1795614000 * SECOND, SECOND // 8, frames)

@capture()
def two_files():
    """What is fetched in two readings, over HTTP, FTP and TFTP: of what is asked for, and of what
    comes.  What the receiver demonstrably took is the file; where nothing tells, the first reading
    names it, both are held against the list, and no hash is said of what may be another file.
    """
    program = b"MZ\x90\0" + bytes(56) + struct.pack("<I", 64) + b"PE\0\0" + bytes(1400)
    image = b"\x89PNG\r\n\x1a\n" + bytes(len(program) - 8)
    one, other = (request(path, "files.bad.example") for path in ("/a.exe", "/b.txt"))
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(program)}\r\n\r\n".encode()
    half = len(program) // 2
    frames = []

    def fetched(last, *asked, first=None, **how):
        """`first`: other content, `how` it differs, before the first half of the true one."""
        conn = Decoys(last, 40000 + last, 80).opened()
        for payload, way in asked:
            conn.say(payload, **way)
        conn.went(len(one)).told(head).came(len(head))
        if first:
            conn.told(first[:half], **how)
        return conn.told(program[:half]).came(half).told(program[half:]).came(
            len(program) - half).close()

    frames += fetched(10, (other, {"ttl": 4}), (one, {}))
    frames += fetched(11, (one, {}), (other, {}))
    frames += fetched(12, (one, {}), first=image, ttl=4)
    frames += fetched(13, (one, {}), first=image)

    def found(last):
        site = "files.bad.example"
        return asked_and_told(f"10.9.1.{last}", "192.0.2.53", last, site,
                              [address(site, "192.0.2.80")], station=last)

    def over_ftp(last, *asked, first=None, **how):
        conn, data = Decoys(last, 41000 + last, 21), Decoys(last, 42000 + last, 50001)
        lines = [line + b"\r\n" for line in (
            b"220 hi", b"USER ann", b"331 go on", b"PASS none", b"230 fine", b"PASV",
            b"227 here (192,0,2,80,195,81)")]
        conn.frames += found(last)
        conn.opened()
        for i, line in enumerate(lines):
            conn = (conn.say(line).went if i % 2 else conn.told(line).came)(len(line))
        for payload, way in asked:
            conn.say(payload, **way)
        conn.went(len(asked[0][0])).told(b"150 go\r\n").came(8)
        data.opened()
        if first:
            data.told(first[:half], **how)
        data.told(program[:half]).came(half).told(program[half:]).came(len(program) - half)
        conn.frames += data.close()
        return conn.told(b"226 done\r\n").came(10).close()

    get, instead = b"RETR a.exe\r\n", b"RETR b.txt\r\n"
    frames += over_ftp(20, (instead, {"ttl": 4}), (get, {}))
    frames += over_ftp(21, (get, {}), (instead, {}))
    frames += over_ftp(22, (instead, {}), (get, {}))
    frames += over_ftp(23, (get, {}), first=image, ttl=4)
    frames += over_ftp(24, (get, {}), first=image)

    def over_tftp(last, *blocks):
        client, server = f"10.9.1.{last}", "192.0.2.80"

        def put(up, port, payload):
            ends, ports = (client, server), (43000 + last, port)
            step, macs = (1 if up else -1), (mac(last), mac(1))
            return ether(*macs[::step], ip4(*ends[::step], UDP, udp(*ports[::step], payload)))

        out = found(last)
        out.append(put(True, 69, b"\0\1a.exe\0octet\0"))
        for up, number, content in blocks:
            out.append(put(up, 50002, struct.pack(">HH", 4 if up else 3, number) + content))
        return out

    took = [(True, 1, b""), (False, 2, b"end"), (True, 2, b"")]
    frames += over_tftp(30, (False, 1, program[:512]), (False, 1, program[:512]), *took)
    frames += over_tftp(31, (False, 1, program[:512]), (False, 1, image[:512]), *took)
    # nobody takes it: who asked is not who it goes to
    frames += over_tftp(32, (False, 1, program[:512]), (False, 1, program[:512]))
    return every(1796300000 * SECOND, SECOND // 16, frames)


def recorded(path, port):
    """What the two ends of the recorded connection from that port said, message by message, as long
    as each came in a segment of its own.
    """
    data, at = (HERE / path).read_bytes(), 24
    while at < len(data):
        size, = struct.unpack("<I", data[at + 8:at + 12])
        frame, at = data[at + 16:at + 16 + size], at + 16 + size
        head = 14 + (frame[14] & 15) * 4
        if frame[12:14] != b"\x08\0" or frame[23] != TCP:
            continue
        ports, total = struct.unpack(">HH", frame[head:head + 4]), frame[16] << 8 | frame[17]
        said = frame[head + (frame[head + 12] >> 4) * 4:14 + total]
        if said and port in ports:
            yield ports[0] == port, said


@capture()
def smb_channels():
    """A session of SMB with two connections, each of which reads a half of a file: what smb.pcap
    has in one, but for that.
    """
    known = list(recorded("smb.pcap", 41878))
    at = next(i for i, (up, said) in enumerate(known) if up and said[16] == 8)
    (_, asked), (_, told) = known[at:at + 2]

    def read(offset, size, number):
        content = told[84 + offset:84 + offset + size]
        question = bytearray(asked)
        question[28:36] = struct.pack("<Q", number)
        question[72:84] = struct.pack("<IQ", size, offset)
        answer = bytearray(told[:84])
        answer[0:4] = struct.pack(">I", 80 + size)
        answer[28:36] = struct.pack("<Q", number)
        answer[72:76] = struct.pack("<I", size)
        return bytes(question), bytes(answer) + content

    def spoken(say, messages):
        return [frame for up, said in messages for i in range(0, len(said), 1400)
                for frame in say(up, said[i:i + 1400])]

    one, frames = conversation("10.9.0.5", "198.51.100.7", (41878, 445))
    two, opening = conversation("10.9.0.5", "198.51.100.7", (41879, 445))
    frames += spoken(one, known[:at]) + opening + spoken(two, known[:6])
    half = (len(told) - 84) // 2
    number, = struct.unpack("<Q", asked[28:36])
    for say, offset, of in ((one, 0, number), (two, half, 9)):
        question, answer = read(offset, half, of)
        frames += spoken(say, [(True, question), (False, answer)])
    frames += spoken(one, known[at + 2:at + 4]) + closing(one) + closing(two)
    return every(1796303000 * SECOND, SECOND // 16, frames)


@capture()
def announced_in_front():
    """TFTP's request names its sender's port for whatever comes there next: first that is a
    connection of QUIC, to another port, which is what it is; then the file comes.
    """
    begun, source, theirs = b"clients-id", b"mine", b"yours"
    asked = initial(begun, crypto(hello("www.bad.example")), source=source)
    told = initial(source, crypto(b"\2\0\0\0"), source=theirs, begun=begun)

    def put(up, server, port, payload):
        ends, ports = ("10.9.0.5", server), (40000, port)
        step, macs = (1 if up else -1), (mac(5), mac(1))
        return ether(*macs[::step], ip4(*ends[::step], UDP, udp(*ports[::step], payload)))

    near, far = "192.0.2.80", "192.0.2.81"
    return every(1796301000 * SECOND, SECOND // 8, [
        put(True, near, 69, b"\0\1boot.exe\0octet\0"),
        put(True, near, 443, asked), put(False, near, 443, told),
        put(True, near, 443, after("handshake", theirs, source)),
        put(True, far, 443, asked), put(False, far, 443, told),
        put(True, far, 443, after("short", theirs)),
        put(False, near, 50000, b"\0\3\0\1MZ" + bytes(100)),
        put(True, near, 50000, b"\0\4\0\1")])


@capture()
def unasked_tunnel():
    """IP in UDP and VXLAN, on ports of anybody's choice, from one sender outside who was never
    answered, with both sides of what is inside; one is a lookup, of whose address the user then
    knows nothing.
    """
    def sent(payload):
        return ether(mac(1), mac(2), ip4("203.0.113.9", "10.0.0.5", UDP, udp(5555, 1111, payload)))

    def inside(packet):
        return struct.pack(">II", 0x08000000, 0) + ether(mac(5), mac(6), packet)

    download = request("/a.exe", "files.bad.example")
    frames = [sent(packet) for _, packet in http_connection(
        "10.0.0.77", "192.0.2.66", 41000, download)]
    frames += [sent(inside(packet)) for _, packet in http_connection(
        "10.0.0.78", "192.0.2.66", 41001, download)]
    site = question("www.bad.example", 1)
    frames += [
        sent(ip4("10.0.0.77", "10.0.0.53", UDP, udp(41002, 53, dns(
            1, 0x0100, (1, 0, 0, 0), site)))),
        sent(ip4("10.0.0.53", "10.0.0.77", UDP, udp(53, 41002, dns(
            1, 0x8180, (1, 1, 0, 0), site, record(pointer(12), 1, 1, 300, addr("192.0.2.99"))))))]
    frames += [
        ether(mac(1), mac(2), ip4("10.0.0.77", "192.0.2.99", UDP, udp(41003, 7000, b"hello"))),
        ether(mac(2), mac(1), ip4("192.0.2.99", "10.0.0.77", UDP, udp(7000, 41003, b"hello")))]
    return every(1770006700 * SECOND, SECOND // 10, frames)


def check(taken):
    wrong = [f"{one}.pcap is not what make.py makes" for one in taken
             if pcap(CAPTURES[one][0](), CAPTURES[one][1]) != (HERE / f"{one}.pcap").read_bytes()]
    readme = (HERE / "README.md").read_text()
    wrong += [f"{path.name} is neither made here nor listed as real in README.md"
              for path in sorted(HERE.glob("*.pcap"))
              if path.stem not in CAPTURES and f"`{path.stem}`" not in readme]
    print("\n".join(wrong) or f"{len(taken)} captures are what make.py makes")
    return 1 if wrong else 0


def main():
    taken = [one for one in sys.argv[1:] if one != "--write"] or sorted(CAPTURES)
    if "--write" not in sys.argv:
        return check(taken)
    for one in taken:
        (HERE / f"{one}.pcap").write_bytes(pcap(CAPTURES[one][0](), CAPTURES[one][1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
