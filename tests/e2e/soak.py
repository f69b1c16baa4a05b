#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A long run: lookups of many users over veth without a pause, a reload each 10 s; the interface is
set down and up, the store's disk filled and freed.  Memory and descriptors must stay as they are,
and what was sent is recorded or counted as lost, exactly.

usage: soak.py NTA NTAD [TIME]     TIME as 90s, 20m, 12h; 77: no namespaces can be made here
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from links import ip, make_pair  # noqa: E402
from ntad import Ntad  # noqa: E402
from wire import Wire  # noqa: E402

USERS, NAMES, PAIRS_A_SECOND = 200, 2000, 400
ROUND_S, RELOAD_S, LOOK_S = 60, 10, 5
FLAT = .02  # the last half's memory, above that of the middle
failures = 0


def check(what, good, got=""):
    global failures
    failures += not good
    print(f"{'ok' if good else 'FAILED'}: {what}{'' if good else f': {got}'}", flush=True)


def frames():
    """Questions and answers, in turn, as often as one likes."""
    wire = Wire()
    for i in range(NAMES):
        user = f"10.1.{i % USERS // 100}.{i % USERS % 100 + 1}"
        wire.lookup(i, user, 20000 + i, f"w{i}.soak.example", "198.51.100.7", i, "10.1.9.53")
    return [data for _, _, data in sorted(wire.packets, key=lambda p: p[0])]


class Soak:
    def __init__(self, running, store):
        self.running, self.store = running, store
        self.frames = frames()
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
            time.sleep(.01)

    def look(self):
        process = pathlib.Path(f"/proc/{self.running.process.pid}")
        lines = (process / "status").read_text().splitlines()
        self.sizes.append(next(int(x.split()[1]) for x in lines if x.startswith("VmRSS")))
        self.descriptors.append(len(list((process / "fd").iterdir())))

    def until_good(self):
        for _ in range(400):
            if (status := self.running.status()) and status["state"] == "good":
                return True
            time.sleep(.05)
        return False

    def causes(self):
        return {cause["name"] for cause in self.running.status()["causes"]}

    def down(self):
        """Without packets on their way, so that the sums are exact."""
        time.sleep(.5)
        ip("link", "set", "b0", "down")
        time.sleep(1.5)
        ip("link", "set", "b0", "up")
        self.n_downs += 1
        check("soak: well again after the interface was down", self.until_good(),
              self.running.status())

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
        done = set()
        while (now := time.monotonic()) < end:
            turn, at = divmod(now - began, ROUND_S)
            for what, when, act in (("down", 20, self.down), ("full", 40, self.fill)):
                if at >= when and (turn, what) not in done:
                    done.add((turn, what))
                    act()
            if now - began >= RELOAD_S * (self.n_reloads + 1):
                self.reload()
            self.send(LOOK_S)
            self.look()


def count(running):
    """Lookups that are stored, a line each."""
    n = 0
    with subprocess.Popen([running.nta, "records", "--store", running.folder / "store", "--json",
                           "--event", "lookup"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as reader:
        for _ in reader.stdout:
            n += 1
    return n


def judge(soak, counters, running):
    lost = {k: v for k, v in counters.items()
            if v and k.startswith(("capture.drop", "record.drop", "record.lost", "record.full"))}
    print(f"sent {soak.n_sent}, received {counters['capture.received']}, lost {lost or 'nothing'}; "
          f"{soak.n_reloads} reloads, {soak.n_downs} times down, {soak.n_full} times full")
    wire = counters["capture.received"] + counters.get("capture.drop.kernel", 0) \
        + counters.get("capture.drop.interface", 0)
    check("soak: each packet was received or is counted as lost", wire == soak.n_sent,
          (soak.n_sent, wire))
    if not any(k.startswith("capture.drop") for k in lost):
        n = count(running)
        check(f"soak: each lookup is stored or counted as lost ({n})",
              n + sum(lost.values()) == soak.n_sent // 2, (soak.n_sent // 2, n, lost))
    gaps = [g["log"]["reason"] for g in running.records("--event", "gap")]
    check("soak: each time down is told", gaps.count("interface down") == soak.n_downs, gaps)
    half = len(soak.sizes) // 2
    middle, most = soak.sizes[half], max(soak.sizes[half:])
    check(f"soak: memory is flat ({middle} KiB in the middle, {most} KiB at most since)",
          most <= middle * (1 + FLAT), soak.sizes)
    check(f"soak: no descriptor leaks ({soak.descriptors[half]}, then {soak.descriptors[-1]})",
          max(soak.descriptors[half:]) <= soak.descriptors[half] + 2, soak.descriptors)
    run = subprocess.run([running.nta, "verify", "--store", running.folder / "store"],
                         capture_output=True, text=True, check=False)
    check("soak: the chain holds", run.returncode == 0, run.stdout + run.stderr)


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
        try:
            with Ntad(nta, ntad, folder, ["b0"], canary_s=0,
                      more='flow = { udp_idle = "2s"; };') as running:
                running.may_end_with = {0, 1}  # 1: records found no room, which is counted
                soak = Soak(running, store)
                soak.run(seconds)
                time.sleep(2)
                counters = running.status()["counters"]
            judge(soak, counters, running)
        finally:
            subprocess.run(["umount", "-l", store], check=False)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
