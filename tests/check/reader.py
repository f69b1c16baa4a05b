#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who moves a reader by hand: uses of the position of a struct nta_reader outside lib/base.

usage: reader.py SOURCE_DIR      Exit status 1 unless there are as many as reader.txt beside this
says, which may only fall.

A position is a reader's if a variable or member of that name is declared as one in the file, or if
it is called `r`, which nothing else with a position is.
"""
import pathlib
import re
import sys

USE = re.compile(r"\b(\w+)(?:->|\.)pos\b")
DECLARED = re.compile(r"struct nta_reader \*?(\w+)")


def uses(path):
    """Lines of a file where a reader's position is used."""
    text = path.read_text()
    readers = {"r"} | set(DECLARED.findall(text))
    for number, line in enumerate(text.splitlines(), 1):
        for name in USE.findall(line):
            if name in readers:
                yield number, line.strip()


def main():
    root = pathlib.Path(sys.argv[1])
    allowed = int((pathlib.Path(__file__).parent / "reader.txt").read_text())
    found = []
    for folder in ("lib", "daemon", "tools", "tests"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            if (root / "lib" / "base") not in path.parents:
                found += [f"{path.relative_to(root)}:{number}: {line}"
                          for number, line in uses(path)]
    if len(found) == allowed:
        print(f"{allowed} uses of a reader's position")
        return 0
    print("\n".join(found))
    print(f"{len(found)} uses of a reader's position, {allowed} in reader.txt: " +
          ("use peek, rest, since of lib/base/reader.h, or until, line of lib/base/read_text.h"
           if len(found) > allowed else "write the lower number there"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
