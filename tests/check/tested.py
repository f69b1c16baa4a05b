#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each source of lib/ has a test by its name, or a row in tests/unit/TESTED_BY that says which
tests reach it.

The test of lib/MODULE/a.c is tests/unit/MODULE/test_a.c; that of lib/MODULE/sub/a.c lies in
tests/unit/MODULE/ or its folder sub/, as test_a.c or test_sub_a.c.  A row is stale if its source is
gone or has a test by its name, or if a test that it names is gone.  Rows are sorted.  A test is one
that `ctest -N` lists; each unit test runs cases, and no case is empty.

usage: tested.py SOURCE_DIR BUILD_DIR      Exit status 1 if a source has neither, or a row is stale.
"""
import pathlib
import re
import subprocess
import sys

from c_text import without_comments, without_dead

TABLE = "tests/unit/TESTED_BY"


def own_tests(root, source):
    """Where a test by the name of this source may be; source is a path from the root."""
    _, module, *folders, file = source.parts
    stem = pathlib.PurePath(file).stem
    names = {stem, "_".join([*folders, stem])}
    places = {root / "tests/unit" / module, (root / "tests/unit" / module).joinpath(*folders)}
    return [place / f"test_{name}.c" for place in places for name in names]


def name_of(root, test):
    """What CMake calls the test of a file."""
    folders = test.relative_to(root / "tests/unit").parts[:-1]
    return ".".join(("unit", *folders, test.stem.removeprefix("test_")))


def check_cases(text):
    """What is wrong with the cases of a unit test; each is static void NAME(void **state)."""
    text = without_dead(without_comments(text, texts=False))
    if not re.search(r"\bcmocka_run_group_tests", text):
        yield "runs no case"
    for name, body in re.findall(r"^static void (\w+)\(void \*\*\w+\)\n\{\n(.*?)^\}", text,
                                 re.S | re.M):
        if not re.search(r"\w\s*\(", re.sub(r"\(void\)\s*\w+\s*;", "", body)):
            yield f"{name}() is empty"


def check(root, tests):
    """(sources, rows, what is wrong), if these are the names of all tests."""
    sources = sorted(p.relative_to(root) for p in (root / "lib").rglob("*.*")
                     if p.suffix in (".c", ".S"))
    rows, wrong = {}, []
    for test in sorted((root / "tests/unit").rglob("test_*.c")):
        shown = test.relative_to(root)
        if name_of(root, test) not in tests:
            wrong.append(f"{shown}: CMake has no test {name_of(root, test)}")
        wrong += [f"{shown}: {what}" for what in check_cases(test.read_text())]
    for number, line in enumerate((root / TABLE).read_text().splitlines(), 1):
        name, *by = line.split("#")[0].split() or [""]
        if not name:
            continue
        source = pathlib.PurePath(name)
        where = f"{TABLE}:{number}: {name}"
        if source in rows:
            wrong.append(f"{where}: a second row")
        elif source not in sources:
            wrong.append(f"{where}: there is no such source")
        elif any(test.is_file() for test in own_tests(root, source)):
            wrong.append(f"{where}: has a test by its name: the row is stale")
        elif rows and source < max(rows):
            wrong.append(f"{where}: stands behind a later one")
        if not by:
            wrong.append(f"{where}: names no test")
        wrong += [f"{where}: there is no test {test}" for test in by if test not in tests]
        rows[source] = by
    for source in sources:
        if source not in rows and not any(test.is_file() for test in own_tests(root, source)):
            wrong.append(f"{source}: has no test by its name, and no row in {TABLE}")
    return len(sources), len(rows), wrong


def main():
    listed = subprocess.run(["ctest", "-N"], cwd=sys.argv[2], stdout=subprocess.PIPE, check=True,
                            text=True).stdout
    tests = set(re.findall(r"Test +#\d+: (\S+)", listed))
    n_sources, n_rows, wrong = check(pathlib.Path(sys.argv[1]).resolve(), tests)
    print("\n".join(wrong))
    print(
        f"{n_sources} sources, {n_sources - n_rows} with a test by their name, {n_rows} through "
        f"others, {len(wrong)} wrong")
    return 1 if wrong or not n_sources else 0


if __name__ == "__main__":
    sys.exit(main())
