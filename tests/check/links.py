#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pages' links to each other lead somewhere: files are there, and headings, too.  usage:
links.py ROOT
"""
import os, re, sys

root = sys.argv[1]
pages = ["README.md", "CONTRIBUTING.md", "NEWS.md",
         "SECURITY.md"] + sorted(f"docs/{name}" for name in os.listdir(f"{root}/docs")
                                 if name.endswith(".md"))
faults = []
n = 0


def read(page):
    with open(f"{root}/{page}", encoding="utf-8") as file:
        return file.read()


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", read(page), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
            for heading in headings}


for page in pages:
    text = read(page)
    if re.search(r"^(<<<<<<<|=======|>>>>>>>)( |$)", text, re.M):
        faults.append(f"{page}: two versions of a passage, as a merge leaves them")
    for target in re.findall(r"\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"", text):
        target = target[0] or target[1]
        if re.match(r"[a-z]+:", target):
            continue
        n += 1
        path, _, anchor = target.partition("#")
        to = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(f"{root}/{to}"):
            faults.append(f"{page}: {target}: no such file")
        elif anchor and not to.endswith(".md"):
            if not re.fullmatch(r"L\d+", anchor):  # which line it is, walk.py knows
                faults.append(f"{page}: {target}: no line of a source")
        elif anchor and anchor not in anchors(to):
            faults.append(f"{page}: {target}: no such heading")
if n < 10:
    faults.append(f"only {n} links found: are these the pages?")
print("\n".join(faults) or f"{n} links lead somewhere")
sys.exit(1 if faults else 0)
