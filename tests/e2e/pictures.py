#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the README's pictures and those of docs/looks.md: the demo's report and console in Chromium.

usage: pictures.py NTA ROOT

Writes docs/pictures/*.png and docs/pictures/looks/*.png, and into docs/pictures/MADE_FROM what they
show (see tests/check/pictures.py, which fails as soon as the page has changed since).
"""
import http.client
import http.server
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(sys.argv[2]).resolve()
sys.path[:0] = [str(ROOT / "tests/e2e/lib"), str(ROOT / "tests/check")]
from chrome import Chrome  # noqa: E402
import pictures as check  # noqa: E402

NTA = pathlib.Path(sys.argv[1]).resolve()
SCHOOL = ROOT / "tests/data/school"
DESK, HAND = (1440, 900), (390, 844)
TITLE = "Three days of a school"


def run(*arguments):
    subprocess.run([NTA, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, cwd=ROOT)


def make_report(work):
    store, report = work / "store", work / "report.html"
    run("read", SCHOOL / "school.pcap.zst", "--config", SCHOOL / "ntad.conf", "--store", store)
    run("report", "--store", store, "--title", TITLE, "-o", report)
    return report


# ---- the README's ----

def take_readme(folder, report):
    with Chrome(900, 820) as page:
        page.dark(False)
        page.open(f"file://{report}", 2)
        page.click(".leaflet-control-zoom-out")  # so that all places are in the picture
        page.js("document.getElementById('map-part').scrollIntoView()")
        page.wait(1)
        page.screenshot(folder / "map.png")
        page.click("#body .open")
        page.wait(0.5)
        page.screenshot(folder / "incident.png")
        well(page, [])


def well(page, may_ask):
    asked = [r for r in page.requests if not r.startswith(tuple(may_ask))]
    if page.messages or asked:
        sys.exit(f"the page is not well: {page.messages} {asked}")


# ---- what it looks like ----

def take(page, path, size, dark):
    page.resize(*size, mobile=size is HAND)
    page.dark(dark)
    page.js("scrollTo(0, 0)")
    page.wait(1)
    wide = page.js("document.documentElement.scrollWidth")
    if wide > size[0]:
        sys.exit(f"{path.name}: {wide} points wide, in {size[0]}")
    page.screenshot(path)


def take_report(folder, report, work):
    with Chrome(*DESK) as page:
        page.open(f"file://{report}", 2)
        for size in DESK, HAND:
            for dark in False, True:
                take(page, folder / f"report-{size[0]}{'-dark' if dark else ''}.png", size, dark)
        page.dark(False)
        page.click("#body .open")  # at 390, what is known of one
        page.wait(0.5)
        page.screenshot(folder / "incident-390.png")
        page.resize(*DESK)
        page.open(f"file://{report}", 2)
        page.pdf(work / "report.pdf")
        well(page, [])
    subprocess.run(["pdftoppm", "-r", "60", "-l", "2", "-png", work / "report.pdf",
                    work / "print"], check=True)
    for number, sheet in enumerate(sorted(work.glob("print-*.png")), 1):
        (folder / f"print-{number}.png").write_bytes(sheet.read_bytes())


class Front(http.server.BaseHTTPRequestHandler):
    """The web server before the console, which says who it is."""
    path_of_socket = login = ""

    def do_GET(self):
        there = http.client.HTTPConnection("localhost", timeout=30)
        there.sock = socket.socket(socket.AF_UNIX)
        there.sock.connect(self.path_of_socket)
        there.request("GET", self.path, headers={"Host": "localhost",
                                                 "X-Forwarded-User": self.login})
        answer = there.getresponse()
        self.send_response(answer.status)
        for name in "Content-Type", "Content-Security-Policy":
            if answer.getheader(name):
                self.send_header(name, answer.getheader(name))
        self.end_headers()
        try:
            while part := answer.read1(65536):
                self.wfile.write(part)
        except (OSError, http.client.HTTPException):
            pass

    def log_message(self, *_):
        pass


def take_console(folder, work):
    users, path = work / "users", work / "socket"
    users.write_text("viewer:*:viewer\n")
    users.chmod(0o600)
    console = subprocess.Popen([NTA, "console", "--store", work / "store", "--users", users,
                                "--socket", path, "--user-header", "X-Forwarded-User", "--title",
                                TITLE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    link = subprocess.Popen([NTA, "console", "--store", work / "store", "--title", TITLE],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if path.is_socket():
                break
            time.sleep(.1)
        Front.path_of_socket, Front.login = str(path), "viewer"
        front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
        threading.Thread(target=front.serve_forever, daemon=True).start()
        link.stdout.readline()
        for name, address in ("console", link.stdout.readline().strip()), (
                "viewer", f"http://127.0.0.1:{front.server_port}/"):
            with Chrome(*DESK) as page:
                page.open(address, 3)
                take(page, folder / f"{name}-1440.png", DESK, False)
                take(page, folder / f"{name}-390{'-dark' * (name == 'console')}.png", HAND,
                     name == "console")
                well(page, [address.split("?")[0]])
    finally:
        for process in console, link:
            process.terminate()
            process.wait(20)


def main():
    folder = ROOT / check.FOLDER
    looks = folder / check.LOOKS
    looks.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        report = make_report(work)
        take_readme(folder, report)
        take_report(looks, report, work)
        take_console(looks, work)
    (folder / "MADE_FROM").write_text(check.made_from(ROOT))


main()
