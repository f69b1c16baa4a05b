#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta console: who is let in, what a real browser shows of hostile names, and how soon a new alert
is there.

usage: console.py NTA MAKE_STORE [FOLDER_FOR_PICTURES]
"""
import http.client
import http.server
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
import threading
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
        self.process = subprocess.Popen([NTA, "console", "--store", store, *map(str, options)],
                                        stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith(says):
                break
        self.link = self.lines[-1] if self.lines else ""
        self.address = "/".join(self.link.split("/")[:3])
        self.path = self.link[len(self.address):].split("?")[0]  # "/", or a random one

    def __enter__(self):
        return self

    def end(self):
        self.__exit__()
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
    connection = make(host, timeout=20, **({"context": context} if context else {}))
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
        ok("it shows a link on this machine",
           console.link.startswith("http://127.0.0.1:") and "?token=" in console.link,
           console.lines)
        at = console.path
        ok("what it serves is below a random path",
           len(at) == 34 and at != Console(store).end().path, at)
        for name in "/", "/data", "/events", "/?token=" + path.split("=")[1], *(
            at + name
            for name in ("", "data", "events", "nothing", "?token=" + "0" * 64, "?token=")):
            ok(f"without a session {name[:12]}…{name[-7:]} is closed",
               status(console.address, name) == 403)
        check_unused(console, path)
        for method in "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE":
            ok(f"{method} is refused", status(console.address, path, method) == 405)
        for host in "evil.example", "evil.example:80", console.address[
            7:] + ".evil.example", "127.0.0.1:1", "localhost":
            ok(f"the Host {host} is refused",
               status(console.address, path, headers={"Host": host}) == 421)
        code, headers, _ = ask(console.address, path)
        cookie = headers.get("Set-Cookie", "")
        ok("the link opens, and leads to the page", code == 303 and headers["Location"] == at,
           (code, headers))
        ok("its cookie is for this path and no script",
           "HttpOnly" in cookie and "SameSite=Strict" in cookie and f"Path={at};" in cookie
           and "Domain" not in cookie, cookie)
        ok("used twice it is refused", status(console.address, path) == 403)
        mine = {"Cookie": "a=b; " + cookie.split(";")[0]}
        code, headers, body = ask(console.address, at, headers=mine)
        policy = headers.get("Content-Security-Policy", "")
        ok("the session opens the page", code == 200 and b"Network report" in body, code)
        ok("with a strict policy",
           policy.startswith("default-src 'none'") and "unsafe" not in policy
           and "frame-ancestors 'none'" in policy, policy)
        ok("which is the one in the page", policy.split("; frame-ancestors")[0].encode() in body)
        ok("and what keeps it from others",
           headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"
           and headers["Referrer-Policy"] == "no-referrer"
           and headers["Cross-Origin-Resource-Policy"] == "same-origin"
           and headers["X-Content-Type-Options"] == "nosniff", headers)
        code, headers, body = ask(console.address, at + "data", headers=mine)
        ok("the data is JSON of all incidents",
           code == 200 and json.loads(body)["incidents"]["all"] > 10)
        ok("a session and a wrong Host are refused",
           status(console.address, at + "data", headers={**mine, "Host": "evil.example"}) == 421)
        ok("another's cookie is none",
           status(console.address, at + "data", headers={"Cookie": mine["Cookie"][:-4] + "0000"})
           == 403)
        ok("HEAD is answered", ask(console.address, at, "HEAD", mine)[0::2] == (200, b""))
        names = ("/etc/passwd", "/../../etc/passwd", "/data", "/", at + "../data",
                 at + "etc/passwd", at[:-1], "/" + at)
        codes = [status(console.address, name, headers=mine) for name in names]
        ok("what is not there is not there", codes == [404] * 8, codes)
        check_others(console, mine)
        check_limits(console, mine)
        refused("a port that is taken is said", ["--port", console.address.rsplit(":", 1)[1]],
                store, "Address already in use")
        console.process.send_signal(signal.SIGINT)
        began = time.time()
        ok("Ctrl-C ends it at once, cleanly",
           console.process.wait(10) == 0 and time.time() - began < 3)


def check_unused(console, path):
    """What does not look at the page does not use the link up: it opens afterwards."""
    asked = {"HEAD": ("HEAD", {}), "a prefetch": ("GET", {"Sec-Purpose": "prefetch"}),
             "a prerendering": ("GET", {"Sec-Purpose": "prefetch;prerender"}),
             "an old browser's prefetch": ("GET", {"Purpose": "prefetch"}),
             "an older one's": ("GET", {"X-Moz": "prefetch"}),
             "a picture": ("GET",
                           {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
                            "Sec-Fetch-Dest": "image"}),
             "a wrong Host": ("GET", {"Host": "evil.example"}), "POST": ("POST", {})}
    for name, (method, headers) in asked.items():
        code, answer, _ = ask(console.address, path, method, headers)
        ok(f"{name} does not use the link up", code != 303 and "Set-Cookie" not in answer, code)


def check_others(console, mine):
    """Another page, be it one of another port of this host, gets nothing, whatever cookie its
    requests bring along.
    """
    port = int(console.address.rsplit(":", 1)[1])
    for name, headers in {
            "another port's": {"Origin": f"http://127.0.0.1:{port % 65535 + 1}"},
            "no": {"Origin": "null"}, "a stranger's": {"Origin": "https://evil.example"},
            "a same-site": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors",
                            "Sec-Fetch-Dest": "empty"},
            "a cross-site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
                             "Sec-Fetch-Dest": "script"}}.items():
        codes = [status(console.address, console.path + what, headers={**mine, **headers})
                 for what in ("data", "events")]
        ok(f"{name} page gets no data", codes == [403, 403], codes)
    code = status(console.address, console.path + "data",
                  headers={**mine, "Origin": console.address, "Sec-Fetch-Site": "same-origin"})
    ok("its own page does", code == 200, code)
    name = mine["Cookie"].split("b; ")[1].split("=")[0]
    ok("a cookie of its name that another service set does not shut it",
       name == f"nta-console-{port}" and status(
        console.address, console.path + "data",
        headers={"Cookie": f"{name}=theirs; {mine['Cookie']}"}) == 200, name)


def check_slow(console, mine):
    """Three hundred connections that send a byte a second, or nothing, or read nothing: whoever
    comes is let in all the same.
    """
    host, port = console.address[7:].split(":")
    began, slow, stop, worst = time.time(), [], threading.Event(), 0

    def dribble():
        while not stop.is_set():
            for n, connection in enumerate(list(slow)):
                try:
                    if n % 2:
                        connection.send(b"GET / HTTP/1.1\r\nHost: x\r\nA: " if n % 4 == 1 else b"x")
                except OSError:  # it was closed: another one
                    connection.close()
                    try:
                        slow[n] = socket.create_connection((host, int(port)), timeout=5)
                    except OSError:
                        pass
            time.sleep(0.5)

    for _ in range(300):
        slow.append(socket.create_connection((host, int(port)), timeout=5))
    thread = threading.Thread(target=dribble)
    thread.start()
    codes = []
    while time.time() - began < 14:
        at = time.time()
        try:
            codes.append(status(console.address, console.path + "data", headers=mine))
        except OSError as trouble:
            codes.append(str(trouble))
        worst = max(worst, time.time() - at)
        time.sleep(0.2)
    stop.set()
    thread.join()
    for connection in slow:
        connection.close()
    ok("three hundred slow connections keep nobody out", len(codes) > 20 and set(codes) == {200},
       (len(codes), set(codes)))
    ok("and nobody waits for them", worst < 2, f"{worst:.2f} s")
    print(f"      the longest wait: {worst:.2f} s")


def check_enter(work):
    """At a terminal, Enter makes another link; the one before still opens, once."""
    store, (mine, its) = work / "store", os.openpty()
    process = subprocess.Popen([NTA, "console", "--store", store], stdin=its,
                               stdout=subprocess.PIPE, text=True)
    links = [process.stdout.readline(), process.stdout.readline().strip()][1:]
    os.write(mine, b"\n")
    links.append(process.stdout.readline().strip())
    address = "/".join(links[0].split("/")[:3])
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
    idle = [socket.create_connection((host, int(port))) for _ in range(150)]
    code = status(console.address, console.path + "data", headers=mine)
    ok("beside a hundred and fifty idle connections it answers", code == 200, code)
    for connection in idle:
        connection.close()
    check_slow(console, mine)
    try:
        code = status(console.address, console.path + "?" + "x" * 100000, headers=mine)
    except OSError:
        code = "closed"
    ok("a request of 100 kB is refused", code in (413, 414, 431, "closed"), code)
    streams = []
    for _ in range(20):
        connection = http.client.HTTPConnection(console.address[7:], timeout=5)
        connection.request("GET", console.path + "events", headers=mine)
        streams.append((connection, connection.getresponse()))
    codes = [answer.status for _, answer in streams]
    ok("sixteen pages may be open, no more", codes.count(200) == 16 and codes.count(503) == 4,
       codes)
    for connection, _ in streams:
        connection.close()


def check_page(work):
    store = work / "store"
    with Console(store, "--last", "3650d") as console, Chrome() as page:
        page.open(console.link, 2)
        ok("the address of the page holds no token",
           page.js("location.href") == console.address + console.path, page.js("location.href"))
        ok("it says that it is live",
           page.js("document.getElementById('live').textContent") == "live",
           page.js("document.getElementById('live').textContent"))
        ok("no script of a name ran",
           page.js("document.title") != "owned" and page.js("document.scripts.length") == 13)
        ok("no element came out of a name",
           page.js(
               "document.querySelectorAll('main img, main script, main iframe, main b b').length")
           == 0)
        ok("names are shown as text",
           "<script>" in page.js("document.getElementById('body').textContent")
           or "onerror" in page.js("document.body.textContent"))
        ok("its program cannot read the cookie", page.js("document.cookie") == "")
        foreign = [r for r in page.requests if not r.startswith((console.address + "/", "data:"))]
        ok("not one request to anybody else", foreign == [] and len(page.requests) >= 2,
           page.requests)
        ok("nothing on the console", page.messages == [], page.messages)
        if PICTURES:
            page.screenshot(PICTURES / "console.png")
        check_tabs(page, console)
        check_neighbour(page, console)
        check_news(page, store)
        page.js(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: "
            "'window.ran = 1'}))")
        ok("a script that is not the page's own does not run", page.js("window.ran") is None)


def check_tabs(page, console):
    """A browser has six connections to a server: pages behind others hold none."""
    first, at = page.session, console.address + console.path
    tabs = []
    for _ in range(8):
        tabs.append(page.new_tab(at))
        page.wait(0.8)
    states = []
    for tab in tabs:
        page.session = tab
        states.append(await_live(page))
    ok("nine tabs are live", states == ["live"] * 8, states)
    for tab in tabs:
        page.session = tab
        page.call("Page.close")
    page.session = first
    page.call("Page.bringToFront")
    page.wait(1)
    ok("and the first one, when it is looked at again",
       await_live(page) == "live")


def await_live(page):
    """What its mark says, once it is "live" or ten seconds are over."""
    until = time.time() + 10
    while (said := page.js("document.getElementById('live').textContent")) != "live" \
            and time.time() < until:
        page.wait(0.2)
    return said


def check_neighbour(page, console):
    """A service on another port of this host gets no cookie of ours from the browser, and its
    own do no harm.
    """
    got = []

    class Neighbour(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            got.append(self.headers.get("Cookie"))
            self.send_response(200)
            self.send_header("Set-Cookie",
                             f"nta-console-{console.address.rsplit(':', 1)[1]}=theirs; Path=/")
            self.end_headers()
            self.wfile.write(b"neighbour")

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Neighbour)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page.open(f"http://127.0.0.1:{server.server_port}/", 1)
    ok("a neighbour gets no cookie",
       "neighbour" in page.js("document.body.textContent") and got[:1] == [None], got)
    page.open(console.address + console.path, 2)
    server.shutdown()
    ok("and its own, of our name, does not shut us out",
       page.js("document.getElementById('live').textContent") == "live",
       page.js("document.body.textContent")[:200])


def check_news(page, store):
    """An alert that is written to the store is on the page within two seconds."""
    count = "document.querySelector('#figures dd').textContent"
    before = page.js(count)
    subprocess.run([NTA, "read", "--store", store, "--list", HERE.parent / "golden" / "lists.txt",
                    HERE.parent / "golden" / "http.pcap"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began = time.time()
    while page.js(count) == before and time.time() - began < 10:
        page.wait(0.05)
    took = time.time() - began
    ok("a new alert is on the page within two seconds", took < 2, f"{took:.2f} s")
    print(f"      after {took:.2f} s")
    page.js("nta.incidents.set({text: 'files.bad.example'})")
    cells = page.js("document.getElementById('body').textContent")
    ok("and it is the right one", "bad.example" in cells and "tool.exe" in cells, cells[:300])
    ok("its place in the chain was checked, too",
       "verified" in page.js("document.getElementById('notices').textContent").lower(),
       page.js("document.getElementById('notices').textContent"))
    ok("still nothing on the console", page.messages == [], page.messages)


def refused(name, options, store, word):
    done = subprocess.run([NTA, "console", "--store", store, *map(str, options)],
                          capture_output=True, text=True, timeout=20)
    ok(name, done.returncode != 0 and word in done.stderr, f"{done.returncode} {done.stderr}")
    return done.returncode


def check_far(work):
    """Another address than loopback: with TLS and passwords only."""
    store, cert, key, users = work / "store", work / "cert.pem", work / "key.pem", work / "users"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                    "-out", cert, "-days", "2", "-subj", "/CN=nta.test", "-addext",
                    "subjectAltName=IP:127.0.0.1,DNS:nta.test"],
                   check=True, capture_output=True)
    hashed = subprocess.run(["openssl", "passwd", "-6", "hunter2"], check=True, capture_output=True,
                            text=True).stdout.strip()
    users.write_text(f"ann:{hashed}:viewer\n")
    users.chmod(0o600)
    far = ["--address", "0.0.0.0"]
    ok("another address is wrong usage",
       refused("another address is refused", far, store, "TLS") == 2)
    refused("also with TLS alone", [*far, "--tls-cert", cert, "--tls-key", key], store, "users")
    for more in [], ["--tls-cert", cert, "--tls-key", key]:
        ok("a proxy's word over TCP is wrong usage, with TLS or without",
           refused("a proxy's word is refused over TCP",
                   ["--users", users, "--user-header", "X-Forwarded-User", *more], store,
                   "Unix socket") == 2)
    refused("also with passwords alone", [*far, "--users", users], store, "TLS")
    refused("passwords without TLS are refused here, too", ["--users", users], store, "TLS")
    users.chmod(0o644)
    refused("a password file that others can read is refused",
            [*far, "--tls-cert", cert, "--tls-key", key, "--users", users], store, "others")
    users.chmod(0o600)
    options = [*far, "--tls-cert", cert, "--tls-key", key, "--users", users, "--host",
               "nta.test", "--host", "127.0.0.1"]
    with Console(store, *options) as console:
        check_passwords(console.address.replace("0.0.0.0", "127.0.0.1"),
                        ssl.create_default_context(cafile=cert))
    key.chmod(0o644)
    refused("a TLS key that others can read is refused", options, store, "others")
    key.chmod(0o600)
    for name in "--tls-cert", "--tls-key", "--users":
        fifo = work / ("fifo" + name)
        os.mkfifo(fifo)
        refused(f"a FIFO as {name} is refused at once", [*options, name, fifo], store, "FIFO")


def check_passwords(address, context):
    def basic(text):
        import base64
        return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}

    code, headers, _ = ask(address, context=context)
    ok("it asks for a password", code == 401 and headers["WWW-Authenticate"].startswith("Basic "),
       code)
    ok("the wrong one is refused",
       status(address, headers=basic("ann:hunter3"), context=context) == 401)
    code, headers, _ = ask(address, headers=basic("ann:hunter2"), context=context)
    at = headers.get("Location", "")
    ok("the right one leads to the page", code == 303 and len(at) == 34, (code, at))
    ok("which asks for it again, without the cookie", status(address, at, context=context) == 401)
    ok("HEAD opens no page of others", status(address, at + "data", "HEAD", context=context) == 403)
    ok("its cookie is for TLS only", "; Secure" in headers["Set-Cookie"], headers["Set-Cookie"])
    mine = {"Cookie": headers["Set-Cookie"].split(";")[0]}
    code, _, body = ask(address, at, headers=mine, context=context)
    ok("and opens the page", code == 200 and b"Network report" in body, code)
    ok("and the data", status(address, at + "data", headers=mine, context=context) == 200)
    port = address.rsplit(":", 1)[1]
    ok("by its other name as well",
       status(address, at + "data", headers={**mine, "Host": f"nta.test:{port}"}, context=context)
       == 200)
    ok("a wrong Host is refused",
       status(address, "/", headers={**basic("ann:hunter2"), "Host": "evil.example"},
              context=context) == 421)
    ok("a proxy's field is not looked at over TCP", status(
        address, at + "data", headers={"X-Forwarded-User": "ann"}, context=context) == 403)
    check_guessing(address, context, basic, {**mine, "at": at})
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


def check_guessing(address, context, basic, mine):
    """Somebody at the same address guesses as fast as he can: few are compared, and whoever knows
    the password, and whoever was in before, gets in.
    """
    at = mine.pop("at")
    codes, stop = [], threading.Event()
    both = [h.split(";")[0] for h in ask_all(address, basic("ann:hunter2"), context)]
    known = {"Cookie": "; ".join(c for c in both if "-browser=" in c)}

    def guess():
        while not stop.is_set():
            codes.append(status(address, headers=basic(f"ann:guess{len(codes)}"), context=context))

    began = time.time()
    threads = [threading.Thread(target=guess) for _ in range(3)]
    for thread in threads:
        thread.start()
    time.sleep(4)
    right = []
    for headers in {}, known, {}:
        at_s = time.time()
        right.append((status(address, headers={**basic("ann:hunter2"), **headers},
                             context=context), time.time() - at_s))
    ok("whoever is in stays in", status(address, at + "data", headers=mine, context=context) == 200)
    stop.set()
    for thread in threads:
        thread.join()
    took = time.time() - began
    ok("whoever knows the password gets in while others guess", [c for c, _ in right] == [303] * 3,
       right)
    ok("a browser that was in before at once", right[1][1] < 2, right)
    ok("few guesses are compared", codes.count(401) <= 6 + took / 2, (len(codes), took))
    print(f"      {codes.count(401)} of {len(codes)} guesses in {took:.0f} s; waits: "
          + ", ".join(f"{t:.1f} s" for _, t in right))


def ask_all(address, headers, context):
    """The cookies that are set."""
    connection = http.client.HTTPSConnection(address.split("://")[1], timeout=20, context=context)
    connection.request("GET", "/", headers=headers)
    return connection.getresponse().headers.get_all("Set-Cookie")


def main():
    if not shutil.which("chromium") or not shutil.which("openssl") or not pathlib.Path(
        "/usr/share/javascript/leaflet").exists():
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
