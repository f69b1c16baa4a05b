#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What crafted input costs, against ordinary traffic of its protocol.

usage: hostile.py [--nta PROGRAM] [--rounds N] [--check] [NAME...]      NAME: a protocol or a row

Prints a row for each input: nanoseconds of processor time a packet, all threads together, without
what a start takes; how many times the ordinary packet of its protocol; nanoseconds a byte of the
frames.  An input may cost at most 20 times the ordinary packet and 100 ns a byte; with --check the
exit status is 1 if one costs more.

To add a row: a function in a file of tests/bench/hostile_rows/ with the decorator, which gives its
frames.
"""
import argparse
import importlib
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIMES_MAX, NS_A_BYTE_MAX = 20, 100
STEP_MICROS = 10

sys.path.insert(0, str(HERE))


def write(path, frames):
    """As many frames as a capture, `STEP_MICROS` apart.  Gives their number and bytes."""
    count = size = 0
    with open(path, "wb", 1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for frame in frames:
            micros = count * STEP_MICROS
            out.write(struct.pack("<IIII", 1764370000 + micros // 1000000, micros % 1000000,
                                  len(frame), len(frame)) + frame)
            count += 1
            size += len(frame)
    return count, size


def seconds(nta, path, rounds, options=()):
    """The least processor time of some runs."""
    least = None
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([nta, "read", *options, path], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        least = spent if least is None else min(least, spent)
    return least


def measure(nta, rounds, rows):
    """Each row with its nanoseconds a packet and a byte."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rows.pcap")
        write(path, [])
        start = seconds(nta, path, 2 * rounds)
        for row in rows:
            listed = os.path.join(folder, "rows.list")
            pathlib.Path(listed).write_text("".join(f"{entry}\n" for entry in row.listed),
                                            encoding="ascii")
            options = ["--list", listed] if row.listed else []
            count, size = write(path, row.frames())
            spent = max(seconds(nta, path, rounds, options) - start, 0) * 1e9
            yield row, count, spent / count, spent / size


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--nta", default=str(ROOT / "build/release/tools/nta"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    for path in sorted((HERE / "hostile_rows").glob("[a-z]*.py")):
        importlib.import_module("hostile_rows." + path.stem)
    from hostile_rows import ROWS
    wanted = [row for row in ROWS if row.is_ordinary or not options.names or
              row.protocol in options.names or row.name in options.names]
    ordinary, n_over = {}, 0
    print(f"{'input':34} {'packets':>8} {'ns/packet':>10} {'times':>7} {'ns/byte':>8}")
    for row, count, per_packet, per_byte in measure(options.nta, options.rounds, wanted):
        if row.is_ordinary:
            ordinary[row.name] = per_packet
        times = per_packet / ordinary[row.against] if ordinary.get(row.against) else 0
        over = not row.is_ordinary and (times > TIMES_MAX or per_byte > NS_A_BYTE_MAX)
        n_over += over and not row.unbound
        print(f"{row.name:34} {count:8} {per_packet:10.0f} {times:7.1f} {per_byte:8.1f}"
              f"{'  over' if over else ''}{': ' + row.unbound if over and row.unbound else ''}",
              flush=True)
    return 1 if options.check and n_over else 0


if __name__ == "__main__":
    sys.exit(main())
