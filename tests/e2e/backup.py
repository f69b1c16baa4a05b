#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: backup.py NTA STEP

Stores taken out with `nta export` and brought back with `nta import`: whole, in part, onto each
other, changed by somebody, cut short, and into a store from which something was deleted.  What a
backup holds is read here by docs/format.md alone.  STEP (step.c) steps a program's clock.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

NTA, STEP = sys.argv[1:3]
DEMO = pathlib.Path(__file__).parents[1] / "data" / "demo" / "demo.pcap"
KINDS = {0: 3, 1: 2, 2: 3, 3: 5, 4: 2, 5: 3}  # of items, and their values


def check(holds, text):
    if not holds:
        raise SystemExit(f"FAIL  {text}")


def nta(*args, status=0, says="", **more):
    run = subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, **more)
    text = run.stdout + run.stderr
    check(run.returncode == status and says in text,
          f"nta {' '.join(map(str, args))}: {run.returncode}, not {status}, or without {says!r}:"
          f"\n{text[-2000:]}")
    return text


# ---- a backup, by docs/format.md ----

def cbor(data, at):
    """(value, where it ends) of what a backup has."""
    kind, low = data[at] >> 5, data[at] & 31
    at += 1
    if low >= 24:
        n = 1 << (low - 24)
        low, at = int.from_bytes(data[at:at + n], "big"), at + n
    if kind == 0:
        return low, at
    if kind in (2, 3):
        return data[at:at + low], at + low
    check(kind == 4, f"a backup has no CBOR of major type {kind}")
    values = []
    for _ in range(low):
        value, at = cbor(data, at)
        values.append(value)
    return values, at


def items(path):
    """Of a whole file: (kind, values) and (where it begins, where it ends) of each."""
    data, at, found, digest = path.read_bytes(), 0, [], bytes(32)
    while at < len(data):
        start = at
        item, at = cbor(data, at)
        values, end = cbor(item, 0)
        check(end == len(item) and len(values) == KINDS[values[0]], "an item of another form")
        found.append((values[0], values[1:], start, at))
        if values[0] == 5:
            check(values[1:] == [len(found) - 1, digest], "the end is not that of these items")
        digest = hashlib.sha256(digest + item).digest()
    check(found[0][1] == [b"nta backup", 1] and found[-1][0] == 5, "no first or last item")
    return found


# ---- stores ----

def question(store, text):
    with contextlib.closing(sqlite3.connect(f"file:{store}/journal.db?mode=ro", uri=True)) as db:
        return db.execute(text).fetchall()


def batches(store):
    """{number: (header, signature, tokens, body)}"""
    return {row[0]: row[1:] for c in (1, 2, 3, 4) for row in question(
        store, "SELECT head.number, header, signature, tokens, body FROM head LEFT JOIN content_"
        f"{c} AS c ON c.number = head.number AND c.sensor = head.sensor WHERE class = {c}")}


def records(store, status=0):
    text = nta("records", "--store", store, "--json", "--quiet", status=status)
    return [line for line in text.splitlines() if line.startswith("{")]


class Lab:
    def __init__(self, folder):
        self.dir = folder
        self.deny = folder / "deny.txt"
        self.deny.write_text("bad.example\n")
        self.one = folder / "one"
        self.read(self.one, 2)
        time.sleep(1.1)  # batches are sealed before and behind this moment
        self.middle = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self.read(self.one, 2)
        text = (self.one / "keys" / "sensor.pub").read_text()
        self.key = [line for line in text.split("\n") if line.startswith("nta-sensor-")][0]
        self.whole = folder / "whole.ntabak"
        nta("export", "--store", self.one, "-o", self.whole)

    def read(self, store, times=1):
        for _ in range(times):
            nta("read", DEMO, "--list", self.deny, "--store", store)

    def fresh(self, name, of=None):
        """A folder with what a reader needs, and no records."""
        store = self.dir / name
        (store / "keys").mkdir(parents=True)
        for file in "sensor.pub", "auditor.key":
            shutil.copy((of or self.one) / "keys" / file, store / "keys")
        return store


def a_store_is_brought_back_byte_for_byte(lab):
    store = lab.fresh("back")
    nta("import", lab.whole, "--store", store, "--dry-run", says="would be taken")
    check(not (store / "journal.db").exists(), "--dry-run wrote")
    nta("import", lab.whole, "--store", store)
    check(batches(store) == batches(lab.one), "batches are not the same")
    check(records(store) == records(lab.one), "records are not the same")
    nta("verify", "--store", store, says="HOLDS")
    nta("import", lab.whole, "--store", store, says="0 batches and 0 heads alone taken")


def an_import_that_failed_at_once_is_no_store(lab):
    store = lab.fresh("empty")
    (store / "journal.db").touch()
    nta("import", lab.whole, "--store", store)
    check(records(store) == records(lab.one), "records are not the same")


def a_store_is_not_replaced_by_what_is_made_of_it(lab):
    store = lab.fresh("own")
    nta("import", lab.whole, "--store", store)
    before = records(store)
    for name in "journal.db", "journal.db-wal", "journal.db-shm", "journal.state", "journal.lock":
        (store / name).touch()
        nta("export", "--store", store, "-f", "-o", store / name, status=3, says="own file")
        nta("report", "--store", store, "-o", store / name, status=2, says="must end in")
    check(records(store) == before, "the store is another one")
    nta("export", "--store", store, "-f", "-o", lab.dir / "journal.db")  # there is no store


def an_older_backup_is_good_though_more_was_seen(lab):
    store, env = lab.dir / "older", dict(os.environ, XDG_STATE_HOME=str(lab.dir / "seen"))
    old = lab.dir / "older.ntabak"
    lab.read(store)
    nta("export", "--store", store, "-o", old)
    lab.read(store)
    nta("verify", "--store", store, says="HOLDS", env=env)
    check((lab.dir / "seen/nta/heads").exists(), "nothing was remembered")
    back = lab.fresh("older-back", store)
    nta("import", old, "--store", back, env=env)
    nta("verify", "--store", back, status=1, says="[seen]", env=env)


def the_file_is_as_the_page_says(lab):
    found, rows = items(lab.whole), batches(lab.one)
    in_file = [values for kind, values, *_ in found if kind == 3]
    check(sorted(in_file) == sorted(map(list, rows.values())), "other batches in the file")
    keys = {blob for kind, (blob, *_), *_ in found if kind == 1}
    check(keys == {row[0] for row in question(lab.one, "SELECT wrapped FROM data_key")}, "keys")
    check(any(kind == 4 and values[0] == (lab.one / "journal.state").read_bytes()
              for kind, values, *_ in found), "no journal.state")
    check(lab.whole.stat().st_mode & 0o777 == 0o600, "others may read it")


def a_sensor_goes_on_where_it_was_brought_back(lab):
    store = lab.dir / "moved"
    store.mkdir(mode=0o700)
    for folder in "keys", "state":
        shutil.copytree(lab.one / folder, store / folder)
    nta("import", lab.whole, "--store", store)
    lab.read(store)
    check(len(batches(store)) > len(batches(lab.one)), "nothing was added")
    check("lost" not in nta("verify", "--store", store, says="HOLDS"), "numbers were lost")


def what_was_recorded_after_it_is_lost_and_told(lab):
    store, early = lab.dir / "late", lab.dir / "early.ntabak"
    lab.read(store)
    nta("export", "--store", store, "-o", early)
    lab.read(store)
    for file in store.glob("journal.db*"):
        file.unlink()
    nta("import", early, "--store", store)
    nta("verify", "--store", store, status=1, says="[state]")  # it is behind what the sensor knows
    nta("keys", "adopt", "--identity", store / "keys" / "sensor.key", "--store", store)
    lab.read(store)
    nta("verify", "--store", store, says="[lost]")


def no_secret_is_needed(lab):
    store = lab.fresh("blind")
    (store / "keys" / "auditor.key").unlink()
    nta("import", lab.whole, "--store", store)
    nta("export", "--store", store, "-o", lab.dir / "again.ntabak")
    check((lab.dir / "again.ntabak").read_bytes() == lab.whole.read_bytes(),
          "what is exported again is another file")


def a_part_is_proved_and_the_rest_goes_on_top(lab):
    part, store = lab.dir / "part.ntabak", lab.fresh("part")
    nta("export", "--store", lab.one, "--since", lab.middle, "-o", part)
    found = items(part)
    whole, heads = ([values for kind, values, *_ in found if kind == k] for k in (3, 2))
    check(0 < len(whole) < len(batches(lab.one)) and heads, "not a part")
    nta("import", part, "--store", store)
    check(0 < len(records(store, 1)) < len(records(lab.one)), "not a part")
    nta("verify", "--store", store, status=1, says="[content]")  # a part, and so it says
    nta("import", lab.whole, "--store", store)
    check(batches(store) == batches(lab.one), "contents of heads were not put to them")
    nta("verify", "--store", store, says="HOLDS")


def nobody_else_gets_in(lab):
    other, store = lab.dir / "other", lab.fresh("strict")
    lab.read(other)
    nta("export", "--store", other, "-o", lab.dir / "other.ntabak")
    nta("import", lab.dir / "other.ntabak", "--store", store, status=1,
        says="of a sensor that nobody trusts")
    check(batches(store) == {} and question(store, "SELECT * FROM data_key") == [], "it got in")
    nta("import", lab.whole, "--store", lab.dir / "nowhere", status=3, says="no sensor's key")


def what_was_changed_is_left_out_and_the_rest_is_taken(lab):
    for at, (kind, values, start, end) in enumerate(items(lab.whole)):
        if kind != 3 or at % 3:
            continue
        data = bytearray(lab.whole.read_bytes())
        data[end - 10] ^= 1  # in its body
        bad = lab.dir / "bad.ntabak"
        bad.write_bytes(data)
        store = lab.fresh(f"bad{at}")
        nta("import", bad, "--store", store, status=1, says="1 refused")
        nta("import", bad, "--store", store, status=1, says="the body is not the signed one")
        check(len(batches(store)) == len(batches(lab.one)) - 1, "others were left out, too")
        check(not (store / "journal.state").exists(), "it has the state of a whole store")
        nta("import", lab.whole, "--store", store, says="1 batches")
        nta("verify", "--store", store, says="HOLDS")


def what_is_cut_says_so(lab):
    data, store = lab.whole.read_bytes(), lab.fresh("cut")
    cut = lab.dir / "cut.ntabak"
    for len_cut in 5, len(data) // 2, len(data) - 1:
        cut.write_bytes(data[:len_cut])
        nta("import", cut, "--store", store, status=1,
            says="not a backup" if len_cut == 5 else "cut short")
    cut.write_bytes(data + b"x")
    nta("import", cut, "--store", store, status=1, says="behind its end")
    nta("import", lab.whole, "--store", store)
    nta("verify", "--store", store, says="HOLDS")


def what_is_no_plain_file_is_refused(lab):
    store, link, pipe = lab.fresh("plain"), lab.dir / "link", lab.dir / "pipe"
    link.symlink_to(lab.whole)
    os.mkfifo(pipe)
    nta("import", link, "--store", store, status=3, says="link")
    nta("import", pipe, "--store", store, status=3)
    nta("import", lab.dir, "--store", store, status=3)
    nta("export", "--store", lab.one, "-o", link, "--force", status=3, says="no regular file")
    nta("export", "--store", lab.one, "-o", lab.whole, status=3, says="--force replaces it")


def what_is_not_written_whole_is_not_there(lab):
    half = lab.whole.stat().st_size // 2

    def small():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (half, half))

    out = lab.dir / "out"
    out.mkdir()
    nta("export", "--store", lab.one, "-o", out / "x.ntabak", status=3, preexec_fn=small)
    check(list(out.iterdir()) == [], "something is left")
    empty = lab.dir / "unwritten"
    shutil.copytree(lab.fresh("nobody"), empty)
    nta("export", "--store", empty, "-o", out / "x.ntabak", status=3, says="no records there")
    check(list(out.iterdir()) == [], "something is left")


def what_is_refused_is_not_taken(lab):
    """Beside it counts what was; a store that cannot be looked at is not one that is not there."""
    store = lab.fresh("refused")
    nta("import", lab.whole, "--store", store)
    there = question(store, "SELECT MAX(number) FROM head")[0][0]
    with contextlib.closing(sqlite3.connect(f"{store}/journal.db")) as db:
        db.execute("UPDATE head SET signature = zeroblob(64) WHERE number = 2")
        db.commit()
    said = nta("import", lab.whole, "--store", store, status=1, says="1 refused")
    check("0 batches and 0 heads alone taken" in said and
          f"{there - 1} were there already" in said, said)
    store = lab.fresh("loop")
    (store / "journal.db").symlink_to("journal.db")
    nta("import", lab.whole, "--store", store, "--dry-run", status=3)


def who_writes_there_is_told(lab):
    store = lab.fresh("busy")
    nta("import", lab.whole, "--store", store)
    with open(store / "journal.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        nta("import", lab.whole, "--store", store, status=3)


def what_was_deleted_stays_deleted(lab):
    store, step = lab.dir / "pruned", lab.dir / "step"
    step.write_text("-86400")  # of a day that is over
    nta("read", DEMO, "--list", lab.deny, "--store", store,
        env=dict(os.environ, LD_PRELOAD=STEP, NTA_TEST_STEP=str(step)))
    before = records(store)
    old, new = lab.dir / "old.ntabak", lab.dir / "new.ntabak"
    nta("export", "--store", store, "-o", old)
    nta("prune", "--store", store, "--class", "traffic", "--before", "today")
    left = records(store)
    check(0 < len(left) < len(before), "nothing was deleted, or all")
    nta("import", old, "--store", store, says="0 batches")
    check(records(store) == left, "it came back where it was deleted")
    nta("verify", "--store", store, says="HOLDS")
    nta("export", "--store", store, "-o", new)
    check(any(kind == 2 for kind, *_ in items(new)), "deleted batches are no heads")
    for order in (new, old), (new, new):
        copy = lab.fresh("copy" + order[1].name, store)
        for file in order:
            nta("import", file, "--store", copy)
        check(records(copy) == left, "it came back in a copy")
        nta("verify", "--store", copy, says="HOLDS")
    # the note alone, from a store that has only the newest, is enough
    wrapped = question(copy, "SELECT wrapped FROM data_key WHERE class = 2")
    check(not any(blob.strip(b"\0") for blob, in wrapped), "a key came back")


def records_of_a_backup_are_those_of_json(lab):
    """Against emptiness: what was compared above is something."""
    rows = [json.loads(line) for line in records(lab.one)]
    check(len(rows) > 40 and len(batches(lab.one)) > 8, f"{len(rows)} records")


def main():
    with tempfile.TemporaryDirectory(prefix="nta-backup-") as folder:
        lab = Lab(pathlib.Path(folder))
        for case in (a_store_is_brought_back_byte_for_byte, the_file_is_as_the_page_says,
                     an_import_that_failed_at_once_is_no_store,
                     a_store_is_not_replaced_by_what_is_made_of_it,
                     an_older_backup_is_good_though_more_was_seen,
                     a_sensor_goes_on_where_it_was_brought_back,
                     what_was_recorded_after_it_is_lost_and_told, no_secret_is_needed,
                     a_part_is_proved_and_the_rest_goes_on_top, nobody_else_gets_in,
                     what_was_changed_is_left_out_and_the_rest_is_taken, what_is_cut_says_so,
                     what_is_no_plain_file_is_refused, what_is_not_written_whole_is_not_there,
                     what_is_refused_is_not_taken, who_writes_there_is_told,
                     what_was_deleted_stays_deleted,
                     records_of_a_backup_are_those_of_json):
            case(lab)
            print("ok   ", case.__name__.replace("_", " "))


main()
