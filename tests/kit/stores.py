#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A kit of bad stores: of one good store, some two hundred changed ones, each with the findings
that it must give, so that any program that reads stores (docs/format.md) can be held against it.

usage: stores.py make NTA FOLDER                   the stores, and stores.json
       stores.py run FOLDER PROGRAM [WORD...]      "PROGRAM WORD... --store STORE --json", as `nta
                                                   verify`; prints what it judges otherwise
       stores.py test NTA                          both, and nothing stays; without NTA_LONG=1
                                                   a third of the stores is judged

stores.json: {"stores": [{"folder", "what", "status", "findings"}]}: with one of these statuses, and
of each list in `findings` a finding of one of these kinds ("kind", "kind:NUMBER" of a batch).  The
changes are those of tests/attack/table.py that are made in the store alone.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "attack"), str(HERE.parent / "e2e/lib")]
os.environ["XDG_STATE_HOME"] = "/dev/null"  # a copy of a store is not an older one of it
LEAST = 150
LARGEST = 1 << 20  # bytes: the kit is of small files


def places(words, of):
    """What table.py says of batches by their captures, by their numbers."""
    return [[f"{kind}:{of[int(n)]}" if n else kind
             for kind, _, n in (one.partition(":") for one in word.split("|"))]
            for word in words.split()]


def make_one(base, work, folder, attack):
    """What stands in stores.json of it; None: it is not of the store alone, or cannot be made."""
    import stores  # pylint: disable=import-outside-toplevel
    store = stores.SqliteStore(base, work / "case", attack.name)
    try:
        before = {path.name for path in work.iterdir()}
        if attack.do(store) or {path.name for path in work.iterdir()} != before:
            return None
        if sum(path.lstat().st_size for path in store.folder.rglob("*")) > LARGEST:
            return None
        name = re.sub("[^a-z0-9]+", "-", attack.name.lower()).strip("-")
        shutil.copytree(store.folder, folder / name, symlinks=True,
                        ignore=shutil.ignore_patterns("*-shm", "state"))
        return {"folder": name, "what": attack.name, "status": list(attack.verify),
                "findings": places(attack.findings, base.of)}
    finally:
        store.done()
        shutil.rmtree(work / "case", ignore_errors=True)


def make(nta, folder):
    import attack  # pylint: disable=import-outside-toplevel
    import table  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory(prefix="nta-kit-") as name:
        work = pathlib.Path(name)
        base = attack.make_base(pathlib.Path(nta).resolve(), work)
        base.server = None
        made = [make_one(base, work, folder, one) for one in table.attacks("sqlite")]
    (folder / "stores.json").write_text(
        json.dumps({"stores": [one for one in made if one]}, indent=1) + "\n")
    for name in "README.md", "stores.py":
        shutil.copy(HERE / name, folder / name)


def said_by(program, folder):
    try:
        done = subprocess.run([*program, "--store", folder, "--json"], capture_output=True,
                              text=True, check=False, timeout=60)
    except subprocess.TimeoutExpired:
        return "none in a minute", set()
    try:
        findings = json.loads(done.stdout)["findings"]
    except (ValueError, KeyError):
        findings = []
    kinds = {one["kind"] for one in findings}
    for one in findings:
        first = one.get("number", 0)
        kinds |= {f"{one['kind']}:{n}"
                  for n in range(first, min(max(one.get("to", 0), first), first + 8) + 1)}
    return done.returncode, kinds


def run(folder, program, step=1):
    made = json.loads((folder / "stores.json").read_text())["stores"]
    kit, wrong = made[::step], 0
    for one in kit:
        status, kinds = said_by(program, folder / one["folder"])
        missing = [words for words in one["findings"] if not kinds.intersection(words)]
        if status not in one["status"] or missing:
            wrong += 1
            print(f"{one['folder']} ({one['what']}): wanted {one['status']} {one['findings']}, got "
                  f"{status} {sorted(kinds)}")
    print(f"{len(kit)} stores, {wrong} judged otherwise")
    return 1 if wrong or len(made) < LEAST else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], pathlib.Path(sys.argv[3]))
    elif sys.argv[1] == "run":
        sys.exit(run(pathlib.Path(sys.argv[2]), sys.argv[3:]))
    else:
        with tempfile.TemporaryDirectory(prefix="nta-kit-") as kit:
            make(sys.argv[2], pathlib.Path(kit))
            sys.exit(run(pathlib.Path(kit), [sys.argv[2], "verify"],
                         1 if os.environ.get("NTA_LONG") == "1" else 3))
