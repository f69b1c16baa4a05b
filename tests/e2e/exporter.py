#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta-exporter: what it shows of a running ntad, by Prometheus' own judgement; that it listens on
this machine alone and takes nothing; that alert rules and dashboard speak of what is shown.

usage: exporter.py NTA NTAD EXPORTER      77: no network namespace, or no promtool
"""
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok as check  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORT = 9871


class Exporter:
    def __init__(self, program, *options):
        self.process = subprocess.Popen([program, *options], stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        time.sleep(.5)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(20)


def get(path="/metrics", method="GET", body=None, host="127.0.0.1"):
    connection = http.client.HTTPConnection(host, PORT, timeout=20)
    connection.request(method, path, body)
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read().decode()


def promtool(*words, text=None):
    return subprocess.run(["promtool", *words], input=text, capture_output=True, text=True,
                          check=False)


def names_in(text):
    return set(re.findall(r"\bnta_[a-z0-9_]+", text))


def check_page(nta, control):
    status, headers, page = get()
    check("/metrics", status == 200 and headers["Content-Type"].startswith("text/plain; version="),
          (status, headers))
    check("ntad answers", "\nnta_up 1\n" in page and "\nnta_healthy " in page, page[:200])
    said = promtool("check", "metrics", text=page)
    check("promtool check metrics has nothing to say", said.returncode == 0 and not said.stdout and
          not said.stderr, said)
    shown = subprocess.run([nta, "status", "--prometheus", "--socket", control],
                           capture_output=True, text=True, check=False).stdout
    check("the same names as nta status --prometheus", names_in(page) == names_in(shown) |
          {"nta_up"}, names_in(page) ^ names_in(shown))
    check("no list's site and no address is in it", "bad.example" not in page and
          not re.search(r"\d+\.\d+\.\d+\.\d+", page))
    return page


def check_requests():
    status, _, text = get("/")
    check("/ says where", status == 200 and "/metrics" in text)
    for path in ("/x", "/metrics/", "/../etc/passwd", "/metrics%0a"):
        status, _, _ = get(path)
        check(f"{path} is not there", status in (400, 404), status)
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, _, _ = get(method=method, body="x" * 1000 if method != "OPTIONS" else None)
        check(f"{method} is refused", status == 405, status)
    status, _, text = get(method="HEAD")
    check("HEAD has no body", status == 200 and not text)
    idle = [socket.create_connection(("127.0.0.1", PORT)) for _ in range(15)]
    status, _, page = get()
    check("beside 15 idle connections it answers", status == 200 and "nta_up 1" in page)
    for one in idle:
        one.close()
    with socket.create_connection(("127.0.0.1", PORT)) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\n" + b"X: " + b"y" * 100000)
        client.settimeout(20)
        try:
            answer = client.recv(100)
        except ConnectionResetError:
            answer = b""
        check("a head that does not end is cut off", b"200" not in answer, answer)
    check("and it goes on", get()[0] == 200)


def check_where(exporter, folder):
    for where in ("0.0.0.0:9871", "192.0.2.1:9871", "[::]:9871", "[2001:db8::1]:9871", "9871",
                  "localhost:9871", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:x",
                  "127.0.0.1:-1", "", "::1:9871", "/" + "x" * 200):
        done = subprocess.run([exporter, "--listen", where], capture_output=True, text=True,
                              timeout=20, check=False)
        check(f"--listen {where[:30]!r} is refused", done.returncode == 2 and done.stderr, done)
    path = folder / "shown"
    with Exporter(exporter, "--listen", path, "--socket", folder / "control") as unix:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            said = b""
            while data := client.recv(65536):
                said += data
        check("a Unix socket, too", b"\nnta_up 1\n" in said, said[:200])
        check("for its group", stat.S_IMODE(path.stat().st_mode) == 0o660)
        second = subprocess.run([exporter, "--listen", path], capture_output=True, timeout=20,
                                check=False)
        check("one that is in use is not taken away", second.returncode == 3)
        unix.process.send_signal(signal.SIGKILL)
        unix.process.wait()
    with Exporter(exporter, "--listen", path, "--socket", folder / "control") as unix:
        check("one that a kill left is", unix.process.poll() is None)
    check("at its end it takes it away, and ends with 0", not path.exists() and unix.status == 0)
    path.write_text("mine")
    done = subprocess.run([exporter, "--listen", path], capture_output=True, timeout=20,
                          check=False)
    check("a file is never replaced", done.returncode == 3 and path.read_text() == "mine")


def check_rules(page):
    shown = names_in(page) | {"nta_mysql_connected", "nta_mysql_lag_seconds"}
    rules = ROOT / "conf/prometheus/nta.rules.yml"
    said = promtool("check", "rules", rules)
    check("promtool check rules", said.returncode == 0, said)
    said = promtool("test", "rules", ROOT / "tests/data/prometheus/rules_test.yml")
    check("promtool test rules: each alert is raised when it must, and no other",
          said.returncode == 0, said.stdout + said.stderr)
    text = rules.read_text()
    check("rules speak of what is shown", names_in(text) <= shown, names_in(text) - shown)
    causes = set(re.findall(r'nta_cause\{name="([a-z_]+)"', page))
    asked = {c for many in re.findall(r'name=~?"([a-z_|]+)"', text) for c in many.split("|")}
    check("and of causes that there are", asked and asked <= causes, asked - causes)


def check_dashboard(page, folder):
    board = json.loads((ROOT / "conf/grafana/nta.json").read_text())
    questions = [t["expr"] for panel in board["panels"] for t in panel.get("targets", [])]
    check("the dashboard asks", len(questions) >= 8, questions)
    shown = names_in(page) | {"nta_mysql_lag_seconds"}
    asked = set().union(*map(names_in, questions))
    check("of what is shown", asked <= shown, asked - shown)
    rows = "".join(f"  - record: a:{n}\n    expr: {json.dumps(q)}\n"
                   for n, q in enumerate(questions))
    (folder / "questions.yml").write_text("groups:\n- name: x\n  rules:\n" + rows)
    said = promtool("check", "rules", folder / "questions.yml")
    check("in Prometheus' language", said.returncode == 0, said)
    boxes = [(p["gridPos"], p["title"]) for p in board["panels"]]
    check("panels lie beside each other", not [
        (a, b) for n, (p, a) in enumerate(boxes) for q, b in boxes[:n]
        if p["x"] < q["x"] + q["w"] and q["x"] < p["x"] + p["w"] and
        p["y"] < q["y"] + q["h"] and q["y"] < p["y"] + p["h"]])


def fill(control):
    """Connections until no more are taken."""
    waiting = []
    while len(waiting) < 5000:
        one = socket.socket(socket.AF_UNIX)
        one.setblocking(False)
        waiting.append(one)
        try:
            one.connect(str(control))
        except BlockingIOError:
            break
    return waiting


def run(nta, ntad, exporter, folder):
    control = folder / "control"
    with Ntad(nta, ntad, folder, ["lo"], canary_s=300) as running, \
            Exporter(exporter, "--socket", control):
        page = check_page(nta, control)
        check_requests()
        check_where(exporter, folder)
        check_rules(page)
        check_dashboard(page, folder)
        running.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        status, _, page = get()
        took_s = time.monotonic() - began
        waiting = fill(control)
        began_full = time.monotonic()
        full = get()[2]
        full_s = time.monotonic() - began_full
        busy = subprocess.run([nta, "status", "--socket", control], capture_output=True, text=True,
                              check=False, timeout=30)
        running.process.send_signal(signal.SIGCONT)
        for one in waiting:
            one.close()
        check("nor where as many wait as may", "\nnta_up 0\n" in full and full_s < 8, full)
        check("and nta says so", busy.returncode == 3 and "did not answer" in busy.stderr, busy)
        check("an ntad that is stopped is not up, and that is said in time", status == 200 and
              "\nnta_up 0\n" in page and took_s < 8, page)
    with Exporter(exporter, "--socket", control):
        status, _, page = get()
        check("one that has ended neither", status == 200 and page.endswith("nta_up 0\n"), page)
        said = promtool("check", "metrics", text=page)
        check("and that is well-formed, too", said.returncode == 0, said)


def main():
    nta, ntad, exporter = (pathlib.Path(a).resolve() for a in sys.argv[1:])
    if not shutil.which("promtool"):
        print("skipped: no promtool (Debian: prometheus)")
        return 77
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-exporter-") as name:
        os.chdir(name)
        run(nta, ntad, exporter, pathlib.Path(name))
    return check.conclude()


sys.exit(main())
