#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long run: lookups of many users over veth without a pause, and real captures in a loop, a
reload each 10 s; MariaDB is stopped and started, the interface set down and up, the store's disk
filled and freed.  Memory and descriptors must stay as they are, and what was sent is recorded or
counted as lost, exactly.

usage: soak.py NTA NTAD [TIME]     TIME as 90s, 20m, 12h; 77: no namespaces can be made here

The captures are those of tests/golden and, if NTA_SHARED names a folder with some, of others.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import mariadb  # noqa: E402
from checks import ok as check  # noqa: E402
from links import ip, make_pair  # noqa: E402
from ntad import Ntad  # noqa: E402
from wire import Wire  # noqa: E402

USERS, NAMES, PAIRS_A_SECOND = 200, 2000, 400
REAL_MAX, REAL_BYTES = 12000, 1514  # frames of captures, of which one goes with each two pairs
ROUND_S, RELOAD_S, LOOK_S = 60, 10, 5
ANSWERS_S = 20  # for whoever asks for the state again and again
FIRST = 1   # record of the batch that `nta keys init` seals
# more than in the middle, by which memory may have grown at the end; in a short run tables that
# were reserved are still touched for the first time
FLAT, FLAT_SHORT, SHORT_S = 0.02, 0.06, 600


def frames():
    """Questions and answers, in turn, as often as one likes."""
    wire = Wire()
    for i in range(NAMES):
        user = f"10.1.{i % USERS // 100}.{i % USERS % 100 + 1}"
        wire.lookup(i, user, 20000 + i, f"w{i}.soak.example", "198.51.100.7", i, "10.1.9.53")
    return [data for _, _, data in sorted(wire.packets, key=lambda p: p[0])]


def read_frames(path):
    """Of a classic capture file of Ethernet; else none."""
    data = path.read_bytes()
    kinds = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
             b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
    order = kinds.get(data[:4])
    if not order or len(data) < 24 or struct.unpack(order + "I", data[20:24])[0] & 0xffff != 1:
        return
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + length]
        at += 16 + length
        if 14 <= len(frame) <= REAL_BYTES:
            yield frame


def real_frames():
    paths = sorted((pathlib.Path(__file__).resolve().parents[1] / "golden").glob("*.pcap"))
    if shared := os.environ.get("NTA_SHARED"):
        paths += sorted(pathlib.Path(shared, "corpora").rglob("*.pcap"))
    out = []
    for path in paths:
        if len(out) < REAL_MAX:
            out += list(read_frames(path))[:REAL_MAX // 40]
    return out[:REAL_MAX]


class Soak:
    def __init__(self, running, store, server):
        self.running, self.store, self.server = running, store, server
        self.frames, self.real = frames(), real_frames()
        self.n_real = self.n_outages = 0
        self.n_sent = self.at = self.n_downs = self.n_full = self.n_reloads = 0
        self.port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.port.bind(("a0", 0))
        self.sizes, self.descriptors = [], []

    def send(self, seconds):
        """Pairs, evenly."""
        began, n = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            while n < passed * PAIRS_A_SECOND:
                for _ in range(2):
                    self.port.send(self.frames[self.at])
                    self.at = (self.at + 1) % len(self.frames)
                self.n_sent += 2
                n += 1
                if n % 2:
                    self.port.send(self.real[self.n_real % len(self.real)])
                    self.n_real += 1
            time.sleep(.01)

    def look(self):
        process = pathlib.Path(f"/proc/{self.running.process.pid}")
        lines = (process / "status").read_text().splitlines()
        self.sizes.append(next(int(x.split()[1]) for x in lines if x.startswith("VmRSS")))
        self.descriptors.append(len(list((process / "fd").iterdir())))

    def rest(self):
        """Nothing is done to it for more than a minute."""
        for _ in range(90):
            self.send(1)
            if not self.causes():
                break
        check("soak: when it is left alone all is well again", not self.causes(), self.causes())

    def causes(self):
        """But that the identity's secret lies here, as in any store that a test makes."""
        end = time.monotonic() + ANSWERS_S
        while not (status := self.running.status()):  # on a busy machine it gives up sooner
            if time.monotonic() > end or self.running.process.poll() is not None:
                raise SystemExit(f"FAILED: soak: no answer, and the process ended with "
                                 f"{self.running.process.poll()}: {self.running.log()[-2000:]}")
        return {cause["name"] for cause in status["causes"]} - {"identity"}

    def down(self):
        """Without packets on their way, so that the sums are exact."""
        time.sleep(.5)
        ip("link", "set", "b0", "down")
        time.sleep(1.5)
        ip("link", "set", "b0", "up")
        self.n_downs += 1
        # alone: what a full disk cost before is told until a minute was quiet
        ok = any("interface" not in self.causes() or time.sleep(.05) for _ in range(400))
        check("soak: the interface is heard again after it was down", ok, self.causes())

    def outage(self):
        """MySQL is away; what is recorded waits in the journal."""
        self.server.stop()
        self.send(LOOK_S)
        self.server.start()
        self.n_outages += 1
        for _ in range(60):
            self.send(1)
            if "mysql" not in self.causes():
                return
        check("soak: MySQL takes records again", False, self.causes())

    def fill(self):
        path = self.store / "fill"
        with open(path, "wb", buffering=0) as file:
            try:
                while file.write(bytes(1 << 16)):
                    pass
            except OSError:
                pass
        self.send(3)
        path.unlink()
        self.n_full += 1
        self.send(6)
        ok = any(not self.causes() & {"store", "disk", "store_full"} or time.sleep(.1)
                 for _ in range(200))
        check("soak: records are stored again after the disk was full", ok, self.causes())

    def reload(self):
        with open(self.running.folder / "list", "a", encoding="ascii") as file:
            file.write(f"n{self.n_reloads}.bad.example\n")
        self.running.process.send_signal(signal.SIGHUP)
        self.n_reloads += 1

    def run(self, seconds):
        end, began = time.monotonic() + seconds, time.monotonic()
        self.flat = FLAT if seconds >= SHORT_S else FLAT_SHORT
        done = set()
        while (now := time.monotonic()) < end:
            turn, at = divmod(now - began, ROUND_S)
            for what, when, act in (("mysql", 5, self.outage if self.server else None),
                                    ("down", 25, self.down), ("full", 42, self.fill)):
                if act and at >= when and (turn, what) not in done:
                    done.add((turn, what))
                    act()
            if now - began >= RELOAD_S * (self.n_reloads + 1):
                self.reload()
            self.send(LOOK_S)
            self.look()


def records(running, *options):
    """Of journal and MySQL."""
    run = subprocess.run([running.nta, "records", "--config", running.folder / "conf", "--json",
                          *options], capture_output=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def count(running):
    """Our lookups that are stored, in journal and MySQL, a line each."""
    n = 0
    with subprocess.Popen([running.nta, "records", "--config", running.folder / "conf", "--json",
                           "--event", "lookup"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as reader:
        for line in reader.stdout:
            n += b".soak.example" in line
    return n


def dropped_by_cable():
    """What the kernel's queue of the pair had no room for on a busy machine: nobody received it."""
    shown = subprocess.run(["ip", "-s", "-j", "link", "show", "a0"], check=True,
                           capture_output=True).stdout
    return json.loads(shown)[0]["stats64"]["tx"]["dropped"]


def judge(soak, counters, running):
    lost = {k: v for k, v in counters.items()
            if v and k.startswith(("capture.drop", "record.drop", "record.lost", "record.full"))}
    n_cable = dropped_by_cable()
    n_sent = soak.n_sent + soak.n_real - n_cable
    print(f"sent {n_sent}, {n_cable} more that the cable dropped, "
          f"received {counters['capture.received']}, lost {lost or 'nothing'}; "
          f"{soak.n_reloads} reloads, {soak.n_downs} times down, {soak.n_full} times full, "
          f"{soak.n_outages} times without MySQL")
    wire = counters["capture.received"] + counters.get("capture.drop.kernel", 0) \
        + counters.get("capture.drop.interface", 0)
    check("soak: each packet was received or is counted as lost", wire == n_sent, (n_sent, wire))
    wrote = int(re.findall(r"wrote (\d+) records", running.log())[-1])
    run = subprocess.run([running.nta, "verify", "--config", running.folder / "conf"],
                         capture_output=True, text=True, check=False)
    check("soak: the chain holds", run.returncode == 0, run.stdout + run.stderr)
    stored = int(re.search(r"batches \d+ with (\d+) records", run.stdout)[1])
    check(f"soak: what was written is there, all {stored} records", stored == wrote + FIRST,
          (wrote, stored))
    n = count(running)
    missing = soak.n_sent // 2 - n
    check(f"soak: each lookup is stored or counted as lost ({n}, {missing} lost)",
          0 <= missing <= sum(lost.values()), (missing, lost))
    gaps = [g["log"]["reason"] for g in records(running, "--event", "gap")]
    check("soak: each time down is told", gaps.count("interface down") == soak.n_downs, gaps)
    rows = records(running, "--event", "loss")
    wrong = [r for r in rows if set(r.get("losses", {})) !=
             set(r.get("log", {}).get("worst_second", {}))]
    check(f"soak: each of {len(rows)} loss records has the worst second of what was lost",
          rows and not wrong, wrong[:2])
    half = len(soak.sizes) // 2
    middle, most = soak.sizes[half], max(soak.sizes[half:])
    check(f"soak: memory is flat ({middle} KiB in the middle, {most} KiB at most since)",
          most <= middle * (1 + soak.flat), soak.sizes)
    check(f"soak: no descriptor leaks ({soak.descriptors[half]}, then {soak.descriptors[-1]})",
          max(soak.descriptors[half:]) <= soak.descriptors[half] + 2, soak.descriptors)


def to_seconds(text):
    units = {"s": 1, "m": 60, "h": 3600}
    if not text[:-1].isdigit() or text[-1] not in units:
        raise SystemExit(f"{text}: no time; 90s, 20m and 12h are some")
    return int(text[:-1]) * units[text[-1]]


def main():
    nta, ntad = sys.argv[1:3]
    seconds = to_seconds(sys.argv[3] if len(sys.argv) > 3 else "70s")
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("skipped: needs root and unshare")
        return 77
    if "NTA_TEST_INSIDE" not in os.environ:
        os.environ["NTA_TEST_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    make_pair("a0", "b0")
    with tempfile.TemporaryDirectory(prefix="nta-soak-") as name:
        folder = pathlib.Path(name) / "run"
        store = folder / "store"
        store.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", store], check=True)
        server = mariadb.MariaDb(pathlib.Path(name) / "mariadb") if mariadb.found() else None
        print("with MariaDB" if server else "MariaDB is not installed: skipped that part")
        try:
            with contextlib.ExitStack() as stack:
                if server:
                    stack.enter_context(server)
                more = 'flow = { udp_idle = "2s"; };\n' + (server.config() if server else "")
                running = stack.enter_context(
                    Ntad(nta, ntad, folder, ["b0"], canary_s=0, more=more))
                running.may_end_with = {0, 1}  # 1: records found no room, which is counted
                soak = Soak(running, store, server)
                soak.run(seconds)
                if seconds >= SHORT_S:
                    soak.rest()
                time.sleep(2)
                counters = running.status()["counters"]
                running.__exit__()
                judge(soak, counters, running)
        finally:
            subprocess.run(["umount", "-l", store], check=False)
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
