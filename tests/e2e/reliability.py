#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: reliability.py NTA NTAD [CASE...]

The service when its store fails it, with the real thing each time: a full tmpfs, a locked journal,
a removed, a replaced and a restored one, a second writer, kill -9, a full disk under alert.json,
100,000 open flows at the end.  Runs in a network and a mount namespace of its own, listens on the
loopback there, and needs root.
"""
import contextlib
import ctypes
import fcntl
import http.server
import json
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
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from wire import START, Wire  # noqa: E402

ALERT_TIME = 0.2
# of a busy machine, beside record.alert_time: a commit waits for 10 s; what it took is printed
SLACK = 2.0

# all that a daemon writes, also what is shown only when it is named
EVENTS = "flow,request,lookup,alert,packets,loss,lease,canary,policy,start,stop,gap"


class Skipped(Exception):
    pass


class Web(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_):
        pass


def check(ok, text):
    if not ok:
        raise AssertionError(text)


def wait_for(what, seconds, text):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        got = what()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {text}")


class Lab:
    """A folder with a store, a configuration, and a daemon now and then."""

    def __init__(self, nta, ntad):
        self.nta, self.ntad = nta, ntad
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="nta-rel-"))
        self.store = self.dir / "store"
        self.alerts_path = self.dir / "alerts.json"
        self.control = self.dir / "control"
        self.daemon = None
        self.n_runs = 0
        self.slowest = 0.0
        (self.dir / "deny.txt").write_text("bad.example\n")

    def tmpfs(self, name, size):
        path = self.dir / name
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", path], check=True)
        return path

    def configure(self, control=None, udp_idle="2s", more=""):
        self.store.mkdir(exist_ok=True)
        subprocess.run([self.nta, "keys", "init", "--keys", self.store / "keys",
                        "--state", self.store / "state"], check=True, capture_output=True)
        path = self.dir / f"ntad-{control.name if control else 'first'}.conf"
        path.write_text(f'''capture = {{ interfaces = ( "lo" ); workers = 1; buffer = "16M"; }};
blacklist = {{ files = ( "{self.dir}/deny.txt" ); shared = ""; canary = "0s"; }};
flow = {{ tcp_idle = "2s"; udp_idle = "{udp_idle}"; }};
store = {{ free = 0.0; directory = "{self.store}"; }};
alert = {{ json = "{self.alerts_path}"; window = "0s"; per_minute = 0; }};
control = {{ socket = "{control or self.control}"; }};
{more}
''')
        return path

    def start(self, config=None, env=None):
        config = config or self.configure()
        self.n_runs += 1
        self.err = self.dir / f"err{self.n_runs}"
        self.daemon = subprocess.Popen([self.ntad, "--config", config, "--foreground"],
                                       stdout=subprocess.DEVNULL,
                                       stderr=self.err.open("w"),
                                       env=dict(os.environ, **(env or {})))
        wait_for(lambda: "ntad listens" in self.log() or self.daemon.poll() is not None, 20,
                 "a start")
        check(self.daemon.poll() is None, f"it does not start: {self.log()}")

    def stop(self, status=0, seconds=60):
        self.daemon.send_signal(signal.SIGTERM)
        got = self.daemon.wait(seconds)
        self.daemon = None
        check(got == status, f"exit status {got}, not {status}: {self.log()}")

    def kill(self):
        self.daemon.kill()
        self.daemon.wait()
        self.daemon = None

    def log(self):
        return self.err.read_text()

    def visit(self, name="bad.example"):
        """A visit to a listed site: one alert."""
        with socket.create_connection(("127.0.0.1", 80), 5) as s:
            s.sendall(f"GET /{time.monotonic_ns()} HTTP/1.1\r\n"
                      f"Host: {name}\r\nConnection: close\r\n\r\n".encode())
            while s.recv(4096):
                pass
        return time.monotonic()

    def alerts(self):
        """The lines of alert.json, each of which must be whole."""
        text = self.alerts_path.read_text() if self.alerts_path.exists() else ""
        lines = text.split("\n")
        return [json.loads(line) for line in lines[:-1]]

    def in_time(self, n, since):
        """At least n lines of alerts, in time."""
        wait_for(lambda: len([a for a in self.alerts() if a["event"] == "alert"]) >= n,
                 ALERT_TIME + SLACK - (time.monotonic() - since), f"{n} alerts: {self.alerts()}")
        self.slowest = max(self.slowest, time.monotonic() - since)

    def status(self):
        run = subprocess.run([self.nta, "status", "--socket", self.control], capture_output=True,
                             text=True)
        return run.stdout

    def run(self, *args):
        return subprocess.run([self.nta, *map(str, args)], capture_output=True, text=True)

    def records(self, status=0):
        """All that are shown but for the sensor's first; 1: batches are missing, which every reader
        says.
        """
        run = self.run("records", "--store", self.store, "--json", "--event", EVENTS)
        check(run.returncode == status and (status == 0 or ": missing" in run.stderr),
              f"records: {run.returncode} {run.stderr}")
        records = [json.loads(line) for line in run.stdout.splitlines()]
        return [r for r in records if not r["id"].endswith("-1-0")]

    def numbers(self):
        """None where the journal is being made, and has no tables yet."""
        with contextlib.closing(sqlite3.connect(f"file:{self.store}/journal.db?mode=ro",
                                                uri=True)) as db:
            made = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'head'").fetchall()
            return [row[0] for row in db.execute("SELECT number FROM head ORDER BY number")
                    ] if made else []

    def sealed(self):
        """Numbers behind the sensor's first batch, which each store has."""
        return [n for n in self.numbers() if n > 1]

    def unmarked(self):
        """Numbers of batches that say nothing of keys and losses: those leave the journal."""
        with contextlib.closing(sqlite3.connect(f"file:{self.store}/journal.db?mode=ro",
                                                uri=True)) as db:
            return [row[0] for row in db.execute("SELECT number FROM head WHERE marks = 0 "
                                                 "ORDER BY number")]

    def adopt(self, config=None):
        """The identity stands for the key that was made after one was lost."""
        run = self.run("keys", "adopt", "--identity", self.store / "keys" / "sensor.key",
                       *(("--config", config) if config else ("--store", self.store)))
        check(run.returncode == 0, f"keys adopt: {run.returncode} {run.stderr}")

    def own_numbers(self):
        return [n for n in self.numbers() if isinstance(n, int) and n < 1 << 62]

    def verify(self):
        run = self.run("verify", "--store", self.store)
        check(run.returncode == 0, f"verify: {run.returncode}\n{run.stdout}{run.stderr}")

    def wrote(self):
        return int(re.findall(r"wrote (\d+) records", self.log())[-1])

    def losses(self, status=0):
        return [r["losses"] for r in self.records(status) if r["event"] == "loss"
                and r.get("losses")]

    def done(self):
        if self.daemon:
            self.daemon.kill()
            self.daemon.wait()
        subprocess.run(["umount", "-l", *self.dir.glob("tiny*")], stderr=subprocess.DEVNULL)
        shutil.rmtree(self.dir, ignore_errors=True)


# ---- one writer ----

def one_writer(lab):
    """A second ntad, and nta read, end with 3 and name who holds the store; --wait waits."""
    first = lab.configure()
    lab.start(first)
    lab.in_time(1, lab.visit())
    pid = lab.daemon.pid
    for config in first, lab.configure(control=lab.dir / "other"):
        run = subprocess.run([lab.ntad, "--config", config, "--foreground"], capture_output=True,
                             text=True, timeout=20)
        check(run.returncode == 3, f"a second ntad: {run.returncode} {run.stderr}")
        check(f"process {pid} (" in run.stderr and "ntad" in run.stderr.split("process")[1],
              run.stderr)
    check(not (lab.dir / "other").exists(), "the second one made its socket")
    capture = lab.dir / "empty.pcap"
    capture.write_bytes(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    run = lab.run("read", capture, "--store", lab.store)
    check(run.returncode == 3 and f"process {pid} (" in run.stderr,
          f"nta read: {run.returncode} {run.stderr}")
    waiting = subprocess.Popen([lab.nta, "read", "--wait", capture, "--store", lab.store],
                               stderr=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL)
    time.sleep(1)
    check(waiting.poll() is None, "nta read --wait does not wait")
    lab.in_time(2, lab.visit())
    lab.stop()
    _, said = waiting.communicate(timeout=20)
    check(waiting.returncode in (0, 1) and "waiting until that has ended" in said,
          f"--wait: {waiting.returncode} {said}")
    check(len([r for r in lab.records() if r["event"] == "alert"]) == 2, "both alerts are stored")
    lab.verify()


def one_socket(lab):
    """Of two with stores of their own and one socket, started at once, one runs; the other ends
    with 3 and leaves the socket, also one that a killed run left behind, to it.
    """
    mine, others = Lab(lab.nta, lab.ntad), Lab(lab.nta, lab.ntad)
    mine.control = others.control = lab.control
    configs = mine.configure(), others.configure()
    try:
        for turn in range(8):
            logs = [lab.dir / f"socket{turn}{i}" for i in range(2)]
            both = [subprocess.Popen([lab.ntad, "--config", config, "--foreground"],
                                     stdout=subprocess.DEVNULL, stderr=log.open("w"))
                    for config, log in zip(configs, logs)]
            wait_for(lambda b=both: any(p.poll() is not None for p in b), 20, "one to give way")
            ended = [p.poll() for p in both]
            check(sorted(ended, key=str) == [3, None], f"turn {turn}: {ended}")
            loser = ended.index(3)
            said = logs[loser].read_text()
            check(f"control socket {lab.control} is in use by another ntad" in said, said)
            winner, log = both[1 - loser], logs[1 - loser]
            wait_for(lambda g=log: "ntad listens" in g.read_text(), 20, "the other one to start")
            check("state      good" in lab.status(), lab.status())
            if turn % 2:
                winner.kill()
                winner.wait()
                check(lab.control.exists(), "a killed run leaves its socket")
            else:
                winner.terminate()
                check(winner.wait(60) == 0, log.read_text())
                check(not lab.control.exists(), "a stop leaves none")
    finally:
        mine.done()
        others.done()


def errands_outlive_a_restart(lab):
    """Who waits for a reload of a run that has ended sees that a later one loaded everything."""
    def ask(line):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            sock.connect(str(lab.control))
            sock.sendall(line.encode() + b"\n")
            return b"".join(iter(lambda: sock.recv(4096), b"")).decode()

    lab.start()
    for _ in range(3):
        wanted = int(ask("reload").split()[1])
    lab.kill()
    lab.start()
    number, words = ask("load").split(maxsplit=1)
    check(int(number) >= wanted and words.startswith("policy 1 "), f"{wanted}: {number} {words}")
    check(int(ask("reload").split()[1]) > int(number), "the next one")
    check(int(ask("round").split()[0]) == 0, "no round is over yet")
    lab.stop()


def one_reader(lab):
    """Records of two days by two programs at once: the second is refused."""
    days = []
    for day in range(2):
        wire = Wire()
        for i in range(50):
            wire.lookup(START + day * 86400 + i, "10.0.0.5", 2000 + i, f"w{i}.example", "192.0.2.1",
                        i, "10.0.0.1")
        days.append(wire.write(lab.dir / f"day{day}.pcap"))
    lab.configure()
    check(lab.run("read", days[0], "--store", lab.store).returncode == 0, "the first day")
    first = subprocess.Popen([lab.nta, "read", "-", "--store", lab.store], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    lock = lab.store / "journal.lock"
    wait_for(lambda: lock.exists() and lock.read_text(), 10, "a lock")
    run = lab.run("read", days[1], "--store", lab.store)
    check(run.returncode == 3 and f"process {first.pid} (" in run.stderr,
          f"{run.returncode} {run.stderr}")
    _, said = first.communicate(days[0].read_bytes(), timeout=60)
    check(first.returncode == 0, f"{first.returncode} {said}")
    run = lab.run("read", days[1], "--store", lab.store)
    check(run.returncode == 0, f"when it has ended: {run.returncode} {run.stderr}")
    check(len([r for r in lab.records() if r["event"] == "lookup"]) == 150, "lookups stored")
    lab.verify()


# ---- a store that does not take records ----

def locked_journal(lab):
    """Another program locks the journal: alerts leave in time, and it is said later as what they
    were stored.
    """
    lab.start()
    lab.in_time(1, lab.visit())
    # on a busy machine the first alert may be told before it is stored: then what became of it is
    # told before the lock
    wait_for(lambda: any("id" in a for a in lab.alerts()), 10, "the first alert is stored")
    n_before = len(lab.alerts())
    db = sqlite3.connect(lab.store / "journal.db", isolation_level=None)
    db.execute("BEGIN EXCLUSIVE")
    for n in 2, 3, 4:
        lab.in_time(n, lab.visit())
        time.sleep(0.3)
    wait_for(lambda: "cannot be stored" in lab.status(), 4, "BAD")
    late = lab.alerts()[n_before:]
    check(all("id" not in a and a["stored"] is False and a["about"] for a in late), late)
    db.execute("ROLLBACK")
    db.close()
    stored = wait_for(lambda: [a for a in lab.alerts()[n_before:]
                               if a["event"] == "alert-stored"][2:] and
                      [a for a in lab.alerts()[n_before:] if a["event"] == "alert-stored"], 15,
                      "alerts that are stored since")
    wait_for(lambda: "cannot be stored" not in lab.status(), 5, "a good state")
    lab.stop()
    check({a["about"] for a in stored} == {a["about"] for a in late}, lab.alerts())
    by_id = {r["id"]: r for r in lab.records()}
    check(all(by_id[a["id"]]["event"] == "alert" for a in stored),
          "the ids are those of the records")
    check(lab.wrote() == len(by_id), f"wrote {lab.wrote()}, there are {len(by_id)}")
    lab.verify()


def full_disk(lab):
    """A full tmpfs, from before the first data key on; then with room again; then full at the
    stop.
    """
    tiny = lab.tmpfs("tiny", "6m")
    lab.store = tiny / "store"
    config = lab.configure()
    lab.start(config)
    fill = tiny / "fill"

    def fill_up():
        with fill.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass

    fill_up()
    for n in 1, 2, 3:
        lab.in_time(n, lab.visit())
        time.sleep(0.2)
    check("cannot be stored" in lab.status() and "BAD" in lab.status(), lab.status())
    fill.unlink()
    wait_for(lambda: len([a for a in lab.alerts() if a["event"] == "alert-stored"]) == 3, 20,
             "alerts that are stored since")
    wait_for(lambda: "cannot be stored" not in lab.status(), 5, "a good state")
    # every batch opens: its key is there
    n_stored = len([r for r in lab.records() if r["event"] == "alert"])
    check(n_stored == 3, f"{n_stored} alerts are stored")
    time.sleep(2.5)  # flows end
    fill_up()
    before = len(lab.records())
    lab.in_time(4, lab.visit())
    lab.stop(status=1)
    check([a["event"] for a in lab.alerts()][-1] == "alert-lost", lab.alerts())
    lost = int(re.search(r"(\d+) records could not be stored and are lost", lab.log()).group(1))
    fill.unlink()
    check(lost > 0 and lab.wrote() == len(lab.records()) >= before,
          f"wrote {lab.wrote()}, there are {len(lab.records())}")
    lab.verify()
    lab.start(config)
    lab.stop()
    lab.verify()


# ---- a journal that is not what it was ----

def journal_removed(lab):
    """Removed, and then replaced by another one, while ntad runs."""
    lab.start()
    lab.in_time(1, lab.visit())
    wait_for(lambda: lab.sealed(), 5, "a batch")
    last = lab.numbers()[-1]
    for path in lab.store.glob("journal.db*"):
        path.unlink()
    wait_for(lambda: "removed or replaced" in lab.status(), 1.2, "BAD")
    wait_for(lambda: (lab.store / "journal.db").exists(), 1, "a new journal")
    lab.in_time(2, lab.visit())
    wait_for(lambda: lab.sealed(), 5, "a batch in the new journal")
    check(lab.sealed()[0] > last, f"{lab.numbers()} go on behind {last}")
    other = lab.dir / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as db:
        db.execute("VACUUM")
    time.sleep(2.5)
    before = lab.numbers()[-1]
    shutil.copy(lab.store / "journal.db", other)
    for end in "-wal", "-shm":
        (lab.store / f"journal.db{end}").unlink()
    os.replace(other, lab.store / "journal.db")  # a copy without its log: older than what is known
    time.sleep(1.2)
    lab.in_time(3, lab.visit())
    wait_for(lambda: lab.numbers() and lab.numbers()[-1] > before, 5,
             "a batch in the replaced journal")
    lab.stop()
    losses = [l for l in lab.losses() if "journal_gone.last" in l]
    check(losses and losses[0]["journal_gone.last"] >= last, losses)
    check("rolled_back" not in lab.log(), lab.log())
    lab.start()
    check("older than what was written" not in lab.log(), lab.log())
    lab.stop()


def folder_replaced(lab):
    """The whole folder is replaced while ntad runs: the lock of the new one is taken, or, where
    another has it, nothing is written until that has ended."""
    lab.start()
    lab.in_time(1, lab.visit())
    wait_for(lambda: lab.sealed(), 5, "a batch")
    last = lab.numbers()[-1]
    old, new = lab.dir / "store.old", lab.dir / "store.new"
    new.mkdir(mode=0o700)
    for keys in "keys", "state":
        if (lab.store / keys).exists():
            shutil.copytree(lab.store / keys, new / keys)
    with open(new / "journal.lock", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        lab.store.rename(old)
        new.rename(lab.store)
        lab.visit()
        wait_for(lambda: "records cannot be stored" in lab.status()
                 and "is in use by" in lab.status(), 10, f"BAD: {lab.status()}")
        check(not (lab.store / "journal.db").exists(), "written beside another writer")
    wait_for(lambda: (lab.store / "journal.db").exists() and lab.sealed(), 10, "a batch")
    check(lab.sealed()[0] > last, f"{lab.numbers()} go on behind {last}")
    with open(lab.store / "journal.lock") as other:
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            check(False, "the new folder is not locked")
        except BlockingIOError:
            pass
    wait_for(lambda: "records cannot be stored" not in lab.status(), 5, "stored again")
    lab.stop()


def rolled_back(lab):
    """A copy put back, a journal removed, and batches cut off below the chain's row: each is
    loud, and numbers go on.  Key changes are among what is lost: what follows is unproved until
    the identity adopts it.
    """
    config = lab.configure()
    lab.start(config)
    lab.in_time(1, lab.visit())
    lab.stop()
    copy = lab.dir / "copy.db"
    shutil.copy(lab.store / "journal.db", copy)
    old = lab.numbers()[-1]
    for n in 2, 3:
        lab.start(config)
        check("older than" not in lab.log(), "a false alarm: " + lab.log())
        lab.in_time(n, lab.visit())
        lab.stop()
    high = lab.numbers()[-1]
    head = re.findall(r"chain head of sensor \w+: batch (\d+), ([0-9a-f]{64})", lab.log())[-1]
    check(int(head[0]) == high, f"the head at the stop: {head}, {high}")

    def put_back():
        shutil.copy(copy, lab.store / "journal.db")
        for end in "-wal", "-shm":
            (lab.store / f"journal.db{end}").unlink(missing_ok=True)

    def remove():
        for path in lab.store.glob("journal.db*"):
            path.unlink()

    def cut():
        with contextlib.closing(sqlite3.connect(lab.store / "journal.db",
                                                isolation_level=None)) as db:
            first = lab.numbers()[0]
            for table in "head", "content_1", "content_2", "content_3", "content_4":
                db.execute(f"DELETE FROM {table} WHERE number > ?", (first,))

    for deed, first in (put_back, lambda: old + 1), (remove,
                                                     lambda: 1), (cut,
                                                                  lambda: lab.numbers()[0] + 1):
        deed()
        expected = first()
        lab.start(config)
        check(f"batches {expected} to {high} were written" in lab.log(),
              f"{deed.__name__}: {lab.log()}")
        check("BAD" in lab.status() and "older than what was written" in lab.status(), lab.status())
        check("nta keys adopt" in lab.status(), lab.status())
        lab.in_time(1, lab.visit())
        lab.stop()
        lab.adopt()
        check({"rolled_back.first": expected, "rolled_back.last": high} in lab.losses(),
              f"{deed.__name__}: {lab.losses()}")
        lab.verify()
        check(min(n for n in lab.sealed() if n >= expected) == high + 1,
              f"{deed.__name__}: {lab.numbers()}")
        high = lab.numbers()[-1]
        lab.start(config)  # once is enough
        check("older than" not in lab.log() and "keys adopt" not in lab.status(), lab.log())
        lab.stop()
        high = lab.numbers()[-1]


def nonsense_in_the_store(lab):
    """Rows that nobody could have written, put there while ntad runs: told, and it stores on,
    then and after the next start.
    """
    def meddle(sql):
        with contextlib.closing(sqlite3.connect(lab.store / "journal.db", isolation_level=None,
                                                timeout=20)) as db:
            db.execute(sql)

    config = lab.configure()
    rogue = (
        "INSERT INTO head SELECT sensor, {}, class, day, first_ns, last_ns, records, bytes, "
        "data_key, marks, header, signature FROM head LIMIT 1")
    for sql, conflict in (("UPDATE chain SET number = 9223372036854775807", True),
                          ("UPDATE chain SET number = 'abc'", True),
                          ("UPDATE chain SET link = 'no'", True),
                          (rogue.format(9223372036854775807), False),
                          (rogue.format("'zzz'"), False)):
        for running in True, False:
            lab.start(config)
            lab.in_time(1, lab.visit())
            wait_for(lab.own_numbers, 5, "a batch")
            last = lab.own_numbers()[-1]
            if not running:
                lab.stop()
            meddle(sql)
            if not running:
                lab.start(config)
            lab.visit()
            wait_for(lambda: lab.own_numbers()[-1] > last, 5,
                     f"a batch after {sql}: {lab.status()}")
            wait_for(lambda: "somebody else wrote into the store's chain" in lab.status()
                     or not conflict, 5,
                     f"{sql}: BAD: {lab.status()}")
            check("older than" not in lab.log() and "cannot be stored" not in lab.status(),
                  f"{sql}: {lab.log()}")
            lab.stop()
            check(lab.own_numbers()[-1] < 1000, f"{sql}: {lab.own_numbers()}")
            meddle("DELETE FROM head WHERE typeof(number) != 'integer' OR number > 1000")
            lab.alerts_path.unlink()
    numbers = lab.own_numbers()
    check(numbers == list(range(1, len(numbers) + 1)), numbers)
    lab.verify()


class MariaDB:
    """A server of the test's own."""

    def __init__(self, folder):
        self.dir = folder
        self.socket = folder / "mariadb.sock"
        self.server = None
        folder.mkdir()
        subprocess.run(["mariadb-install-db", "--no-defaults", "--user=root",
                        f"--datadir={folder}/data", "--skip-test-db",
                        "--auth-root-authentication-method=normal", "--skip-name-resolve"],
                       check=True, capture_output=True)

    def start(self):
        self.server = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=root", f"--datadir={self.dir}/data",
             f"--socket={self.socket}",
             f"--pid-file={self.dir}/pid", "--innodb-buffer-pool-size=64M", "--skip-log-bin",
             "--skip-networking"],
            stdout=subprocess.DEVNULL, stderr=(self.dir / "log").open("a"))
        wait_for(lambda: self.sql("SELECT 1").returncode == 0, 30, "a MariaDB server")

    def sql(self, text):
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root",
                               "--batch",
                               "--skip-column-names", f"--execute={text}"], capture_output=True,
                              text=True)

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
        self.server = None


@contextlib.contextmanager
def mariadb(lab):
    """A server with the database and the rights that the manual says; `config` for ntad, and the
    highest number that is `there`.
    """
    os.environ["PATH"] += ":/usr/sbin"
    if not shutil.which("mariadbd") or not shutil.which("mariadb-install-db"):
        raise Skipped("no MariaDB server is installed (Debian: mariadb-server)")
    server = MariaDB(lab.dir / "mariadb")
    try:
        server.start()
        made = server.sql(
            "CREATE DATABASE nta; GRANT SELECT, INSERT, CREATE ON nta.* TO nta@localhost "
            "IDENTIFIED BY 'sesame';"
                          "GRANT CREATE, UPDATE ON nta.chain TO nta@localhost")
        check(made.returncode == 0, made.stderr)
        server.config = f'mysql = {{ hosts = "{server.socket}"; password = "sesame"; }};'
        server.there = lambda: int(
            server.sql("SELECT COALESCE(MAX(number), 0) FROM nta.head").stdout or 0)
        yield server
    finally:
        if lab.daemon:
            lab.kill()
        server.stop()


def mysql_knows(lab):
    """Journal, state file and keys are put back together: MySQL, asked at the start or when it
    comes, knows better.  The signing key is one of before then, and another has to be adopted.
    """
    with mariadb(lab) as server:
        config = lab.configure(more=server.config)
        there = server.there
        copy = lab.dir / "copy"

        def put_back():
            shutil.rmtree(lab.store)
            shutil.copytree(copy, lab.store)

        for n in 1, 2:
            lab.start(config)
            check("older than" not in lab.log(), "a false alarm: " + lab.log())
            lab.in_time(n, lab.visit())
            lab.stop()
            check(lab.numbers()[-1] == there() and lab.unmarked() in ([], [there()]),
                  f"all but the last one left the journal: {lab.unmarked()}, {there()}")
            if n == 1:
                shutil.copytree(lab.store, copy)
        old, high = int((copy / "journal.state").read_text().splitlines()[1]), there()
        check(old < high, f"{old} {high}")
        put_back()
        lab.start(config)
        check(f"batches {old + 1} to {high} were written (MySQL knows)" in lab.log(), lab.log())
        check("nta keys adopt" in lab.status(), lab.status())
        lab.stop()
        lab.adopt(config)
        lab.start(config)
        check("nta keys adopt" not in lab.status(), lab.status())
        lab.stop()
        check({"rolled_back.first": old + 1, "rolled_back.last": high} in mysql_losses(lab, config),
              mysql_losses(lab, config))
        # the same while the server is away
        high = there()
        put_back()
        server.stop()
        lab.start(config)
        check("is not known yet, and is compared before the first batch is sent" in lab.log(),
              lab.log())
        lab.in_time(3, lab.visit())
        wait_for(lambda: lab.numbers()[-1] > old, 5, "a batch that is numbered twice")
        twice = lab.numbers()[-1]
        check(twice <= high, f"{twice} {high}")
        server.start()
        wait_for(lambda: "MySQL knows" in lab.log(), 90, "what MySQL knows")
        lab.in_time(4, lab.visit())
        wait_for(lambda: there() > high, 20, "batches behind what MySQL had")
        lab.stop()
        check(twice in lab.numbers(), f"what was numbered twice is still there: {lab.numbers()}")
        count = server.sql(
            "SELECT COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number) - (SELECT number "
            "FROM nta.chain)"
                           " FROM nta.head").stdout.split()
        check(count == [str(there())] * 2 + ["1", "0"], f"in MySQL: {count}")
        lab.start(config)
        check("older than" not in lab.log(), "again: " + lab.log())
        lab.stop()
        check(twice in lab.numbers(), f"and still: {lab.numbers()}")


def mysql_meddled_with(lab):
    """A chain row in MySQL that no chain reaches, and one that somebody keeps locked: told in
    seconds, nothing lost, no number burnt.
    """
    with mariadb(lab) as server:
        config = lab.configure(more=server.config)
        there = server.there
        n = 0
        for row in 2**64 - 1, 2**63 - 1, 2**62 + 1:
            lab.start(config)
            n += 1
            lab.in_time(n, lab.visit())
            wait_for(lambda: there() >= lab.numbers()[-1], 10, "batches in MySQL")
            at = there()
            check(at < 1000, at)
            lab.stop()
            at = there()
            server.sql(f"UPDATE nta.chain SET number = {row}")
            lab.start(config)
            n += 1
            lab.in_time(n, lab.visit())
            wait_for(lambda: "which no chain reaches" in lab.status(), 5, "BAD: " + lab.status())
            wait_for(lambda: lab.numbers()[-1] > at, 5, "a batch in the journal")
            check(lab.daemon.poll() is None, lab.log())
            server.sql(f"UPDATE nta.chain SET number = {at}")
            wait_for(lambda: there() > at, 30, "batches in MySQL again")
            lab.stop()
            check(there() < 1000 and "older than" not in lab.log(), lab.log())
        lab.start(config)
        other = subprocess.Popen(["mariadb", "--no-defaults", "--unbuffered", "--skip-column-names",
                                  f"--socket={server.socket}", "--user=root"],
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True, bufsize=1)
        other.stdin.write("BEGIN; UPDATE nta.chain SET number = number + 0; SELECT 'locked';\n")
        other.stdin.flush()
        check("locked" in other.stdout.readline(), "the row is locked")
        at = there()
        lab.in_time(n + 1, lab.visit())
        wait_for(lambda: "Lock wait timeout" in lab.status(), 20,
                 "BAD while the row is locked: " + lab.status())
        other.communicate("ROLLBACK;\n")
        wait_for(lambda: there() > at, 30, "batches in MySQL when it is not")
        lab.stop()
        count = server.sql(
            "SELECT COUNT(*), COUNT(DISTINCT number), MIN(number), MAX(number) - (SELECT number "
            "FROM nta.chain)"
                           " FROM nta.head").stdout.split()
        check(count == [str(there())] * 2 + ["1", "0"], f"in MySQL: {count}")
        # and a server that hangs
        lab.start(config)
        at = wait_for(lambda: there() >= lab.numbers()[-1] and there(), 10, "batches in MySQL")
        server.server.send_signal(signal.SIGSTOP)
        try:
            lab.in_time(n + 2, lab.visit())
            wait_for(lambda: "batches do not reach MySQL" in lab.status(), 15,
                     "BAD while the server hangs: " + lab.status())
        finally:
            server.server.send_signal(signal.SIGCONT)
        wait_for(lambda: there() > at, 30, "batches in MySQL when it does not")
        lab.stop()


def mysql_and_a_full_journal(lab):
    """What waits in a journal whose disk is full reaches MySQL, though the journal cannot be
    told so.
    """
    # a write-ahead log of 4 MiB, and once more what goes from it into the file
    lab.store = lab.tmpfs("tiny", "10m") / "store"
    with mariadb(lab) as server:
        config = lab.configure(more=server.config + 'record = { batch_time = "100ms"; };')
        lab.start(config)
        lab.in_time(1, lab.visit())
        wait_for(lambda: server.there() >= lab.numbers()[-1], 10, "batches in MySQL")
        server.stop()
        for _ in range(40):  # more than one parcel
            lab.visit()
            time.sleep(0.25)
        fill = lab.store.parent / "fill"
        with fill.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096) == 4096:
                    pass
            except OSError:
                pass
        wait_for(lambda: "cannot be stored" in lab.status() or lab.visit() and False, 5,
                 "a full disk")
        n_waiting = len(lab.numbers())
        check(n_waiting > 36, n_waiting)
        server.start()
        wait_for(lambda: server.there() >= lab.numbers()[-1], 40,
                 "all batches in MySQL, with a full disk")
        check("batches do not reach MySQL" not in lab.status(), lab.status())
        fill.unlink()
        wait_for(lambda: len(lab.unmarked()) <= 1, 30, "a journal that was told")
        lab.stop()
        check(server.there() == lab.numbers()[-1], f"{server.there()}, {lab.numbers()}")


def mysql_losses(lab, config):
    run = lab.run("records", "--config", config, "--event", "loss", "--json")
    return [json.loads(line).get("losses") for line in run.stdout.splitlines()]


def killed(lab):
    """kill -9 at any moment: the chain holds, and no roll-back is seen where there was none."""
    config = lab.configure()
    for i in range(10):
        lab.start(config)
        check("older than" not in lab.log(), "a false alarm: " + lab.log())
        end = time.monotonic() + 0.15 + 0.21 * i
        while time.monotonic() < end:
            lab.visit()
        lab.kill()
    lab.start(config)
    lab.stop()
    lab.verify()
    numbers = lab.numbers()
    check(numbers == list(range(1, len(numbers) + 1)), numbers)


# ---- alerts and the end ----

def alert_file_full(lab):
    """alert.json on a full disk: whole lines, a sentence, and what waited is written when there
    is room.
    """
    tiny = lab.tmpfs("tiny", "256k")
    lab.alerts_path = tiny / "alerts.json"
    lab.start()
    lab.in_time(1, lab.visit())
    line = len(lab.alerts_path.read_text())
    with (tiny / "fill").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 512):
                pass
        except OSError:
            pass
    n = 4096 // line + 6
    for _ in range(n):
        lab.visit()
        time.sleep(0.02)
    wait_for(lambda: "alerts could not be written" in lab.status(), 5, "BAD: " + lab.status())
    check("No space left" in lab.status(), lab.status())
    (tiny / "fill").unlink()
    # an alert that was told before it was stored has a second line, of what became of it
    wait_for(lambda: len([a for a in lab.alerts() if a["event"] == "alert"]) == n + 1, 15,
             "all alerts")
    wait_for(lambda: "alerts could not be written" not in lab.status(), 5, "a good state")
    with (tiny / "fill").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 512):
                pass
        except OSError:
            pass
    for _ in range(n):
        lab.visit()
    lab.stop()
    text = lab.alerts_path.read_text()
    check(text.endswith("\n") and all(json.loads(line) for line in text.splitlines()),
          "a torn line at the end")
    check("lines of alerts could not be written" in lab.log(), lab.log())


def alert_file_removed(lab):
    """alert.json is removed while ntad runs, and then its folder: no line goes where nobody
    reads it.
    """
    folder = lab.dir / "alerts"
    folder.mkdir()
    lab.alerts_path = folder / "alerts.json"
    lab.start()
    lab.in_time(1, lab.visit())
    lab.alerts_path.unlink()
    lab.in_time(1, lab.visit())
    shutil.rmtree(folder)
    lab.visit()
    wait_for(lambda: "alerts could not be written" in lab.status(), 2, "BAD: " + lab.status())
    folder.mkdir()
    wait_for(lambda: len(lab.alerts()) == 1, 3, "the line that waited")
    wait_for(lambda: "alerts could not be written" not in lab.status(), 3, "a good state")
    lab.stop()


def more_than_memory_holds(lab):
    """150,000 flows are open when a full disk is stopped: all that were made are stored or said
    to be lost.
    """
    tiny = lab.tmpfs("tiny", "6m")
    lab.store = tiny / "store"
    lab.start(lab.configure(udp_idle="10m", more="record = { user_rate = 0; };"))
    lab.in_time(1, lab.visit())
    wait_for(lab.numbers, 5, "a batch")
    with (tiny / "fill").open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096) == 4096:
                pass
        except OSError:
            pass
    n = open_flows(75)
    lab.stop(status=1, seconds=300)
    lost = int(re.search(r"(\d+) records could not be stored and are lost", lab.log()).group(1))
    (tiny / "fill").unlink()
    seen_lost = int(re.search(r"seen \d+ packets, lost (\d+)", lab.log()).group(1))
    check(seen_lost == 0, f"the test went too fast: {lab.log()}")
    check(lab.wrote() == len(lab.records()) and lost >= n,
          f"{n} flows, wrote {lab.wrote()}, lost {lost}")
    lab.verify()


def open_flows(n_ports):
    """Datagrams of 2,000 flows for each port; gives how many."""
    n = 0
    for s in range(n_ports):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind(("127.0.0.1", 20000 + s))
            for port in range(2000):
                out.sendto(b"x", ("127.0.1.1", 30000 + port))
                n += 1
                if n % 200 == 0:
                    time.sleep(0.01)
    time.sleep(1)
    return n


def many_open_flows(lab):
    """100,000 flows are open at SIGTERM: none is lost, systemd is told to wait, and the status
    is 0.
    """
    notes = []
    path = lab.dir / "notify"
    inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox.bind(str(path))
    threading.Thread(target=lambda: [notes.append(inbox.recv(4096).decode()) for _ in iter(int, 1)],
                     daemon=True).start()
    lab.start(lab.configure(udp_idle="10m", more='record = { batch_time = "2s"; user_rate = 0; };'),
              env={"NOTIFY_SOCKET": str(path)})
    n = open_flows(50)
    lab.stop(seconds=300)
    seen, lost, wrote = map(int,
                            re.search(r"seen (\d+) packets, lost (\d+); wrote (\d+) records",
                                      lab.log()).groups())
    check(lost == 0, f"the test went too fast: {lab.log()}")
    with contextlib.closing(sqlite3.connect(lab.store / "journal.db", isolation_level=None)) as db:
        stored = db.execute("SELECT sum(records) FROM head WHERE number > 1").fetchone()[0]
    check(wrote == stored >= n, f"{n} flows, wrote {wrote}, there are {stored}")
    losses = [l for l in lab.losses() if "record.drop" in l or "record.lost" in l]
    check(not losses, losses)
    if not [m for m in notes if "EXTEND_TIMEOUT_USEC=" in m]:
        print("   (done within a second)")


CASES = (one_writer, one_socket, errands_outlive_a_restart, one_reader, locked_journal, full_disk,
         journal_removed, folder_replaced, rolled_back, nonsense_in_the_store, mysql_knows,
         mysql_meddled_with, mysql_and_a_full_journal, killed, alert_file_full, alert_file_removed,
         many_open_flows, more_than_memory_holds)


def main(cases, nta, ntad, names):
    """Run them in namespaces, each in a lab of its own; the exit status."""
    if os.geteuid() != 0 or not shutil.which("unshare"):
        print("skipped: needs root and unshare")
        return 77
    if os.environ.get("NTA_RELIABILITY") != "inside":
        os.environ["NTA_RELIABILITY"] = "inside"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 80), Web)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    failed = 0
    for case in cases:
        if names and case.__name__ not in names:
            continue
        lab = Lab(nta, ntad)
        began = time.monotonic()
        try:
            case(lab)
            slowest = f", alerts after {lab.slowest:.2f} s at most" if lab.slowest else ""
            print(f"ok   {case.__name__} ({time.monotonic() - began:.1f} s{slowest})", flush=True)
        except Skipped as e:
            print(f"skip {case.__name__}: {e}", flush=True)
        except Exception as e:  # each case is told, not the first alone
            failed += 1
            if os.environ.get("NTA_TRACE"):
                traceback.print_exc()
            print(f"FAIL {case.__name__}: {type(e).__name__}: {e}", flush=True)
        finally:
            lab.done()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(CASES, sys.argv[1], sys.argv[2], sys.argv[3:]))
