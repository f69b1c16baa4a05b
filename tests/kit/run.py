#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold a program against the kit of bad cases (make.py).

usage: run.py FOLDER PROGRAM [WORD...]     "PROGRAM WORD... FILE --key KEY --json" as `nta verify`
"""
import json
import pathlib
import subprocess
import sys

folder, program = pathlib.Path(sys.argv[1]), sys.argv[2:]
kit = json.loads((folder / "kit.json").read_text())
wrong = 0
STATUS = {"HOLDS": 0, "WRONG": 1, "UNPROVED": 3}


def judged(case):
    command = [*program, folder / case["file"], "--key", kit["key"], "--json"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, None, "", "nothing in a minute")


for case in kit["cases"]:
    done = judged(case)
    try:
        told = json.loads(done.stdout)
        states = {step["step"]: step["state"] for step in told["steps"]}
    except (ValueError, KeyError, TypeError):
        told, states = {"result": "nothing that can be read"}, {}
    is_said = all(any(states.get(one) == state for one in step.split("|"))
                  for step, state in case["steps"].items())
    if not is_said or (told.get("result"), done.returncode) != (case["result"],
                                                            STATUS[case["result"]]):
        wrong += 1
        print(f"{case['file']} {case['what']}: wanted {case['result']} {case['steps']}, got "
              f"{told.get('result')} {states or done.stderr} (status {done.returncode})")
print(f"{len(kit['cases'])} cases, {wrong} judged otherwise")
sys.exit(1 if wrong or len(kit["cases"]) < 300 else 0)
