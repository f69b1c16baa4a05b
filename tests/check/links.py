#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages' links lead somewhere in this tree: files are there, headings of pages, and lines of
sources.

usage: links.py ROOT
"""
import os
import pathlib
import re
import sys

LEAST = 10  # links: below, these are not the pages
# [text](target), [text](<target> "title"), [text]: target, src="target"
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)>?(?:\s+[\"'(][^)]*)?\)|^ {0,3}\[[^\]]+\]:\s*<?([^>\s]+)"
                  r"|(?:src|srcset|href)=[\"']([^\"'\s]+)", re.M)
BLANK = re.compile(r"\]\(<[^>]*\s[^>]*>")  # a target with blanks in it: no file has such a name
SIDES = re.compile(r"^(<<<<<<<|=======|>>>>>>>)( |$)", re.M)


def pages_of(root):
    """Each page, also beside the code."""
    return sorted(path.relative_to(root) for top in ("", "docs", "lib", "daemon", "tools", "tests",
                                                     "conf", "systemd", "cmake")
                  for path in (root / top).glob("**/*.md" if top else "*.md"))


def without_code(text):
    """A fence's lines and what is in backticks are shown as they are."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.S | re.M))


def anchors(text):
    """As GitHub makes them: of headings, the second of a name with -1."""
    found = {}
    for heading in re.findall(r"^#+ (.*)$", re.sub(r"^(```|~~~).*?^\1", "", text,
                                                   flags=re.S | re.M), re.M):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        found[name] = found.get(name, 0) + 1
    return {f"{name}-{i}" if i else name for name, n in found.items() for i in range(n)}


def check_target(root, page, target):
    """What is wrong with a link, or None."""
    path, _, anchor = target.partition("#")
    to = pathlib.Path(os.path.normpath(page.parent / path)) if path else page
    if to.is_absolute() or to.parts[:1] == ("..",):
        return "leads out of the tree"
    if not (root / to).exists():
        return "no such file"
    if not anchor:
        return None
    if to.suffix == ".md":
        return None if anchor in anchors((root / to).read_text()) else "no such heading"
    line = re.fullmatch(r"L(\d+)", anchor)
    if not line or not (root / to).is_file() or not (
            0 < int(line[1]) <= len((root / to).read_text().splitlines())):
        return "no line of a source"
    return None


def check(root):
    """(links, what is wrong)"""
    n, wrong = 0, []
    for page in pages_of(root):
        text = (root / page).read_text()
        if SIDES.search(text):
            wrong.append(f"{page}: two versions of a passage, as a merge leaves them")
        if BLANK.search(without_code(text)):
            wrong.append(f"{page}: a link with a blank in its target")
        for target in ("".join(groups) for groups in LINK.findall(without_code(text))):
            if not re.match(r"[a-z]+:", target):
                n += 1
                what = check_target(root, page, target)
                wrong += [f"{page}: {target}: {what}"] if what else []
    return n, wrong


def main():
    n, wrong = check(pathlib.Path(sys.argv[1]).resolve())
    if n < LEAST:
        wrong.append(f"only {n} links found: are these the pages?")
    print("\n".join(wrong) or f"{n} links lead somewhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
