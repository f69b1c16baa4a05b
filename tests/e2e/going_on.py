#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What goes on when something fails once: `nta map --live` and `nta alerts --follow` while
the store is away for a moment, or the map's folder.

usage: going_on.py NTA MAKE_STORE
"""
import json
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402

NTA, MAKE_STORE = sys.argv[1:3]


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.05)
    return False


def lookup_now():
    """A capture of one question of this second."""
    question = struct.pack("!HHHHHH", 1, 0x0100, 1, 0, 0, 0) + wire.wire_name("x.bad.example")
    frame = wire.frame(wire.udp("10.5.0.9", "10.5.0.1", 20000, 53, question + b"\0\1\0\1"))
    return (struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
            + struct.pack("<IIII", int(time.time()) + 1, 0, len(frame), len(frame)) + frame)


class Running:
    """A command whose lines go to files."""

    def __init__(self, work, name, *args):
        self.out, self.err = work / f"{name}.out", work / f"{name}.err"
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen([NTA, *map(str, args)], stdout=out, stderr=err)

    def says(self, text):
        return text in self.out.read_text() + self.err.read_text()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)


def check_map(work, store):
    folder = work / "maps"
    folder.mkdir()
    data = folder / "x.live.kmz"
    running = Running(work, "map", "map", "--store", store, "--live", "--every", "1", "-o",
                      folder / "x.kml")
    ok("map --live writes", until(data.exists), running.err.read_text())
    for what, path in ("the store", store), ("the map's folder", folder):
        away = path.rename(work / "away")
        ok(f"without {what} it says what is wrong, and that it goes on",
           until(lambda: running.says("trying again")), running.err.read_text())
        away.rename(path)
        running.err.write_text("")  # what was said of it
        before = time.time_ns()
        ok(f"and writes when {what} is there again",
           until(lambda: data.exists() and data.stat().st_mtime_ns > before),
           running.err.read_text())
        running.err.write_text("")
    ok("Ctrl-C ends it with status 0", running.end() == 0, running.err.read_text())


def check_follow(work, store):
    running = Running(work, "follow", "alerts", "--store", store, "--follow", "--json")
    time.sleep(1)
    away = store.rename(work / "away")
    ok("--follow says that it tries again", until(lambda: running.says("trying again")),
       running.err.read_text())
    away.rename(store)
    time.sleep(2)
    capture = work / "now.pcap"
    capture.write_bytes(lookup_now())
    (work / "list").write_text("bad.example\n")
    subprocess.run([NTA, "read", capture, "--list", work / "list", "--store", store], check=True,
                   capture_output=True)
    ok("and shows what comes then", until(lambda: running.says('"event":"alert"')),
       running.err.read_text())
    lines = running.out.read_text().splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    ok("each once", len(set(ids)) == len(ids) > 0, ids)
    ok("Ctrl-C ends it", running.end() == 0, running.err.read_text())


def main():
    with tempfile.TemporaryDirectory(prefix="nta-going-on-") as folder:
        work = pathlib.Path(folder)
        store = work / "store"
        subprocess.run([MAKE_STORE, store, "200", "plain"], check=True)
        check_map(work, store)
        check_follow(work, store)
    return ok.conclude()


sys.exit(main())
