#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody holds a store open and cuts its -shm file, which readers have mapped: they end with a
sentence, not by a signal.

usage: cut_while_read.py NTA
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOLD = """import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("PRAGMA journal_mode = WAL")
print(db.execute("SELECT count(*) FROM head").fetchone(), flush=True)
sys.stdin.read()"""


def cut(path, ended):
    while not ended.is_set():
        os.truncate(path, 0)
        os.truncate(path, 32768)


def main():
    nta = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="nta-cut-") as scratch:
        store = pathlib.Path(scratch) / "store"
        subprocess.run([nta, "read", ROOT / "tests/data/demo/demo.pcap", "--store", store],
                       check=True, stdout=subprocess.DEVNULL)
        holder = subprocess.Popen([sys.executable, "-c", HOLD, store / "journal.db"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        holder.stdout.readline()
        ended = threading.Event()
        cutter = threading.Thread(target=cut, args=(store / "journal.db-shm", ended))
        cutter.start()
        seen = [subprocess.run([nta, command, "--store", store], capture_output=True, text=True,
                               timeout=60)
                for command in ("verify", "records") for _ in range(10)]
        ended.set()
        cutter.join()
        holder.kill()
        holder.wait()
    for one in seen:
        if one.returncode not in (0, 1,
                                  3) or (one.returncode == 3
                                         and ("nta: " not in one.stderr or "HOLDS" in one.stdout)):
            print(f"{one.args[1]} ended with {one.returncode}: {one.stderr[-200:]}")
            return 1
    n_cut = sum(one.returncode == 3 for one in seen)
    print(f"{n_cut} of {len(seen)} readers met the cut")
    return 0 if n_cut else 1


sys.exit(main())
