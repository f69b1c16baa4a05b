# SPDX-License-Identifier: Apache-2.0
"""More pairs for alibi.py: other forms in which what is told apart can come."""
import struct

from alibi_relay import HELLO, connect, says, scene
from alibi_scene import (ANSWER, BAD, CLIENT, FINE, OTHER, RESOLVER, ROUTER, SERVER, USER, Scene,
                         extension, get, hello, tls)
from alibi_wide import OPEN
from make import (ACK, PSH, UDP, addr, dns, ether, leased, mac, name, pointer, question, record,
                  udp)

SETTINGS = b"\0\0\0\4\0\0\0\0\0"
WEB = get(BAD)
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SETTINGS


def text(value):
    return bytes([len(value)]) + value.encode()


def headers(stream, *blocks):
    """A request of HTTP/2, its fields parted into so many frames."""
    out = b""
    for i, block in enumerate(blocks):
        flags = (1 if i == 0 else 0) | (4 if i == len(blocks) - 1 else 0)
        out += (len(block).to_bytes(3, "big") + bytes([9 if i else 1, flags]) +
                stream.to_bytes(4, "big") + block)
    return out


def asks(host, packed=b""):
    return b"\x82\x86\x84\x41" + text(host) + packed


def prefetch():
    """In the table of HPACK, in CONTINUATION, on a connection with others, through a proxy, folded,
    behind an Upgrade.
    """
    ahead = b"\x40" + text("sec-purpose") + text("prefetch")
    fine = PREFACE + headers(1, asks(FINE, ahead))
    answer = [(1, PSH | ACK, SETTINGS), (0, ACK, b"")]
    yield ("HTTP/2, a field of the table",
           scene([(0, PSH | ACK, fine + headers(3, asks(BAD))), *answer], 80),
           scene([(0, PSH | ACK, fine + headers(3, asks(BAD, b"\xbf"))), *answer], 80))
    yield ("HTTP/2, a field of the table, in CONTINUATION",
           scene([(0, PSH | ACK, fine + headers(3, asks(BAD), b"")), *answer], 80),
           scene([(0, PSH | ACK, fine + headers(3, asks(BAD), b"", b"\xbf")), *answer], 80))
    field = "Sec-Purpose: prefetch"
    yield ("one of two requests of a segment",
           scene(says(get(FINE, fields=[field]) + get(BAD), ANSWER * 2), 80),
           scene(says(get(FINE) + get(BAD, fields=[field]), ANSWER * 2), 80))
    yield ("one of two, one after the other",
           scene(says(get(FINE, fields=[field]), ANSWER, get(BAD), ANSWER), 80),
           scene(says(get(FINE), ANSWER, get(BAD, fields=[field]), ANSWER), 80))
    yield ("a field that is folded",
           scene(says(get(BAD, fields=["Sec-Purpose:", " other"]), ANSWER), 80),
           scene(says(get(BAD, fields=["Sec-Purpose:", " prefetch"]), ANSWER), 80))
    asked = connect(BAD)
    whole = asked[0][:-2] + b"Sec-Purpose: prefetch;anonymous-client-ip\r\n\r\n"
    yield ("a tunnel through a proxy", scene(says(*asked, tls(BAD), HELLO), 8080),
           scene(says(whole, asked[1], tls(BAD), HELLO), 8080))
    up = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"]
    switched = b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    yield ("an Upgrade", scene(says(get(BAD, fields=up), switched + SETTINGS, PREFACE), 80),
           scene(says(get(BAD, fields=[*up, field]), switched + SETTINGS, PREFACE), 80))


def answered(played, site, *records, kind=1, client=CLIENT, resolver=RESOLVER, ident=7, who=USER):
    """A lookup with such an answer."""
    played.port += 1
    for src, dst, ports, message, macs in (
            (client, resolver, (played.port, 53), dns(ident, 0x100, (1, 0, 0, 0),
                                                      question(site, kind)), (who, ROUTER)),
            (resolver, client, (53, played.port), dns(ident, 0x8180, (1, len(records), 0, 0),
                                                      question(site, kind), *records),
             (ROUTER, who))):
        played.put(src, dst, UDP, udp(*ports, message), macs)
    return played


def hint(where):
    """Of HTTPS (RFC 9460): this name, IPv4 hint."""
    return record(pointer(12), 65, 1, 300, b"\0\1\0" + struct.pack(">HH", 4, 4) + addr(where))


def aliased(site, to, where):
    target = name(to)
    return (record(pointer(12), 5, 1, 300, target), record(target, 1, 1, 300, addr(where)))


def shared():
    one = Scene().lookup(BAD, SERVER).wait(1).tcp(tls(BAD), port=443)
    both = answered(answered(Scene(), FINE, hint(SERVER), kind=65), BAD, hint(SERVER), kind=65)
    yield "two names for one address, by HTTPS", one, both.wait(1).tcp(tls(), port=443)
    both = answered(answered(Scene(), FINE, *aliased(FINE, "a.cdn.example", SERVER)), BAD,
                    *aliased(BAD, "b.cdn.example", SERVER))
    yield "two names for one address, by aliases", one, both.wait(1).tcp(tls(), port=443)
    yield ("two names for one address, asked behind the connection's hello", one,
           Scene().lookup(FINE, SERVER).lookup(BAD, SERVER).wait(1).tcp(
               b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n", port=22))
    yield ("two names for one address, QUIC", Scene().lookup(BAD, SERVER).wait(1).quic(hello(BAD)),
           Scene().lookup(FINE, SERVER).lookup(BAD, SERVER).wait(1).quic(hello()))


def arp(sender, address, to="10.9.0.1"):
    return ether(mac(sender), b"\xff" * 6, struct.pack(">HHBBH", 1, 0x800, 6, 4, 1) + mac(sender) +
                 addr(address) + bytes(6) + addr(to), 0x806)


def put_frame(played, frame):
    played.frames.append((played.now, frame))
    played.now += 1
    return played


def moved():
    def announced(sender):
        return put_frame(Scene(), arp(sender, CLIENT, CLIENT))

    yield ("who had the address before, by ARP", announced(USER).wait(60).tcp(WEB),
           announced(OTHER).wait(60).tcp(WEB))

    def lent(station, played=None):
        played = played or Scene()
        for frame in leased(station, "request", CLIENT):
            put_frame(played, frame)
        return played

    yield ("who had the address before, by DHCP", lent(USER).wait(60).tcp(WEB),
           lent(OTHER).wait(60).tcp(WEB))

    def routed(first):
        played = lent(USER, lent(first).wait(60)).wait(5)
        return played.tcp(WEB, who=9, ttl=63)

    yield "a lease behind a router that is another machine's now", routed(USER), routed(OTHER)
    yield ("who has the address afterwards, and before",
           Scene().tcp(get(FINE)).wait(30).tcp(WEB),
           Scene().tcp(get(FINE)).wait(30).tcp(get(FINE), who=OTHER).wait(30).tcp(WEB))


def decoy():
    pad = ["X-Pad: " + "y" * 80]
    bad, fine = get(BAD, fields=pad), get("www.abc.example", fields=pad)
    half = bad.index(b"bad.ex")
    steps = [(0, PSH | ACK, bad[half:half + 12], half + 1), (0, PSH | ACK, fine)]
    end = [(1, PSH | ACK, ANSWER, None, len(bad) + 1), (0, ACK, b"")]
    yield ("a few bytes in the middle", scene([(0, PSH | ACK, bad), *end], 80),
           scene([*steps, *end], 80))


def esni():
    message = hello(FINE)
    grown = message[4:]
    at = 2 + 32 + 1 + 4 + 2
    extensions = grown[at + 2:] + extension(0xffce, b"\x13\1\0\x1d" + bytes(300))
    body = grown[:at] + struct.pack(">H", len(extensions)) + extensions
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack(">H", len(message)) + message


def no_name():
    """A ClientHello with the old extension, and no name of its own."""
    body = b"\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0"
    extensions = extension(0xffce, b"\x13\1\0\x1d" + bytes(300))
    body += struct.pack(">H", len(extensions)) + extensions
    message = b"\1" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack(">H", len(message)) + message


def hidden():
    def asked():
        return Scene().lookup(BAD, SERVER).wait(1)

    end = [(1, PSH | ACK, HELLO), (0, ACK, b"")]
    for what, message in (("of the draft before it", no_name()), ("beside a name", esni())):
        yield (f"the extension {what}", asked().tcp(tls(BAD), port=443),
               asked().tcp(message, port=443))
    secret = tls("cloudflare-ech.com", encrypted=True)
    yield ("in two segments", asked().steps([*OPEN, (0, PSH | ACK, tls(BAD)), *end], port=443),
           asked().steps([*OPEN, (0, PSH | ACK, secret[:60]), (0, PSH | ACK, secret[60:]), *end],
                         port=443))
    body = secret[5:]
    records = b"".join(b"\x16\3\1" + struct.pack(">H", len(piece)) + piece
                       for piece in (body[:40], body[40:]))
    yield ("in two records", asked().steps([*OPEN, (0, PSH | ACK, tls(BAD)), *end], port=443),
           asked().steps([*OPEN, (0, PSH | ACK, records), *end], port=443))
    proxied = b"PROXY TCP4 10.9.0.5 192.0.2.80 50000 443\r\n"
    yield ("behind the head of a proxy",
           asked().steps([*OPEN, *says(proxied, b"", tls(BAD), HELLO)], port=443),
           asked().steps([*OPEN, *says(proxied, b"", secret, HELLO)], port=443))


def over_tcp(site, to):
    def framed(message):
        return struct.pack(">H", len(message)) + message

    asked = dns(7, 0x100, (1, 0, 0, 0), question(site, 1))
    told = dns(7, 0x8180, (1, 1, 0, 0), question(site, 1),
               record(pointer(12), 1, 1, 3600, addr(to)))
    return Scene().steps([*OPEN, *says(framed(asked), framed(told))], port=53, server=RESOLVER)


def unasked():
    yield ("asked over TCP", over_tcp(BAD, SERVER).wait(1).tcp(WEB),
           over_tcp(FINE, "192.0.2.99").wait(1).tcp(WEB))
    yield ("asked by HTTPS", answered(Scene(), BAD, hint(SERVER), kind=65).wait(1).tcp(
        tls(BAD), port=443), answered(Scene(), FINE, hint("192.0.2.99"), kind=65).wait(1).tcp(
            tls(BAD), port=443))
    yield ("another name of the same domain", Scene().lookup(BAD, SERVER).wait(1).tcp(WEB),
           Scene().lookup("mail.bad.example", RESOLVER).wait(1).tcp(WEB))
    yield ("through an alias", answered(Scene(), BAD, *aliased(BAD, "b.cdn.example", SERVER)).wait(
        1).tcp(WEB), answered(Scene(), FINE, *aliased(FINE, "b.cdn.example", SERVER)).wait(1).tcp(
            WEB))


def cut_dns(size):
    filler = record(pointer(12), 16, 1, 300, b"\xc8" + b"t" * 200)
    played = answered(Scene(snap_len=size), BAD, filler,
                      record(pointer(12), 1, 1, 300, addr(SERVER)))
    return played.wait(1).tcp(tls(BAD, padding=900), port=443)


def limited():
    def asked():
        return Scene().lookup(BAD, SERVER).wait(1)

    size = 1300
    many = [b"\0" + b"\7x-" + b"%05d" % i + b"\x7f\x81\6" + b"y" * 900 for i in range(80)]
    big = PREFACE + headers(1, b"\x82\x86\x84" + b"".join(many[:15]), *[b"".join(
        many[i:i + 15]) for i in range(15, 75, 15)], b"\x41" + text(BAD))
    settle = [(1, PSH | ACK, SETTINGS), (0, ACK, b"")]
    yield ("a head of HTTP/2 longer than is kept",
           asked().steps([*OPEN, (0, PSH | ACK, PREFACE + headers(1, asks(BAD))), *settle],
                         port=80),
           asked().steps([*OPEN, *[(0, PSH | ACK, big[i:i + size]) for i in range(
               0, len(big), size)], *settle], port=80))
    yield "an answer of DNS that was cut", cut_dns(65535), cut_dns(200)


KINDS = {"prefetch": prefetch, "moved": moved, "decoy": decoy, "hidden": hidden,
          "unasked": unasked, "limited": limited, "shared": shared}
