#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each promise of docs/threat-model.md names tests that exist, and so does each row of
docs/reliability.md.

usage: promises.py SOURCE_DIR BUILD_DIR

A promise is an item of the threat model's list of attackers, or of how hostile input is handled,
that does not begin with "What does not", and a paragraph that names tests.  It ends with "(tests:
NAME, ...)": names of `ctest -N`.  A row of a table in reliability.md names its tests in the last
cell as that page says: `R case`, `D case`, `M`, `S`, `H`, `B`, `G`,
or a path below tests/.
"""
import pathlib
import re
import subprocess
import sys

FILES = {"M": "e2e/mariadb.sh", "S": "e2e/mysql_store.c", "H": "e2e/health.sh",
         "R": "e2e/reliability.py", "B": "e2e/booted.sh", "G": "e2e/galera.sh",
         "D": "e2e/retention.py", "N": "e2e/retention_mysql.py"}
PARTS = ("Who attacks", "How hostile input is handled")
ITEM = re.compile(r"\s*(?:[*+-]|\d+[.)])\s")
OF_FILE = {"e2e/kill_loop.sh": None}  # for hours, by tests/run.sh --long


def promises(text):
    """Items and paragraphs of the two parts that promise something, each on one line."""
    parts = text.split("\n## ")
    for part in parts:
        if not part.startswith(PARTS):
            continue
        for block in re.split(rf"\n(?={ITEM.pattern})|\n\n", part):
            line = " ".join(block.split())
            if ITEM.match(line) and not line.startswith(
                "* What does not") or "(tests:" in line:
                yield line


def check_threats(text, tests):
    n = 0
    for part in PARTS:
        if f"\n## {part}" not in text:
            yield f"threat-model.md: there is no part \"{part}\""
    for line in promises(text):
        n += 1
        named = re.search(r"\(tests: ([^)]*)\)$", line)
        if not named:
            yield f"threat-model.md: no test is named: {line[:90]}"
            continue
        for name in named[1].split(", "):
            if name not in tests:
                yield f"threat-model.md: there is no test {name}: {line[:60]}"
    if n < 15:
        yield f"threat-model.md: only {n} promises were found"


def is_there(word, root, tests):
    """A test as reliability.md names it."""
    letter, _, case = word.partition(" ")
    if letter in FILES:
        text = (root / "tests" / FILES[letter]).read_text()
        cases = re.search(r"^CASES = \((.*?)\)", text, re.S | re.M)
        return not case or cases and case in re.findall(r"\w+", cases[1])
    if word in OF_FILE:
        return (root / "tests"
                / word).exists() and word.split("/")[-1] in (root / "tests/run.sh").read_text()
    path = pathlib.PurePath(word)
    name = ".".join(path.with_suffix("").parts).replace("test_", "")
    return (root / "tests" / path).exists() and name in tests


def check_faults(text, root, tests):
    n = 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|") or cells[0] == "fault" or not line.strip(" |:-"):
            continue
        n += 1
        words = re.findall("`([^`]*)`", cells[-1])
        if len(cells) != 5 or not words:
            yield f"reliability.md: five cells, with a test in the last: {line[:90]}"
        for word in words:
            if not is_there(word, root, tests):
                yield f"reliability.md: there is no test `{word}`: {cells[0][:60]}"
    if n < 20:
        yield f"reliability.md: only {n} rows were found"


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    listed = subprocess.run(["ctest", "-N"], cwd=build, stdout=subprocess.PIPE, check=True,
                            text=True).stdout
    tests = set(re.findall(r"Test +#\d+: (\S+)", listed))
    wrong = [*check_threats((root / "docs/threat-model.md").read_text(), tests),
             *check_faults((root / "docs/reliability.md").read_text(), root, tests)]
    print("\n".join(wrong) or "each promise names tests that exist")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
