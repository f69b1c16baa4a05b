#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold the tables of a record's fields and apps in docs/format.md against the rows of
lib/record/fields.inc and lib/proto/app.h.

usage: fields.py SOURCE_DIR PRINT_FIELDS [--write]     Exit status 1 if the page says anything else;
--write: put it right.

What comes from the rows stands between the lines `<!-- rows: NAME -->` and `<!-- end of rows -->`.
"""
import pathlib
import re
import subprocess
import sys
import typing

END = "<!-- end of rows -->"


class Field(typing.NamedTuple):
    map: str
    key: str
    form: str
    at: str
    json: str
    required: str
    column: str
    peer_column: str
    log: str
    peer_log: str
    help: str


# Where the fields of a map or an array are: their keys, their names in JSON.
PLACES = {
    "record": ("{}", ("",)), "evidence": ("9 [{}]", ("",)), "flags": ("10 bit {}", ("",)),
    "counts": ("15 [{}]", ("",)),
    "query": ("17 [{}]", ("",)), "tls": ("19.{}", ("",)),
    "side": ("3.{0} 4.{0}", ("user.", "peer.")),
    "place": ("3.6.{0} 4.6.{0}", ("user.geo.", "peer.geo.")), "file": ("14.{}", ("file.",)),
    "match": ("16.{}", ("match.",)),
    "more": ("23.{}", ("",)), "marks": ("23.13 bit {}", ("",)), "shown": ("", ("",)),
    "binding": ("23.8.{}", ("binding.",)), "log": ("23.9.{}", ("log.",)),
    "interface": ("23.9.3 [] {}", ("log.interfaces[].",)),
    "listed": ("23.9.4 [] {}", ("log.lists[].",)),
    "database": ("23.9.5 [] {}", ("log.geo[].",)), "input": ("23.9.8 [] {}", ("log.files[].",)),
}
# What is shown as an object of its own stands behind the field that it belongs to.
INNER = {"peer": "side", "geo": "place", "file": "file", "match": "match", "up`, `down": "counts",
         "query": "query", "binding": "binding", "log": "log", "interfaces": "interface",
         "lists": "listed", "files": "input"}
INNER_OF = {("log", "geo"): "database"}
MAPS = ("record", "side", "place", "file", "match", "tls", "more", "binding", "log", "interface",
        "listed", "database", "input")


def read(program):
    """Rows of fields, of values and of apps."""
    fields, values, all_apps = [], [], []
    for line in subprocess.run([program], stdout=subprocess.PIPE, text=True,
                               check=True).stdout.splitlines():
        kind, *cells = line.split("\t")
        if kind == "field":
            fields.append(Field(*cells))
        elif kind == "app":
            all_apps.append((int(cells[0]), cells[1], cells[2] == "1"))
        else:
            values.append(cells)
    return fields, values, all_apps


def shown_in(fields, name):
    """The fields of a map in the order in which JSON has them; then those that stand in another
    object.
    """
    members = (("record", "evidence", "flags", "tls", "more", "marks", "shown")
               if name == "record" else (name,))
    found = [f for f in fields if f.map in members and f.json]
    return sorted(found, key=lambda f: (int(f.at) < 0, int(f.at)))


def maps(fields):
    """The stored maps, as CDDL."""
    for name in MAPS:
        yield f"    {name} = {{"
        rows = [f for f in fields if f.map == name]
        for f in rows:
            of_key = fields[fields.index(f) + 1:]
            parts = next((i for i, p in enumerate(of_key) if p.map == name), len(of_key))
            names = f.json.replace("`", "") or ", ".join(p.json for p in of_key[:parts])
            names = names if f.form not in ("tls", "more") else "see below"
            yield (
                f"      {('' if f.required == '1' else '? ') + f.key + ' => ' + f.form + ',':<30} "
                f"; {names}")
        yield "      * uint => any"
        yield "    }"


def ticked(*names):
    return " ".join(f"`{name}`" for name in names if name)


def rows_of(fields, name):
    for f in shown_in(fields, name):
        key, prefixes = PLACES[f.map]
        if f.map == "place" and int(f.at) < 0:
            prefixes = ("user.", "peer.")
        yield (
            f"| {ticked(*(prefix + f.json for prefix in prefixes))} | {key.format(f.key)} | "
            f"{ticked(f.column, f.peer_column)} "
               f"| {ticked(f.log, f.peer_log)} | {f.help} |")
        inner = INNER_OF.get((f.map, f.json), INNER.get(f.json))
        if inner and f.map in ("record", "side", "more", "log"):
            yield from rows_of(fields, inner)


def table(fields):
    yield "| in JSON | key (section 2) | `--fields` | in the journal | what |"
    yield "| --- | --- | --- | --- | --- |"
    yield from rows_of(fields, "record")


def kinds(values):
    yield "| kind | of each record | bytes |"
    yield "| --- | --- | --- |"
    for value in values:
        yield "| " + " | ".join(value) + " |"


def apps(rows):
    """A row for each run of numbers."""
    yield "| `app` | names, in order of their numbers |"
    yield "| --- | --- |"
    runs = []
    for number, name, is_tunnel in rows:
        if not runs or runs[-1][1] + 1 != number or runs[-1][2] != is_tunnel:
            runs.append([number, number, is_tunnel, []])
        runs[-1][1] = number
        runs[-1][3].append(name)
    for first, last, is_tunnel, names in runs:
        numbers = f"{first} to {last}" if last > first else f"{first}"
        what = ", outer connections of tunnels" if is_tunnel else ""
        yield f"| {numbers}{what} | {ticked(*names)} |"


def main():
    root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
    page = root / "docs" / "format.md"
    fields, values, all_apps = read(program)
    text = page.read_text()
    for name, lines in (("maps", maps(fields)), ("table", table(fields)),
                        ("values", kinds(values)), ("apps", apps(all_apps))):
        block = f"<!-- rows: {name} -->\n\n" + "\n".join(
            line.rstrip() for line in lines) + f"\n\n{END}"
        text, n = re.subn(rf"<!-- rows: {name} -->.*?{END}", lambda _, block=block: block, text,
                          flags=re.S)
        if n != 1:
            print(f"{page}: no lines \"<!-- rows: {name} -->\" and \"{END}\", or several")
            return 1
    if text == page.read_text():
        return 0
    if "--write" in sys.argv:
        page.write_text(text)
        return 0
    there, wanted = page.read_text().splitlines(), text.splitlines()
    for line in (line for line in wanted if line not in there):
        print(f"{page}: the rows say, the page does not: {line}")
    for line in (line for line in there if line not in wanted):
        print(f"{page}: the page says, the rows do not: {line}")
    print("Put it right with `tests/check/fields.py . build/dev/tests/check/print_fields --write`.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
