# SPDX-License-Identifier: Apache-2.0
"""Whether who opened a flow of datagrams sees the answers: what is looked for in each of them."""
import struct

import make

from hostile_rows import row
from hostile_rows.quic import junk

CLIENT, SERVER = "10.0.0.5", "203.0.113.9"
PACKETS, FLOWS = 20000, 20
COOKIE = b"\x21\x12\xa4\x42"


def sent(up, port, server_port, payload):
    step = 1 if up else -1
    ends, ports = (CLIENT, SERVER)[::step], (port, server_port)[::step]
    macs = (make.mac(5), make.mac(1))[::step]
    return make.ether(*macs, make.ip4(*ends, make.UDP, make.udp(*ports, payload)))


def record(kind, epoch, body):
    return struct.pack(">BHHIHH", kind, 0xfefd, epoch, 0, 0, len(body)) + body


def verify_request(cookie):
    body = b"\xfe\xff" + bytes([len(cookie)]) + cookie
    return record(22, 0, b"\3" + len(body).to_bytes(3, "big") + bytes(5) +
                  len(body).to_bytes(3, "big") + body)


def dtls_hello(cookie=b""):
    body = (b"\xfe\xfd" + bytes(32) + b"\0" + bytes([len(cookie)]) + cookie + b"\0\2\xc0\x2b\1\0")
    return record(22, 0, b"\1" + len(body).to_bytes(3, "big") + bytes(5) +
                  len(body).to_bytes(3, "big") + body)


def after(begin, piece, server_port, up=True):
    """Flows that begin so, then datagrams of `piece(k)`."""
    for i in range(FLOWS):
        for k, datagram in enumerate(begin):
            yield sent(k % 2 == 0, 1024 + i, server_port, datagram)
        for k in range(PACKETS // FLOWS):
            yield sent(up, 1024 + i, server_port, piece(k))


@row("echo")
def ordinary():
    """DTLS: hellos, then data both ways."""
    for i in range(400):
        yield sent(True, 1024 + i, 443, dtls_hello())
        yield sent(False, 1024 + i, 443, verify_request(b"of-the-server"))
        yield sent(True, 1024 + i, 443, dtls_hello(b"of-the-server"))
        for k in range(40):
            yield sent(k % 3 == 0, 1024 + i, 443, record(23, 1, bytes(1200)))


@row("echo", "ordinary")
def a_cookie_that_nearly_comes():
    """Its last byte never does."""
    near = record(22, 0, b"a" * 1400)
    yield from after([dtls_hello(), verify_request(b"a" * 11 + b"b")], lambda k: near, 443)


@row("echo", "ordinary")
def records_without_a_byte():
    whole = record(22, 0, b"") * 100
    yield from after([dtls_hello(), verify_request(b"of-the-server")], lambda k: whole, 443)


@row("echo", "ordinary")
def a_cookie_for_each():
    """The other side chooses anew, always."""
    yield from after([dtls_hello()], lambda k: verify_request(junk(f"{k}", 20)), 443, up=False)


@row("echo", "ordinary")
def openvpn_that_nearly_comes():
    begin = [b"\x38" + b"client-1" + b"\0" + bytes(4), b"\x40" + b"a" * 8 + b"\0" + bytes(4)]
    near = b"\x28" + b"client-1" + (b"a" * 7 + b"b") * 170
    yield from after(begin, lambda k: near, 1194)


@row("echo", "ordinary")
def attributes_of_nothing():
    """STUN of a relay, whose nonce is looked for behind them."""
    block = struct.pack(">HH", 0x8001, 0) * 340
    head = struct.pack(">HH", 0x113, len(block)) + COOKIE + bytes(12)
    yield from after([struct.pack(">HH", 3, 0) + COOKIE + bytes(12)], lambda k: head + block, 3478,
                     up=False)


def chunk(kind, flags, body):
    return struct.pack(">BBH", kind, flags, 4 + len(body)) + body + bytes(-len(body) % 4)


def sctp(up, port, payload):
    step = 1 if up else -1
    ends, ports = (CLIENT, SERVER)[::step], (port, 36412)[::step]
    macs = (make.mac(5), make.mac(1))[::step]
    return make.ether(*macs, make.ip4(*ends, 132, struct.pack(">HHII", *ports, 7, 0) + payload))


@row("sctp")
def ordinary_associations():
    for i in range(400):
        for k in range(40):
            data = struct.pack(">IHHI", k, 0, k & 0xffff, 0) + bytes(1200)
            yield sctp(k % 2 == 0, 1024 + i, chunk(0, 3, data))


@row("sctp", "ordinary_associations")
def chunks_of_nothing():
    for i in range(PACKETS):
        yield sctp(i % 2 == 0, 1024 + i % FLOWS, chunk(9, 0, b"") * 340)


@row("sctp", "ordinary_associations")
def data_of_a_byte():
    for i in range(PACKETS):
        yield sctp(True, 1024 + i % FLOWS, b"".join(
            chunk(0, 3, struct.pack(">IHHI", 70 * i + k, 0, k, 0) + b"a") for k in range(60)))
