# SPDX-License-Identifier: Apache-2.0
"""More pairs for alibi.py: what is asked through relays and proxies.  Whoever asks through one of
ours is an outsider, and so is who asks back through one that we opened.
"""
import struct

from alibi_scene import (ANSWER, BAD, CLIENT, FINE, OUTSIDER, ROUTER, SERVER, USER, Scene, get,
                         tls)
from alibi_wide import OPEN, SIX
from make import ACK, PSH, UDP, addr, udp

HELLO = b"\x16\3\3\0\4\2\0\0\0"
OURS = {"client": OUTSIDER, "server": CLIENT, "macs": (ROUTER, USER)}
OURS6 = {"client": SIX["server"], "server": SIX["client"], "macs": (ROUTER, USER)}
COOKIE = b"\x21\x12\xa4\x42"


def says(*lines):
    """Alternately, the client first; an empty line is passed over."""
    return [(i % 2, PSH | ACK, line) for i, line in enumerate(lines) if line] + [(0, ACK, b"")]


def socks5(name):
    asked = b"\5\1\0\3" + bytes([len(name)]) + name.encode() + b"\1\xbb"
    return [b"\5\1\0", b"\5\0", asked, b"\5\0\0\1\0\0\0\0\0\0"]


def socks4(name):
    return [b"\4\1\1\xbb\0\0\0\1me\0" + name.encode() + b"\0", b"\0\x5a\0\0\0\0\0\0"]


def connect(name):
    return [f"CONNECT {name}:443 HTTP/1.1\r\nHost: {name}:443\r\n\r\n".encode(),
            b"HTTP/1.1 200 OK\r\n\r\n"]


def stun(kind, *attributes, transaction=b"abcdefghijkl"):
    block = b"".join(struct.pack(">HH", number, len(value)) + value + bytes(-len(value) % 4)
                     for number, value in attributes)
    return struct.pack(">HH", kind, len(block)) + COOKIE + transaction + block


def peer(host, port):
    hidden = bytes(a ^ b for a, b in zip(addr(host), COOKIE))
    return 0x12, b"\0\1" + struct.pack(">H", port ^ 0x2112) + hidden


def bound():
    """RFC 6062: the connection that goes to the peer."""
    return [stun(0x0b, (0x2a, b"\0\0\0\7")), stun(0x10b)]


def asked_there(to):
    """RFC 6062: the connection that asks for it."""
    return says(stun(3), stun(0x103), stun(0x0a, peer(to, 443)),
                stun(0x10a, (0x2a, b"\0\0\0\7")))


TALKS = (("SOCKS 5", 1080, socks5), ("SOCKS 4a", 1080, socks4), ("CONNECT", 8080, connect))


def scene(steps, port=443, **how):
    return Scene().steps([*OPEN, *steps], port=port, **how)


def carried(asks_from_peer, udp_port=3478):
    """A request in a relay's channel: by who opened it, or by the peer behind the relay."""
    played = Scene()
    asked = get(BAD)
    out, back = ((0x16, 0x17) if not asks_from_peer else (0x17, 0x16))
    ports = (40001, udp_port)

    def put(up, message):
        step = 1 if up else -1
        played.put(*(CLIENT, SERVER)[::step], UDP, udp(*ports[::step], message),
                   (USER, ROUTER)[::step])

    put(True, stun(3))
    put(False, stun(0x113, (9, b"\0\0\4\1"), (0x14, b"relay.example"), (0x15, b"some-nonce")))
    put(True, stun(3, (0x15, b"some-nonce")))
    put(False, stun(0x103))
    there = peer("198.51.100.53", 80)
    put(not asks_from_peer, stun(out, there, (0x13, asked)))
    put(asks_from_peer, stun(back, there, (0x13, ANSWER)))
    return played


def server():
    for name, port, talk in TALKS:
        for sides, ours in (({}, OURS), (SIX, OURS6)):
            for what, inside in (("a hello", (tls(BAD), HELLO)), ("a request", (get(BAD), ANSWER))):
                lines = [*talk(BAD), *inside]
                yield (f"{what} through {name}, {sides}", scene(says(*lines), port, **sides),
                       scene(says(*lines), port, **ours))
    whole = b"GET http://" + BAD.encode() + b"/tool.exe HTTP/1.1\r\nHost: " + BAD.encode()
    whole += b"\r\n\r\n"
    yield ("a page through a proxy", scene(says(whole, ANSWER), 8080),
           scene(says(whole, ANSWER), 8080, **OURS))
    lines = [*bound(), tls(BAD), HELLO]
    yield ("a hello through a relay that connects", scene(says(*lines), 3478),
           scene(says(*lines), 3478, **OURS))
    yield "a request in datagrams of a relay", carried(False), carried(True)
    for name, port, talk in TALKS[:2]:
        lines = [*talk(BAD), tls(BAD), HELLO]
        back = [(1 - step[0], *step[1:]) for step in says(*lines)]
        yield (f"a hello by {name} over a connection that our side opened",
               scene(says(*lines), port), scene([*back, (0, ACK, b"")], 4444))
    for what, inside in (("a hello", (tls(BAD), HELLO)), ("a request", (get(BAD), ANSWER))):
        for head in (b"PROXY TCP4 203.0.113.66 10.9.0.5 50000 443\r\n",
                     b"PROXY TCP6 2001:db8::66 fd00:9::5 50000 443\r\n",
                     b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + addr(OUTSIDER) + addr(CLIENT) +
                     b"\xc3\x50\1\xbb",
                     b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24" + addr("2001:db8::66") +
                     addr("fd00:9::5") + b"\xc3\x50\1\xbb"):
            own = b"PROXY UNKNOWN\r\n" if head[:1] == b"P" else b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"
            yield (f"{what} behind {head[:18]}", scene(says(own, b"") + says(*inside)),
                   scene(says(head, b"") + says(*inside)))


def nat():
    for what, inside in (("a hello", (tls(BAD), HELLO)), ("a request", (get(BAD), ANSWER))):
        head = b"PROXY TCP4 10.77.0.9 192.0.2.80 50000 443\r\n"
        own = b"PROXY TCP4 10.9.0.5 192.0.2.80 50000 443\r\n"
        yield (f"{what} behind the head of a proxy", scene(says(own, b"") + says(*inside)),
               scene(says(head, b"") + says(*inside)))
        refused = [connect(FINE)[0], b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"]
        granted = [*connect(FINE), tls(FINE), HELLO]
        yield (f"{what} after a CONNECT of an outsider's, refused or not", *[
            scene(says(*lines), 8080, **OURS).wait(1).steps([*OPEN, *says(*inside)], port=443)
            for lines in (refused, granted)])
        for name, port, talk in TALKS:
            lines = [*talk(FINE), tls(FINE), HELLO]
            yield (f"{what} after {name} for an outsider",
                   scene(says(*lines), port).wait(1).steps([*OPEN, *says(*inside)], port=443),
                   scene(says(*lines), port, **OURS).wait(1).steps([*OPEN, *says(*inside)],
                                                                   port=443))


def called(*steps):
    """Both of WebRTC find a way to each other, then the outside one says hello, and so on: who, and
    his datagram.
    """
    played = Scene()
    for up, datagram in ((True, stun(1)), (False, stun(0x101)), *steps):
        step = 1 if up else -1
        played.put(*(CLIENT, OUTSIDER)[::step], UDP, udp(*(40001, 40002)[::step], datagram),
                   (USER, ROUTER)[::step])
    return played


def dtls(kind, epoch, body):
    return struct.pack(">BHHIHH", kind, 0xfefd, epoch, 0, 0, len(body)) + body


def handshake(kind, body):
    size = len(body).to_bytes(3, "big")
    return dtls(22, 0, bytes([kind]) + size + bytes(5) + size + body)


def forged():
    """Whose name the answer to a hello bears saw that hello, if the other one goes on by it."""
    asks = handshake(1, b"\xfe\xfd" + bytes(32) + b"\0\0\0\2\xc0\x2b\1\0")
    tells = handshake(2, b"\xfe\xfd" + bytes(32) + b"\0\xc0\x2b\0")
    goes_on = dtls(22, 1, bytes(40))
    for what, end in (("nothing comes", []), ("the same comes again", [(False, asks)]),
                      ("it is refused", [(False, dtls(21, 0, b"\2\x28"))])):
        yield (f"DTLS that the user answers, and {what}",
               called((False, asks), (True, tells), (False, goes_on)),
               called((False, asks), (True, tells), *end))


WEAK = {"forged": forged}
KINDS = {"server": server, "nat": nat}
