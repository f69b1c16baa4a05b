# SPDX-License-Identifier: Apache-2.0
"""SMB: files that are put together by place."""
import functools
import struct

import make

from hostile_rows import row
from hostile_rows.http import Connection, SEGMENT

CREATE, READ = 5, 8
FILES = 16  # open at a time, of each connection
CHUNK = 1 << 16
HASHES = ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]  # so all is hashed


@functools.lru_cache(None)
def recorded(command):
    """A question and its answer as they were recorded."""
    said = list(make.recorded("smb.pcap", 41878))
    at = next(i for i, (up, message) in enumerate(said) if up and message[16] == command)
    return said[at][1], said[at + 1][1]


class Session:
    """Of SMB, over a connection of its own."""

    def __init__(self, number):
        self.connection = Connection(1024 + number % 60000)
        self.connection.ports = (1024 + number % 60000, 445)
        self.number, self.message = number, 0

    def _of(self, said):
        out = bytearray(said)
        out[28:36] = struct.pack("<Q", self.message)
        out[44:52] = struct.pack("<Q", 1 + self.number)
        return out

    def say(self, side, message):
        return self.connection.say(side, message)

    def open(self):
        yield from self.connection.open()

    def create(self, file, size):
        self.message += 1
        asked, told = (self._of(said) for said in recorded(CREATE))
        told[116:124] = struct.pack("<Q", size)
        told[132:148] = struct.pack("<QQ", file, self.number)
        return bytes(asked), bytes(told)

    def read(self, file, offset, content):
        """Question and answer."""
        self.message += 1
        asked, told = (self._of(said) for said in recorded(READ))
        asked[72:84] = struct.pack("<IQ", len(content), offset)
        asked[84:100] = struct.pack("<QQ", file, self.number)
        told = told[:84]
        told[0:4] = struct.pack(">I", 80 + len(content))
        told[72:76] = struct.pack("<I", len(content))
        return bytes(asked), bytes(told) + content

    def ask(self, messages):
        for side, message in enumerate(messages):
            yield from self.say(side, message)


@row("smb", listed=HASHES)
def ordinary():
    """Files that are read from their begin."""
    for i in range(20):
        session = Session(i)
        yield from session.open()
        yield from session.ask(session.create(1, 8 * CHUNK))
        for k in range(8):
            yield from session.ask(session.read(1, k * CHUNK, bytes([i]) * CHUNK))


@row("smb", "ordinary", HASHES)
def bytes_that_wait():
    """Some of each of many files, none of which is next, as many as segments hold."""
    for i in range(1200):
        session = Session(i)
        yield from session.open()
        opened = [session.create(file, 1 << 30) for file in range(FILES)]
        reads = [session.read(file, 1000 * (k + 1), b"x") for k in range(4)
                 for file in range(FILES)]
        for messages in (opened, reads):
            for side in (0, 1):
                yield from session.say(side, b"".join(said[side] for said in messages))


@row("smb", "ordinary", HASHES)
def bytes_that_come_again():
    """The last one of those that are compared, several times in a segment."""
    session = Session(0)
    yield from session.open()
    yield from session.ask(session.create(1, 1 << 30))
    for k in range(64):
        yield from session.ask(session.read(1, k * CHUNK, bytes(CHUNK)))
    for _ in range(2000):
        both = [session.read(1, 64 * CHUNK - 2, b"\0") for _ in range(SEGMENT // 117)]
        for side in (0, 1):
            yield from session.say(side, b"".join(said[side] for said in both))


@row("smb", "ordinary", HASHES)
def bytes_before_each_other():
    """Each before the one that came last, as many as touch no other."""
    session = Session(0)
    yield from session.open()
    for file in range(200):
        yield from session.ask(session.create(file, 1 << 30))
        for k in range(63, 0, -1):
            yield from session.ask(session.read(file, 10 * k, b"x"))
