#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What others make of our heads and proofs.

usage: strangers.py NTA witness      a witness that was written from the specifications alone
       strangers.py NTA sigstore     the verifier of npm's @sigstore/verify, unless it is not there
"""
import base64
import hashlib
import json
import os
import pathlib
import re
import runpy
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE / "lib"))
import c2sp  # noqa: E402
import growing  # noqa: E402
from checks import ok  # noqa: E402

NTA, WHICH = sys.argv[1:3]
SIGSTORE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", "/var/cache"), "nta-tests/node_modules",
                        "@sigstore/verify/dist/tlog")


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False)


def grow(work, store, n, name="www.bad.example"):
    """One capture more: a question for a forbidden name."""
    (work / "list.txt").write_text("bad.example\n")
    growing.grow(run, work, store, n, name, 7200)


def log_of(store):
    return re.search(r"nta/[0-9a-f]{32}[+][0-9a-f]{8}[+]\S+",
                     run("keys", "show", "--store", store).stdout).group(0)


def root_of(links):
    """RFC 9162 section 2.1.1."""
    if len(links) == 1:
        return hashlib.sha256(b"\0" + links[0]).digest()
    k = 1 << (len(links) - 1).bit_length() - 1
    return c2sp.node(root_of(links[:k]), root_of(links[k:]))


def links_of(store):
    with sqlite3.connect(store / "journal.db") as db:
        return [hashlib.sha256(header + signature).digest() for header, signature in db.execute(
            "SELECT header, signature FROM head ORDER BY number")]


def check_witness(work):
    store, cosigned = work / "store", work / "cosigned"
    grow(work, store, 0)
    witness = c2sp.Witness("witness.invalid/other", log_of(store))
    for n in range(1, 9):
        done = run("witness", "post", witness.url, "--store", store, "--witness", witness.key,
                   "-o", cosigned)
        links = links_of(store)
        ok(f"it cosigns batch {len(links)}, whose tree is that of the headers",
           done.returncode == 0 and witness.seen == (len(links), root_of(links)), done)
        grow(work, store, n)
    done = run("verify", "--store", store, "--heads", cosigned, "--witness", witness.key, "--json")
    told = json.loads(done.stdout)
    ok("nta takes its word", done.returncode == 0
       and told["witnesses"][0]["number"] == witness.seen[0], done)
    shutil.copytree(store, work / "old")
    grow(work, store, 20)
    run("witness", "post", witness.url, "--store", store, "--witness", witness.key)
    done = run("witness", "post", witness.url, "--store", work / "old", "--witness", witness.key)
    ok("an older copy is not shown to it again", done.returncode == 1
       and "cut off" in done.stderr, done)
    grow(work, work / "old", 21, "www.other.example")
    grow(work, work / "old", 22, "www.other.example")
    done = run("witness", "post", witness.url, "--store", work / "old", "--witness", witness.key)
    ok("nor does another past get its line", done.returncode == 1, done)


PROGRAM = """
const [folder, question] = process.argv.slice(2);
const fs = require("fs"), crypto = require("crypto");
const {verifyCheckpoint} = require(folder + "/checkpoint.js");
const {verifyMerkleInclusion} = require(folder + "/merkle.js");
const hex = text => Buffer.from(text, "hex");
for (const one of JSON.parse(fs.readFileSync(question))) {
    const key = crypto.createPublicKey({format: "der", type: "spki",
        key: Buffer.concat([hex("302a300506032b6570032100"), hex(one.key)])});
    const inclusionProof = {checkpoint: {envelope: one.note}, logIndex: one.index,
                            hashes: one.path.map(hex)};
    try {
        let head = {logSize: BigInt(one.size), logHash: hex(one.root)};
        if (one.note)
            head = verifyCheckpoint({inclusionProof},
                                    [{logID: hex(one.id), baseURL: one.name, publicKey: key}]);
        if (one.leaf)
            verifyMerkleInclusion({inclusionProof, canonicalizedBody: hex(one.leaf)}, head);
        console.log(`holds ${head.logSize} ${head.logHash.toString("hex")}`);
    } catch (error) {
        if (error.code !== "TLOG_INCLUSION_PROOF_ERROR")
            throw error;
        console.log("WRONG");
    }
}
"""


def asked(work, *questions):
    """What it says of each."""
    (work / "ask.js").write_text(PROGRAM)
    (work / "questions").write_text(json.dumps([{"note": "", "leaf": "", "path": [], "index": 0,
                                                 "size": 0, "root": "", "id": "", "name": "x",
                                                 **one} for one in questions]))
    done = subprocess.run(["node", work / "ask.js", SIGSTORE, work / "questions"], text=True,
                          capture_output=True, check=False)
    ok("it has an answer to each", done.returncode == 0, done)
    return done.stdout.splitlines()


def flipped(text, at):
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1:]


def check_sigstore(work):
    store = work / "store"
    for n in range(7):
        grow(work, store, n)
    name, kind, public = c2sp.vkey(log_of(store))
    note = (store / "journal.state").read_text()
    text, _ = c2sp.take_note(note)
    _, size, root = c2sp.take_checkpoint(text)
    head = {"note": note, "name": name, "key": public.hex(),
            "id": c2sp.key_id(name, kind, public).hex()}
    other = {**head, "note": note.replace(base64.b64encode(root).decode(),
                                          base64.b64encode(bytes(32)).decode())}
    ok("our head is one, and a changed one is none", asked(work, head, other)
       == [f"holds {size} {root.hex()}", "WRONG"])
    incident = json.loads(run("incidents", "--store", store, "--json",
                              "--quiet").stdout.splitlines()[0])
    done = run("evidence", incident["id"], "-o", work / "case.zip", "--store", store)
    ok("a case is made", done.returncode == 0, done)
    decoded = runpy.run_path(str(HERE.parent / "kit/make.py"))["decoded"]
    with zipfile.ZipFile(work / "case.zip") as case:
        heads = decoded(case.read("case.cbor"))[0][2][0][1]
    newest = decoded(heads[-1][0])[0]
    proofs = []
    for header, signature, path, records in heads:
        fields = decoded(header)[0]
        if records and fields[2] < newest[2]:
            proofs.append({"leaf": hashlib.sha256(header + signature).hexdigest(), "path": path,
                           "index": fields[2] - 1, "size": newest[2] - 1, "root": newest[4]})
        for index, salt, way, record in records:
            proofs.append({"leaf": (salt + record).hex(), "path": way, "index": index,
                           "size": fields[10], "root": fields[14]})
    for proof in proofs:
        proof.update(root=proof["root"].hex(), key=public.hex(), path=[
            proof["path"][i:i + 32].hex() for i in range(0, len(proof["path"]), 32)])
    ok("there are proofs of batches and of records", len(proofs) > 3, proofs)
    ok("all of them hold", all(one.startswith("holds") for one in asked(work, *proofs)), proofs)
    ok("none of another leaf", set(asked(work, *({**one, "leaf": flipped(one["leaf"], 9)}
                                                 for one in proofs))) == {"WRONG"})
    ok("none in another place", set(asked(work, *({**one, "index": one["index"] + one["size"]}
                                                  for one in proofs))) == {"WRONG"})


def main():
    if WHICH == "sigstore" and not (SIGSTORE.is_dir() and shutil.which("node")):
        print("skipped: proofs held against another program's: there is no @sigstore/verify "
              f"(npm) in {SIGSTORE.parents[3]}, or no node")
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-strangers-") as name:
        {"witness": check_witness, "sigstore": check_sigstore}[WHICH](pathlib.Path(name))
    return ok.conclude()


sys.exit(main())
