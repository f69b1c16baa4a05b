#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A case with heads that witnesses cosigned: it says by when its records were there to whoever has
the witness's key, and a head of another past, or one that was changed, is found.

usage: evidence_noted.py NTA [NTA-VERIFY]
"""
import base64
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402
from growing import grow  # noqa: E402

NTA, ALONE = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
NAMES = ("witness.example/one", "other.example/two")


def run(*args, program=NTA):
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, check=False,
                          errors="replace")


class Witness:
    def __init__(self, folder, name, log):
        self.program = subprocess.Popen(
            [NTA, "witness", "serve", "--dir", folder, "--name", name, "--port", "0", log],
            stdout=subprocess.PIPE, text=True)
        self.key = self.program.stdout.readline().split()[1]
        self.url = f"http://127.0.0.1:{self.program.stdout.readline().split()[-1]}"

    def stop(self):
        self.program.terminate()
        self.program.wait(20)


def judged(path, key, *witnesses, program=(NTA, "verify")):
    done = subprocess.run([*program, path, "--key", key, "--json",
                           *[word for one in witnesses for word in ("--witness", one)]],
                          capture_output=True, text=True, check=False)
    told = json.loads(done.stdout)
    noted = next(one for one in told["steps"] if one["step"] == "noted")
    return done.returncode, told["result"], noted["state"], noted["text"]


def check_witnessed(path, key, witnesses):
    one, two = witnesses
    ok("without a witness's key the heads lie in the log",
       judged(path, key)[:3] == (0, "HOLDS", "holds"), judged(path, key))
    told = judged(path, key, one.key, two.key)
    ok("with both keys it says by when the records were there", told[:3] == (0, "HOLDS", "holds")
       and f"by {time.strftime('%Y-%m-%d', time.gmtime())}" in told[3], told)
    name, public = "stranger.example/x", b"\4" + hashlib.sha256(b"nobody").digest()
    nobody = "+".join((name, hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex(),
                       base64.b64encode(public).decode()))
    told = judged(path, key, one.key, nobody)
    ok("one who cosigned nothing is missed", told[:3] == (3, "UNPROVED", "unproved")
       and name in told[3], told)
    if ALONE:
        ok("nta-verify says the same", judged(path, key, one.key, program=(ALONE,)) ==
           judged(path, key, one.key))
    with zipfile.ZipFile(path) as case:
        for language in ("", ".de", ".fr", ".nl"):
            page = case.read(f"index{language}.html").decode()
            ok(f"index{language}.html names both", all(name in page for name in NAMES))
            ok("and not the sensor as one of them", "<td>nta/" not in page, page)
        script = path.parent / "check.py"
        script.write_bytes(case.read("check.py"))
    done = run(script, path, key, program=sys.executable)
    ok("check.py checks the rest of it", done.returncode == 0 and "HOLDS" in done.stdout, done)


def check_flips(path, key, witness):
    """Each byte of case.cbor that a head is of, in a case made anew with its hash."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as case:
        cbor = case.read("case.cbor")
    first = cbor.index(b"nta/")
    wrong = []
    for at in range(first, len(cbor), 7):
        changed = bytearray(data)
        changed[data.index(cbor) + at] ^= 1
        path.with_suffix(".flip").write_bytes(changed)
        if judged(path.with_suffix(".flip"), key, witness.key)[1] != "WRONG":
            wrong.append(at)
    ok("each byte of the heads counts", not wrong, wrong)


def check_past(work, store, incident, heads):
    """Heads of another past, and of a chain that was longer."""
    text = heads.read_text()
    other = work / "other-heads"
    size = re.search(r"^nta/[0-9a-f]{32}\n([0-9]+)\n(\S+)\n", text, re.M)
    root = base64.b64encode(hashlib.sha256(b"another past").digest()).decode()
    other.write_text(text.replace(size.group(2), root))
    done = run("evidence", incident, "-o", work / "past.zip", "--store", store, "--heads", other)
    ok("a head of another past is said, and not taken", done.returncode == 1
       and "is not in the case" in done.stderr and (work / "past.zip").exists(), done)
    other.write_text(text.replace(f"\n{size.group(1)}\n", f"\n{10 ** 6}\n"))
    done = run("evidence", incident, "-o", work / "long.zip", "--store", store, "--heads", other)
    ok("so is one behind the chain's end", done.returncode == 1
       and "the chain ends before it" in done.stderr, done)
    other.write_text("nothing\n")
    done = run("evidence", incident, "-o", work / "none.zip", "--store", store, "--heads", other)
    ok("a file without heads adds none", done.returncode == 0, done)
    ok("nor does one that is not there", run(
        "evidence", incident, "-o", work / "x.zip", "--store", store, "--heads",
        work / "nowhere").returncode != 0)


def main():
    with tempfile.TemporaryDirectory(prefix="nta-noted-") as name:
        work = pathlib.Path(name)
        store, heads, listed = work / "store", work / "heads", work / "witnesses"
        (work / "list.txt").write_text("bad.example\n")
        grow(run, work, store, 1, "good.example")
        shown = run("keys", "show", "--store", store).stdout
        log = re.search(r"nta/[0-9a-f]{32}[+][0-9a-f]{8}[+]\S+", shown).group(0)
        witnesses = [Witness(work / f"w{i}", one, log) for i, one in enumerate(NAMES)]
        try:
            listed.write_text("".join(f"{one.key} {one.url}\n" for one in witnesses))
            for n in (2, 3, 4):
                if n == 3:
                    grow(run, work, store, n, "www.bad.example")
                else:
                    grow(run, work, store, n, "fine.example")
                done = run("witness", "post", "--list", listed, "--store", store, "-o", heads)
                ok(f"the head after capture {n} is cosigned by both", done.returncode == 0, done)
            key = (store / "keys/sensor.pub").read_text().strip()
            found = run("incidents", "--store", store, "--json", "--quiet").stdout.splitlines()
            incident = json.loads(found[0])["id"]
            path = work / "newest.zip"
            for what, path in (("the newest batch", work / "newest.zip"),
                               ("an older one", work / "older.zip")):
                done = run("evidence", incident, "-o", path, "--store", store, "--heads", heads)
                ok(f"a case whose newest head is of {what}", done.returncode == 0, done)
                check_witnessed(path, key, witnesses)
                grow(run, work, store, 10 + len(path.name), "fine.example")
            check_flips(path, key, witnesses[0])
            check_past(work, store, incident, heads)
            done = run("evidence", incident, "-o", work / "plain.zip", "--store", store)
            ok("without heads there is none", done.returncode == 0
               and judged(work / "plain.zip", key)[:3] == (0, "HOLDS", "none"), done)
            ok("which a witness is missed in", judged(work / "plain.zip", key, witnesses[0].key)[:3]
               == (3, "UNPROVED", "unproved"))
        finally:
            for one in witnesses:
                one.stop()
    return ok.conclude()


sys.exit(main())
