#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta console for others: nginx with passwords before it, which names the user in a field; three
roles; no name, address or MAC in any answer to a viewer; each view of persons is in `nta audit`,
and without such a trace nothing is shown.

usage: console_roles.py NTA NTAD     77: no network namespace, no nginx, no libjs-leaflet
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

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

ROOT = HERE.parents[1]
SCHOOL = ROOT / "tests/data/school"
PORT = 8080
ROLES = {"vera": "viewer", "adam": "admin", "audrey": "auditor"}
NGINX = """
daemon off;
user root;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {work}/body; proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
    server {{
        listen 127.0.0.1:{port};
        server_name console.example;
        location /nta/ {{
            auth_basic "school";
            auth_basic_user_file {work}/htpasswd;
            proxy_pass http://unix:{work}/console.sock:/;
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-User $remote_user;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_buffering off;
        }}
        location /plain/ {{
            proxy_pass http://unix:{work}/passwords.sock:/;
            proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_buffering off;
        }}
        location /careless/ {{
            proxy_pass http://unix:{work}/console.sock:/;
            proxy_set_header Host $host;
            proxy_pass_request_headers on;
        }}
    }}
}}
"""


class School(Ntad):
    """An ntad that goes on with the store of the demo's capture."""

    def __init__(self, nta, ntad, folder):
        store = folder / "store"
        subprocess.run([nta, "read", SCHOOL / "school.pcap.zst", "--config", SCHOOL / "ntad.conf",
                        "--store", store], check=True, cwd=ROOT, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        made = subprocess.run
        subprocess.run = lambda words, **more: (  # it has its keys
            None if "init" in words else made(words, **more))
        try:
            super().__init__(nta, ntad, folder, ["lo"], canary_s=300)
        finally:
            subprocess.run = made


class Console:
    def __init__(self, nta, folder, *options):
        self.log = folder / "console.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [nta, "console", "--config", folder / "conf", *map(str, options)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)

    def wait(self, path):
        for _ in range(100):
            if path.is_socket():
                return self
            time.sleep(.1)
        raise SystemExit(f"the console did not start: {self.log.read_text()[-500:]}")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def basic(name, password):
    import base64
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def ask(path, method="GET", headers=None, whole=True):
    """Status, all of the answer's head and body as one text."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    connection.request(method, path, headers={"Host": "console.example", **(headers or {})})
    answer = connection.getresponse()
    body = answer.read() if whole else answer.read1(100)
    connection.close()
    return answer.status, str(answer.headers) + body.decode("utf-8", "replace")


def as_user(name, path="data", method="GET", **headers):
    return ask("/nta/" + path, method, {**basic(name, name + "-secret"), **headers},
               whole=path != "events")


def data(name):
    code, text = as_user(name)
    return json.loads(text.split("\n\n", 1)[1]) if code == 200 else (code, text)


class Unix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def on_socket(path, fields):
    """Straight to the console, with any fields, also twice."""
    connection = Unix(path)
    connection.putrequest("GET", "/data")
    for name, value in fields:
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse().status


def secrets_of(running):
    """What names somebody in any record of the demo."""
    found = {"names": set(), "addresses": set(), "macs": set()}
    for record in running.records():
        user = record.get("user", {})
        found["names"] |= {user[k] for k in ("name", "login", "person") if user.get(k)}
        found["addresses"] |= {user[k] for k in ("ip", "ipv4") if user.get(k)}
        found["macs"] |= {user[k] for k in ("mac", "device") if user.get(k)}
        if record.get("peer", {}).get("ip"):
            found["addresses"].add(record["peer"]["ip"])
    return found


def seen_in(text, words):
    return [w for w in words if re.search(rf"(?<![\w.:-]){re.escape(w)}(?![\w:-]|\.\d)", text,
                                          re.IGNORECASE)]


def is_pseudonym(text):
    return re.fullmatch(r"100::[0-9a-f:]+", text) is not None


# ---- the roles ----

def check_viewer(running, secrets):
    words = set().union(*secrets.values())
    ok("the demo has names, addresses and MACs to hide",
       len(secrets["names"]) >= 4 and len(secrets["addresses"]) >= 10 and secrets["macs"],
       {k: len(v) for k, v in secrets.items()})
    answers = {"/" + path + " " + method: as_user("vera", path, method)
               for path in ("", "data", "events", "nothing", "data?user=ann", "favicon.ico",
                            "incidents", "../data", "data/", "?token=x")
               for method in ("GET", "HEAD", "POST")}
    for what, (code, text) in answers.items():
        ok(f"a viewer's {what} ({code}) names nobody", not seen_in(text, words),
           seen_in(text, words)[:5])
    told = data("vera")
    ok("a viewer is told sums", told["all"]["n"] > 100 and len(told["sites"]["rows"]) > 3
       and told["users"]["rows"] and told["lists"]["rows"], told.get("all"))
    ok("in which users are pseudonyms", all(
        is_pseudonym(row["key"]) and "mac" not in row
        for row in told["users"]["rows"]), told["users"]["rows"][:2])
    ok("and incidents a number", told["incidents"]["rows"] == [] and told["incidents"]["all"] >= 4
       and "said" not in told and told["role"] == "viewer", told["incidents"])
    ok("a viewer leaves no trace: nobody was shown", not traces(running, "vera"),
       traces(running, "vera"))


def check_admin(running, secrets):
    open_all = data("audrey")
    told = data("adam")
    ok("an admin is shown incidents, and who it was", told["role"] == "admin" and
       len(told["incidents"]["rows"]) == told["incidents"]["all"] == open_all["incidents"]["all"]
       and any("Ann Example" in row["who"] for row in told["incidents"]["rows"]),
       [row.get("who") for row in told["incidents"]["rows"]])
    ok("but sums with pseudonyms", all(is_pseudonym(row["key"]) for row in
                                       told["users"]["rows"]), told["users"]["rows"][:3])
    ok("an auditor is shown all", any("Example" in row["key"] for row in
                                      open_all["users"]["rows"]), open_all["users"]["rows"][:3])
    ok("as many users for a viewer as for an auditor", data("vera")["users"]["all"]
       == open_all["users"]["all"], (told["users"]["all"], open_all["users"]["all"]))
    sums = [{key: view["all"][key] for key in ("n", "alerts", "downloads", "down", "up")}
            for view in (data("vera"), told, open_all)]
    ok("the sums are the same for all three", sums[0] == sums[1]
       and abs(sums[0]["n"] - sums[2]["n"]) <= 5, sums)  # ntad writes meanwhile


def traces(running, login):
    told = subprocess.run([running.nta, "audit", "--config", running.folder / "conf", "--json",
                           "--quiet"], capture_output=True, text=True, check=False).stdout
    return [r for r in map(json.loads, told.splitlines())
            if r["log"].get("note", "") == f"for {login}"]


def check_traces(running):
    for name, what in ("adam", "incidents"), ("audrey", "all records"):
        found = traces(running, name)
        ok(f"that {name} looked is in the chain, once",
           len(found) == 1 and what in found[0]["log"]["question"]
           and found[0]["log"]["n_records" if "n_records" in found[0]["log"] else "records"] > 0
           and found[0]["log"]["actor"] == "root", found)
        for _ in range(3):
            as_user(name)
        ok("not for each time that the page asks", len(traces(running, name)) == 1)
    text = subprocess.run([running.nta, "audit", "--config", running.folder / "conf", "--quiet"],
                          capture_output=True, text=True, check=False).stdout
    ok("`nta audit` shows it to people", "adam" in text and "audrey" in text
       and "vera" not in text, text)
    ok("the chain holds", subprocess.run([running.nta, "verify", "--config", running.folder
                                          / "conf"], capture_output=True).returncode == 0)


def check_strangers(work):
    ok("without a password nginx asks for one", ask("/nta/data")[0] == 401)
    ok("whom nginx knows and the console does not sees nothing",
       [as_user("mallory", path)[0] for path in ("", "data", "events")] == [403] * 3)
    code, _ = as_user("vera", **{"X-Forwarded-User": "audrey"})
    told = data("vera")
    ok("a browser's own field counts for nothing", code == 200 and told["role"] == "viewer")
    sock = work / "console.sock"
    mine = [("X-Forwarded-User", "vera")]
    ok("the socket believes one field", on_socket(sock, mine) == 200)
    ok("but not two", on_socket(sock, [*mine, ("x-forwarded-user", "audrey")]) == 403
       and on_socket(sock, [("X-Forwarded-User", "audrey"), *mine]) == 403
       and on_socket(sock, mine * 3) == 403)
    ok("nor none, an empty or an unknown one", {on_socket(sock, fields) for fields in (
        [], [("X-Forwarded-User", "")], [("X-Forwarded-User", "*")],
        [("X-Forwarded-User", "vera "+ "x" * 300)], [("X-Remote-User", "audrey")])} == {403})
    ok("a proxy that forgets the password lets nobody in", ask("/careless/data")[0] == 403)
    ok("another Host is refused", ask("/nta/", headers={**basic("vera", "vera-secret"),
                                                        "Host": "evil.example"})[0] in (404, 421))
    ok("what another page asks for is refused", as_user(
        "vera", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors",
                   "Sec-Fetch-Dest": "script"})[0] == 403)
    mode = sock.stat()
    ok("the socket is for its group", stat.S_IMODE(mode.st_mode) == 0o660)


def check_refused(nta, work):
    """How it does not start."""
    users = ["--users", work / "users"]
    for name, options, word in (
            ("a header over TCP", [*users, "--user-header", "X-Forwarded-User"], "Unix socket"),
            ("a header without users", ["--socket", work / "x", "--user-header", "X-U"],
             "Unix socket"),
            ("a socket without users", ["--socket", work / "x"], "file of users"),
            ("a socket and a certificate", ["--socket", work / "x", *users, "--tls-cert",
                                            work / "conf", "--tls-key", work / "users"], "proxy"),
            ("a socket in use", ["--socket", work / "console.sock", *users], "in use")):
        done = subprocess.run([nta, "console", "--config", work / "conf", *options], text=True,
                              capture_output=True, timeout=30)
        ok(f"{name} is refused", done.returncode in (2, 3) and word in done.stderr, done)


def check_passwords(nta, running, work):
    """Behind a proxy without passwords the console asks for them itself."""
    sock = work / "passwords.sock"
    console = Console(nta, work, "--socket", sock, "--users", work / "hashed", "--host",
                      "console.example", "--port", PORT).wait(sock)
    ok("with another port than 443 the Host has it", ask("/plain/")[0] == 421)
    console.end()
    console = Console(nta, work, "--socket", sock, "--users", work / "hashed", "--host",
                      "console.example").wait(sock)
    code, text = ask("/plain/")
    ok("it asks for a password", code == 401 and "Basic" in text, (code, text))
    code, text = ask("/plain/", headers=basic("adam", "adam-secret"))
    cookies = re.findall(r"Set-Cookie: ([^;]+)", text)
    ok("the right one opens, below where the proxy has it", code == 303 and len(cookies) == 2
       and "Location: ./" in text and "Path=" not in text, text)
    mine = {"Cookie": "; ".join(cookies)}
    code, text = ask("/plain/data", headers=mine)
    ok("his session is an admin's", code == 200 and '"role":"admin"' in text, code)
    for i in range(7):  # a stranger at the same address
        ask("/plain/", headers=basic("adam", f"guess{i}"))
    at = time.time()
    code = ask("/plain/", headers=basic("adam", "adam-secret"))[0]
    took = time.time() - at
    ok("wrong ones of others do not lock him out", code == 303 and took < 8, (code, took))
    at = time.time()
    code = ask("/plain/", headers={**basic("adam", "adam-secret"), **mine})[0]
    ok("nor make a browser wait that was in", code in (200, 303) and time.time() - at < 1)
    code, text = ask("/plain/data", headers=mine)
    ok("whoever is in stays in", code == 200)
    ok("it says how it ended", console.end() == 0)
    ok("and takes its socket away", not sock.exists())


def check_without_trace(running):
    """Where ntad takes no trace, persons are not shown; sums are."""
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(60)
    code, text = as_user("newcomer")
    ok("without ntad an auditor is shown nothing, and told why", code == 503
       and "no trace" in text, (code, text))
    ok("nor is his name, nor any", "Example" not in text, text)
    ok("a viewer is", as_user("vera")[0] == 200)
    running.launch()
    for _ in range(200):
        if running.status():
            break
        time.sleep(.1)
    code, text = as_user("newcomer")
    ok("with it he is, and it is in the chain", code == 200 and len(traces(running, "newcomer"))
       == 1, (code, text[:300]))


def hashed(name):
    return subprocess.run(["openssl", "passwd", "-6", name + "-secret"], check=True, text=True,
                          capture_output=True).stdout.strip()


def run(nta, ntad, work):
    people = {**ROLES, "newcomer": "auditor"}
    (work / "htpasswd").write_text("".join(f"{n}:{hashed(n)}\n" for n in [*people, "mallory"]))
    for name, lines in ("users", {n: "*" for n in people}), ("hashed", {"adam": hashed("adam")}):
        (work / name).write_text("".join(f"{n}:{h}:{people[n]}\n" for n, h in lines.items()))
        (work / name).chmod(0o600)
    (work / "nginx.conf").write_text(NGINX.format(work=work, port=PORT))
    with School(nta, ntad, work) as running:
        sock = work / "console.sock"
        console = Console(nta, work, "--socket", sock, "--users", work / "users", "--user-header",
                          "X-Forwarded-User", "--host", "console.example", "--title",
                          "The school").wait(sock)
        nginx = subprocess.Popen(["nginx", "-p", work, "-c", work / "nginx.conf"],
                                 stderr=subprocess.DEVNULL)
        try:
            for _ in range(50):
                with socket.socket() as one:
                    if one.connect_ex(("127.0.0.1", PORT)) == 0:
                        break
                time.sleep(.1)
            secrets = secrets_of(running)
            check_viewer(running, secrets)
            check_admin(running, secrets)
            check_traces(running)
            check_strangers(work)
            check_refused(nta, work)
            check_passwords(nta, running, work)
            check_without_trace(running)
        finally:
            nginx.terminate()
            nginx.wait(10)
            status = console.end()
        ok("the console ends cleanly", status == 0, (status, console.log.read_text()[-800:]))


def main():
    nta, ntad = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
    if not shutil.which("nginx") or not pathlib.Path("/usr/share/javascript/leaflet").exists():
        print("skipped: needs nginx, libjs-leaflet")
        return 77
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.environ["XDG_STATE_HOME"] = "/dev/null"
    with tempfile.TemporaryDirectory(prefix="nta-roles-") as folder:
        run(nta, ntad, pathlib.Path(folder))
    return ok.conclude()


sys.exit(main())
