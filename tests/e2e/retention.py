#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: retention.py NTA NTAD STEP CUT [CASE...]

Records that are deleted for their age, for want of room, and on command: what goes is gone for
good, what stays is found, and the chain holds; also where the program is killed at any of its
writes.  The clock of one program is stepped by STEP (step.c), and CUT (cut.c) kills one.  Runs in a
network and a mount namespace of its own, listens on the loopback there, and needs root.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time

from reliability import check, main, wait_for
from sample import IS_LONG

NTA, NTAD, STEP, CUT = sys.argv[1:5]
DEMO = pathlib.Path(__file__).parents[1] / "data" / "demo" / "demo.pcap"
DAY = 86400
LAW = "HOLDS"


def today():
    return int(time.time()) // DAY


def rows(lab, question):
    with contextlib.closing(sqlite3.connect(f"file:{lab.store}/journal.db?mode=ro",
                                            uri=True)) as db:
        return db.execute(question).fetchall()


def contents(lab):
    """{(class, days ago): batches}"""
    return {(c, today() - day): n for c in (1, 2, 3, 4)
            for day, n in rows(lab, f"SELECT day, count(1) FROM content_{c} GROUP BY day")}


def stepped(lab, days):
    step = lab.dir / f"step{days}"
    step.write_text(str(-days * DAY))
    return {"LD_PRELOAD": STEP, "NTA_TEST_STEP": str(step)}


def read(lab, days):
    """The demo's capture, read so many days ago."""
    subprocess.run([NTA, "read", DEMO, "--list", lab.dir / "deny.txt", "--store", lab.store],
                   env=dict(os.environ, **stepped(lab, days)), capture_output=True, check=True)


def prune(lab, *args, status=0, env=None):
    run = subprocess.run([NTA, "prune", "--store", lab.store, *args], capture_output=True,
                         text=True, env=dict(os.environ, **(env or {})))
    check(run.returncode == status, f"prune {args}: {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


def keys_left(lab):
    """Days ago and classes whose data keys are not overwritten."""
    return {(c, today() - day) for c, day, wrapped in
            rows(lab, "SELECT class, day, wrapped FROM data_key") if wrapped.strip(b"\0")}


def old_records_go_and_young_ones_stay(lab):
    for days in 200, 40, 2, 0:
        read(lab, days)
    before = contents(lab)
    shown = prune(lab, "--dry-run")
    check(contents(lab) == before and "Nothing was deleted" in shown, shown)
    check(len(re.findall(r"^(traffic|who|evidence) ", shown, re.M)) == 5, shown)
    said = prune(lab)
    after = contents(lab)
    # evidence is kept for 180 days, traffic and who for 30, the log for 730
    want = {k: n for k, n in before.items()
            if not (k[0] == 1 and k[1] >= 180) and not (k[0] in (2, 3) and k[1] >= 30)}
    check({k: n for k, n in after.items() if k != (4, 0)} ==
          {k: n for k, n in want.items() if k != (4, 0)}, f"{before} became {after}, not {want}")
    check("deleted: 5 batches of 5 days and classes" in said, said)
    check(keys_left(lab) >= set(want) and not keys_left(lab) & (set(before) - set(want)),
          f"keys: {keys_left(lab)}")
    run = lab.run("verify", "--store", lab.store)
    check(run.returncode == 0 and LAW in run.stdout and "deleted contents of 5" in run.stdout,
          run.stdout + run.stderr)
    found = lab.run("records", "--store", lab.store, "--json")
    check(found.returncode == 0 and found.stdout.count("\n") > 50, found.stderr)
    check("nothing is to be deleted" in prune(lab), "again")
    log = lab.run("records", "--store", lab.store, "--json", "--event", "audit")
    asked = [json.loads(line) for line in log.stdout.splitlines()]
    check(len(asked) == 5 and all("destroyed: " in json.dumps(r) for r in asked), log.stdout)


def what_was_not_noted_is_still_a_finding(lab):
    for days in 40, 0:
        read(lab, days)
    prune(lab)
    with contextlib.closing(sqlite3.connect(lab.store / "journal.db")) as db:
        db.execute("DELETE FROM content_1")
        db.commit()
    run = lab.run("verify", "--store", lab.store)
    check(run.returncode == 1 and "[content]" in run.stdout, run.stdout)


def a_class_and_a_time_can_be_named(lab):
    for days in 10, 5, 0:
        read(lab, days)
    prune(lab, "--class", "evidence", "--before", "1 week ago")
    check((1, 10) not in contents(lab) and (2, 10) in contents(lab), str(contents(lab)))
    prune(lab, "--before", "tomorrow")  # traffic and who, but never today's
    left = contents(lab)
    check((2, 10) not in left and (2, 5) not in left and (2, 0) in left and (1, 5) in left,
          str(left))
    lab.verify()
    for wrong in (["--class", "all"], ["--before", "someday"], ["more"]):
        prune(lab, *wrong, status=2)


def killed_at_each_write(lab):
    """Whatever was done by then, the next run ends it, and nothing of it is left.  Without
    NTA_LONG=1 at every fourth write.
    """
    for days in 40, 35, 0:
        read(lab, days)
    whole = lab.dir / "whole"
    subprocess.run(["cp", "-r", lab.store, whole], check=True)
    with contextlib.closing(sqlite3.connect(whole / "journal.db")) as db:
        secrets = [w[-48:] for w, in db.execute(
            "SELECT wrapped FROM data_key WHERE class IN (2, 3) AND day < ?",
            (today(),))]
    check(len(secrets) == 4, "two days of traffic and who are to go")
    n_cut, n_between = 0, 0
    while True:
        shutil.rmtree(lab.store)
        subprocess.run(["cp", "-r", whole, lab.store], check=True)
        status = subprocess.run([NTA, "prune", "--store", lab.store], capture_output=True,
                                env=dict(os.environ, LD_PRELOAD=CUT,
                                         NTA_TEST_CUT=str(n_cut))).returncode
        run = lab.run("verify", "--store", lab.store)
        # between note and end: what was noted is there still
        between = run.returncode == 1 and "[note]" in run.stdout
        n_between += between
        check(run.returncode == 0 or between or "is empty" in run.stderr,
              f"killed at write {n_cut}: {run.stdout}{run.stderr}")
        prune(lab)
        run = lab.run("verify", "--store", lab.store)
        check(run.returncode == 0 and "deleted contents of 4" in run.stdout,
              f"killed at write {n_cut}, then done: {run.stdout}{run.stderr}")
        check(not [k for k in contents(lab) if k[0] in (2, 3) and k[1] >= 30], str(contents(lab)))
        kept = b"".join(p.read_bytes() for p in lab.store.glob("journal.db*"))
        check(not any(s[i:i + 16] in kept for s in secrets for i in range(0, 48, 16)),
              f"killed at write {n_cut}: a piece of a destroyed key is left")
        n_cut += 1 if IS_LONG else 4
        if status == 0:
            break
    check(n_cut > 20 and n_between > 0, f"{n_cut} writes, {n_between} in between")
    print(f"     {n_cut} places, {n_between} between the note and the end")


def asked_of_a_running_ntad(lab):
    read(lab, 40)
    lab.start(lab.configure(more='retention = { traffic = "0"; who = "0"; };'))
    for _ in range(3):
        lab.visit()
    run = subprocess.run([NTA, "prune", "--config", lab.dir / "ntad-first.conf"],
                         capture_output=True, text=True)
    check("nothing is to be deleted" in run.stdout, run.stdout + run.stderr)
    run = subprocess.run([NTA, "prune", "--config", lab.dir / "ntad-first.conf", "--before",
                          "yesterday"], capture_output=True, text=True)
    check(run.returncode == 0 and "deleted: 2 batches of 2 days and classes" in run.stdout,
          run.stdout + run.stderr)
    left = contents(lab)
    check(not {(2, 40), (3, 40)} & set(left) and (1, 40) in left, str(left))
    other = subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", NTA, "prune",
                            "--config", lab.dir / "ntad-first.conf"], capture_output=True,
                           text=True)
    check(other.returncode != 0, f"nobody may not: {other.stdout}{other.stderr}")
    lab.stop()
    lab.verify()


def a_reader_that_holds_the_log_is_named(lab):
    """It is waited for, then said; when it has gone, what was begun is done."""
    for days in 40, 0:
        read(lab, days)
    secrets = [w[-48:] for w, in rows(
        lab, f"SELECT wrapped FROM data_key WHERE class IN (2, 3) AND day < {today()}")]
    with contextlib.closing(sqlite3.connect(f"file:{lab.store}/journal.db?mode=ro", uri=True,
                                            isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(1) FROM data_key").fetchall()
        began = time.monotonic()
        run = lab.run("prune", "--store", lab.store)
        took = time.monotonic() - began
        check(run.returncode == 3 and "a reader holds the log" in run.stderr and
              "deleted" not in run.stdout, f"{run.returncode} {run.stdout}{run.stderr}")
        check(15 < took < 90, f"{took:.0f} s: each of three tries waits")
    run = lab.run("verify", "--store", lab.store)
    check(run.returncode == 1 and "[note]" in run.stdout, f"begun: {run.stdout}{run.stderr}")
    prune(lab)
    run = lab.run("verify", "--store", lab.store)
    check(run.returncode == 0 and "deleted contents of 2" in run.stdout, run.stdout + run.stderr)
    kept = b"".join(p.read_bytes() for p in lab.store.glob("journal.db*"))
    check(len(secrets) == 2 and not any(s in kept for s in secrets), "a destroyed key is left")


# ---- the clock ----

def with_clock(lab, step=(0, 0), synchronised=True):
    """For a daemon whose clock may be stepped later: lab.dir / "clock"."""
    (lab.dir / "clock").write_text("%d %d" % step)
    return {"LD_PRELOAD": STEP, "NTA_TEST_STEP": str(lab.dir / "clock"),
            "NTA_TEST_SYNCHRONISED": str(int(synchronised))}


def asked_to_prune(lab, config):
    run = lab.run("prune", "--config", config)
    check(run.returncode == 0 and "deleted: 2 batches of 2 days" in run.stdout,
          f"{run.returncode} {run.stdout}{run.stderr}")


def ntad_deletes_by_age(lab):
    read(lab, 40)
    lab.start(env=with_clock(lab))
    wait_for(lambda: not {(2, 40), (3, 40)} & set(contents(lab)), 10, "old traffic goes")
    check((1, 40) in contents(lab) and (4, 40) in contents(lab), str(contents(lab)))
    check("are kept" not in lab.status(), lab.status())
    lab.stop()
    lab.verify()


def a_clock_that_is_not_synchronised_deletes_nothing(lab):
    """Until somebody asks."""
    read(lab, 40)
    config = lab.configure()
    lab.start(config, env=with_clock(lab, synchronised=False))
    wait_for(lambda: "the clock is not synchronised" in lab.status(), 10, "retention is BAD")
    check({(2, 40), (3, 40)} <= set(contents(lab)), str(contents(lab)))
    asked_to_prune(lab, config)
    check(not {(2, 40), (3, 40)} & set(contents(lab)), str(contents(lab)))
    check("the clock is not synchronised" not in lab.status(), lab.status())
    lab.stop()
    lab.verify()


def a_clock_that_jumped_deletes_nothing(lab):
    """Twenty days ahead: what is 20 days old seems old enough.  Half a day is no jump."""
    read(lab, 20)
    config = lab.configure()
    lab.start(config, env=with_clock(lab))
    lab.visit()
    time.sleep(6)  # it has looked, and found nothing that is old
    clock = lab.dir / "clock"
    clock.write_text(f"{DAY // 2} 700")
    time.sleep(6)
    check("jumped" not in lab.status(), lab.status())
    clock.write_text(f"{20 * DAY} 1400")
    wait_for(lambda: "the clock jumped by more than a day" in lab.status(), 15, lab.status())
    check({(2, 20), (3, 20)} <= set(contents(lab)), str(contents(lab)))
    asked_to_prune(lab, config)
    check(not {(2, 20), (3, 20)} & set(contents(lab)), str(contents(lab)))
    check("jumped" not in lab.status(), lab.status())
    lab.stop()
    lab.verify()


def requests(lab):
    return [record for record in (
        json.loads(line) for line in
        lab.run("records", "--store", lab.store, "--json").stdout.splitlines())
            if record["event"] == "request"]


def a_clock_an_hour_back_and_a_year_forward(lab):
    """And right again, also over a restart: nothing goes, nothing is numbered twice."""
    config = lab.configure()
    clock = lab.dir / "clock"
    env = with_clock(lab)
    lab.start(config, env=env)
    for n, step in enumerate((0, -3600, 365 * DAY, 0)):
        clock.write_text(f"{step} 0")
        time.sleep(1.2)
        lab.visit()
        wait_for(lambda n=n: len(requests(lab)) > n, 60, "the visit's record")
        time.sleep(2)  # ages are looked at
        if n == 2:  # a clock that is wrong when it starts is not told from a right one
            lab.kill()
            clock.write_text("0 0")
            lab.start(config, env=env)
    lab.stop()
    visits = requests(lab)
    check(len(visits) == 4, f"{len(visits)} visits")
    days = {day - today() for day, in rows(lab, "SELECT DISTINCT day FROM head")}
    check({0, 365} <= days or {-1, 364} <= days, f"sealed on days {days}")
    numbers = [n for n, in rows(lab, "SELECT number FROM head ORDER BY number")]
    check(numbers == list(range(1, len(numbers) + 1)), f"numbers: {numbers}")
    check(not rows(lab, "SELECT 1 FROM data_key WHERE wrapped = zeroblob(length(wrapped))"),
          "a key was destroyed")
    lab.verify()


# ---- days that are held ----

def visit_from(lab, address):
    with socket.create_connection(("127.0.0.1", 80), 5, (address, 0)) as s:
        s.sendall(f"GET /{time.monotonic_ns()} HTTP/1.1\r\nHost: bad.example\r\n"
                  f"Connection: close\r\n\r\n".encode())
        while s.recv(4096):
            pass


def evidence_of_users(lab):
    """Sealed 200 days ago of three users, a day later of two.  Gives the first one's incident."""
    config = lab.configure(more='retention = { evidence = "0"; traffic = "0"; who = "0"; };')
    for days, users in (200, (1, 2, 3)), (199, (2, 3)):
        lab.start(config, env=with_clock(lab, step=(-days * DAY, 0)))
        for n in users:
            visit_from(lab, f"127.0.0.{n}")
        lab.stop()
    found = [json.loads(line) for line in
             lab.run("incidents", "--store", lab.store, "--json").stdout.splitlines()]
    check(len(found) == 3, str(found)[:500])
    return next(i["id"] for i in found if i["user"]["ip"] == "127.0.0.1")


def hold(lab, *args, status=0):
    run = lab.run("hold", "--store", lab.store, *args)
    check(run.returncode == status, f"hold {args}: {run.returncode} {run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def prune_all(lab):
    return prune(lab, "--class", "evidence", "--class", "log", "--class", "traffic", "--before",
                 "yesterday")


def what_is_held_stays(lab):
    incident = evidence_of_users(lab)
    check("nothing is held" in hold(lab), "yet")
    said = hold(lab, incident, "--note", "case 17")
    check("kept with it: " in said and " of 2 other users" in said, said)
    before = contents(lab)
    said = hold(lab, incident.rsplit("-", 2)[1] + "-" + incident.rsplit("-", 1)[1])
    check("is held" in said, f"again: {said}")
    check(contents(lab) == before, "what stands is not noted again")
    listed = hold(lab)
    check(incident in listed and listed.count("\n") == 2, listed)
    shown = prune(lab, "--dry-run", "--class", "evidence", "--class", "log", "--before",
                  "yesterday")
    check("2 days and classes more are held" in shown, shown)
    prune_all(lab)
    left = contents(lab)
    check({(1, 200), (4, 200)} <= set(left) and not {(2, 200), (1, 199), (4, 199)} & set(left),
          str(left))
    lab.verify()
    again = [json.loads(line) for line in
             lab.run("incidents", "--store", lab.store, "--json").stdout.splitlines()]
    check({i["user"]["ip"] for i in again} == {f"127.0.0.{n}" for n in (1, 2, 3)}, again)
    log = [json.loads(line) for line in lab.run("records", "--store", lab.store, "--json",
                                                "--event", "audit").stdout.splitlines()]
    held = [r["log"] for r in log if "held: evidence and log" in json.dumps(r)]
    check(len(held) == 1 and held[0]["incident"] == incident and held[0]["note"] == "case 17" and
          held[0]["actor"] == "root", log)
    check(f"{incident} is held no more" in hold(lab, incident, "--release"), "released")
    hold(lab, incident, "--release", status=1)
    check("nothing is held" in hold(lab), "any more")
    prune_all(lab)
    check(not [k for k in contents(lab) if k[1] > 1], str(contents(lab)))
    lab.verify()
    hold(lab, incident, status=1)  # there is no such incident any more


def who_it_was_is_held_too(lab):
    """Whose it was is told apart from the evidence, in records of class who: a hold keeps these."""
    logins = lab.dir / "logins"
    logins.write_text("")
    config = lab.configure(more='retention = { evidence = "0"; traffic = "0"; who = "0"; };'
                                f'who = {{ files = [ "{logins}" ]; }};')
    lab.start(config, env=with_clock(lab, step=(-200 * DAY, 0)))
    visit_from(lab, "127.0.0.1")
    wait_for(lambda: [a for a in lab.alerts() if a["event"] == "alert"], 10, "an alert")
    time.sleep(12)  # and its connection is over, too
    # packets have the time of now, whatever ntad's clock says
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + after))
                    for after in (-201 * DAY, DAY))
    logins.write_text(json.dumps({"time": since, "until": until, "ip": "127.0.0.1",
                                  "login": "ann"}) + "\n")
    time.sleep(3)
    lab.stop()

    def users():
        return {(i["user"].get("login"), len(i.get("bindings", []))) for i in map(
            json.loads, lab.run("incidents", "--store", lab.store, "--json").stdout.splitlines())}

    check(users() == {("ann", 1)}, users())
    (incident,) = [json.loads(line)["id"] for line in lab.run(
        "incidents", "--store", lab.store, "--json").stdout.splitlines()]
    said = hold(lab, incident)
    check("who had which address" in " ".join(said.split()), said)
    listed = hold(lab)
    check([line.split()[4:] for line in listed.splitlines()[1:]] == [["evidence,", "log"], ["who"]],
          listed)
    prune(lab, "--class", "who", "--class", "evidence", "--before", "yesterday")
    check((3, 200) in contents(lab) and users() == {("ann", 1)}, (contents(lab), users()))
    lab.verify()
    hold(lab, incident, "--release")
    prune(lab, "--class", "who", "--before", "yesterday")
    check((3, 200) not in contents(lab) and users() == {(None, 0)}, (contents(lab), users()))
    lab.verify()


def what_was_sealed_far_apart_is_held(lab):
    """One capture read three times in a year: as many notes as one incident needs."""
    for days in 300, 299, 150, 5:
        read(lab, days)
    found = [json.loads(line) for line in
             lab.run("incidents", "--store", lab.store, "--json").stdout.splitlines()]
    incident = found[0]["id"]
    said = hold(lab, incident)
    check("is held" in said and said.count(" to ") == 1 and said.count("-") > 8, said)
    check(hold(lab).count(incident) == 3, hold(lab))
    hold(lab, incident)
    check(hold(lab).count(incident) == 3, "what stands is not noted again")
    prune_all(lab)
    check({(1, 300), (1, 299), (1, 150), (1, 5)} <= set(contents(lab)) and
          not {(2, 300), (2, 150)} & set(contents(lab)), str(contents(lab)))
    lab.verify()
    hold(lab, incident, "--release")
    check("nothing is held" in hold(lab), "any more")
    prune_all(lab)
    check(not [k for k in contents(lab) if k[0] == 1], str(contents(lab)))
    lab.verify()


def what_cannot_be_held_is_said(lab):
    incident = evidence_of_users(lab)
    number = incident.rsplit("-", 2)[1]
    for wrong in ("I-x", "nonsense", f"{'0' * 32}-{number}-0", "999-0", "2-0-0"):
        check("nta: " in hold(lab, wrong, status=1), wrong)
    for args in (["--release"], ["--note", "x"], [incident, incident],
                 [incident, "--note", "x" * 1001]):
        hold(lab, *args, status=2)
    check("nothing is held" in hold(lab), "nothing")
    broken = lab.dir / "broken.conf"
    broken.write_text("store = {")
    for command in ("hold", incident), ("hold",), ("records",), \
            ("incidents",), ("audit",), \
            ("stats", "--by", "user"), ("who", "10.0.0.1"), ("verify",), \
            ("export", "-o", lab.dir / "x"), ("prune",):
        run = lab.run(*command, "--config", broken)
        check(run.returncode == 3, f"{command}: {run.returncode} {run.stderr}")
        run = lab.run(*command, "--store", lab.dir / "nowhere")
        check(run.returncode == 3, f"{command}: {run.returncode} {run.stderr}")
    check("by sensor 0000" in hold(lab, f"I-{'0' * 32}-{number}-0", "--release", status=1), "whose")


def a_running_ntad_holds(lab):
    """By age it keeps what is held too, over a restart; somebody else may not ask."""
    incident = evidence_of_users(lab)
    config = lab.configure(control=lab.dir / "second")
    lab.control = lab.dir / "second"
    config.write_text(config.read_text() + 'retention = { evidence = "150d"; };\n')
    lab.start(config, env=with_clock(lab, synchronised=False))
    wait_for(lambda: "are kept" in lab.status(), 10, "they would go")
    args = (NTA, "hold", "--config", config, incident)
    other = subprocess.run(["setpriv", "--reuid=nobody", "--clear-groups", *args],
                           capture_output=True, text=True)
    check(other.returncode != 0, f"nobody may not: {other.stdout}{other.stderr}")
    run = subprocess.run(args, capture_output=True, text=True)
    check(run.returncode == 0 and "of 2 other users" in run.stdout, run.stdout + run.stderr)
    for _ in range(2):
        run = lab.run("prune", "--config", config)
        check(run.returncode == 0, run.stdout + run.stderr)
        check((1, 200) in contents(lab) and (1, 199) not in contents(lab), str(contents(lab)))
        lab.stop()
        lab.verify()
        lab.start(config, env=with_clock(lab))
        time.sleep(1)
    check((1, 200) in contents(lab), str(contents(lab)))
    run = lab.run("hold", "--config", config, incident, "--release")
    check(run.returncode == 0, run.stdout + run.stderr)
    run = lab.run("prune", "--config", config)
    check(run.returncode == 0 and (1, 200) not in contents(lab), run.stdout + run.stderr)
    lab.stop()
    lab.verify()


def a_hold_is_not_taken_out_in_silence(lab):
    incident = evidence_of_users(lab)
    hold(lab, incident)
    with contextlib.closing(sqlite3.connect(lab.store / "journal.db")) as db:
        number = db.execute("SELECT MAX(number) FROM head WHERE marks >= 2").fetchone()[0]
        db.execute("DELETE FROM head WHERE number = ?", (number,))
        db.commit()
    run = lab.run("verify", "--store", lab.store)
    check(run.returncode == 1 and re.search(r"\[hole\]|\[head\]", run.stdout), run.stdout)
    said = hold(lab, status=1)
    check("nothing is held" in said and "more may be held than is listed" in said, said)


def long_visit(lab, name):
    """A record that does not become small."""
    with socket.create_connection(("127.0.0.1", 80), 5) as s:
        s.sendall(f"GET /{os.urandom(1500).hex()} HTTP/1.1\r\n"
                  f"Host: {name}\r\nConnection: close\r\n\r\n".encode())
        while s.recv(4096):
            pass


def the_store_stays_within_its_size(lab):
    """The oldest days go, then what comes is not stored, traffic first, and health says so."""
    for days in 3, 2:
        read(lab, days)
    size = sum(p.stat().st_size for p in lab.store.glob("journal.db*"))
    config = lab.configure(udp_idle="1s")
    text = config.read_text()
    bound = max(size, 1 << 20)
    config.write_text(text.replace("store = {", f'store = {{ size = "{bound}"; '))
    lab.start(config)
    try:
        full = False
        for _ in range(400):
            for _ in range(25):
                long_visit(lab, "good.example")
            used = sum(p.stat().st_size for p in lab.store.glob("journal.db*"))
            check(used < bound * 2 + (1 << 22), f"{used} bytes of {bound}")
            left = [k for k in contents(lab) if k[1] in (2, 3)]
            full = "at its bound" in lab.status() and not [k for k in left if k[0] == 2]
            if full:
                break
        check(full, f"never full: {contents(lab)}\n{lab.status()}")
        check((1, 2) in contents(lab) and (1, 3) in contents(lab),
              f"traffic pushed evidence out: {contents(lab)}")
        check("record.full" in lab.status() or "not stored" in lab.status(), lab.status())
        lab.visit()
        wait_for(lambda: [a for a in lab.alerts() if a["event"] == "alert"], 10, "an alert")
    finally:
        lab.stop(status=1, seconds=90)
    n = re.search(r"(\d+) records were not stored, since the store was at its bound", lab.log())
    check(n and int(n.group(1)) > 0, lab.log())
    lab.verify()


CASES = (old_records_go_and_young_ones_stay, what_was_not_noted_is_still_a_finding,
         a_class_and_a_time_can_be_named, killed_at_each_write,
         a_reader_that_holds_the_log_is_named, asked_of_a_running_ntad, ntad_deletes_by_age,
         a_clock_that_is_not_synchronised_deletes_nothing, a_clock_that_jumped_deletes_nothing,
         a_clock_an_hour_back_and_a_year_forward,
         what_is_held_stays, who_it_was_is_held_too,
         what_was_sealed_far_apart_is_held, what_cannot_be_held_is_said,
         a_running_ntad_holds,
         a_hold_is_not_taken_out_in_silence, the_store_stays_within_its_size)

if __name__ == "__main__":
    sys.exit(main(CASES, NTA, NTAD, sys.argv[5:]))
