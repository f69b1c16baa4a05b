#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The alibi: pairs of captures, one of somebody who was there and one with an innocent explanation,
which differ in that alone.  Whoever is guilty is named, without that doubt; where the explanation
holds, the record says which, and of what would make the user another one, or his deed none, it is
nowhere strong.

usage: alibi.py NTA

A row: kind of doubt, what is played, the guilty scene, the innocent one.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import alibi_forms
import alibi_relay
import alibi_wide
from alibi_scene import (BAD, CLIENT, FINE, OTHER, OUTSIDER, RESOLVER, ROUTER, SERVER, USER, Scene,
                         get, hello, tls)

WIDE = {name: [pair for more in (alibi_wide, alibi_relay, alibi_forms) if name in more.KINDS
               for pair in more.KINDS[name]()] for name in (*alibi_wide.KINDS, "limited")}
LIST = f"bad.example\n{OUTSIDER}\n"
NEVER_STRONG = ("forged", "prefetch", "nat", "moved", "server", "decoy", "shared", "hidden")
WEB = get(BAD)
SERVERS_MACS = ((ROUTER, USER), (USER, ROUTER))
PHONE = "User-Agent: Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36"
LAPTOP = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
PAD = "User-Agent: Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
V6, RESOLVER6 = "fd00:9::5", "fd00:9::53"
PUBLIC = "cloudflare-ech.com"


def forged():
    yield ("a request with a guessed acknowledgement", Scene().tcp(WEB), Scene().blind(WEB))
    yield ("likewise, beside the reset of whose name it is", Scene().tcp(WEB),
           Scene().blind(WEB, reset=True))
    yield ("a hello with a guessed acknowledgement", Scene().tcp(tls(BAD), port=443),
           Scene().blind(tls(BAD), port=443))
    yield "an Initial of QUIC", Scene().quic(hello(BAD)), Scene().quic(hello(BAD), answers=False)
    six = {"client": V6, "server": "2001:db8::80"}
    yield ("a request with a guessed acknowledgement, IPv6", Scene().tcp(WEB, **six),
           Scene().blind(WEB, **six))
    yield "a request in the SYN", Scene().early(WEB), Scene().early(WEB, is_there=False)
    yield "a file over TFTP", Scene().tftp(), Scene().tftp(takes=False)
    known = Scene().lookup(FINE, SERVER)
    yield ("a request into a connection that somebody overhears",
           known.tcp(WEB), Scene().lookup(FINE, SERVER).tcp(WEB, joined=OTHER))
    yield ("a hello into a connection that somebody overhears", Scene().tcp(tls(BAD), port=443),
           Scene().tcp(tls(BAD), port=443, joined=OTHER))


def prefetch():
    for field in ("Sec-Purpose: prefetch", "Sec-Purpose: prefetch;prerender", "Purpose: prefetch",
                  "X-Purpose: preview", "X-moz: prefetch", "sec-purpose:prefetch",
                  "Sec-Purpose: \"prefetch\"", "Sec-Purpose: prefetch;anonymous-client-ip",
                  "Sec-Speculation-Tags: null"):
        yield (field, Scene().tcp(get(BAD, fields=["Sec-Fetch-Mode: navigate"])),
               Scene().tcp(get(BAD, fields=["Sec-Fetch-Mode: navigate", field])))


def shared():
    at = {"server": OUTSIDER}
    yield ("an address, and a request for another site", Scene().tcp(get(OUTSIDER), **at),
           Scene().tcp(get(FINE), **at))
    yield ("an address, and a hello for another site", Scene().tcp(tls(BAD), port=443, **at),
           Scene().tcp(tls(FINE), port=443, **at))
    yield ("an address, and a hello without a name", Scene().tcp(tls(BAD), port=443, **at),
           Scene().tcp(tls(), port=443, **at))
    one = Scene().lookup(BAD, SERVER).wait(1).tcp(tls(), port=443)
    two = Scene().lookup(FINE, SERVER).lookup(BAD, SERVER).wait(1).tcp(tls(), port=443)
    yield "two names for one address", one, two
    yield ("three names for one address, the listed one is the oldest", one, Scene().lookup(
        BAD, SERVER).lookup(FINE, SERVER).lookup("a.example", SERVER).wait(1).tcp(
            tls(), port=443))
    yield ("an address, and QUIC without a name", Scene().quic(hello(BAD), **at),
           Scene().quic(hello(), **at))
    yield ("an address, and bytes that nobody knows", Scene().tcp(get(OUTSIDER), **at),
           Scene().tcp(b"\0\1\2\3" * 4, b"\4\5\6\7", port=4444, **at))
    yield ("asked for at another address of the machine",
           Scene().lookup(BAD, SERVER).wait(1).tcp(tls(), port=443),
           Scene().lookup(BAD, SERVER, client=V6, resolver=RESOLVER6).wait(1).tcp(tls(), port=443))


def nat():
    def after(*first, **how):
        return Scene().tcp(get(FINE, fields=first), **how).wait(30)

    yield ("packets that begin at 128 and at 64", after(ttl=64).tcp(WEB), after(ttl=128).tcp(WEB))
    yield ("packets that come over another router", Scene().lookup(FINE, SERVER).tcp(WEB),
           Scene().lookup(FINE, SERVER).tcp(get(FINE), ttl=63).tcp(WEB))
    yield ("packets that somebody behind the address sent", Scene().lookup(FINE, SERVER).tcp(WEB),
           Scene().lookup(FINE, SERVER).tcp(WEB, ttl=127))
    for other in (PHONE, PAD):
        yield (f"two systems: {other[:40]}", after(LAPTOP).tcp(get(BAD, fields=[LAPTOP])),
               after(other).tcp(get(BAD, fields=[LAPTOP])))
    for field in ("X-Forwarded-For: 10.77.0.9", "Via: 1.1 proxy", "Forwarded: for=10.77.0.9",
                  "True-Client-IP: 10.77.0.9", "X-ProxyUser-Ip: 10.77.0.9",
                  "X-Original-Forwarded-For: 10.77.0.9", "CF-Connecting-IP: 10.77.0.9",
                  "X-Forwarded-Proto: http", "x-forwarded: for=10.77.0.9", "X-BlueCoat-Via: 1a2b",
                  "X-Azure-ClientIP: 10.77.0.9", "Surrogate-Capability: cache=\"ESI/1.0\""):
        yield field, Scene().tcp(WEB), Scene().tcp(get(BAD, fields=[field]))


def moved():
    def after(who):
        yield Scene().tcp(get(FINE), who=who)
        yield Scene().lookup(FINE, SERVER, who=who)
        yield Scene().tcp(tls(FINE), port=443, who=who)
        yield Scene().quic(hello(FINE), who=who)
        yield Scene().tcp(b"\0\1\2\3", b"\4\5\6\7", port=25565, who=who)
        yield Scene(vlan=30).tcp(get(FINE), who=who)

    for i, (same, other) in enumerate(zip(after(USER), after(OTHER))):
        if i == 1:  # a lookup makes no connection
            same.tcp(get(FINE)), other.tcp(get(FINE), who=OTHER)
        yield f"who had the address before, {i}", same.wait(60).tcp(WEB), other.wait(60).tcp(WEB)
    six = {"client": V6, "server": "2001:db8::80"}
    yield ("who had the address before, IPv6", Scene().tcp(get(FINE), **six).wait(60).tcp(
        WEB, **six), Scene().tcp(get(FINE), who=OTHER, **six).wait(60).tcp(WEB, **six))


def server():
    ours = {"client": OUTSIDER, "server": CLIENT, "macs": SERVERS_MACS}
    theirs = {"server": OUTSIDER}
    noise = (b"\0\1\2\3" * 4, b"\4\5\6\7")
    yield ("a page", Scene().tcp(get(OUTSIDER), **theirs), Scene().tcp(get(CLIENT), **ours))
    yield ("a page, by a name that is listed", Scene().tcp(WEB, **theirs),
           Scene().tcp(WEB, **ours))
    yield ("a hello", Scene().tcp(tls(BAD), port=443, **theirs),
           Scene().tcp(tls(BAD), port=443, **ours))
    yield ("a service that nobody knows", Scene().tcp(*noise, port=4444, **theirs),
           Scene().tcp(*noise, port=4444, **ours))
    yield ("a file over TFTP", Scene().tftp(), Scene().tftp(
        client=OUTSIDER, server=CLIENT, macs=(ROUTER, USER)))
    yield ("a file over TFTP, of which the last block is not acknowledged",
           Scene().tftp(n_acked=1), Scene().tftp(
               client=OUTSIDER, server=CLIENT, macs=(ROUTER, USER), n_acked=1))
    yield ("a login", Scene().tcp(b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n", port=22, **theirs),
           Scene().tcp(b"SSH-2.0-a\r\n", b"SSH-2.0-b\r\n", port=22, **ours))


def decoy():
    """Whose decoy names another site was at the listed one; whose decoy is listed was not."""
    for how in ("checksum", "ttl", "acknowledgement", "signature"):
        yield (f"requests, {how}", Scene().decoyed(WEB, get(FINE), how),
               Scene().decoyed(get(FINE), WEB, how))
        yield (f"hellos, {how}", Scene().decoyed(tls(BAD), tls(FINE), how, port=443),
               Scene().decoyed(tls(FINE), tls(BAD), how, port=443))
    yield ("requests, nothing tells", Scene().tcp(WEB), Scene().decoyed(get(FINE), WEB))
    yield ("hellos, nothing tells", Scene().tcp(tls(BAD), port=443),
           Scene().decoyed(tls(FINE), tls(BAD), port=443))


def hidden():
    def asked():
        return Scene().lookup(BAD, SERVER).wait(1)

    for name in (PUBLIC, "public.tls-ech.dev", "cover.defo.ie", FINE):
        yield (name, asked().tcp(tls(BAD), port=443),
               asked().tcp(tls(name, encrypted=True), port=443))
    yield ("QUIC", asked().quic(hello(BAD)), asked().quic(hello(PUBLIC, encrypted=True)))


def unasked():
    for asked, what in ((tls(BAD), "a hello"), (WEB, "a request")):
        how = {"port": 80 if asked is WEB else 443}
        yield (what, Scene().lookup(BAD, SERVER).wait(1).tcp(asked, **how),
               Scene().lookup(FINE, RESOLVER).wait(1).tcp(asked, **how))
    yield ("QUIC", Scene().lookup(BAD, SERVER).wait(1).quic(hello(BAD)),
           Scene().lookup(FINE, RESOLVER).wait(1).quic(hello(BAD)))
    yield ("asked for by another machine", Scene().lookup(FINE, RESOLVER).lookup(
        BAD, SERVER).wait(1).tcp(WEB), Scene().lookup(FINE, RESOLVER).lookup(
            BAD, SERVER, client="10.9.0.6", who=OTHER).wait(1).tcp(WEB))
    six = {"client": V6, "resolver": RESOLVER6}
    yield ("asked for at another address of the machine", Scene().lookup(FINE, RESOLVER).lookup(
        BAD, SERVER, **six).wait(1).tcp(WEB), Scene().lookup(FINE, RESOLVER).lookup(
            "x" + BAD, SERVER, **six).wait(1).tcp(WEB))
    yield ("asked for in another VLAN", Scene().lookup(FINE, RESOLVER, vlan=10).lookup(
        BAD, SERVER, vlan=10).wait(1).tcp(WEB, vlan=10), Scene().lookup(
            FINE, RESOLVER, vlan=10).lookup(BAD, SERVER, vlan=20).wait(1).tcp(WEB, vlan=10))


def limited():
    long_head = get(None, fields=[f"X-{i}: " + "y" * 900 for i in range(80)] + [f"Host: {BAD}"])

    def at(snap_len):
        return Scene(snap_len=snap_len).lookup(BAD, SERVER).wait(1)

    yield "an Initial that was cut", at(65535).quic(hello(BAD)), at(300).quic(hello(BAD))
    yield ("a hello that was cut", at(65535).tcp(tls(BAD, padding=600), port=443),
           at(300).tcp(tls(BAD, padding=600), port=443))
    body = get(BAD, "/" + "a" * 600)
    yield ("a head that was cut", at(65535).tcp(body), at(300).tcp(body))
    yield ("a head longer than is kept", at(65535).tcp(get(BAD)), at(65535).tcp(long_head))
    late = get(None, fields=["X-Long: " + "y" * 600, f"Host: {BAD}"])
    yield ("a head whose host was cut off", at(65535).tcp(late), at(300).tcp(late))


KINDS = (forged, prefetch, shared, nat, moved, server, decoy, hidden, unasked, limited)


def matches(nta, scene, folder):
    """Records of events with a match on what was done last: not on a lookup before it."""
    (folder / "scene.pcap").write_bytes(scene.pcap())
    (folder / "list").write_text(LIST)
    run = subprocess.run([nta, "read", "--json", "--list", folder / "list", folder / "scene.pcap"],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(run.stderr)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return [row for row in found if "match" in row and row["event"] in (
        "alert", "flow", "request", "lookup")]


def faults_of(kind, guilty, innocent, is_strong):
    if not guilty:
        yield "the guilty one is not named"
    if is_strong and guilty and not any(row["grade"] == "strong" for row in guilty):
        yield "the guilty one is not strong"
    if guilty and not any(kind not in row["doubts"] for row in guilty):
        yield "the guilty one has the doubt, too"
    if innocent and not any(kind in row["doubts"] for row in innocent):
        yield "no record of the innocent one says so"
    last = [row for row in innocent if row.get("app") != "dns"]
    if kind in NEVER_STRONG and any(row["grade"] == "strong" for row in last):
        yield "the innocent one is strong"
    if not innocent and kind != "server":
        yield "of the innocent one there is no match"
    if kind == "server" and any("server" in row["doubts"] for row in guilty):
        yield "what the guilty one asked for is taken for an outsider's"
    if any("doubts" not in row for row in guilty + innocent):
        yield "a match without a word on doubts"


def main():
    nta, failed, n = sys.argv[1], 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for kind in KINDS:
            more = WIDE.get(kind.__name__, [])
            weak = alibi_relay.WEAK.get(kind.__name__, list)()
            pairs = [(*pair, False) for pair in (*kind(), *weak)]
            pairs += [(*pair, True) for pair in more]
            assert len(pairs) >= 5, kind.__name__
            for what, guilty, innocent, is_strong in pairs:
                n += 1
                both = [matches(nta, scene, folder) for scene in (guilty, innocent)]
                for fault in faults_of(kind.__name__, *both, is_strong):
                    failed += 1
                    print(f"{kind.__name__}, {what}: {fault}")
                    for row in both[0] + ["--"] + both[1]:
                        print("   ", row if row == "--" else [row.get(key) for key in (
                            "event", "app", "site", "basis", "seen", "grade", "doubts")])
    print(f"{n} pairs, {failed} faults")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
