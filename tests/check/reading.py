#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each folder of lib/, daemon/ and tools/ has a README that says in which order its files are read.

It opens with what the folder is, in a sentence or two.  Behind an empty line stand its rows, each
with the names of what is read together, two blanks or more, and what it is for:

    ring.h ring.c           one producer, one consumer
    dns/                    a parser of its own

A row goes on in lines that begin with a blank.  A file and its header stand in one row, the header
first; a folder in the folder stands at the place in the order where it is read.  Every file is
named once, but for the README itself and CMakeLists.txt.

usage: reading.py SOURCE_DIR      Exit status 1 if a README is missing or does not name what is
                                  there.
"""
import pathlib
import re
import sys

TOPS = ("lib", "daemon", "tools")
NOT_NAMED = {"README", "CMakeLists.txt", "__pycache__"}


def things_in(folder):
    """Names of files and, with a slash behind, of folders that hold any."""
    for path in sorted(folder.iterdir()):
        if path.name in NOT_NAMED or path.name.startswith(".clang-"):
            continue
        if path.is_file():
            yield path.name
        elif any(p.is_file() for p in path.rglob("*")):
            yield f"{path.name}/"


def rows_of(text):
    """(line number, names, what they are for) of each row."""
    rows, begun = [], False
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            begun = True
        elif begun and line[0] == " ":
            if rows:
                rows[-1][2] += line
        elif begun:
            names, _, purpose = line.partition("  ")
            rows.append([number, names.split(), purpose])
    return rows


def check_folder(folder):
    """What is wrong with the README of one folder: (line number or 0, what)."""
    readme = folder / "README"
    if not readme.is_file():
        yield 0, "says nothing of the order in which the folder is read: there is no such file"
        return
    text = readme.read_text()
    if not re.match(r"\S.*\.\n\n", text, re.S) or re.match(r"(\S*(\.\w+|/) +)+ \S", text):
        yield 1, "does not open with what the folder is, in a sentence and an empty line"
    there, named = set(things_in(folder)), set()
    for number, names, purpose in rows_of(text):
        if not re.search(r"[^\W\d_]{2}", purpose):
            yield number, f"{' '.join(names)}: does not say what it is for"
        for place, name in enumerate(names):
            if name in named:
                yield number, f"{name}: is named twice"
            elif name not in there:
                yield number, f"{name}: is not there"
            named.add(name)
            header = re.sub(r"\.c$", ".h", name)
            if header != name and header in there and header not in names[:place]:
                yield number, f"{name}: does not stand behind its header, in one row"
    for name in sorted(there - named):
        yield 0, f"does not name {name}"


def folders_from(folder):
    """The folder, if anything is in it, and all below it."""
    things = list(things_in(folder)) if folder.is_dir() else []
    return [folder] * bool(things) + [below for name in things if name.endswith("/")
                                      for below in folders_from(folder / name)]


def check(root):
    """(number of folders, what is wrong)"""
    folders, wrong = [f for top in TOPS for f in folders_from(root / top)], []
    for folder in folders:
        where = (folder / "README").relative_to(root)
        wrong += [f"{where}:{number}: {what}" if number else f"{where}: {what}"
                  for number, what in check_folder(folder)]
    return len(folders), wrong


def main():
    n_folders, wrong = check(pathlib.Path(sys.argv[1]).resolve())
    print("\n".join(wrong))
    print(f"{n_folders} folders, {len(wrong)} wrong")
    return 1 if wrong or not n_folders else 0


if __name__ == "__main__":
    sys.exit(main())
