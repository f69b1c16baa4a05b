#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Held against what Python says of the same store.  usage: search.py NTA SEARCH_DRIVER WORK_DIR
(by search.sh)
"""
import csv
import datetime
import fcntl
import io
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))
from checks import ok  # noqa: E402

NTA, DRIVER, WORK = sys.argv[1:4]
STORE = os.path.join(WORK, "store")
N = 60000
BEGAN = time.monotonic()
SGR = re.compile(rb"\x1b\[[0-9;]*m")


def environment(**more):
    env = {"PATH": os.environ["PATH"], "HOME": WORK, "TERM": "xterm", "TZ": "UTC0",
           "LANG": "C.UTF-8"}
    env.update(more)
    return env


def nta(*args, **more):
    """In a pipe: (status, standard output, standard error)."""
    done = subprocess.run([NTA, *args, "--store", STORE], capture_output=True,
                          env=environment(**more), timeout=120)
    return done.returncode, done.stdout, done.stderr


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, columns, *args, **more):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen([NTA, *args, "--quiet", "--store", STORE], stdin=slave,
                                        stdout=slave, stderr=slave,
                                        env=environment(**more), start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.seen = b""

    def read_until(self, needle, seconds):
        """Seconds until it was seen, or None."""
        began = time.monotonic()
        while needle is None or needle not in self.seen:
            left = began + seconds - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                return None
            try:
                more = os.read(self.master, 65536)
            except OSError:
                more = b""
            if not more:
                return None if needle is not None else time.monotonic() - began
            self.seen += more
        return time.monotonic() - began

    def end(self, seconds=60):
        self.read_until(None, seconds)
        os.close(self.master)
        return self.process.wait(timeout=10)


def on_terminal(columns, *args, **more):
    terminal = Terminal(columns, *args, **more)
    status = terminal.end()
    return status, terminal.seen


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF"
               else 1 for c in text)


def plain_lines(output):
    return [SGR.sub(b"", line) for line in output.replace(b"\r\n", b"\n").split(b"\n")]


def raw(shown):
    """The shown form turned back into its bytes."""
    out, i = b"", 0
    data = shown.encode()
    while i < len(data):
        if data[i:i + 2] == b"\\\\":
            out, i = out + b"\\", i + 2
        elif data[i:i + 2] == b"\\x":
            out, i = out + bytes.fromhex(data[i + 2:i + 4].decode()), i + 4
        else:
            out, i = out + data[i:i + 1], i + 1
    return out


def slack():
    """Flows that have left a window up to now since they were made: one each ten days / N."""
    return 2 + int((time.monotonic() - BEGAN) * N / 864000) + 1


def test_csv(names):
    _, out, _ = nta("records", "--csv", "--event", "request")
    rows = list(csv.reader(io.StringIO(out.decode(), newline="")))
    ok("CSV: a head line and a row for each hostile record", len(rows) == len(names) + 1,
       str(len(rows)))
    ok("CSV: every row has as many cells as the head",
       all(len(row) == len(rows[0]) for row in rows))
    ok("CSV: no cell is a formula",
       not any(cell[:1] in tuple("=+-@\t\r") for row in rows for cell in row if cell))
    ok("CSV: no cell has a control character",
       not any(ord(c) < 32 or ord(c) == 127 for row in rows for cell in row for c in cell))
    at = rows[0].index("time")
    ok("CSV: local times with their offset, and columns for severity and kind",
       all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d", row[at])
           for row in rows[1:]) and {"severity", "kind"} <= set(rows[0]), str(rows[:2]))
    for field in ("site", "name", "login", "url", "method", "file", "file_type", "list", "category",
                  "entry", "city", "as_org"):
        at = rows[0].index(field)
        back = [raw(row[at][1:] if row[at][:1] == "'" else row[at]) for row in rows[1:]]
        ok(f"CSV: {field} is the bytes that were recorded", back == names, str(back))


def test_tabs(names):
    """Where no terminal is, the columns of the table, whole, with tabs between them."""
    _, out, _ = nta("records", "--event", "request")
    rows = [line.split("\t") for line in out.decode().splitlines()]
    ok("tabs: a head line and a row for each hostile record, all with as many cells",
       len(rows) == len(names) + 1 and {len(row) for row in rows} == {len(rows[0])},
       str([len(row) for row in rows]))
    ok("tabs: no control character", not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", out.decode()))
    _, out, _ = nta("records", "--event", "request", "--fields", "site,file")
    ok("tabs: the bytes come back",
       [raw(line.split("\t")[0]) for line in out.decode().splitlines()[1:]] == names)
    for command in "records", "alerts", "downloads":
        _, out, _ = nta(command, "--limit", "3")
        _, table = on_terminal(300, command, "--limit", "3", "--no-pager")
        titles = plain_lines(table.split(b"\r\x1b[K")[-1])[0].decode()
        ok(f"tabs: {command} has the table's columns",
           out.decode().split("\n")[0].split("\t") == re.split(r"  +", titles.strip())
           or b"Nothing found" in out, f"{out[:200]} {titles}")


def test_json(names):
    _, out, _ = nta("records", "--json", "--event", "request")
    rows = [json.loads(line) for line in out.decode().splitlines()]
    ok("JSON: the bytes come back", [raw(row["site"]) for row in rows] == names)
    _, out, _ = nta("records", "--json", "--event", "request", "--fields", "site,peer_port,grade")
    rows = [json.loads(line) for line in out.decode().splitlines()]
    ok("JSON: chosen fields alone, in order",
       all(list(row) == ["site", "peer_port", "grade"] for row in rows))


def test_terminals():
    for columns in (40, 80, 132, 200):
        for args in (("records",), ("records", "--event", "request"), ("alerts",),
                     ("stats", "--by", "site")):
            status, out = on_terminal(columns, *args,
                                      *(() if args[0] == "stats" else ("--limit", "60")),
                                      "--no-pager")
            lines = plain_lines(out.split(b"\r\x1b[K")[-1])
            widest = max(width(line.decode("utf-8", "replace")) for line in lines)
            least = 64 if args[0] == "stats" else columns
            ok(f"{' '.join(args)} fits {columns} columns",
               status == 0 and widest <= max(columns, least), f"{status} {widest}")
    _, out = on_terminal(100, "records", "--event", "request", "--no-pager")
    rest = SGR.sub(b"", out.replace(b"\r\x1b[K", b"").replace(b"\r\n", b""))
    ok("a terminal gets no control characters of others",
       not re.search(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80\xae", rest))
    ok("a terminal gets colours", b"\x1b[1m" in out)
    for what, args, more in (("NO_COLOR", (), {"NO_COLOR": "1"}),
                             ("--color=never", ("--color=never",), {}),
                             ("TERM=dumb", (), {"TERM": "dumb"})):
        _, out = on_terminal(100, "records", "--limit", "5", "--no-pager", *args, **more)
        ok(f"no colours with {what}", not SGR.search(out))
    ok("no colours in a pipe", not SGR.search(nta("records", "--limit", "5")[1]))
    ok("colours in a pipe with --color=always",
       SGR.search(nta("records", "--event", "request", "--color=always")[1]))
    _, out = on_terminal(300, "records", "--limit", "1", "--no-pager", COLUMNS="50")
    lines = plain_lines(out.split(b"\r\x1b[K")[-1])
    ok("COLUMNS is believed", max(width(line.decode()) for line in lines) <= 50)


def test_pagers():
    status, out = on_terminal(100, "records", "--limit", "9", PAGER="sed 's/^/PAGED /'")
    ok("PAGER gets what is shown", status == 0 and out.count(b"PAGED ") == 10,
       f"{status} {out[:200]}")
    status, out = on_terminal(100, "records", "--limit", "9", PAGER="false",
                              NTA_PAGER="sed 's/^/MINE /'")
    ok("NTA_PAGER comes first", status == 0 and out.count(b"MINE ") == 10)
    for args, more in ((("--no-pager",), {"PAGER": "sed 's/^/PAGED /'"}), ((), {"PAGER": "cat"}),
                       ((), {"PAGER": ""})):
        status, out = on_terminal(100, "records", "--limit", "9", *args, **more)
        ok(f"no pager with {args or more}",
           status == 0 and b"PAGED" not in out and out.count(b"\n") == 11
           and b" more, older than these" in out)
    ok("no pager in a pipe",
       b"PAGED" not in nta("records", "--limit", "9", PAGER="sed 's/^/PAGED /'")[1])
    status, out = on_terminal(100, "records", PAGER="head -n 3")
    ok("leaving the pager ends the search, and that is no error",
       status == 0 and b"nta:" not in out, f"{status} {out[-200:]}")
    status, out = on_terminal(100, "records", "--limit", "3")
    ok("less shows a screenful and ends",
       status == 0 and len(re.findall(rb"  BE  ", SGR.sub(b"", out))) == 3,
       f"{status} {out}")
    status, out = on_terminal(100, "stats", "--by", "country", PAGER="sed 's/^/PAGED /'")
    ok("statistics are paged, too", status == 0 and b"PAGED Belgium (BE)" in out)


def test_follow():
    terminal = Terminal(120, "alerts", "--follow")
    time.sleep(1.5)
    took = []
    for i in range(3):
        subprocess.run([DRIVER, "add", STORE, f"live-{i}.example"], check=True)
        took.append(terminal.read_until(f"live-{i}.example".encode(), 5))
    ok("--follow shows new alerts within a second", all(t is not None and t < 1 for t in took),
       str(took))
    ok("--follow shows nothing of before", b"site-" not in terminal.seen)
    os.write(terminal.master, b"\x03")
    ok("Ctrl-C is how following ends", terminal.end(5) == 0)
    follow = subprocess.Popen([NTA, "alerts", "--follow", "--json", "--limit", "1", "--store",
                               STORE], stdout=subprocess.PIPE,
                              env=environment())
    time.sleep(1)
    subprocess.run([DRIVER, "add", STORE, "piped.example"], check=True)
    line = follow.stdout.readline()
    ok("--follow --json --limit 1 gives one line and ends",
       json.loads(line)["site"] == "piped.example" and follow.wait(5) == 0)


def test_interrupt():
    stuck = subprocess.Popen([NTA, "records", "--csv", "--store", STORE], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE,
                             env=environment())
    time.sleep(1)  # nobody reads: it waits for the pipe
    stuck.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = stuck.communicate(timeout=20)
    ok("Ctrl-C ends a search at once, by that signal",
       stuck.returncode == -signal.SIGINT and time.monotonic() - began < 5,
       str(stuck.returncode))
    ok("and it says how far it came",
       re.search(rb"stopped after \d+ %, at 20\d\d-.*records found so far", err), str(err))
    ok("and lines are whole but the last",
       all(line.count(b",") >= 32 for line in out.split(b"\n")[:-1]))


ACTS = ("", "asked", "contacted", "uploaded", "downloaded")
LEVELS = ("", "low", "medium", "high", "critical")


def did(row):
    """Records of format 1 do not say it."""
    return row.get("act") or ("downloaded" if row.get("download") else "contacted")


def test_stats_order():
    """By what lists forbid: each row's weightiest act, and then severity and bytes."""
    _, out, _ = nta("stats", "--by", "site", "--json", "--sort", "act", "--top", "0")
    rows = [json.loads(line) for line in out.decode().splitlines()]
    weights = [(ACTS.index(row.get("act", "")), LEVELS.index(row.get("severity", "")),
                row["bytes"]) for row in rows]
    ok("stats --sort act: the weightiest first", weights == sorted(weights, reverse=True)
       and len({act for act, _, _ in weights}) > 1, str(weights[:20]))
    _, out, _ = nta("records", "--json", "--event", "flow,request", "--matched")
    worst = {}
    for row in map(json.loads, out.decode().splitlines()):
        site = row["site"].rstrip(".").lower()
        if row["grade"] != "weak":
            worst[site] = max(worst.get(site, 0), ACTS.index(did(row)))
    said = {row["key"]: ACTS.index(row["act"]) for row in rows if "act" in row}
    ok("and what it says is the weightiest of its records that a list forbids, without hints",
       all(worst.get(site) == act for site, act in said.items()) and said, str(said))
    status, _, err = nta("stats", "--by", "site", "--sort", "name")
    ok("a wrong --sort is refused with the right ones", status == 2 and b"severity" in err)


def test_stats():
    _, out, _ = nta("records", "--json", "--event", "flow", "--since", "last week")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    week = (today - datetime.timedelta(days=today.weekday() + 7)).isoformat()
    # a flow that was going on when the week began is listed, but counted in the week before
    rows = [row for row in (json.loads(line) for line in out.decode().splitlines())
            if row["time"] >= week]
    for by, key in (("user", lambda r: r["user"]["ip"]), ("site", lambda r: r["site"]),
                    ("country", lambda r: r["peer"]["geo"]["country_code"]),
                    ("registrable-domain", lambda r: ".".join(r["site"].split(".")[-3:])),
                    ("day", lambda r: r["time"][:10]),
                    ("hour", lambda r: r["time"][11:13] + ":00"), ("app", lambda r: r["app"]),
                    ("act", did), ("grade", lambda r: r["grade"])):
        truth = {}
        for row in rows:
            entry = truth.setdefault(key(row), [0, 0, set(), row["time"]])
            entry[0] += 1
            entry[1] += row["up"]["bytes"] + row["down"]["bytes"]
            entry[2].add(row["user"]["ip"])
        _, out, _ = nta("stats", "--by", by, "--json", "--event", "flow", "--since", "last week",
                        "--top", "0")
        said = {row["key"]: row for row in map(json.loads, out.decode().splitlines())}
        ok(f"stats --by {by}: as Python counts", set(said) == set(truth) and
           all((said[k]["count"], said[k]["bytes"], said[k]["users"], said[k]["first"])
               == (v[0], v[1], len(v[2]), v[3]) for k, v in truth.items()))
        ok(f"stats --by {by}: shares make a whole",
           abs(sum(r["share"] for r in said.values()) - 1) < 0.001)
    _, out, _ = nta("stats", "--by", "user", "--csv", "--event", "request")
    rows = list(csv.reader(io.StringIO(out.decode(), newline="")))
    ok("stats --csv: hostile users are cells",
       len({len(row) for row in rows}) == 1
       and not any(row[0][:1] in tuple("=+-@") for row in rows))
    _, out, _ = nta("stats", "--by", "app", "--json", "--event", "flow", "--since", "-5d",
                    "--against", "before")
    row = json.loads(out.decode().splitlines()[0])
    ok("stats --against: before, now and the change",
       abs(row["before"]["count"] - row["count"]) <= slack() and abs(row["change"]) < 0.01,
       str(row))
    test_stats_order()
    status, out, _ = nta("stats", "--by", "site", "--user", "10.99.99.99")
    ok("stats of nothing is no error", status == 0 and b"Nothing found" in out)
    status, _, err = nta("stats", "--by", "colour")
    ok("a wrong --by is refused with the right ones", status == 2 and b"registrable-domain" in err)
    _, out = on_terminal(120, "stats", "--by", "country", "--no-pager")
    ok("bars on a terminal", "█".encode() in out)
    ok("no bars in a pipe", "█".encode() not in nta("stats", "--by", "country")[1])


def test_filters():
    status, out, _ = nta("records", "--site", "nowhere.invalid")
    ok("nothing found is said, and no error", status == 0 and out == b"Nothing found.\n")
    ok("and nothing is what JSON gives then",
       nta("records", "--site", "nowhere.invalid", "--json")[:2] == (0, b""))
    count = lambda *args: len(nta("records", "--json", *args)[1].splitlines())
    ok("a user by address, and by network",
       count("--user", "10.0.0.3") == N // 10
       and count("--user", "10.0.0.2/31", "--app", "tls") >= N // 5)
    ok("a site with its subdomains",
       count("--site", "site-5.example.co.uk") == count("--site", "www.site-5.example.co.uk") > 0)
    ok("--limit", count("--limit", "7") == 7)
    day = count("--since", "yesterday", "--until", "today", "--event", "flow")
    ok("yesterday is a day", abs(day - N // 10) <= 2, str(day))
    last = count("--since", "-24h", "--event", "flow")
    ok("hours and words agree", abs(last - N // 10) <= slack(), str(last))
    _, out, _ = nta("records", "--limit", "1", TZ="EAST-5:00")
    _, utc, _ = nta("records", "--limit", "1", "--utc", TZ="EAST-5:00")
    hours = lambda text: int(text.split(b"\n")[1][11:13])
    ok("times are local, and UTC with --utc", (hours(out) - hours(utc)) % 24 == 5)
    for args in (("--since", "soon"), ("--grade", "best"), ("--bytes-above", "many"),
                 ("--fields", "colour"), ("--limit", "0"),
                 ("--since", "today", "--until", "yesterday"), ("--color=pink",)):
        status, _, err = nta("records", *args)
        ok(f"{' '.join(args)} is refused with a sentence", status == 2 and err.startswith(b"nta: "),
           str(err))


def test_periods():
    """A day as the local calendar has it, and a time of each day, against Python's own."""
    def spans(*args, **more):
        _, out, _ = nta("records", "--json", "--quiet", "--fields", "time,end", *args, **more)
        rows = map(json.loads, out.decode().splitlines())
        return sorted((row["time"], row.get("end", row["time"])) for row in rows)

    def local(text):
        at = datetime.datetime.fromisoformat(text[:19] + "+00:00")
        return at.astimezone(datetime.timezone(datetime.timedelta(hours=-5)))

    rows = [(row, *map(local, row)) for row in spans()]
    day = rows[len(rows) // 2][1].date()
    month = str(day)[:7]
    for args, holds in (  # what lasts over midnight is of both days
            (("--on", str(day)), lambda at, end: at.date() <= day <= end.date()),
            (("--on", month), lambda at, end: str(at)[:7] <= month <= str(end)[:7]),
            (("--between", "08:00-16:30"),
             lambda at, _: 800 <= 100 * at.hour + at.minute < 1630),
            (("--between", "22:00-6:00"), lambda at, _: at.hour >= 22 or at.hour < 6)):
        found = spans(*args, TZ="EST5")
        wanted = [row for row, at, end in rows if holds(at, end)]
        ok(f"{' '.join(args)}: as Python counts them", 0 < len(found)
           and found == wanted, f"{len(found)}, not {len(wanted)}, of {len(rows)}")
    for args in (("--on", "yesterday", "--since", "2h"), ("--last", "yesterday"),
                 ("--between", "8-16")):
        status, _, err = nta("records", *args)
        ok(f"{' '.join(args)}: wrong usage", status == 2 and args[0].encode() in err, err)


def test_resolve():
    port, log = 10053 + os.getpid() % 5000, os.path.join(WORK, "dns.log")
    dns = subprocess.Popen(["dnsmasq", "-k", "-p", str(port), "-a", "127.0.0.1", "-C", "/dev/null",
                            "--bind-interfaces", "--no-resolv",
                            "--no-hosts", "--user=root", "--pid-file=", "--log-queries",
                            f"--log-facility={log}",
                            "--ptr-record=80.2.0.192.in-addr.arpa,server-80.example",
                            "--ptr-record=1.0.0.10.in-addr.arpa,laptop-1.example",
                            "--local=/in-addr.arpa/"])
    try:
        for _ in range(50):
            if os.path.exists(log) and b"started" in open(log, "rb").read():
                break
            time.sleep(0.1)
        nta("records", "--event", "flow", "--limit", "500", "--json")
        ok("DNS is asked nothing unless told so", b"query" not in open(log, "rb").read())
        _, out, _ = nta("records", "--event", "flow", "--limit", "500", "--json",
                        f"--resolve=127.0.0.1:{port}")
        rows = [json.loads(line) for line in out.decode().splitlines()]
        names = {(r["peer"]["ip"], r["peer"].get("name")) for r in rows}
        ok("--resolve names servers",
           len(rows) == 500 and ("192.0.2.80", "server-80.example") in names
           and ("192.0.2.81", None) in names, str(names))
        ok("and users",
           {r["user"].get("name") for r in rows if r["user"]["ip"] == "10.0.0.1"}
           == {"laptop-1.example"})
        asked = re.findall(rb"query\[PTR\] (\S+)", open(log, "rb").read())
        ok("each address is asked for once", len(asked) == len(set(asked)) == 15, str(len(asked)))
        _, out = on_terminal(200, "records", "--event", "flow", "--limit", "5", "--no-pager",
                             f"--resolve=127.0.0.1:{port}")
        ok("names stand in the table", b"server-80.example" in out)
    finally:
        dns.terminate()
        dns.wait()
    began = time.monotonic()
    status, out, _ = nta("records", "--limit", "20", "--json", "--resolve=127.0.0.1:9")
    ok("without an answer the addresses are shown",
       status == 0 and out.count(b"\n") == 20 and time.monotonic() - began < 20)
    status, _, err = nta("records", "--resolve=nonsense:x")
    ok("a wrong server is refused", status == 3 and b"--resolve" in err, str(err))


def test_mysql():
    """The same where a shipper moves batches from the journal to a database meanwhile."""
    store, config = os.path.join(WORK, "shipped"), os.path.join(WORK, "ntad.conf")
    socket = os.path.join(WORK, "db", "mariadb.sock")
    with open(config, "w") as file:
        file.write(
            f'store = {{ directory = "{store}"; }};\nmysql = '
            f'{{ hosts = "{socket}"; user = "root"; }};\n')
    driver = lambda *args: subprocess.run([DRIVER, *args], check=True)
    found = lambda *args: [json.loads(line) for line in subprocess.run(
        [NTA, "records", "--json", "--config", config, *args], capture_output=True,
        env=environment(), timeout=60).stdout.splitlines()]
    driver("make", store, "5000")
    driver("ship", store, socket)
    driver("add", store, "journal.example")
    rows = found()
    ok("MySQL and the journal together",
       len(rows) == 5016 and rows[-1]["site"] == "journal.example", str(len(rows)))
    ok("a user's name, searched for in MySQL", len(found("--user", "@SUM(A1)")) == 1)
    ok("a site, searched for in MySQL", len(found("--site", "site-5.example.co.uk")) == 135,
       str(len(found("--site", "site-5.example.co.uk"))))
    follow = subprocess.Popen([NTA, "alerts", "--follow", "--json", "--config", config, "--since",
                               "-1h"], stdout=subprocess.PIPE,
                              env=environment())
    seen, took = [json.loads(follow.stdout.readline())["site"]], []
    for i in range(3):
        began = time.monotonic()
        driver("add", store, f"moving-{i}.example")
        driver("ship", store, socket)
        seen.append(json.loads(follow.stdout.readline())["site"])
        took.append(time.monotonic() - began)
    follow.send_signal(signal.SIGINT)
    rest = follow.communicate(timeout=10)[0]
    ok("--follow gives each once while they are shipped",
       seen == ["journal.example"] + [f"moving-{i}.example" for i in range(3)] and rest == b"",
       str(seen))
    ok("within a second or so", max(took) < 2.5, str(took))


def main():
    subprocess.run([DRIVER, "make", STORE, str(N)], check=True)
    names = [bytes.fromhex(line)
             for line in subprocess.run([DRIVER, "names"], check=True, capture_output=True,
                                        text=True).stdout.split()]
    test_csv(names)
    test_json(names)
    test_terminals()
    test_pagers()
    test_interrupt()
    test_stats()
    test_filters()
    test_tabs(names)
    test_periods()
    test_resolve()
    test_follow()
    test_mysql()
    return ok.conclude()


sys.exit(main())
