#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta lists fetch against a real nginx with TLS, on addresses of a namespace of the test's own:
what is good replaces the file, and of all that can go wrong nothing touches it.

usage: lists_fetch.py NTA NTAD      as root; 77 if this machine cannot
"""
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NTA, NTAD = (str(pathlib.Path(arg).resolve()) for arg in sys.argv[1:3])
ROOT = pathlib.Path(__file__).resolve().parents[2]
PUBLIC, OTHER = "1.2.3.4", "1.2.3.5"  # nobody's here: the namespace has no way out
NS = f"nta{os.getpid()}-fetch"
os.environ["PATH"] += ":/usr/sbin:/sbin"
passed = failures = 0


def ok(what, right, more=""):
    global passed, failures
    if right:
        passed += 1
        print(f"ok    {what}")
    else:
        failures += 1
        print(f"FAIL  {what}" + (f"\n      {more}" if more else ""))


def sh(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options)


if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nginx", "openssl", "unshare"))) or \
        subprocess.run(["ip", "netns", "add", NS], capture_output=True).returncode != 0:
    print("skipped: needs root, network namespaces, nginx, openssl")
    sys.exit(77)

work = pathlib.Path(tempfile.mkdtemp(prefix="nta-fetch-"))
work.chmod(0o755)
www, lists = work / "www", work / "lists"
www.mkdir()
lists.mkdir()


def inside(*command):
    return ["ip", "netns", "exec", NS, *command]


def certificates():
    """An authority of the test's own, and a server's certificate by it."""
    sh("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
       "-days", "30", "-subj", "/CN=test CA", "-keyout", work / "ca.key", "-out", work / "ca.pem")
    sh("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
       "/CN=feed.example", "-keyout", work / "key.pem", "-out", work / "csr.pem")
    (work / "ext").write_text("subjectAltName=DNS:feed.example,DNS:inner.example\n")
    sh("openssl", "x509", "-req", "-in", work / "csr.pem", "-CA", work / "ca.pem", "-CAkey",
       work / "ca.key", "-days", "30", "-extfile", work / "ext", "-out", work / "cert.pem")


def start_nginx():
    (work / "nginx").mkdir()
    (work / "nginx.conf").write_text(f"""
user root;
worker_processes 1;
pid {work}/nginx/pid;
error_log {work}/nginx/error.log;
events {{ worker_connections 64; }}
http {{
    log_format plain '$server_addr $uri $status "$http_if_none_match"';
    access_log {work}/nginx/access.log plain;
    client_body_temp_path {work}/nginx/body; proxy_temp_path {work}/nginx/proxy;
    fastcgi_temp_path {work}/nginx/f; uwsgi_temp_path {work}/nginx/u; scgi_temp_path {work}/nginx/s;
    default_type text/plain;
    ssl_certificate {work}/cert.pem; ssl_certificate_key {work}/key.pem;
    server {{
        listen {PUBLIC}:443 ssl; listen 127.0.0.1:443 ssl;
        root {www};
        location /slow/ {{ alias {www}/; limit_rate 100; }}
        location = /to-http {{ return 302 http://feed.example/list.txt; }}
        location = /to-inner {{ return 302 https://inner.example/list.txt; }}
        location = /to-list {{ return 301 https://feed.example/list.txt; }}
        location = /to-file {{ return 302 file:///etc/passwd; }}
        location = /loop {{ return 302 https://feed.example/loop; }}
        location = /busy {{ return 503; }}
    }}
    server {{ listen {PUBLIC}:80; root {www}; }}
}}
""")
    server = subprocess.Popen(inside("nginx", "-p", f"{work}/nginx", "-c", f"{work}/nginx.conf",
                                     "-g", "daemon off;"))
    for _ in range(100):
        if (work / "nginx/pid").exists():
            return server
        time.sleep(0.1)
    raise SystemExit("nginx does not start")


TRUNCATING = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
with socket.create_server((sys.argv[3], 8443)) as server:
    print("ready", flush=True)
    while True:
        try:
            with context.wrap_socket(server.accept()[0], server_side=True) as peer:
                asked = peer.recv(4096)
                if b"/chunked" in asked:
                    peer.sendall(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                                 b"c\\r\\nbad.example\\n\\r\\n")
                elif b"/endless" in asked:
                    peer.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
                    while True:
                        peer.sendall(b"bad.example\\n" * 1000)
                else:
                    peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n"
                                 b"bad.example\\n")
        except OSError:
            pass
"""


def config(path, list_keys="", more="", geo=""):
    """A configuration of one list; gives its path."""
    conf = work / "ntad.conf"
    conf.write_text(f"""
capture = {{ interfaces = [ "lo" ]; workers = 1; }};
blacklist = {{ files = ( {{ path = "{path}"; {list_keys} }} ); shared = ""; {more} }};
store = {{ directory = "{work}/store"; }};
control = {{ socket = "{work}/control"; }};
{geo}
""")
    return conf


def fetch(keys, *arguments, path=None, more="", geo="", prefix=()):
    conf = config(path or lists / "list.txt", keys, more, geo)
    return subprocess.run(inside(*prefix, NTA, "lists", "fetch", "--config", conf, "--ca",
                                 work / "ca.pem", "--timeout", "3", *arguments),
                          capture_output=True, text=True, timeout=60)


def url(name, host="feed.example", port=""):
    return f'url = "https://{host}{port}/{name}";'


def names(n, prefix="site"):
    return "".join(f"{prefix}-{i}.example\n" for i in range(n))


def access_log():
    return (work / "nginx/access.log").read_text().splitlines()


def good():
    target = lists / "list.txt"
    (www / "list.txt").write_text(names(200))
    run = fetch(url("list.txt"), "--dry-run")
    ok("a dry run says what it would do", run.returncode == 0 and
       "list: would be replaced, 200 entries" in run.stdout, run.stdout + run.stderr)
    ok("and does nothing", not target.exists() and not os.listdir(lists))
    run = fetch(url("list.txt"))
    ok("a list is fetched", run.returncode == 0 and "list: fetched, 200 entries" in run.stdout and
       target.read_text() == names(200), run.stdout + run.stderr)
    ok("everybody may read it, and nobody else write", target.stat().st_mode & 0o777 == 0o644)
    ok("without an ntad that is said", "no ntad runs here" in run.stdout, run.stdout)
    ok("only its state is left beside it", sorted(os.listdir(lists)) == ["list.txt",
                                                                        "list.txt.fetch"])
    inode = target.stat().st_ino
    os.utime(f"{target}.fetch", (1, 1))
    run = fetch(url("list.txt"))
    ok("what has not changed is not sent again: ETag, 304", run.returncode == 0 and
       "list: nothing new" in run.stdout and " 304 " in access_log()[-1] and
       not access_log()[-1].endswith('"-"') and target.stat().st_ino == inode,
       run.stdout + access_log()[-1])
    ok("and counts as fetched well", os.stat(f"{target}.fetch").st_mtime > 1000)
    (www / "list.txt").write_text(names(201))
    os.utime(www / "list.txt", (time.time() + 5, time.time() + 5))
    run = fetch(url("list.txt"))
    ok("what has changed is", "201 entries" in run.stdout, run.stdout)
    target.write_text("mine.example\n")
    run = fetch(url("list.txt"))
    ok("a file that somebody changed is fetched whole", "201 entries" in run.stdout and
       " 200 " in access_log()[-1], run.stdout)
    target.unlink()
    run = fetch(url("list.txt"))
    ok("and one that is away", "201 entries" in run.stdout and target.exists(), run.stdout)
    run = fetch(url("to-list"))
    ok("another URL is fetched, by way of a redirect, too", run.returncode == 0 and
       "list: " in run.stdout and " 200 " in access_log()[-1], run.stdout + run.stderr)
    (www / "packed.txt.gz").write_bytes(gzip.compress(names(150).encode()))
    run = fetch(url("packed.txt.gz"), path=lists / "packed.txt.gz")
    ok("a packed list stays packed", "packed: fetched, 150 entries" in run.stdout and
       (lists / "packed.txt.gz").read_bytes()[:2] == b"\x1f\x8b", run.stdout + run.stderr)
    run = fetch(url("list.txt"), "--list", "nowhere")
    ok("a list that is none is wrong usage", run.returncode == 2, run.stderr)
    run = fetch("")
    ok("without a url nothing is fetched", run.returncode == 0 and "nothing" in run.stdout,
       run.stdout)


def published_hashes():
    target = lists / "hashed.txt"
    (www / "hashed.txt").write_text(names(120))
    digest = hashlib.sha256(names(120).encode()).hexdigest()
    keys = url("hashed.txt") + 'sha256_url = "https://feed.example/sums";'
    (www / "sums").write_text(f"{'0' * 64}  other.txt\n{digest}  hashed.txt\n")
    run = fetch(keys, path=target)
    ok("a list with the hash of its publisher", run.returncode == 0 and target.exists(),
       run.stdout + run.stderr)
    target.unlink()
    (www / "sums").write_text(digest + "\n")
    ok("the only hash of a file", fetch(keys, path=target).returncode == 0)


def refused(what, words, keys, *arguments, path=None, more="", geo="", prefix=()):
    """The old file stays as it is, and why is said, with status 1."""
    target = path or lists / "list.txt"
    before, stamp = target.read_bytes(), target.stat().st_mtime_ns
    files = sorted(os.listdir(target.parent))
    run = fetch(keys, *arguments, path=None if geo else target, more=more, geo=geo, prefix=prefix)
    right = run.returncode == 1 and words in run.stderr and "stays as it is" in run.stderr
    ok(what, right, f"{run.returncode} {run.stdout}{run.stderr}")
    ok("  and the file stays", target.read_bytes() == before and
       target.stat().st_mtime_ns == stamp and sorted(os.listdir(target.parent)) == files,
       str(sorted(os.listdir(target.parent))))
    return run


def faults():
    target = lists / "list.txt"
    target.write_text(names(200, "old"))
    (www / "list.txt").write_text(names(220))
    refused("no such file", "answers with status 404", url("none.txt"))
    refused("a server's fault", "answers with status 503", url("busy"))
    (www / "large.txt").write_text(names(5000))
    refused("larger than max_size", "larger than 1024 bytes (max_size)",
            url("large.txt") + 'max_size = "1K";')
    refused("larger, and nobody said how large", "larger than 65536 bytes",
            url("endless", port=":8443") + 'max_size = "64K";')
    refused("too slow", "not here within 3 seconds", url("slow/large.txt"))
    refused("cut off", "cut off", url("cut", port=":8443"))
    run = refused("cut off between chunks", "not fetched", url("chunked", port=":8443"))
    ok("  whatever libcurl calls it", "feed.example:8443: " in run.stderr)
    (www / "sums").write_text("0" * 64 + "  list.txt\n")
    refused("not the hash of its publisher", "and should be 0000",
            url("list.txt") + 'sha256_url = "https://feed.example/sums";')
    (www / "sums").write_text("no sum\n")
    refused("a file of hashes without one", "gives no SHA-256",
            url("list.txt") + 'sha256_url = "https://feed.example/sums";')
    refused("a file of hashes that is away", "its SHA-256: the server answers with status 404",
            url("list.txt") + 'sha256_url = "https://feed.example/none";')
    refused("sent on to http", "not https", url("to-http"))
    refused("sent on to a file", "not https", url("to-file"))
    refused("sent on without an end", "more than 3 times", url("loop"))
    refused("sent on to this machine", "127.0.0.1 is no address of the public Internet",
            url("to-inner"))
    refused("a name that leads to this machine", "127.0.0.1 is no address of the public",
            url("list.txt", host="inner.example"))
    refused("a private address", "10.1.2.3 is no address of the public",
            url("list.txt", host="10.1.2.3"))
    refused("an address dressed as another", "127.0.0.1 is no address of the public",
            url("list.txt", host="[::ffff:127.0.0.1]"))
    refused("a certificate for another name", "other.example", url("list.txt",
                                                                   host="other.example"))
    conf = config(target, url("list.txt"))
    run = subprocess.run(inside(NTA, "lists", "fetch", "--config", conf), capture_output=True,
                         text=True, timeout=60)
    ok("an authority that nobody knows", run.returncode == 1 and "certificate" in run.stderr and
       target.read_text() == names(200, "old"), run.stderr)
    (www / "garbage.txt").write_text("<html>\n<body>\n<p>We moved! Please sign in.</p>\n"
                                     "</body>\n</html>\n")
    refused("a page in place of a list", "it would be refused", url("garbage.txt"))
    (www / "garbage.bin").write_bytes(os.urandom(20000))
    refused("bytes in place of a list", "it would be refused", url("garbage.bin"))
    (www / "empty.txt").write_text("")
    refused("an empty list", "it would be refused", url("empty.txt"))
    (www / "short.txt").write_text(names(50))
    refused("a list that lost most of its entries", "shrank from 200 to 50", url("short.txt"))
    run = fetch(url("list.txt?key=SECRETTOKEN", host="inner.example"))
    ok("what stands behind the host is never shown", run.returncode == 1 and
       "SECRETTOKEN" not in run.stdout + run.stderr and "inner.example" in run.stderr, run.stderr)
    run = fetch(url("list.txt", host="inner.example") + "private = true;", path=lists / "own.txt")
    ok("unless private addresses are allowed", run.returncode == 0 and
       (lists / "own.txt").read_text() == names(220), run.stdout + run.stderr)


def disk_full():
    small = work / "small"
    small.mkdir()
    sh("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small)
    try:
        target = small / "list.txt"
        target.write_text(names(200, "old"))
        refused("a full disk", "No space left on device", url("large.txt"), path=target)
    finally:
        sh("umount", small)


def killed():
    target = lists / "list.txt"
    before = target.read_bytes()
    for how in (signal.SIGKILL, signal.SIGTERM):
        conf = config(target, url("slow/large.txt"))
        (lists / ".list.txt.new").unlink(missing_ok=True)
        run = subprocess.Popen(inside(NTA, "lists", "fetch", "--config", conf, "--ca",
                                      work / "ca.pem"), stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
        # it begins to write, then it is killed
        for _ in range(100):
            part = lists / ".list.txt.new"
            if part.exists() and part.stat().st_size > 0:
                break
            time.sleep(0.05)
        ok("it is at work", part.exists() and part.stat().st_size > 0)
        other = fetch(url("list.txt"))
        ok("two do not write one file", other.returncode == 1 and
           "another program is writing it" in other.stderr, other.stderr)
        run.send_signal(how)
        run.wait()
        ok(f"killed in the middle by {how.name}: the file stays", target.read_bytes() == before)
    run = fetch(url("list.txt"))
    ok("and the next time is as any", run.returncode == 0 and
       target.read_text() == names(220), run.stdout + run.stderr)
    ok("with nothing left over", not (lists / ".list.txt.new").exists())


def geo():
    path = lists / "city.mmdb"
    source = ROOT / "tests/data/demo/city.mmdb"
    (www / "city.mmdb.gz").write_bytes(gzip.compress(source.read_bytes()))
    (www / "city.mmdb").write_bytes(source.read_bytes())

    def section(name, more=""):
        return (f'geo = {{ databases = ( "{path}" ); fetch = ( {{ path = "{path}"; '
                f'{url(name)} {more} }} ); }};')
    run = fetch("", geo=section("city.mmdb.gz"))
    ok("a packed database is unpacked", run.returncode == 0 and "city: fetched" in run.stdout and
       path.read_bytes() == source.read_bytes(), run.stdout + run.stderr)
    run = fetch("", geo=section("city.mmdb.gz"))
    ok("and not fetched again", "city: nothing new" in run.stdout, run.stdout + run.stderr)
    run = fetch("", geo=section("city.mmdb"))
    ok("the same by another URL is nothing new either", run.returncode == 0, run.stderr)
    for what, content in (("half of one", source.read_bytes()[:900]),
                          ("a page", b"<html>moved</html>\n"),
                          ("half a packed one", gzip.compress(source.read_bytes())[:-100])):
        (www / "broken.mmdb").write_bytes(content)
        refused(f"{what} in place of a database", "city: not fetched", "", path=path,
                geo=section("broken.mmdb"))


def daemon():
    """A running ntad takes what was fetched; what is refused later leaves it as it is."""
    (work / "store").mkdir()
    sh(NTA, "keys", "init", "--keys", work / "store/keys")
    (www / "list.txt").write_text(names(300))
    os.utime(www / "list.txt", (time.time() + 50, time.time() + 50))
    conf = config(lists / "list.txt", url("list.txt"))
    with open(work / "ntad.err", "w") as log:
        ntad = subprocess.Popen(inside(NTAD, "--config", conf, "--foreground"), stdout=log,
                                stderr=log)

    def status(form="--json"):
        run = subprocess.run([NTA, "status", "--socket", work / "control", form],
                             capture_output=True, text=True)
        return run.stdout

    def wait_for(right):
        for _ in range(200):
            try:
                if right(json.loads(status())):
                    return True
            except ValueError:
                pass
            time.sleep(0.1)
        return False
    try:
        ok("ntad runs with the list",
           wait_for(lambda s: "lists" in s and s["lists"][0]["entries"] == 220),
           (work / "ntad.err").read_text()[-500:])
        run = fetch(url("list.txt"))
        ok("it is told of a new one", "ntad reloads its lists" in run.stdout,
           run.stdout + run.stderr)
        ok("and takes it", wait_for(lambda s: "lists" in s and s["lists"][0]["entries"] == 300))
        ages = json.loads(status())["lists"][0]
        ok("status tells how old it is, and when it was fetched", 0 <= ages["fetched_seconds"] < 60
           and 0 <= ages["age_seconds"] < 60, str(ages))
        text = subprocess.run([NTA, "status", "--socket", work / "control"], capture_output=True,
                              text=True).stdout
        ok("in words, too", "300 entries, 0 min old, last fetched well 0 min ago" in text, text)
        run = fetch(url("list.txt"))
        ok("nothing new, no reload", "reload" not in run.stdout, run.stdout)
        (www / "list.txt").write_text(names(310))
        os.utime(www / "list.txt", (time.time() + 90, time.time() + 90))
        run = fetch(url("list.txt"), "--note", work / "changed")
        ok("a note in place of a reload", (work / "changed").exists() and
           "reload" not in run.stdout, run.stdout + run.stderr)
        (lists / "allow.txt").write_text("")
        conf2 = work / "allow.conf"
        conf2.write_text(conf.read_text().replace(
            "files = ( ", f'files = ( {{ path = "{lists}/allow.txt"; allow = true; }}, '))
        run = subprocess.run([NTA, "lists", "allow", "site-1.example", "--reason", "a test",
                              "--config", conf2], capture_output=True, text=True)
        ok("nta lists allow has it reload, too", run.returncode == 0 and
           "ntad reloads its lists" in run.stdout, run.stdout + run.stderr)
    finally:
        ntad.terminate()
        ntad.wait()


def other_user():
    """As the unit runs it: a user that may write its folder, and no more."""
    home = work / "var"
    home.mkdir()
    shutil.chown(home, 65534, 65534)
    run = fetch(url("list.txt"), "--note", home / "note", path=home / "list.txt",
                prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                        "--no-new-privs", "--inh-caps=-all"))
    ok("nobody in particular can fetch", run.returncode == 0 and (home / "note").exists() and
       (home / "list.txt").exists(), run.stdout + run.stderr)


def owners():
    """A list of the user nta-lists is believed where it has a url, and nobody else's."""
    mine = (hosts / "passwd")
    shutil.copy("/etc/passwd", mine)
    with open(mine, "a") as file:
        file.write("nta-lists:x:64123:64123::/:/usr/sbin/nologin\n")
    target = work / "owned.txt"
    target.write_text(names(10))
    target.chmod(0o644)
    for what, uid, keys, right in (("its own", 64123, url("x"), True),
                                   ("its own without a url", 64123, "", False),
                                   ("somebody else's", 64124, url("x"), False)):
        os.chown(target, uid, uid)
        run = subprocess.run(inside(NTA, "lists", "check", "--config", config(target, keys)),
                             capture_output=True, text=True, timeout=60)
        ok(f"who fetches may own a list: {what}", (run.returncode == 0) == right and
           ("belongs to user" in run.stderr) != right, run.stderr)


procs = []
hosts = pathlib.Path(f"/etc/netns/{NS}")
try:
    sh("ip", "-n", NS, "link", "set", "lo", "up")
    for address in (PUBLIC, OTHER, "10.1.2.3"):
        sh("ip", "-n", NS, "addr", "add", f"{address}/32", "dev", "lo")
    hosts.mkdir(parents=True)
    (hosts / "hosts").write_text(f"{PUBLIC} feed.example other.example\n127.0.0.1 inner.example\n")
    certificates()
    procs.append(start_nginx())
    procs.append(subprocess.Popen(inside("python3", "-c", TRUNCATING, work / "cert.pem",
                                         work / "key.pem", PUBLIC), stdout=subprocess.PIPE))
    procs[-1].stdout.readline()
    good()
    published_hashes()
    faults()
    disk_full()
    killed()
    geo()
    daemon()
    other_user()
    owners()
finally:
    for proc in procs:
        proc.terminate()
        proc.wait()
    shutil.rmtree(hosts, ignore_errors=True)
    sh("ip", "netns", "del", NS)
    if failures == 0:
        shutil.rmtree(work)
    else:
        print(f"kept: {work}")
print(f"{passed} passed, {failures} failed")
sys.exit(failures > 0)
