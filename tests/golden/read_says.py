#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What `nta read` says of captures that show less than they should, and with which exit status.

usage: read_says.py NTA
"""
import ctypes
import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time

NTA = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
LIST = str(HERE / "lists.txt")
MACS = bytes.fromhex("020000000002020000000001")
failed = 0


def checksum(data):
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def tcp(client, seq, flags, data=b"", back=False, broken=False):
    """A segment between 10.0.0.5:`client` and 198.51.100.7:80."""
    ends = [(socket.inet_aton("10.0.0.5"), client), (socket.inet_aton("198.51.100.7"), 80)]
    (src, sport), (dst, dport) = ends[::-1] if back else ends
    ack = (101 if flags & 2 else 109) if back else 501
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 1024, 0, 0)
    whole = src + dst + struct.pack("!HH", 6, len(head) + len(data)) + head + data
    sum16 = checksum(whole + b"\0" * (len(whole) % 2)) ^ (1 if broken else 0)
    head = head[:16] + struct.pack("!H", sum16) + head[18:]
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(head) + len(data), 1, 0, 64, 6, 0, src, dst)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return MACS + b"\x08\x00" + ip + head + data


def connections(n, twice=False, broken=False, answered=True):
    packets = []
    for i in range(n):
        port = 40000 + i
        packets.append(tcp(port, 100, 2, broken=broken))
        if answered:
            packets.append(tcp(port, 500, 0x12, back=True, broken=broken))
        packets.append(tcp(port, 101, 0x18, b"question"))
        if twice:
            packets.append(tcp(port, 101, 0x18, b"question"))
        if answered:
            packets.append(tcp(port, 501, 0x18, b"an answer", back=True))
    return packets


def read(folder, packets, *options):
    path = os.path.join(folder, "x.pcap")
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, packet in enumerate(packets):
            micros = i * 100
            out.write(struct.pack("<IIII", 1760000000 + micros // 1000000, micros % 1000000,
                                  len(packet), len(packet)) + packet)
    run = subprocess.run([NTA, "read", *options, path], capture_output=True, text=True, timeout=60,
                         check=False)
    return run.returncode, run.stderr


def expect(what, got, status, *words, absent=()):
    global failed
    code, said = got
    wrong = [w for w in words if w not in said] + ["not: " + w for w in absent if w in said]
    if code != status or wrong:
        failed += 1
        print(f"FAILED {what}: status {code}, expected {status}; {wrong}\n{said}")


def sums(folder, *options):
    """Rows of `nta stats` over what the golden capture of tunnels left in a store."""
    run = subprocess.run([NTA, "stats", "--store", folder, "--top", "0", "--json", *options],
                         capture_output=True, timeout=60, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def tunnels_count_once(folder):
    """Outer connections are left out of sums unless they are asked for."""
    capture = pathlib.Path(__file__).with_name("tunnels.pcap")
    lists = pathlib.Path(__file__).with_name("lists.txt")
    store = os.path.join(folder, "store")
    run = subprocess.run([NTA, "read", "--json", "--list", lists, "--store", store, capture],
                         capture_output=True, timeout=60, check=True)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    carriers = [r for r in records if r["event"] == "flow" and r.get("carrier")]
    rows = {
        "no carrier": (sums(store, "--by", "app", "--event", "flow"),
                       [r for r in records if r["event"] == "flow" and not r.get("carrier")]),
        "--app": (sums(store, "--by", "user", "--app", "vxlan"),
                  [r for r in carriers if r["app"] == "vxlan"]),
        "matches": (sums(store, "--by", "list", "--event", "flow"),
                    [r for r in records if r["event"] == "flow" and "match" in r]),
    }
    for what, (said, expected) in rows.items():
        want = sum(r[way]["bytes"] for r in expected for way in ("up", "down"))
        expect(f"sums, {what}", (sum(r["up"] + r["down"] for r in said), ""), want)


def without_override():
    """Root reads what it may not read, too, unless this is taken from it: CAP_DAC_OVERRIDE and
    CAP_DAC_READ_SEARCH.
    """
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)


def run(*args, **how):
    """All that is said: standard output, then standard error."""
    got = subprocess.run([NTA, "read", *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True, timeout=60, check=False, **how)
    return got.returncode, got.stdout + got.stderr


def wait_until(what, ready, timeout=30):
    end = time.monotonic() + timeout
    while not ready():
        if time.monotonic() > end:
            raise SystemExit(f"FAILED: waited in vain for {what}")
        time.sleep(0.02)


def catches(pid, number):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("SigCgt:")[1].split()[0], 16) >> (number - 1) & 1


def has_open(pid, path):
    """What a process has open, of what it had a moment ago: what it closes meanwhile is passed
    over.
    """
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            if os.readlink(link) == str(path):
                return True
        except FileNotFoundError:
            pass
    return False


def interrupted(number, content, *args):
    """A run that is given `content`, and when it has read that, the signal, while more could
    come: what was read is taken.
    """
    nta = subprocess.Popen([NTA, "read", *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    nta.stdin.write(content)
    nta.stdin.flush()
    left = bytearray(4)
    wait_until("its handler", lambda: catches(nta.pid, number))
    wait_until("it to read",
               lambda: fcntl.ioctl(nta.stdin, termios.FIONREAD, left) == 0 and left == bytearray(4))
    nta.send_signal(number)
    # the pipe stays open until it has ended
    out, err = nta.stdout.read(), nta.stderr.read()
    code = nta.wait(timeout=60)
    nta.stdin.close()
    return code, (out + err).decode()


def files_that_are_none(folder):
    """What is no capture is never an answer, and does not keep the others from being read."""
    capture = (HERE / "http.pcap").read_bytes()
    bad = {"text": b"GET / HTTP/1.1\r\n" * 9, "empty": b"", "two": b"\xd4\xc3",
           "head": capture[:20], "none": capture[:24], "cut": capture[:30]}
    said = {"text": "not a capture file", "empty": "empty, without", "two": "not a capture file",
            "head": "cut off inside its header",
            "none": "not one packet was read", "cut": "cut off behind packet 0"}
    for name, content in bad.items():
        path = os.path.join(folder, name)
        pathlib.Path(path).write_bytes(content)
        expect(f"{name} alone", run("--list", LIST, path), 1, path, said[name], "Nothing was read.",
               absent=["Nothing found"])
        expect(f"{name} alone, as JSON", run("--json", "--list", LIST, path), 1, path, said[name])
    expect("a folder", run("--list", LIST, folder), 1, folder, "Is a directory",
           absent=["Nothing found"])
    expect("no file", run("--list", LIST, folder + "/absent"), 3, "absent", "No such file",
           absent=["Nothing found"])
    closed = os.path.join(folder, "closed")
    pathlib.Path(closed).write_bytes(capture)
    os.chmod(closed, 0)
    expect("a file of others", run("--list", LIST, closed, preexec_fn=without_override), 3,
           "Permission denied", absent=["Nothing found"])
    mixed = [os.path.join(folder, name)
             for name in ("text", "cut", "closed")] + [folder, folder + "/absent",
                                                       str(HERE / "http.pcap"),
                                                       os.path.join(folder, "empty")]
    expect("bad ones beside a good one", run("--list", LIST, *mixed, preexec_fn=without_override),
           1, "text: not a capture file",
           "cut: cut off", "closed: Permission denied", "Is a directory", "absent: No such file",
           "empty: empty, without", "files.bad.example",
           "42 packets", absent=["Nothing found", "not one packet"])
    expect("nothing found in a part",
           run("--list", LIST, str(HERE / "tftp.pcap"), os.path.join(folder, "text")), 1,
           "in what was read",
           "text: not a capture file")


def lists_that_are_none(folder):
    capture = str(HERE / "stun.pcap")
    expect("nothing found", run("--list", LIST, capture), 0, "Nothing found: none of ",
           "the list lists (2 entries)")
    other = os.path.join(folder, "other.txt")
    pathlib.Path(other).write_text("one.invalid\ntwo.invalid\nthree.invalid\n")
    expect("nothing found by two lists", run("--list", LIST, "--list", other, capture), 0,
           "Nothing found: none of ", "the 2 lists (5 entries)")
    expect("no list", run(capture), 0, "No list was given", "no listed site was looked for",
           absent=["Nothing found"])
    expect("no list, as JSON", run("--json", capture), 0,
           "no list was given (--list FILE): no listed site was looked for")
    expect("exceptions alone are no list", run("--allow", LIST, capture), 0, "No list was given",
           absent=["Nothing found"])
    os.chmod(other, 0)
    for option in ("--list", "--geo", "--sites", "--config"):
        expect(f"{option} that may not be read",
               run(option, other, capture, preexec_fn=without_override), 3, "Permission denied",
               absent=["Nothing found"])
    expect("a store that may not be written",
           run("--list", LIST, "--store", closed_folder(folder), capture,
               preexec_fn=without_override), 3,
           "Permission denied", absent=["Nothing found"])
    full = subprocess.run(["sh", "-c", f'"{NTA}" read --json "{HERE}/http.pcap" > /dev/full'],
                          capture_output=True, text=True, timeout=60, check=False)
    expect("standard output is full", (full.returncode, full.stderr), 3,
           "standard output: No space left")


def closed_folder(folder):
    path = os.path.join(folder, "closed_folder")
    os.mkdir(path, 0o500)
    return path


def interrupts(folder):
    """How far it came; what was committed until then stays."""
    content = (HERE / "http.pcap").read_bytes()
    for number in (signal.SIGINT, signal.SIGTERM):
        expect(f"{number}", interrupted(number, content, "--list", LIST, "-"), 1,
               "interrupted after 42 packets", "files.bad.example",
               absent=["Nothing found"])
    expect("interrupted, as JSON", interrupted(signal.SIGINT, content, "--json", "-"), 1,
           "interrupted after 42 packets", '"event":"request"')
    expect("nothing until then",
           interrupted(signal.SIGINT, (HERE / "stun.pcap").read_bytes(), "--list", LIST, "-"), 1,
           "Nothing found in what was read", "interrupted after")
    expect("half a header", interrupted(signal.SIGINT, content[:10], "--list", LIST, "-"), 1,
           "interrupted after 0 packets", "Nothing was read.")
    store = os.path.join(folder, "kept")
    expect("interrupted, with a store",
           interrupted(signal.SIGTERM, content, "--list", LIST, "--store", store, "-"), 1,
           "interrupted after 42 packets")
    kept = subprocess.run([NTA, "records", "--store", store, "--json"], capture_output=True,
                          timeout=60, check=False).stdout.splitlines()
    expect("its records", (len([r for r in kept if json.loads(r)["event"] == "request"]), ""), 3)
    fifo = os.path.join(folder, "fifo")
    os.mkfifo(fifo)
    nta = subprocess.Popen([NTA, "read", "--list", LIST, fifo], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True)
    wait_until("its handler", lambda: catches(nta.pid, signal.SIGINT))
    nta.send_signal(signal.SIGINT)
    said = nta.communicate(timeout=60)[0]
    expect("a pipe that nobody writes into", (nta.returncode, said), 1,
           "interrupted after 0 packets", absent=["Nothing found"])
    half = pathlib.Path(os.path.join(folder, "long.pcap"))
    half.write_bytes(content[:24]
                     + b"".join(struct.pack("<IIII", 1760000000 + 60 * i, 0, len(p), len(p)) + p
                                for i, p in enumerate(connections(50))))
    nta = subprocess.Popen([NTA, "read", "--pace", "--list", LIST, str(half)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until("its handler", lambda: catches(nta.pid, signal.SIGINT))
    wait_until("the file to be open", lambda: has_open(nta.pid, half))
    nta.send_signal(signal.SIGINT)
    said = nta.communicate(timeout=60)[0]
    expect("a file at its own pace", (nta.returncode, said), 1, "interrupted after ",
           "% of the input read", absent=["Nothing found:"])


def rows_of_a_table(folder):
    """What went out is said where it was more; weak bytes do not count with those of a request
    that names the address.
    """
    lists = os.path.join(folder, "address.txt")
    pathlib.Path(lists).write_text("198.51.100.7\n")
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + bytes(20)
    asked = b"GET / HTTP/1.1\r\nHost: 198.51.100.7\r\n\r\n"

    def talk(port, up, down):
        return [tcp(port, 100, 2), tcp(port, 500, 0x12, back=True), tcp(port, 101, 0x18, up),
                tcp(port, 501, 0x18, down, back=True)]

    read(folder, talk(40000, asked, page) + talk(40001, b"\1" * 900, b"\2" * 10))
    got = run("--list", lists, os.path.join(folder, "x.pcap"))
    rows = [line.split() for line in got[1].splitlines() if line.startswith("10.0.0.5  ")]
    expect("two rows", (len(rows), got[1]), 2)
    expect("a page and what went out", (got[0], got[1]), 0, "20 B", "contact", "10 B",
           "weak, sent 900 B")


def fragments_longer_than_all(folder):
    """Pieces of datagrams, more than one can hold, cut and whole: counted, and none kept."""
    packets = []
    for i, (size, wire) in enumerate([(50, 50), (200000, 250034), (70000, 70000), (65600, 66000),
                                      (50, 250000), (50, 50)]):
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0 if size > 60 else size - 14, i // 2, 0x2000,
                         64, 17, 0, socket.inet_aton("10.0.0.1"), socket.inet_aton("10.0.0.2"))
        packets.append(((MACS + b"\x08\x00" + ip).ljust(size, b"C"), wire))
    path = os.path.join(folder, "long_fragments.pcap")
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for i, (packet, wire) in enumerate(packets):
            out.write(struct.pack("<IIII", 1760000000, i, len(packet), wire) + packet)
    expect("fragments longer than a datagram", run("--stats", "--list", LIST, path), 0,
           "fragment.drop                       6 packets", "Nothing found: none of ")


with tempfile.TemporaryDirectory() as folder:
    good = connections(50)
    files_that_are_none(folder)
    lists_that_are_none(folder)
    interrupts(folder)
    rows_of_a_table(folder)
    fragments_longer_than_all(folder)
    expect("a good capture", read(folder, good), 0, absent=["nta:"])
    expect("no packet", read(folder, []), 1, "not one packet was read")
    expect("no packet, as JSON", read(folder, [], "--json"), 1, "not one packet was read")
    expect("a filter that lets none through", read(folder, good, "--filter", "udp port 9"), 1,
           "the filter lets none through")
    odd = [MACS + b"\x81\x02" + b"\0" * 46] * 40
    expect("an EtherType nobody knows", read(folder, good + odd), 0,
           "(40) are of a kind that is not known here")
    code, said = read(folder, good + odd, "--stats", "--workers", "4")
    expect("its number", (code, said), 0,
           "40 packets with a layer we do not know: EtherType 33026 (0x8102)")
    expect("each number once", (said.count("0x8102"), ""), 1)
    expect("one direction", read(folder, connections(50, answered=False)), 0,
           "only one direction was seen", absent=["checksum"])
    expect("everything twice", read(folder, connections(50, twice=True)), 0, "came twice",
           absent=["direction"])
    tunnels_count_once(folder)
    expect("wrong checksums", read(folder, connections(50, broken=True)), 0,
           "have a wrong checksum")

sys.exit(1 if failed else 0)
