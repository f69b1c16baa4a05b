#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MaxMind's test databases, asked through lib/geo, against what they must answer; and broken ones.

usage: truth.py GEO_ASK      NTA_SHARED names the folder that has geo/; without it the test is
skipped.
"""
import json
import math
import os
import pathlib
import subprocess
import sys

FIELDS = {"city": "", "postal": "", "country": "", "country_name": "", "asn": 0, "org": ""}


def ask(program, questions):
    """Answers to (path, address) pairs; a crash fails the test."""
    text = "".join(f"{path}\t{address}\n" for path, address in questions)
    run = subprocess.run([program], input=text, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"exit {run.returncode}\n{run.stderr[-3000:]}")
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    if len(answers) != len(questions):
        raise SystemExit(f"{len(answers)} answers to {len(questions)} questions")
    return answers


def differences(expect, answer, deep):
    """Names of the fields that differ; `deep`: the database has more on networks than the
    expectation tells.
    """
    wrong = [name for name, empty in FIELDS.items()
             if not (deep and name in ("asn", "org") and name not in expect)
             and expect.get(name, empty) != answer.get(name, empty)]
    for name in ("lat", "lon"):
        if name in expect and not math.isclose(expect[name], answer.get(name, math.inf),
                                               abs_tol=1e-9):
            wrong.append(name)
    if bool(expect.get("subdivisions")) != bool(answer.get("region")):
        wrong.append("region")
    return wrong


def check_truth(program, folder):
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    answers = ask(program, [(folder / row["db"], row["ip"]) for row in rows])
    failed = 0
    for row, answer in zip(rows, answers):
        if "error" in answer:
            wrong = ["error"]
        else:
            wrong = differences(row["expect"], answer, "Enterprise" in row["db"])
        if wrong:
            failed += 1
            if failed <= 20:
                print(f"{row['db']} {row['ip']}: {wrong}: {answer}, not {row['expect']}")
    print(f"{len(rows)} networks, {failed} answered otherwise")
    return failed


def check_bad(program, folder):
    addresses = ["1.1.1.1", "0.0.0.0", "255.255.255.255", "81.2.69.142", "::", "2001:218::",
                 "2001:db8::1",
                 "ffff::"]
    files = sorted(folder.glob("bad/**/*.mmdb")) + sorted(folder.glob("*.mmdb"))
    failed = 0
    for path in files:
        for address, answer in zip(addresses, ask(program, [(path, a) for a in addresses])):
            if "error" in answer and str(path)[-60:] not in answer["error"]:
                failed += 1
                print(f"{path} {address}: the sentence does not name the file: {answer['error']}")
    print(f"{len(files)} files, broken and sound, asked without a crash")
    return failed


def main():
    shared = os.environ.get("NTA_SHARED", "")
    folder = pathlib.Path(shared) / "geo"
    if not shared or not (folder / "truth.jsonl").exists():
        print("skipped: NTA_SHARED names no folder with geo/truth.jsonl")
        return 77
    return 1 if check_truth(sys.argv[1], folder) + check_bad(sys.argv[1], folder) else 0


if __name__ == "__main__":
    sys.exit(main())
