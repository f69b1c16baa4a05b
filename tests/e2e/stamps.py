#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Time stamps (RFC 3161) on heads, by an authority that is `openssl ts`: verify finds them with the
authority's certificate, in the heads and in a case; openssl checks the same token; a tail that was
made anew is found by a stamped head, and another authority's stamp is none.

usage: stamps.py NTA
"""
import base64
import hashlib
import http.server
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402
from growing import grow  # noqa: E402

NTA = sys.argv[1]
CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
[stamping]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
crypto_device = builtin
digests = sha256
default_policy = 1.2.3.4.1
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
ordering = no
tsa_name = no
"""


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False,
                          errors="replace")


class Authority:
    """A certified key, and a server that stamps with it."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder, self.answer = folder, None
        (folder / "config").write_text(CONFIG)
        (folder / "serial").write_text("01\n")
        self.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out",
                     "ca.crt", "-subj", f"/CN=CA of {folder.name}", "-config", "config",
                     "-extensions", "ca", "-days", "2")
        self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out",
                     "tsa.csr", "-subj", f"/CN=TSA {folder.name}", "-config", "config")
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
                     "-CAcreateserial", "-out", "tsa.crt", "-extfile", "config", "-extensions",
                     "stamping", "-days", "1")
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                query = self.rfile.read(int(self.headers["Content-Length"]))
                right = self.headers["Content-Type"] == "application/timestamp-query"
                answer = authority.answer or authority.stamp(query)
                self.send_response(200 if right else 415)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/tsr"

    def openssl(self, *args):
        done = subprocess.run(["openssl", *args], cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"openssl {args}: {done.stderr.decode()}")
        return done

    def stamp(self, query):
        (self.folder / "query").write_bytes(query)
        self.openssl("ts", "-reply", "-config", "config", "-section", "one", "-queryfile", "query",
                     "-signer", "tsa.crt", "-inkey", "tsa.key", "-out", "reply")
        return (self.folder / "reply").read_bytes()


def post(work, store, authority, heads, name="tsa.example"):
    (work / "list").write_text(f"tsa {name} {authority.url}\n")
    return run("witness", "post", "--list", work / "list", "--store", store, "-o", heads)


def check_token(work, authority, heads):
    """By openssl, without any program of ours."""
    text, lines = heads.read_text().split("\n\n")[:2]
    line = next(one for one in lines.splitlines() if " tsa.example " in one)
    signed = base64.b64decode(line.split(" ")[2])
    ok("its key id is that of its name and kind", signed[:4] == hashlib.sha256(
        b"tsa.example\n\xffRFC 3161").digest()[:4])
    (work / "token").write_bytes(signed[4:])
    (work / "text").write_text(text + "\n")
    done = subprocess.run(["openssl", "ts", "-verify", "-token_in", "-in", work / "token", "-data",
                           work / "text", "-CAfile", authority.folder / "ca.crt", "-untrusted",
                           authority.folder / "tsa.crt"], capture_output=True, text=True,
                          check=False)
    ok("openssl says that the token is of the head's text", "Verification: OK" in
       done.stdout + done.stderr, done)


def check_liars(work, store, authority, heads):
    before = heads.read_bytes()
    authority.answer = authority.stamp((authority.folder / "query").read_bytes())
    for what, answer in (("another query's stamp", authority.answer), ("nothing", b"\n"),
                         ("half a stamp", authority.answer[:-40]), ("noise", b"\x30\x80" * 900)):
        authority.answer = answer
        done = post(work, store, authority, heads)
        ok(f"{what} is no stamp", done.returncode == 1 and "is stamped" not in done.stdout, done)
        ok("and the head is noted without", heads.read_bytes().startswith(before)
           and b"tsa.example" not in heads.read_bytes()[len(before):])
    authority.answer = None
    heads.write_bytes(before)


def verify(store, heads, *certificates):
    done = run("verify", "--store", store, "--heads", heads,
               *[word for one in certificates for word in ("--tsa", one)])
    return done.returncode, done.stdout, done


def check_verify(work, store, authority, other, heads):
    today = time.strftime("%Y-%m-%d", time.gmtime())
    for name in ("ca.crt", "tsa.crt"):
        status, text, done = verify(store, heads, authority.folder / name)
        ok(f"verify finds it by {name}", status == 0 and re.search(
            f"time stamp by {name}: up to batch [0-9]+ of sensor [0-9a-f]{{32}} at {today}",
            " ".join(text.split())), done)
    status, text, done = verify(store, heads, other.folder / "ca.crt")
    ok("another authority did not stamp it", status == 3 and "time stamp" not in text, done)
    status, text, done = verify(store, heads, work / "list.txt")
    ok("what is no certificate is refused", status == 2, done)
    changed = work / "changed"
    lines = heads.read_text().splitlines(True)
    long = min(len(one) for one in lines if " tsa.example " in one)
    for at in range(long // 4, long - 8, long // 9):
        changed.write_text("".join(
            one[:at] + ("A" if one[at] != "A" else "B") + one[at + 1:]
            if " tsa.example " in one else one for one in lines))
        status, text, done = verify(store, changed, authority.folder / "ca.crt")
        ok(f"stamps whose digit {at} was changed are none", status == 3, done)


def check_case(work, store, authority, other, heads):
    key = (store / "keys/sensor.pub").read_text().strip()
    found = run("incidents", "--store", store, "--json", "--quiet").stdout.splitlines()
    path = work / "case.zip"
    done = run("evidence", json.loads(found[0])["id"], "-o", path, "--store", store, "--heads",
               heads)
    ok("a case with it", done.returncode == 0, done)
    done = run("verify", path, "--key", key, "--tsa", authority.folder / "ca.crt")
    ok("says by when its records were there", done.returncode == 0
       and "a time stamp (--tsa) has cosigned" in " ".join(done.stdout.split()), done)
    done = run("verify", path, "--key", key, "--tsa", other.folder / "ca.crt")
    ok("which no other authority says", done.returncode == 3, done)


def check_tail(work, store, authority, heads):
    """The end is made anew by who has the present key."""
    copy = work / "made anew"
    shutil.copytree(store, copy)
    grow(run, work, store, 20, "fine.example")
    done = post(work, store, authority, heads)
    ok("the chain goes on, and is stamped", done.returncode == 0, done)
    for n in (21, 22, 23):
        grow(run, work, copy, n, "fine.example")
    status, text, done = verify(copy, heads, authority.folder / "ca.crt")
    ok("a tail that was made anew is found", status == 1 and "[noted]" in text, done)
    with sqlite3.connect(store / "journal.db") as journal:
        last = journal.execute("SELECT max(number) FROM head").fetchone()[0]
        for table in ("head", "content_1", "content_2", "content_3", "content_4"):
            journal.execute(f"DELETE FROM {table} WHERE number > ?", (last - 2,))
    status, text, done = verify(store, heads, authority.folder / "ca.crt")
    ok("so is one that was cut off", status == 1 and "[noted]" in text, done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-stamps-") as name:
        work = pathlib.Path(name)
        store, heads = work / "store", work / "heads"
        (work / "list.txt").write_text("bad.example\n")
        grow(run, work, store, 1, "www.bad.example")
        authority, other = Authority(work / "one"), Authority(work / "two")
        done = post(work, store, authority, heads)
        ok("the head is stamped", done.returncode == 0 and "is stamped by tsa.example" in
           done.stdout, done)
        check_token(work, authority, heads)
        check_liars(work, store, authority, heads)
        grow(run, work, store, 2, "fine.example")
        ok("and a later one", post(work, store, authority, heads).returncode == 0)
        check_verify(work, store, authority, other, heads)
        check_case(work, store, authority, other, heads)
        authority.answer = b"0\x05\x30\x03\x02\x01\x02"
        ok("an authority that refuses is said", post(work, store, authority, work / "refused"
                                                     ).returncode == 1)
        authority.answer = None
        check_tail(work, store, authority, heads)
    return ok.conclude()


sys.exit(main())
