#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines have at most 100 columns: C, CMake, Python, shell, README files, and the prose of pages.
No ///< is empty.

A tab goes to the next eighth column.  What cannot be broken may be longer:
 * in pages: tables, code (indented by four blanks or fenced), headings and images;
 * in shell: a text in quotes counts as two columns, and a here-document is data.

usage: columns.py SOURCE_DIR      Exit status 1 if a line is too long.
"""
import pathlib
import re
import sys

COLUMNS = 100
FOLDERS = ("lib", "daemon", "tools", "tests", "docs", "cmake", "systemd")
STRICT = {".c", ".h", ".inc", ".S", ".py", ".cmake"}
QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'")
HERE = re.compile(r"(?<!<)<<-?\s*(['\"]?)(\w+)\1")
NO_PROSE = re.compile(r"^\s*(\|.*\|\s*$|#{1,6}\s|!\[)|^    ")


def kind_of(path, text=""):
    if path.suffix in STRICT or path.name in ("CMakeLists.txt", "README"):
        return "strict"
    if path.suffix == ".md":
        return "page"
    if path.suffix == ".sh" or path.name == "bootstrap" or path.parent.name == ".ci":
        return "shell"
    if not path.suffix and re.match(r"#!.*\b(ba|da)?sh\b", text):
        return "shell"
    return None


def page_lines(lines):
    """Prose only.  What is indented below a list item belongs to the item: prose unless it is
    deeper than six blanks.
    """
    fenced = in_list = False
    for number, line in lines:
        if re.match(r"^\s*(```|~~~)", line):
            fenced = not fenced
        elif re.match(r"^\s*([-*+]|\d+[.)])\s", line):
            in_list = True
        elif line.strip() and not line.startswith(" "):
            in_list = False
        if not fenced and not (NO_PROSE.match(line)
                               and not (in_list and re.match(r"^ {4,6}\S", line))):
            yield number, line


def shell_lines(lines):
    end = None
    for number, line in lines:
        if end:
            end = None if line.strip() == end else end
            continue
        # a quoted word right behind << is the end's; any other quoted text is just a text
        found = HERE.search(re.sub(r"(?<!<<)(?<!<<-)(?<!<< )(?:\"(?:[^\"\\]|\\.)*\"|'[^']*')", '""',
                                   line))
        if found and not line.lstrip().startswith("#"):
            end = found[2]
        yield number, QUOTED.sub('""', line)


def check_text(kind, text):
    """(line number, what is wrong) for each line that is."""
    lines = list(enumerate(text.split("\n"), 1))
    chosen = {"strict": lambda x: x, "page": page_lines, "shell": shell_lines}[kind](lines)
    for number, line in chosen:
        n = len(line.expandtabs(8))
        if n > COLUMNS:
            yield number, f"{n} columns (limit {COLUMNS})"
    for number, line in lines:
        if kind == "strict" and re.search(r"///<\s*$", line):
            yield number, "an empty comment"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = [p for folder in FOLDERS for p in sorted((root / folder).rglob("*")) if p.is_file()]
    paths += [p for p in sorted(root.iterdir()) if p.is_file()] + sorted((root / ".ci").glob("*"))
    n, wrong = 0, []
    for path in paths:
        text = path.read_text(errors="replace")
        kind = kind_of(path, text)
        if kind:
            n += 1
            wrong += [f"{path.relative_to(root)}:{number}: {what}"
                      for number, what in check_text(kind, text)]
    print("\n".join(wrong))
    print(f"{n} files, {len(wrong)} wrong lines")
    return 1 if wrong or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
