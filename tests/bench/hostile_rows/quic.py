# SPDX-License-Identifier: Apache-2.0
"""QUIC: what an Initial costs, opened or not."""
import functools
import hashlib
import struct

import make
from quic_seal import FULL, crypto, hello, initial

from hostile_rows import row

SERVER = "203.0.113.9"
PACKETS, CONNECTIONS = 12000, 300


def junk(label, length):
    return hashlib.shake_128(label.encode()).digest(length)


def up(i, payload):
    return make.ether(make.mac(5), make.mac(1), make.ip4(
        f"10.0.{i // 60000}.5", SERVER, make.UDP, make.udp(1024 + i % 60000, 443, payload)))


def down(i, payload):
    return make.ether(make.mac(1), make.mac(5), make.ip4(
        SERVER, f"10.0.{i // 60000}.5", make.UDP, make.udp(443, 1024 + i % 60000, payload)))


def ident_of(i):
    return struct.pack(">Q", 0x1122334400000000 + i)


@functools.lru_cache(None)
def begun(i):
    return initial(ident_of(i), crypto(hello(f"www{i % 50}.example.com")))


@row("quic")
def ordinary():
    """A hello, what the server says, and some data."""
    for i in range(CONNECTIONS):
        yield up(i, begun(i))
        yield down(i, b"\xe0\0\0\0\1\0\x08server-1\x40\x64" + junk("handshake", 100))
        for k in range(18):
            yield (down if k % 3 else up)(i, b"\x43server-1" + junk("data", 1200))


def long_header(first, version, ident, body):
    return (bytes([first]) + struct.pack(">I", version) + bytes([len(ident)]) + ident + b"\0\0" +
            struct.pack(">H", 0x4000 | len(body)) + body)


@row("quic", against="ordinary")
def many_initials():
    """Eight in a datagram, each to another id, none of which opens."""
    for i in range(PACKETS):
        yield up(i // 16, b"".join(long_header(0xc0, 1, junk(f"{i} {k}", 8), junk("body", 120))
                                   for k in range(8)))


@row("quic", against="ordinary")
def many_initials_to_one_id():
    for i in range(PACKETS):
        yield up(i // 16, b"".join(long_header(0xc0, 1, junk(f"{i}", 8), junk("body", 120))
                                   for k in range(8)))


@row("quic", against="ordinary")
def reserved_versions():
    """Which might be sealed in any way."""
    for i in range(PACKETS):
        yield up(i // 16, long_header(0xc0, 0x1a2a3a4a, junk(f"{i}", 8), junk("body", FULL)))


@row("quic", against="ordinary")
def connections_on_one_pair_of_ports():
    """Each with a hello of its own."""
    for i in range(PACKETS):
        yield up(0, begun(i % CONNECTIONS))


@row("quic", against="ordinary")
def small_initials():
    """On a flow that is known, none of which opens."""
    yield up(0, begun(0))
    for i in range(PACKETS):
        yield up(0, long_header(0xc0, 1, junk(f"{i}", 8), junk("body", 40)))


@row("quic", against="ordinary")
def answers_to_nobody():
    """The server's Initials, on ports with several connections."""
    for i in range(8):
        yield up(0, begun(i))
    for i in range(PACKETS):
        yield down(0, long_header(0xc0, 1, b"", junk(f"{i}", 40)))


@row("quic", against="ordinary")
def half_hellos():
    """Connections whose hello never ends."""
    for i in range(PACKETS):
        yield up(i, initial_half(i % CONNECTIONS))


@functools.lru_cache(None)
def initial_half(i):
    return initial(ident_of(i), crypto(hello("www.example.com")[:40]))


@row("quic", against="ordinary")
def tiny_frames():
    """A hello in frames of a byte, the last one first."""
    data = hello("www.example.com")
    frames = b"".join(crypto(data[k:k + 1], k) for k in range(len(data) - 1, -1, -1))
    sent = [initial(ident_of(i), frames) for i in range(20)]
    for i in range(PACKETS):
        yield up(i, sent[i % len(sent)])
