#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""users.conf: the lines that README shows, whose records they name, and files that are wrong: each
is refused with its line, and at once.

usage: users.py NTA
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parents[1] / "README.md"
NO_KEY = "is no address, network or MAC"
LINES_MAX = 262144
WRONG = [
    # what, where and what is said
    (b"# fine\n\n300.1.2.3, Ann\n", f":3: \"300.1.2.3\" {NO_KEY}"),
    (b"ann-pc, Ann Example\n", f":1: \"ann-pc\" {NO_KEY}"),
    (b"10.0.0.0/64, Ann\n", f":1: \"10.0.0.0/64\" {NO_KEY}"),
    (b"10.0.0.1\n", ":1: no person, department or place behind a comma"),
    (b"10.0.0.1, a, b, c, d\n", ":1: more than 4 cells"),
    (b'10.0.0.1, Ann\n10.0.0.2, "Example, Bob", 7b\n', ":2: a cell is written without quotes"),
    (b"login:ann, Ann\nlogin:ANN, Bob\n", ": lines 1 and 2 are about the same"),
    (b"10.0.0.1, Ann\n10.0.0.2, Bob\0 Example\n", ":2: a byte of zero"),
    ("10.0.0.1, Ann\n".encode("utf-16"), ":1: a byte of zero"),
    (b"10.0.0.1, " + b"A" * (1 << 20) + b"\n", ":1: line is too long"),
    (b"A" * (1 << 20), ":1: line is too long"),
    (b"".join(b"10.%d.%d.%d, A\n" % (i >> 16, i >> 8 & 255, i & 255)
              for i in range(LINES_MAX + 1)), f":{LINES_MAX + 1}: more than {LINES_MAX} lines"),
]
FINE = [b"", b"\xef\xbb\xbf02:00:00:00:00:05, Ann\r\n", b"10.9.0.5, \xff\xfe\xc3( \x1b[31m\n",
        b"10.9.0.5, Ann \"Annie\" Example"]
failures = 0


def ok(what, good, seen=""):
    global failures
    failures += not good
    print(f"{'ok   ' if good else 'FAIL '} {what} {'' if good else seen}")


def read(nta, folder, users):
    """The records of two machines that swap addresses, with that file; made if it is bytes."""
    path = folder / "users.conf"
    if isinstance(users, bytes):
        path.write_bytes(users)
    (folder / "conf").write_text(f'who = {{ users = "{path}"; }};\n')
    run = subprocess.run([nta, "read", "--json", "-c", folder / "conf", HERE / "swapped.pcap"],
                         capture_output=True, timeout=60, check=False)
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return run.returncode, rows, run.stderr.decode("utf-8", "replace")


def shown_lines():
    """The block of README behind the word."""
    block = README.read_text().split("users.conf", 1)[1].split("\n\n")[1]
    return re.sub("^    ", "", block, flags=re.M).encode() + b"\n"


def check_readme(nta, folder):
    lines = shown_lines()
    ok("README shows five lines", lines.count(b"\n") == 5, lines)
    status, rows, said = read(nta, folder, lines)
    devices = {}
    for row in rows:
        user = row.get("user", {})
        if user.get("device"):
            devices.setdefault(user["device"], set()).add((user.get("person"),
                                                           user.get("department")))
    ok("and they say whose a device is, under whichever address", status == 0 and
       devices.pop("02:00:00:00:00:05", None) == {("Ann Example", "class 7b")}, (said, devices))
    ok("and nothing of others", devices and all(v == {(None, None)} for v in devices.values()),
       devices)


def main():
    nta = sys.argv[1]
    with tempfile.TemporaryDirectory(prefix="nta-users-") as name:
        folder = pathlib.Path(name)
        check_readme(nta, folder)
        for users, said in WRONG:
            status, rows, seen = read(nta, folder, users)
            ok(f"{users[:30]!r}: {said}", status == 3 and not rows and f"users.conf{said}" in seen,
               (status, seen[:300]))
        for users in FINE:
            status, rows, seen = read(nta, folder, users)
            ok(f"{users[:30]!r}: is taken", status == 0 and rows, (status, seen[:300]))
        (folder / "users.conf").unlink()
        os.mkfifo(folder / "users.conf")
        status, _, seen = read(nta, folder, None)
        ok("a FIFO that nobody writes to is refused, not waited for",
           status == 3 and "users.conf" in seen, (status, seen))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
