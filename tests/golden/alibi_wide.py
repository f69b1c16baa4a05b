# SPDX-License-Identifier: Apache-2.0
"""More pairs for alibi.py, over all protocols that name sites, and over both versions of IP.  Here
the guilty one is strong, too.
"""
from alibi_scene import (ANSWER, BAD, CLIENT, FINE, OTHER, OUTSIDER, RESOLVER, ROUTER, RST, SERVER,
                         USER, Scene, get, hello, tls)
from make import ACK, FIN, PSH, SYN

WEB = get(BAD)
SIX = {"client": "fd00:9::5", "server": "2001:db8::80"}
OPEN = [(0, SYN, b""), (1, SYN | ACK, b""), (0, ACK, b"")]
NO_SIDES = {}


def http2(host, *fields):
    """A first request of HTTP/2 in clear, no field packed."""
    def text(value):
        return bytes([len(value)]) + value.encode()

    block = b"\x82\x86\x84\x41" + text(host)
    for name, value in fields:
        block += b"\0" + text(name) + text(value)
    return (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0" +
            len(block).to_bytes(3, "big") + b"\1\5\0\0\0\1" + block)


SAYS = (("HTTP", 80, get(BAD), get(FINE), ANSWER),
        ("TLS", 443, tls(BAD), tls(FINE), b"\x16\3\3\0\4\2\0\0\0"),
        ("HTTP/2", 80, http2(BAD), http2(FINE), b"\0\0\0\4\0\0\0\0\0"))


def forged():
    for name, port, bad, fine, answer in SAYS:
        for sides in (NO_SIDES, SIX):
            def after(*steps):
                return Scene().steps(list(steps), port=port, **sides)

            says, end = (0, PSH | ACK, bad), [(1, PSH | ACK, answer), (0, ACK, b"")]
            version = "IPv6" if sides else "IPv4"
            yield (f"{name}, {version}: behind the reset of whose name it is",
                   after(*OPEN, says, *end),
                   after(*OPEN[:2], (0, RST, b""), OPEN[2], says))
            yield (f"{name}, {version}: likewise, and whoever forges sees the answers",
                   after(*OPEN, says, *end),
                   after(*OPEN[:2], (0, RST, b""), OPEN[2], says, *end))
            yield (f"{name}, {version}: whose name it is denies it afterwards",
                   after(*OPEN, says, *end, (0, RST, b"")),
                   after(*OPEN, says, (0, RST, b"", 1)))
            yield (f"{name}, {version}: behind an end that was taken",
                   after(*OPEN, says, *end, (0, FIN | ACK, b""), (1, FIN | ACK, b"")),
                   after(*OPEN, (0, FIN | ACK, b""), (1, ACK, b""), says, (1, ACK, b"", None, 2)))
            yield (f"{name}, {version}: far ahead, and never acknowledged",
                   after(*OPEN, says, *end),
                   after(*OPEN, (0, PSH | ACK, bad, 20000), (1, ACK, b"")))
            yield (f"{name}, {version}: behind the reset of the other side",
                   after(*OPEN, says, *end),
                   after(*OPEN, (1, RST | ACK, b""), says))
    for how in (NO_SIDES, SIX, {"token": b"retry-token-of-the-server"}, {"chosen": b""},
                {"token": b"retry-token-of-the-server", "chosen": b""},
                {"chosen": b"clients-id"}):
        yield (f"QUIC, answered: {how}", Scene().quic(hello(BAD), **how),
               Scene().quic(hello(BAD), sees=False, **how))


def shared():
    """However many names were asked for behind the listed one, at whichever address of the machine."""
    for n in (7, 8, 9, 20):
        for sides, asks in ((NO_SIDES, {}), (SIX, {"client": SIX["client"],
                                                   "resolver": "fd00:9::53"})):
            server = sides.get("server", SERVER)
            innocent = Scene().lookup(BAD, server, **asks)
            for i in range(n):
                innocent.lookup(f"site-{i}.example", server, **asks)
            yield (f"{n} more names, {asks}",
                   Scene().lookup(BAD, server, **asks).wait(1).tcp(tls(BAD), port=443, **sides),
                   innocent.wait(1).tcp(tls(), port=443, **sides))


def decoy():
    """Of several requests that are under way each may be another one."""
    for sides in (NO_SIDES, SIX):
        asked = get(FINE, "/a") + get(BAD, "/b.exe") + get(BAD, "/c.exe")
        other = get(FINE, "/a") + get(FINE, "/b.exe") + get(FINE, "/c.exe")
        answers = [(1, PSH | ACK, ANSWER)] * 3 + [(0, ACK, b"")]
        begin = [*OPEN, (0, PSH | ACK, other)]
        yield (f"the later ones of a pipeline, {sides}",
               Scene().steps([*OPEN, (0, PSH | ACK, asked), *answers], **sides),
               Scene().steps([*begin, (0, PSH | ACK, asked, 1), *answers], **sides))


    for name, port, bad, fine, answer in SAYS:
        for sides in (NO_SIDES, SIX):
            def after(*steps):
                return Scene().steps([*OPEN, *steps, (1, PSH | ACK, answer), (0, ACK, b"")],
                                     port=port, **sides)

            yield (f"{name}, {sides}: the decoy comes first, and nothing tells",
                   after((0, PSH | ACK, bad)),
                   after((0, PSH | ACK, bad, 1), (0, PSH | ACK, fine)))


KINDS = (forged, shared, decoy)
