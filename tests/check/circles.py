#!/usr/bin/env python3
"""Inside a module, arrows go down: neither files nor folders of one module form a circle.

A file is a stem: x.c and x.h are one. It stands above what it includes, and above the .c file that
defines an nta_ name which it uses, if only one does. daemon/, tools/ and each folder of lib/ are
modules; which module may use which is layers.py's.

usage: circles.py SOURCE_DIR      Exit status 1 on a circle that is not named here, one that is
                                  named and gone, or a folder with too many files.
"""
import pathlib
import re
import sys

MOST_FILES = 32  # of one folder, without its subfolders and the README that lists them

# Circles that stay: the files or folders in one, with blanks between, and why.
EXCEPTIONS = {}

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)
NAME = re.compile(r"\bnta_\w+")
INLINE = re.compile(r"^static inline .*?^}", re.S | re.M)
FUNCTION = re.compile(r"^(?!static\b|#)\w[\w \t\n*]*?\b(nta_\w+)\([^;{}]*\)\s*\{", re.M)
OBJECT = re.compile(r"^(?!static\b|extern\b|#)\w[\w \t*]*?\b(nta_\w+)(?:\[[^\]]*\])*\s*=", re.M)


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
        self.edges = {stem: self.edges_of(root, stem) for stem in self.files}

    def read(self, root, path):
        name = path.relative_to(root)
        folder = str(name.parent)
        self.sizes[folder] = self.sizes.get(folder, 0) + 1
        if path.suffix not in (".c", ".h"):
            return
        stem, text = str(name.with_suffix("")), path.read_text()
        code = NOT_CODE.sub(" ", text)
        # a declaration calls nothing
        calls = code if path.suffix == ".c" else "\n".join(INLINE.findall(code))
        self.files[stem] = self.files.get(stem, "") + "\n" + calls
        self.includes.setdefault(stem, []).extend(INCLUDE.findall(text))
        if path.suffix == ".c":
            for symbol in set(FUNCTION.findall(code) + OBJECT.findall(code)):
                self.definers.setdefault(symbol, set()).add(stem)

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
