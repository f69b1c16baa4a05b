#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold every include against lib/LAYERS.

A module is a folder of lib/; the folders inside it belong to it.  A file of lib/ includes the
headers of its own module and the public ones of the modules that its row names.  daemon/, tools/
and tests/ include public headers of any module; a test also the private ones of what it tests: the
module in the path of a unit test, in the row of a fuzz target (tests/fuzz/CMakeLists.txt), in the
name of a benchmark (bench_MODULE.c, bench_MODULE_*.c).

A header of lib/ is named in quotes, by its path below lib/: not in <>, not through a macro.  It is
a .h or .inc.  No source declares for itself what a header of another declares.

usage: layers.py SOURCE_DIR      Exit status 1 if any file includes what it may not, or a row of
lib/LAYERS is stale.
"""
import pathlib
import re
import sys

from c_text import includes, without_comments

# at the margin of a source: what only a header may hold
DECLARED = re.compile(
    r"^(?!static\b|typedef\b|extern\b)[A-Za-z_][\w \t\n*]*?\b(nta_\w+)\([^;{}]*\)[^;{}=]*;"
    r"|^extern\b[^;{]*?\b(nta_\w+)[^;{]*;", re.M)
FUZZ_ROW = re.compile(r"^\s*nta_fuzz_test\((\w+)\s+(\w+)", re.M)
SUFFIXES = {".c", ".h", ".inc", ".S"}


class Layers:
    """The rows of lib/LAYERS: for each module those it may include, and its public headers."""

    def __init__(self, lib):
        self.lib, self.allowed, self.public = lib, {}, {}
        rows = []
        for line in (lib / "LAYERS").read_text().splitlines():
            line = line.split("#")[0].rstrip()
            if line[:1].isspace() and rows:
                rows[-1] += line
            elif line:
                rows.append(line)
        for row in rows:
            edges, _, headers = row.partition("|")
            name, _, allowed = edges.partition(":")
            self.allowed[name] = set(allowed.split()) | {name}
            self.public[name] = {f"{name}/{header}" for header in headers.split()}

    def all_public(self):
        return sorted(set().union(*self.public.values()))

    def is_public(self, header):
        return header in self.public.get(header.split("/")[0], ())

    def wrong_rows(self):
        """An edge to a module that stands further down would be a circle; folders and rows are
        one for one.
        """
        seen = set()
        for name, allowed in self.allowed.items():
            for other in sorted(allowed - {name} - seen):
                yield f"lib/LAYERS: {name} may not stand above {other}"
            seen.add(name)
            if not (self.lib / name).is_dir():
                yield f"lib/LAYERS: there is no folder lib/{name}"
        for folder in sorted(p.name for p in self.lib.iterdir() if p.is_dir()):
            if folder not in self.allowed:
                yield f"lib/{folder} is not in lib/LAYERS"
        for header in self.all_public():
            if not (self.lib / header).is_file():
                yield f"lib/LAYERS: there is no lib/{header}"


class Tree:
    def __init__(self, root):
        self.root, self.lib = root, root / "lib"
        self.layers = Layers(self.lib)
        self.used = set()  # headers that somebody else than their module includes, tests aside
        self.n_files = 0
        self.wrong = []  # found while reading
        self.fuzzed = self.fuzz_modules()

    def sources(self, top):
        for path in sorted((self.root / top).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                self.n_files += 1
                shown, text = path.relative_to(self.root), path.read_text(errors="replace")
                if path.suffix == ".c" and top != "tests":
                    self.wrong += [f"{shown}: declares {found[1] or found[2]}: include its header"
                                   for found in DECLARED.finditer(without_comments(text))]
                yield shown, self.named(shown, includes(text))

    def named(self, shown, found):
        """The headers in quotes; every other way to name one of lib/ is wrong."""
        names = []
        for one in found:
            name = one[1:-1] if one[:1] in ('"', "<") else None
            if name is None:
                self.wrong.append(f"{shown}: includes {one}, a macro: name the header")
            elif one[0] == '"':
                names.append(name)
            elif (self.lib / name).is_file() or ".." in name.split("/"):
                self.wrong.append(f"{shown}: includes {one}: put a header of lib/ in quotes")
            if name and (self.lib / name).is_file() and not name.endswith((".h", ".inc")):
                self.wrong.append(f"{shown}: includes {one}, which is no header")
        return names

    def fuzz_modules(self):
        """For each file of tests/fuzz the modules it tests; a header is there for the targets
        that include it.
        """
        folder = self.root / "tests/fuzz"
        rows = folder / "CMakeLists.txt"
        modules = {}
        for module, name in FUZZ_ROW.findall(rows.read_text()) if rows.exists() else ():
            source = folder / f"fuzz_{name}.c"
            headers = [one.strip('"')
                       for one in (includes(source.read_text()) if source.exists() else [])]
            for file in [source.name, *headers]:
                modules.setdefault(file, set()).add(module)
        return modules

    def tested(self, path):
        """The modules whose private headers a test may include."""
        kind = path.parts[1]
        if kind == "unit" and len(path.parts) > 3:
            return {path.parts[2]}
        if kind == "fuzz":
            return self.fuzzed.get(path.name, set())
        if kind == "bench":
            return {path.stem.removeprefix("bench_").split("_")[0]}
        return set()

    def check_lib(self, path, includes):
        module = path.parts[1]
        for include in includes:
            target = include.split("/")[0]
            if ".." in include.split("/") or not (self.lib / include).is_file():
                yield f'{path}: "{include}" is not a path below lib/'
            elif target not in self.layers.allowed.get(module, ()):
                yield f'{path}: {module} may not include "{include}"'
            elif target != module:
                yield from self.check_use(path, include, {module})

    def check_use(self, path, include, modules, *, is_test=False):
        """One include of a header of lib/ from outside its module, by a file that belongs to
        these modules.
        """
        target = include.split("/")[0]
        if not is_test:
            self.used.add(include)
        if not self.layers.is_public(include) and target not in modules:
            yield f'{path}: "{include}" is private to {target}: lib/LAYERS does not name it'

    def check_outside(self, path, includes):
        is_test = path.parts[0] == "tests"
        modules = self.tested(path) if is_test else set()
        for include in includes:
            around = (self.root / path.parent / include).resolve()
            if ".." in include.split("/") and (not is_test or around.is_relative_to(self.lib)):
                yield f'{path}: "{include}" goes round by ".."'
            elif (self.lib / include).is_file():
                yield from self.check_use(path, include, modules, is_test=is_test)

    def check(self):
        wrong = list(self.layers.wrong_rows())
        for path, includes in self.sources("lib"):
            wrong += self.check_lib(path, includes)
        for top in ("daemon", "tools", "tests"):
            for path, includes in self.sources(top):
                wrong += self.check_outside(path, includes)
        for header in self.layers.all_public():
            if header not in self.used and (self.lib / header).is_file():
                wrong.append(
                    f"lib/LAYERS: lib/{header} is public, but only its own module includes it")
        return wrong + self.wrong


def main():
    tree = Tree(pathlib.Path(sys.argv[1]).resolve())
    wrong = tree.check()
    print("\n".join(wrong))
    print(
        f"{tree.n_files} files of {len(tree.layers.allowed)} modules, "
        f"{len(tree.layers.all_public())} public headers, "
          f"{len(wrong)} wrong")
    return 1 if wrong or tree.n_files == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
