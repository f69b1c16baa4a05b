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
    """However many names were asked for behind the listed one."""
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


def talk(*steps, port, **how):
    return Scene().steps([*OPEN, *steps], port=port, **how)


def mail(port, name, greeting):
    """TLS behind a talk in clear."""
    return [*[(1 - i % 2, PSH | ACK, line) for i, line in enumerate(greeting)],
            (0, PSH | ACK, tls(name)), (1, PSH | ACK, SAYS[1][4]), (0, ACK, b"")]


SMTP = (b"220 mx\r\n", b"EHLO me\r\n", b"250-mx\r\n250 STARTTLS\r\n", b"STARTTLS\r\n",
        b"220 go\r\n")
IMAP = (b"* OK ready\r\n", b"a STARTTLS\r\n", b"a OK go\r\n")
def plain(index):
    return lambda host: [(0, PSH | ACK, SAYS[index][2] if host == BAD else SAYS[index][3]),
                         (1, PSH | ACK, SAYS[index][4]), (0, ACK, b"")]


NAMERS = [(f"{name} {'IPv6' if sides else 'IPv4'}", port, sides, plain(index))
          for index, (name, port, *_) in enumerate(SAYS) for sides in (NO_SIDES, SIX)]
NAMERS += [("SMTP", 25, NO_SIDES, lambda host: mail(25, host, SMTP)),
           ("IMAP", 143, NO_SIDES, lambda host: mail(143, host, IMAP)),
           ("SMTP IPv6", 587, SIX, lambda host: mail(587, host, SMTP))]


def prefetch():
    def of(*fields):
        return http2(BAD, *fields)

    for field, value in (("sec-purpose", "prefetch;prerender"), ("sec-purpose", "x, prefetch"),
                         ("purpose", "preview"), ("x-purpose", "instant"), ("x-moz", "prefetch"),
                         ("next-router-prefetch", "1"), ("hx-preloaded", "true")):
        for sides in (NO_SIDES, SIX):
            said = [(1, PSH | ACK, ANSWER), (0, ACK, b"")]
            yield (f"{field}: {value}", talk((0, PSH | ACK, WEB), *said, port=80, **sides),
                   talk((0, PSH | ACK, get(BAD, fields=[f"{field}: {value}"])), *said, port=80,
                        **sides))
        answer = [(1, PSH | ACK, SAYS[2][4]), (0, ACK, b"")]
        yield (f"{field}: {value}, HTTP/2", talk((0, PSH | ACK, of()), *answer, port=80),
               talk((0, PSH | ACK, of((field, value))), *answer, port=80))


def nat():
    for field, value in (("X-IMForwards", "20"), ("X-Proxy-ID", "1234"), ("Max-Forwards", "10"),
                         ("Proxy-Connection", "keep-alive"), ("X-Real-IP", "10.77.0.9"),
                         ("X-Client-IP", "10.77.0.9"), ("Client-IP", "10.77.0.9"),
                         ("X-Cluster-Client-IP", "10.77.0.9"), ("X-Remote-Addr", "10.77.0.9"),
                         ("CDN-Loop", "proxy"), ("X-Forward-For", "10.77.0.9")):
        said = [(1, PSH | ACK, ANSWER), (0, ACK, b"")]
        yield (field, talk((0, PSH | ACK, WEB), *said, port=80),
               talk((0, PSH | ACK, get(BAD, fields=[f"{field}: {value}"])), *said, port=80))
        answer = [(1, PSH | ACK, SAYS[2][4]), (0, ACK, b"")]
        yield (f"{field}, HTTP/2", talk((0, PSH | ACK, http2(BAD)), *answer, port=80),
               talk((0, PSH | ACK, http2(BAD, (field.lower(), value))), *answer, port=80))
    for what, port, sides, says in NAMERS:
        def after(ttl):
            return Scene().tcp(get(FINE), ttl=ttl, **sides).wait(20)

        yield (f"{what}, behind packets from another distance", after(64).steps(
            [*OPEN, *says(BAD)], port=port, **sides), after(128).steps(
                [*OPEN, *says(BAD)], port=port, **sides))
    for sides in (NO_SIDES, SIX):
        yield (f"QUIC, {sides}", Scene().tcp(get(FINE), **sides).wait(20).quic(hello(BAD), **sides),
               Scene().tcp(get(FINE), ttl=128, **sides).wait(20).quic(hello(BAD), **sides))


def moved():
    for what, port, sides, says in NAMERS:
        for vlan in (None, 30):
            def after(who):
                return Scene(vlan=vlan).tcp(get(FINE), who=who, **sides).wait(60)

            steps = [*OPEN, *says(BAD)]
            yield (f"{what}, VLAN {vlan}", after(USER).steps(steps, port=port, **sides),
                   after(OTHER).steps(steps, port=port, **sides))
    for sides in (NO_SIDES, SIX):
        def quic_after(who):
            return Scene().quic(hello(FINE), who=who, **sides).wait(60).quic(hello(BAD), **sides)

        yield f"QUIC, {sides}", quic_after(USER), quic_after(OTHER)


def server():
    for what, port, sides, says in NAMERS:
        ours = {"client": sides.get("server", OUTSIDER), "server": sides.get("client", CLIENT)}
        yield (what, talk(*says(BAD), port=port, **sides),
               talk(*says(BAD), port=port, who=ROUTER, **ours))
    yield ("QUIC", Scene().quic(hello(BAD)), Scene().quic(
        hello(BAD), client=OUTSIDER, server=CLIENT, macs=((ROUTER, USER), (USER, ROUTER))))
    yield ("QUIC, IPv6", Scene().quic(hello(BAD), **SIX), Scene().quic(
        hello(BAD), client=SIX["server"], server=SIX["client"],
        macs=((ROUTER, USER), (USER, ROUTER))))


def hidden():
    for sides, asks in ((NO_SIDES, {}), (SIX, {"client": SIX["client"], "resolver": "fd00:9::53"})):
        def asked():
            return Scene().lookup(BAD, sides.get("server", SERVER), **asks).wait(1)

        outer = "cloudflare-ech.com"
        answer = [(1, PSH | ACK, SAYS[1][4]), (0, ACK, b"")]
        yield (f"TLS, {sides}", asked().steps([*OPEN, (0, PSH | ACK, tls(BAD)), *answer], port=443,
                                              **sides),
               asked().steps([*OPEN, (0, PSH | ACK, tls(outer, encrypted=True)), *answer], port=443,
                             **sides))
        yield (f"QUIC, {sides}", asked().quic(hello(BAD), **sides),
               asked().quic(hello(outer, encrypted=True), **sides))
        for port, greeting in ((25, SMTP), (143, IMAP)):
            behind = [(1 - i % 2, PSH | ACK, line) for i, line in enumerate(greeting)]
            yield (f"STARTTLS on {port}, {sides}",
                   asked().steps([*OPEN, *behind, (0, PSH | ACK, tls(BAD)), *answer], port=port,
                                 **sides),
                   asked().steps([*OPEN, *behind, (0, PSH | ACK, tls(outer, encrypted=True)),
                                  *answer], port=port, **sides))


def unasked():
    for what, port, sides, says in NAMERS:
        asks = {"client": SIX["client"], "resolver": "fd00:9::53"} if sides else {}
        to = sides.get("server", SERVER)
        yield (what, Scene().lookup(BAD, to, **asks).wait(1).steps([*OPEN, *says(BAD)], port=port,
                                                                   **sides),
               Scene().lookup(FINE, "192.0.2.99" if not sides else "2001:db8::99", **asks).wait(
                   1).steps([*OPEN, *says(BAD)], port=port, **sides))


def tunnel():
    """Of `forged`: both sides of it out of a tunnel."""
    for what, port, sides, says in NAMERS:
        yield (f"{what}, out of an outsider's tunnel",
               talk(*says(BAD), port=port, **sides).tunnelled("10.9.0.200", "10.9.0.201"),
               talk(*says(BAD), port=port, **sides).tunnelled(OUTSIDER, "10.9.0.201", both=False))
    yield ("a tunnel into which home sends, too",
           talk(*NAMERS[0][3](BAD), port=80).tunnelled("10.9.0.200", "203.0.113.9"),
           talk(*NAMERS[0][3](BAD), port=80).tunnelled("203.0.113.9", "10.9.0.200", both=False))


def all_forged():
    yield from forged()
    yield from tunnel()


KINDS = {"forged": all_forged, "prefetch": prefetch, "shared": shared, "nat": nat, "moved": moved,
         "server": server, "decoy": decoy, "hidden": hidden, "unasked": unasked}
