#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Inside a module, arrows go down: neither files nor folders of one module form a circle.

A file is a stem: x.c, x.h and x.inc are one.  It stands above what it includes, and above the .c
file that defines a name which it uses, or which a macro of its header uses, if only one does.
daemon/, tools/ and each folder of lib/ are modules; which module may use which is layers.py's.

usage: circles.py SOURCE_DIR      Exit status 1 on a circle that is not named here, one that is
                                  named and gone, or a folder with too many files.
"""
import pathlib
import re
import subprocess
import sys

from c_text import includes, without_comments

MOST_FILES = 32  # of one folder, without its subfolders and the README that lists them

# Circles that stay: the files or folders in one, with blanks between, and why.
EXCEPTIONS = {}

NAME = re.compile(r"\b[A-Za-z_]\w*")
# what a header does: functions with a body, and macros
DOES = re.compile(r"^static inline .*?^}|^[ \t]*#[ \t]*define\b(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)


def definitions(root, paths):
    """(path, name) of each function and object that other files see, by Universal Ctags."""
    out = subprocess.run(
        ["ctags", "--language-force=C", "--c-kinds=fv", "--extras=-F", "--fields=+f",
         "--output-format=u-ctags", "-f", "-", "-L", "-"], cwd=root,
        input="\n".join(paths), capture_output=True, text=True, check=True).stdout
    for cells in (line.split("\t") for line in out.splitlines()):
        # ctags misses the static before a struct's body, and takes uses of macros for functions
        if len(cells) > 3 and "file:" not in cells[4:] and not cells[2].startswith("/^}") and (
                cells[0] != "main" and not cells[0].isupper()):
            yield cells[1], cells[0]


def module_of(name):
    """lib/flow of lib/flow/tcp, tools of tools/cmd/keys."""
    parts = name.split("/")
    return "/".join(parts[: 2 if parts[0] == "lib" else 1])


def folder_of(name):
    return name.rpartition("/")[0]


class House:
    def __init__(self, root):
        self.files = {}  # path below root, without suffix, to what its files say
        self.sizes = {}  # folder to its number of files
        self.definers = {}  # name to the stems whose .c defines it
        self.includes = {}
        for top in ("lib", "daemon", "tools"):
            for path in sorted((root / top).rglob("*")):
                if path.is_file() and path.name != "README":
                    self.read(root, path)
        sources = [f"{stem}.c" for stem in self.files if (root / f"{stem}.c").is_file()]
        for path, name in definitions(root, sources):
            self.definers.setdefault(name, set()).add(path.removesuffix(".c"))
        self.edges = {stem: self.edges_of(root, stem) for stem in self.files}

    def read(self, root, path):
        name = path.relative_to(root)
        folder = str(name.parent)
        self.sizes[folder] = self.sizes.get(folder, 0) + 1
        if path.suffix not in (".c", ".h", ".inc"):
            return
        stem, text = str(name.with_suffix("")), path.read_text()
        code = without_comments(text, texts=False)
        # a declaration calls nothing
        calls = code if path.suffix == ".c" else "\n".join(DOES.findall(code))
        self.files[stem] = self.files.get(stem, "") + "\n" + calls
        self.includes.setdefault(stem, []).extend(one.strip('"<>') for one in includes(text))

    def edges_of(self, root, stem):
        """To each other stem of the module: why."""
        edges = {}
        for include in self.includes[stem]:
            below = "lib" if (root / "lib" / include).exists() else stem.split("/")[0]
            self.add(edges, stem, re.sub(r"\.\w+$", "", f"{below}/{include}"), f'"{include}"')
        for symbol in sorted(set(NAME.findall(self.files[stem]))):
            definers = self.definers.get(symbol, ())
            if len(definers) == 1:
                self.add(edges, stem, *definers, symbol)
        return edges

    def add(self, edges, stem, other, why):
        if other in self.files and other != stem and module_of(other) == module_of(stem):
            edges.setdefault(other, []).append(why)

    def folder_edges(self):
        graph = {folder_of(stem): {} for stem in self.files}
        for stem, edges in self.edges.items():
            for other, whys in edges.items():
                if folder_of(other) != folder_of(stem):
                    why = f"{stem}: {whys[0]}"
                    graph[folder_of(stem)].setdefault(folder_of(other), []).append(why)
        return graph


def circles_of(graph):
    """Strongly connected parts of more than one node (Tarjan)."""
    order, low, stack, circles = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in graph[node]:
            if other not in order:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == order[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                circles.append(frozenset(stack[at:]))
            del stack[at:]

    for node in graph:
        if node not in order:
            visit(node)
    return circles


def show(kind, circle, graph):
    yield f"a circle of {kind}: {' '.join(sorted(circle))}"
    for node in sorted(circle):
        for other in sorted(circle & graph[node].keys()):
            yield f"    {node} -> {other}: {', '.join(graph[node][other][:4])}"


def check_circles(house):
    named = {frozenset(names.split()) for names in EXCEPTIONS}
    for kind, graph in (("files", house.edges), ("folders", house.folder_edges())):
        for circle in circles_of(graph):
            if circle in named:
                named.remove(circle)
            else:
                yield from show(kind, circle, graph)
    for circle in named:
        yield f"named here, and gone: {' '.join(sorted(circle))}"


def check_sizes(house):
    for folder, n in house.sizes.items():
        if n > MOST_FILES:
            yield f"{folder} holds {n} files, more than {MOST_FILES}"


def main():
    house = House(pathlib.Path(sys.argv[1]))
    wrong = [*check_circles(house), *check_sizes(house)]
    print("\n".join(wrong))
    print(f"{len(house.files)} files in {len(house.sizes)} folders, "
          f"{len(EXCEPTIONS)} circles named")
    return 1 if wrong or not house.files else 0


if __name__ == "__main__":
    sys.exit(main())
