#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much of the code the tests that were just run have reached: lines and branches of each
module, and in total.

usage: coverage.py BUILD_DIR [--files]      BUILD_DIR: of the preset coverage, after its tests.
--files: each file, too.

What only end-to-end tests reach (daemon, most of tools and console, MySQL) counts as not reached.

Exit status 1 if less than 70 % of all lines were reached: then something was not run.
"""
import collections
import concurrent.futures
import gzip
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST = 0.7


class Sum:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def add(self, other):
        for name in vars(self):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def __str__(self):
        return (f"lines {100 * self.lines_hit / max(self.lines, 1):5.1f} % of {self.lines:6}, "
                f"branches {100 * self.branches_hit / max(self.branches, 1):5.1f} % of "
                f"{self.branches:6}")


def measure(data):
    """{source: {line: (count, [branch counts])}} of one .gcda file."""
    got = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", data.name],
                         cwd=data.parent, capture_output=True, check=True).stdout
    if got[:2] == b"\x1f\x8b":
        got = gzip.decompress(got)
    found = {}
    for document in got.splitlines():
        if not document.strip():
            continue
        document = json.loads(document)
        for file in document["files"]:
            path = pathlib.Path(document["current_working_directory"], file["file"]).resolve()
            if path.suffix == ".c" and path.is_relative_to(ROOT):
                lines = found.setdefault(str(path.relative_to(ROOT)), {})
                for line in file["lines"]:
                    branches = [b["count"] for b in line["branches"] if not b["throw"]]
                    lines[line["line_number"]] = (line["count"], branches)
    return found


def module_of(source):
    parts = pathlib.PurePath(source).parts
    return parts[1] if parts[0] == "lib" else parts[0]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    tops = ("lib", "daemon", "tools")
    data = [p for top in tops for p in sorted((build / top).rglob("*.gcda"))]
    files = collections.defaultdict(Sum)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(measure, data):
            for source, lines in found.items():
                one = files[source]
                for count, branches in lines.values():
                    one.lines += 1
                    one.lines_hit += count > 0
                    one.branches += len(branches)
                    one.branches_hit += sum(b > 0 for b in branches)
    modules, total = collections.defaultdict(Sum), Sum()
    for source, one in sorted(files.items()):
        if "--files" in sys.argv:
            print(f"{source:36} {one}")
        modules[module_of(source)].add(one)
        total.add(one)
    for name, one in sorted(modules.items()):
        print(f"{name:10} {one}")
    print(f"{'total':10} {total}")
    return 1 if not data or total.lines_hit < LEAST * total.lines else 0


if __name__ == "__main__":
    sys.exit(main())
