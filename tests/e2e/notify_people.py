#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta-notify with real servers: mail and webhooks of what ntad logs; nothing lost and nothing told
under two ids over kill -9, a server that is down and logrotate; text of strangers is text.

usage: notify_people.py NTA NTAD NTA-NOTIFY      77: no network namespace, exim4 or nginx
"""
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import post  # noqa: E402
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from post import Post, wait  # noqa: E402

HOSTILE = "<!channel> @room </pre><b>evil.example [x](https://evil.example) *_`~ \u202e\r\nBcc: x@y"
SHOWN = HOSTILE.replace("\u202e", "\\xe2\\x80\\xae").replace("\r\n", "\\x0d\\x0a")


class Notify:
    """One that runs; ended with the block."""

    def __init__(self, program, folder, receivers, **more):
        self.program, self.folder = program, folder
        self.alerts = folder / "alert.json"
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.config = folder / "conf"
        self.write(receivers, **more)

    def write(self, receivers, source=None):
        rows = ",\n".join("{ " + " ".join(f"{key} = {json.dumps(value)};"
                                          for key, value in row.items()) + " }"
                          for row in receivers)
        self.config.write_text(f'source = "{source or self.alerts}"; state = "{self.state}"; '
                               f'host = "gate.school.example";\nreceivers = (\n{rows}\n);\n')
        self.config.chmod(0o600)

    def run(self, *options):
        return subprocess.run([self.program, "-c", self.config, *options], capture_output=True,
                              text=True, check=False, timeout=100)

    def __enter__(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([self.program, "-c", self.config], stderr=log)
        names = re.findall(r'name = "(.*?)"', self.config.read_text())
        if not wait(lambda: all((self.state / f"{name}.book").exists() for name in names)):
            self.kill()
            raise SystemExit("it did not start: " + self.log()[-500:])
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            ok("SIGTERM ends it with 0", self.process.wait(20) == 0, self.log()[-300:])

    def log(self):
        return (self.folder / "log").read_text()


def alert(n, severity="high", site="bad.example", **more):
    """A line as ntad writes it: a user's visit to an entry of a list."""
    row = {"id": f"s-1-{n}", "time": "2026-11-30T10:00:00.000000000Z", "event": "alert",
           "user": {"ip": f"10.0.{n // 250}.{n % 250 + 1}", **more.pop("user", {})}, "site": site,
           "match": {"list": "deny", "entry": more.pop("entry", site), "severity": severity,
                     "weak": False}, **more}
    return json.dumps(row, ensure_ascii=False).replace("\\\\", "\\\\") + "\n"


def add(notify, *lines):
    with open(notify.alerts, "a", encoding="utf-8") as file:
        file.write("".join(lines))


def hook(folder, name, kind="json", **more):
    return {"name": name, "kind": kind, "url": f"https://localhost:8443/{name}",
            "ca": f"{folder}/cert.pem", "gather": "0s", "per_hour": 1000, **more}


def mail(folder, name, **more):
    return {"name": name, "kind": "mail", "url": "smtp://localhost:2525",
            "ca": f"{folder}/cert.pem", "from": "nta@school.example",
            "to": ["heads@school.example", "refused@school.example"], "user": "nta",
            "password": "secret", "gather": "0s", **more}


def check_settings(notify, folder):
    notify.write([mail(folder, "heads"), hook(folder, "it")])
    said = notify.run("--check")
    ok("--check: nothing is wrong", said.returncode == 0 and "2 receivers" in said.stdout, said)
    for what, row in (
            ("{nobody} is not known", mail(folder, "a", subject="x {nobody}")),
            ("an address is expected", mail(folder, "a", **{"from": "a@b\r\nBcc: x@y"})),
            ("off: only to this machine", hook(folder, "a", tls="off", url="http://192.0.2.1/")),
            ("begins with https://", hook(folder, "a", url="http://localhost/")),
            ("letters, digits", {**hook(folder, "a"), "name": "../x"}),
            ('nearest known option is "severity"', hook(folder, "a", severty="low"))):
        notify.write([row])
        said = notify.run("--check")
        ok(f"--check says: {what}", said.returncode == 1 and what in said.stderr, said)
    notify.write([hook(folder, "a")])
    notify.config.chmod(0o644)
    said = notify.run("--check")
    ok("a secret that others may read is refused", said.returncode == 1 and
       "others may use the file" in said.stderr, said)
    said = notify.run("--nosuch")
    ok("wrong usage ends with 2", said.returncode == 2, said)


def everyone(folder, content):
    room = "https://localhost:8443/matrix/rooms/!r:m"
    return [mail(folder, "heads", content=content, subject="NTA: {incident} {site}"),
            hook(folder, "slack", "slack", content=content),
            hook(folder, "teams", "teams", content=content),
            hook(folder, "matrix", "matrix", content=content, url=room, password="token"),
            hook(folder, "json", content=content)]


def texts_of(body):
    """All that Teams would show."""
    if isinstance(body, dict):
        return [text for key, value in body.items()
                for text in ([value] if key == "text" else texts_of(value))]
    return [text for value in body for text in texts_of(value)] if isinstance(body, list) else []


def check_hostile(notify, servers, folder):
    notify.write(everyone(folder, "names"))
    add(notify)
    with notify:
        add(notify, alert(1, site=HOSTILE, entry="bad.example",
                          user={"person": HOSTILE, "login": "ann"},
                          file={"name": HOSTILE, "bytes": 7}, download=True, act="downloaded"))
        ok("a mail comes", wait(lambda: servers.mails()), notify.log()[-500:])
        ok("and each webhook is asked once", wait(lambda: len(servers.hooks()) == 4),
           (servers.hooks(), notify.log()[-500:]))
    message = servers.mails()[0]
    text = message.get_content()
    ok("the mail's headers are ours", message["To"] == "heads@school.example,\r\n "
       "refused@school.example".replace("\r\n", "") and message["Bcc"] is None and
       message["Auto-Submitted"] == "auto-generated", message.as_string()[:500])
    ok("its subject is one line with no link", "\n" not in message["Subject"] and
       "[.]example" in message["Subject"] and "@" not in message["Subject"], message["Subject"])
    ok("what the stranger wrote is text, and no link", "https[:]//evil[.]example" in text and
       "\\x0d\\x0aBcc" in text and "evil.example" not in text, text)
    ok("that one of its receivers is refused is said, and the other has it once",
       wait(lambda: "refused for refused@school.example: 550" in notify.log()) and
       len(servers.mails()) == 1, notify.log()[-300:])
    slack = servers.hooks("/slack")[0]["body"]
    ok("Slack calls nobody and makes no link", slack["parse"] == "none" and
       "&lt;!channel&gt;" in slack["text"] and "<" not in slack["text"] and
       "@" not in slack["text"] and "//evil.example" not in slack["text"], slack)
    teams = texts_of(servers.hooks("/teams")[0]["body"])
    ok("Teams gets runs of text", any("[:]//evil[.]example" in text for text in teams) and
       not any("@" in text for text in teams) and "TextBlock\"" not in json.dumps(
           servers.hooks("/teams")[0]["body"]).replace("RichTextBlock\"", ""), teams)
    matrix = servers.hooks("/matrix")[0]
    ok("Matrix is asked by PUT with its token", matrix["method"] == "PUT" and
       matrix["auth"] == "Bearer token" and re.search("/send/m.room.message/[0-9a-f]{32}$",
                                                      matrix["uri"]), matrix)
    ok("mentions nobody and has no markup of strangers", matrix["body"]["m.mentions"] == {} and
       "@room" not in matrix["body"]["body"] and
       "<b>" not in matrix["body"]["formatted_body"] and
       matrix["body"]["formatted_body"].count("<") == 2, matrix)
    plain = servers.hooks("/json")[0]
    ok("JSON has the names as they are in records", plain["body"]["site"] == SHOWN and
       plain["body"]["person"] == SHOWN and plain["key"] == plain["body"]["id"], plain)


def check_no_names(notify, servers, folder):
    before = len(servers.mails())
    notify.write(everyone(folder, "none"))
    with notify:
        add(notify, alert(2, site="secret-site.example", entry="secret-site.example",
                          user={"person": "Ann Bell", "login": "ann"},
                          file={"name": "film.mkv", "bytes": 7}))
        wait(lambda: len(servers.mails()) > before and len(servers.hooks("/json")) == 2 and
             len(servers.hooks()) == 8)
    said = "".join(mail.as_string() + mail.get_content() for mail in servers.mails()[before:])
    said += "".join(json.dumps(row) for uri in ("/slack", "/teams", "/matrix", "/json")
                    for row in servers.hooks(uri)[1:])
    ok("by default nothing says who, where or what", "(in the records)" in said and
       not re.search("secret-site|Ann|film|10\\.0\\.0\\.3", said), said)
    ok("but how bad, which list, and what to look at", "s-1-2" in said and "deny" in said and
       "nta incidents --since" in said and "high" in said, said)


def check_once(notify, servers, folder):
    notify.write([hook(folder, "once", gather="300ms"), hook(folder, "sales",
                                                             departments=["sales"]),
                  hook(folder, "bad", severity="critical", window="2s"),
                  hook(folder, "night", quiet="00:00-24:00")])
    with notify:
        add(notify, *[alert(3) for _ in range(20)])
        ok("20 alerts of one incident are one message",
           wait(lambda: len(servers.hooks("/once")) == 1), notify.log()[-300:])
        ok("that says how many", servers.hooks("/once")[0]["body"]["alerts"] == 20,
           servers.hooks("/once"))
        add(notify, *[alert(3) for _ in range(5)])
        time.sleep(1.5)
        ok("what follows in the window waits", len(servers.hooks("/once")) == 1,
           servers.hooks("/once"))
        add(notify, alert(3, download=True))
        ok("but what proves more is told at once, with what waited",
           wait(lambda: len(servers.hooks("/once")) == 2) and
           servers.hooks("/once")[1]["body"]["alerts"] == 6 and
           servers.hooks("/once")[1]["body"]["goes_on"], servers.hooks("/once"))
        add(notify, alert(4, severity="critical", user={"department": "sales"}))
        ok("a department gets what is its own", wait(lambda: servers.hooks("/sales")) and
           [row["body"]["record"] for row in servers.hooks("/sales")] == ["s-1-4"],
           servers.hooks("/sales"))
        add(notify, json.dumps({"event": "alert-summary", "user": {"ip": "10.0.0.5"}, "repeats": 9,
                                "match": {"list": "deny", "entry": "bad.example"}}) + "\n")
        ok("a threshold keeps the rest", wait(lambda: servers.hooks("/bad")) and
           len(servers.hooks("/bad")) == 1, servers.hooks("/bad"))
        ok("but repeats of what was told are told, of whatever severity",
           wait(lambda: len(servers.hooks("/bad")) == 2) and
           (servers.hooks("/bad")[1]["body"]["alerts"],
            servers.hooks("/bad")[1]["body"]["severity"]) == (9, "critical"),
           servers.hooks("/bad"))
        ok("in quiet hours only what is critical is sent", wait(lambda: servers.hooks("/night"))
           and [row["body"]["record"] for row in servers.hooks("/night")] == ["s-1-4"],
           servers.hooks("/night"))


def check_killed(notify, servers, folder):
    """Killed again and again while it sends slowly, and alerts come meanwhile."""
    notify.write([hook(folder, "slow")])
    n = 60
    for i in range(6):
        with notify:
            add(notify, *[alert(1000 + i * 10 + k, entry=f"e{i * 10 + k}.example")
                          for k in range(10)])
            time.sleep(.7)
            if i < 5:
                notify.kill()
            else:
                wait(lambda: len({row["body"]["record"] for row in servers.hooks("/slow")}) >= n)
    rows = servers.hooks("/slow")
    told = {row["body"]["record"] for row in rows}
    ids = {row["key"] for row in rows}
    ok(f"kill -9 five times: each of {n} incidents is told", told == {
        f"s-1-{1000 + k}" for k in range(n)}, sorted(told))
    ok("under one id each, however often", len(ids) == n, (len(ids), len(rows)))
    print(f"      {len(rows)} requests for {n} messages")


def check_down(notify, servers, folder):
    notify.write([hook(folder, "down"), mail(folder, "up", to=["up@school.example"])])
    before = len(servers.mails())
    with notify:
        servers.stop("nginx")
        add(notify, alert(2001), alert(2002))
        ok("a server that is down holds no other up", wait(lambda: len(servers.mails()) ==
                                                           before + 2), notify.log()[-300:])
        ok("that it is down is said once", wait(lambda: "could not be sent" in notify.log()))
    # its log is renamed while nobody reads it, and ntad writes on into the old one for a while
    with open(notify.alerts, "a", encoding="utf-8") as old:
        os.rename(notify.alerts, f"{notify.alerts}.1")
        old.write(alert(2003))
    add(notify, alert(2004))
    servers.start("nginx")
    with notify:
        ok("what waited is sent after a restart, and what came meanwhile, over logrotate",
           wait(lambda: len(servers.hooks("/down")) == 4), (servers.hooks("/down"),
                                                            notify.log()[-300:]))
        shutil.move(notify.alerts, f"{notify.alerts}.1")
        add(notify, alert(2005))
        ok("and over one while it runs", wait(lambda: len(servers.hooks("/down")) == 5))
    ok("each once", sorted(row["body"]["record"] for row in servers.hooks("/down")) == [
        f"s-1-{n}" for n in range(2001, 2006)], servers.hooks("/down"))


def check_broken(notify, servers, folder):
    other = folder / "other.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-keyout",
                    folder / "other.key", "-out", other], check=True, stderr=subprocess.DEVNULL)
    notify.write([hook(folder, "untrusted", ca=str(other)), hook(folder, "fine")])
    (notify.state / "fine.book").write_text("nta-notify 1\nplace\tf1:2:3\n")
    with notify:
        ok("a state that is broken is put aside, and that is said",
           wait(lambda: "is broken, and lies in" in notify.log()) and
           (notify.state / "fine.book.broken").exists(), notify.log()[-300:])
        time.sleep(1)
        add(notify, "no json\n", "x" * 300000 + "\n", alert(3001))
        ok("lines that are none stop nothing", wait(lambda: servers.hooks("/fine")),
           notify.log()[-500:])
        ok("a server with another certificate gets nothing",
           wait(lambda: "untrusted: message" in notify.log()) and
           not servers.hooks("/untrusted"), notify.log()[-300:])
        second = notify.run()
        ok("a second one is refused", second.returncode == 3 and "another nta-notify" in
           second.stderr, second)
    said = notify.run("--test", "fine")
    ok("--test sends one", said.returncode == 0 and any(
        row["body"].get("list") == "test of nta-notify" for row in servers.hooks("/fine")), said)
    said = notify.run("--test", "nosuch")
    ok("--test of nobody ends with 2", said.returncode == 2, said)
    said = notify.run("--test", "untrusted")
    ok("one that is not taken with 1", said.returncode == 1, said)


def check_report(notify, servers, folder):
    page = folder / "week 48.html"
    page.write_text("<html>" + "x" * 100000 + "</html>")
    heads = ["heads@school.example"]
    notify.write([mail(folder, "none"), mail(folder, "whole", report="attached", to=heads),
                  hook(folder, "notice", report="notice")])
    before = len(servers.mails())
    said = notify.run("--report", page)
    ok("a report goes to who wants it", said.returncode == 0 and
       wait(lambda: len(servers.mails()) == before + 1), said)
    parts = list(servers.mails()[-1].iter_attachments())
    ok("whole", len(parts) == 1 and parts[0].get_content().strip() == page.read_text() and
       parts[0].get_filename() == "week_48.html", parts)
    ok("or only that it is there", "week 48.html" in servers.hooks("/notice")[0]["body"]["text"],
       servers.hooks("/notice"))


def check_some(notify, servers, folder):
    """A server that does not take this message, or not for this address, now."""
    class Sick(http.server.BaseHTTPRequestHandler):
        asked = []

        def do_POST(self):
            key = self.headers["Idempotency-Key"]
            self.asked.append((key, json.loads(self.rfile.read(
                int(self.headers["Content-Length"])))["record"]))
            self.send_response(500 if key == self.asked[0][0] else 204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 8082), Sick)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    to = [f"{name}@school.example" for name in ("one", "later", "two")]
    notify.write([mail(folder, "some", to=to),
                  hook(folder, "sick", url="http://127.0.0.1:8082/", tls="off")])
    before = len(servers.mails())
    with notify:
        add(notify, alert(5001))
        ok("an address that is put off keeps it from no other",
           wait(lambda: len(servers.mails()) == before + 2) and
           wait(lambda: "refused for later@school.example: 451" in notify.log()),
           notify.log()[-500:])
        wait(lambda: Sick.asked)
        add(notify, alert(5002))
        ok("a message that a server cannot take holds up no other",
           wait(lambda: "s-1-5002" in {record for _, record in Sick.asked}), Sick.asked)
        wait(lambda: len(servers.mails()) == before + 4)
        time.sleep(1)
        notify.kill()  # who has it is kept
    (folder / "later").touch()
    with notify:
        ok("and has it as soon as it is taken",
           wait(lambda: len(servers.mails()) == before + 6, 40),
           (len(servers.mails()) - before, notify.log()[-300:]))
        time.sleep(1)
    told = [(mail["Message-ID"], mail["Delivered-To"] or "") for mail in servers.mails()[before:]]
    ok("each address has each message once, under one id", len(told) == 6 and
       len({key for key, _ in told}) == 2, told)
    server.shutdown()


class Halting(threading.Thread):
    """A mail server that takes `n_taken` mails and then says nothing any more."""

    def __init__(self, n_taken):
        super().__init__(daemon=True)
        self.n_taken, self.told = n_taken, []
        self.socket = socket.create_server(("127.0.0.1", 2526))
        self.start()

    def serve(self, lines, say):
        to, is_body = "", False
        say("220 here")
        for line in lines:
            if is_body:
                is_body = line != ".\r\n"
                if not is_body:
                    self.told.append(to)
                    say("250 taken")
                continue
            word = line[:4].upper()
            if word == "RCPT":
                to = line.split("<")[1].split(">")[0]
                if len(self.told) == self.n_taken:
                    continue
            is_body = word == "DATA"
            say("354 go on" if is_body else "221 bye" if word == "QUIT" else "250 well")

    def run(self):
        while True:
            link, _ = self.socket.accept()
            with link, link.makefile("r", newline="\r\n", encoding="utf-8") as lines:
                try:
                    self.serve(lines, lambda text, link=link: link.sendall(
                        text.encode() + b"\r\n"))
                except OSError:
                    pass


def check_stopped(notify, folder):
    """It is ended between two addresses of one mail."""
    server = Halting(1)
    to = ["one@school.example", "two@school.example"]
    notify.write([mail(folder, "halts", url="smtp://localhost:2526", tls="off", to=to,
                       user="", password="")])
    notify.alerts.write_text("")
    with notify:
        add(notify, alert(8001))
        wait(lambda: server.told)
        time.sleep(.5)
    server.n_taken = 9
    with notify:
        ok("who was not reached is told after the next start",
           wait(lambda: server.told[1:]), notify.log()[-300:])
        time.sleep(.5)
    ok("and nobody twice", server.told == to, server.told)


def check_cut(notify, servers, folder):
    """alert.json is copied and cut short, and is longer than before at the next look."""
    notify.write([hook(folder, "cut")])
    notify.alerts.write_text("")
    with notify:
        add(notify, alert(6001))
        wait(lambda: servers.hooks("/cut"))
        time.sleep(.3)
        with open(notify.alerts, "r+", encoding="utf-8") as file:
            file.truncate(0)
            file.write("".join(alert(n) for n in (6002, 6003, 6004)))
        ok("what stands in it anew is read from its beginning",
           wait(lambda: len(servers.hooks("/cut")) == 4), (servers.hooks("/cut"),
                                                          notify.log()[-300:]))
        add(notify, *["{}\n" * 200000])
        time.sleep(.2)
    ok("each once", sorted(row["body"]["record"] for row in servers.hooks("/cut")) == [
        f"s-1-{n}" for n in range(6001, 6005)], servers.hooks("/cut"))


def check_turned(notify, servers, folder):
    """logrotate makes an empty file; ntad writes on into the renamed one until it is told."""
    notify.write([hook(folder, "turned")])
    notify.alerts.write_text("")
    with notify:
        add(notify, alert(7001))
        wait(lambda: servers.hooks("/turned"))
        old = notify.alerts.with_name("alert.json.1")
        notify.alerts.rename(old)
        notify.alerts.write_text("")
        time.sleep(1)
        with open(old, "a", encoding="utf-8") as file:
            file.write(alert(7002))
        ok("what comes in the renamed file while the new one is empty is told",
           wait(lambda: len(servers.hooks("/turned")) == 2), notify.log()[-300:])
        add(notify, alert(7003))
        ok("and what comes in the new one", wait(lambda: len(servers.hooks("/turned")) == 3),
           notify.log()[-300:])
    ok("each once", [row["body"]["record"] for row in servers.hooks("/turned")] == [
        f"s-1-{n}" for n in range(7001, 7004)], servers.hooks("/turned"))


def serve_pages():
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 80), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def check_ntad(notify, servers, folder, nta, ntad):
    """What a real ntad writes, in both of its forms."""
    serve_pages()
    for form in ("nta", "eve"):
        work = folder / form
        work.mkdir()
        notify.write([hook(folder, f"real-{form}", content="names")],
                     source=work / "alert.json")
        with Ntad(nta, ntad, work, ["lo"], more=f'network = {{ home = [ "127.0.0.0/8" ]; }};\n'
                  f'alert = {{ json = "{work}/alert.json"; format = "{form}"; }};'), notify:
            subprocess.run(["curl", "-s", "-o", "/dev/null", "-H", "Host: bad.example",
                            "http://127.0.0.1/film.mkv"], check=False)
            wait(lambda form=form: servers.hooks(f"/real-{form}"))
        rows = servers.hooks(f"/real-{form}")
        ok(f"an alert of ntad, form {form}, is told with its names", rows and
           rows[0]["body"]["site"] == "bad.example" and rows[0]["body"]["list"] == "list" and
           rows[0]["body"]["user"] == "127.0.0.1" and rows[0]["body"]["record"],
           (rows, notify.log()[-300:]))


def main():
    if not post.found():
        print("skipped: no exim4, nginx or openssl (Debian: exim4-daemon-light nginx-light)")
        return 77
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    nta, ntad, program = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix="nta-notify-") as name:
        folder = pathlib.Path(name)
        notify = Notify(program, folder, [hook(folder, "a")])
        with Post(folder) as servers:
            check_settings(notify, folder)
            check_hostile(notify, servers, folder)
            check_no_names(notify, servers, folder)
            check_once(notify, servers, folder)
            check_killed(notify, servers, folder)
            check_down(notify, servers, folder)
            check_broken(notify, servers, folder)
            check_report(notify, servers, folder)
            check_some(notify, servers, folder)
            check_stopped(notify, folder)
            check_cut(notify, servers, folder)
            check_turned(notify, servers, folder)
            check_ntad(notify, servers, folder, nta, ntad)
    return ok.conclude()


sys.exit(main())
