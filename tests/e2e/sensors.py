#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: sensors.py NTA

Several sensors in one store: `--sensor` asks some of them, in every command that reads records, and
`nta sensors` says how all of them are.
"""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

NTA = sys.argv[1]
DEMO = pathlib.Path(__file__).parents[1] / "data" / "demo" / "demo.pcap"


def check(holds, text):
    if not holds:
        raise SystemExit(f"FAIL  {text}")


def nta(*args, status=0, says=""):
    run = subprocess.run([NTA, *map(str, args)], capture_output=True, text=True)
    check(run.returncode == status and says in run.stdout + run.stderr,
          f"nta {' '.join(map(str, args))}: {run.returncode}, not {status}, or without {says!r}:"
          f"\n{(run.stdout + run.stderr)[-2000:]}")
    return run.stdout


def make(folder):
    """Three sensors with one auditor, in one folder; and one that is trusted and never came."""
    deny, all_of_them = folder / "deny.txt", folder / "all"
    deny.write_text("bad.example\n")
    for i, name in enumerate(["gate-1", "gate-2", "north", "never"]):
        store = folder / name
        (store / "keys").mkdir(parents=True)
        if i:
            shutil.copy(folder / "gate-1" / "keys" / "auditors.pub", store / "keys")
        for _ in range(i + 1):
            nta("read", DEMO, "--list", deny, "--store", store)
        if not i:
            (all_of_them / "keys").mkdir(parents=True)
            shutil.copy(store / "keys" / "auditor.key", all_of_them / "keys")
        key = [line for line in (store / "keys" / "sensor.pub").read_text().split("\n")
               if line.startswith("nta-sensor-")][0]
        nta("keys", "trust", key, "--name", name, "--store", all_of_them)
        if name != "never":
            nta("export", "--store", store, "-o", folder / "x.ntabak", "--force")
            nta("import", folder / "x.ntabak", "--store", all_of_them)
    return all_of_them


def ids(*args):
    return [json.loads(line)["id"].split("-")[0]
            for line in nta("records", "--json", "--quiet", *args).splitlines()]


def main():
    with tempfile.TemporaryDirectory(prefix="nta-sensors-") as folder:
        store = make(pathlib.Path(folder))
        rows = [json.loads(line) for line in
                nta("sensors", "--store", store, "--json").splitlines()]
        by_name = {row["name"]: row for row in rows}
        check([row["name"] for row in rows] == ["gate-1", "gate-2", "north", "never"], str(rows))
        check([row["state"] for row in rows] == ["files"] * 3 + ["none"], str(rows))
        check(by_name["gate-1"]["batch"] < by_name["gate-2"]["batch"] < by_name["north"]["batch"],
              str(rows))
        lines = nta("sensors", "--store", store).splitlines()
        check([line.split()[0] for line in lines] ==
              ["SENSOR", "never", "gate-1", "gate-2", "north"], "\n".join(lines))

        every = ids("--store", store)
        came = "gate-1", "gate-2", "north"
        of_each = [ids("--store", store, "--sensor", name) for name in came]
        check(all(of_each) and sum(map(len, of_each)) == len(every), "sums differ")
        for name, found in zip(came, of_each):
            check(set(found) == {by_name[name]["sensor"]}, f"{name} has another's records")
        check(len(ids("--store", store, "--sensor", "GATE-1,north")) ==
              len(of_each[0]) + len(of_each[2]), "two with a comma")
        check(len(ids("--store", store, "--sensor", "gate-1", "--sensor", "north")) ==
              len(of_each[0]) + len(of_each[2]), "two said one after the other")
        check(ids("--store", store, "--sensor", by_name["north"]["sensor"][:8]) == of_each[2], "id")
        check(ids("--store", store, "--sensor", "never") == [], "one that never came")
        nta("records", "--store", store, "--sensor", "gate-3", status=2,
            says="trusted here: gate-1, gate-2, north, never")
        nta("records", "--store", store, "--sensor", "", status=2)
        for command in "alerts", "downloads", "incidents", "coverage":
            n, n_one, none = (
                len(nta(command, "--store", store, "--json", "--quiet", *more).splitlines())
                for more in ((), ("--sensor", "gate-2"), ("--sensor", "never")))
            # what one user did at one time is one incident, whoever saw it
            check(0 == none < n_one < n + (command == "incidents"), f"{command}: {n_one} of {n}")
        nta("stats", "--by", "site", "--store", store, "--sensor", "north")

        # without the auditor's key headers say enough; what does not hold comes first
        (store / "keys" / "auditor.key").unlink()
        with sqlite3.connect(store / "journal.db") as db:
            db.execute("UPDATE content_2 SET body = zeroblob(length(body)) WHERE sensor = ?",
                       (bytes.fromhex(by_name["north"]["sensor"]),))
        rows = nta("sensors", "--store", store, "--json").splitlines()
        check([json.loads(row)["state"] for row in rows] == ["ok"] * 3 + ["none"],
              str(rows))  # just sealed; contents are not looked at
        with sqlite3.connect(store / "journal.db") as db:
            db.execute("DELETE FROM head WHERE number = 3 AND sensor = ?",
                       (bytes.fromhex(by_name["north"]["sensor"]),))
        lines = nta("sensors", "--store", store, status=1).splitlines()
        check(lines[1].split()[:2] == ["north", "wrong"], "\n".join(lines))
        print("ok    several sensors in one store")


main()
