#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every capture of the corpora, broken ones too, ends with exit status 0 or 1, in time, without a
sanitizer report.

usage: corpora.py NTA [--seconds S]      NTA_SHARED names the folder with corpora/; 77 if it is not
there.
"""
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import time

LIMIT_BYTES = 5 << 20


def run_one(nta, path, seconds):
    began = time.monotonic()
    try:
        run = subprocess.run([nta, "read", "--json", path], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return f"{path}: did not end within 60 s"
    took = time.monotonic() - began
    said = run.stderr.decode("utf-8", "replace")
    if run.returncode not in (0, 1):
        return f"{path}: exit {run.returncode}: {said[-300:]}"
    if "Sanitizer" in said or "runtime error" in said:
        return f"{path}: {said[-300:]}"
    if run.returncode == 1 and path.name not in said:
        return f"{path}: exit 1, but the sentence does not name the file: {said[-200:]}"
    if took > seconds and path.stat().st_size < LIMIT_BYTES:
        return f"{path}: took {took:.1f} s"
    return None


def main():
    shared = os.environ.get("NTA_SHARED", "")
    root = pathlib.Path(shared) / "corpora"
    if not shared or not root.is_dir():
        print("skipped: NTA_SHARED does not name a folder with corpora")
        return 77
    nta = sys.argv[1]
    seconds = float(sys.argv[sys.argv.index("--seconds") + 1]) if "--seconds" in sys.argv else 5.0
    paths = sorted(p for p in root.rglob("*") if p.suffix in (".pcap", ".pcapng", ".cap"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [w for w in pool.map(lambda p: run_one(nta, p, seconds), paths) if w]
    print("\n".join(wrong))
    print(f"{len(paths) - len(wrong)} passed, {len(wrong)} failed")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
