#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta report -o X.xlsx: the same incidents as nta incidents, dates that are dates, heads that
filter, and no cell that is a formula. usage: sheet.py NTA"""
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHOOL = ROOT / "tests/data/school"
NTA = pathlib.Path(sys.argv[1]).resolve()
S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FAULTS = []


def expect(what, holds, more=""):
    if not holds:
        FAULTS.append(f"{what}: {str(more)[:600]}")


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          cwd=ROOT, env={**os.environ, "TZ": "IST-5:30"})


def rows_of(book, strings, number):
    """Cells by their column's head, as (type, style, text)."""
    tree = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    rows = []
    for row in tree.iter(S + "row"):
        cells = {}
        for cell in row.iter(S + "c"):
            value = cell.findtext(S + "v")
            value = strings[int(value)] if cell.get("t") == "s" else value
            cells[re.match("[A-Z]+", cell.get("r"))[0]] = (cell.get("t"), cell.get("s"), value)
        rows.append(cells)
    heads = {column: cell[2] for column, cell in rows[0].items()}
    return tree, [{heads[column]: cell for column, cell in row.items()} for row in rows[1:]]


def check_book(path, incidents):
    book = zipfile.ZipFile(path)
    strings = ["".join(part.text or "" for part in one.iter(S + "t"))
               for one in ET.fromstring(book.read("xl/sharedStrings.xml")).iter(S + "si")]
    names = [one.get("name")
             for one in ET.fromstring(book.read("xl/workbook.xml")).iter(S + "sheet")]
    expect("sheets", names == ["Incidents", "Downloads", "Users", "Sites", "About"], names)
    sheets = [rows_of(book, strings, i + 1) for i in range(len(names))]
    for name, (tree, rows) in zip(names, sheets):
        expect(f"{name}: filter, frozen head, widths", rows and len(list(tree.iter(S + "col"))) > 1
               and tree.find(S + "autoFilter") is not None
               and next(tree.iter(S + "pane")).get("state") == "frozen")
        expect(f"{name}: no formula, no link", not list(tree.iter(S + "f"))
               and not list(tree.iter(S + "hyperlink")))
    rows = sheets[0][1]
    expect("the incidents, in their order", [row["incident"][2] for row in rows]
           == [one["id"] for one in incidents], rows)
    epoch = datetime.datetime(1899, 12, 30)
    for row, one in zip(rows, incidents):
        kind, style, days = row["began"]
        shown = (epoch + datetime.timedelta(days=float(days)) + datetime.timedelta(milliseconds=1))
        wanted = (datetime.datetime.fromisoformat(one["begin"][:19])
                  + datetime.timedelta(hours=5, minutes=30))
        expect("a date, local", kind is None and style and shown.replace(microsecond=0) == wanted,
               (row["began"], shown, wanted))
        expect("what it is about", (row["site"][2], int(row["received"][2]))
               == (one["site"], one["down"]), (row, one))
    styles = book.read("xl/styles.xml").decode()
    expect("dates are shown as dates", "yyyy-mm-dd hh:mm:ss" in styles, styles)
    files = sum(len(one.get("files", [])) for one in incidents)
    expect("a row for each file", len(sheets[1][1]) == files > 0, (len(sheets[1][1]), files))
    people = " ".join(row["user"][2] for row in sheets[2][1])
    expect("users by name", "Ann Example" in people and "Bob Example" in people, people)
    title = next(row["is"] for row in sheets[4][1] if row["what"][2] == "title")
    expect("a title that looks like a formula is text", title[0] == "s" and title[2] == "=1+1",
           title)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-sheet-") as folder:
        store, path = pathlib.Path(folder, "store"), pathlib.Path(folder, "x.xlsx")
        run("read", SCHOOL / "school.pcap.zst", "--config", SCHOOL / "ntad.conf", "--store", store)
        incidents = [json.loads(line) for line
                     in run("incidents", "--store", store, "--json").stdout.splitlines()]
        done = run("report", "--store", store, "-o", path, "--title", "=1+1")
        expect("it is written, for its owner alone",
               done.returncode == 0 and path.exists() and path.stat().st_mode & 0o077 == 0, done)
        if FAULTS:
            sys.exit("\n".join(FAULTS))
        check_book(path, incidents)
        before = path.read_bytes()
        done = run("report", "--store", store, "-o", path)
        expect("one that is there is never replaced", done.returncode == 3
               and "may have notes" in done.stderr and path.read_bytes() == before, done)
        done = run("report", "--store", store, "-o", path.with_name("y.xls"))
        expect("a page does not go under the name of something else", done.returncode == 2
               and "must end in" in done.stderr and not path.with_name("y.xls").exists(), done)
        done = run("report", "--store", store, "-o", path.with_name("y.xlsx"), "--rows", "2")
        book = zipfile.ZipFile(path.with_name("y.xlsx"))
        about = book.read("xl/sharedStrings.xml").decode()
        expect("--rows: the weightiest, and how many there are", done.returncode == 0
               and f"2 of {len(incidents)}, the weightiest" in about, about)
    print("\n".join(FAULTS) or "the spreadsheet holds what nta incidents shows")
    return bool(FAULTS)


if __name__ == "__main__":
    sys.exit(main())
