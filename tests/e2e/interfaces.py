#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Interfaces come and go: one that is not there at the start (the only one, too) is borne and said,
and is back within two seconds; what could not be seen is told in records, by reason and time;
interfaces with several kinds of link are heard in one daemon.

usage: interfaces.py NTA NTAD     77: no network namespace can be made here
"""
import datetime
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import links  # noqa: E402
from checks import ok as check  # noqa: E402
from links import ip, make_pair, quiet  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from wire import frame, question, udp  # noqa: E402

TUNSETIFF, TUN_NO_HEADER = 0x400454ca, 0x1001


def lookup(name):
    return udp("10.1.0.5", "198.51.100.53", 40000, 53, question(name))


def send(interface, name):
    links.send(interface, frame(lookup(name)))


def until(condition, seconds=2.0):
    return links.until(condition, seconds)


def says(running, text):
    return any(text in reason for reason in running.status()["reasons"])


def seen(running):
    return running.status()["counters"]["capture.received"]


def seconds(record):
    begin, end = (datetime.datetime.fromisoformat(record[k].replace("Z", "+00:00")[:26] + "+00:00")
                  for k in ("time", "end"))
    return (end - begin).total_seconds()


def filters(running):
    """Of each of its threads, by name: has it given up what it has no need of (seccomp)?"""
    told = {}
    for task in pathlib.Path(f"/proc/{running.process.pid}/task").iterdir():
        status = dict(line.split(":", 1) for line in (task / "status").read_text().splitlines())
        told.setdefault(status["Name"].strip(), set()).add(int(status["Seccomp"]))
    return told


def run_one(nta, ntad, folder):
    """The only interface: missing at the start, then there, down, renamed, removed, back.  Its
    filter has a name, which is looked up once."""
    with Ntad(nta, ntad, folder, ["b0"], canary_s=0, packets="port domain") as running:
        check("a start without its only interface is borne, and bad", says(running, "b0 is lost"),
              running.status()["reasons"])
        run = subprocess.run([nta, "status", "--socket", folder / "control"], capture_output=True)
        check("nta status ends with 1", run.returncode == 1, run.stdout)
        check("the log names those that are there", "there are: lo" in running.log(), running.log())
        time.sleep(2)
        make_pair("a0", "b0")
        took = until(lambda: running.status()["state"] == "good")
        check(f"it is heard within 2 s ({took})", took is not None, running.status()["reasons"])
        send("a0", "first.bad.example")
        check("and its packets are seen", until(lambda: seen(running) == 1) is not None)
        told = filters(running)
        check("who reads packets has given up what it does not need", {"nta-worker", "nta-capture"}
              <= told.keys() and told["nta-worker"] == told["nta-capture"] == {2}, told)
        check("the others are as they were", told["ntad"] == told["nta-recorder"] == {0}, told)
        for down, up, reason in (
                (("set", "b0", "down"), ("set", "b0", "up"), "b0 is down"),
                (("set", "b0", "name", "c0"), ("set", "c0", "name", "b0"), "renamed"),
                (("del", "b0"), None, "b0 is lost")):
            ip("link", *down)
            took = until(lambda r=reason: says(running, r))
            check(f"{reason}: noticed within 2 s ({took})", took is not None)
            time.sleep(1)
            if up:
                ip("link", *up)
            else:
                make_pair("a0", "b0")
            took = until(lambda: running.status()["state"] == "good")
            check(f"{reason}: back within 2 s ({took})", took is not None)
        ip("link", "set", "a0", "down")
        time.sleep(1.5)
        check("no carrier is a warning", running.status()["state"] == "good" and any(
            c["name"] == "carrier" for c in running.status()["causes"]))
        ip("link", "set", "a0", "up")
        until(lambda: not running.status()["causes"])
        send("a0", "last.bad.example")
        check("what comes last is seen", until(lambda: seen(running) == 2) is not None)
    # between down and up a pair is without a carrier for a moment, which is told, too
    gaps = [g for g in running.records("--event", "gap") if seconds(g) > .5]
    told = sorted((g["log"]["reason"], g["log"]["interface"]) for g in gaps)
    want = sorted((r, "b0") for r in ("interface gone", "interface gone", "interface renamed",
                                      "interface down", "no carrier"))
    check("each time is told with its reason", told == want, told)
    check("none is told too short", all(seconds(g) >= .9 for g in gaps), list(map(seconds, gaps)))
    check("nor much too long", all(seconds(g) < 6 for g in gaps), list(map(seconds, gaps)))
    blind = sum(b["b0"] for r in running.records("--event", "loss")
                for b in [r.get("log", {}).get("blind", {})] if "b0" in b)
    check(f"the loss records have the blind seconds ({blind})", 5 <= blind <= 25, blind)


def stamp(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")[:26] + "+00:00").timestamp()


def run_killed(nta, ntad, folder):
    """kill -9 while an interface is down: the next start tells that, and the blind seconds."""
    with Ntad(nta, ntad, folder, ["b0"], canary_s=0) as running:
        down = time.time()
        ip("link", "set", "b0", "down")
        check("killed: it is noticed", until(lambda: says(running, "b0 is down")) is not None)
        time.sleep(6.5)  # it says every five seconds how things are
        for _ in range(2):  # the second is killed before what it tells is stored
            running.kill()
            killed = time.time()
            running.launch()
            until(lambda: running.log().count("ntad listens") >= 2, 10)
        ip("link", "set", "b0", "up")
        until(lambda: running.status() and running.status()["state"] == "good", 10)
        # what is stored is not told again
        until(lambda: len(running.records("--event", "gap")) >= 3, 10)
        time.sleep(2.5)
        running.kill()
        running.launch()
        until(lambda: running.log().count("ntad listens") >= 4, 10)
        until(lambda: running.status() and running.status()["state"] == "good", 10)
    gaps = running.records("--event", "gap")
    first = [g for g in gaps if g["log"]["reason"] == "interface down"
             and stamp(g["time"]) < down + .5]
    check("killed: the gap that was open is told", 1 <= len(first) <= 2, gaps)
    check(f"killed: from when it began ({[stamp(g['time']) - down for g in first]})",
          all(stamp(g["time"]) <= down + .2 and stamp(g["end"]) >= down + 4 for g in first), gaps)
    check("killed: of its interface", all(g["log"]["interface"] == "b0" for g in first), first)
    reasons = [g["log"]["reason"] for g in gaps]
    check("killed: each kill is told", 3 <= reasons.count("killed") <= 4, reasons)
    covered = [(stamp(g["time"]), stamp(g["end"])) for g in gaps]
    at, end = down + .2, killed
    while at < end and any(a <= at < b for a, b in covered):
        at = max(b for a, b in covered if a <= at < b)
    check("killed: no second between is left out", at >= end, (down, killed, sorted(covered)))
    blind = [r for r in running.records("--event", "loss")
             if r.get("log", {}).get("blind") and stamp(r["time"]) < down]
    check("killed: the blind seconds are told", sum(
        b["b0"] for r in blind for b in [r["log"]["blind"]]) >= 3, blind)


def open_tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), TUN_NO_HEADER))
    quiet(name)
    ip("link", "set", name, "up")
    return fd


def run_kinds(nta, ntad, folder):
    """Ethernet and raw IP in one; the one that comes later, too."""
    with Ntad(nta, ntad, folder, ["b0", "t0", "lo"], canary_s=2) as running:
        check("one of three is missing", running.status()["reasons"] ==
              ["nothing is seen of an interface: t0 is lost"], running.status()["reasons"])
        fd = open_tun("t0")
        check("it comes", until(lambda: running.status()["state"] == "good") is not None,
              running.status()["reasons"])
        send("a0", "ethernet.bad.example")
        os.write(fd, lookup("raw.bad.example"))
        check("packets of both are seen", until(lambda: seen(running) >= 2) is not None)
        good = until(lambda: running.status()["canary"]["found"], 10)
        check("the canary of each is found", good is not None, running.status())
        os.close(fd)
        check("one that ends with its program is said",
              until(lambda: says(running, "t0 is lost")) is not None)
    sites = {r["site"] for r in running.records("--event", "lookup")}
    check("both kinds of link are understood",
          {"ethernet.bad.example", "raw.bad.example"} <= sites, sites)


def mirrored():
    """A datagram as mirrors show it: of VLANs, MPLS and PPPoE that this machine has no part in."""
    def of(kind, *rest):
        return frame(b"\x45")[:12] + struct.pack("!H", kind) + b"".join(rest)
    packet = lookup("mirror.example")
    return {
        "plain": of(0x800, packet),
        "VLAN": of(0x8100, struct.pack("!HH", 20, 0x800), packet),
        "QinQ": of(0x88a8, struct.pack("!HHHH", 10, 0x8100, 20, 0x800), packet),
        "MPLS": of(0x8847, struct.pack("!I", 100 << 12 | 0x1ff), packet),
        "PPPoE": of(0x8864, struct.pack("!BBHHH", 0x11, 0, 1, len(packet) + 2, 0x21), packet),
    }


def kernel_dropped(interface):
    shown = subprocess.run(["ip", "-s", "-j", "link", "show", interface], check=True,
                           capture_output=True).stdout
    return json.loads(shown)[0]["stats64"]["rx"]["dropped"]


def run_mirror(nta, ntad, folder):
    """What is received and only nobody else's is not lost."""
    n, before = 1000, kernel_dropped("b0")
    with Ntad(nta, ntad, folder, ["b0"], canary_s=0) as running, \
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as port:
        port.bind(("a0", 0))
        for i, data in enumerate(mirrored().values()):
            for _ in range(n):
                port.send(data)
            check("all are seen", until(lambda k=i: seen(running) == (k + 1) * n) is not None,
                  seen(running))
        time.sleep(1.2)
        counters = running.status()["counters"]
    dropped = kernel_dropped("b0") - before
    check(f"the kernel says dropped of frames that we had ({dropped})", dropped >= n)
    lost = {k: v for k, v in counters.items() if k.startswith(("capture.drop", "decode")) and v}
    check("and nothing of them is called lost", not lost, lost)


def main():
    nta, ntad = sys.argv[1:3]
    if not in_namespace():
        return 77
    ip("link", "set", "lo", "up")
    with tempfile.TemporaryDirectory(prefix="nta-interfaces-") as name:
        folder = pathlib.Path(name)
        run_one(nta, ntad, folder / "one")
        run_killed(nta, ntad, folder / "killed")
        run_mirror(nta, ntad, folder / "mirror")
        if os.path.exists("/dev/net/tun"):
            run_kinds(nta, ntad, folder / "kinds")
        else:
            print("skipped: several kinds of link: no /dev/net/tun")
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
