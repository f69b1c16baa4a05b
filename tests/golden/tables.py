#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables as a terminal of 80, 100, 120 and 200 columns shows them: nothing wider than it, users and
files whole, each column with its head, the newest last, what is left out said; and a disk that is
full.

usage: tables.py NTA
"""
import fcntl
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

NTA = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHOOL = ROOT / "tests/data/school"
FAULTS = []


def expect(what, holds, said=""):
    if not holds:
        FAULTS.append(f"{what}: {said}")


def screen(columns, *arguments):
    """The lines that a terminal has in the end."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([NTA, *map(str, arguments)], stdin=subprocess.DEVNULL,
                               stdout=theirs, stderr=theirs,
                               env={**os.environ, "NTA_PAGER": "", "TERM": "xterm", "TZ": "UTC0",
                                    "LC_ALL": "C.UTF-8"})
    os.close(theirs)
    got = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the last end was closed
            break
        if not part:
            break
        got += part
    os.close(ours)
    process.wait()
    text = got.decode().replace("\r\n", "\n")
    text = re.sub(r"[^\n]*\r\x1b\[K", "", text)  # progress, wiped
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()


def rows_of(lines, head):
    """Those under the line that begins with `head`, to the end of the table."""
    at = next(i for i, line in enumerate(lines) if line.startswith(head))
    rows = []
    for line in lines[at + 1:]:
        if not line or line.startswith("nta:"):
            break
        rows.append(line)
    return lines[at], rows


def check_listing(store, columns):
    head, rows = rows_of(screen(columns, "downloads", "--store", store), "TIME")
    expect(f"{columns}: heads", {"USER", "SITE", "FILE", "SIZE"} <= set(head.split()), head)
    expect(f"{columns}: rows", len(rows) == 6, rows)
    for line in [head, *rows]:
        expect(f"{columns}: fits", len(line.rstrip()) <= columns, line)
    text = "\n".join(rows)
    expect(f"{columns}: users are whole", text.count("Carol Example") == 1
           and text.count("Ann Example") == 3, text)
    expect(f"{columns}: a hint is said to be one", len(re.findall(r"(?m)^.*Carol.*weak", text)) == 1
           and text.count("weak") == 1, text)
    expect(f"{columns}: files are whole", "tool.exe" in text and "patch.zip" in text, text)
    if columns == 200:
        expect("200: there is space for all", "…" not in text, text)


def check_newest(store):
    lines = screen(120, "alerts", "-n", 3, "--store", store)
    _, rows = rows_of(lines, "TIME")
    times = [row[:19] for row in rows]
    expect("the newest three, the newest last", times == sorted(times) and len(rows) == 3
           and times[-1].startswith("2026-11-25 09:05"), lines)
    expect("how many more there are", any("and 11 more, older than these; all: without -n" in line
                                          for line in lines), lines)
    _, turned = rows_of(screen(120, "alerts", "-n", 3, "--reverse", "--store", store), "TIME")
    expect("--reverse has the newest first", turned == rows[::-1], turned)
    _, whole = rows_of(screen(120, "alerts", "--reverse", "--store", store), "TIME")
    expect("and without -n has all", len(whole) == 14
           and [row[:19] for row in whole] == sorted((row[:19] for row in whole), reverse=True),
           whole)
    wrong = subprocess.run([NTA, "records", "--follow", "--reverse", "--store", store],
                           capture_output=True)
    expect("--follow cannot be turned round", wrong.returncode == 2, wrong)


def check_stats(store):
    lines = screen(100, "stats", "--store", store)
    heads = [line.split()[0] for line in lines if re.match(r"[A-Z]+ +COUNT", line)]
    expect("without --by there is an overview", heads == ["USER", "SITE", "LIST", "COUNTRY", "APP"],
           lines)
    expect("countries have names", any(line.startswith("Iceland (IS)") for line in lines), lines)
    for columns in (64, 80):
        text = "\n".join(screen(columns, "stats", "--by", "user", "--sort", "severity",
                                "--store", store))
        expect(f"{columns}: whom a row is about is whole",
               all(f"Example (10.9.0.{n}) " in text for n in (5, 6, 7)), text)
        expect(f"{columns}: a hint is nothing that somebody did",
               re.search(r"Carol Example .* asked +low", text), text)
    done = subprocess.run([NTA, "stats", "--by", "country", "--csv", "--store", store],
                          capture_output=True, text=True)
    expect("programs get codes", "\nIS," in done.stdout.replace('"', ""), done.stdout)
    done = subprocess.run([NTA, "stats", "--json", "--store", store], capture_output=True)
    expect("and name what they count by", done.returncode == 2, done)


def check_full(store):
    """What cannot be written is an error of whichever command."""
    for command in (["records"], ["alerts", "--csv"], ["stats"],
                    ["stats", "--by", "user", "--json"],
                    ["incidents"], ["who", "10.9.0.5"], ["sensors"], ["coverage"],
                    ["hold"], ["verify"], ["report", "-o", store / "r.html"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([NTA, *command, "--store", store], stdout=full,
                                  stderr=subprocess.PIPE, text=True)
        expect(f"{command} to a full disk", done.returncode == 3 and done.stderr, done)
    for command in (["help"], ["records", "--help"], ["--version"]):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([NTA, *command], stdout=full, stderr=subprocess.PIPE, text=True)
        expect(f"{command} to a full disk", done.returncode == 3
               and "standard output" in done.stderr, done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-tables-") as folder:
        store = pathlib.Path(folder, "store")
        subprocess.run([NTA, "read", SCHOOL / "school.pcap.zst", "--config", SCHOOL / "ntad.conf",
                        "--store", store], check=True, capture_output=True, cwd=ROOT)
        for columns in 80, 100, 120, 200:
            check_listing(store, columns)
        check_newest(store)
        check_stats(store)
        check_full(store)
    print("\n".join(FAULTS) or "tables fit their terminals")
    return 1 if FAULTS else 0


sys.exit(main())
