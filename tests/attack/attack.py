#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A table of attacks on a store, and what every command that reads it must find, show and end with.

usage: attack.py NTA SHIP_DRIVER sqlite|mysql [NAME...]

Each row of table.py is made on a copy of a store that `nta read` sealed, then each command looks at
it: what nobody signed is not shown, what is proved is shown whatever else is wrong, verify names
the kind of finding, statuses say it, and nothing takes more than 20 seconds or 400 MB.  NAME: rows
whose name has it; without one a sample of the rows, all with NTA_LONG=1.  77: there is no MariaDB
server.
"""
import concurrent.futures
import json
import pathlib
import re
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "e2e/lib"))
import look  # noqa: E402
import stores  # noqa: E402
import table  # noqa: E402
from sample import sample  # noqa: E402
from seal import frontier, key_of_file, link, unseal_state  # noqa: E402

ROOT = HERE.parents[1]
DAY_S = 86400
# looked at on their own
SPARED = ("verify", "verify text", "keys", "unverified", "site", "packets of victim")


def capture(number, days):
    """The demo's capture, as many days later, with names of its own."""
    data = (ROOT / "tests/data/demo/demo.pcap").read_bytes()
    for name in "bad", "secret", "good":
        new = name[0] + str(number) + name[2:]
        data = data.replace(f"{name}.example".encode(), f"{new}.example".encode())
        data = data.replace(bytes([len(name)]) + name.encode() + b"\x07example",
                            bytes([len(name)]) + new.encode() + b"\x07example")
    out, at = [data[:24]], 24
    while at < len(data):
        seconds, fraction, size, full = struct.unpack_from("<IIII", data, at)
        out.append(struct.pack("<IIII", seconds + days * DAY_S, fraction, size, full)
                   + data[at + 16:at + 16 + size])
        at += 16 + size
    return b"".join(out)


def read(nta, work, store, numbers):
    """Seal a batch for each number."""
    lists = work / "forbidden.txt"
    lists.write_text("".join(f"b{n}d.example\ns{n}cret.example\n" for n in range(1, 10)))
    for n in numbers:
        path = work / f"{n}.pcap"
        path.write_bytes(capture(n, (n - 1) // 2))
        subprocess.run([nta, "read", path, "--list", lists, "--geo",
                        ROOT / "tests/data/demo/city.mmdb", "--store", store],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def kept_secrets(base):
    """The secrets that an attacker may have copied in time, while they were there."""
    state_secret = key_of_file(base.folder / "keys/state.key")
    return {name: unseal_state(base.folder / "state" / name, state_secret)
            for name in ("signing.key", "checkpoint.key")}


def note_rows(base, work):
    """What is in the store of `base`, and where: rows, keys, links, and of what capture's evidence
    each batch is.
    """
    plain = stores.SqliteStore(base, work / "look", "look")
    base.rows, base.data_keys = plain.rows(), {k["id"]: k for k in plain.keys()}
    base.journal = base.folder / "journal.db"
    plain.journal_sql("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE",
                      "PRAGMA journal_mode = WAL")
    shutil.copy(plain.journal, base.journal)
    plain.done()
    for ending in "-wal", "-shm":
        pathlib.Path(f"{base.journal}{ending}").unlink(missing_ok=True)
    base.sensor = base.rows[0]["sensor"]
    base.links = [link(r) for r in base.rows]
    base.last = base.rows[-1]["number"]
    base.heads = dict(zip((r["number"] for r in base.rows), base.links))
    if list(base.heads) != list(range(1, base.last + 1)):
        raise RuntimeError(f"the batches are {list(base.heads)}")


def note_evidence(nta, base):
    """In which batch each capture's evidence is; every line of it must be in that one."""
    shown = subprocess.run([nta, "records", "--json", "--store", base.folder], check=True,
                           stdout=subprocess.PIPE, text=True).stdout
    base.of, base.packets = {}, {}
    for line in shown.splitlines():
        found, number = json.loads(line), int(json.loads(line)["id"].split("-")[1])
        for n in range(1, 10):
            if look.marker(n) not in line:
                continue
            if base.of.setdefault(n, number) != number:
                raise RuntimeError(f"evidence of {n} is in batches {base.of[n]} and {number}")
            if found["event"] == "alert":
                base.packets.setdefault(n, found["id"])


def make_base(nta, work):
    """Six captures of one sensor over three days, each read on its own, so that the signing key
    changes behind each; `old`: the same when there were four; `other`: 8 and 9 of another sensor.
    """
    base, old, other = (stores.Base(work / name) for name in ("base", "old", "other"))
    base.secrets, ends = {}, {0: 0}
    subprocess.run([nta, "keys", "init", "--store", base.folder], check=True,
                   stdout=subprocess.DEVNULL)
    base.secrets["identity"] = key_of_file(base.folder / "keys/sensor.key")
    base.secrets[0] = kept_secrets(base)["signing.key"]
    for n in range(1, 7):
        read(nta, work, base.folder, (n,))
        base.secrets[n] = kept_secrets(base)["signing.key"]
        db = sqlite3.connect(base.folder / "journal.db")
        ends[n] = db.execute("SELECT max(number) FROM head").fetchone()[0]
        db.close()
        if n == 4:
            shutil.copytree(base.folder, old.folder)
    base.checkpoint_key = kept_secrets(base)["checkpoint.key"]
    other.folder.mkdir(0o700)
    (other.folder / "keys").mkdir(0o700)
    for name in "auditor.key", "auditors.pub":
        shutil.copy(base.folder / "keys" / name, other.folder / "keys" / name)
    read(nta, work, other.folder, (8, 9))
    for b in base, old, other:
        note_rows(b, work)
        note_evidence(nta, b)
    base.old, base.other = old, other
    base.runs = {n: list(range(ends[n - 1] + 1, ends[n] + 1)) for n in range(1, 7)}
    base.of |= {7: base.last + 1} | {n: other.of[n] for n in (8, 9)}
    base.packets |= other.packets
    base.auditor_public = bytes.fromhex(
        (base.folder / "keys/auditors.pub").read_text().strip().rsplit("-", 1)[1])
    if len(set(base.secrets.values())) != 8:
        raise RuntimeError("a signing key was not changed")
    return base


def fill_mysql(base, work, ship_driver):
    """NTA's own tables in database `base` with captures 1 to 4; 5 and 6 stay in the journal, with
    the heads that it keeps.
    """
    server = base.server
    server.sql(
        "CREATE DATABASE nta; CREATE USER nta@localhost IDENTIFIED BY 'sesame'; GRANT ALL ON nta.* "
        "TO nta@localhost;"
               "CREATE USER reader@localhost IDENTIFIED BY 'sesame'; GRANT SELECT, SHOW VIEW ON "
               "*.* TO reader@localhost; CREATE DATABASE base")
    for args in ("fill", work / "ship.db", "1"), ("run", work / "ship.db", server.socket, "0", "0"):
        subprocess.run([ship_driver, *args], check=True, stdout=subprocess.DEVNULL)
    for name in server.sql("SHOW TABLES", "nta").split():
        server.sql(
            f"CREATE TABLE base.{name} LIKE nta.{name}; INSERT INTO base.{name} SELECT * FROM "
            f"nta.{name};"
                   + (f"DELETE FROM base.{name}" if name != "meta" else ""))
    filled = stores.MysqlStore(base, work / "fill", "fill")
    filled.database = "base"
    end = base.runs[4][-1]
    for row in base.rows[:end]:
        filled.insert(row)
    for key_id in {row["data_key"] for row in base.rows[:end]}:
        filled.insert_key(base.data_keys[key_id])
    filled.sql(
        f"INSERT INTO chain (sensor, number, link, frontier) VALUES "
        f"({stores.literal(base.sensor)}, {end}, {stores.literal(base.heads[end])}, "
        f"{stores.literal(frontier(base.links[:end - 1]))})")
    filled.journal_sql(
        f"DELETE FROM head WHERE number <= {end} AND marks = 0",
        *(f"DELETE FROM {table} WHERE number <= {end}" for table in stores.CONTENTS),
        "DELETE FROM data_key WHERE id NOT IN (SELECT data_key FROM head)",
        "PRAGMA journal_mode = DELETE", "PRAGMA journal_mode = WAL")
    shutil.copy(filled.journal, base.journal)


def judge_verify(attack, seen, of):
    """Problems of what verify says."""
    verify = seen["verify"]
    if verify.status not in attack.verify:
        yield (
            f"verify ends with {verify.status}, not {attack.verify}: "
            f"{(verify.out + verify.err)[:400]}")
    if seen["verify text"].status != verify.status:
        yield (
            f"verify ends with {verify.status} with --json, with {seen['verify text'].status} "
            f"without")
    try:
        said = json.loads(verify.out)
    except ValueError:
        if verify.status < 2 or attack.findings:
            yield f"verify --json is no JSON: {(verify.out + verify.err)[:200]}"
        return
    if said["status"] != verify.status or said["result"] not in {
        0: ("HOLDS",), 1: ("WRONG", "NOTHING TO CHECK"), 3: ("UNSEEN",)}.get(verify.status, ()):
        yield f"verify says {said['result']} and {said['status']}, and ends with {verify.status}"
    if said["result"] not in seen["verify text"].out:
        yield (
            f"verify without --json does not say {said['result']}: {seen['verify text'].out[:300]}")
    kinds = {f["kind"] for f in said["findings"]}
    named = {f"{f['kind']}:{n}" for f in said["findings"] if f.get("number")
             for n in range(f["number"],
                            min(max(f.get("to", 0), f["number"]), f["number"] + 8) + 1)}
    for wanted in attack.findings.split():
        places = [f"{kind}:{of[int(n)]}" if n else kind
                  for kind, _, n in (w.partition(":") for w in wanted.split("|"))]
        if not any(w in kinds | named for w in places):
            yield f"verify does not find {wanted}, but {sorted(kinds | named)}"
    told = {f["kind"] for f in said["findings"] if f["weight"] == "told"}
    extra = kinds - told - {w.split(":")[0]
                     for w in (attack.findings + " " + attack.also).replace("|", " ").split()}
    if extra:
        yield f"verify finds {sorted(extra)} as well"


def judge_shown(attack, name, command):
    """Problems of what a reader shows."""
    for forged in look.FORGED:
        if forged in command.out and "unverified" not in command.out:
            yield f"{name} shows {forged}, which nobody signed"
    for n in attack.batches:
        is_there = look.marker(n) in command.out
        if is_there and n in attack.hidden | attack.gone:
            yield f"{name} shows batch {n}, which is not proved"
        if not is_there and n not in attack.hidden | attack.gone | attack.maybe and attack.opens:
            yield f"{name} does not show batch {n}, which is proved"
    if command.name in ("records", "alerts", "since",
                        "user") and len(set(lines := command.out.splitlines())) != len(lines):
        yield f"{name} shows {len(lines) - len(set(lines))} records twice"


def judge(attack, seen, of):
    """Everything that is not as the row says."""
    for name, command in seen.items():
        if command.trouble:
            yield f"{name} {command.trouble}"
    if "console" not in seen:
        return
    yield from judge_verify(attack, seen, of)
    for name, command in seen.items():
        if name in SPARED:
            continue
        expected = (0,) if name in attack.blind else attack.readers
        if command.status not in expected:
            yield f"{name} ends with {command.status}, not {expected}: {command.err[-200:]}"
        if command.status and "nta: " not in command.err:
            yield f"{name} ends with {command.status} and says nothing"
        if name in ("records", "alerts") and command.status == 1:
            for n in attack.hidden - attack.unnamed:
                if not any(int(a) <= of[n] <= int(b or a)
                           for a, b in re.findall(r"batch(?:es)? (\d+)(?: to (\d+))? ",
                                                  command.err)):
                    yield f"{name} does not say that batch {n} is not shown: {command.err[-200:]}"
        yield from judge_shown(attack, name, command)
    victim, site, packets = attack.victim, seen["site"], seen["packets of victim"]
    if victim in attack.batches:
        is_free, is_hidden = (victim in attack.maybe or not attack.opens,
                              victim in attack.hidden | attack.gone)
        for command in site, packets:
            if not is_free and (look.marker(victim) in command.out) == is_hidden:
                yield f"{command.name}: batch {victim} is {'shown' if is_hidden else 'not shown'}"
        if is_hidden and not is_free and packets.status == 0:
            yield "packets of a record that is not proved ends with 0"
    if seen["keys"].status not in (0, 1, 3):
        yield f"keys show ends with {seen['keys'].status}"
    for line in seen["unverified"].out.splitlines():
        if any(f in line for f in look.FORGED) and "unverified" not in line:
            yield f"--unverified shows {line[:120]} without a mark"
    if seen["unverified"].status == 2:
        yield "there is no --unverified"


def left_behind(store, before):
    return [f"{p.name} was left behind" for p in store.folder.iterdir() if p.name not in before
            and p.name.startswith("journal.db-")]


def applies(attack, before, after, options):
    """A row that changes nothing, and tells verify nothing, tests nothing."""
    return before != after or bool(options) or attack.name == "nothing is done"


def try_attack(nta, base, work, attack):
    """The problems of one row."""
    cls = stores.SqliteStore if attack.kind == "sqlite" else stores.MysqlStore
    store = None
    try:
        store = cls(base, work / re.sub("[^a-z0-9]+", "-", f"case-{attack.name.lower()}"),
                    attack.name)
        whole = store.digest()
        options = attack.do(store) or ()
        problems = [] if applies(attack, whole, store.digest(), options) else ["changes nothing"]
        before = {p.name for p in store.folder.iterdir()}
        seen = look.look(nta, store, attack.victim, base.packets, options)
        problems += list(judge(attack, seen, base.of)) + left_behind(store, before)
    except Exception as error:  # a row that cannot be tried is one that failed
        problems = [
            f"cannot be tried: {type(error).__name__}: {error} {getattr(error, '__notes__', '')}"]
    if store:
        shutil.rmtree(store.folder.with_name(store.folder.name + ".seen"), ignore_errors=True)
        store.done()
    return problems


def main():
    nta, ship_driver, kind, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[
        3], sys.argv[4:]
    attacks = [a for a in table.attacks(kind) if not names or any(n in a.name for n in names)]
    if not names:
        attacks = sample(attacks, 4 if kind == "mysql" else 2)
    n_failed = 0
    with tempfile.TemporaryDirectory(prefix="nta-attack-") as scratch:
        work, server = pathlib.Path(scratch), None
        try:
            if kind == "mysql":
                server = stores.Server(work / "mariadb")
        except FileNotFoundError as error:
            print(f"skipped: attacks on MySQL: there is no {error} (Debian: mariadb-server)")
            return 77
        try:
            base = make_base(nta, work)
            base.server = server
            if server:
                fill_mysql(base, work, ship_driver)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for attack, problems in zip(attacks,
                                            pool.map(lambda a: try_attack(nta, base, work, a),
                                                     attacks)):
                    n_failed += bool(problems)
                    print(
                        f"{'FAIL ' if problems else 'ok   '} {attack.name:44} "
                        f"{attack.findings or '-':24} {'/'.join(map(str, attack.verify))}",
                        flush=True)
                    for problem in problems:
                        print(f"        {problem}")
        finally:
            if server:
                server.stop()
    print(f"{len(attacks) - n_failed} of {len(attacks)} attacks on {kind} are met")
    return 1 if n_failed or not attacks else 0


if __name__ == "__main__":
    sys.exit(main())
