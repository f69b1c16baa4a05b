#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists that are for some users and hours, and lists that only record: which visits of a capture
raise alerts, which records have a match, and of which list.

usage: scope.py NTA
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make  # noqa: E402

NTA = sys.argv[1]
ANN, BOB, TEACHER = "10.1.0.5", "10.2.0.6", "10.1.0.9"
# Friday 2026-03-27 in Brussels (UTC+1): in class, and after it
MORNING, EVENING = 1774594800 + 3600, 1774594800 + 12 * 3600
SATURDAY = MORNING + 24 * 3600
failed = 0


def question(user, port, site, vlan=None):
    """A client's DNS question, as a frame."""
    asked = make.dns(7, 0x100, (1, 0, 0, 0), make.question(site, 1))
    return make.ether(make.mac(2), make.mac(3),
                      make.ip4(user, "192.0.2.53", 17, make.udp(port, 53, asked)), vlan=vlan)


def get(user, port, host, path):
    """A request in the middle of a connection."""
    asked = f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    return make.ether(make.mac(2), make.mac(3),
                      make.ip4(user, "198.51.100.7", 6,
                               make.tcp((port, 80), (100, 1), 0x18, asked)))


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for when, frame in sorted(frames, key=lambda one: one[0]):
            file.write(struct.pack("<IIII", when, 0, len(frame), len(frame)) + frame)


def read(groups, frames, events=("alert", "lookup", "request", "packets"), people="", more=""):
    """(event, port) -> list whose match it has, or None, of a capture under these lists."""
    with tempfile.TemporaryDirectory() as work:
        files = []
        for i, (text, keys) in enumerate(groups):
            path = f"{work}/{'abcdef'[i]}.txt"
            with open(path, "w") as file:
                file.write(text)
            files.append(f'{{ path = "{path}"; {keys} }}')
        with open(f"{work}/ntad.conf", "w") as file:
            file.write(f'blacklist = {{ shared = ""; files = ( {", ".join(files)} ); }};\n'
                       f'who = {{ users = "{work}/users.conf"; }};\n{more}\n')
        with open(f"{work}/users.conf", "w") as file:
            file.write(people)
        write_pcap(f"{work}/x.pcap", frames)
        run = subprocess.run([NTA, "read", "--json", "--config", f"{work}/ntad.conf",
                              f"{work}/x.pcap"], capture_output=True, text=True, timeout=60,
                             check=True, env={**os.environ, "TZ": "Europe/Brussels"})
    return {(r["event"], r["user"]["port"]): r.get("match", {}).get("list")
            for r in map(json.loads, run.stdout.splitlines()) if r["event"] in events}


def expect(what, found, **wanted):
    """Of each event: port -> list; other ports have no match, and no alert."""
    global failed
    for event in ("alert", "lookup", "request", "packets"):
        matched = {port: name for (kind, port), name in found.items() if kind == event and name}
        if event in wanted and matched != wanted[event]:
            failed += 1
            print(f"FAILED {what}: {event}: {matched}, not {wanted[event]}")


def visits(site):
    return [(MORNING, question(ANN, 1001, site)), (MORNING, question(BOB, 1002, site)),
            (MORNING, question(TEACHER, 1003, site)), (EVENING, question(ANN, 1004, site)),
            (SATURDAY, question(ANN, 1005, site)),
            (MORNING, question(BOB, 1006, site, vlan=10))]


CLASS = 'hours = "Mon-Fri 08:00-16:00"; for = [ "10.1.0.0/16", "vlan:10" ]; ' \
        'not_for = "10.1.0.9";'
ALL = {port: "a" for port in range(1001, 1007)}

found = read([("bad.example\n", "")], visits("www.bad.example"))
expect("a list without more", found, alert=ALL, lookup=ALL)

found = read([("bad.example\n", CLASS)], visits("www.bad.example"))
expect("in class, for the class", found, alert={1001: "a", 1006: "a"},
       lookup={1001: "a", 1006: "a"}, packets={1001: "a", 1006: "a"})
if len([1 for kind, _ in found if kind == "lookup"]) != 6:
    failed += 1
    print(f"FAILED: a lookup has no record: {found}")

# a list for some, and one with the same name for all: the second decides for the others
found = read([("bad.example\n", CLASS), ("bad.example\n", 'name = "rest";')],
             visits("bad.example"))
expect("the next list's entry", found,
       alert={1001: "a", 1006: "a", 1002: "rest", 1003: "rest", 1004: "rest", 1005: "rest"})
# a more specific one that does not apply
found = read([("www.bad.example\n", CLASS), ("bad.example\n", "")], visits("www.bad.example"))
expect("the less specific entry", found,
       alert={1001: "a", 1006: "a", 1002: "b", 1003: "b", 1004: "b", 1005: "b"})

# an exception for the teacher, in class
found = read([("bad.example\n", ""), ("bad.example\n", 'allow = true; for = "10.1.0.9"; '
                                                       'hours = "Fri 08:00-16:00";')],
             visits("bad.example"))
expect("an exception for one", found, alert={p: "a" for p in ALL if p != 1003})

# only recorded: the match, no alert, no packets
found = read([("bad.example\n", 'action = "record";')], visits("bad.example"))
expect("recorded only", found, alert={}, packets={}, lookup=ALL)
found = read([("bad.example\n", 'action = "record";'), ("bad.example\n", 'for = "10.2.0.0/16";')],
             visits("bad.example"))
expect("an equal entry that alerts decides", found, alert={1002: "b", 1006: "b"},
       lookup={**ALL, 1002: "b", 1006: "b"})

# login, department and person mean nobody yet
found = read([("bad.example\n", 'for = [ "login:ann", "department:it", "person:Ann" ];')],
             visits("bad.example"))
expect("names that nobody has", found, alert={}, lookup={})

# who has them by users.conf
found = read([("bad.example\n", 'for = [ "person:Ann Bell", "department:it" ];')],
             visits("bad.example"), people=f"{ANN}, Ann Bell\n{TEACHER}, , IT\n")
expect("a person and a department", found, alert={p: "a" for p in (1001, 1003, 1004, 1005)},
       lookup={p: "a" for p in (1001, 1003, 1004, 1005)})

# nothing is recorded of some
found = read([("bad.example\n", "")], visits("bad.example"), people=f"{BOB}, Bob Bell\n",
             more=f'record = {{ never = ( "{ANN}", "person:Bob Bell" ); }};')
if {port for _, port in found} != {1003}:
    failed += 1
    print(f"FAILED nothing is recorded of some: {found}")

# addresses and URLs
gets = [(MORNING, get(ANN, 2001, "web.example", "/a/b")),
        (EVENING, get(ANN, 2002, "web.example", "/a/b")),
        (MORNING, get(BOB, 2003, "web.example", "/a/b"))]
found = read([("http://web.example/a\n", CLASS), ("198.51.100.0/24\n", 'hours = "20:00-22:00";')],
             gets)
expect("a URL in class, an address in the evening", found, alert={2001: "a", 2002: "b"},
       request={2001: "a", 2002: "b"})
found = read([("http://web.example/a\n", CLASS + ' action = "record";')], gets)
expect("a URL, recorded only", found, alert={}, packets={}, request={2001: "a"})

sys.exit(1 if failed else 0)
