#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check a sheet by hand, with OpenSSL 3:  python3 check_sheet.py CODES FINGERPRINT [WITNESS]

CODES is what `zbarimg -q --raw -Sbinary SCAN.png` reads; FINGERPRINT the sensor's, or its key;
WITNESS a witness's key (NAME+ID+BASE64)."""
import base64
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile
import time


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
wrong, codes, rest = [], {}, pathlib.Path(sys.argv[1]).read_bytes()
while rest:  # "NTA", number and how many, of which sheet, length, and a part of it
    size = int.from_bytes(rest[8:10], "big")
    codes[rest[3] >> 4] = (rest[:3], rest[3] & 15, rest[4:8]), rest[10:10 + size]
    rest = rest[10 + size:].lstrip(b"\r\n")
sheet = b"".join(part for _, (_, part) in sorted(codes.items()))
check("all codes of one sheet", list(sorted(codes)) == list(range(1, len(codes) + 1)) and {
    frame for frame, _ in codes.values()} == {(b"NTA", len(codes), sha(sheet)[:4])})
if wrong:
    sys.exit("WRONG: scan the page again")
(version, key, (first, signature), note, (header, own, path), record), end = item(sheet, 0)
sensor, field, begin = sha(key)[:16], item(header, 0)[0], item(first, 0)[0]
check(f"sensor {sensor.hex()} is the one on paper", version == 1 and end == len(sheet) and
      sys.argv[2].replace(" ", "").lower().split("-")[-1] in (sensor.hex(), key.hex()))
check("batch 1 is signed by its key", begin[1] == sensor and begin[2] == 1 and
      signed(key, b"NTA batch header v2\0" + first, signature))
heads_key = next(one[1] for one in begin[16] if one[0] == 4)
text = "".join(line + "\n" for line in (
    f"nta/{sensor.hex()}", str(note[0]), base64.b64encode(note[1]).decode(),
    *(one if isinstance(one, str) else f"{one[0]} {one[1].hex()}" for one in note[2]))).encode()
check(f"the head of batch {note[0]} is signed by the key that it names", any(
    not name and signed(heads_key, text, line[4:]) for name, line in note[3]))
for witness in sys.argv[3:]:
    name, _, public = witness.split("+", 2)
    lines = [line[4:] for one, line in note[3] if one == name and len(line) == 76]
    public = base64.b64decode(public)[1:]
    times = [at for at, line in ((int.from_bytes(line[:8], "big"), line[8:]) for line in lines)
             if signed(public, b"cosignature/v1\ntime %d\n" % at + text, line)]
    check(f"{name} cosigned it" + "".join(time.strftime(
        " at %F %TZ", time.gmtime(at)) for at in times), times)
check(f"batch {field[2]} is in the log", field[1] == sensor and in_tree(
    sha(b"\0", sha(header, own)), field[2] - 1, note[0], path, note[1]))
check(f"record {sensor.hex()}-{field[2]}-{record[0]}", in_tree(
    sha(b"\0", record[1], record[3]), record[0], field[10], record[2], field[14]))
print(json.dumps(item(record[3], 0)[0], default=bytes.hex, ensure_ascii=False))
print("WRONG" if wrong else "HOLDS" if sys.argv[3:] else "HOLDS, but for who had the sensor's keys")
sys.exit(bool(wrong))
