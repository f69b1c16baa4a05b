#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta keys: what init says, signing keys that are lost or come from a backup, and what the identity
does then: adopt, rotate, revoke; with MySQL there and away.

usage: keys.py NTA SEARCH_DRIVER
"""
import fcntl
import json
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/attack"))
import stores  # noqa: E402

NTA, DRIVER = (pathlib.Path(a).resolve() for a in sys.argv[1:3])
N_FAILED = 0


def expect(name, holds, said=""):
    global N_FAILED
    N_FAILED += not holds
    print(("ok    " if holds else "FAIL  ") + name + ("" if holds else f": {said[-600:]}"),
          flush=True)


def nta(*args):
    """Status, and all that is said."""
    done = subprocess.run([NTA, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60)
    return done.returncode, done.stdout


def ends(name, wanted, needle, *args):
    status, said = nta(*args)
    expect(name, status == wanted and needle in said, f"status {status}: {said}")
    return said


class Sensor:
    """A store of `nta read`, whose identity is elsewhere."""

    def __init__(self, work, name):
        self.dir, self.identity = work / name, work / f"{name}.identity"
        self.state, self.where = self.dir / "state", ("--store", self.dir)
        self.where_written = self.where
        (work / "list.txt").write_text("bad.example\n")
        self.list = work / "list.txt"

    def init(self):
        said = nta("keys", "init", *self.where)[1]
        shutil.move(self.dir / "keys/sensor.key", self.identity)
        return said

    def read(self):
        return nta("read", ROOT / "tests/data/demo/demo.pcap", "--list", self.list, "--store",
                   self.dir)

    def verify(self, *more):
        """Status, kinds of findings that are wrong, and what is said of the one sensor."""
        done = subprocess.run([NTA, "verify", "--json", *map(str, self.where), *more],
                              stdout=subprocess.PIPE, text=True, timeout=60)
        said = json.loads(done.stdout)
        return done.returncode, {f["kind"] for f in said["findings"]
                                 if f["weight"] == "wrong"}, said["sensors"][0]

    def holds(self, name, records=True):
        status, kinds, sensor = self.verify()
        expect(name, status == 0 and not kinds and sensor["unproved"] == 0, f"{status} {kinds}")
        if records:
            status, said = nta("records", "--json", *self.where)
            last = max((int(json.loads(line)["id"].split("-")[1]) for line in said.splitlines()
                        if line.startswith("{")), default=0)
            expect(f"{name}: the last records are shown",
                   status == 0 and last > sensor["head"]["number"] - 5, said)

    def key(self, verb, *more):
        return nta("keys", verb, "--identity", self.identity, *self.where_written, *more)


def made(work):
    """What init says, and does not do twice."""
    sensor = Sensor(work, "made")
    said = sensor.init()
    expect("init says what to take away", all(
        w in said for w in ("TAKE AWAY", "keys/sensor.key", "keys/auditor.key", "NOTE ON PAPER",
                            "nta-sensor-")), said)
    ends("it does not make an identity again", 0, "all keys are there already", "keys", "init",
         *sensor.where)
    expect("nor is there one now", not (sensor.dir / "keys/sensor.key").exists())
    ends("there is nothing to adopt without a store", 3, "", "keys", "adopt", "--identity",
         sensor.identity, *sensor.where)
    status, said = sensor.read()
    expect("a store is filled without the identity", status in (0, 1), said)
    sensor.holds("and holds")
    for verb in ("adopt", "rotate", "revoke"):
        ends(f"{verb} wants the identity", 2, "--identity", "keys", verb, *sensor.where)
    ends("an identity that is not there", 3, "", "keys", "revoke", "--identity", work / "nowhere",
         *sensor.where)
    status, said = sensor.key("adopt")
    expect("what is proved needs no adoption", status == 1 and "nothing to adopt" in said, said)


def lose(sensor, how):
    """The signing key that the chain names is not there any more, and records come."""
    how()
    before = sensor.verify()[2]["head"]["number"]
    status, said = sensor.read()
    expect("records come all the same", status in (0, 1), said)
    return before


def adopts(sensor, name, work):
    """After a loss: unproved, not shown, adopted, shown."""
    status, kinds, seen = sensor.verify()
    expect(f"{name}: unproved until it is adopted", status == 1 and "unproved" in kinds
           and seen["unproved"] > 0, f"{status} {kinds} {seen}")
    status, said = nta("records", *sensor.where)
    expect(f"{name}: not shown until then", status == 1 and "not shown" in said, said)
    status, said = nta("records", "--unverified", *sensor.where)
    expect(f"{name}: but with --unverified", "UNVERIFIED" in said, said)
    other = Sensor(work, f"other-{name.replace(' ', '-')}")
    other.init()
    status, said = nta("keys", "adopt", "--identity", other.identity, *sensor.where_written)
    expect(f"{name}: another sensor's identity adopts nothing",
           status == 1 and "is not the identity" in said, said)
    expect(f"{name}: and changes nothing", sensor.verify()[0] == 1)
    status, said = sensor.key("adopt")
    expect(f"{name}: adopted", status == 0 and "adopted: what was signed from batch" in said, said)
    status, said = nta("records", "--event", "audit", "--json", *sensor.where)
    expect(f"{name}: a record says who did it",
           '"actor":"' in said and '"question":"nta keys adopt"' in said, said)
    sensor.holds(f"{name}: holds after that")
    sensor.read()
    sensor.holds(f"{name}: and goes on")
    status, said = sensor.key("adopt")
    expect(f"{name}: once is enough", status == 1 and "nothing to adopt" in said, said)


def lost(work):
    sensor = Sensor(work, "lost")
    sensor.init()
    sensor.read()
    lose(sensor, (sensor.state / "signing.key").unlink)
    adopts(sensor, "a lost key", work)
    backup = (sensor.state / "signing.key").read_bytes()
    sensor.read()
    lose(sensor, lambda: (sensor.state / "signing.key").write_bytes(backup))
    adopts(sensor, "a key from a backup", work)
    lose(sensor, (sensor.state / "signing.key").unlink)
    lose(sensor, (sensor.state / "signing.key").unlink)
    adopts(sensor, "a key that is lost twice", work)
    lose(sensor, (sensor.state / "signing.key").unlink)
    sensor.read()
    sensor.read()
    adopts(sensor, "a lost key whose heirs signed", work)


def rotated(work):
    sensor, new = Sensor(work, "rotated"), work / "new.identity"
    sensor.init()
    sensor.read()
    key = (sensor.dir / "keys/sensor.pub").read_text().strip()
    status, said = sensor.key("rotate")
    expect("rotate wants a place for the new identity", status == 2 and "--new" in said, said)
    status, said = sensor.key("rotate", "--new", sensor.identity)
    expect("and overwrites nothing", status == 3 and "xist" in said, said)
    status, said = sensor.key("rotate", "--new", new)
    expect("a new identity", status == 0 and "rotated" in said and new.stat().st_mode & 0o777
           == 0o600, said)
    sensor.read()
    sensor.holds("holds after that")
    ends("also for who noted the old one", 0, "HOLDS", "verify", "--key", key, *sensor.where)
    expect("verify shows the new one", sensor.verify()[2]["identity"] != key)
    ends("keys show, too", 0, "identity  ", "keys", "show", *sensor.where)
    trusted = sensor.dir / "keys/sensors.pub"
    trusted.write_text("KEY local - - \x1b[31mred\x07\n")
    said = ends("what somebody wrote there is shown escaped", 0, r"\x1b[31mred\x07", "keys", "show",
                "--keys", sensor.dir / "keys")
    expect("and nothing of it as it is", "\x1b[31m" not in said, repr(said))
    trusted.unlink()
    lose(sensor, (sensor.state / "signing.key").unlink)
    status, said = sensor.key("adopt")
    expect("the old one adopts nothing", status == 1 and "is not the identity" in said, said)
    sensor.identity = new
    adopts(sensor, "by the new identity", work)


def revoked(work):
    sensor = Sensor(work, "revoked")
    sensor.init()
    sensor.read()
    status, said = sensor.key("revoke")
    expect("revoked", status == 0 and "revoked: batches behind" in said, said)
    sensor.holds("what was before holds", records=False)
    sensor.read()
    status, kinds, _ = sensor.verify()
    expect("what comes after is a finding", status == 1 and "revoked" in kinds, str(kinds))
    status, said = nta("records", "--wide", *sensor.where)
    expect("and is not shown", status == 1 and "revoked" in said and "ALERT" in said, said)
    key = (sensor.dir / "keys/sensor.pub").read_text().strip()
    seen = sensor.verify()[2]
    expect("verify shows the revoked identity by its key",
           seen["identity"] == key and seen["revoked"] > 0, str(seen))
    said = ends("verify says by which batch", 1, f"revoked {key}, its identity, by batch "
                f"{seen['revoked']}", "verify", *sensor.where)
    digits = key.removeprefix("nta-sensor-")
    ends("keys show, too", 0, f"identity  {digits}, revoked by batch {seen['revoked']}", "keys",
         "show", *sensor.where)
    said = ends("and no key that signs", 0, "signing   none that counts", "keys", "show",
                *sensor.where)
    for verb in ("adopt", "rotate", "revoke"):
        more = ("--new", work / "after") if verb == "rotate" else ()
        status, said = sensor.key(verb, *more)
        expect(f"{verb} says that it is revoked", status == 1 and "was revoked by batch" in said
               and key in said and "set the sensor up again" in said, said)


def signing(work):
    """Of the key that signs now only what the chain proves is shown."""
    sensor = Sensor(work, "signing")
    sensor.init()
    sensor.read()
    names = re.search(r"^signing (\w+)$", (sensor.dir / "journal.state").read_text(), re.M)[1]
    said = ends("the key that signs now is the state file's", 0, f"signing   {names}", "keys",
                "show", *sensor.where)
    expect("and is proved", "not proved" not in said, said)
    store = sqlite3.connect(sensor.dir / "journal.db")
    last = store.execute("select max(number) from head where marks > 0").fetchone()[0]
    store.execute("update head set signature = zeroblob(64) where number = ?", (last,))
    store.commit()
    said = ends("what nobody signed is not shown as if", 0, "not proved: the change of the key at "
                f"batch {last}", "keys", "show", *sensor.where)
    expect("nor is its key", names not in said, said)


def locked(work):
    sensor = Sensor(work, "locked")
    sensor.init()
    sensor.read()
    with open(sensor.dir / "journal.lock", "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, said = sensor.key("revoke")
        expect("while somebody writes, nothing is done",
               status == 3 and "must be stopped" in said, said)
    sensor.holds("and nothing was")


def with_mysql(work):
    """The store is MySQL's but for what the journal keeps."""
    server = stores.Server(work / "mariadb")
    try:
        server.sql("CREATE DATABASE nta; CREATE USER nta@localhost IDENTIFIED BY 'sesame'; GRANT "
                   "ALL ON nta.* TO nta@localhost")
        sensor = Sensor(work, "mysql")
        sensor.init()
        sensor.read()
        sensor.read()

        def config(socket):
            path = work / "ntad.conf"
            path.write_text(f'store = {{ directory = "{sensor.dir}"; keys = "{sensor.dir}/keys"; '
                            f'}};\nmysql = {{ hosts = "{socket}"; user = "nta"; password = '
                            f'"sesame"; database = "nta"; }};\n')
            path.chmod(0o600)
            sensor.where = sensor.where_written = ("--config", path)

        config(server.socket)
        done = subprocess.run([DRIVER, "ship", sensor.dir, server.socket], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        expect("shipped", done.returncode == 0, done.stdout)
        sensor.holds("with MySQL")
        lose(sensor, (sensor.state / "signing.key").unlink)
        adopts(sensor, "with MySQL there", work)
        backup = (sensor.state / "signing.key").read_bytes()
        sensor.read()
        lose(sensor, lambda: (sensor.state / "signing.key").write_bytes(backup))
        adopts(sensor, "a key from a backup, with MySQL there", work)
        for how in ((sensor.state / "signing.key").unlink,
                    lambda: (sensor.state / "signing.key").write_bytes(backup)):
            lose(sensor, how)
            config(work / "nobody.sock")
            status, said = sensor.key("adopt")
            expect("adopted while MySQL is away", status == 0, said)
            config(server.socket)
            sensor.holds("and holds when it is back")
    finally:
        server.stop()


def main():
    with tempfile.TemporaryDirectory(prefix="nta-keys-") as scratch:
        work = pathlib.Path(scratch)
        for scene in made, lost, rotated, revoked, signing, locked:
            scene(work)
        try:
            with_mysql(work)
        except FileNotFoundError as error:
            print(f"skipped: with MySQL: there is no {error}")
    return 1 if N_FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
