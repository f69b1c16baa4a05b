#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Capture files that are packed give what they give unpacked; one that is cut off says so.

usage: packed.py NTA
"""
import gzip
import lzma
import pathlib
import subprocess
import sys
import tempfile

CAPTURE = pathlib.Path(__file__).resolve().parent / "http.pcap"


def read(path, text=None):
    done = subprocess.run([sys.argv[1], "read", "--json", path], input=text, capture_output=True,
                          timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def zstd(data):
    return subprocess.run(["zstd", "-qc"], input=data, capture_output=True, check=True).stdout


def main():
    data, wrong = CAPTURE.read_bytes(), []
    _, expected, _ = read(CAPTURE)
    half = len(data) // 2
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "capture"
        for pack in (gzip.compress, lzma.compress, zstd):
            for what, packed in (("whole", pack(data)),
                                 ("in two", pack(data[:half]) + pack(data[half:]))):
                path.write_bytes(packed)
                if read(path)[:2] != (0, expected):
                    wrong.append(f"{pack.__name__}, {what}: other records")
            if read("-", pack(data))[:2] != (0, expected):
                wrong.append(f"{pack.__name__}, standard input: other records")
            path.write_bytes(pack(data)[:-20])
            status, _, said = read(path)
            if status != 1 or "cut off" not in said:
                wrong.append(f"{pack.__name__}, cut off: status {status}, {said}")
    print("\n".join(wrong))
    return bool(wrong)


sys.exit(main())
