#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sizes that keep the code readable: files, headers, functions, macros; and the licence line in
each source.

usage: limits.py SOURCE_DIR      Exit status 1 if a hard limit is passed.  Soft limits are printed.
"""
import pathlib
import re
import subprocess
import sys

FILE_SOFT, FILE_HARD, HEADER_HARD, FUNCTION_SOFT, FUNCTION_HARD = 400, 800, 200, 60, 80
FOLDERS = ("lib", "daemon", "tools", "tests")
SCRIPT_LICENCE = "# SPDX-License-Identifier: Apache-2.0"


def sources(root):
    for folder in FOLDERS:
        yield from sorted(path for path in (root / folder).rglob("*.*")
                          if path.suffix in (".c", ".h", ".inc", ".S"))


def unlicensed_scripts(root):
    """Those whose first or second line is not the licence line."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in (".py", ".sh"):
                continue
            if SCRIPT_LICENCE not in path.read_text().split("\n")[:2]:
                yield path


def macros(path, text):
    """(path, name, lines) of those of several lines."""
    for macro in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)(?:[^\n]*\\\n)+", text, re.M):
        yield str(path), macro[1], macro[0].count("\n") + 1


def functions(paths):
    """(path, name, lines) by Universal Ctags."""
    out = subprocess.run(
        ["ctags", "--language-force=C", "--c-kinds=f", "--fields=+ne", "--output-format=u-ctags",
         "-f", "-", "-L", "-"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        cells = line.split("\t")
        fields = dict(c.split(":", 1) for c in cells[3:] if ":" in c)
        if "line" in fields and "end" in fields:
            yield cells[1], cells[0], int(fields["end"]) - int(fields["line"]) + 1


def check(root):
    """(files, lengths of functions, what passes a soft limit, what passes a hard one)"""
    paths = list(sources(root))
    soft, hard, lengths, long = [], [], [], []
    hard += [f"{path.relative_to(root)}: no licence line" for path in unlicensed_scripts(root)]
    for path in paths:
        text = path.read_text()
        n = len(text.splitlines())
        long += macros(path, text)
        shown = path.relative_to(root)
        if not text.startswith("/* SPDX-License-Identifier: Apache-2.0 */\n"):
            hard.append(f"{shown}: no licence line")
        if path.suffix == ".h" and n > HEADER_HARD:
            hard.append(f"{shown}: header of {n} lines (limit {HEADER_HARD})")
        elif n > FILE_HARD:
            hard.append(f"{shown}: {n} lines (limit {FILE_HARD})")
        elif n > FILE_SOFT:
            soft.append(f"{shown}: {n} lines (aim {FILE_SOFT})")
    found = list(functions(path for path in paths if path.suffix != ".S"))
    lengths += sorted(n for _, _, n in found)
    for path, name, n in found + long:
        where = f"{pathlib.Path(path).relative_to(root)}: {name} has {n} lines"
        if n > FUNCTION_HARD:
            hard.append(f"{where} (limit {FUNCTION_HARD})")
        elif n > FUNCTION_SOFT:
            soft.append(f"{where} (aim {FUNCTION_SOFT})")
    return len(paths), lengths, soft, hard


def main():
    n_files, lengths, soft, hard = check(pathlib.Path(sys.argv[1]))
    print("\n".join(["soft: " + s for s in soft] + ["HARD: " + h for h in hard]))
    print(
        f"{n_files} files, {len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, "
          f"90 % below {lengths[len(lengths) * 9 // 10] + 1}; {len(soft)} soft, {len(hard)} hard")
    return 1 if hard or not lengths else 0


if __name__ == "__main__":
    sys.exit(main())
