#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta console: who is let in, what a real browser shows of hostile names, and how soon a new alert is there.

usage: console.py NTA MAKE_STORE [FOLDER_FOR_PICTURES]
"""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from checks import ok  # noqa: E402
from chrome import Chrome  # noqa: E402

NTA, MAKE_STORE = sys.argv[1:3]
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None


class Console:
    """A running nta console, and the link that it shows."""

    def __init__(self, store, *options, says="http"):
        self.process = subprocess.Popen([NTA, "console", "--store", store, *map(str, options)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith(says):
                break
        self.link = self.lines[-1] if self.lines else ""
        self.address = self.link.split("?")[0].rstrip("/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        self.process.stdout.close()


def ask(address, path="/", method="GET", headers=None, context=None):
    """Status, headers, body."""
    scheme, host = address.split("://")
    make = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = make(host, timeout=10, **({"context": context} if context else {}))
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def status(*args, **more):
    return ask(*args, **more)[0]


def check_access(work):
    store = work / "store"
    subprocess.run([MAKE_STORE, store, "1200", "hostile"], check=True)
    with Console(store) as console:
        path = console.link[len(console.address):]
        ok("it shows a link on this machine", console.link.startswith("http://127.0.0.1:") and "?token=" in console.link, console.lines)
        for name in "/", "/data", "/events", "/nothing", "/?token=" + "0" * 64, "/?token=":
            ok(f"without a session {name[:12]} is closed", status(console.address, name) == 403)
        for method in "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE":
            ok(f"{method} is refused", status(console.address, path, method) == 405)
        for host in "evil.example", "evil.example:80", console.address[7:] + ".evil.example", "127.0.0.1:1", "localhost":
            ok(f"the Host {host} is refused", status(console.address, path, headers={"Host": host}) == 421)
        code, headers, _ = ask(console.address, path)
        cookie = headers.get("Set-Cookie", "")
        ok("the link opens, and leads to the page", code == 303 and headers["Location"] == "/", code)
        ok("its cookie is for this site and no script", "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie, cookie)
        ok("used twice it is refused", status(console.address, path) == 403)
        mine = {"Cookie": "a=b; " + cookie.split(";")[0]}
        code, headers, body = ask(console.address, "/", headers=mine)
        policy = headers.get("Content-Security-Policy", "")
        ok("the session opens the page", code == 200 and b"Network report" in body, code)
        ok("with a strict policy", policy.startswith("default-src 'none'") and "unsafe" not in policy and "frame-ancestors 'none'" in policy, policy)
        ok("which is the one in the page", policy.split("; frame-ancestors")[0].encode() in body)
        ok("and what keeps it from others", headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"
           and headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["X-Content-Type-Options"] == "nosniff", headers)
        code, headers, body = ask(console.address, "/data", headers=mine)
        ok("the data is JSON of all incidents", code == 200 and json.loads(body)["incidents"]["all"] > 10)
        ok("a session and a wrong Host are refused", status(console.address, "/data", headers={**mine, "Host": "evil.example"}) == 421)
        ok("another's cookie is none", status(console.address, "/data", headers={"Cookie": mine["Cookie"][:-4] + "0000"}) == 403)
        ok("HEAD is answered", ask(console.address, "/", "HEAD", mine)[0::2] == (200, b""))
        ok("what is not there is not there", status(console.address, "/etc/passwd", headers=mine) == 404
           and status(console.address, "/../../etc/passwd", headers=mine) == 404)
        check_limits(console, mine)
        refused("a port that is taken is said", ["--port", console.address.rsplit(":", 1)[1]], store, "Address already in use")
        console.process.send_signal(signal.SIGINT)
        began = time.time()
        ok("Ctrl-C ends it at once, cleanly", console.process.wait(10) == 0 and time.time() - began < 3)


def check_enter(work):
    """At a terminal, Enter makes another link; the one before still opens, once."""
    store, (mine, its) = work / "store", os.openpty()
    process = subprocess.Popen([NTA, "console", "--store", store], stdin=its, stdout=subprocess.PIPE, text=True)
    links = [process.stdout.readline(), process.stdout.readline().strip()][1:]
    os.write(mine, b"\n")
    links.append(process.stdout.readline().strip())
    address = links[0].split("?")[0].rstrip("/")
    codes = [status(address, link[len(address):]) for link in links + links]
    ok("Enter makes another link", links[0] != links[1] and codes == [303, 303, 403, 403], codes)
    process.terminate()
    ok("SIGTERM ends it, too", process.wait(10) == 0)
    process.stdout.close()
    os.close(mine)
    os.close(its)


def check_limits(console, mine):
    """Many connections and long requests harm nobody else."""
    host, port = console.address[7:].split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(60)]
    time.sleep(0.2)
    for connection in idle:
        connection.close()
    code, until = 0, time.time() + 3
    while code != 200 and time.time() < until:
        try:
            code = status(console.address, "/data", headers=mine)
        except OSError:
            time.sleep(0.1)
    ok("after sixty idle connections it still answers", code == 200, code)
    try:
        code = status(console.address, "/?" + "x" * 100000, headers=mine)
    except OSError:
        code = "closed"
    ok("a request of 100 kB is refused", code in (413, 414, 431, "closed"), code)
    streams = []
    for _ in range(20):
        connection = http.client.HTTPConnection(console.address[7:], timeout=5)
        connection.request("GET", "/events", headers=mine)
        streams.append((connection, connection.getresponse()))
    codes = [answer.status for _, answer in streams]
    ok("sixteen pages may be open, no more", codes.count(200) == 16 and codes.count(503) == 4, codes)
    for connection, _ in streams:
        connection.close()


def check_page(work):
    store = work / "store"
    with Console(store) as console, Chrome() as page:
        page.open(console.link, 2)
        ok("the address of the page holds no token", page.js("location.href") == console.address + "/", page.js("location.href"))
        ok("it says that it is live", page.js("document.getElementById('live').textContent") == "live", page.js("document.getElementById('live').textContent"))
        ok("no script of a name ran", page.js("document.title") != "owned" and page.js("document.scripts.length") == 9)
        ok("no element came out of a name", page.js("document.querySelectorAll('main img, main script, main iframe, main b b').length") == 0)
        ok("names are shown as text", "<script>" in page.js("document.getElementById('body').textContent") or "onerror" in page.js("document.body.textContent"))
        ok("its program cannot read the cookie", page.js("document.cookie") == "")
        foreign = [r for r in page.requests if not r.startswith((console.address + "/", "data:"))]
        ok("not one request to anybody else", foreign == [] and len(page.requests) >= 2, page.requests)
        ok("nothing on the console", page.messages == [], page.messages)
        if PICTURES:
            page.screenshot(PICTURES / "console.png")
        check_news(page, store)
        page.js("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))")
        ok("a script that is not the page's own does not run", page.js("window.ran") is None)


def check_news(page, store):
    """An alert that is written to the store is on the page within two seconds."""
    count = "document.querySelector('#figures dd').textContent"
    before = page.js(count)
    subprocess.run([NTA, "read", "--store", store, "--list", HERE.parent / "golden" / "lists.txt", HERE.parent / "golden" / "http.pcap"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.time()
    while page.js(count) == before and time.time() - began < 10:
        page.wait(0.05)
    took = time.time() - began
    ok("a new alert is on the page within two seconds", took < 2, f"{took:.2f} s")
    print(f"      after {took:.2f} s")
    page.js("nta.incidents.set({text: 'files.bad.example'})")
    cells = page.js("document.getElementById('body').textContent")
    ok("and it is the right one", "files.bad.example" in cells, cells[:300])
    ok("its place in the chain was checked, too", "verified" in page.js("document.getElementById('notices').textContent").lower(),
       page.js("document.getElementById('notices').textContent"))
    ok("still nothing on the console", page.messages == [], page.messages)


def refused(name, options, store, word):
    done = subprocess.run([NTA, "console", "--store", store, *map(str, options)], capture_output=True, text=True, timeout=20)
    ok(name, done.returncode != 0 and word in done.stderr, f"{done.returncode} {done.stderr}")
    return done.returncode


def check_far(work):
    """Another address than loopback: with TLS and passwords only."""
    store, cert, key, users = work / "store", work / "cert.pem", work / "key.pem", work / "users"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=nta.test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:nta.test"],
                   check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-6", "hunter2"], check=True, capture_output=True, text=True).stdout.strip()
    users.write_text(f"ann:{hashed}\n")
    users.chmod(0o600)
    far = ["--address", "0.0.0.0"]
    ok("another address is wrong usage", refused("another address is refused", far, store, "TLS") == 2)
    refused("also with TLS alone", [*far, "--tls-cert", cert, "--tls-key", key], store, "password")
    refused("also with passwords alone", [*far, "--password-file", users], store, "TLS")
    refused("passwords without TLS are refused here, too", ["--password-file", users], store, "TLS")
    users.chmod(0o644)
    refused("a password file that others can read is refused", [*far, "--tls-cert", cert, "--tls-key", key, "--password-file", users], store, "others")
    users.chmod(0o600)
    options = [*far, "--tls-cert", cert, "--tls-key", key, "--password-file", users, "--host", "nta.test", "--host", "127.0.0.1"]
    with Console(store, *options) as console:
        check_passwords(console.address.replace("0.0.0.0", "127.0.0.1"), ssl.create_default_context(cafile=cert))


def check_passwords(address, context):
    def basic(text):
        import base64
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    code, headers, _ = ask(address, context=context)
    ok("it asks for a password", code == 401 and headers["WWW-Authenticate"].startswith("Basic "), code)
    ok("the wrong one is refused", status(address, headers=basic("ann:hunter3"), context=context) == 401)
    code, headers, body = ask(address, headers=basic("ann:hunter2"), context=context)
    ok("the right one opens the page", code == 200 and b"Network report" in body, code)
    ok("its cookie is for TLS only", "; Secure" in headers["Set-Cookie"], headers["Set-Cookie"])
    mine = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    ok("and opens the data", status(address, "/data", headers=mine, context=context) == 200)
    port = address.rsplit(":", 1)[1]
    ok("by its other name as well", status(address, "/data", headers={**mine, "Host": f"nta.test:{port}"}, context=context) == 200)
    ok("a wrong Host is refused", status(address, "/", headers={**basic("ann:hunter2"), "Host": "evil.example"}, context=context) == 421)
    codes = [status(address, headers=basic(f"ann:guess{i}"), context=context) for i in range(8)]
    ok("guessing ends after five wrong ones a minute", codes == [401] * 4 + [429] * 4, codes)
    ok("whoever is in stays in", status(address, "/data", headers=mine, context=context) == 200)
    old = ssl.create_default_context()
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    try:
        code = status(address, context=old)
    except (ssl.SSLError, OSError):
        code = "refused"
    ok("TLS 1.1 is refused", code == "refused", code)


def main():
    if not shutil.which("chromium") or not shutil.which("openssl") or not pathlib.Path("/usr/share/javascript/leaflet").exists():
        print("skipped: needs chromium, openssl, libjs-leaflet")
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-console-") as folder:
        work = pathlib.Path(folder)
        check_access(work)
        check_enter(work)
        check_page(work)
        check_far(work)
    return ok.conclude()


if __name__ == "__main__":
    os.environ.pop("TZ", None)
    sys.exit(main())
