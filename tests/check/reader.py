#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who moves a reader by hand: uses of the position of a struct nta_reader outside lib/base.

usage: reader.py SOURCE_DIR      Exit status 1 unless there are as many as reader.txt beside this
says, which may only fall.

A position is a reader's unless what has it is one of the other things with a position, by the names
that they have here (a name that the file declares as a reader is one all the same).
"""
import pathlib
import re
import sys

from c_text import without_comments

# Words of a text, a file's buffer, buffers of libzstd, a side of a test's model.
OTHERS = {"words", "start", "input", "in", "out", "side"}
# NAME->pos, NAME.pos, (*NAME).pos, NAME[0].pos, and a member that an initialiser sets
USE = re.compile(r"(\w*)(?:\[[^\]]*\]|\))*\s*(?:->|\.)\s*pos\b")
DECLARED = re.compile(r"struct nta_reader\b([^;(){}]*)")


def uses(text):
    """(line number, line) of each use of a reader's position."""
    text = without_comments(text, texts=False)
    readers = {name for names in DECLARED.findall(text) for name in re.findall(r"\w+", names)}
    for number, line in enumerate(text.splitlines(), 1):
        for name in USE.findall(line.replace("(struct nta_words){.pos", "")):
            if name in readers or name not in OTHERS:
                yield number, line.strip()


def main():
    root = pathlib.Path(sys.argv[1])
    allowed = int((pathlib.Path(__file__).parent / "reader.txt").read_text())
    found = []
    for folder in ("lib", "daemon", "tools", "tests"):
        for path in sorted((root / folder).rglob("*.*")):
            if path.suffix in (".c", ".h", ".inc") and (root / "lib/base") not in path.parents:
                found += [f"{path.relative_to(root)}:{number}: {line}"
                          for number, line in uses(path.read_text())]
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
