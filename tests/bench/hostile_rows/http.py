# SPDX-License-Identifier: Apache-2.0
"""HTTP, and what is carried in WebSocket."""
import make

from hostile_rows import row

CLIENT, SERVER = "10.0.0.1", "203.0.113.9"
SEGMENT, LARGE_SEGMENT = 1400, 60000
PACKETS, LARGE_PACKETS = 20000, 2000
GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
# more connections than one, since a parser may stop at some bound of each
FLOWS = 20


class Connection:
    """Frames of one TCP connection on port 80."""

    def __init__(self, port):
        self.ports = (port, 80)
        self.next = [1001, 5001]

    def frame(self, side, flags, payload=b""):
        addrs, ports = (CLIENT, SERVER), self.ports
        if side:
            addrs, ports = addrs[::-1], ports[::-1]
        segment = make.tcp(ports, (self.next[side] & 0xffffffff, self.next[1 - side]), flags,
                           payload)
        self.next[side] += len(payload)
        return make.ether(make.mac(1 + side), make.mac(2 - side),
                          make.ip4(*addrs, make.TCP, segment))

    def open(self):
        self.next[0] -= 1
        self.next[1] -= 1
        yield self.frame(0, make.SYN)
        self.next[0] += 1
        yield self.frame(1, make.SYN | make.ACK)
        self.next[1] += 1
        yield self.frame(0, make.ACK)

    def say(self, side, payload, step=SEGMENT):
        for i in range(0, len(payload), step):
            yield self.frame(side, make.ACK | make.PSH, payload[i:i + step])


def connections(count, talk):
    for i in range(count):
        connection = Connection(1024 + i)
        yield from connection.open()
        yield from talk(connection, i)


def ordinary_talk(step):
    def talk(connection, i):
        yield from connection.say(0, b"GET /p/%d.html HTTP/1.1\r\nHost: www%d.example.com\r\n"
                                     b"User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
                                     b"Accept: */*\r\n\r\n" % (i, i % 300))
        yield from connection.say(1, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                                     b"Content-Length: %d\r\n\r\n" % (8 * step) + b"h" * 8 * step,
                                  step)
        for side in (1, 0):
            yield connection.frame(side, make.ACK | make.FIN)
    return talk


@row("http")
def ordinary():
    return connections(3000, ordinary_talk(SEGMENT))


@row("http")
def ordinary_large():
    """Segments as a card that joins them hands them over."""
    return connections(150, ordinary_talk(LARGE_SEGMENT))


def answers(body, packets=PACKETS, step=SEGMENT, head=b"Transfer-Encoding: chunked\r\n\r\n"):
    """A request, and an answer whose body is `body` again and again."""
    def talk(connection, _):
        size = packets // FLOWS * step
        yield from connection.say(0, GET)
        yield from connection.say(1, b"HTTP/1.1 200 OK\r\n" + head)
        yield from connection.say(1, (body * (size // len(body) + 1))[:size], step)
    return connections(FLOWS, talk)


def asks(text, packets=PACKETS, step=SEGMENT, begin=b""):
    """A client that says `text` again and again."""
    def talk(connection, _):
        size = packets // FLOWS * step
        yield from connection.say(0, (begin + text * (size // len(text) + 1))[:size], step)
    return connections(FLOWS, talk)


@row("http", "ordinary")
def lost_short_lines():
    return answers(b"a\n", head=b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary_large")
def lost_short_lines_large():
    return answers(b"a\n", LARGE_PACKETS, LARGE_SEGMENT,
                   b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary")
def lost_lines_with_a_version():
    return answers(b"HTTP/\n", head=b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary_large")
def lost_lines_with_a_version_large():
    return answers(b"HTTP/\n", LARGE_PACKETS, LARGE_SEGMENT,
                   b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary")
def lost_lines_of_a_status():
    return answers(b"HTTP/1.1 2\n", head=b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary")
def lost_heads_that_are_none():
    return answers(b"HTTP/1.1 200\n:\n", head=b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")


@row("http", "ordinary")
def lost_requests_that_are_none():
    return asks(b"GET /\n", begin=GET + b"zz\n")


@row("http", "ordinary")
def chunks_of_a_byte():
    return answers(b"1\nx\n")


@row("http", "ordinary")
def chunk_of_long_lines():
    return answers(b"1;" + b"e" * 4000 + b"\nx\n")


@row("http", "ordinary")
def head_of_short_fields():
    return asks(b"a:\n", begin=b"GET / HTTP/1.1\n")


@row("http", "ordinary")
def head_byte_by_byte():
    return asks(b"X: y\r\n", 400000, 1, b"GET / HTTP/1.1\r\n")


@row("http", "ordinary")
def start_line_byte_by_byte():
    return asks(b"a", 40000, 1, b"GET /")


@row("http", "ordinary")
def pipelined_requests():
    return asks(b"GET / HTTP/1.1\r\nHost:a\r\n\r\n")


@row("http", "ordinary")
def pipelined_requests_to_many_sites():
    return asks(b"".join(b"GET / HTTP/1.1\r\nHost:%c\r\n\r\n" % c for c in b"abcdefghijklmnopq"))


@row("http", "ordinary")
def pipelined_answers():
    return answers(b"HTTP/1.1 200\n\n", head=b"Content-Length: 0\r\n\r\n")


def frames_of(inner, step):
    """A WebSocket whose client says `inner` in masked frames of `step` bytes, a segment each."""
    def talk(connection, _):
        yield from connection.say(0, b"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                                     b"Connection: Upgrade\r\n\r\n")
        yield from connection.say(1, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                     b"Connection: Upgrade\r\n\r\n")
        for i in range(0, len(inner), step):
            piece = inner[i:i + step]
            masked = bytes(byte ^ 1 for byte in piece)
            yield from connection.say(0, bytes([0x82, 0x80 | len(piece), 1, 1, 1, 1]) + masked)
    return connections(4, talk)


@row("http", "ordinary")
def websocket_frames_of_a_byte():
    return frames_of((b"GET / HTTP/1.1\r\nHost: b\r\n" + b"X: y\r\n" * 1500)[:9000], 1)


@row("http", "ordinary")
def websocket_frames_of_a_few_bytes():
    return frames_of((b"GET / HTTP/1.1\r\nHost: b\r\n" + b"X: y\r\n" * 10000)[:50000], 7)
