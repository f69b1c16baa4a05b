#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check a case by hand, with OpenSSL 3:  python3 check.py CASE.zip nta-sensor-KEY..."""
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def item(data, at):  # one item of CBOR (RFC 8949), and where the next begins
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n > 23:
        n, at = int.from_bytes(data[at:at + (1 << n - 24)], "big"), at + (1 << n - 24)
    if major in (2, 3):
        return (data[at:at + n] if major == 2 else data[at:at + n].decode()), at + n
    if major in (4, 5):
        items = []
        for _ in range(n * (major - 3)):
            value, at = item(data, at)
            items.append(value)
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    return {0: n, 1: -1 - n, 7: n == 21}[major], at


def in_tree(leaf, index, size, path, root):  # RFC 9162 section 2.1.3.2
    last, path = size - 1, [path[i:i + 32] for i in range(0, len(path), 32)]
    if index not in range(size):
        return False
    for node in path:
        if index & 1 or index == last:
            leaf = sha(b"\1", node, leaf)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            leaf = sha(b"\1", leaf, node)
        index, last = index >> 1, last >> 1
    return last == 0 and leaf == root


def signed(key, message, signature):  # Ed25519 (RFC 8032)
    with tempfile.TemporaryDirectory() as folder:
        for file, data in (("key", bytes.fromhex("302a300506032b6570032100") + key),
                           ("message", message), ("signature", signature)):
            pathlib.Path(folder, file).write_bytes(data)
        return subprocess.run("openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey key "
                              "-in message -sigfile signature".split(), cwd=folder, check=False,
                              capture_output=True).returncode == 0


def check(what, holds):
    print("holds" if holds else "WRONG", what)
    wrong.extend([] if holds else [what])


if len(sys.argv) < 3:
    sys.exit(__doc__)
wrong, lists, named, n_records = [], {}, set(), 0
keys = [key.replace(" ", "").lower().split("-")[-1] for key in sys.argv[2:]]
with zipfile.ZipFile(sys.argv[1]) as case:
    names, files = sorted(case.namelist()), {name: case.read(name) for name in case.namelist()}
hashes = {file["name"]: file["sha256"] for file in json.loads(files["manifest.json"])["files"]}
check("each file is there once, as manifest.json (which anybody can write) names it",
      names == sorted({*hashes, "manifest.json"} | {"seal.cbor"} & {*names}) and
      all(sha(files[name]).hex() == value for name, value in hashes.items()))
(version, program, sensors, lines), end = item(files["case.cbor"], 0)
check("case.cbor has nothing behind its end", version in (1, 2) and end == len(files["case.cbor"]))
for key, heads, *_ in sensors:  # heads that witnesses cosigned: nta verify --witness
    check(f"key {key.hex()} is the one on paper", {key.hex(), sha(key)[:16].hex()} & {*keys})
    sensor, newest, last = sha(key)[:16], item(heads[-1][0], 0)[0], 0
    for header, signature, path, records in heads:
        field = item(header, 0)[0]
        check(f"batch {field[2]} is in order, from 1 (which names the next key)",
              (last < field[2]) if last else (field[2] == 1 and field[15]))
        last = field[2]
        check(f"batch {field[2]} signed by the key of its number", field[1] == sensor and
              signed(key, b"NTA batch header v2\0" + header, signature))
        check(f"batch {field[2]} changes no identity (nta verify knows more)",
              all(note[0] not in (5, 6) for note in field[16]))
        key = field[15] or key  # this header names the key of those behind it
        if records and field[2] < newest[2]:
            check(f"batch {field[2]} in the log", in_tree(sha(b"\0", sha(header, signature)),
                  field[2] - 1, newest[2] - 1, path, newest[4]))
        for index, salt, path, record in records:
            n_records += 1
            check(f"record {sensor.hex()}-{field[2]}-{index}",
                  in_tree(sha(b"\0", salt, record), index, field[10], path, field[14]))
            said = item(record, 0)[0]
            named.add((said.get(16, {}).get(6), said.get(16, {}).get(3)))  # list, line: it forbade
            for one in said.get(23, {}).get(9, {}).get(4, []):  # a policy's lists
                lists[one.get(3)] = one.get(4), one.get(5), one[0]
for tree, n_lines, number, path, text in lines:
    of = [lists[file][2] for file, line in named if line == number and
             lists.get(file, ())[:2] == (tree, n_lines)]
    check(f"line {number} of list {', '.join(of)} forbade it", of and
          in_tree(sha(b"\0", text), number - 1, n_lines, path, tree))
check("there is a record", n_records > 0)
print("not looked at, as nta verify does: heads that others noted, times, the seal, whether each\n"
      "policy is there, whether this is one incident, what the other files say of case.cbor, and\n"
      "whether archive and case.cbor are of the one form that they have")
print("WRONG" if wrong else "HOLDS: keys, batches, records and lines of case.cbor")
sys.exit(bool(wrong))
