#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each function that a header of lib/, daemon/ or tools/ declares or defines has a comment of its
own: /** … */ right above it, which says more than the function's name and is no other function's.

usage: comments.py SOURCE_DIR      Exit status 1 if any has none.
"""
import pathlib
import re
import subprocess
import sys

FOLDERS = ("lib", "daemon", "tools")
# the line before a declaration's first one ends like this, is empty, or is a directive
ENDS = (";", "}", "{", "*/")


# a macro that stands for a table: with its arguments it is no declaration, and ends none
TABLE = re.compile(r"^ *([A-Z][A-Z0-9_]+)\(", re.M)


def functions(paths):
    """(path, name, line) of prototypes and of functions with a body, by Universal Ctags."""
    tables = sorted({name for path in paths for name in TABLE.findall(path.read_text())})
    out = subprocess.run(
        ["ctags", *(f"-I{name}+" for name in tables), "--language-force=C", "--c-kinds=fp",
         "--fields=+n", "--output-format=u-ctags", "-f", "-", "-L", "-"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        cells = line.split("\t")
        if not line.startswith("!"):
            number = next(int(cell[5:]) for cell in cells[3:] if cell.startswith("line:"))
            yield cells[1], cells[0], number


def comment_of(lines, number):
    """(place, text) of the comment that begins with two stars and stands right above the
    declaration whose name stands in this line (from 1), or None.
    """
    above = number - 2
    while above >= 0 and lines[above].strip() and not lines[above].lstrip().startswith("#") and (
            not lines[above].rstrip().endswith(ENDS)):
        above -= 1  # the declaration's own first line
    end = above
    if above < 0 or not lines[above].rstrip().endswith("*/"):
        return None
    while above > 0 and "/*" not in lines[above]:
        above -= 1
    text = "\n".join(lines[above:end + 1]).strip()
    return (above, text) if re.match(r"/\*\*(?![*/])", text) else None


def check(root):
    """(functions, headers, what is wrong)"""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.h"))]
    lines = {str(path): path.read_text().splitlines() for path in paths}
    n = 0
    wrong, taken = [], {}
    for path, name, number in functions(paths):
        n += 1
        where = f"{pathlib.Path(path).relative_to(root)}:{number}: {name}"
        place, text = comment_of(lines[path], number) or (None, "")
        if place is None or taken.setdefault((path, place), name) != name:
            wrong.append(f"{where} has no comment of its own")
        elif not re.search(r"\w", re.sub(rf"\b{name}\b", "", text)):
            wrong.append(f"{where} has a comment that says nothing")
    return n, len(paths), wrong


def main():
    n, n_headers, wrong = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(wrong))
    print(f"{n} functions in {n_headers} headers, {len(wrong)} without a comment")
    return 1 if wrong or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
