#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages: nta(1) and one for each command, ntad(8), ntad.conf(5), nta-lists(5), of what
the programs' --help and docs/lists.md say.  Beside each page it lies packed, as it is installed.

usage: pages.py NTA NTAD ROOT VERSION FOLDER [PROGRAM...]     each PROGRAM a page of section 8, too
"""
import gzip
import pathlib
import re
import sys

import help_text
import roff

MANUALS = {1: "NTA", 5: "NTA's files", 8: "NTA's services"}
FILES = [("/etc/nta/ntad.conf", "the configuration, ntad.conf(5)"),
         ("/etc/nta/lists", "lists that the admin keeps, nta-lists(5)"),
         ("/var/lib/nta", "keys, the journal of records, the state of the chain"),
         ("/var/lib/nta-lists", "lists and geo databases that were fetched"),
         ("/run/nta/control", "where the running ntad is asked")]


class Writer:
    def __init__(self, folder, version):
        self.folder, self.version = pathlib.Path(folder), version

    def write(self, name, number, what, body, see):
        see = [x for x in see if x != f"{name}({number})"]
        linked = [re.sub(r"(.*)\((\d)\)", r".BR \1 (\2)", roff.escape(x)) for x in see]
        text = roff.head(name, number, self.version, MANUALS[number]) + roff.section("Name") + \
            f"{roff.escape(name)} \\- {roff.escape(what)}\n" + body + roff.section("See also") + \
            " ,\n".join(linked) + "\n"
        text = re.sub(r"^(\.S[HS] .*\n)\.PP\n", r"\1", text, flags=re.M)
        (self.folder / f"{name}.{number}").write_text(text)
        (self.folder / f"{name}.{number}.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def option_item(option):
    names = [f"\\fB{roff.escape(n)}\\fR" for n in
             ([f"-{option.letter}"] if option.letter else []) + [f"--{option.name}"]]
    argument = f"\\fI{roff.escape(option.argument)}\\fR" if option.argument else ""
    sign = "=" if option.glued else " "
    argument = f"[{sign}{argument}]" if option.optional else f"{sign}{argument}" if argument else ""
    return f".TP\n{', '.join(names)}{argument}\n{plain(option.text)}\n"


def plain(text):
    return re.sub(r"([.!?])  ?(?=[A-Z])", r"\1" + "\n", roff.escape(text))


def usage(lines):
    out = []
    for line in lines:
        words = [f"\\fB{roff.escape(w)}\\fR" if re.fullmatch(r"[a-z][a-z.]*|\[?-[-a-z|]+\]?", w)
                 else roff.escape(w) for w in line.split(" ")]
        out.append(f".PP\n{' '.join(words)}\n")
    return "".join(out)


def statuses(lines):
    """Rows "  N  text" that follow each other."""
    rows = []
    for line in lines:
        match = re.match(r"  (\d)  (.*)", line)
        if match:
            rows.append([match[1], match[2]])
        elif rows:
            rows[-1][1] += " " + line.strip()
    return "".join(f".TP\n.B {n}\n{plain(text)}\n" for n, text in rows)


def sentence_of_statuses(said):
    """"0 done, 1 ..., 2 ...": an item each, while the numbers go up."""
    items = []
    for piece in re.split(r"[,;] (?=\d )", said.rstrip(".")):
        if re.match(r"\d ", piece) and (not items or int(piece[0]) > int(items[-1][0])):
            items.append(piece)
        elif items:
            items[-1] += f"; {piece}"
    return "".join(f".TP\n.B {x[0]}\n{plain(x[2:])}\n" for x in items)


def body(told):
    """Synopsis, description, options, exit status, examples, in the order of --help."""
    out, at, ends = [roff.section("Synopsis"), usage(told.usage)], None, []
    for part in told.parts:
        said = " ".join(part.lines) if part.kind == "text" else ""
        if said.startswith("Exit status:") or part.head.startswith("Exit status"):
            ends.append(statuses(part.lines) if part.kind == "code" else
                        sentence_of_statuses(said.removeprefix("Exit status:").strip()))
            continue
        title = "options" if part.kind == "options" else part.head.split(" (")[0] or at
        title = title if at and title else "description"
        if title != at or (part.kind == "options" and part.head):
            out.append(roff.section(title) if title != at else "")
            at = title
        if part.kind == "options":
            if part.head:
                out.append(f".SS {plain(part.head[0].upper() + part.head[1:])}\n")
            out += [option_item(o) for o in part.lines]
        elif part.kind == "code":
            out.append(roff.code([x[2:] for x in part.lines]))
        else:
            out.append(f".PP\n{plain(said)}\n")
    return "".join(out) + (roff.section("Exit status") + "".join(ends) if ends else "")


def first_page(nta):
    """nta(1): the commands by what they are for."""
    out = [roff.section("Synopsis"), ".PP\n.B nta\n.I COMMAND\n[\\fIARGUMENTS\\fR]\n",
           roff.section("Description"), ".PP\nFinds out which user of a network downloaded what "
           "from a forbidden place:\nin capture files, and in the sealed records that\n"
           ".BR ntad (8)\nkeeps.\nEach command has a page of its own.\n", roff.section("Commands")]
    for heading, rows in help_text.tasks(nta).items():
        out.append(f".SS {roff.escape(heading[0].upper() + heading[1:])}\n")
        out += [f".TP\n\\fBnta\\-{name}\\fR(1)\n{plain(text)}\n" for name, text in rows]
    for part in help_text.parse(help_text.run(nta, "--help")).parts:
        if part.head == "first steps":
            out += [roff.section("First steps"), roff.code([x[2:] for x in part.lines])]
    out += [roff.section("Exit status")]
    out += [f".TP\n.B {n}\n{text}\n" for n, text in enumerate((
        "done", "done, but something was wrong with the input or does not hold", "wrong usage",
        "could not run"))]
    return "".join(out + [files()])


def files():
    return roff.section("Files") + \
        "".join(f".TP\n.I {roff.escape(path)}\n{roff.escape(what)}\n" for path, what in FILES)


def configuration(ntad):
    """ntad.conf(5): the rows of the table of options."""
    out = [roff.section("Synopsis"), ".PP\n.I /etc/nta/ntad.conf\n", roff.section("Description"),
           ".PP\nThe configuration of\n.BR ntad (8)\nand of all commands of\n.BR nta (1)\n"
           "that look into what it keeps, in the language of libconfig:\n"
           "sections with options in them.\nSizes take K, M, G; times take ms, s, m, h, d.\n"
           "An unknown option is an error.\n"
           "What is marked (reload) is taken over by \\fBsystemctl reload ntad\\fR,\n"
           "the rest by a restart.\n\\fBntad \\-\\-check\\fR tries all that a start needs,\n"
           "\\fBntad \\-\\-print\\-config\\fR shows what is in force,\n"
           "\\fBntad \\-\\-print\\-default\\fR a commented file to begin with.\n"]
    return "".join(out) + options_of(help_text.run(ntad, "--print-table"))


def options_of(table):
    """Rows of options by section, then those of what a list may say of itself."""
    out, last = [], ""
    for line in table.splitlines():
        if line and not line.startswith("|"):
            if last != "list":
                out.append(roff.section("What is said of a list"))
            out.append(f"{roff.inline(line)}\n")
            last = "list"
        if not line.startswith("| `"):
            continue
        row = [c.strip().replace(r"\|", "|") for c in re.split(r"(?<!\\)\|", line.strip()[1:-1])]
        name, section = roff.inline(row[0]), row[0].strip("`").partition(".")[0]
        if len(row) == 3:
            out.append(roff.item(name, row[2] + (" (geo.fetch, too)" if row[1] else "")))
            continue
        if section != last:
            last = section
            out.append(roff.section(f"Section {section}"))
        out.append(roff.item(name, row[3] + (" (reload)" if row[2] else "")))
        if row[1]:
            out.append(f".br\nDefault: {roff.inline(row[1])}\n")
    example = ["capture = { interfaces = ( \"eth0\" ); };",
               "network = { home = ( \"10.0.0.0/8\" ); };",
               "blacklist = { files = ( \"/etc/nta/lists/malware.txt\",",
               "    { path = \"/etc/nta/lists/games.txt\"; severity = \"low\"; } ); };"]
    return "".join(out) + roff.section("Examples") + roff.code(example) + files()


def main():
    nta, ntad, root, version, folder = sys.argv[1:6]
    writer = Writer(folder, version)
    writer.folder.mkdir(parents=True, exist_ok=True)
    for old in writer.folder.glob("nta*.[158]*"):
        old.unlink()
    see = ["nta(1)", "ntad(8)", "ntad.conf(5)", "nta-lists(5)"]
    for name, (text, told) in help_text.commands(nta).items():
        writer.write(f"nta-{name}", 1, text, body(told), see)
    writer.write("nta", 1, "which user of this network downloaded what from a forbidden place",
                 first_page(nta), see)
    for program in (ntad, *sys.argv[6:]):
        name = pathlib.Path(program).name
        told = help_text.parse(help_text.run(program, "--help"))
        what = re.split(r"[.:;,]", told.summary())[0] if name != "ntad" else \
            "name the site behind each connection, match it against lists, keep sealed records"
        writer.write(name, 8, what, body(told) + (files() if name == "ntad" else ""), see)
    writer.write("ntad.conf", 5, "configuration of ntad", configuration(ntad), see)
    lists = (pathlib.Path(root) / "docs/lists.md").read_text()
    writer.write("nta-lists", 5, "what lists of forbidden places mean",
                 roff.section("Description") + roff.markdown(lists), see)


main()
