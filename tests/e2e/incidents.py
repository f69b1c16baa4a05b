#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Incidents as one thing: eight files of one visit in terminal, page, map and CSV, whatever another
user floods the sensor with; and what is said of one, without a daemon and by the one that runs.

usage: incidents.py NTA NTAD

The daemon needs a network namespace; without one that part is skipped, and said so.
"""
import csv
import io
import json
import os
import pathlib
import pty
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

NTA, NTAD = sys.argv[1:3]
VISITOR, FLOODER, SERVER = "10.5.0.66", "10.5.0.9", "203.0.113.66"
FILES = [f"tool-{i}.exe" for i in range(8)]
LIBS = pathlib.Path("/usr/share/javascript/leaflet")


def run(*args, **more):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          errors="replace", **more)


def visit(at):
    """One connection, a request for each file, a minute apart."""
    seq, ack, port = 1000, 5000, 40000
    ends = (VISITOR, SERVER, port, 80), (SERVER, VISITOR, 80, port)

    def say(from_user, flags, payload=b""):
        nonlocal seq, ack, at
        at += 0.01
        numbers = (seq, ack) if from_user else (ack, seq)
        packet = wire.tcp(*ends[not from_user], *numbers, flags, payload)
        used = len(payload) + bool(flags & (wire.SYN | wire.FIN))
        seq, ack = (seq + used, ack) if from_user else (seq, ack + used)
        return at, wire.frame(packet)

    yield say(True, wire.SYN)
    yield say(False, wire.SYN | wire.ACK)
    yield say(True, wire.ACK)
    for i, name in enumerate(FILES):
        at += 60
        body = b"MZ" + bytes(1000 * (i + 1) - 2)
        yield say(True, wire.PSH | wire.ACK,
                  f"GET /{name} HTTP/1.1\r\nHost: files.bad.example\r\n\r\n".encode())
        yield say(False, wire.PSH | wire.ACK, b"HTTP/1.1 200 OK\r\nContent-Type: application/"
                  b"octet-stream\r\nContent-Length: %d\r\n\r\n" % len(body))
        for start in range(0, len(body), 1400):
            yield say(False, wire.PSH | wire.ACK, body[start:start + 1400])
            yield say(True, wire.ACK)
    yield say(True, wire.FIN | wire.ACK)
    yield say(False, wire.FIN | wire.ACK)
    yield say(True, wire.ACK)


def flood(at, n):
    """Another user asks for names that he makes up, below the same site."""
    for i in range(n):
        name = wire.wire_name(f"x{i}.bad.example")
        asked = struct.pack("!HHHHHH", i & 0xffff, 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"
        told = struct.pack("!HHHHHH", i & 0xffff, 0x8183, 1, 0, 0, 0) + name + b"\0\1\0\1"
        yield at + i / 50, wire.frame(wire.udp(FLOODER, "10.5.0.1", 20000 + i % 20000, 53, asked))
        yield at + i / 50 + .001, wire.frame(
            wire.udp("10.5.0.1", FLOODER, 53, 20000 + i % 20000, told))


def on_terminal(*args, pager=None):
    """What is shown on a terminal of 80 columns, without colours."""
    more = () if pager else ("--no-pager",)
    leader, follower = pty.openpty()
    env = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "TERM": "xterm",
           "NTA_PAGER": pager or ""}
    with subprocess.Popen([NTA, *map(str, args), *more, "--quiet"], stdout=follower,
                          stderr=subprocess.DEVNULL, env=env) as process:
        os.close(follower)
        text = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        process.wait(30)
    os.close(leader)
    return text.decode().replace("\r\n", "\n")


def check_terminal(store, incident):
    table = on_terminal("incidents", "--store", store)
    lines = table.splitlines()
    ok("the table fits 80 columns", max(map(len, lines)) <= 80, table)
    first = [line for line in lines if VISITOR in line or FLOODER in line][0]
    ok("the download comes first", VISITOR in first and "downloaded" in first, table)
    ok("and says how many files there are", f"{FILES[7]}" in table and "5 more files" in table,
       table)
    ok("two incidents, eight files", "2 incidents, 1 with a download; 8 files in all" in table,
       table)
    whole = on_terminal("incidents", incident["id"], "--store", store)
    ok("one on a screen: every file", all(name in whole for name in FILES), whole)
    ok("of 80 by 40", max(map(len, whole.splitlines())) <= 80 and len(whole.splitlines()) <= 40,
       whole)
    ok("with user, site, list and packets",
       all(word in whole for word in (VISITOR, "bad.example", "line 1", "nta packets --incident")),
       whole)
    short = incident["id"].split("-", 2)[2]
    ok("the short id is understood", on_terminal("incidents", short, "--store", store) == whole)


def check_forms(work, store, incident):
    done = run("incidents", "--store", store, "--csv", "--quiet")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    ok("CSV: one row of the visit, with eight files",
       len(rows) == 2 and rows[0]["files"] == "8"
       and sorted(rows[0]["file_names"].split("; ")) == FILES, rows)
    for form in ([], ["--json"], ["--csv"]):
        done = run("incidents", "--store", store, "-n", 1, "--quiet", *form)
        ok("how many more there are, and how all are shown", VISITOR in done.stdout
           and FLOODER not in done.stdout and done.stderr.splitlines()
           == ["nta: and 1 more, lighter than these; all: without -n"], (form, done))
    run("map", "--store", store, "-o", work / "x.kml", "--quiet")
    kml = (work / "x.kml").read_text()
    ok("KML: every file", all(f"<td>{name}, " in kml for name in FILES))
    ok("KML: the incident once without a place",
       kml.count(f"<td>{incident['id']}</td>") == 1, kml.count(incident["id"]))
    run("map", "--store", store, "-o", work / "x.geojson", "--quiet")
    data = json.loads((work / "x.geojson").read_text())
    told = [feature["properties"] for feature in data["features"]]
    mine = [one for one in told if one.get("id") == incident["id"]]
    ok("GeoJSON: every file", len(mine) == 1 and sorted(mine[0]["files"]) == FILES, mine)
    ok("GeoJSON: the same numbers", (data["incidents"], data["files"]) == (2, 8), data["incidents"])
    if LIBS.exists():
        done = run("report", "--store", store, "-o", work / "x.html", "--quiet")
        page = (work / "x.html").read_text()
        ok("page: every file", all(f'"name":"{name}"' in page for name in FILES))
        ok("and the same numbers are said",
           "2 incidents (1 with a download), 8 files" in done.stdout, done.stdout)
    else:
        print(f"skipped: the page needs {LIBS}")
    orders = {order: [json.loads(line)["act"] for line in run(
        "incidents", "--store", store, "--json", "--quiet", "--sort", order).stdout.splitlines()]
        for order in ("act", "bytes", "time")}
    begins = [json.loads(line)["begin"] for line in run(
        "incidents", "--store", store, "--json", "--quiet", "--sort", "time").stdout.splitlines()]
    ok("--sort: by act as without, by bytes, the newest first",
       orders["act"] == ["downloaded", "asked"] and orders["bytes"] == ["asked", "downloaded"]
       and begins == sorted(begins, reverse=True), (orders, begins))
    ok("--sort by a name that somebody chose is no order",
       run("incidents", "--store", store, "--sort", "site").returncode == 2)
    narrow = run("incidents", "--store", store, "--json", "--quiet", "--site", "x7.bad.example")
    found = [json.loads(line) for line in narrow.stdout.splitlines()]
    ok("what is asked for chooses incidents, and never parts of them",
       len(found) == 1 and found[0]["n_records"] == 2 * N_FLOOD, found and found[0]["n_records"])


def check_output(work, store):
    """No link is followed, and a pager that is not there loses nothing."""
    mine = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.3"/>'
    (work / "target").write_text(mine)
    (work / "target").chmod(0o644)
    (work / "link.kml").symlink_to(work / "target")
    done = run("map", "--store", store, "-o", work / "link.kml", "--quiet")
    ok("-o replaces a link and leaves what it leads to",
       done.returncode == 0 and (work / "target").read_text() == mine
       and not (work / "link.kml").is_symlink()
       and (work / "link.kml").stat().st_mode & 0o077 == 0, done.stderr)
    shown = on_terminal("incidents", "--store", store, pager="no-such-pager --at-all")
    ok("a pager that is not there loses nothing", VISITOR in shown and FLOODER in shown, shown)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([NTA, "incidents", "--store", store, "--json"], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    ok("a full disk is an error", done.returncode == 3 and "standard output" in done.stderr,
       done.stderr)


def check_packets(work, store, incident):
    done = run("packets", "--incident", incident["id"], "--store", store, "-o", work / "p.pcapng")
    ok("the packets of the incident", done.returncode == 0 and (work / "p.pcapng").exists(),
       done.stderr)
    again = run("packets", incident["id"], "--store", store, "-o", "-")
    ok("its id alone will do", again.returncode == 0, again.stderr)
    none = run("packets", "--incident", "9999-1", "--store", store, "-o", work / "q.pcapng")
    ok("of none there are none", none.returncode == 1 and not (work / "q.pcapng").exists(),
       none.stderr)


def status_of(store, ident):
    (one,) = map(json.loads, run("incidents", ident, "--store", store, "--json",
                                 "--quiet").stdout.splitlines())
    return one["status"], one["note"]


def check_notes(store, incident):
    ident = incident["id"]
    ok("nobody said anything", status_of(store, ident) == ("new", ""))
    hostile = "talked\n\x1b[31m \"Ann\" =cmd|"
    done = run("incidents", ident, "--store", store, "--status", "closed", "--note", hostile)
    ok("a note is taken without a daemon", done.returncode == 0, done.stderr)
    ok("and is there", status_of(store, ident)
       == ("closed", "talked\\x0a\\x1b[31m \"Ann\" =cmd|"), status_of(store, ident))
    ok("no control character reaches a terminal",
       "\x1b" not in on_terminal("incidents", ident, "--store", store))
    done = run("incidents", ident, "--store", store, "--status", "false")
    ok("the last word counts", status_of(store, ident) == ("false", ""), done.stderr)
    left = run("incidents", "--store", store, "--status", "new", "--json", "--quiet")
    ok("--status without an ID leaves those",
       [json.loads(line)["id"] != ident for line in left.stdout.splitlines()] == [True])
    ok("the chain holds", run("verify", "--store", store).returncode == 0)
    copied = store.parent / "copied"  # as an auditor has it, who has no key of the sensor's
    shutil.copytree(store, copied)
    shutil.rmtree(copied / "state")
    done = run("incidents", ident, "--store", copied, "--status", "open")
    ok("without the sensor's key nothing is said, but where to say it", done.returncode == 3
       and "say it on the machine that has it" in " ".join(done.stderr.split())
       and status_of(copied, ident) == ("false", ""), done.stderr)
    for args, status in ((("--status", "shut"), 2), (("--note", "x"), 2),
                         (("--status", "open", "--note", "x" * 1001), 2)):
        ok(f"{args[0]} {args[1][:6]}: status {status}",
           run("incidents", ident, "--store", store, *args).returncode == status)
    unknown = run("incidents", "77-7", "--store", store, "--status", "open")
    ok("of none nothing is said", unknown.returncode == 1 and "no incident" in unknown.stderr,
       unknown.stderr)


def accounting(at, status, login, number=1):
    """A RADIUS server takes note that somebody has the visitor's address, or no more (RFC 2866)."""
    def attribute(kind, value):
        return bytes([kind, len(value) + 2]) + value

    said = (attribute(40, struct.pack("!I", status)) + attribute(1, login)
            + attribute(8, socket.inet_aton(VISITOR)) + attribute(44, b"s-" + login))
    for code, ends, body in ((4, ("10.5.0.2", "10.5.0.3", 40000, 1813), said),
                             (5, ("10.5.0.3", "10.5.0.2", 1813, 40000), b"")):
        radius = struct.pack("!BBH", code, number, 20 + len(body)) + bytes(16) + body
        yield at, wire.frame(wire.udp(*ends, radius))
        at += .001


def check_completed(work):
    """What was recorded as an address is completed by what another capture says of it: the same
    user in every view."""
    store = work / "completed"
    wire.write_frames(work / "visit.pcap", visit(wire.START))
    wire.write_frames(work / "radius.pcap", [
        *accounting(wire.START - 7200, 1, b"bob"), *accounting(wire.START - 60, 2, b"bob", 2),
        *accounting(wire.START - 30, 1, b"ann", 3), *accounting(wire.START + 3600, 2, b"ann", 4)])
    run("read", work / "visit.pcap", "--list", work / "list", "--store", store)

    def the_one(*more):
        done = run("incidents", "--store", store, "--json", "--quiet", *more)
        return [json.loads(line) for line in done.stdout.splitlines()]

    (before,) = the_one()
    ok("at first its address alone is known", "login" not in before["user"]
       and "bindings" not in before, before["user"])
    ok("and nobody is found by a login", the_one("--user", "ann") == [])
    run("read", work / "radius.pcap", "--store", store)
    (one,) = the_one()
    ok("then who had it: the login of that time, and how that is known",
       (one["user"].get("login"), one["user"].get("source"), one["user"].get("strength"))
       == ("ann", "radius", "login"), one["user"])
    ok("the same incident, by its id and files", (one["id"], one["n_files"])
       == (before["id"], before["n_files"]), one["id"])
    (said,) = [json.loads(line) for line in run(
        "records", "--store", store, "--json", "--quiet", "--event", "lease").stdout.splitlines()
        if json.loads(line)["id"] in one["bindings"]]
    ok("by a record that says so", said["user"]["login"] == "ann", said)
    ok("he is found by it", [found["id"] for found in the_one("--user", "ann")] == [one["id"]])
    ok("and nobody else", the_one("--user", "bob") == [])
    for after, user in (1800, "ann"), (-3600, "bob"):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wire.START + after))
        had = [json.loads(line) for line in run("who", VISITOR, "--at", at, "--json", "--quiet",
                                                "--store", store).stdout.splitlines()]
        ok(f"{user} had the address then, told long before", {user}
           == {stay["login"] for stay in had if "login" in stay}, had)
    whole = on_terminal("incidents", one["id"], "--store", store)
    ok("on the screen, with that record",
       "login ann" in whole and said["id"] in whole.replace("\n", "").replace(" ", ""), whole)
    table = run("incidents", "--store", store, "--csv", "--quiet").stdout
    ok("in CSV", next(csv.DictReader(io.StringIO(table)))["login"] == "ann", table)
    done = run("map", "--store", store, "-o", work / "who.geojson", "--quiet")
    ok("on the map", '"user":"ann (10.5.0.66)"' in (work / "who.geojson").read_text(), done.stderr)
    done = run("hold", one["id"], "--store", store)
    ok("who holds it holds who it was, too", done.returncode == 0
       and "who had which address" in " ".join(done.stdout.split()), done.stdout + done.stderr)
    listed = run("hold", "--store", store).stdout
    ok("which is listed", sum(line.endswith("  who") for line in listed.splitlines()) == 1
       and "evidence, log" in listed, listed)
    before = run("hold", one["id"], "--store", store)
    ok("once", before.returncode == 0 and run("hold", "--store", store).stdout == listed,
       before.stdout + before.stderr)
    whole = on_terminal("audit", "--store", store, pager="cat")
    ok("the audit names the incident that is held", "incident " + one["id"] in
       " ".join(whole.split()) and max(map(len, whole.splitlines())) <= 80, whole)
    none = run("stats", "--by", "user", "--user", "ann", "--store", store)
    ok("tables of records point to what completes users",
       "nta incidents --user ann" in " ".join(none.stdout.split()), none.stdout + none.stderr)
    done = run("evidence", one["id"], "--store", store, "-o", work / "who.zip")
    key = re.search(r"nta-sensor-[0-9a-f]{64}", run("verify", work / "who.zip").stdout)[0]
    proved = run("verify", work / "who.zip", "--key", key)
    ok("a case has the binding, and proves itself",
       (done.returncode, proved.returncode) == (0, 0), done.stderr + proved.stdout)
    with zipfile.ZipFile(work / "who.zip") as case:
        ok("and says who it was", '"login":"ann"' in case.read("records.json").decode())


def check_left_out(work):
    """More incidents than there is memory for: a name asked for by 70,000 users, and a download."""
    def lookups():
        name = wire.wire_name("n.bad.example")
        for i in range(70000):
            user = f"10.{16 + (i >> 16)}.{i >> 8 & 255}.{i & 255}"
            asked = struct.pack("!HHHHHH", i & 0xffff, 0x0100, 1, 0, 0, 0) + name + b"\0\1\0\1"
            yield 2e9 + i / 1000, wire.frame(wire.udp(user, "10.5.0.1", 20000, 53, asked))

    wire.write_frames(work / "many.pcap", [*visit(2e9), *lookups()])
    run("read", work / "many.pcap", "--list", work / "list", "--store", work / "many")
    told = {}
    for form in "--json", "--csv":
        done = run("incidents", "--store", work / "many", form, "--quiet")
        told[form] = lines = done.stdout.splitlines()
        ok(f"{form}: what memory had no space for is said, with status 1",
           done.returncode == 1 and "lighter than those shown" in done.stderr, done.stderr)
        ok(f"{form}: the download is first of what is left",
           VISITOR in lines[form == "--csv"] and len(lines) < 70000, lines[:2])
    n = json.loads(told["--json"][-1]).get("left_out", 0)
    ok("JSON says it", n > 0, told["--json"][-1])
    ok("CSV says the same", told["--csv"][-1] == f'"and at least {n} more, lighter than these"',
       told["--csv"][-1])
    run("map", "--store", work / "many", "-o", work / "many.kml", "--quiet")
    run("map", "--store", work / "many", "-o", work / "many.geojson", "--quiet")
    ok("KML says it", "lighter ones were left out" in (work / "many.kml").read_text())
    data = json.loads((work / "many.geojson").read_text())
    ok("GeoJSON says it", data["incidents_left_out"] > 0 and data["places_left_out"] == 0,
       {key: value for key, value in data.items() if key != "features"})


def check_read(work, store):
    done = run("read", work / "x.pcap", "--list", work / "list", "--store", store)
    ok("nta read", done.returncode == 0, done.stderr)
    table = done.stdout[done.stdout.index("USER"):]
    ok("its closing table has every file, the largest first",
       [line.split()[5] for line in table.splitlines()[1:9]] == FILES[::-1], table)
    ok("and one row for all those names",
       sum(FLOODER in line for line in table.splitlines()) == 1, table)


def check_daemon(work):
    with Ntad(NTA, NTAD, work / "d", ["lo"]) as ntad:
        store, config = work / "d/store", work / "d/conf"
        question = wire.wire_name("www.bad.example") + b"\0\1\0\1"
        subprocess.run([sys.executable, "-c", f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto({struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question!r}, ("127.0.0.1", 53))
"""], check=True)
        found = []
        for _ in range(100):
            found = run("incidents", "-c", config, "--json", "--quiet").stdout.splitlines()
            if found:
                break
            time.sleep(.1)
        ok("the daemon sees an incident", len(found) == 1, found)
        ident = json.loads(found[0])["id"]
        direct = run("incidents", ident, "--store", store, "--status", "open")
        ok("who goes around the daemon is told that it writes",
           direct.returncode == 3 and "another program writes" in direct.stderr, direct.stderr)
        done = run("incidents", ident, "-c", config, "--status", "closed", "--note", "it was I")
        ok("the daemon takes the note", done.returncode == 0, done.stderr)
        ok("and it is stored", status_of(store, ident) == ("closed", "it was I"))
        noted = ntad.records("--event", "note")
        ok("with who said it", [r["log"]["actor"] for r in noted] == ["root"], noted)
        foreign = "I-" + "ff" * 16 + "-1-1"
        done = run("status", "--json", "--socket", work / "d/control")
        ok("and goes on", done.returncode in (0, 1) and done.stdout, done.stderr)
        for line in (f"note {foreign} open ", "note ", "note x y", f"note {ident} open zz",
                     f"note {ident} open " + "6" * 4000):
            ok(f"refused: {line[:30]}…", ask(work / "d/control", line).startswith("error")
               or not ask(work / "d/control", line))
        ok("nothing of that is stored", len(ntad.records("--event", "note")) == 1)


def ask(path, line):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        sock.sendall(line.encode() + b"\n")
        sock.shutdown(socket.SHUT_WR)
        try:
            return sock.recv(4096).decode()
        except ConnectionResetError:
            return ""


N_FLOOD = 3000


def main():
    has_namespace = in_namespace()
    with tempfile.TemporaryDirectory(prefix="nta-incidents-") as folder:
        work = pathlib.Path(folder)
        (work / "list").write_text("bad.example\n")
        wire.write_frames(work / "x.pcap", [*visit(wire.START), *flood(wire.START, N_FLOOD)])
        store = work / "store"
        check_read(work, store)
        incidents = [json.loads(line) for line in
                     run("incidents", "--store", store, "--json", "--quiet").stdout.splitlines()]
        ok("two incidents, the download first",
           [(one["act"], one["n_files"]) for one in incidents] == [("downloaded", 8), ("asked", 0)],
           incidents)
        check_terminal(store, incidents[0])
        check_forms(work, store, incidents[0])
        check_packets(work, store, incidents[0])
        check_output(work, store)
        check_notes(store, incidents[0])
        check_completed(work)
        check_left_out(work)
        if has_namespace:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            check_daemon(work)
    return ok.conclude()


sys.exit(main())
