#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run `nta read --json` over each golden capture and hold the records against the expected ones.

usage: golden.py NTA [--write]      --write makes the expected files anew: look at the difference
before you commit it.

NAME.pcap is a capture, NAME.json the records it gives, one object a line, sorted; records of
several flows may come in any order.
"""
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def records(nta, capture):
    data = HERE.parent / "data" / "demo"
    run = subprocess.run(
        [nta, "read", "--json", "--list", HERE / "lists.txt", "--geo", data / "city.mmdb", "--geo",
         data / "asn.mmdb", "--sites", data / "sites.conf", capture],
        capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"{capture.name}: exit {run.returncode}: {run.stderr}")
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return sorted(json.dumps(row, ensure_ascii=False) for row in rows)


def main():
    nta, write = sys.argv[1], "--write" in sys.argv
    failed = 0
    captures = sorted(HERE.glob("*.pcap"))
    for capture in captures:
        expected_path = capture.with_suffix(".json")
        got = records(nta, capture)
        if write:
            expected_path.write_text("".join(row + "\n" for row in got))
            continue
        expected = expected_path.read_text().splitlines()
        for row in sorted(set(expected) - set(got)):
            print(f"{capture.name}: missing {row}")
        for row in sorted(set(got) - set(expected)):
            print(f"{capture.name}: not expected {row}")
        wrong = got != expected
        failed += wrong
        print(f"{capture.name}: {len(got)} records, {'DIFFERENT' if wrong else 'as expected'}")
    return 1 if failed or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
