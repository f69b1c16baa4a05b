#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
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
CAPTURES = ("bittorrent daemons ftp ftp_elsewhere http ipsec long_torrent smb socks ssh tds"
            " tftp tls wireguard").split()
PORT_DNS = 53  # its flows have no records, and of its lookups those that a list forbids have bytes


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


def stats(store, *options):
    return rows(run("stats", "--store", store, "--top", "0", "--json", *options))


def told_once(records):
    """Requests, lookups, and connections that no request tells of."""
    return [r for r in records if r["event"] in ("request", "lookup") or
            r["event"] == "flow" and r.get("app") != "http" and not r.get("told")]


def forbidden(records, by=None):
    return [r for r in told_once(records) if "match" in r and by in (None, r["match"]["list"])]


def expected(records, wire):
    """By the options of `nta stats`, the sum of all rows."""
    requests = [r for r in records if r["event"] == "request"]
    by_request = {r["app"] for r in requests} & {"http"}
    want = {("--by", by): wire for by in ("app", "user", "country", "hour")}
    want["--by", "site"] = moved(
        r for r in records if r["event"] == "lookup" or
        r["event"] == ("request" if r.get("app") in by_request else "flow"))
    want["--by", "type"] = moved(r for r in requests if r.get("file", {}).get("type"))
    want["--by", "user", "--downloads"] = moved(
        r for r in records if r.get("download") and r["event"] != "download")
    want["--by", "list"] = want["--by", "user", "--matched"] = moved(forbidden(records))
    want["--by", "app", "--list", "lists"] = moved(forbidden(records, "lists"))
    for event in ("flow", "request"):
        want["--by", "site", "--event", event] = moved(r for r in records if r["event"] == event)
    return want


def check(name, folder):
    path = HERE / f"{name}.pcap"
    store = str(pathlib.Path(folder) / name)
    records = rows(run("read", "--json", "--list", HERE / "lists.txt", "--store", store, path))
    wire = on_the_wire(path) + moved(r for r in records if r["event"] == "lookup")
    want = expected(records, wire)
    wrong = []
    for options in want:
        got = sum(r["bytes"] for r in stats(store, *options))
        if got != want[options]:
            wrong.append(f"{' '.join(options)}: {got} bytes, not {want[options]}")
        if got > wire:
            wrong.append(f"{' '.join(options)}: more bytes than there were")
    things = {by: [r for r in records if r["event"] in ("request", "lookup") or
                   r["event"] == "flow" and r.get("app") != "http"]
              for by in ("app", "site", "user")}
    things["list"] = forbidden(records)
    things["type"] = [r for r in told_once(records) if r.get("file", {}).get("type")]
    for by in things:
        got = sum(r["count"] for r in stats(store, "--by", by))
        if got != len(things[by]):
            wrong.append(f"--by {by}: {got} things, not {len(things[by])}")
    print(f"{name}: {wire} bytes on the wire, {'; '.join(wrong) or 'sums as expected'}")
    return not wrong


def url_entry_counts(folder):
    """An entry for a URL forbids a request and not its connection: its bytes are those of the list,
    of an app that counts by connection, too.
    """
    urls = pathlib.Path(folder) / "urls.txt"
    urls.write_text("files.bad.example/media/tool.exe\nfiles.bad.example/tool.exe\n")
    right = True
    for name, size in ("smb", 3000), ("ftp", 3000), ("http", 60000):
        store = str(pathlib.Path(folder) / f"{name}_url")
        run("read", "--json", "--list", urls, "--store", store, HERE / f"{name}.pcap")
        for options in ("--by", "list"), ("--by", "user", "--matched"), ("--by", "user", "--list",
                                                                         "urls"):
            got = sum(r["bytes"] for r in stats(store, *options))
            if got != size:
                print(f"{name}, an entry for a URL, {' '.join(options)}: {got} bytes, not {size}")
                right = False
    return right


def what_is_not_recorded_is_said(folder):
    """Without records of connections their bytes are missing, which is said."""
    conf, right = pathlib.Path(folder) / "nta.conf", True
    for option, by, said in (("flows", "user", True), ("flows", "type", False),
                             ("requests", "site", True), ("lookups", "user", False)):
        conf.write_text(f"record = {{ {option} = false; }};\n")
        store = str(pathlib.Path(folder) / f"without_{option}_{by}")
        run("read", "--config", conf, "--store", store, HERE / "http.pcap")
        shown = subprocess.run([sys.argv[1], "stats", "--store", store, "--by", by],
                               capture_output=True, text=True, timeout=60, check=True)
        if (f"record.{option} = false" in shown.stderr) != said:
            print(f"record.{option} = false, --by {by}: {shown.stderr}")
            right = False
    return right


def main():
    with tempfile.TemporaryDirectory() as folder:
        right = [check(name, folder) for name in CAPTURES]
        right += [url_entry_counts(folder), what_is_not_recorded_is_said(folder)]
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
