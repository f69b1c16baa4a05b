#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What does not hold is left out by every form of every reader, and marked with --unverified; a
store that may not be read is not an empty one.

usage: unverified.py NTA MAKE_STORE
"""
import csv
import io
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402

NTA, MAKE_STORE = sys.argv[1:3]
NOBODY = 65534
N, N_FORGED = 6000, 400  # of three batches of evidence, the first


def run(*arguments, **more):
    return subprocess.run([NTA, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, **more)


def make_stores(work):
    """The same records, whole and with one signature changed."""
    subprocess.run([MAKE_STORE, work / "whole", str(N), "plain"], check=True)
    shutil.copytree(work / "whole", work / "forged")
    db = sqlite3.connect(work / "forged" / "journal.db")
    number = db.execute("SELECT min(number) FROM head WHERE class = 1").fetchone()[0]
    db.execute("UPDATE head SET signature = zeroblob(64) WHERE number = ?", (number,))
    db.commit()
    db.close()
    (work / "number").write_text(str(number))
    return work / "whole", work / "forged"


def count_records(form, text):
    """Records in it, and of these marked."""
    if form == "--json":
        rows = [json.loads(line) for line in text.splitlines()]
        return len(rows), sum(row.get("unverified") is True
                              and row["unverified_reason"] == "signature" for row in rows)
    if form == "--csv":
        rows = list(csv.DictReader(io.StringIO(text)))
        return len(rows), sum(row.get("unverified") == "signature" for row in rows)
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines), sum("UNVERIFIED (signature)" in line for line in lines)


def check_records(whole, forged):
    for form in "--json", "--csv", "--wide":
        n, _ = count_records(form, run("records", form, "--store", whole).stdout)
        left = run("records", form, "--store", forged)
        shown = run("records", form, "--unverified", "--store", forged)
        rest, rest_marked = count_records(form, left.stdout)
        all_of, marked = count_records(form, shown.stdout)
        ok(f"records {form}: what is not signed is left out, and said",
           (n - rest, rest_marked, left.returncode) == (N_FORGED, 0, 1)
           and "the signature is not" in left.stderr and "not shown" in left.stderr,
           (n, rest, rest_marked, left.returncode, left.stderr))
        ok(f"records {form} --unverified: it is there and marked, and only it",
           (all_of, marked, shown.returncode) == (n, N_FORGED, 1),
           (n, all_of, marked, shown.returncode, shown.stderr))


def check_stats(whole, forged):
    everything = [json.loads(line)
                  for line in run("stats", "--by", "user", "--json", "--top", "0", "--store",
                                  whole).stdout.splitlines()]
    left = [json.loads(line)
            for line in run("stats", "--by", "user", "--json", "--top", "0", "--store",
                            forged).stdout.splitlines()]
    shown = run("stats", "--by", "user", "--json", "--top", "0", "--unverified", "--store", forged)
    rows = [json.loads(line) for line in shown.stdout.splitlines()]

    def total(rows):
        return sum(row["count"] for row in rows)

    n_marked = sum(row.get("unverified_count", 0) for row in rows)
    ok("stats: sums are without it",
       0 < total(left) < total(everything) and not any("unverified" in row for row in left),
       (total(left), total(everything)))
    ok("stats --unverified: sums are with it, and say of how much",
       total(rows) == total(everything) and n_marked == total(everything) - total(left) > 0 and
       shown.returncode == 1, (total(rows), n_marked, shown.returncode))

    def moved(rows):
        return sum(row["bytes"] for row in rows)

    bytes_marked = sum(row.get("unverified_bytes", 0) for row in rows)
    ok("stats --unverified: of bytes, too", bytes_marked == moved(everything) - moved(left) > 0,
       (bytes_marked, moved(everything), moved(left)))
    table = list(
        csv.DictReader(
            io.StringIO(run("stats", "--by", "user", "--csv", "--top", "0", "--unverified",
                            "--store", forged).stdout)))
    ok("stats --csv --unverified: as a column",
       sum(int(row["unverified"]) for row in table) == n_marked, table[:1])
    text = run("stats", "--by", "user", "--top", "0", "--unverified", "--store", forged).stdout
    ok("stats --unverified: in the table", "UNVERIFIED" in text.upper(), text[:300])


def placemarks(file):
    """Each with its sums, and whether it is marked."""
    return [(text := ET.tostring(p, "unicode"), "UNVERIFIED" in text)
            for p in ET.parse(file).getroot().iter() if p.tag.endswith("}Placemark")]


def features(file):
    return [(json.dumps(f["properties"]), "unverified" in f["properties"])
            for f in json.loads(file.read_text())["features"]]


def check_map(forged, work):
    for form in "kml", "geojson":
        left, shown = work / f"left.{form}", work / f"shown.{form}"
        first = run("map", "-o", left, "--store", forged)
        second = run("map", "-o", shown, "--unverified", "--store", forged)
        ok(f"map .{form}: ends with 1", (first.returncode, second.returncode) == (1, 1),
           first.stderr + second.stderr)
        find = placemarks if form == "kml" else features
        marks, all_marks = [[is_marked for _, is_marked in find(file)] for file in (left, shown)]
        ok(f"map .{form}: without --unverified there is nothing to mark",
           len(marks) > 100 and not any(marks), len(marks))
        ok(f"map .{form}: with it, some are marked and some hold",
           100 < sum(all_marks) < len(all_marks) and len(all_marks) > len(marks),
           (len(marks), sum(all_marks), len(all_marks)))
        number = (work / "number").read_text()
        wrong = [text for text, is_marked in find(shown) if is_marked != (f"-{number}-" in text)
                 and ('"incident"' in text or "<td>record</td>" in text)]
        ok(f"map .{form}: and that by the batch of each incident", not wrong, wrong[:1])
        kinds = {json.loads(text)["kind"] for text, is_marked in find(shown)
                 if is_marked} if form == "geojson" else None
        ok(f"map .{form}: so are places and lines",
           kinds is None or {"incident", "place", "arc"} <= kinds, kinds)


def forge_class(store, copy, number_of):
    """A copy with the signature of one batch zeroed."""
    shutil.copytree(store, copy)
    db = sqlite3.connect(copy / "journal.db")
    db.execute("UPDATE head SET signature = zeroblob(64) WHERE number = ?",
               (db.execute(number_of).fetchone()[0],))
    db.commit()
    db.close()
    return copy


def marks_of(command, *more):
    """How many lines, how many of them marked; the same of JSON."""
    lines = [line for line in run(*command, *more).stdout.splitlines() if line.strip()]
    rows = [json.loads(line) for line in run(*command, "--json", *more).stdout.splitlines()]
    marked = [row for row in rows if row.get("unverified") is True
              and row["unverified_reason"] == "signature"]
    return (sum(line.startswith("UNVERIFIED (signature): ") for line in lines), len(rows),
            len(marked))


def check_who_and_coverage(work):
    """Leases of a capture, and what the sensor says of its run, with one signature each gone."""
    store, golden = work / "leases", pathlib.Path(__file__).parents[1] / "golden"
    read = run("read", "--store", store, "--list", golden / "lists.txt", golden / "leases.pcap")
    ok("a capture with leases is read", read.returncode == 0, read.stderr)
    bindings = [json.loads(line) for line in run("records", "--json", "--store",
                                                 store).stdout.splitlines()]
    user = next(row["user"]["ip"] for row in bindings if row["event"] == "lease")
    number = next(row["id"].split("-")[-2] for row in bindings if row["event"] == "lease"
                  and row["user"]["ip"] == user)
    forged = forge_class(store, work / "who", f"SELECT {number}")
    ok("who: what holds is not marked", marks_of(["who", user], "--store", store)[::2] == (0, 0))
    in_lines, n, in_json = marks_of(["who", user], "--unverified", "--store", forged)
    ok("who --unverified: each line and each object of what nobody signed is marked",
       in_lines == in_json > 0, (in_lines, n, in_json))
    left = marks_of(["who", user], "--store", forged)
    ok("who: and left out without it", (left[0], left[2]) == (0, 0) and left[1] < n, (left, n))
    forged = forge_class(store, work / "coverage", "SELECT max(number) FROM head WHERE class = 4")
    ok("coverage: what holds is not marked",
       marks_of(["coverage"], "--store", store)[::2] == (0, 0))
    in_lines, n, in_json = marks_of(["coverage"], "--unverified", "--store", forged)
    ok("coverage --unverified: the rows that it made are marked", in_lines == in_json > 0,
       (in_lines, n, in_json))


def check_denied(whole, work):
    """A folder that may not be entered, a file that may not be read."""
    program = work / "nta"
    work.chmod(0o755)
    for name in "nta", "nta-full":
        shutil.copy(pathlib.Path(NTA).with_name(name), work / name)
        (work / name).chmod(0o755)
    if os.getuid() != 0:
        print("not root: as who runs this")

    def as_nobody(*arguments):
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}
        return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, cwd="/", **options)

    for what, path in ("a folder", whole), ("a file", whole / "journal.db"):
        before = path.stat().st_mode
        for folder in (whole, whole / "keys"):
            folder.chmod(0o755)
        path.chmod(0)
        for command in ["records"], ["alerts"], ["stats", "--by",
                                                 "user"], ["verify"], [
                                                     "map", "-o",
                                                     work / "none.kml"], ["keys", "show"]:
            done = as_nobody(*command, "--store", whole)
            ok(f"{command[0]}: {what} that may not be read is not an empty one",
               done.returncode == 3 and "Permission denied" in done.stderr
               and "no records" not in done.stderr, (done.returncode, done.stdout, done.stderr))
        path.chmod(before)
    none = as_nobody("records", "--store", "/nowhere")
    ok("and where nothing is, that is said",
       none.returncode == 3 and "no records there" in none.stderr, none.stderr)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-unverified-") as scratch:
        work = pathlib.Path(scratch)
        whole, forged = make_stores(work)
        check_records(whole, forged)
        check_stats(whole, forged)
        check_map(forged, work)
        check_who_and_coverage(work)
        check_denied(whole, work)
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
