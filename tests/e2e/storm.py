#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an interface or a guest of the control socket may do to ntad: 200 interfaces that come and
go at once beside the one that is heard, one that is renamed twice within a second, one whose name
another one takes, one that comes back with another kind of link; connections to the control socket
that say nothing, too much, or go.  What is heard goes on being heard, and the status is given.

usage: storm.py NTA NTAD     77: no network namespace can be made here
"""
import contextlib
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import links  # noqa: E402
from checks import ok as check  # noqa: E402
from links import ip, make_pair  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from wire import frame, question, udp  # noqa: E402

TUNSETIFF, TUN_NO_HEADER = 0x400454ca, 0x1001
OTHERS, GUESTS = 200, 300


def until(condition, seconds=10.0):
    return links.until(condition, seconds)


def lookup(name):
    return udp("10.1.0.5", "198.51.100.53", 40000, 53, question(name))


def send(interface, name, n=1):
    links.send(interface, frame(lookup(name)), n)


def seen(running):
    status = running.status()
    return status["counters"]["capture.received"] if status else -1


def is_good(running):
    status = running.status()
    return bool(status) and status["state"] == "good"


def batch(lines):
    """Many changes in one program, as quickly as the kernel takes them."""
    subprocess.run(["ip", "-force", "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                   check=False, stderr=subprocess.DEVNULL)


def news(running):
    """Each change of any interface is told to everybody who listens."""
    n, before = 3000, seen(running)
    sender = threading.Thread(target=send, args=("a0", "news.example", n))
    sender.start()
    while sender.is_alive():
        batch([f"link add d{i} type dummy" for i in range(OTHERS)])
        batch([f"link set d{i} {way}" for way in ("up", "down") for i in range(OTHERS)])
        batch([f"link del d{i}" for i in range(OTHERS)])
    sender.join()
    took = until(lambda: seen(running) == before + n)
    check(f"{OTHERS} interfaces come and go, and no packet of ours is lost", took is not None,
          seen(running) - before)
    check("nor is it taken for lost", until(lambda: is_good(running)) is not None,
          running.status()["reasons"])


def renamed_twice(running):
    batch(["link set b0 name c0", "link set c0 name b0"])
    check("renamed twice within a second: it is heard", until(lambda: is_good(running)) is not None,
          running.status()["reasons"])
    before = seen(running)
    send("a0", "twice.example")
    check("and its packets are seen", until(lambda: seen(running) == before + 1) is not None)


def name_taken(running):
    """The name is what was asked for, not the interface that had it."""
    make_pair("a1", "b1")
    batch(["link set b0 name c0", "link set b1 name b0"])
    time.sleep(2)
    check("another one takes the name: it is heard", until(lambda: is_good(running)) is not None,
          running.status()["reasons"])
    before = seen(running)
    send("a1", "taken.example")
    send("a0", "left.example")
    check("and the one that lost it is not", until(lambda: seen(running) == before + 1) is not None,
          seen(running) - before)
    ip("link", "del", "c0")


def other_kind(running):
    """Ethernet before, then raw IP under the same name, and Ethernet again."""
    ip("link", "del", "b0")
    until(lambda: not is_good(running))
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"b0", TUN_NO_HEADER))
    ip("link", "set", "b0", "up")
    check("it comes back with another kind of link", until(lambda: is_good(running)) is not None,
          running.status()["reasons"])
    os.write(fd, lookup("raw.example"))
    time.sleep(1)
    os.close(fd)
    until(lambda: not is_good(running))
    make_pair("a0", "b0")
    check("and with the first one", until(lambda: is_good(running)) is not None)
    send("a0", "ethernet.example")
    time.sleep(1)


def guests(running):
    """Of one user, who may have four that say nothing; the others make way."""
    words = [b"", b"status", b"x" * 100000, b"audit " + b"0" * 60000 + b"\n", b"\0\xff\n",
             b"reload\n", b"status json\n"]
    with contextlib.ExitStack() as stack:
        for i in range(GUESTS):
            guest = stack.enter_context(socket.socket(socket.AF_UNIX))
            guest.settimeout(.2)
            with contextlib.suppress(OSError):
                guest.connect(str(running.folder / "control"))
                guest.sendall(words[i % len(words)])
        took = until(lambda: running.status() is not None)
        check(f"with {GUESTS} guests the status is given", took is not None)
    check("and when they have gone", until(lambda: is_good(running)) is not None,
          running.status() and running.status()["reasons"])
    files = len(list(pathlib.Path(f"/proc/{running.process.pid}/fd").iterdir()))
    check(f"none of their connections is left ({files} open files)", files < 60, files)


def main():
    nta, ntad = sys.argv[1:3]
    if not in_namespace():
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-storm-") as name:
        make_pair("a0", "b0")
        with Ntad(nta, ntad, pathlib.Path(name) / "run", ["b0"], canary_s=0) as running:
            news(running)
            guests(running)
            renamed_twice(running)
            name_taken(running)
            other_kind(running)
            ip("link", "set", "b0", "down")
            until(lambda: not is_good(running))
            n_well = running.log().count("again well")
        check("a stop makes no interface well", running.log().count("again well") == n_well,
              running.log()[-300:])
        sites = {r["site"] for r in running.records("--event", "lookup")}
        check("each was understood, by its kind of link",
              {"news.example", "twice.example", "taken.example", "raw.example",
               "ethernet.example"} <= sites, sites)
        check("and nothing else was seen", "left.example" not in sites, sites)
        gaps = [g["log"]["reason"] for g in running.records("--event", "gap")]
        check("what was not seen is told", {"interface renamed", "interface gone"} <= set(gaps),
              gaps)
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
