#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: memory.py NTA NTAD STEP

The whole memory of a running ntad, read as root after its keys have changed: no signing key of
before, no data key of before, neither the identity's nor the auditor's secret, and no encoded
record that was sealed more than a minute ago.  The clock of that one program is stepped over a
midnight by STEP (step.c).  Runs in a network namespace of its own, and needs root and
python3-cryptography.
"""
import contextlib
import http.server
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

from reliability import Web, check, wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "check"))

DAY = 86400
SEALED_AGO = 61  # seconds
TOKEN_KINDS = 17
SHORTEST = 24    # bytes of a record: what is shorter may be there by chance


def secret_of(path):
    return bytes.fromhex(re.search(r"([0-9a-f]{64})\s*$", path.read_text()).group(1))


def unsealed(path, state_secret):
    """The secret of a file of the state folder."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from format2_reader import expand

    raw = bytes.fromhex(path.read_text().strip().split("-")[-1])
    gcm = AESGCM(expand(state_secret, b"NTA state v2"))
    return gcm.decrypt(raw[:12], raw[12:], path.name.encode())


class Lab:
    def __init__(self, nta, ntad, step):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nta-memory-"))
        self.store, self.nta = self.dir / "store", nta
        self.keys, self.state = self.store / "keys", self.store / "state"
        self.step = self.dir / "step"
        self.step.write_text("0")
        self.store.mkdir(mode=0o700)
        (self.dir / "deny.txt").write_text("bad.example\n")
        (self.dir / "ntad.conf").write_text(f'''
capture = {{ interfaces = ( "lo" ); workers = 1; buffer = "8M"; }};
flow = {{ table = 4096; tcp_idle = "1s"; udp_idle = "1s"; }};
blacklist = {{ files = ( "{self.dir}/deny.txt" ); shared = ""; canary = "0s"; }};
store = {{ directory = "{self.store}"; }};
record = {{ batch_time = "500ms"; }};
alert = {{ window = "0s"; }};
control = {{ socket = "{self.dir}/control"; }};
''')
        subprocess.run([nta, "keys", "init", "--keys", self.keys, "--state", self.state],
                       check=True, stdout=subprocess.DEVNULL)
        self.secrets = {"the identity": secret_of(self.keys / "sensor.key"),
                        "the auditor's secret": secret_of(self.keys / "auditor.key")}
        self.auditor = self.secrets["the auditor's secret"]
        self.sealed_under = secret_of(self.keys / "state.key")
        self.log = self.dir / "log"
        self.daemon = subprocess.Popen(
            [ntad, "--config", self.dir / "ntad.conf", "--foreground"],
            stdout=subprocess.DEVNULL, stderr=self.log.open("w"),
            env=dict(os.environ, LD_PRELOAD=step, NTA_TEST_STEP=str(self.step)))
        wait_for(lambda: "ntad listens" in self.log.read_text() or self.daemon.poll() is not None,
                 20, "a start")
        check(self.daemon.poll() is None, self.log.read_text())

    def signing(self):
        return unsealed(self.state / "signing.key", self.sealed_under)

    def visit(self, name):
        with socket.create_connection(("127.0.0.1", 80), 5) as s:
            s.sendall(f"GET /{time.monotonic_ns()}/a-page-with-a-long-name HTTP/1.1\r\n"
                      f"Host: {name}\r\nConnection: close\r\n\r\n".encode())
            while s.recv(4096):
                pass

    def rows(self, question):
        with contextlib.closing(sqlite3.connect(f"file:{self.store}/journal.db?mode=ro",
                                                uri=True)) as db:
            return db.execute(question).fetchall()

    def count(self, kind):
        return self.rows(f"SELECT COUNT(*) FROM head WHERE class = {kind}")[0][0]

    def data_keys(self):
        """The secrets of all data keys of each class, the oldest first."""
        from format2_reader import open_data_key, read_data_key
        secrets = {}
        for kind, blob in self.rows("SELECT class, wrapped FROM data_key ORDER BY rowid"):
            secrets.setdefault(kind, []).append(
                (read_data_key(blob)["id"], open_data_key(read_data_key(blob), self.auditor)))
        return secrets

    def records(self):
        """Encoded, of all batches that are there now."""
        from format2_reader import open_body, read_header
        by_id = {i: s for keys in self.data_keys().values() for i, s in keys}
        out = []
        for kind in range(1, 5):
            for header, body in self.rows(
                    "SELECT header, body FROM head JOIN content_%d USING (sensor, number)" % kind):
                key = by_id[read_header(header)["data_key"]]
                out += open_body(header, body, key)
        return out

    def memory(self):
        """All that can be read, and what nobody may read now, as keys are hidden (lib/vault/crypto/
        secret.h), in pieces that hold something.
        """
        areas = []
        with open(f"/proc/{self.daemon.pid}/maps") as maps, \
                open(f"/proc/{self.daemon.pid}/mem", "rb", 0) as mem:
            for line in maps:
                span, mode = line.split()[:2]
                if mode != "---p" and mode[0] != "r" or "[v" in line:
                    continue
                start, end = (int(x, 16) for x in span.split("-"))
                while start < end:
                    n = min(end - start, 1 << 24)
                    try:
                        mem.seek(start)
                        piece = mem.read(n)
                    except OSError:
                        piece = b""
                    if piece.strip(b"\0"):
                        areas.append((mode + " " + line.split()[-1], piece))
                    start += n
        return areas

    def done(self):
        if self.daemon.poll() is None:
            self.daemon.kill()
            self.daemon.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def run(lab):
    from format2_reader import expand

    n_wrong = 0
    first_signing = lab.signing()
    for i in range(30):
        lab.visit("bad.example" if i % 3 == 0 else f"page-{i}.example")
    wait_for(lambda: lab.count(1) and lab.count(2) and lab.count(4), 20, "batches")
    check(lab.signing() == first_signing, "the signing key has changed too early")
    lab.step.write_text(str(DAY))
    before = lab.count(1), lab.count(2)
    for i in range(30):
        lab.visit("bad.example" if i % 3 == 0 else f"other-{i}.example")
    wait_for(lambda: lab.count(1) > before[0] and lab.count(2) > before[1], 20, "batches")
    wait_for(lambda: lab.signing() != first_signing, 5, "another signing key")
    time.sleep(3)  # what is open ends
    records = {r for r in lab.records() if len(r) >= SHORTEST}
    check(len(records) > 60, f"{len(records)} records")
    print(f"waiting {SEALED_AGO} s, with {len(records)} records sealed")
    time.sleep(SEALED_AGO)
    keys = lab.data_keys()
    check(len(keys[1]) == 2 and len(keys[2]) == 2, keys)
    lab.secrets["the signing key of before"] = first_signing
    for kind, secrets in keys.items():
        for _, secret in secrets[:-1]:
            lab.secrets[f"a data key of before, class {kind}"] = secret
            lab.secrets[f"a body key of before, class {kind}"] = expand(secret, b"NTA body v2")
            for token in range(1, TOKEN_KINDS + 1):
                lab.secrets[f"a token key of before, class {kind}, kind {token}"] = expand(
                    secret, b"NTA token v2" + bytes([token]))
    areas = lab.memory()
    size = sum(len(piece) for _, piece in areas)
    check(size > 1 << 20, f"{size} bytes were read")
    # what must be there is found, so the test can fail
    now = {"the signing key": lab.signing()}
    now.update({f"a body key, class {kind}": expand(secrets[-1][1], b"NTA body v2")
                for kind, secrets in keys.items()})
    found = [name for name, secret in now.items() if any(secret in piece for _, piece in areas)]
    check(found, "nothing is found that must be there")
    shown = [area for name, secret in now.items() for area, piece in areas
             if secret in piece and area[0] == "r"]
    check(not shown, f"what is in use can be read: {shown}")
    print(f"{size >> 20} MiB; in use and there: {', '.join(found)}")
    for name, secret in lab.secrets.items():
        for text in secret, secret.hex().encode():
            for area, piece in areas:
                if text in piece:
                    n_wrong += 1
                    print(f"FAIL {name} is in {area}")
    n_found = {}
    for record in records:
        for area, piece in areas:
            if record in piece:
                n_found[area] = n_found.get(area, 0) + 1
                if n_found[area] < 4:
                    print(f"     {record[:80]}")
    for area, n in n_found.items():
        n_wrong += 1
        print(f"FAIL {n} encoded records are in {area}")
    limits = pathlib.Path(f"/proc/{lab.daemon.pid}/limits").read_text()
    check(re.search(r"^Max core file size\s+0\s+0\s", limits, re.M), limits)
    lab.daemon.send_signal(signal.SIGTERM)
    check(lab.daemon.wait(60) == 0, lab.log.read_text())
    return n_wrong


def main():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("skipped: needs root and unshare")
        return 77
    try:
        import cryptography  # noqa: F401
    except ImportError:
        print("skipped: needs python3-cryptography")
        return 77
    if os.environ.get("NTA_MEMORY") != "inside":
        os.environ["NTA_MEMORY"] = "inside"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 80), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    lab = Lab(*(str(pathlib.Path(p).resolve()) for p in sys.argv[1:4]))
    try:
        n_wrong = run(lab)
    except Exception as e:
        print(f"FAIL {type(e).__name__}: {e}\n{lab.log.read_text()}")
        n_wrong = 1
    finally:
        lab.done()
    print("ok   nothing of before is in memory" if not n_wrong else f"{n_wrong} wrong")
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
