#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask `nta lists` what it makes of the lists in a folder of cases.

cases.py NTA FOLDER

A case is a file NAME.case of sections.  Before the first one stands why.
    ## list, ## allow    a list, or one of exceptions; several become several files
    ## ask               question TAB verdict: forbidden, allowed, in no list
    ## check             status N, or a number of the report of `nta lists check --json` (domains,
                         skipped, bad ...), or a reason
"""
import json, pathlib, subprocess, sys, tempfile


def sections(text):
    name, lines = None, []
    for line in text.split("\n"):
        if line.startswith("## "):
            yield name, lines
            name, lines = line[3:].strip(), []
        else:
            lines.append(line)
    yield name, lines


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def check(said, status, lines):
    lists = said[0]["lists"] if said else []
    for line in filter(str.strip, lines):
        key, _, value = line.partition(" ")
        if key == "status":
            got = str(status)
        elif key == "reason":
            got = value if any(value in one["reasons"]
                               for one in lists) else [list(one["reasons"]) for one in lists]
        else:
            got = str(sum(one[key] for one in lists))
        if got != value:
            yield f"check: {key} {value} expected, got {got}"


def judge(nta, case, folder):
    options, asked, checks = [], [], []
    for number, (name, lines) in enumerate(sections(case.read_text(encoding="utf-8"))):
        if name in ("list", "allow"):
            path = pathlib.Path(folder, f"{number}.txt")
            path.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")
            options += ["-l" if name == "list" else "-a", path]
        elif name == "ask":
            asked = [line.split("\t") for line in lines if line.strip()]
        elif name == "check":
            checks = lines
        elif name:
            yield f"no such section: {name}"
    if asked:
        status, said, wrong = run(nta, "lists", "explain", "--json", *options,
                                  *(question for question, _ in asked))
        if len(said) != len(asked):
            yield f"status {status}, {len(said)} answers to {len(asked)} questions: {wrong}"
        for (question, expected), answer in zip(asked, said):
            if answer["verdict"] != expected:
                yield f"{question}: expected {expected}, got {answer['verdict']}"
    status, said, _ = run(nta, "lists", "check", "--json", *options)
    yield from check(said, status, checks)
    if not asked and not any(map(str.strip, checks)):
        yield "nothing is asked"


def main():
    wrong, cases = 0, sorted(pathlib.Path(sys.argv[2]).glob("*.case"))
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            for sentence in judge(sys.argv[1], case, folder):
                print(f"{case.stem}: {sentence}")
                wrong += 1
    print(f"{len(cases)} cases, {wrong} wrong answers")
    sys.exit(1 if wrong or not cases else 0)


main()
