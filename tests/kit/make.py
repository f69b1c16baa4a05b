#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A kit of bad cases: of one good case, hundreds of changed ones, each with the finding that it
must give, so that any program that checks cases can be held against it.

usage: make.py CASE.zip KEY FOLDER

FOLDER gets the files, run.py, which holds a program against them, and kit.json: {"key", "cases":
[{"file", "what", "result", "steps"}]}, where `steps` has those that must be in this state ("a|b":
one of these); others may be in any.
"""
import hashlib
import io
import json
import pathlib
import random
import shutil
import struct
import sys
import zipfile
import zlib

LINE_STEPS = {"lines": "WRONG"}


# CBOR: integers, byte strings, texts and arrays, which is all that a case is of

def decoded(data, at=0):
    major, n = data[at] >> 5, data[at] & 31
    at += 1
    if n > 23:
        n, at = int.from_bytes(data[at:at + (1 << n - 24)], "big"), at + (1 << n - 24)
    if major == 0:
        return n, at
    if major in (2, 3):
        return data[at:at + n] if major == 2 else data[at:at + n].decode(), at + n
    items = []
    for _ in range(n):
        value, at = decoded(data, at)
        items.append(value)
    return items, at


def head(major, n, size=None):
    if size is None:
        size = next(s for s in (0, 1, 2, 4, 8) if n < (24 if s == 0 else 1 << 8 * s))
    return bytes([major << 5 | (n if size == 0 else 23 + size.bit_length())]) + (
        n.to_bytes(size, "big") if size else b"")


def encoded(value):
    if isinstance(value, bool) or value is None:
        raise TypeError(value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, ~value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(encoded, value))


def copy(value):
    return [copy(one) for one in value] if isinstance(value, list) else value


def flip(data, at=0):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:] if data else b"\0"


# the archive: the one form that a case has, taken from the good one

class Archive:
    def __init__(self, data):
        self.data = data
        self.local = data[:30]
        at = data.index(b"PK\1\2")
        self.central = data[at:at + 46]
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            self.files = {name: file.read(name) for name in file.namelist()}

    def written(self, files, names=None, extra=b""):
        body, central = b"", b""
        for name in names or sorted(files):
            data, at = files[name], len(body)
            sums = struct.pack("<III", zlib.crc32(data), len(data), len(data))
            sizes = struct.pack("<HH", len(name), len(extra))
            body += self.local[:14] + sums + sizes + name.encode() + extra + data
            central += self.central[:16] + sums + sizes + self.central[32:42] + \
                struct.pack("<I", at) + name.encode() + extra
        n = len(names or files)
        return body + central + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, n, n, len(central),
                                            len(body), 0)

    def with_manifest(self, files):
        """As whoever changes a case makes it anew."""
        program = json.loads(files["manifest.json"])["program"]
        rows = [f'{{"name":"{name}","bytes":{len(data)},"sha256":"'
                f'{hashlib.sha256(data).hexdigest()}"}}'
                for name, data in sorted(files.items())
                if name not in ("manifest.json", "seal.cbor")]
        text = f'{{"nta_case":1,"program":{json.dumps(program)},"sealed":false,"files":[\n' + \
            ",\n".join(rows) + "\n]}\n"
        return {**files, "manifest.json": text.encode()}

    def of_case(self, cbor):
        return self.written(self.with_manifest({**self.files, "case.cbor": cbor}))


# what is changed: each gives (what, case.cbor, steps that must be so)

def headers(case):
    """Each field of each header; the signature says that it is another one."""
    for i, one in enumerate(case[2][0][1]):
        fields = decoded(one[0])[0]
        step = "batches" if one[3] else "changes"
        for j, field in enumerate(fields):
            if isinstance(field, list):
                continue
            changed, other = copy(case), copy(fields)
            other[j] = field + 1 if isinstance(field, int) else flip(field)
            changed[2][0][1][i][0] = encoded(other)
            # some are no header at all, and some another's key, so that all behind it is unsigned
            step_here = "archive|changes" if j in (0, 1, 2, 7, 15) else step
            steps = {step_here: "WRONG"}
            yield f"field {j} of header {i}", changed, steps
        changed = copy(case)
        changed[2][0][1][i][1] = flip(one[1], 7)
        yield f"signature of header {i}", changed, {step: "WRONG"}


def paths(case):
    for i, one in enumerate(case[2][0][1]):
        if not one[3] or not one[2]:
            continue
        for what, path in (("flipped", flip(one[2], 40 % len(one[2]))), ("short", one[2][32:]),
                           ("long", one[2] + bytes(32)), ("turned", one[2][::-1])):
            changed = copy(case)
            changed[2][0][1][i][2] = path
            if path != one[2]:
                steps = {"archive|log" if what == "short" and not path else "log": "WRONG"}
                yield f"path of header {i}, {what}", changed, steps


def records(case):
    for i, one in enumerate(case[2][0][1]):
        for j, (index, salt, path, record) in enumerate(one[3]):
            for what, at, value in (
                    ("index", 0, index + 1000),
                    ("index that the same path leads to", 0, index + (1 << len(path) // 32)),
                    ("index below zero that it leads to", 0, index - (1 << len(path) // 32)),
                    ("salt", 1, flip(salt, 3)),
                    ("first byte", 3, flip(record)),
                    ("last byte", 3, flip(record, len(record) - 1)),
                    ("a byte", 3, flip(record, len(record) // 2)), ("end", 3, record[:-1]),
                    ("more", 3, record + b"\0"), ("path", 2, flip(path) if path else bytes(32)),
                    ("longer path", 2, path + bytes(32))):
                changed = copy(case)
                changed[2][0][1][i][3][j][at] = value
                if at == 0:  # no longer in order, or beyond its batch, or another's place
                    steps = {"archive|records": "WRONG"}
                elif what == "longer path" and len(path) // 32 >= 12:
                    steps = {"archive|records": "WRONG"}  # longer than a batch can make any
                else:
                    steps = {"records": "WRONG"}
                yield f"record {j} of header {i}: {what}", changed, steps
            changed = copy(case)
            del changed[2][0][1][i][3][j]
            yield f"record {j} of header {i} left out", changed, {"pages": "WRONG"} if len(
                one[3]) > 1 else {"archive|log|pages": "WRONG"}


def swapped(case):
    """Records and headers in each other's place."""
    heads = [i for i, one in enumerate(case[2][0][1]) if one[3]]
    for i in heads:
        for k in heads:
            if i == k:
                continue
            changed = copy(case)
            changed[2][0][1][i][3][0][3] = case[2][0][1][k][3][0][3]
            yield f"record 0 of header {k} in the place of that of {i}", changed, {
                "records": "WRONG"}
            changed = copy(case)
            changed[2][0][1][i][1] = case[2][0][1][k][1]
            yield f"signature of header {k} under header {i}", changed, {"batches": "WRONG"}
    for i in range(len(case[2][0][1])):
        changed = copy(case)
        del changed[2][0][1][i]
        is_newest = i + 1 == len(case[2][0][1])
        names_key = decoded(case[2][0][1][i][0])[0][15]
        yield f"header {i} left out", changed, {
            "log" if is_newest else "changes" if names_key else "pages": "WRONG"}


def lines(case):
    for i, (tree, n, number, path, text) in enumerate(case[3]):
        for what, at, value in (
                ("tree", 0, flip(tree)), ("lines", 1, n + 1), ("number", 2, number + 1),
                ("first line", 2, 1 if number != 1 else 2), ("path", 3, flip(path) if path else
                                                              bytes(32)),
                ("text", 4, flip(text)), ("longer text", 4, text + b" "), ("no text", 4, b"")):
            changed = copy(case)
            changed[3][i][at] = value
            yield f"line {i}: {what}", changed, {
                "archive|lines": "WRONG"} if what == "number" else LINE_STEPS
        changed = copy(case)
        changed[3].append([flip(tree), n, number, path, text])
        changed[3].sort(key=lambda line: (line[0], line[2]))
        yield f"line {i} of another list beside it", changed, LINE_STEPS


def noted(case):
    """Heads that somebody noted, of a case that has some."""
    for i, (note, path) in enumerate(case[2][0][2] if len(case[2][0]) > 2 else []):
        wrong = {"noted": "WRONG"}
        for what, at, value in (
                ("path", 1, flip(path, 40 % len(path)) if path else bytes(32)),
                ("longer path", 1, path + bytes(32)), ("shorter path", 1, path[:-32]),
                ("its size", 0, note.replace(b"\n", b"\n1", 1)),
                ("its tree", 0, note[:60] + bytes([note[60] ^ 3]) + note[61:]),
                ("no signature", 0, note[:note.index(b"\n\n") + 2]),
                ("another line", 0, note + b"and more\n"), ("nothing", 0, b""),
                ("another sensor", 0, note[:4] + bytes([note[4] ^ 1]) + note[5:])):
            changed = copy(case)
            changed[2][0][2][i][at] = value
            # some are no heads of this sensor at all
            steps = wrong if at == 1 else {"archive|noted": "WRONG"}
            if value != (note, path)[at]:
                yield f"noted head {i}: {what}", changed, steps
    if len(case[2][0]) > 2:
        changed = copy(case)
        changed[2][0][2] = []
        yield "no noted head in a case of them", changed, {"archive": "WRONG"}
        changed = copy(case)
        changed[2][0][2].append(copy(case[2][0][2][0]))
        yield "a noted head once more behind the others", changed, {"archive": "WRONG"}


def identities(case):
    changed = copy(case)
    changed[2][0][0] = flip(case[2][0][0])
    yield "another identity", changed, {"archive": "WRONG"}
    changed = copy(case)
    changed[2].append([hashlib.sha256(b"x").digest(), copy(case[2][0][1])])
    changed[2].sort()
    yield "another's headers beside it", changed, {"archive": "WRONG"}


def forms(case):
    """Other bytes for the same, and what is no case."""
    good = encoded(case)
    wrong = {"archive": "WRONG"}
    yield "bytes behind the end", good + b"\0", wrong
    yield "nothing", b"", wrong
    yield "a number in two bytes", good[:1] + head(0, case[0], 1) + good[2:], wrong
    yield "an array in two bytes", head(4, 4, 1) + good[1:], wrong
    yield "an array without a length", b"\x9f" + good[1:] + b"\xff", wrong
    yield "version 3", good[:1] + b"\3" + good[2:], wrong
    yield "the other version", good[:1] + bytes([3 - case[0]]) + good[2:], wrong
    yield "a tag in front", b"\xd9\xd9\xf7" + good, wrong
    yield "a fifth part", encoded(case + [[]]), wrong
    yield "three parts", encoded(case[:3]), wrong
    yield "no sensor", encoded([case[0], case[1], [], case[3]]), wrong
    yield "an array that lies", good[:-1], wrong
    yield "a length beyond all", b"\x9b" + b"\xff" * 8 + good[1:], wrong
    for n in range(0, len(good), max(1, len(good) // 40)):
        yield f"cut to {n} bytes", good[:n], wrong
    changed = copy(case)
    changed[2][0][1].reverse()
    yield "headers in another order", encoded(changed), wrong
    changed = copy(case)
    changed[2][0][1].append(copy(changed[2][0][1][-1]))
    yield "the newest header twice", encoded(changed), wrong
    changed = copy(case)
    changed[2].append(copy(changed[2][0]))
    yield "a sensor twice", encoded(changed), wrong
    changed = copy(case)
    changed[2][0][0] = case[2][0][0] + b"\0"
    yield "a key of 33 bytes", encoded(changed), wrong
    changed = copy(case)
    changed[2][0][1][0][1] = case[2][0][1][0][1][:-1]
    yield "a signature of 63 bytes", encoded(changed), wrong


def directories(archive):
    """What a reader may take for the directory, or a directory may say of its files."""
    data, first, end = archive.data, archive.data.index(b"PK\1\2"), len(archive.data) - 22
    directory, last = data[first:end], data[end:]
    n, size = struct.unpack("<H", last[10:12])[0], end - first
    other = archive.written({**archive.files, "index.html": b"<p>Another page.</p>"})
    other_first = other.index(b"PK\1\2")
    moved = b""  # the other archive's directory, its files behind those of the first
    for at in range(other_first, len(other) - 22):
        if other[at:at + 4] == b"PK\1\2":
            head, name_len = other[at:at + 46], struct.unpack("<H", other[at + 28:at + 30])[0]
            offset = struct.unpack("<I", head[42:])[0] + first
            moved += head[:42] + struct.pack("<I", offset) + other[at + 46:at + 46 + name_len]
    body = data[:first] + other[:other_first]
    yield "two directories, the second one counts", body + directory + moved + struct.pack(
        "<IHHHHIIH", 0x06054b50, 0, 0, n, n, len(moved), len(body) + size, 0)
    yield "two directories, the first one counts", data[:first] + directory + directory + \
        struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, n, n, size, first, 0)
    yield "two ends", data + last
    yield "a directory of a second archive behind it", data + other[other_first:]
    wide = struct.pack("<IQHHIIQQQQ", 0x06064b50, 44, 45, 45, 0, 0, n, n, size, first)
    locator = struct.pack("<IIQI", 0x07064b50, 0, end, 1)
    yield "zip64, and its end", data[:end] + wide + locator + last
    yield "zip64 alone", data[:end] + wide + locator + last[:8] + b"\xff" * 12 + last[20:]
    yield "an end that counts one less", \
        data[:end] + last[:8] + struct.pack("<HH", n - 1, n - 1) + last[12:]
    yield "an end that counts more", data[:end] + last[:8] + b"\xff\xff\xff\xff" + last[12:]
    yield "a directory of another disk", data[:end] + last[:4] + b"\1\0\1\0" + last[8:]
    yield "a directory beyond the end", data[:end] + last[:16] + b"\xff\xff\xff\x7f" + last[20:]
    for what, at, value in (("flags: encrypted", 8, b"\1\0"),
                            ("flags: sizes behind", 8, b"\x08\0"),
                            ("a method that there is not", 10, b"\x63\0"),
                            ("a size of 4 GB", 24, b"\xff\xff\xff\xff"),
                            ("a packed size of 4 GB", 20, b"\xff\xff\xff\xff"),
                            ("a name that is longer than all", 28, b"\xff\xff"),
                            ("a comment of a file", 32, b"\4\0"), ("a link", 38, b"\0\0\xff\xa1"),
                            ("the place of another file", 42, b"\0\0\0\0"),
                            ("a place beyond the end", 42, b"\xff\xff\xff\x7f")):
        at += first + directory.index(b"PK\1\2", 46)
        yield f"directory: {what}", data[:at] + value + data[at + len(value):]
    at = first + 46
    for what, name in (("directory", at), ("in front of its file", 30)):
        yield f"{what}: a name of other letters", \
            data[:name] + data[name:name + 1].swapcase() + data[name + 1:]
    yield "a name with a NUL", data[:at + 1] + b"\0" + data[at + 2:]


def archives(archive):
    """The same files in another archive, and files that are not those."""
    files, names = archive.files, sorted(archive.files)
    wrong = {"archive": "WRONG"}
    yield "in another order", archive.written(files, names[::-1]), wrong
    yield "an extra field", archive.written(files, extra=b"\xfe\xca\0\0"), wrong
    yield "something in front", b"#!/bin/sh\n" + archive.data, wrong
    yield "something behind", archive.data + b"\n", wrong
    yield "a comment", archive.data[:-2] + b"\4\0note", wrong
    yield "twice", archive.data + archive.data, wrong
    yield "no directory", archive.data[:archive.data.index(b"PK\1\2")], wrong
    yield "a file twice", archive.written(files, sorted(names + ["case.cbor"])), wrong
    for name in names:
        yield f"without {name}", archive.written(
            {one: data for one, data in files.items() if one != name}), wrong
        yield f"{name} changed", archive.written({**files, name: flip(files[name], 9)}), wrong
        yield f"{name} made longer", archive.written({**files, name: files[name] + b"\n"}), wrong
        if name not in ("manifest.json", "case.cbor"):
            yield f"{name} changed, with its hash", archive.written(archive.with_manifest(
                {**files, name: flip(files[name], 9)})), {"pages": "WRONG", "records": "holds"}
    for name in ("extra.txt", "../index.html", "INDEX.HTML", "case.cbor/x", "/index.html",
                 "index.html ", "./index.html", "x" * 60000):
        yield f"a file {name}", archive.written(archive.with_manifest({**files, name: b"x"})), {
            "archive|pages": "WRONG"}
    for what, data in directories(archive):
        yield what, data, wrong
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in names:
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), files[name])
    yield "packed", packed.getvalue(), wrong
    for at in random.Random(19).sample(range(len(archive.data)), 120):
        yield f"byte {at} of the archive", flip(archive.data, at), wrong


def all_of(archive):
    case = decoded(archive.files["case.cbor"])[0]
    if encoded(case) != archive.files["case.cbor"]:
        raise SystemExit("the good case is not of its form")
    for make in (headers, paths, records, swapped, lines, noted, identities):
        for what, changed, steps in make(case):
            yield what, archive.of_case(encoded(changed)), "WRONG", steps
    for what, cbor, steps in forms(case):
        yield what, archive.of_case(cbor), "WRONG", steps
    for what, data, steps in archives(archive):
        yield what, data, "WRONG", steps
    other = copy(case)
    other[1] = "another program 9.9"
    files = {**archive.files, "case.cbor": encoded(other)}
    text = files["manifest.json"].decode().replace(
        json.dumps(json.loads(files["manifest.json"])["program"]), json.dumps(other[1]))
    files["manifest.json"] = text.encode()
    yield "of another version", archive.written(archive.with_manifest(files)), "UNPROVED", {
        "pages": "unproved", "records": "holds", "batches": "holds"}
    yield "the good one", archive.data, "HOLDS", {"archive": "holds", "pages": "holds"}


def main():
    archive = Archive(pathlib.Path(sys.argv[1]).read_bytes())
    folder = pathlib.Path(sys.argv[3])
    cases = []
    for n, (what, data, result, steps) in enumerate(all_of(archive)):
        if not steps:
            raise SystemExit(f"{what}: no finding is named")
        (folder / f"{n:04}.zip").write_bytes(data)
        cases.append({"file": f"{n:04}.zip", "what": what, "result": result, "steps": steps})
    (folder / "kit.json").write_text(json.dumps({"key": sys.argv[2], "cases": cases}, indent=1))
    for name in "README.md", "run.py":
        shutil.copy(pathlib.Path(__file__).parent / name, folder / name)
    print(len(cases), "cases")


if __name__ == "__main__":
    main()
