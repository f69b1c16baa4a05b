#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: indexes.py NTA NTAD STEP

Indexes over many batches, where programs are killed (kill -9) while they are made, sent and made
again, of several sensors, in MySQL, and behind a deletion: what is left always holds, and questions
as chance has them are answered with indexes as they are without.  The second half needs root and a
MariaDB server, and is left out without.  STEP (step.c) steps a program's clock.
"""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
import mariadb  # noqa: E402
import wire  # noqa: E402
from checks import ok  # noqa: E402
from links import make_pair  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from sample import IS_LONG  # noqa: E402

NTA, NTAD, STEP = sys.argv[1:4]
USERS, NAMES = 250, 900
LOOKUPS, READS = 12000, 6     # of the capture, and how often it is read by one run
KILLS, QUESTIONS = (24, 40) if IS_LONG else (8, 12)
DAY = 86400
TABLES = [f"index_{c}" for c in range(1, 5)]


def user(i):
    return f"10.7.{i // 200}.{i % 200 + 1}"


def name(i):
    return f"w{i}.bad.example" if i % 50 == 0 else f"w{i}.example"


def lookups(n, chance, start=wire.START):
    """Few have much, many little."""
    out = wire.Wire()
    for i in range(n):
        out.lookup(start + i * .004, user(int(USERS * chance.random() ** 2)), 20000 + i % 30000,
                   name(int(NAMES * chance.random() ** 2)), "198.51.100.7", i % 60000, "10.7.9.53")
    return out


def nta(*args, status=(0,), **more):
    run = subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, **more)
    if run.returncode not in status:
        raise SystemExit(f"nta {' '.join(map(str, args))}: {run.returncode}\n{run.stdout[-1500:]}"
                         f"{run.stderr[-1500:]}")
    return run


def cut(process, seconds):
    """kill -9 after so long.  True: it had not ended by itself."""
    time.sleep(seconds)
    process.kill()
    return process.wait() == -signal.SIGKILL


def database(store):
    return contextlib.closing(sqlite3.connect(store / "journal.db"))


def rows(store):
    """All parts of all indexes."""
    with database(store) as db:
        return {(table, *row) for table in TABLES for row in db.execute(
            f"SELECT sensor, number, day, part, bytes FROM {table}")}


def forget(store):
    with database(store) as db:
        for table in TABLES:
            db.execute(f"DELETE FROM {table}")
        db.commit()


def questions(chance, n):
    for _ in range(n):
        args = []
        if chance.random() < .7:
            args += ["--user", user(chance.randrange(USERS + 5))]
        if chance.random() < .5 or not args:
            args += ["--site", name(chance.randrange(NAMES + 5))]
        if chance.random() < .3:
            args += ["--event", chance.choice(["lookup", "alert", "flow"])]
        yield args


def answers(where, asked):
    """Of each question: what was found.  That a part of the store was deleted is said, too."""
    return [nta("records", *where, "--json", "--quiet", *args, status=(0, 1)).stdout
            for args in asked]


def same(what, asked, with_them, without):
    wrong = [args for args, a, b in zip(asked, with_them, without) if a != b]
    ok(f"{what}: {len(asked)} questions are answered as without indexes",
       not wrong and any(without), wrong or "none found anything")


def kills(chance, process_of, seconds, after):
    """Killed again and again in a run that would take so long, each second time near its end, where
    indexes are noted; how often it was in time."""
    n = 0
    for i in range(KILLS):
        n += cut(process_of(), chance.uniform(.8 * (i % 2), 1.05) * seconds)
        after()
    return n


# ---- made by nta read, and made again by nta import ----

class Reading:
    def __init__(self, folder, chance):
        self.folder, self.chance, self.store = folder, chance, folder / "read"
        self.capture = lookups(LOOKUPS, chance).write(folder / "x.pcap")
        (folder / "deny").write_text("bad.example\n")
        self.command = [NTA, "read", "--store", self.store, "--list", folder / "deny",
                        *[self.capture] * READS]
        nta("keys", "init", "--store", self.store)

    def start(self):
        return subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def holds(self):
        if (self.store / "journal.db").exists():
            run = nta("verify", "--store", self.store, status=range(4))
            if run.returncode or "index" in run.stdout:
                ok("a store holds after a kill", False, run.stdout + run.stderr)


def read_is_killed(folder, chance):
    reading = Reading(folder, chance)
    began = time.monotonic()
    reading.start().wait()
    n = kills(chance, reading.start, time.monotonic() - began, reading.holds)
    before = len({row[2] for row in rows(reading.store)})
    reading.start().wait()
    reading.holds()
    noted = {row[2] for row in rows(reading.store)}
    ok(f"nta read was killed {n} times, and the store holds; {len(noted)} headers note indexes",
       n >= KILLS // 4 and len(noted) > before > 0, (n, before, len(noted)))
    return reading


def import_is_killed(reading, chance):
    backup, again = reading.folder / "x.ntabak", reading.folder / "again.ntabak"
    back = reading.folder / "back"
    nta("export", "--store", reading.store, "-o", backup)
    nta("export", "--store", reading.store, "-o", again)
    ok("what is exported twice is the same file", backup.read_bytes() == again.read_bytes())
    (back / "keys").mkdir(parents=True)
    for file in "sensor.pub", "auditor.key":
        shutil.copy(reading.store / "keys" / file, back / "keys")
    command = [NTA, "import", backup, "--store", back]
    probe = reading.folder / "probe"
    shutil.copytree(back, probe)
    began = time.monotonic()
    nta("import", backup, "--store", probe)
    took = time.monotonic() - began

    def start():
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    n = kills(chance, start, took, lambda: None)
    nta("import", backup, "--store", back)
    there, wanted = rows(back), rows(reading.store)
    ok(f"nta import was killed {n} times, and has made all indexes again", there == wanted,
       (n, len(there - wanted), len(wanted - there)))
    forget(back)
    nta("import", backup, "--store", back)
    ok("where batches are there without, they get them", rows(back) == wanted)
    nta("export", "--store", back, "-o", again, "-f")
    ok("what is exported of what was imported is the same file",
       backup.read_bytes() == again.read_bytes())
    verified = nta("verify", "--store", back).stdout
    ok("and holds", "HOLDS" in verified and "index" not in verified, verified)
    asked = list(questions(chance, QUESTIONS))
    where = ["--store", back]
    with_them = answers(where, asked)
    ok("an import finds what is found where it came from",
       with_them == answers(["--store", reading.store], asked))
    forget(back)
    same("an import", asked, with_them, answers(where, asked))


# ---- sent to MySQL ----

class Sensor(Ntad):
    """One of several with the same auditor; `days` ago by its clock."""

    days = 0

    def launch(self):
        step = self.folder / "clock"
        step.write_text(f"{-self.days * DAY} 0")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.ntad, "--foreground", "-c", self.folder / "conf"], stdout=log, stderr=log,
                env=dict(os.environ, LD_PRELOAD=STEP, NTA_TEST_STEP=str(step),
                         NTA_TEST_SYNCHRONISED="1"))

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def again(self, days):
        self.days = days
        self.launch()
        return self.__enter__()


class Traffic:
    """Lookups to each sensor, in turn."""

    def __init__(self, ends, chance):
        self.frames = [p[2] for p in sorted(lookups(3000, chance).packets, key=lambda p: p[0])]
        self.ports, self.at = [], 0
        for end in ends:
            port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            port.bind((end, 0))
            self.ports.append(port)

    def send(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(8):
                self.ports[self.at // 16 % len(self.ports)].send(
                    self.frames[self.at % len(self.frames)])
                self.at += 1
            time.sleep(.005)


class Cluster:
    """A server, and what its tables have of indexes."""

    def __init__(self, server):
        self.server = server

    def count(self):
        run = self.server.client("SELECT " + " + ".join(
            f"(SELECT COUNT(DISTINCT sensor, number) FROM nta.{table})" for table in TABLES))
        return int(re.search(r"\d+\s*$", run.stdout)[0])

    @contextlib.contextmanager
    def without(self, stores):
        """No index is anywhere for as long."""
        self.server.sql("CREATE DATABASE kept; " + "; ".join(
            f"CREATE TABLE kept.{table} AS SELECT * FROM nta.{table}; DELETE FROM nta.{table}"
            for table in TABLES))
        for store in stores:
            shutil.copy(store / "journal.db", store / "kept.db")
            forget(store)
        yield
        self.server.sql("; ".join(f"INSERT INTO nta.{table} SELECT * FROM kept.{table}"
                                  for table in TABLES) + "; DROP DATABASE kept")
        for store in stores:
            (store / "kept.db").rename(store / "journal.db")


MORE = ('record = { batch_time = "60ms"; alert_time = "60ms"; }; flow = { udp_idle = "1s"; };\n'
        'retention = { evidence = "0"; traffic = "0"; who = "0"; log = "0"; };\n')


def make_sensors(folder, server, stack):
    sensors = []
    for i in range(3):
        make_pair(f"a{i}", f"b{i}")
        own = folder / f"sensor{i}"
        (own / "store" / "keys").mkdir(parents=True)
        if i:
            shutil.copy(sensors[0].folder / "store/keys/auditors.pub", own / "store/keys")
        sensor = Sensor(NTA, NTAD, own, [f"b{i}"], canary_s=0, more=MORE + server.config())
        stack.callback(sensor.kill)
        sensor.__enter__()
        sensors.append(sensor)
        key = next(line for line in (own / "store/keys/sensor.pub").read_text().split("\n")
                   if line.startswith("nta-sensor-"))
        if i:
            nta("keys", "trust", key, "--name", f"sensor-{i}", "--keys",
                sensors[0].folder / "store/keys")
    return sensors


def run_and_kill(sensors, server, traffic, chance, days):
    """Each is killed, or stops, a few times; so is the server, once."""
    for turn in range(KILLS // 2):
        traffic.send(chance.uniform(1.5, 4))
        sensor = chance.choice(sensors)
        if turn == 1:
            server.process.kill()
            server.process.wait()
            server.start()
        elif turn % 2:
            if chance.random() < .5:  # while it ends, and notes indexes
                sensor.process.terminate()
                time.sleep(chance.uniform(0, .4))
            sensor.kill()
            sensor.again(days)
        else:
            sensor.stop()
            sensor.again(days)
    traffic.send(3)


def ask_both_ways(what, cluster, sensors, chance):
    where = ["--config", sensors[0].folder / "conf"]
    asked = list(questions(chance, QUESTIONS))
    with_them = answers(where, asked)
    n = cluster.count()
    with cluster.without([s.folder / "store" for s in sensors]):
        without = answers(where, asked)
    same(f"{what}, {n} indexes in MySQL", asked, with_them, without)


def sensors_are_killed(folder, server, chance):
    cluster = Cluster(server)
    server.sql("GRANT ALTER, DROP ON nta.* TO nta@localhost; "
               "GRANT CREATE, UPDATE ON nta.data_key TO nta@localhost")
    with contextlib.ExitStack() as stack:
        Sensor.days = 2
        sensors = make_sensors(folder, server, stack)
        traffic = Traffic([f"a{i}" for i in range(3)], chance)
        run_and_kill(sensors, server, traffic, chance, 2)
        for sensor in sensors:
            sensor.stop()
            sensor.again(0)
        traffic.send(4)
        for sensor in sensors:
            sensor.stop()
        where = ["--config", sensors[0].folder / "conf"]
        verified = nta("verify", *where, status=range(4))
        ok("three sensors were killed while they sent indexes, and all holds",
           verified.returncode == 0 and "index" not in verified.stdout,
           verified.stdout[-3000:] + verified.stderr)
        ask_both_ways("three sensors", cluster, sensors, chance)
        before = cluster.count()
        for sensor in sensors:
            nta("prune", "--config", sensor.folder / "conf", "--class", "traffic", "--before",
                "today", status=(0, 1))
        ok("indexes of days that were deleted went with them", 0 < cluster.count() < before,
           (before, cluster.count()))
        verified = nta("verify", *where, status=range(4))
        ok("behind a deletion all holds", verified.returncode == 0 and
           "index" not in verified.stdout, verified.stdout[-3000:] + verified.stderr)
        ask_both_ways("three sensors behind a deletion", cluster, sensors, chance)


def main():
    seed = int(os.environ.get("NTA_SEED", random.randrange(1 << 30)))
    print(f"NTA_SEED={seed}", flush=True)
    chance = random.Random(seed)
    os.environ["XDG_STATE_HOME"] = "/dev/null"  # nothing is remembered
    with tempfile.TemporaryDirectory(prefix="nta-indexes-") as text:
        folder = pathlib.Path(text)
        reading = read_is_killed(folder, chance)
        import_is_killed(reading, chance)
        if os.geteuid() or not mariadb.found():
            print("skipped in MySQL: needs root and a MariaDB server")
            return ok.conclude()
        with mariadb.MariaDb(folder / "mariadb") as server:
            sensors_are_killed(folder, server, chance)
    return ok.conclude()


if __name__ == "__main__":
    if os.geteuid() == 0 and not in_namespace():
        sys.exit(77)
    sys.exit(main())
