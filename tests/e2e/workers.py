#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is recorded does not depend on how many workers there are, nor on how a capture is cut into
files: for each capture `nta read` gives the same records with 1, 2, 4 and 8 workers, byte for byte
but their ids, and of those made here the right ones.

usage: workers.py NTA                   captures made here, and the golden ones
       workers.py NTA --shared          those of NTA_SHARED, many in one run (a third of them
                                        without NTA_LONG=1); 77: not there
       workers.py NTA --shared --long   each by itself, five runs of each number, and the mix of
                                        the benchmarks: the networks at home as they are by
                                        default, and once all (resolvers are at home) and none
"""
import collections
import concurrent.futures
import ipaddress
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from sample import sample  # noqa: E402
from wire import (ACK, GATE_MAC, PSH, RST, START, SYN, USER_MAC, Wire, frame, hello, ip,  # noqa
                  tcp, udp)

WORKERS = (1, 2, 4, 8)
TOGETHER = 24  # captures of one run
OF_THE_RUN = ("start", "stop", "policy", "gap", "loss")
OUTSIDE, INSIDE = "198.51.100.53", "10.200.0.53"


def user(i):
    return f"10.1.{i // 250}.{1 + i % 250}"


def server(i):
    return f"203.0.113.{1 + i % 250}"


def read(nta, files, workers, options=()):
    """The records of a run as lines without ids, each with how often it came."""
    run = subprocess.run([nta, "read", "--json", "--workers", str(workers), *options, *files],
                         capture_output=True, check=False)
    rows = collections.Counter({json.dumps({"event": "end", "status": run.returncode}): 1})
    for line in run.stdout.splitlines():
        row = json.loads(line)
        row.pop("id", None)
        if row["event"] not in OF_THE_RUN:
            rows[json.dumps(row, sort_keys=True)] += 1
    return rows


def differences(nta, files, counts=WORKERS, options=()):
    """The records of the first count, and a sentence for each count that gives others."""
    first, said = read(nta, files, counts[0], options), []
    for n in counts[1:]:
        got = read(nta, files, n, options)
        if got != first:
            lacks, extra = first - got, got - first
            said.append(f"{n} workers: {sum(lacks.values())} missing, {sum(extra.values())} more; "
                        f"{next(iter(lacks), '')[:300]} / {next(iter(extra), '')[:300]}")
    return first, said


def count(rows, test):
    return sum(n for line, n in rows.items() if test(json.loads(line)))


def download(size):
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {size}"
    return head.encode() + b"\r\n\r\nMZ" + b"\x90" * (size - 2)


def get(i):
    return f"GET /tool{i}.exe HTTP/1.1\r\nHost: www{i}.bad.example\r\n\r\n".encode()


def is_download(row, size):
    return row["event"] == "request" and row.get("file", {}).get("bytes") == size


def tap(folder):
    """Both directions of a line, each in a file of its own."""
    wire = Wire()
    for i in range(600):
        wire.connection(START + i * .003, user(i), server(i), 30000 + i, 80, get(i),
                        download(6000))
    files = [wire.write(folder / "up", True), wire.write(folder / "down", False)]
    return [(files, lambda r: is_download(r, 6000), 600),
            (files[::-1], lambda r: is_download(r, 6000), 600),
            ([wire.write(folder / "both")], lambda r: is_download(r, 6000), 600)]


def fragments(folder):
    """Users behind one end of a tunnel whose full packets were cut on the way."""
    outside, ident = Wire(), 0
    inside = Wire()
    for i in range(200):
        inside.connection(START + i * .01, user(i), server(i), 30000 + i, 80, get(i),
                          download(30000))
    for time, up, data in inside.packets:
        ident = ident % 65535 + 1
        ends = (f"192.0.2.{1 + ident % 4}", "192.0.2.200")
        src, dst = ends if up else ends[::-1]
        body = struct.pack("!HHHH", 50000 + ident % 1000, 4789, 16 + len(data), 0)
        body += struct.pack("!BBHI", 8, 0, 0, 7 << 8) + data
        if len(body) <= 1480:
            outside.put(time, ip(src, dst, 17, body, ident), up)
            continue
        outside.put(time, ip(src, dst, 17, body[:1480], ident, 0x2000), up)
        outside.put(time + 1e-6, ip(src, dst, 17, body[1480:], ident, 1480 // 8), up)
    return [([outside.write(folder / "fragments")], lambda r: is_download(r, 30000), 200)]


def hidden(folder, resolver):
    """An answer that names the site, then a hello whose own name is encrypted."""
    wire, mark = Wire(), f"hidden-{resolver}"
    for i in range(600):
        name, time = f"h{i}.hidden.example", START + i * .002
        wire.lookup(time, user(i), 20000 + i, name, server(i), i, resolver)
        wire.connection(time + .0105, user(i), server(i), 30000 + i, 443,
                        hello(f"front{i % 50}.example", True), b"\x17\3\3\1\0" + b"\x33" * 256)

    def is_right(row):
        return (row["event"] == "flow" and row["hidden"] and
                row["site"].endswith(".hidden.example"))

    return [([wire.write(folder / mark)], is_right, 600),
            ([wire.write(folder / f"{mark}-up", True), wire.write(folder / f"{mark}-down", False)],
             is_right, 600)]


def dual_stack(folder):
    """Asked over IPv4 where a host is in IPv6: the same device connects from its other address.
    Behind a router, whose address stands in all frames, nobody can tell whose name it is."""
    wire = Wire()
    for i in range(300):
        mac = b"\2\0\0\1" + struct.pack("!H", i)
        six = f"2001:db8:1::{i + 1:x}"
        wire.lookup(START + i * .004, user(i), 20000 + i, f"six{i}.bad.example",
                    f"2001:db8:2::{i + 1:x}", i, OUTSIDE, mac)
        wire.connection(START + i * .004 + .02, six, f"2001:db8:2::{i + 1:x}", 30000 + i, 9000,
                        b"\1\2\3\4" * 5, b"\xff\0" * 500, mac)
    router = Wire()
    for i in range(2, 302):
        router.lookup(START + i * .001, user(i), 20000 + i, f"six{i}.bad.example",
                      f"2001:db8:2::{i:x}", i, OUTSIDE)
        router.connection(START + 1 + i * .001, f"2001:db8:1::{i:x}", f"2001:db8:2::{i:x}",
                          30000 + i, 9000, b"\1\2\3\4" * 5, b"\xff\0" * 500)

    def is_named(row):
        return (row["event"] == "flow" and row["site"].startswith("six") and row["shared"] and
                row["basis"] == "dns")

    return [([wire.write(folder / "dual")], is_named, 300),
            ([router.write(folder / "router")], is_named, 0)]


def other_address(folder):
    """Asked from one address of a machine, connected from another one, both of IPv6; what nobody
    asked for names nothing there; an alias is known there, too."""
    asked, unasked, alias = Wire(), Wire(), Wire()
    for i in range(200):
        mac, time = b"\2\0\0\1" + struct.pack("!H", i), START + i * .004
        first, other, peer = (f"2001:db8:1::{i + 1:x}", f"2001:db8:1::5:{i + 1:x}",
                              f"2001:db8:2::{i + 1:x}")
        for wire in (asked, unasked, alias):
            wire.lookup(time, first, 20000 + i, f"six{i}.good.example", peer, i,
                        "2001:db8:53::53", mac,
                        f"t{i}.bad.example" if wire is alias else None, wire is not unasked)
            wire.connection(time + .02, other, peer, 30000 + i, 9000, b"\1\2\3\4" * 5,
                            b"\xff\0" * 500, mac)

    def is_named(row):
        return (row["event"] == "flow" and row["site"].startswith("six") and row["shared"] and
                row["basis"] == "dns")

    def has_alias(row):
        return is_named(row) and any(x.endswith(".bad.example") for x in row.get("via") or [])

    return [([asked.write(folder / "other")], is_named, 200),
            ([unasked.write(folder / "unasked")], is_named, 0),
            ([alias.write(folder / "alias")], has_alias, 200)]


def pair(folder):
    """Connections between one pair of addresses, many more than one of 8 workers' part of all."""
    wire, n = Wire(), 4000
    for i in range(n):
        time, port = START + i * 1e-4, 2000 + i
        request = f"GET http://h{i}.good.example/x HTTP/1.1\r\nHost: h{i}.good.example\r\n\r\n"
        request = request.encode()
        ends, back = ("10.0.0.1", "10.9.9.9", port, 3128), ("10.9.9.9", "10.0.0.1", 3128, port)
        wire.put(time, tcp(*ends, 1000, 0, SYN), True)
        wire.put(time + .001, tcp(*back, 5000, 1001, SYN | ACK), False)
        wire.put(time + 3, tcp(*ends, 1001, 5001, PSH | ACK, request), True)
        wire.put(time + 3.5, tcp(*back, 5001, 1001 + len(request), PSH | ACK,
                                 b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), False)
        wire.put(time + 4, tcp(*ends, 1001 + len(request), 5044, RST | ACK), True)
    conf = folder / "conf"
    conf.write_text("flow = { table = 4600; };\n")
    return [([wire.write(folder / "pair")], lambda r: r["event"] == "request", n,
             ("--config", str(conf)))]


def retro(folder):
    """What is looked up later names nothing that began before, in one file or two."""
    late, early, seconds = Wire(), Wire(), 10 * 365 * 86400
    early.connection(START - seconds, "10.0.0.1", "203.0.113.9", 4000, 9000, b"\1\2\3\4" * 5,
                     b"\xff\0" * 1000)
    late.lookup(START, "10.0.0.1", 5555, "evil.example", "203.0.113.9", 7, OUTSIDE)
    one = Wire()
    there, back = ("10.0.0.1", "203.0.113.9", 4000, 9000), ("203.0.113.9", "10.0.0.1", 9000, 4000)
    one.put(START, tcp(*there, 1000, 0, SYN), True)
    one.put(START + .01, tcp(*back, 5000, 1001, SYN | ACK), False)
    one.put(START + .02, tcp(*there, 1001, 5001, ACK | PSH, b"\1\2\3\4"), True)
    one.put(START + .03, tcp(*back, 5001, 1005, ACK | PSH, b"\xff"), False)
    one.lookup(START + 100, "10.0.0.1", 5555, "evil.example", "203.0.113.9", 7, OUTSIDE)
    one.put(START + 110, tcp(*back, 5002, 1005, ACK | PSH, b"\xff"), False)
    files = [early.write(folder / "early"), late.write(folder / "late")]

    def is_named(row):
        return row["event"] == "flow" and row["site"] == "evil.example"

    return [(files, is_named, 0), (files[::-1], is_named, 0),
            ([one.write(folder / "one")], is_named, 0)]


def passive(folder):
    """FTP inside the network: the file goes over another connection, to a port above the
    client's."""
    wire = Wire()
    for i in range(50):
        client, time = user(i), START + i * .05
        wire.connection(time + .013, client, INSIDE, 40001, 50000 + i, b"", b"")
        port = 50000 + i
        said = f"227 Entering Passive Mode (10,200,0,53,{port // 256},{port % 256})\r\n"
        control = [(True, b"RETR tool.exe\r\n"), (False, b"150 Opening\r\n")]
        seq = {True: 1000, False: 5000}
        steps = [(False, b"220 ready\r\n"), (True, b"PASV\r\n"), (False, said.encode())] + control
        ends = {True: (client, INSIDE, 40000, 21), False: (INSIDE, client, 21, 40000)}
        wire.put(time, tcp(*ends[True], 999, 0, SYN), True)
        wire.put(time + .001, tcp(*ends[False], 4999, 1000, SYN | ACK), False)
        for k, (up, text) in enumerate(steps):
            wire.put(time + .002 + k * .001, tcp(*ends[up], seq[up], seq[not up], PSH | ACK, text),
                     up)
            seq[up] += len(text)
    return [([wire.write(folder / "passive")],
             lambda r: r["event"] == "request" and r.get("method") == "RETR", 50)]


def run_made(nta, folder):
    (folder / "list").write_text("bad.example\nevil.example\n")
    cases = (tap(folder) + fragments(folder) + hidden(folder, OUTSIDE) + hidden(folder, INSIDE) +
             dual_stack(folder) + other_address(folder) + pair(folder) + retro(folder) +
             passive(folder))
    failed = 0
    for files, test, want, *options in cases:
        options = ("--list", str(folder / "list"), *(options[0] if options else ()))
        rows, said = differences(nta, files, WORKERS, options)
        got, name = count(rows, test), "+".join(file.name for file in files)
        if got != want:
            said.append(f"{got} right of {want}")
        failed += bool(said)
        print(f"{name}: {sum(rows.values())} records, {'; '.join(said) or 'right'}", flush=True)
    return failed


def run_captures(nta, captures, counts, options=()):
    """Each of `captures`: the files of one run."""
    failed = n = records = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda files: (files, *differences(nta, files, counts, options)), captures)
        for files, rows, said in runs:
            n += len(files)
            records += sum(rows.values())
            failed += bool(said)
            if said:
                names = " ".join(str(path) for path in files)
                print(f"{names}: {'; '.join(said)}", flush=True)
    print(f"{n} captures, {records} records of {len(counts)} runs with {counts} workers"
          f"{' '.join(('', *map(str, options)))}: {failed or 'none'} not the same", flush=True)
    return failed + (records == 0)


def made_by_scripts(shared, folder):
    """The captures of NTA_SHARED/faults/workers, some of which its scripts make."""
    work = folder / "faults"
    shutil.copytree(shared / "faults/workers", work)
    work.chmod(0o755)
    one_pair = work / "pair.py"
    one_pair.chmod(0o644)
    # all at once, but no more than one worker has parser states for: at a bound of each worker's,
    # how many there are does count
    one_pair.write_text(one_pair.read_text().replace("N=60000", "N=12000"))
    for name in ("asym", "tunfrag", "ech", "pair"):
        subprocess.run([sys.executable, f"{name}.py"], cwd=work, check=True)
    late = [work / "conn15.pcap", work / "look25.pcap"]
    tap_ports = [work / "asym_up.pcap", work / "asym_down.pcap"]
    return [tap_ports, tap_ports[::-1], late, late[::-1], *(
        [work / f"{name}.pcap"] for name in ("asym_all", "tunfrag", "ech", "retro"))]


def make_mix(shared, folder):
    """As tests/bench/run.sh makes it."""
    subprocess.run(["gcc", "-O2", shared / "bench/mixgen.c", "-o", folder / "mixgen", "-lpcap"],
                   check=True)
    subprocess.run([folder / "mixgen", folder / "mix.pcap", "300", "120", "../bench/mix.list"],
                   cwd=shared / "corpora", check=True, stderr=subprocess.DEVNULL)
    return folder / "mix.pcap"


def run_shared(nta, shared, folder, is_long):
    paths = sorted(p for p in (shared / "corpora").rglob("*")
                   if p.suffix in (".pcap", ".pcapng", ".cap"))
    (folder / "list").write_text("bad.example\nevil.example\ngoogle.com\n")
    listed = ("--list", folder / "list")
    failed = run_captures(nta, made_by_scripts(shared, folder), WORKERS, listed)
    (folder / "other").write_text("nobody.example\n")  # 64 alerts at once are a worker's bound, too
    failed += run_captures(nta, [[folder / "faults/pair.pcap"]], WORKERS,
                           ("--list", folder / "other"))
    if not is_long:
        together = sample((paths[i:i + TOGETHER] for i in range(0, len(paths), TOGETHER)), 3)
        return failed + run_captures(nta, together, WORKERS, listed)
    captures = [[path] for path in paths] + [[make_mix(shared, folder)]]
    failed += run_captures(nta, captures, WORKERS * 5, listed)
    for name, networks in (("all", '"0.0.0.0/0", "::/0"'), ("none", '"192.0.2.255/32"')):
        (folder / name).write_text(f"network = {{ home = ( {networks} ); }};\n")
        failed += run_captures(nta, captures, WORKERS, (*listed, "--config", folder / name))
    return failed


def main():
    nta = sys.argv[1]
    if "--shared" in sys.argv:
        shared = pathlib.Path(os.environ.get("NTA_SHARED", "/nowhere"))
        if not (shared / "corpora").is_dir():
            print("skipped: NTA_SHARED does not name a folder with corpora")
            return 77
        with tempfile.TemporaryDirectory(prefix="nta-workers-") as folder:
            return 1 if run_shared(nta, shared, pathlib.Path(folder), "--long" in sys.argv) else 0
    golden = HERE.parent / "golden"
    with tempfile.TemporaryDirectory(prefix="nta-workers-") as folder:
        failed = run_made(nta, pathlib.Path(folder))
    failed += run_captures(nta, [[path] for path in sorted(golden.glob("*.pcap"))], WORKERS,
                           ("--list", str(golden / "lists.txt")))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
