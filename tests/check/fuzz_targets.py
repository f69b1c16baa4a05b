#!/usr/bin/env python3
"""Each fuzz target is small, and says what must hold: an input that only does not crash proves
little.

 * The function that libFuzzer calls has at most 25 lines of code (no blank ones, no comments), its
   file at most 50.
 * It has an invariant: assert(), abort() or __builtin_trap() in the file or in a header of tests/
   that it includes.

usage: fuzz_targets.py SOURCE_DIR      Exit status 1 if a target is not so.
"""
import pathlib
import re
import sys

FUNCTION, FILE = 25, 50
INVARIANT = re.compile(r"\b(assert\w*|abort|__builtin_trap)\(")


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
    if not INVARIANT.search(with_kits(path)):
        yield "no invariant: say with assert() what holds whatever the input"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    paths = sorted((root / "tests/fuzz").glob("fuzz_*.c"))
    wrong = [f"{path.relative_to(root)}: {what}" for path in paths for what in check_target(path)]
    print("\n".join(wrong))
    print(f"{len(paths)} fuzz targets, {len(wrong)} wrong")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
