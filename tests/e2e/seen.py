#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What nta has seen of a chain it remembers: a store that is younger, or has another past, is said
by whatever command reads it, without an option.

usage: seen.py NTA
"""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import growing  # noqa: E402
from checks import ok  # noqa: E402
from growing import grow  # noqa: E402

NTA = sys.argv[1]


class User(growing.User):
    def __init__(self, state):
        super().__init__(NTA, state)
        self.file = state / "nta/heads"

    def verify(self, store):
        done = self.run("verify", "--store", store, "--json")
        told = json.loads(done.stdout)
        return done.returncode, sorted({one["kind"] for one in told["findings"]
                                        if one["weight"] != "told"})


def check_past(user, work, store):
    """A copy that ends before, and one that went on another way."""
    copy = work / "copy"
    shutil.copytree(store, copy)
    grow(user.run, work, store, 2)
    ok("the chain went on", user.verify(store) == (0, []))
    ok("a copy that ends before is said", user.verify(copy) == (1, ["seen"]))
    done = user.run("records", "--store", copy)
    ok("whatever reads it", done.returncode == 1 and "nta has seen it, but the last that is there"
       in done.stderr, done)
    ok("and is not remembered in the place of what was seen", user.verify(store) == (0, []))
    for n in (3, 4, 5):
        grow(user.run, work, copy, n)
    ok("one that went on another way, too", user.verify(copy) == (1, ["seen"]))
    other = User(work / "other-state")
    ok("somebody else has not seen it", other.verify(copy) == (0, []))
    ok("and then says it of the first", other.verify(store) == (1, ["seen"]))
    text = user.file.read_text()
    user.file.write_text("")
    ok("a line that is taken out is forgotten", user.verify(copy) == (0, []))
    user.file.write_text(text)


def check_recall(user, work, store):
    """What was seen to hold is passed over, and found all the same if it was changed."""
    count = len(sqlite3.connect(store / "journal.db").execute("SELECT 1 FROM head").fetchall())
    for number in range(1, count + 1):
        copy = work / f"changed {number}"
        shutil.copytree(store, copy)
        with sqlite3.connect(copy / "journal.db") as db:
            db.execute("UPDATE head SET signature = zeroblob(64) WHERE number = ?", (number,))
        done = user.run("records", "--store", copy, "--user", "10.9.9.9")
        ok(f"a search for somebody else finds that batch {number} is signed no more",
           done.returncode == 1 and f" {number}" in done.stderr and "sign" in done.stderr, done)
        shutil.rmtree(copy)
    done = user.run("records", "--store", store, "--user", "10.9.9.9")
    ok("and nothing where all is as it was", done.returncode == 0, done)


def check_closed(user, store, text):
    """A file that may not be read is not one that is not there."""
    user.file.write_text(text)
    user.file.chmod(0)
    bounded = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    done = subprocess.run([*(bounded if os.getuid() == 0 else []), NTA, "verify", "--store", store],
                          capture_output=True, text=True, check=False,
                          env={**os.environ, "XDG_STATE_HOME": str(user.state)})
    ok("one that may not be read is said, with its path", done.returncode == 3
       and str(user.file) in done.stdout.replace("\n  ", " ") and "may not be read" in done.stdout,
       done)
    user.file.chmod(0o600)
    ok("and stays as it is", user.file.read_text() == text)


def check_file(user, work, store):
    text = user.file.read_text()
    ok("for its owner alone", user.file.stat().st_mode & 0o777 == 0o600)
    done = user.run("verify", "--store", store, "--heads", user.file)
    ok("it is a list of heads for others", done.returncode == 0 and "lies in it" in done.stdout,
       done)
    for name, broken in {"cut": text[:-9], "noise": "x" * 600, "line": text + "and more\n",
                         "zeros": "\0" * 100}.items():
        user.file.write_text(broken)
        ok(f"{name}: it is said", user.verify(store) == (1, ["seen"]))
        ok(f"{name}: and stays as it is", user.file.read_text() == broken)
    user.file.unlink()
    user.file.symlink_to(work / "elsewhere")
    (work / "elsewhere").write_text(text)
    ok("nor is a link followed", user.verify(store) == (1, ["seen"]))
    ok("nor what it leads to changed", (work / "elsewhere").read_text() == text)
    user.file.unlink()
    others = [f"chain head of sensor {n:032x}: batch 1, {n:064x}, tree {n:064x}\n"
              for n in range(3000)]
    user.file.write_text("".join(others) + text)
    ok("of as many sensors as are trusted", user.verify(store) == (0, []))
    ok("and none is forgotten", user.file.read_text().endswith(text))
    user.file.write_text("".join(others) * 6)
    ok("of more, it is said", user.verify(store) == (1, ["seen"]))
    check_closed(user, store, text)
    user.file.unlink()
    ok("without it nothing was seen", user.verify(store) == (0, []))
    ok("and it is there again", user.file.read_text() == text)
    for state in ("/dev/null", "/proc/nowhere", "relative"):
        done = user.run("verify", "--store", store, XDG_STATE_HOME=state, HOME="/dev/null")
        ok(f"without a place for it ({state}) all else is the same", done.returncode == 0
           and not done.stderr, done)
    done = user.run("verify", "--store", store, XDG_STATE_HOME="", HOME=str(work / "home"))
    ok("else it is in the home", done.returncode == 0
       and (work / "home/.local/state/nta/heads").read_text() == text, done)


def check_two(work):
    """Of two at once neither forgets what the other has seen."""
    user = User(work / "two")
    stores = [work / f"store {i}" for i in range(4)]
    for i, store in enumerate(stores):
        grow(user.run, work, store, 10 + i)
    for _ in range(5):
        shutil.rmtree(user.state, ignore_errors=True)
        running = [subprocess.Popen([NTA, "verify", "--store", store], stdout=subprocess.DEVNULL,
                                    env={**os.environ, "XDG_STATE_HOME": str(user.state)})
                   for store in stores]
        ended = [one.wait(60) for one in running]
        ok("all are remembered", ended == [0] * 4
           and len(user.file.read_text().splitlines()) == 4, (ended, user.file.read_text()))


def main():
    with tempfile.TemporaryDirectory(prefix="nta-seen-") as name:
        work = pathlib.Path(name)
        user, store = User(work / "state"), work / "store"
        grow(user.run, work, store, 1)
        ok("at first nothing was seen", user.verify(store) == (0, []))
        ok("then it was", user.file.read_text().startswith("chain head of sensor "))
        ok("the same once more", user.verify(store) == (0, []))
        check_past(user, work, store)
        check_recall(user, work, store)
        check_file(user, work, store)
        check_two(work)
    return ok.conclude()


sys.exit(main())
