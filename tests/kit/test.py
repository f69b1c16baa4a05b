#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kit of bad cases, made of a case of ours, and our programs held against it.

usage: test.py ROOT NTA [NTA-VERIFY]
"""
import json
import pathlib
import subprocess
import sys
import tempfile

root, nta = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(root / "tests/e2e/lib"))
from sample import sample  # noqa: E402


def run(*args, **more):
    return subprocess.run([*map(str, args)], check=False, **more)


LOOKED_AT = {"changes", "batches", "log", "records", "lines"}  # by the program in each case


def is_looked_at(step):
    """What is no case for `nta verify` (archive) has a wrong step for who takes it apart."""
    return step != "archive" and set(step.split("|")) - {"archive"} <= LOOKED_AT


def check_by_hand(kit, key):
    """The case's own program finds what is wrong with a step that it looks at."""
    cases = [case for case in json.loads((kit / "kit.json").read_text())["cases"]
             if case["result"] == "HOLDS" or any(state == "WRONG" and is_looked_at(step)
                                                 for step, state in case["steps"].items())]
    each_way = {case["what"].split(": ")[1]: case for case in cases if ": " in case["what"]}
    cases = cases[-1:] + [*each_way.values()] + sample(cases[:-1], 12)
    for case in cases:
        done = run(sys.executable, root / "lib/evidence/text/check.py", kit / case["file"], key,
                   capture_output=True, text=True)
        if (done.returncode == 0) != (case["result"] == "HOLDS"):
            raise SystemExit(f"{case['what']}: by hand {done.stdout[-300:]}{done.stderr[-300:]}")
    print(f"{len(cases)} cases are judged so by hand")


with tempfile.TemporaryDirectory(prefix="nta-kit-") as name:
    work = pathlib.Path(name)
    (work / "list.txt").write_text("# forbidden\nworse.example\nbad.example\n")
    (work / "nobody").write_text("")
    for capture in ("dns", "smb", "dns"):
        run(nta, "read", root / f"tests/golden/{capture}.pcap", "--list", work / "list.txt",
            "--store", work / "store", stdout=subprocess.DEVNULL).check_returncode()
        run(nta, "witness", "post", "--list", work / "nobody", "--store", work / "store", "-o",
            work / "heads", stdout=subprocess.DEVNULL).check_returncode()
    found = run(nta, "incidents", "--store", work / "store", "--json", "--quiet",
                capture_output=True, text=True).stdout.splitlines()
    incidents = [json.loads(line) for line in found]
    incident = max(incidents, key=lambda one: len(one["records"]))
    for release in [], ["--release"]:  # heads that have notes
        run(nta, "hold", incident["id"], *release, "--store", work / "store",
            stdout=subprocess.DEVNULL).check_returncode()
    run(nta, "evidence", incident["id"], "-o", work / "case.zip", "--store", work / "store",
        "--heads", work / "heads",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).check_returncode()
    key = (work / "store/keys/sensor.pub").read_text().strip()
    (work / "kit").mkdir()
    here = pathlib.Path(__file__).parent
    run(sys.executable, here / "make.py", work / "case.zip", key, work / "kit").check_returncode()
    check_by_hand(work / "kit", key)
    programs = [sys.argv[3:4]] if any(sys.argv[3:]) else [[nta, "verify"]]
    sys.exit(max(run(sys.executable, here / "run.py", work / "kit", *program).returncode
                 for program in programs))
