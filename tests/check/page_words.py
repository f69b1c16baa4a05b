#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables of words: each row has all languages, with the same gaps in each and as many forms; and
the page's program and frame name words that are there, each of them.

usage: page_words.py ROOT
"""
import pathlib
import re
import sys

TABLES = {"lib/export/page/page_words.inc": "WORD", "lib/incident/say/words.inc": "SAY"}
WEB = "lib/export/page/web"
LANGUAGES = 4


def rows(text, macro):
    """Of each row its name and its texts, as C joins them."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for row in re.finditer(rf'^{macro}\((\w+),((?:\s*(?:"(?:[^"\\]|\\.)*"|,))*)\s*\)', text, re.M):
        parts, joined = re.findall(r'"((?:[^"\\]|\\.)*)"|(,)', row[2]), [""]
        for part, comma in parts:
            if comma:
                joined.append("")
            else:
                joined[-1] += part
        yield row[1], joined


def faults_of_row(name, texts):
    if len(texts) != LANGUAGES or not all(text.strip() for text in texts):
        yield f"{name}: {len(texts)} texts, of which some may be empty"
        return
    forms = [text.split("|") for text in texts]
    if len({len(form) for form in forms}) != 1:
        yield f"{name}: of one and of more in some languages only"
    gaps = [sorted(set(re.findall(r"\{(\w+)\}", one))) for form in forms for one in form]
    if any(other != gaps[0] for other in gaps):
        yield f"{name}: gaps differ: {gaps}"


def used(web):
    """Names of words, and beginnings of names, that the page has."""
    names, kinds = set(), set()
    for path in sorted(web.glob("page*")):
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r'data-w(?:-label|-hint)?="(\w+)"', text))
        names |= set(re.findall(r'"([A-Z][A-Z0-9_]{1,})"', text))
        kinds |= set(re.findall(r'wordOf\("(\w+)"', text))
    return names, kinds


def check(root):
    faults, known = [], set()
    for table, macro in TABLES.items():
        found = list(rows((root / table).read_text(encoding="utf-8"), macro))
        n = len(re.findall(rf"^{macro}\(", (root / table).read_text(encoding="utf-8"), re.M))
        if len(found) != n or n == 0:
            faults.append(f"{table}: {n} rows, {len(found)} of them understood")
        for name, texts in found:
            faults += [f"{table}: {fault}" for fault in faults_of_row(name, texts)]
        if macro == "WORD":
            known = {name for name, _ in found}
    names, kinds = used(root / WEB)
    begun = {name for name in known for kind in kinds if name.startswith(kind + "_")}
    faults += [f"{WEB}: {name} is no word of the table"
               for name in sorted(names - known - kinds - NO_WORDS)]
    faults += [f"{name}: nothing says it" for name in sorted(known - names - begun)]
    faults += [f"{WEB}: no word begins with {kind}_" for kind in sorted(kinds)
               if not any(name.startswith(kind + "_") for name in known)]
    return faults


# what stands in capitals in the page's program and is no word
NO_WORDS = {"AQ", "B", "NTA"}


def main():
    faults = check(pathlib.Path(sys.argv[1]))
    print("\n".join(faults) or "each word is there, in all languages, and said")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
