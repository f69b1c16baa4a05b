#!/usr/bin/env python3
"""Each function that a header of lib/, daemon/ or tools/ declares or defines has a comment of its
own: /** … */ right above it.

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


def has_comment(lines, number):
    """Does the declaration whose name stands in this line (from 1) follow a comment that begins
    with two stars?
    """
    above = number - 2
    while above >= 0 and lines[above].strip() and not lines[above].lstrip().startswith("#") and (
            not lines[above].rstrip().endswith(ENDS)):
        above -= 1  # the declaration's own first line
    if above < 0 or not lines[above].rstrip().endswith("*/"):
        return False
    while above > 0 and "/*" not in lines[above]:
        above -= 1
    return lines[above].lstrip().startswith("/**")


def check(root):
    """(functions, headers, what is wrong)"""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.h"))]
    lines = {str(path): path.read_text().splitlines() for path in paths}
    n = 0
    wrong = []
    for path, name, number in functions(paths):
        n += 1
        if not has_comment(lines[path], number):
            shown = pathlib.Path(path).relative_to(root)
            wrong.append(f"{shown}:{number}: {name} has no comment of its own")
    return n, len(paths), wrong


def main():
    n, n_headers, wrong = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(wrong))
    print(f"{n} functions in {n_headers} headers, {len(wrong)} without a comment")
    return 1 if wrong or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
