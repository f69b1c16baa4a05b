#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A witness: cosigns what continues a chain, and by what it cosigned a chain that was cut, or that
has another past, is found.

usage: witness.py NTA
"""
import base64
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402
from growing import grow  # noqa: E402
from sample import sample  # noqa: E402

NTA = sys.argv[1]
NAME = "witness.example/one"


def post(store, witness, *args):
    return run("witness", "post", witness.url, "--store", store, "--witness", witness.key, *args)


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False)


class Witness:
    def __init__(self, folder, *logs):
        self.folder, self.logs = folder, logs
        self.start()

    def start(self):
        self.program = subprocess.Popen(
            [NTA, "witness", "serve", "--dir", self.folder, "--name", NAME, "--port", "0",
             *self.logs], stdout=subprocess.PIPE, text=True)
        self.key = self.program.stdout.readline().split()[1]
        self.port = int(self.program.stdout.readline().split()[-1])
        self.url = f"http://127.0.0.1:{self.port}"

    def stop(self, how=signal.SIGTERM):
        self.program.send_signal(how)
        return self.program.wait(20)

    def ask(self, method, path, body=b""):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def check_cosigned(note, key):
    """By another program: Ed25519 over cosignature/v1, the time and the text."""
    name, key_id, public = key.split("+", 2)
    public = base64.b64decode(public)
    text, lines = note.split("\n\n", 1)
    line = next(one for one in lines.splitlines() if one.split(" ")[1] == name)
    signed = base64.b64decode(line.split(" ")[2])
    ok("the key's id is that of its name",
       hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() == key_id)
    ok("and the line's", signed[:4].hex() == key_id and public[0] == 4)
    seconds = struct.unpack(">Q", signed[4:12])[0]
    message = f"cosignature/v1\ntime {seconds}\n{text}\n".encode()
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(signed[12:], message)
    ok("its time is now", abs(seconds - time.time()) < 120, seconds)


class Liar(http.server.BaseHTTPRequestHandler):
    """Says 200 to all, and what it is told to say."""
    answer = b""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.answer)

    def log_message(self, *_):
        pass


def check_liars(store, witness, cosigned):
    """An answer of 200 is no signature: the one line of the witness whose key was given is."""
    note = cosigned.read_text()
    line = note[note.index("\n\n") + 2:].splitlines(True)[-1]
    name, key_id, rest = line.split(" ")[1], *(lambda b: (b[:4], b[4:]))(
        base64.b64decode(line.split(" ")[2]))
    changed = base64.b64encode(key_id + bytes([rest[0] ^ 1]) + rest[1:]).decode()
    before = cosigned.read_bytes()
    server = http.server.HTTPServer(("127.0.0.1", 0), Liar)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    for what, answer in (("nothing", ""), ("words", "cosigned\n"), ("half a line", line[:-9]),
                         ("another time", f"\u2014 {name} {changed}\n"),
                         ("another's line", line.replace(name, "witness.example/two")),
                         ("a log's own line", note.split("\n\n")[1].splitlines(True)[0])):
        Liar.answer = answer.encode()
        done = run("witness", "post", url, "--store", store, "-o", cosigned, "--witness",
                   witness.key)
        ok(f"{what} is no cosignature", done.returncode == 1 and "is cosigned" not in done.stdout
           and cosigned.read_bytes() == before, done)
    Liar.answer = (note.split("\n\n")[1] + line).encode()
    done = run("witness", "post", url, "--store", store, "-o", cosigned, "--witness", witness.key)
    ok("of several lines its own is kept alone", done.returncode == 0
       and cosigned.read_bytes() == before + before, done)
    cosigned.write_bytes(before)
    server.shutdown()
    done = run("witness", "post", witness.url, "--store", store)
    ok("whose key nobody gave, cosigns nothing", done.returncode == 2 and "--witness" in
       done.stderr, done)


def check_list(work, store, witness):
    """What nta-witness.service runs: one that is away keeps no other from being asked."""
    away = witness.key.replace("/one", "/two")
    public = base64.b64decode(witness.key.split("+", 2)[2])
    name = away.split("+")[0]
    away = "+".join((name, hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex(),
                     base64.b64encode(public).decode()))
    listed, heads = work / "witnesses", work / "noted"
    listed.write_text(f"# who watches\n\n{away} http://127.0.0.1:1\n{witness.key} {witness.url}\n")
    done = run("witness", "post", "--store", store, "--list", listed, "-o", heads)
    ok("of two witnesses one is away, which is said", done.returncode == 3 and name in done.stderr
       and f"is cosigned by {NAME}" in done.stdout, done)
    done = run("verify", "--store", store, "--heads", heads, "--witness", witness.key)
    ok("and the other has cosigned", done.returncode == 0, done)
    listed.write_text(f"{witness.key} {witness.url}\n")
    done = run("verify", "--store", store, "--heads", heads, "--witness", listed)
    ok("the list is one of keys, too", done.returncode == 0 and NAME in done.stdout, done)
    listed.write_text("# nobody yet\n")
    before = heads.read_text()
    done = run("witness", "post", "--store", store, "--list", listed, "-o", heads)
    ok("without any the head is noted", done.returncode == 0 and "is noted in" in done.stdout
       and heads.read_text().startswith(before) and len(heads.read_text()) > len(before), done)
    ok("as a head that verify finds", run("verify", "--store", store, "--heads",
                                          heads).returncode == 0)
    for text in ("x http://127.0.0.1:1", witness.key, f"{witness.key} a b",
                 witness.key[:-1] + " u", "tsa http://127.0.0.1:1"):
        listed.write_text(text + "\n")
        done = run("witness", "post", "--store", store, "--list", listed, "-o", work / "none")
        ok(f"a line that is none: {text[-20:]!r}", done.returncode == 2 and "line 1" in done.stderr
           and not (work / "none").exists(), done)
    ok("a list has its own URLs", run("witness", "post", witness.url, "--list", listed, "--store",
                                      store).returncode == 2)


def check_full(work, store, witness, cosigned):
    """What does not fit leaves the file as it was."""
    before = cosigned.read_bytes()

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, len(before) + 100))

    done = subprocess.run([NTA, "witness", "post", witness.url, "--store", store, "-o", cosigned,
                           "--witness", witness.key],
                          capture_output=True, text=True, check=False, preexec_fn=limit,
                          env={**os.environ, "XDG_STATE_HOME": "/dev/null"})
    ok("a file that takes no more stays whole", done.returncode == 3
       and cosigned.read_bytes() == before, done)
    ok("nor is a folder written to", post(store, witness, "-o", work).returncode == 3)


def check_output(work, store, witness, cosigned):
    """Said before the witness is asked, and so without one."""
    fifo, part, new = work / "fifo", work / "part", work / "new"
    os.mkfifo(fifo)
    part.write_text(cosigned.read_text()[:-1])
    for path, words in ((fifo, "regular"), ("/dev/full", "regular"), (part, "within a line"),
                        (store / "journal.state", "own file")):
        for url in witness.url, "http://127.0.0.1:1":
            done = run("witness", "post", url, "--store", store, "-o", path, "--witness",
                       witness.key)
            ok(f"{path} is refused", done.returncode == 3 and words in done.stderr, done)
    ok("and stays as it was", part.read_text() == cosigned.read_text()[:-1])
    done = run("witness", "post", "http://127.0.0.1:1", "--store", store, "-o", new, "--witness",
               witness.key)
    ok("no file is made for nothing", done.returncode == 3 and not new.exists(), done)


def check_http(witness, log):
    for method, path, body, status in (
            ("GET", "/", b"", 404), ("GET", "/add-checkpoint", b"", 405),
            ("POST", "/add-checkpoint", b"", 400),
            ("POST", "/add-checkpoint", b"old 0\n\nx\n", 400), ("POST", "/else", b"x", 404),
            ("POST", "/add-checkpoint", b"x" * 200000, 413)):
        told = witness.ask(method, path, body)
        ok(f"{method} {path} of {len(body)} bytes: {status}", told[0] == status, told)
    idle = [socket.create_connection(("127.0.0.1", witness.port)) for _ in range(20)]
    idle[0].sendall(b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n"
                    b"old ")
    ok("who says nothing keeps nobody out", witness.ask("GET", "/")[0] == 404)
    for one in idle:
        one.close()
    ok("a key of another name is none", run("witness", "serve", "--dir", "/nonexistent/x", "--name",
                                            "two words", log).returncode in (2, 3))


def check_verify(work, store, cosigned, key):
    (work / "keys").write_text(f"# who watches\n{key}\n")
    done = run("verify", "--store", store, "--heads", cosigned, "--witness", work / "keys")
    ok("what was cosigned lies in the chain", done.returncode == 0
       and re.search(f"witness {NAME} cosigned up to batch [0-9]+ of sensor [0-9a-f]{{32}} at ",
                     done.stdout)
       and "witness of 1 operator" in done.stdout, done)
    done = run("verify", "--store", store, "--heads", cosigned, "--witness", key, "--json")
    told = json.loads(done.stdout)
    ok("as JSON, too", (told["operators"], told["witnesses"][0]["name"],
                       told["witnesses"][0]["sensor"]) == (1, NAME, told["sensors"][0]["sensor"]),
       told)
    other = re.sub(r"[+].*", "", key).replace("one", "two")
    public = b"\4" + hashlib.sha256(b"nobody").digest()
    stranger = "+".join((other, hashlib.sha256(other.encode() + b"\n" + public).digest()[:4].hex(),
                         base64.b64encode(public).decode()))
    done = run("verify", "--store", store, "--heads", cosigned, "--witness", stranger)
    ok("one who did not cosign is missed", done.returncode == 3
       and "is cosigned by witness.example/two" in done.stdout, done)
    ok("no key of a witness", run("verify", "--store", store, "--witness",
                                  work / "none").returncode == 2)


def check_killed(work, store, witness):
    """Killed at any moment: whatever somebody got its cosignature of is kept."""
    chance, got, lost = random.Random(19), work / "got", []
    kept = next((work / "w").glob("*.checkpoint"))
    for n in sample(range(100, 200), 8):
        grow(run, work, store, n)
        with subprocess.Popen([NTA, "witness", "post", witness.url, "--store", store, "--witness",
                               witness.key, "-o", got], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL):
            time.sleep(chance.random() * .05)
            witness.stop(signal.SIGKILL)
        sizes = [int(one) for one in re.findall(r"^nta/[0-9a-f]{32}\n([0-9]+)\n",
                                                got.read_text() if got.exists() else "", re.M)]
        if sizes and int(kept.read_text().splitlines()[1]) < max(sizes):
            lost.append(n)
        witness.start()
    print(f"      {len(sizes)} were cosigned in spite of it")
    ok("what was cosigned is kept, whenever it was killed", not lost, lost)
    ok("and it goes on from there", post(store, witness).returncode == 0)


def cut(store, n):
    """Take the last batches off, and have the chain row and state say so: as if never there."""
    with sqlite3.connect(store / "journal.db") as journal:
        last = journal.execute("SELECT max(number) FROM head").fetchone()[0]
        for table in ("head", "content_1", "content_2", "content_3", "content_4"):
            journal.execute(f"DELETE FROM {table} WHERE number > ?", (last - n,))


def check_past(work, store, witness, cosigned):
    """A copy that ends before, and one that went on another way."""
    copy = work / "copy"
    shutil.copytree(store, copy)
    grow(run, work, store, 3)
    done = post(store, witness, "-o", cosigned)
    ok("a chain that goes on is cosigned, by a proof", done.returncode == 0, done)
    done = post(copy, witness)
    ok("a copy that ends before is refused", done.returncode == 1 and "cut off" in done.stderr,
       done)
    done = run("verify", "--store", copy, "--heads", cosigned)
    ok("and found by what was cosigned", done.returncode == 1 and "[noted]" in done.stdout, done)
    for n in (4, 5):
        grow(run, work, copy, n)
    done = post(copy, witness)
    ok("one that went on another way is refused", done.returncode == 1
       and ("do not make the tree" in done.stderr or "refused (4" in done.stderr), done)
    done = run("verify", "--store", copy, "--heads", cosigned)
    ok("and found, too", done.returncode == 1 and "[noted]" in done.stdout, done)
    cut(store, 2)
    done = run("verify", "--store", store, "--heads", cosigned)
    ok("a chain whose end was cut off is found", done.returncode == 1
       and "[noted]" in done.stdout, done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-witness-") as name:
        work = pathlib.Path(name)
        store, cosigned = work / "store", work / "cosigned"
        grow(run, work, store, 1)
        shown = run("keys", "show", "--store", store).stdout
        log = re.search(r"nta/[0-9a-f]{32}[+][0-9a-f]{8}[+]\S+", shown).group(0)
        witness = Witness(work / "w", log)
        try:
            done = post(store, witness, "-o", cosigned)
            ok("the head is cosigned", done.returncode == 0, done)
            check_cosigned(cosigned.read_text(), witness.key)
            ok("once more is no fault", post(store, witness).returncode == 0)
            check_liars(store, witness, cosigned)
            check_list(work, store, witness)
            check_full(work, store, witness, cosigned)
            check_output(work, store, witness, cosigned)
            check_http(witness, log)
            witness.stop(signal.SIGKILL)
            key = witness.key
            witness.start()
            ok("it is the same one after it was killed", witness.key == key)
            ok("of two at one folder one is refused", run(
                "witness", "serve", "--dir", work / "w", "--name", NAME, log).returncode == 3)
            grow(run, work, store, 2)
            done = post(store, witness, "-o", cosigned)
            ok("and goes on from what it kept", done.returncode == 0, done)
            check_killed(work, store, witness)
            done = post(store, witness, "-o", cosigned)
            ok("the newest is cosigned", done.returncode == 0, done)
            check_verify(work, store, cosigned, witness.key)
            check_past(work, store, witness, cosigned)
            grow(run, work, work / "other", 9)
            done = post(work / "other", witness)
            ok("a log that it does not know", done.returncode == 1 and "(404)" in done.stderr
               and "\\" not in done.stderr, done)
            ok("it ends when it is told to", witness.stop() == 0)
            done = post(store, witness)
            ok("nobody there", done.returncode == 3, done)
        finally:
            witness.program.kill()
    return ok.conclude()


sys.exit(main())
