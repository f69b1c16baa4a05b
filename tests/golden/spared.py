#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What exceptions for URLs leave of the matches in captures: of requests, of files, and of the
connections that carried them.

usage: spared.py NTA
"""
import json
import pathlib
import subprocess
import sys
import tempfile

NTA = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
failed = 0


def read(capture, allowed):
    """The records of a capture under lists.txt with these exceptions."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as allow:
        allow.write("".join(line + "\n" for line in allowed) or "nothing.invalid\n")
        allow.flush()
        run = subprocess.run([NTA, "read", "--json", "--list", HERE / "lists.txt", "--allow",
                              allow.name,
                              HERE / capture], capture_output=True, text=True, timeout=60,
                             check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def expect(what, records, event, port, forbidden):
    """All records of this event and user's port have a match, or none has; there is one at
    least, but for alerts and packets.
    """
    global failed
    found = [r for r in records if r["event"] == event and r["user"]["port"] == port]
    wrong = [r for r in found if ("match" in r) != forbidden]
    if wrong or (not found and (forbidden or event not in ("alert", "packets"))):
        failed += 1
        print(f"FAILED {what}: {len(found)} records of event {event}, "
              f"{len(wrong)} wrong: {wrong[:1]}")


ONE, TWO = 47372, 47380  # connections of http.pcap: /tool.exe; / and /film.mkv
CONTROL, CONTENT, QUESTION = 51440, 57536, 36880  # of ftp.pcap, and the client's port of its lookup

records = read("http.pcap", [])
for event in ("alert", "request", "flow", "packets"):
    expect("without exceptions", records, event, ONE, True)
    expect("without exceptions", records, event, TWO, True)

records = read("http.pcap", ["mirror.bad.example/film.mkv"])
expect("one request of two is spared", records, "flow", TWO, True)
expect("one request of two is spared", records, "flow", ONE, True)
spared = [r for r in records if r.get("url", "").endswith("/film.mkv")]
expect("the spared one", spared, "request", TWO, False)
expect("the spared one", spared, "alert", TWO, False)
expect("the other one", [r for r in records if r.get("url", "").endswith("example/")], "alert", TWO,
       True)

records = read("http.pcap", ["http://mirror.bad.example/"])
for event in ("alert", "request", "flow", "packets"):
    expect("all requests are spared", records, event, TWO, False)
    expect("the connection beside", records, event, ONE, True)

records = read("ftp.pcap", [])
for event, port in (("alert", CONTROL), ("request", CONTROL), ("flow", CONTROL), ("flow", CONTENT)):
    expect("a file without exceptions", records, event, port, True)

records = read("ftp.pcap", ["ftp://files.bad.example/tool.exe"])
for event, port in (("alert", CONTROL), ("request", CONTROL), ("flow", CONTROL), ("flow", CONTENT)):
    expect("the one file is spared", records, event, port, False)
expect("the name was asked for all the same", records, "lookup", QUESTION, True)

sys.exit(1 if failed else 0)
