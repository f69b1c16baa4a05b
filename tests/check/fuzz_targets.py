#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each fuzz target is small, and says what must hold: an input that only does not crash proves
little.

 * The function that libFuzzer calls has at most 25 lines of code (no blank ones, no comments), its
   file at most 50.
 * It has an invariant: assert() of something that is not always so, abort() or __builtin_trap() in
   the file or in a header of tests/ that it includes; comments, texts and #if 0 aside.
 * It is built and run: tests/fuzz/CMakeLists.txt has its row, and its corpus is not empty.

usage: fuzz_targets.py SOURCE_DIR      Exit status 1 if a target is not so.
"""
import pathlib
import re
import sys

from c_text import without_comments, without_dead

FUNCTION, FILE = 25, 50
# what an assertion is about begins with a name; a constant proves nothing
ABOUT = r"[\s(!~*&-]*(?!true\b|false\b|NULL\b|sizeof\b)[A-Za-z_]"
INVARIANT = re.compile(rf"\b(?:assert\w*\s*\((?={ABOUT})|(?:abort|__builtin_trap)\s*\()")


def code_lines(text):
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#include")]


def with_kits(path):
    """The text of a target and of the headers beside it, or by way of "..", that it includes, and
    of those that these include in that way.
    """
    texts, waiting = {}, [path.resolve()]
    while waiting:
        file = waiting.pop()
        if file not in texts and file.is_file():
            texts[file] = file.read_text()
            waiting += [(file.parent / include).resolve()
                        for include in re.findall(r'#include "([^"]+)"', texts[file])]
    return "".join(texts.values())


def check_target(path):
    text = path.read_text()
    function = re.search(r"^int LLVMFuzzerTestOneInput\([^)]*\)\n\{\n(.*?)^\}", text, re.S | re.M)
    if not function:
        yield "no LLVMFuzzerTestOneInput()"
        return
    if len(code_lines(function[1])) > FUNCTION:
        yield f"{len(code_lines(function[1]))} lines in the function (limit {FUNCTION})"
    if len(code_lines(text)) > FILE:
        yield f"{len(code_lines(text))} lines in the file (limit {FILE})"
    if not INVARIANT.search(without_dead(without_comments(with_kits(path), texts=False))):
        yield "no invariant: say with assert() what holds whatever the input"


def check_run(root, path):
    """Is it built and run?"""
    name = path.stem.removeprefix("fuzz_")
    rows = (root / "tests/fuzz/CMakeLists.txt").read_text()
    corpus = root / "tests/fuzz/corpus" / name
    if not re.search(rf"^nta_fuzz_test\(\w+ {name}\b", rows, re.M):
        yield f"has no row nta_fuzz_test(MODULE {name}) in tests/fuzz/CMakeLists.txt"
    if not corpus.is_dir() or not any(corpus.iterdir()):
        yield f"has no corpus in tests/fuzz/corpus/{name}/"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = sorted((root / "tests/fuzz").rglob("fuzz_*.c"))
    wrong = [f"{path.relative_to(root)}: {what}" for path in paths
             for what in (*check_target(path), *check_run(root, path))]
    print("\n".join(wrong))
    print(f"{len(paths)} fuzz targets, {len(wrong)} wrong")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
