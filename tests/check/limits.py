#!/usr/bin/env python3
"""Sizes that keep the code readable: files, headers, functions; and the licence line in each
source.

usage: limits.py SOURCE_DIR      Exit status 1 if a hard limit is passed.  Soft limits are printed.
"""
import pathlib
import subprocess
import sys

FILE_SOFT, FILE_HARD, HEADER_HARD, FUNCTION_SOFT, FUNCTION_HARD = 400, 800, 200, 60, 80
FOLDERS = ("lib", "daemon", "tools", "tests")


def sources(root):
    for folder in FOLDERS:
        yield from sorted((root / folder).rglob("*.[ch]"))


def functions(paths):
    """(path, name, lines) by Universal Ctags."""
    out = subprocess.run(
        ["ctags", "--c-kinds=f", "--fields=+ne", "--output-format=u-ctags", "-f", "-", "-L", "-"],
        input="\n".join(map(str, paths)), capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        cells = line.split("\t")
        fields = dict(c.split(":", 1) for c in cells[3:] if ":" in c)
        if "line" in fields and "end" in fields:
            yield cells[1], cells[0], int(fields["end"]) - int(fields["line"]) + 1


def main():
    root = pathlib.Path(sys.argv[1])
    paths = list(sources(root))
    soft, hard, lengths = [], [], []
    for path in paths:
        text = path.read_text()
        n = text.count("\n")
        shown = path.relative_to(root)
        if not text.startswith("/* SPDX-License-Identifier: Apache-2.0 */\n"):
            hard.append(f"{shown}: no licence line")
        if path.suffix == ".h" and n > HEADER_HARD:
            hard.append(f"{shown}: header of {n} lines (limit {HEADER_HARD})")
        elif n > FILE_HARD:
            hard.append(f"{shown}: {n} lines (limit {FILE_HARD})")
        elif n > FILE_SOFT:
            soft.append(f"{shown}: {n} lines (aim {FILE_SOFT})")
    for path, name, n in functions(paths):
        lengths.append(n)
        where = f"{pathlib.Path(path).relative_to(root)}: {name} has {n} lines"
        if n > FUNCTION_HARD:
            hard.append(f"{where} (limit {FUNCTION_HARD})")
        elif n > FUNCTION_SOFT:
            soft.append(f"{where} (aim {FUNCTION_SOFT})")
    lengths.sort()
    print("\n".join(["soft: " + s for s in soft] + ["HARD: " + h for h in hard]))
    print(
        f"{len(paths)} files, {len(lengths)} functions, median {lengths[len(lengths) // 2]} lines, "
          f"90 % below {lengths[len(lengths) * 9 // 10] + 1}; {len(soft)} soft, {len(hard)} hard")
    return 1 if hard else 0


if __name__ == "__main__":
    sys.exit(main())
