# SPDX-License-Identifier: Apache-2.0
"""DNS over UDP and TCP, and multicast DNS."""
import struct

import make

from hostile_rows import row

RESOLVER = "203.0.113.53"
PACKETS, TCP_MESSAGES = 20000, 400
FULL, SEGMENT, LARGEST = 1460, 1400, 65535
ROOT_NAME = b"\0"


def user(i):
    return f"10.0.{i // 200 % 200}.{1 + i % 200}"


def asks(i, message, port=53):
    return make.ether(make.mac(5), make.mac(1), make.ip4(
        user(i), RESOLVER, make.UDP, make.udp(1024 + i % 60000, port, message)))


def tells(i, message):
    return make.ether(make.mac(1), make.mac(5), make.ip4(
        RESOLVER, user(i), make.UDP, make.udp(53, 1024 + i % 60000, message)))


def dialogue(i, question, answer):
    """A question of one, with its answer's records in `answer`, a number of them and bytes."""
    count, records = answer
    yield asks(i, make.dns(i & 0xffff, 0x0100, (1, 0, 0, 0), question))
    yield tells(i, make.dns(i & 0xffff, 0x8180, (1, count, 0, 0), question, records))


def at(owner, last):
    return make.record(owner, 1, 1, 300, make.addr(f"198.51.{last // 250 % 250}.{last % 250}"))


def dialogues(answer, question=make.question("a.example", 1)):
    for i in range(PACKETS // 2):
        yield from dialogue(i, question, answer)


def segments(messages):
    """Over one TCP connection, from the server."""
    stream = b"".join(struct.pack(">H", len(one)) + one for one in messages)
    yield from stream_of(stream, from_server=True)


def stream_of(stream, from_server, port=30000):
    ends, ports = ("10.0.0.1", RESOLVER), (port, 53)
    opening = ((ends, ports, make.SYN, (999, 0)),
               (ends[::-1], ports[::-1], make.SYN | make.ACK, (4999, 1000)))
    for addrs, between, flags, numbers in opening:
        yield make.ether(make.mac(5), make.mac(1),
                         make.ip4(*addrs, make.TCP, make.tcp(between, numbers, flags)))
    first, other = (5000, 1000) if from_server else (1000, 5000)
    for i in range(0, len(stream), SEGMENT):
        numbers = ((first + i) & 0xffffffff, other)
        sides = (ends[::-1], ports[::-1]) if from_server else (ends, ports)
        yield make.ether(make.mac(1), make.mac(5), make.ip4(
            *sides[0], make.TCP, make.tcp(sides[1], numbers, make.ACK, stream[i:i + SEGMENT])))


@row("dns")
def ordinary():
    for i in range(PACKETS // 2):
        question = make.question(f"www.host{i % 500}.example.com", 1)
        yield from dialogue(i, question, (2, at(make.pointer(12), i) + at(make.pointer(12), i + 1)))


def chain(length):
    """A response with one long chain of pointers, and as many records as fit that begin at its
    end.
    """
    question = make.question("a.example", 1)
    head = 12 + len(question)
    links = min(length - head, 0x3fff - head - 20) // 4
    first, target, data = head + 11, 12 + len(question) - 5, b""
    for i in range(links):
        data, target = data + make.pointer(target), first + 2 * i
    records = make.record(ROOT_NAME, 16, 1, 60, data)
    again = make.record(make.pointer(target), 16, 1, 60)
    count = (length - head - len(records)) // len(again)
    return question, (1 + count, records + again * count)


@row("dns", against="ordinary")
def pointer_chains():
    question, answer = chain(FULL)
    yield from dialogues(answer, question)


@row("dns", against="ordinary")
def pointer_chains_over_tcp():
    question, (count, records) = chain(LARGEST)
    message = make.dns(1, 0x8180, (1, count, 0, 0), question, records)
    yield from segments([message] * (TCP_MESSAGES // 4))


@row("dns", against="ordinary")
def short_chains():
    """No longer than a name may have, a record each."""
    question = make.question("a.example", 1)
    first = 12 + len(question) + 11
    data, target = b"", 12
    for i in range(15):
        data, target = data + make.pointer(target), first + 2 * i
    record = make.record(make.pointer(target), 16, 1, 60)
    count = (FULL - first - len(data)) // len(record)
    yield from dialogues((1 + count, make.record(ROOT_NAME, 16, 1, 60, data) + record * count),
                         question)


@row("dns", against="ordinary")
def names_of_many_labels():
    """Each record is owned by a pointer to a name of 126 labels."""
    question = b"\1a" * 126 + b"\0" + struct.pack(">HH", 1, 1)
    record = make.record(make.pointer(14), 1, 1, 60, bytes(4))
    yield from dialogues(((FULL - 12 - len(question)) // len(record),
                          record * ((FULL - 12 - len(question)) // len(record))), question)


@row("dns", against="ordinary")
def addresses():
    """As many as are listed."""
    yield from dialogues((64, b"".join(at(make.pointer(12), i) for i in range(64))))


@row("dns", against="ordinary")
def aliases():
    """A chain in the wrong order."""
    names = [f"n{i}.example" for i in range(40)]
    records = [make.record(make.name(names[i]), 5, 1, 60, make.name(names[i + 1]))
               for i in range(39)]
    yield from dialogues((39, b"".join(reversed(records))), make.question(names[0], 1))


@row("dns", against="ordinary")
def many_questions():
    """In one message, with all their answers."""
    questions = b"".join(make.name(f"{i}.x") + struct.pack(">HH", 1, 1) for i in range(32))
    records = b"".join(at(make.pointer(12), i) for i in range(48))
    for i in range(PACKETS // 2):
        yield asks(i, make.dns(i & 0xffff, 0x0100, (32, 0, 0, 0), questions))
        yield tells(i, make.dns(i & 0xffff, 0x8180, (32, 48, 0, 0), questions, records))


@row("dns", against="ordinary")
def many_owners():
    """A multicast announcement of many names."""
    records = b"".join(make.record(make.name(f"{i}.x"), 1, 1, 60, bytes(4)) for i in range(64))
    for i in range(PACKETS):
        yield make.ether(make.mac(5), make.mac(1), make.ip4(
            user(i), "224.0.0.251", make.UDP,
            make.udp(5353, 5353, make.dns(0, 0x8400, (0, 64, 0, 0), records))))


@row("dns", against="ordinary")
def questions_without_answer():
    """On one pair of ports, each of its own."""
    for i in range(PACKETS):
        yield asks(0, make.dns(i & 0xffff, 0x0100, (1, 0, 0, 0), make.question(f"{i}.x", 1)))


@row("dns", against="ordinary")
def questions_with_one_id():
    for i in range(PACKETS):
        yield asks(0, make.dns(7, 0x0100, (1, 0, 0, 0), make.question(f"{i}.x", 1)))


@row("dns", against="ordinary")
def small_questions_over_tcp():
    stream = b""
    for i in range(60000):
        one = make.dns(i & 0xffff, 0x0100, (1, 0, 0, 0), b"\2%c%c\0\0\1\0\1" % (97 + i % 26,
                                                                            97 + i // 26 % 26))
        stream += struct.pack(">H", len(one)) + one
    yield from stream_of(stream, from_server=False)
