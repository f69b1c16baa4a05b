# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 in clear: frames, streams and fields."""
import struct

from hostile_rows import row
from hostile_rows.http import FLOWS, PACKETS, SEGMENT, connections

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"
ASK, ASK_AGAIN = b"\x82\x86\x84\x41\x09a.example", b"\x82\x86\x84\xbe"
OK = b"\x88\x5f\x09text/html"


def frame(kind, flags, stream, body=b""):
    return struct.pack(">I", len(body))[1:] + struct.pack(">BBI", kind, flags, stream) + body


def begin(connection):
    yield from connection.say(0, PREFACE + frame(1, 5, 1, ASK))
    yield from connection.say(1, SETTINGS + frame(1, 4, 1, OK))


def server_says(said):
    """`said` again and again, as the server's, up to so many packets."""
    def talk(connection, _):
        size = PACKETS // FLOWS * SEGMENT
        yield from begin(connection)
        yield from connection.say(1, (said * (size // len(said) + 1))[:size])
    return connections(FLOWS, talk)


@row("http2")
def ordinary():
    def talk(connection, _):
        yield from begin(connection)
        for stream in range(3, 23, 2):
            yield from connection.say(1, frame(0, 0, stream - 2, b"h" * 8 * SEGMENT) +
                                      frame(0, 1, stream - 2, b"h"))
            yield from connection.say(0, frame(1, 5, stream, ASK_AGAIN))
            yield from connection.say(1, frame(1, 4, stream, OK))
    return connections(300, talk)


@row("http2", "ordinary")
def data_of_a_byte():
    return server_says(frame(0, 0, 1, b"h"))


@row("http2", "ordinary")
def data_of_nothing():
    return server_says(frame(0, 0, 1))


@row("http2", "ordinary")
def data_of_no_stream():
    return server_says(frame(0, 0, 3, b"h"))


@row("http2", "ordinary")
def answers_to_nobody():
    return server_says(frame(1, 5, 3, b"\x88"))


@row("http2", "ordinary")
def answers_that_stay_open():
    """Each new one has another one give up."""
    def talk(connection, _):
        yield from begin(connection)
        n = PACKETS // FLOWS * SEGMENT // 10
        yield from connection.say(1, b"".join(frame(1, 4, 2 * i + 3, b"\x88") for i in range(n)))
    return connections(FLOWS, talk)


@row("http2", "ordinary")
def fields_that_refer():
    """A byte each, to a text of 4 KiB."""
    def talk(connection, _):
        yield from begin(connection)
        large = b"\x40\x01x" + b"\x7f\xa1\x1e" + b"y" * 4000
        yield from connection.say(1, frame(1, 4, 1, large))
        yield from connection.say(1, frame(1, 4, 1, b"\xbe" * 16000) * (
            PACKETS // FLOWS * SEGMENT // 16009))
    return connections(FLOWS, talk)


@row("http2", "ordinary")
def lost_heads():
    """Behind a hole what may be heads, each of which leads to none."""
    def talk(connection, _):
        size = PACKETS // FLOWS * SEGMENT
        said = frame(0, 0, 1)[:9] + b"\xff" + frame(1, 4, 1, b"x")[:9] + b"\xff" * 2
        yield from begin(connection)
        yield from connection.say(1, frame(0, 0, 1, b"h" * 100))
        connection.next[1] += 5000
        yield from connection.say(1, (said * (size // len(said) + 1))[:size])
    return connections(FLOWS, talk)


@row("http2", "ordinary")
def uploads_of_a_byte():
    def talk(connection, _):
        size = PACKETS // FLOWS * SEGMENT
        said = frame(0, 0, 1, b"h")
        yield from connection.say(0, PREFACE + frame(1, 4, 1, ASK))
        yield from connection.say(1, SETTINGS)
        yield from connection.say(0, (said * (size // len(said) + 1))[:size])
    return connections(FLOWS, talk)


@row("http2", "ordinary")
def parts_of_a_byte():
    """multipart/byteranges, each part of which is told of its own."""
    def talk(connection, _):
        size = PACKETS // FLOWS * SEGMENT
        part = b"\r\n--b\r\nContent-Range: bytes 0-0/9\r\n\r\nh"
        yield from connection.say(0, b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        yield from connection.say(1, b"HTTP/1.1 206 Part\r\nContent-Type: multipart/byteranges; "
                                     b"boundary=b\r\n\r\n" +
                                  (part * (size // len(part) + 1))[:size])
    return connections(FLOWS, talk)
