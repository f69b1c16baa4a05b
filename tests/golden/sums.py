#!/usr/bin/env python3
"""Hold what `nta stats` adds up over golden captures against the bytes on the wire, which this
program counts by itself.

usage: sums.py NTA

A connection and its requests have a record each: no byte may count twice, and none be left out.
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = "bittorrent ftp http smb socks ssh tftp tls wireguard".split()
PORT_DNS = 53  # its lookups have records, its flows have none


def frames(data):
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<"}[data[:4]]
    at = 24
    while at < len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def segment(frame):
    """(protocol, addresses, transport's bytes) of an IP packet in Ethernet, or None."""
    kind, packet = struct.unpack_from("!H", frame, 12)[0], frame[14:]
    while kind == 0x8100:
        kind, packet = struct.unpack_from("!H", packet, 2)[0], packet[4:]
    if kind == 0x0800:
        head, length = (packet[0] & 15) * 4, struct.unpack_from("!H", packet, 2)[0]
        return packet[9], packet[12:20], packet[head:length]
    if kind == 0x86dd:
        return packet[6], packet[8:40], packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
    return None


def on_the_wire(path):
    """Payload of UDP, and of TCP each byte once."""
    total, streams = 0, {}
    for frame in frames(path.read_bytes()):
        protocol, ends, rest = segment(frame) or (0, b"", b"")
        if protocol == 17 and PORT_DNS not in struct.unpack_from("!HH", rest):
            total += len(rest) - 8
        elif protocol == 6:
            number, flags, payload = struct.unpack_from("!I", rest,
                                                        4)[0], rest[13], len(rest) - (
                                                            rest[12] >> 4) * 4
            number += bool(flags & 2)  # a SYN takes a number
            streams.setdefault((ends, rest[:4]), set()).update(range(number, number + payload))
    return total + sum(len(numbers) for numbers in streams.values())


def run(*args):
    return subprocess.run([sys.argv[1], *args], capture_output=True, text=True, timeout=60,
                          check=True).stdout


def rows(text):
    return [json.loads(line) for line in text.splitlines()]


def moved(records):
    return sum(r.get(way, {}).get("bytes", 0) for r in records for way in ("up", "down"))


def check(name, folder):
    path = HERE / f"{name}.pcap"
    store = str(pathlib.Path(folder) / name)
    records = rows(run("read", "--json", "--list", HERE / "lists.txt", "--store", store, path))
    wire = on_the_wire(path)
    got, want = {}, {}
    for by in ("app", "user", "country", "hour"):
        want[by] = wire
    requests = [r for r in records if r["event"] == "request"]
    by_request = {r["app"] for r in requests} & {"http"}
    want["site"] = moved(r for r in records
                         if r["event"] == ("request" if r.get("app") in by_request else "flow"))
    want["type"] = moved(r for r in requests if r.get("file", {}).get("type"))
    want["--downloads"] = moved(r for r in records if r.get("download"))
    for what in want:
        options = ("--by", "user", what) if what.startswith("--") else ("--by", what)
        got[what] = sum(r["bytes"]
                        for r in rows(run("stats", "--store", store, "--top", "0", "--json",
                                          *options)))
    wrong = {what: (got[what], want[what]) for what in want if got[what] != want[what]}
    print(
        f"{name}: {wire} bytes on the wire, "
        f"{'(sum, expected) of ' + str(wrong) if wrong else 'sums as expected'}")
    return not wrong


def main():
    with tempfile.TemporaryDirectory() as folder:
        return 0 if all([check(name, folder) for name in CAPTURES]) else 1


if __name__ == "__main__":
    sys.exit(main())
