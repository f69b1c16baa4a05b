#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta verify --resume begins behind what the same user verified before: in the same store, as deep,
and only if the headers are those that held then.  Else it says so, and reads all.

usage: resume.py NTA
"""
import contextlib
import json
import os
import pathlib
import re
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
        self.file = state / "nta/verified"

    def verify(self, store, *args):
        """Status, kinds of what does not hold, the batch behind which it began, were all opened?"""
        done = self.run("verify", "--store", store, "--json", *args)
        told = json.loads(done.stdout)
        resumed = told["sensors"][0].get("resumed", "nothing said")
        return (done.returncode,
                sorted({one["kind"] for one in told["findings"] if one["weight"] != "told"}),
                resumed and (resumed if isinstance(resumed, str) else resumed["to"]),
                told["opened"])


def change(store, *statements):
    """As root would: in the file as it lies there."""
    with contextlib.closing(sqlite3.connect(store / "journal.db")) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def ask(store, question):
    with contextlib.closing(sqlite3.connect(store / "journal.db")) as db:
        return db.execute(question).fetchall()


def last(store):
    return ask(store, "SELECT max(number) FROM head")[0][0]


def check_going_on(user, work, store):
    ok("all is read without the option", user.verify(store) == (0, [], "nothing said", "yes"))
    n = last(store)
    ok("with it nothing but headers", user.verify(store, "--resume") == (0, [], n, "yes"))
    done = user.run("verify", "--store", store, "--resume")
    ok("which is said", f"resumed behind batch {n}: those up to it held at 20"
       in re.sub(r"\s+", " ", done.stdout), done)
    grow(user.run, work, store, 2)
    ok("what came since is read", user.verify(store, "--resume") == (0, [], n, "yes"))
    ok("and not the next time", user.verify(store, "--resume") == (0, [], last(store), "yes"))
    first = re.search("all since ([0-9]+)", user.file.read_text())
    ok("since when is the first time", first and all(
        one == first[1] for one in re.findall("all since ([0-9]+)", user.file.read_text())))


def check_depth(work, store):
    """What was not opened counts where it need not be."""
    user = User(work / "quick")
    n = last(store)
    ok("quick", user.verify(store, "--quick") == (0, [], "nothing said", "no"))
    ok("counts for quick", user.verify(store, "--quick", "--resume") == (0, [], n, "no"))
    ok("not for all", user.verify(store, "--resume") == (0, [], None, "yes"))
    ok("but all does", user.verify(store, "--resume") == (0, [], n, "yes"))
    user.file.write_text("".join(line for line in user.file.read_text().splitlines(True)
                                 if ", opened," in line))
    ok("and for quick", user.verify(store, "--quick", "--resume")[2] == n)


def check_without_key(work, store):
    """Who has no auditor's key makes indexes again; what --quick left out is no more verified."""
    user, key = User(work / "keyless"), store / "keys/auditor.key"
    n, kept = last(store), work / "auditor.key"
    shutil.move(key, kept)
    ok("without the key: quick", user.verify(store, "--quick") == (0, [], "nothing said", "no"))
    ok("does not count for more", user.verify(store, "--resume") == (0, [], None, "no"))
    ok("but more does for more", user.verify(store, "--resume") == (0, [], n, "no"))
    ok("and for quick", user.verify(store, "--quick", "--resume")[2] == n)
    ok("quick takes nothing from it", user.verify(store, "--resume")[2] == n)
    text = user.file.read_text()
    user.file.write_text(re.sub(", indexes to [0-9]+", "", text))
    ok("as former versions wrote it", user.verify(store, "--resume") == (0, [], n, "no"))
    ok("that is written anew", user.file.read_text().count(f", indexes to {n}\n") == 1, text)
    for noise in (", indexes to 0", ", indexes to x", f", indexes to {n} {n}"):
        user.file.write_text(re.sub(", indexes to [0-9]+", noise, text))
        ok(f"{noise}: is none of ours", user.verify(store, "--resume")[1] == ["seen"])
    user.file.write_text(text)
    shutil.move(kept, key)
    ok("with the key all is read", user.verify(store, "--resume") == (0, [], None, "yes"))


def check_left_out(work, store):
    """Whatever is changed behind what --quick passes is found by the next that is not quick."""
    was, key, kept = work / "left-out", store / "keys/auditor.key", work / "auditor.key"
    shutil.copytree(store, was)
    klass, number = max(ask(store, "SELECT class, max(number) FROM head GROUP BY class"))
    for has_key in True, False:
        if not has_key:
            shutil.move(key, kept)
        for what, statement in BELOW.items():
            user = User(work / f"left out of {what} {has_key}")
            ok(f"{what}, key {has_key}: quick holds", user.verify(store, "--quick")[0] == 0)
            change(store, statement.format(klass, number))
            ok(f"{what}, key {has_key}: and passes it", user.verify(
                store, "--quick", "--resume")[:3] == (0, [], last(store)))
            status, kinds, resumed, _ = user.verify(store, "--resume")
            ok(f"{what}, key {has_key}: which nothing else does", status == 1 and kinds
               and resumed is None, (status, kinds, resumed))
            in_place(store, was)
    shutil.move(kept, key)


CHANGES = {  # before the batch up to which it was verified: found although nothing else is read
    "a signature": ("UPDATE head SET signature = zeroblob(64) WHERE number = 2",),
    "a header": ("UPDATE head SET header = (SELECT header FROM head WHERE number = 3) "
                 "WHERE number = 2",),
    "a header taken out": ("DELETE FROM head WHERE number = 2",),
    "the end taken off": ("DELETE FROM head WHERE number = (SELECT max(number) FROM head)",),
    "two that change places": ("UPDATE head SET number = 999 WHERE number = 2",
                               "UPDATE head SET number = 2 WHERE number = 3",
                               "UPDATE head SET number = 3 WHERE number = 999"),
    "a column": ("UPDATE head SET records = records + 1 WHERE number = 2",),
    "a day": ("UPDATE head SET day = day - 1 WHERE number = 2",),
    "the chain row": ("DELETE FROM chain",),
    "a data key": ("DELETE FROM data_key",),
    "another sensor's row": ("INSERT INTO head SELECT zeroblob(16), number, class, day, first_ns, "
                             "last_ns, records, bytes, data_key, header, signature, marks "
                             "FROM head WHERE number = 2",),
}
BELOW = {  # and what it cannot see, as it says
    "a body": "UPDATE content_{} SET body = zeroblob(length(body)) WHERE number = {}",
    "tokens": "UPDATE content_{} SET tokens = tokens || zeroblob(8) WHERE number = {}",
    "contents taken out": "DELETE FROM content_{} WHERE number = {}",
}


def in_place(store, was):
    """Put the store back into the same file."""
    with open(was / "journal.db", "rb") as source, open(store / "journal.db", "r+b") as out:
        out.truncate(0)
        shutil.copyfileobj(source, out)


def check_changes(user, work, store):
    was = work / "was"
    shutil.copytree(store, was)
    for what, statements in CHANGES.items():
        change(store, *statements)
        status, kinds, _, _ = user.verify(store, "--resume")
        ok(f"{what}: found", status == 1 and kinds, kinds)
        in_place(store, was)
        ok(f"{what}: then all is read once", user.verify(store, "--resume")
           == (0, [], None, "yes"))
        ok(f"{what}: and then resumed", user.verify(store, "--resume")[2] == last(store))
    places = dict(ask(store, "SELECT class, max(number) FROM head GROUP BY class"))
    for what, statement in BELOW.items():
        for klass, number in places.items():
            change(store, statement.format(klass, number))
            ok(f"{what} of class {klass}: not read, as it says",
               user.verify(store, "--resume")[:3] == (0, [], last(store)))
            ok(f"{what} of class {klass}: found where all is read", user.verify(store)[0] == 1)
            status, kinds, resumed, _ = user.verify(store, "--resume")
            ok(f"{what} of class {klass}: and not forgotten", (status, resumed) == (1, None), kinds)
            in_place(store, was)
            user.verify(store)


def check_other_stores(user, work, store):
    """A copy is another store, also in the place of the first."""
    copy = work / "copy"
    shutil.copytree(store, copy)
    ok("a copy is read whole", user.verify(copy, "--resume") == (0, [], None, "yes"))
    ok("once", user.verify(copy, "--resume")[2] == last(store))
    ok("and the first is still known", user.verify(store, "--resume")[2] == last(store))
    grow(user.run, work, store, 30)
    user.verify(store, "--resume")
    shutil.copytree(store, work / "newer")
    os.unlink(store / "journal.db")
    shutil.copy(copy / "journal.db", store / "journal.db")
    status, kinds, resumed, _ = user.verify(store, "--resume")
    ok("an older copy in its place is read whole, and said", status == 1 and "seen" in kinds
       and resumed is None, (status, kinds, resumed))
    shutil.rmtree(store)
    shutil.copytree(work / "newer", store)
    for n in (40, 41):
        grow(user.run, work, copy, n)
    user.verify(store)
    in_place(store, copy)
    shutil.copy(copy / "journal.state", store / "journal.state")
    status, kinds, resumed, _ = user.verify(store, "--resume")
    ok("nor is one that went on another way, below the same name and in the same file",
       status == 1 and "seen" in kinds and resumed is None, (status, kinds, resumed))
    shutil.rmtree(store)
    shutil.copytree(work / "newer", store)


def check_permissions(user, store):
    """A file into which others may have written counts for nothing; heads that were seen, too."""
    heads = user.file.with_name("heads")
    user.verify(store)
    for what, path, mode in (("the file", user.file, 0o602), ("its group's file", user.file, 0o660),
                             ("the folder", user.file.parent, 0o777), ("heads", heads, 0o666)):
        was = path.stat().st_mode & 0o777
        path.chmod(mode)
        status, kinds, resumed, _ = user.verify(store, "--resume")
        ok(f"{what} that others may write to", status == 1 and set(kinds) == {"seen"} and
           (path == heads or resumed is None), (status, kinds, resumed))
        path.chmod(was)
        user.verify(store)
    if os.geteuid() == 0:
        os.chown(user.file, 65534, 65534)
        ok("another user's file", user.verify(store, "--resume")[:3] == (1, ["seen"], None))
        os.chown(user.file, 0, 0)
    ok("when that is mended all is well", user.verify(store)[0] == 0)
    user.file.unlink()


def check_file(user, work, store):
    """Who can write there can only have batches passed over whose headers he knows."""
    user.verify(store)
    n, text = last(store), user.file.read_text()
    ok("for its owner alone", user.file.stat().st_mode & 0o777 == 0o600)
    line = [one for one in text.splitlines(True) if f"batch {n}," in one and "opened" in one][-1]
    for name, broken in {"cut": line[:-9], "noise": "x" * 600, "more": line + "and more\n",
                         "zeros": "\0" * 100, "no depth": line.replace(", opened", ""),
                         "another depth": line.replace("opened", "guessed"),
                         "a time before all": line.replace(", at ", ", at -"),
                         "capitals": line.upper(), "long": line * 5000,
                         "a number that is none": line.replace(f"batch {n}", "batch 1" + "0" * 30)
                         }.items():
        user.file.write_text(broken)
        status, kinds, resumed, _ = user.verify(store, "--resume")
        ok(f"{name}: it is said, and all is read", (status, kinds, resumed) == (1, ["seen"], None),
           (status, kinds, resumed))
    forged = {"another tree": re.sub("tree [0-9a-f]{8}", "tree 00000000", line),
              "another link": re.sub(", [0-9a-f]{8}", ", 00000000", line, count=1),
              "a higher number": line.replace(f"batch {n},", f"batch {n + 5},"),
              "a lower number": line.replace(f"batch {n},", f"batch {n - 1},")}
    for name, other in forged.items():
        user.file.write_text(other)
        status, kinds, resumed, _ = user.verify(store, "--resume")
        ok(f"{name}: found", status == 1 and kinds == ["seen"], (status, kinds, resumed))
    user.file.write_text(re.sub("^[0-9a-f]{8}", "00000000", line))
    ok("a line of another sensor is none of this one's",
       user.verify(store, "--resume") == (0, [], None, "yes"))
    user.file.unlink()
    user.file.symlink_to(work / "elsewhere")
    (work / "elsewhere").write_text(line)
    ok("a link is not followed", user.verify(store, "--resume")[:3] == (1, ["seen"], None))
    ok("nor what it leads to changed", (work / "elsewhere").read_text() == line)
    user.file.unlink()
    os.mkfifo(user.file)
    ok("a FIFO is not waited for", user.verify(store, "--resume")[:3] == (1, ["seen"], None))
    user.file.unlink()
    with open(user.file, "wb") as out:
        out.truncate(1 << 40)
    ok("nor is a terabyte of holes read", user.verify(store, "--resume")[:3] == (1, ["seen"], None))
    user.file.unlink()
    check_permissions(user, store)
    ok("without it all is read", user.verify(store, "--resume") == (0, [], None, "yes"))
    others = [re.sub("store [0-9a-f]{16}", f"store {i:016x}", line) for i in range(4096)]
    user.file.write_text("".join(others))
    ok("of other stores as many as there may be", user.verify(store) [0] == 0)
    ok("and this one is in", user.verify(store, "--resume")[2] == n)
    ok("in the place of another", len(user.file.read_text().splitlines()) == 4096)


def check_nobody(work, store):
    done = subprocess.run([NTA, "verify", "--store", store, "--resume", "--json"], check=False,
                          capture_output=True, text=True,
                          env={**os.environ, "XDG_STATE_HOME": "/dev/null"})
    ok("who has no place for it reads all", done.returncode == 0
       and json.loads(done.stdout)["sensors"][0]["resumed"] is None, done)
    case = work / "case.zip"
    case.write_bytes(b"PK")
    done = subprocess.run([NTA, "verify", case, "--resume"], check=False, capture_output=True)
    ok("a case is read whole, always", done.returncode == 2, done)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-resume-") as name:
        work = pathlib.Path(name)
        user, store = User(work / "state"), work / "store"
        grow(user.run, work, store, 1)
        check_going_on(user, work, store)
        check_depth(work, store)
        check_without_key(work, store)
        check_left_out(work, store)
        check_changes(user, work, store)
        check_other_stores(user, work, store)
        check_file(user, work, store)
        check_nobody(work, store)
    return ok.conclude()


sys.exit(main())
