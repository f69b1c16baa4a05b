#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/walk.md leads through the code as it is: each function it names is defined where the link
says, in the order of calls.

usage: walk.py ROOT [--update]

A section (a heading of level 2) begins with the line of its files, "Files: `PATH`, ...".  A stop of
the walk is a link, [`NAME()`](../FILE#LLINE).  The first stop of a section begins it; every later
one must be named in the body of an earlier one of its section, or in a table (a variable with an
initializer) that the stop's own item names as "by `TABLE`".

--update writes files and lines anew from the function's name.  Of several functions of one name it
takes the one in the same file, else in a file of the same base name, else in the table's file, else
in the file of an earlier stop of the section.
"""
import pathlib
import re
import subprocess
import sys
import textwrap

STOP = re.compile(r"\[`(\w+)\(\)`\]\(\.\./([^)#\s]+)#L(\d+)\)")
FOLDERS = ("lib", "daemon", "tools")
LEAST = 40  # stops: below, this is not the page, or the pattern no longer finds them


class Function:
    def __init__(self, path, name, line, end, text):
        self.path, self.name, self.line = path, name, line
        self.body = "\n".join(text.split("\n")[line - 1:end])


def read_tree(root):
    """Name -> its definitions; and the text of each source."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.[ch]"))]
    texts = {str(path.relative_to(root)): path.read_text() for path in paths}
    out = subprocess.run(
        ["ctags", "--c-kinds=f", "--fields=+ne", "--output-format=u-ctags", "-f", "-", "-L", "-"],
        input="\n".join(texts), cwd=root, capture_output=True, text=True, check=True).stdout
    functions = {}
    for row in out.splitlines():
        cells = row.split("\t")
        fields = dict(cell.split(":", 1) for cell in cells[3:] if ":" in cell)
        if "line" not in fields or "end" not in fields:
            continue
        found = Function(cells[1], cells[0], int(fields["line"]), int(fields["end"]),
                         texts[cells[1]])
        functions.setdefault(found.name, []).append(found)
    return functions, texts


def choose(candidates, path, in_tables, before):
    """The definition that the stop means, or None: the name alone does not say."""
    base = path.rsplit("/", 1)[-1]
    for fits in (lambda f: True, lambda f: f.path == path,
                 lambda f: f.path.rsplit("/", 1)[-1] == base,
                 lambda f: f.path in in_tables, lambda f: f.path in {b.path for b in before}):
        chosen = [f for f in candidates if fits(f)]
        if len(chosen) == 1:
            return chosen[0]
    return None


def files_of_tables(name, item, texts):
    """The files of those tables and members that the item names which are set to the function."""
    return {path for table in re.findall(r"\bby `(\w+)`", item) for path, text in texts.items()
            if table in text
            and re.search(rf"\b{table}\b(\[\])?\s*=\s*(\{{[^;]*)?\b{name}\b", text)}


def check_section(section, functions, texts, faults):
    """The section with right links; what is wrong goes into `faults`, wrong places apart."""
    before, places = [], []
    for item in re.split(r"\n(?=\d+\. |\n)", section):
        for stop in STOP.finditer(item):
            name, path, line = stop[1], stop[2], int(stop[3])
            in_tables = files_of_tables(name, item, texts)
            found = choose(functions.get(name, []), path, in_tables, before)
            if not found:
                where = ", ".join(f"{f.path}:{f.line}"
                                  for f in functions.get(name, [])) or "nowhere"
                faults.append(
                    f"{name}(): which one is meant?  It is defined {where}; the page says {path}")
                continue
            if before and not in_tables and not any(
                    re.search(rf"\b{name}\b", f.body) for f in before):
                faults.append(
                    f"{name}() ({found.path}): no earlier function of its section names it")
            if (found.path, found.line) != (path, line):
                places.append(f"{name}(): {path}:{line} is {found.path}:{found.line}")
                section = section.replace(stop[0], f"[`{name}()`](../{found.path}#L{found.line})")
            before.append(found)
    files = textwrap.fill(
        "Files: " + ", ".join(f"`{path}`" for path in dict.fromkeys(f.path for f in before)), 100,
        break_long_words=False, break_on_hyphens=False)
    if before and f"\n\n{files}\n\n" not in section:
        places.append(f"{section.splitlines()[0]}: {files}")
        section = re.sub(r"\A(## .*\n)\n(Files: (?:.+\n)+\n)?", rf"\1\n{files}\n\n", section)
    return section, places, len(before)


def main():
    root = pathlib.Path(sys.argv[1])
    page = root / "docs/walk.md"
    functions, texts = read_tree(root)
    sections, places, faults, n = [], [], [], 0
    for section in re.split(r"(?m)^(?=## )", page.read_text()):
        section, moved, n_stops = check_section(section, functions, texts, faults)
        sections.append(section)
        places += moved
        n += n_stops
    if n < LEAST:
        faults.append(f"only {n} stops were found")
    if "--update" in sys.argv[2:]:
        page.write_text("".join(sections))
        print("\n".join(f"set right: {place}" for place in places))
        places = []
    elif places:
        faults.append("tests/check/walk.py ROOT --update sets places right")
    print("\n".join(places + faults) or f"{n} functions are where docs/walk.md says")
    return 1 if places or faults else 0


if __name__ == "__main__":
    sys.exit(main())
