#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: retention_mysql.py NTA NTAD STEP [CASE...]

Records in MySQL that are deleted for their age and on command: their days' partitions go, no
statement deletes a row, what other sensors have stays, and the chains hold; also where ntad or the
server is killed in between.  The clock of ntad is stepped by STEP (step.c).  Runs in a network and
a mount namespace of its own, with a MariaDB server of its own on a socket, and needs root.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

from reliability import Lab, check, main, wait_for

NTA, NTAD, STEP = sys.argv[1:4]
ROOT = pathlib.Path(__file__).parents[2]
DAY = 86400
MAY = ("GRANT SELECT, INSERT, CREATE ON nta.* TO nta@localhost IDENTIFIED BY 'sesame'; "
       "GRANT CREATE, UPDATE ON nta.chain TO nta@localhost")
MAY_DELETE = "GRANT ALTER, DROP ON nta.* TO nta@localhost; " \
             "GRANT CREATE, UPDATE ON nta.data_key TO nta@localhost"


def today():
    return int(time.time()) // DAY


class Server:
    """A MariaDB of a lab's own."""

    def __init__(self, lab):
        self.dir = lab.dir / "mysql"
        self.dir.mkdir()
        self.socket = self.dir / "sock"
        self.log = self.dir / "statements"
        subprocess.run(["mariadb-install-db", "--no-defaults", "--user=root",
                        f"--datadir={self.dir}/data", "--auth-root-authentication-method=normal",
                        "--skip-test-db", "--skip-name-resolve"], check=True, capture_output=True)
        self.start()
        self.sql("CREATE DATABASE nta")
        self.sql(MAY)

    def start(self):
        self.process = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=root", f"--datadir={self.dir}/data",
             f"--socket={self.socket}", f"--pid-file={self.dir}/pid", "--skip-networking",
             "--innodb-buffer-pool-size=64M", "--skip-log-bin", "--general-log",
             f"--general-log-file={self.log}"],
            stdout=subprocess.DEVNULL, stderr=(self.dir / "err").open("a"))
        wait_for(lambda: self.client("SELECT 1").returncode == 0, 60, "the server starts")

    def client(self, sql):
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}",
                               "--user=root", "--batch", "--skip-column-names", "nta"
                               if "CREATE DATABASE" not in sql and "SELECT 1" != sql else "mysql",
                               f"--execute={sql}"], capture_output=True, text=True,
                              errors="replace")

    def sql(self, sql):
        run = self.client(sql)
        check(run.returncode == 0, f"{sql}: {run.stderr}")
        return [line.split("\t") for line in run.stdout.splitlines()]

    def end_connections(self):
        """Those of ntad: the server would go on with what it was asked."""
        for row in self.sql("SELECT id FROM information_schema.processlist WHERE user = 'nta'"):
            self.client(f"KILL {row[0]}")

    def hold(self, sql):
        """A connection that goes on holding what these statements lock."""
        other = subprocess.Popen(["mariadb", "--no-defaults", f"--socket={self.socket}",
                                  "--user=root", "nta", "--unbuffered", "--skip-column-names"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        other.stdin.write(sql + "; SELECT 'held';\n")
        other.stdin.flush()
        while "held" not in other.stdout.readline():
            pass
        return other

    def contents(self):
        """{(class, days ago): batches}"""
        return {(c, today() - int(day)): int(n) for c in (1, 2, 3, 4)
                for day, n in self.sql(f"SELECT day, COUNT(*) FROM content_{c} GROUP BY day")}

    def live(self):
        """{(class, days ago)} of which a data key is there."""
        return {(int(c), today() - int(day)) for c, day in
                self.sql("SELECT DISTINCT class, day FROM data_key WHERE HEX(wrapped) LIKE '%1%'")}

    def kill(self):
        self.process.kill()
        self.process.wait()

    def done(self):
        if self.process.poll() is None:
            self.kill()


def clock(lab, days=0, synchronised=True):
    (lab.dir / "clock").write_text(f"{-days * DAY} 0")
    return {"LD_PRELOAD": STEP, "NTA_TEST_STEP": str(lab.dir / "clock"),
            "NTA_TEST_SYNCHRONISED": str(int(synchronised))}


def configure(lab, server, retention="", control=None):
    return lab.configure(control=control, more=f'''mysql = {{ hosts = "{server.socket}";
user = "nta"; password = "sesame"; database = "nta"; }};
{retention}''')


FOR_EVER = 'retention = { evidence = "0"; traffic = "0"; who = "0"; log = "0"; };'


def record(lab, server, days, sites=("bad.example", "good.example")):
    """Visits that are sealed so many days ago, and shipped."""
    lab.start(configure(lab, server, FOR_EVER), env=clock(lab, days))
    for site in sites:
        lab.visit(site)
    time.sleep(2.5)  # flows end
    lab.stop()


def checked(config):
    run = subprocess.run([NTAD, "--config", config, "--check"], capture_output=True, text=True)
    return run.stdout + run.stderr


def verify(lab, config, status=0):
    run = lab.run("verify", "--config", config)
    check(run.returncode == status, f"verify: {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


def with_server(case):
    def run(lab):
        server = Server(lab)
        try:
            case(lab, server)
        finally:
            server.done()
    run.__name__ = case.__name__
    return run


@with_server
def old_days_go(lab, server):
    """By age, in MySQL too; no statement deletes a row; what is young is read and proved."""
    server.sql(MAY_DELETE)
    for days in 200, 40, 0:
        record(lab, server, days)
    before = server.contents()
    check({(1, 200), (2, 200), (1, 40), (2, 40), (1, 0)} <= set(before), str(before))
    config = configure(lab, server)
    shown = lab.run("prune", "--config", config, "--dry-run")
    check(shown.returncode == 0 and len([x for x in shown.stdout.splitlines() if "-" in x]) == 3,
          f"{shown.returncode} {shown.stdout}{shown.stderr}")
    lab.start(config, env=clock(lab))
    gone = {(1, 200), (2, 200), (2, 40)}
    wait_for(lambda: not gone & set(server.contents()), 60, "old days go")
    left = server.contents()
    check({k: n for k, n in left.items() if k[1]} ==
          {k: n for k, n in before.items() if k not in gone and k[1]}, f"{before} became {left}")
    check(not gone & server.live() and {(1, 40), (4, 200), (4, 40)} <= server.live(),
          str(server.live()))
    check("are kept" not in lab.status() and "retention" not in lab.status(), lab.status())
    lab.stop()
    said = verify(lab, config)
    check("deleted contents of" in said, said)
    run = lab.run("records", "--config", config, "--json")
    check(run.returncode == 0 and run.stdout.count("\n") > 3, run.stderr)
    check("DELETE" not in server.log.read_text(errors="replace").upper(), "a row was deleted")
    ahead = server.sql("SELECT COUNT(*) FROM information_schema.PARTITIONS WHERE TABLE_NAME = "
                       f"'content_2' AND PARTITION_DESCRIPTION + 0 > {today() + 1}")
    check(int(ahead[0][0]) >= 7, f"partitions ahead: {ahead}")


@with_server
def on_command(lab, server):
    """By command without age; today's stays; a partition that goes without a note is found."""
    server.sql(MAY_DELETE)
    for days in 10, 5, 0:
        record(lab, server, days)
    config = configure(lab, server)
    lab.start(config, env=clock(lab))
    run = lab.run("prune", "--config", config, "--before", "1 week ago")
    check(run.returncode == 0 and "deleted: " in run.stdout, run.stdout + run.stderr)
    left = server.contents()
    check((2, 10) not in left and {(1, 10), (2, 5), (2, 0)} <= set(left), str(left))
    run = lab.run("prune", "--config", config, "--before", "1 week ago")
    check("nothing is to be deleted" in run.stdout, run.stdout + run.stderr)
    lab.stop()
    verify(lab, config)
    server.sql(f"ALTER TABLE content_2 DROP PARTITION p{today() - 5}")
    check("[content]" in verify(lab, config, 1), "a partition that nobody noted is gone")


@with_server
def without_ntad(lab, server):
    """Held and deleted by the command itself, which ships what it notes."""
    server.sql(MAY_DELETE)
    record(lab, server, 200)
    for days in 40, 0:
        record(lab, server, days, ["good.example"])
    config = configure(lab, server, FOR_EVER)
    incident = first_incident(lab, config)["id"]
    before = int(server.sql("SELECT MAX(number) FROM head")[0][0])
    run = asked(lab, config, "hold", incident)
    check(run.returncode == 0 and "is held" in run.stdout, run.stdout + run.stderr)
    run = asked(lab, config, "prune", "--class", "evidence", "--class", "traffic", "--before",
                "30 days ago")
    check(run.returncode == 0 and "deleted: " in run.stdout, run.stdout + run.stderr)
    left = server.contents()
    check((1, 200) in left and not {(2, 200), (2, 40)} & set(left), str(left))
    check((1, 200) in server.live() and (2, 40) not in server.live(), str(server.live()))
    check(int(server.sql("SELECT MAX(number) FROM head")[0][0]) == before + 2, "both are there")
    verify(lab, config)
    server.kill()
    run = asked(lab, config, "prune", "--before", "yesterday")
    check(run.returncode == 3 and "MySQL" in run.stderr, run.stdout + run.stderr)
    server.start()
    run = asked(lab, config, "hold", incident, "--release")
    check(run.returncode == 0, run.stdout + run.stderr)
    lab.start(config, env=clock(lab))
    lab.visit("good.example")
    lab.stop()
    verify(lab, config)


@with_server
def an_account_of_its_own(lab, server):
    """ntad cannot delete in MySQL; somebody else's configuration for nta prune can."""
    for days in 40, 0:
        record(lab, server, days)
    server.sql("GRANT SELECT, INSERT, ALTER, CREATE, DROP ON nta.* TO keeper@localhost IDENTIFIED "
               "BY 'broom'; GRANT UPDATE ON nta.chain TO keeper@localhost; "
               "GRANT UPDATE ON nta.data_key TO keeper@localhost")
    ntad = configure(lab, server, FOR_EVER)
    keeper = lab.dir / "keeper.conf"
    keeper.write_text(ntad.read_text().replace(FOR_EVER, "").replace(
        'user = "nta"; password = "sesame"', 'user = "keeper"; password = "broom"'))
    check("GRANT" not in checked(ntad), "ntad needs no right to delete")
    lab.start(ntad, env=clock(lab))
    run = asked(lab, keeper, "prune", "--before", "30 days ago")
    check(run.returncode == 3 and "GRANT ALTER, DROP" in run.stderr, run.stdout + run.stderr)
    lab.stop()
    check((2, 40) in server.live(), "ntad did not delete")
    run = asked(lab, keeper, "prune")
    check(run.returncode == 0 and "deleted: " in run.stdout, run.stdout + run.stderr)
    # days that came before there were partitions leave the table together, later
    check((2, 40) not in server.live() and (1, 40) in server.live(), str(server.live()))
    lab.start(ntad, env=clock(lab))
    lab.visit("good.example")
    lab.stop()
    verify(lab, ntad)


@with_server
def ntad_deletes_under_another_name(lab, server):
    """Its own account has no right to; the other's is looked at by --check, too."""
    for days in 40, 0:
        record(lab, server, days)
    secret = lab.dir / "broom"
    secret.write_text("broom\n")
    secret.chmod(0o600)
    config = configure(lab, server)
    config.write_text(config.read_text().replace(
        'user = "nta";', f'user = "nta"; retention_user = "keeper"; '
        f'retention_password_file = "{secret}";'))
    said = checked(config)
    check("'keeper'" in said and "mysql          fine" not in said, said)
    server.sql("GRANT SELECT, INSERT, ALTER, CREATE, DROP ON nta.* TO keeper@localhost IDENTIFIED "
               "BY 'broom'; GRANT UPDATE ON nta.chain TO keeper@localhost; "
               "GRANT UPDATE ON nta.data_key TO keeper@localhost")
    said = checked(config)
    check("mysql          fine" in said, said)
    lab.start(config, env=clock(lab))
    wait_for(lambda: (2, 40) not in server.live(), 60, "it goes")
    check((1, 40) in server.live(), str(server.live()))
    lab.stop()
    verify(lab, config)


@with_server
def who_may_not_is_told_how(lab, server):
    """Nothing is noted that cannot be done; the sentence names what to do."""
    for days in 40, 0:
        record(lab, server, days)
    config = configure(lab, server)
    lab.start(config, env=clock(lab))
    wait_for(lambda: "GRANT ALTER, DROP ON" in lab.status(), 60, "retention is BAD")
    run = lab.run("prune", "--config", config)
    check(run.returncode == 3 and "UPDATE ON `nta`.data_key" in run.stderr,
          run.stdout + run.stderr)
    check("GRANT ALTER, DROP ON" in checked(config), "ntad --check says it, too")
    check((2, 40) in server.live() and "somebody else has to: ALTER TABLE content_1" in lab.log(),
          lab.log())
    server.sql(MAY_DELETE + "; ALTER TABLE content_2 REMOVE PARTITIONING")
    run = lab.run("prune", "--config", config)
    check(run.returncode == 3 and "PARTITION BY RANGE (day) (PARTITION pmax" in run.stderr,
          run.stdout + run.stderr)
    check((2, 40) in server.live(), "nothing of it was begun")
    server.sql("ALTER TABLE content_2 PARTITION BY RANGE (day) "
               "(PARTITION pmax VALUES LESS THAN MAXVALUE)")
    said = checked(config)
    check("GRANT" not in said and "PARTITION" not in said, said)
    run = lab.run("prune", "--config", config)
    check(run.returncode == 0, run.stdout + run.stderr)
    check((2, 40) not in server.live(), str(server.live()))
    lab.stop()
    verify(lab, config)


@with_server
def killed_in_between(lab, server):
    """Behind the note, behind the keys, and with the server; what was begun is done later."""
    server.sql(MAY_DELETE)
    for days in 60, 50, 40, 0:
        record(lab, server, days)
    config = configure(lab, server)
    keys = "START TRANSACTION; SELECT COUNT(*) FROM data_key WHERE class = 2 FOR UPDATE"
    for n, lock in enumerate((keys, "START TRANSACTION; SELECT COUNT(*) FROM content_2", keys)):
        step = "ALTER TABLE content_2 DROP PARTITION p" if n == 1 else \
            "UPDATE data_key SET wrapped = REPEAT"
        before = f"{(58, 48, 38)[n]} days ago"
        day = (60, 50, 40)[n]
        lab.start(configure(lab, server, FOR_EVER), env=clock(lab))
        holder = server.hold(lock)
        asking = subprocess.Popen([NTA, "prune", "--config", config, "--class", "traffic",
                                   "--before", before], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        wait_for(lambda: any(step in str(row) for row in server.sql("SHOW FULL PROCESSLIST")), 60,
                 f"it waits: {step}")
        lab.kill()
        server.end_connections()
        if n == 2:
            server.kill()
        holder.kill()
        holder.wait()
        check(asking.wait(20) == 3, asking.stdout.read())
        if n == 2:
            server.start()
        if n != 1:  # the keys are there
            check((2, day) in server.live() and "[note]" in verify(lab, config, 1), "noted")
        else:
            check((2, day) not in server.live() and (2, day) in server.contents(), "no key")
            verify(lab, config)
        lab.start(configure(lab, server, FOR_EVER), env=clock(lab))
        wait_for(lambda: (2, day) not in server.contents(), 60, f"what was begun: {lock}")
        check((2, day) not in server.live(), str(server.live()))
        lab.stop()
        verify(lab, config)


@with_server
def what_others_have_stays(lab, server):
    """Until they have destroyed it, too."""
    server.sql(MAY_DELETE)
    other = Lab(NTA, NTAD)
    try:
        for one in lab, other:
            record(one, server, 40)
            record(one, server, 0)
        configs = [configure(one, server) for one in (lab, other)]
        n_before = server.contents()[2, 40]
        lab.start(configs[0], env=clock(lab))
        run = lab.run("prune", "--config", configs[0])
        check(run.returncode == 0 and "deleted" in run.stdout, run.stdout + run.stderr)
        check(server.contents()[2, 40] == n_before and (2, 40) in server.live(), "not yet")
        lab.stop()
        for one, config in zip((lab, other), configs):
            both = [line.split()[0] for line in
                    (one.store / "keys" / "sensors.pub").read_text().splitlines()
                    if line.startswith("nta-sensor-")]
            check(both, "a key")
        keys = []
        for one in lab, other:
            keys += ["--key", (one.store / "keys" / "sensor.pub").read_text().split()[0]]
        run = lab.run("verify", "--config", configs[0], "--quick", *keys)
        check("deleted contents of" in run.stdout and "[note]" not in run.stdout and
              "[content]" not in run.stdout, run.stdout + run.stderr)
        run = other.run("records", "--config", configs[1], "--json", "--key", keys[3], "--until",
                        "30 days ago")
        check(run.returncode in (0, 1), run.stderr)
        other.start(configs[1], env=clock(other))
        wait_for(lambda: (2, 40) not in server.contents(), 60, "both are done")
        other.stop()
    finally:
        other.done()


@with_server
def what_is_held_stays(lab, server):
    server.sql(MAY_DELETE)
    record(lab, server, 200)
    record(lab, server, 0, ["good.example"])
    config = configure(lab, server, FOR_EVER)
    lab.start(config, env=clock(lab))
    found = [json.loads(line) for line in
             lab.run("incidents", "--config", config, "--json").stdout.splitlines()]
    run = lab.run("hold", "--config", config, found[0]["id"])
    check(run.returncode == 0 and "is held" in run.stdout, run.stdout + run.stderr)
    run = lab.run("prune", "--config", config, "--class", "evidence", "--class", "traffic",
                  "--before", "yesterday")
    check(run.returncode == 0, run.stdout + run.stderr)
    check((1, 200) in server.live() and (2, 200) not in server.contents(), str(server.contents()))
    run = lab.run("hold", "--config", config, found[0]["id"], "--release")
    check(run.returncode == 0, run.stdout + run.stderr)
    run = lab.run("prune", "--config", config, "--class", "evidence", "--before", "yesterday")
    check(run.returncode == 0 and (1, 200) not in server.contents(), run.stdout + run.stderr)
    lab.stop()
    verify(lab, config)


@with_server
def a_server_that_is_away_delays_it(lab, server):
    """It is said, nothing is noted, nothing waits for it; when it is back, days go."""
    server.sql(MAY_DELETE)
    for days in 40, 0:
        record(lab, server, days)
    config = configure(lab, server)
    server.kill()
    lab.start(config, env=clock(lab))
    lab.in_time(len([a for a in lab.alerts() if a["event"] == "alert"]) + 1, lab.visit())
    run = lab.run("prune", "--config", config)
    check(run.returncode == 3 and "MySQL" in run.stderr, run.stdout + run.stderr)
    server.start()
    wait_for(lambda: lab.run("prune", "--config", config).returncode == 0, 90, "it is back")
    check((2, 40) not in server.contents(), str(server.contents()))
    lab.stop()
    verify(lab, config)


def asked(lab, config, *args, seconds=90):
    """What is asked of ntad, which has to answer within that time."""
    return subprocess.run([NTA, *args, "--config", config], capture_output=True, text=True,
                          timeout=seconds)


def first_incident(lab, config):
    return json.loads(lab.run("incidents", "--config", config, "--json").stdout.splitlines()[0])


@with_server
def held_though_the_journal_was_lost(lab, server):
    """The hold is known from MySQL; a hold needs no right to delete."""
    record(lab, server, 200)
    config = configure(lab, server, FOR_EVER)
    lab.start(config, env=clock(lab))
    incident = first_incident(lab, config)
    run = asked(lab, config, "hold", incident["id"])
    check(run.returncode == 0 and "is held" in run.stdout, run.stdout + run.stderr)
    number = int(server.sql("SELECT MAX(number) FROM head")[0][0])
    lab.stop()
    server.sql(MAY_DELETE)
    for name in "journal.db", "journal.db-wal", "journal.db-shm":
        (lab.store / name).unlink(missing_ok=True)
    check(int(server.sql("SELECT MAX(number) FROM head")[0][0]) >= number, "it is in MySQL")
    config = configure(lab, server)  # evidence of 200 days is too old
    lab.start(config, env=clock(lab))
    lab.visit("good.example")
    wait_for(lambda: (2, 200) not in server.live(), 60, "traffic goes")
    check((1, 200) in server.live(), "evidence that is held went")
    check(incident["id"] in asked(lab, config, "hold").stdout, "it is not listed")
    check("held" in asked(lab, config, "prune", "--dry-run").stdout, "it would be deleted")
    run = asked(lab, config, "hold", incident["id"], "--release")
    check(run.returncode == 0, run.stdout + run.stderr)
    run = asked(lab, config, "prune")
    check(run.returncode == 0 and (1, 200) not in server.live(), run.stdout + run.stderr)


def cbor(value):
    """What a header has: numbers, bytes, arrays, text."""
    if isinstance(value, int):
        major, n, rest = (0, value, b"") if value >= 0 else (1, -1 - value, b"")
    elif isinstance(value, list):
        major, n, rest = 4, len(value), b"".join(map(cbor, value))
    else:
        major, n, rest = (2 if isinstance(value, bytes) else 3), len(value), value
        rest = rest if major == 2 else rest.encode()
    for size, low in (0, 24), (1, 24), (2, 25), (4, 26), (8, 27):
        if size == 0 and n < 24:
            return bytes([major << 5 | n]) + rest
        if size and n < 1 << 8 * size:
            return bytes([major << 5 | low]) + n.to_bytes(size, "big") + rest
    raise ValueError(value)


def parse(data):
    """The value, and what is behind it."""
    major, low, rest = data[0] >> 5, data[0] & 31, data[1:]
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    n, rest = int.from_bytes(rest[:size], "big") if size else low, rest[size:]
    if major < 2:
        return (n if major == 0 else -1 - n), rest
    if major < 4:
        return (rest[:n] if major == 2 else rest[:n].decode()), rest[n:]
    values = []
    for _ in range(n):
        value, rest = parse(rest)
        values.append(value)
    return values, rest


@with_server
def who_has_all_rights_in_mysql_destroys_nothing_here(lab, server):
    """Heads that nobody signed delete no day and lift no hold, be they few or very many."""
    server.sql(MAY_DELETE)
    record(lab, server, 200)
    record(lab, server, 10)
    config = configure(lab, server, FOR_EVER)
    lab.start(config, env=clock(lab))
    incidents = [json.loads(line) for line in
                 lab.run("incidents", "--config", config, "--json").stdout.splitlines()]
    old = min(incidents, key=lambda x: x["begin"])["id"]
    run = asked(lab, config, "hold", old)
    check(run.returncode == 0 and "is held" in run.stdout, run.stdout + run.stderr)
    lab.stop()
    kept = {(1, 200), (1, 10), (2, 10)}
    before = server.contents()
    check(kept <= set(before), str(before))
    batch, record_at = (int(n) for n in old.split("-")[-2:])
    sensor, last = server.sql("SELECT HEX(sensor), MAX(number) FROM head GROUP BY sensor")[0]
    header = bytes.fromhex(server.sql("SELECT HEX(header) FROM head ORDER BY number DESC "
                                      "LIMIT 1")[0][0])
    fields, rest = parse(header)
    check(len(fields) == 18 and not rest and cbor(fields) == header, "a header")
    rows = []
    notes = [[[1, c, today() - 10, 1, 3]] for c in (1, 2)] + \
        [[[7, batch, record_at, 0, 0, 2]]] + [[[1, 2, day, 1, 1]] for day in range(2000)]
    for n, note in enumerate(notes):
        fields[2], fields[16] = int(last) + 1 + n, note
        rows.append(f"(x'{sensor}', {fields[2]}, {fields[7]}, {today()}, 0, 0, 1, 0, "
                    f"x'{fields[11].hex()}', x'{cbor(fields).hex()}', x'{'00' * 64}', 2)")
    columns = "sensor, number, class, day, first_ns, last_ns, records, bytes, data_key, header, " \
        "signature, marks"
    for at in range(0, len(rows), 100):
        server.sql(f"INSERT INTO head ({columns}) VALUES " + ", ".join(rows[at:at + 100]))
    server.sql("UPDATE head SET marks = 0 WHERE LENGTH(header) > 0 AND number <= " + last)
    server.sql(f"UPDATE chain SET number = {int(last) + 2}")
    lab.start(config, env=clock(lab))
    time.sleep(5)
    check(kept <= set(server.contents()), f"by a head of nobody: {server.contents()}")
    lab.stop()
    config = configure(lab, server)  # evidence of 200 days is too old, but held
    lab.start(config, env=clock(lab))
    wait_for(lambda: (2, 200) not in server.live(), 60, "traffic goes")
    time.sleep(2)
    check((1, 200) in server.live() and (1, 10) in server.live(), "what is held went")
    lab.stop()


@with_server
def a_noted_day_that_got_more(lab, server):
    """Nobody waits for what cannot go: the day goes when it is noted again."""
    server.sql(MAY_DELETE)
    record(lab, server, 10)
    config = configure(lab, server, FOR_EVER)
    lab.start(config, env=clock(lab))
    holder = server.hold("START TRANSACTION; SELECT COUNT(*) FROM data_key WHERE class = 2 "
                         "FOR UPDATE")
    asking = subprocess.Popen([NTA, "prune", "--config", config, "--class", "traffic", "--before",
                               "8 days ago"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    wait_for(lambda: any("UPDATE data_key SET wrapped = REPEAT" in str(row) for row in
                         server.sql("SHOW FULL PROCESSLIST")), 60, "it waits")
    lab.kill()
    server.end_connections()
    server.sql("REVOKE UPDATE ON nta.data_key FROM nta@localhost")
    holder.kill()
    holder.wait()
    asking.wait(30)
    before = server.contents()[2, 10]
    record(lab, server, 10)  # the clock goes back
    check(server.contents()[2, 10] > before, "the day got more")
    server.sql(MAY_DELETE)
    lab.start(config, env=clock(lab))
    check("nothing is held" in asked(lab, config, "hold").stdout, "a list")
    run = asked(lab, config, "hold", first_incident(lab, config)["id"])
    check(run.returncode == 0, run.stdout + run.stderr)
    run = asked(lab, config, "prune", "--class", "traffic", "--before", "8 days ago")
    check(run.returncode == 0 and "deleted: " in run.stdout, run.stdout + run.stderr)
    check((2, 10) not in server.contents(), str(server.contents()))
    lab.stop()
    verify(lab, config)


@with_server
def the_note_is_there_before_the_keys_go(lab, server):
    """While MySQL does not take the batch that notes it, its keys stay."""
    server.sql(MAY_DELETE)
    record(lab, server, 40)
    config = configure(lab, server, FOR_EVER)
    lab.start(config, env=clock(lab))
    lab.visit("good.example")
    time.sleep(3)
    holder = server.hold("START TRANSACTION; SELECT COUNT(*) FROM chain FOR UPDATE")
    asking = subprocess.Popen([NTA, "prune", "--config", config, "--class", "traffic", "--before",
                               "30 days ago"], stdout=subprocess.PIPE, text=True)
    time.sleep(6)
    check((2, 40) in server.live() and asking.poll() is None, "its keys went before the note")
    holder.kill()
    holder.wait()
    check(asking.wait(60) == 0 and "deleted: " in asking.stdout.read(), "it does not end")
    check((2, 40) not in server.live(), str(server.live()))
    lab.stop()
    verify(lab, config)


def store(config, *args, status=0):
    run = subprocess.run([NTA, "store", "--config", config, *args], capture_output=True, text=True)
    check(run.returncode == status, f"store {args}: {run.returncode} {run.stdout}{run.stderr}")
    return run.stdout + run.stderr


def shape(server, database):
    """What a database has: its tables as the server would make them."""
    tables = [row[0] for row in server.sql(f"SELECT TABLE_NAME FROM information_schema.TABLES "
                                           f"WHERE TABLE_SCHEMA = '{database}'")]
    return {t: server.sql(f"SET sql_mode = ''; SHOW CREATE TABLE {database}.{t}")[0][1]
            for t in tables}


@with_server
def tables_are_made_and_brought_up(lab, server):
    """On request, by somebody who may; the sensor's account makes none."""
    server.sql("REVOKE CREATE ON nta.* FROM nta@localhost; GRANT CREATE, ALTER, INDEX, DROP, "
               "SELECT, INSERT ON nta.* TO mason@localhost IDENTIFIED BY 'stone'; "
               "SET GLOBAL default_storage_engine = Aria; SET GLOBAL sql_mode = 'ANSI'; "
               "SET GLOBAL time_zone = '+05:00'; SET GLOBAL character_set_server = latin1; "
               "SET GLOBAL innodb_default_row_format = redundant; "
               "SET GLOBAL completion_type = CHAIN")
    config = configure(lab, server, FOR_EVER)
    secret = lab.dir / "stone"
    secret.write_text("stone\n")
    secret.chmod(0o600)
    mason = "--user", "mason", "--password-file", secret
    said = store(config, status=1)
    check(said.count("lacking: table ") == 12 and "do not say their form" in said, said)
    said = store(config, "--migrate", status=3)
    check("--user names somebody who may" in said and "put right" not in said and
          "table head is missing" in said, f"nothing is put right before it is done: {said}")
    check("CREATE" in checked(config), "ntad --check")
    check("put right: table head" in store(config, "--migrate", *mason), "made")
    check(store(config) == "nothing is lacking\n", "it is all there")
    server.sql("CREATE DATABASE other")
    subprocess.run(["mariadb", "--no-defaults", f"--socket={server.socket}", "--user=root",
                    "other"], stdin=(ROOT / "conf/schema.sql").open(), check=True)
    check(shape(server, "nta") == shape(server, "other"), "schema.sql makes the same")
    check(all("InnoDB" in text and "ROW_FORMAT=DYNAMIC" in text and "CHARSET=binary" in text
              for text in shape(server, "nta").values()), str(shape(server, "nta")))
    server.sql("GRANT CREATE, UPDATE ON nta.chain TO nta@localhost; DROP TABLE nta.content_3; "
               "DROP TABLE nta.index_1; ALTER TABLE nta.index_2 REMOVE PARTITIONING; "
               "ALTER TABLE nta.data_key DROP KEY data_key_of, DROP KEY data_key_on, "
               "ADD KEY data_key_on (day); ALTER TABLE nta.content_2 REMOVE PARTITIONING; "
               "ALTER TABLE nta.chain ENGINE=MyISAM; ALTER TABLE nta.head DROP KEY head_marks, "
               "DROP PRIMARY KEY, ADD PRIMARY KEY (number, sensor)")
    said = checked(config)
    check('"content_3" is missing' in said and "nta store" in said, said)
    check("engine ''" not in said, said)
    said = store(config, status=1)
    for part in ("table content_3 is missing", "table chain has no transactions",
                 "table index_1 is missing", "table index_2 is not partitioned by its days",
                 "table content_2 is not partitioned by its days", "index data_key_of of table "
                 "data_key is missing", "index data_key_on of table data_key is another one",
                 "index head_marks of table head is missing",
                 "table head has another primary key"):
        check(part in said, f"{part}: {said}")
    check(said.count("lacking: ") == 9, said)
    store(config, "--migrate", *mason)
    check(store(config) == "nothing is lacking\n", "brought up")
    check(shape(server, "nta").keys() == shape(server, "other").keys(), "tables")
    said = checked(config)
    check("mysql          fine" in said and "partitions for 0 days ahead" in said, said)
    record(lab, server, 0)
    verify(lab, config)
    check(server.contents(), "ntad writes into them")
    server.sql("DROP TABLE nta.meta; CREATE TABLE nta.meta (name VARBINARY(32) NOT NULL PRIMARY "
               "KEY, value VARBINARY(255) NOT NULL); INSERT INTO nta.meta VALUES ('schema', '3')")
    check("newer NTA" in store(config, "--migrate", *mason, status=3), "newer")
    server.sql("UPDATE nta.meta SET value = '1'")
    check("migrate" not in store(config, "--migrate", *mason, status=3), "older")
    server.sql("UPDATE nta.meta SET value = '2'; ALTER TABLE nta.head DROP COLUMN header")
    check('"head" has no "header"' in store(config, "--migrate", *mason, status=3), "not ours")


@with_server
def that_indexes_are_kept_away_is_said(lab, server):
    """Once, with the statement; and that it is well again, without a restart.  Batches go on."""
    def says(text):
        return text in " ".join(lab.status().split())

    config = configure(lab, server, FOR_EVER)
    record(lab, server, 0)
    check("lacks" not in checked(config), checked(config))
    before = sum(server.contents().values())
    server.sql("DROP TABLE nta.index_2")
    said = " ".join(checked(config).split())
    check("mysql lacks: indexes" in said and "has no table 'index_2'" in said, said)
    lab.start(config)
    wait_for(lambda: says("indexes do not reach MySQL"), 20, "a cause")
    check(says("nta store --migrate") and not says("batches do not reach"), lab.status())
    lab.visit("good.example")
    time.sleep(3)
    server.sql("CREATE TABLE nta.index_2 LIKE nta.index_1")  # as --migrate does
    wait_for(lambda: not says("indexes do not reach MySQL"), 30, "it is well again")
    wait_for(lambda: lab.log().count("indexes do not reach MySQL") == 2, 10, "it is logged")
    lab.stop()
    check(sum(server.contents().values()) > before, "batches went on")
    verify(lab, config)


CASES = (old_days_go, on_command, without_ntad, an_account_of_its_own,
         ntad_deletes_under_another_name, who_may_not_is_told_how, killed_in_between,
         what_others_have_stays, what_is_held_stays, held_though_the_journal_was_lost,
         who_has_all_rights_in_mysql_destroys_nothing_here, a_noted_day_that_got_more,
         the_note_is_there_before_the_keys_go, a_server_that_is_away_delays_it,
         tables_are_made_and_brought_up, that_indexes_are_kept_away_is_said)

if __name__ == "__main__":
    os.environ["PATH"] += ":/usr/sbin:/usr/local/sbin"
    if not shutil.which("mariadbd") or not shutil.which("mariadb-install-db"):
        print("skipped: no MariaDB server is installed (Debian: mariadb-server)")
        sys.exit(77)
    sys.exit(main(CASES, NTA, NTAD, sys.argv[4:]))
