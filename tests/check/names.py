#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the pages call by its name is there: each `function()`, each name that begins with nta_ or
NTA_, each path of a source, in backticks.

 * A name stands in a source (a script, a build file) as a word; one of ours that ends in _ is the
   beginning of others.  In docs/architecture.md and docs/walk.md a function is the programs'.
 * `FILE.c: function()`: that file has it.
 * A path is one from the root, from lib/ or tests/, or the end of one.
 * Words in capitals (`test_NAME.c`) are for the reader to fill in.

usage: names.py ROOT      Exit status 1 if something is named that is not there.
"""
import pathlib
import re
import sys

PAGES = ("CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md", "docs/glossary.md",
         "docs/performance.md", "docs/reliability.md", "docs/threat-model.md", "docs/walk.md",
         "tests/golden/README.md")
TOPS = ("lib", "daemon", "tools", "tests", "cmake", "systemd", "conf", "docs")
CODE = {".c", ".h", ".inc", ".S"}
TEXT = CODE | {".py", ".sh", ".js", ".txt", ".cmake", ".html", ".md"}
TICKED = re.compile(r"`([^`]+)`")
FUNCTION = re.compile(r"(?:([\w/]+\.[ch]):\s*)?\b(\w+)\(\)")
OURS = re.compile(r"\b(?:nta|NTA)_\w+(?!\w|\()")
PATH = re.compile(r"(?<![\w./-])(?:[\w-]+/)*[\w-]+\.(?:c|h|inc|S|py|sh)\b")
LEAST = 100  # names: below, the pattern no longer finds them


class Tree:
    def __init__(self, root):
        self.root = root
        self.texts = {}
        self.paths = {str(path.relative_to(root)) for top in TOPS
                      for path in (root / top).rglob("*") if path.is_file()}
        for name in self.paths:
            suffix = pathlib.PurePath(name).suffix
            if suffix in TEXT - {".md"} or not suffix:
                self.texts[name] = (root / name).read_text(errors="replace")
        self.code = {word for name, text in self.texts.items()
                     if name.startswith(("lib/", "daemon/", "tools/"))
                     and pathlib.PurePath(name).suffix in CODE for word in re.findall(r"\w+", text)}
        self.words = {word for text in self.texts.values() for word in re.findall(r"\w+", text)}

    def at(self, path):
        """The sources that a path means."""
        return [name for name in self.paths if name == path or name.endswith(f"/{path}")]

    def check_function(self, file, name, words):
        if file and not any(re.search(rf"\b{name}\(", self.texts.get(there, ""))
                            for there in self.at(file)):
            return f"{name}() is not in {file}"
        return None if name in words or re.search("[A-Z]{3}$", name) else f"there is no {name}()"

    def check_name(self, name):
        is_part = name.endswith("_") and any(word.startswith(name) for word in self.words)
        return None if name in self.words or is_part or re.search("_NAME$|_TYPE$", name) else (
            f"there is no {name}")

    def check_path(self, path):
        return None if self.at(path) or re.search(r"\b[A-Z]{4,}\b|_NAME\.", path) else (
            f"there is no file {path}")

    def check_page(self, page):
        """(number of names, what is wrong)"""
        n, wrong = 0, []
        is_of_code = page.endswith(("architecture.md", "walk.md"))
        text = (self.root / page).read_text()
        text = re.sub(r"\n(?!\n)", " ", re.sub(r"^ {4,}.*$|\]\([^)]*\)", "", text, flags=re.M))
        for ticked in TICKED.findall(text):
            found = [self.check_function(*one, self.code if is_of_code else self.words)
                     for one in FUNCTION.findall(ticked)]
            found += [self.check_name(one) for one in OURS.findall(ticked)]
            found += [self.check_path(one) for one in PATH.findall(ticked)]
            n += len(found)
            wrong += [f"{page}: `{ticked}`: {what}" for what in found if what]
        return n, wrong


def main():
    tree, n, wrong = Tree(pathlib.Path(sys.argv[1]).resolve()), 0, []
    for page in PAGES:
        n_here, wrong_here = tree.check_page(page)
        n += n_here
        wrong += wrong_here
    if n < LEAST:
        wrong.append(f"only {n} names were found")
    print("\n".join(wrong) or f"{n} names of the pages are there")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
