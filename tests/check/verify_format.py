#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check docs/format.md's vectors, or all of a store, with a reader written from that page
(format_reader.py).

usage: verify_format.py [FORMAT.md]
       verify_format.py --store DIR [--json] [--key nta-sensor-...]

A second reading of the format, not from the C code.  Vectors of both formats (format_vectors.py):
what anyone can check with the public keys alone, and, with the keys that the page gives away, data
keys, tokens, bodies, leaves and paths.
A store (a folder with journal.db and keys/) of format 1 or 2: rows, chain and data keys with the
public keys; where auditor.key is (and for format 1 token.key), bodies, times and tokens, too;
--json prints every record as `nta records --json` does.  Exit status: 0 all holds, 1 something
does not.
"""
import argparse
import pathlib
import re
import sqlite3
import sys

from format_reader import (as_json, is_signed, open_body, open_data_key, read_data_key, read_header,
                           sha256, tokens, whole)
from format_vectors import check_all

from store2_reader import Store2

DAY_NS = 86400 * 10**9


class Wrong(list):
    """What does not hold, said on standard error as it is found."""

    def __call__(self, holds, what):
        if not holds:
            self.append(what)
            print(what, file=sys.stderr)


def key_of_line(line):
    return bytes.fromhex(line.split()[0].rsplit("-", 1)[1])


def trusted(folder, given):
    """Sensors' public keys by id: that which is given, else those of sensors.pub (section 8),
    else that of sensor.pub.
    """
    lines = [given] if given else []
    for name in "sensors.pub", "sensor.pub":
        if not lines and (folder / name).exists():
            lines = [line for line in (folder / name).read_text().splitlines() if line
                     and not line.startswith("#")]
    return {sha256(key)[:16]: key for key in map(key_of_line, lines)}


def secret(path):
    return key_of_line(path.read_text()) if path.exists() else None


def read_keys(db, sensors, wrong):
    """Data keys by id, of section 7's blobs."""
    keys = {}
    for key_id, made_ns, blob in db.execute("SELECT id, made_ns, wrapped FROM data_key"):
        try:
            key = read_data_key(blob, sensors)
            wrong((key["id"], key["made"]) == (key_id, made_ns),
                  f"data key {key_id.hex()}: its row is another's")
            keys[key["id"]] = key
        except (ValueError, TypeError, IndexError) as error:
            wrong(False, f"data key {key_id!r}: {error}")
    return keys


def open_records(row, head, keys, auditor, token_key, wrong):
    """Records as maps; none without the auditor's key."""
    name = f"batch {head['number']}"
    wrong(head["data_key"] in keys, f"{name}: its data key is not there")
    if not auditor or head["data_key"] not in keys:
        return []
    records = [whole(r)
               for r in open_body(row["header"], row["body"],
                                  open_data_key(keys[head["data_key"]], auditor))]
    began = [r[1] for r in records]
    wrong((head["first"], head["last"]) == (min(began), max(began)),
          f"{name}: times are not those of its records")
    wrong(not token_key or row["tokens"] == tokens(token_key, records),
          f"{name}: tokens are not those of its records")
    return records


def check_batch(row, sensors, heads, wrong):
    """Sections 6 and 9; the header.  Moves the sensor's head on."""
    head = read_header(row["header"])
    name = f"batch {head['number']}"
    size = sum(len(row[part]) for part in ("header", "signature", "tokens", "body"))
    number, previous = heads.get(head["sensor"], (0, bytes(32)))
    wrong(row["columns"]
          == (head["first"] // DAY_NS, head["sensor"], head["number"], head["first"], head["last"],
              head["records"], size),
          f"{name}: columns are not those of the header")
    wrong(head["sensor"] in sensors
          and is_signed(sensors[head["sensor"]], b"NTA batch header v1\0" + row["header"],
                        row["signature"]),
          f"{name}: not signed by a sensor that is trusted")
    wrong(sha256(row["tokens"]) == head["tokens"] and sha256(row["body"]) == head["body"],
          f"{name}: tokens or body are others")
    wrong(head["number"] == number + 1 and head["previous"] == previous,
          f"{name}: does not follow batch {number}")
    heads[head["sensor"]] = head["number"], sha256(row["header"] + row["signature"])
    return head


def check_tables(db, page, numbers, wrong):
    """Section 6: the tables are those of the page, to the letter, and there is nothing else."""
    texts = set(re.findall("^CREATE (?:TABLE|INDEX) .*", page, re.M))
    found = {sql for (sql,) in db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")}
    wrong(found <= texts, f"tables that are not those of the page: {found - texts}")
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    wanted = {1: {"batch", "content", "data_key", "chain"},
              2: {"head", "data_key", "chain", *(f"content_{c}" for c in range(1, 5))}}
    later = {f"index_{c}" for c in range(1, 5)} if numbers[1] == 2 else set()
    wrong(numbers[1] in wanted and names - later == wanted[numbers[1]],
          f"the tables are {sorted(names)}")
    wrong(numbers[0] == 0x4e544131, f"application_id is {numbers[0]:x}")


def check_store_1(db, keys_dir, sensors, wrong):
    """Rows of a store of format 1: (header, its records)."""
    heads, n = {}, 0
    auditor, token_key = secret(keys_dir / "auditor.key"), secret(keys_dir / "token.key")
    keys = read_keys(db, sensors, wrong)
    for values in db.execute(
        "SELECT header, signature, tokens, body, day, sensor, number, first_ns, last_ns, "
        "n_records, n_bytes"
                             " FROM batch JOIN content ON content.id = batch.content ORDER BY "
                             "sensor, number"):
        row = dict(zip(("header", "signature", "tokens", "body"), values), columns=values[4:])
        try:
            head = check_batch(row, sensors, heads, wrong)
            yield head, open_records(row, head, keys, auditor, token_key, wrong)
        # whatever it is, this batch is not of the format, and the next may be
        except Exception as error:
            wrong(False, f"batch {row['columns'][2]}: {type(error).__name__}: {error}")
        n += 1
    for sensor, number, link in db.execute("SELECT sensor, number, hash FROM chain"):
        wrong(heads.get(sensor) == (number, link),
              f"sensor {sensor.hex()}: the chain's row names another head")


def check_store(folder, given, as_lines, page):
    """A folder's journal.db with the keys beside it."""
    wrong, keys_dir, n, n_batches = Wrong(), folder / "keys", 0, 0
    db = sqlite3.connect(f"file:{folder}/journal.db?mode=ro", uri=True)
    numbers = [db.execute(f"PRAGMA {name}").fetchone()[0]
               for name in ("application_id", "user_version")]
    sensors = trusted(keys_dir, given)
    check_tables(db, page, numbers, wrong)
    batches = check_store_1(db, keys_dir, sensors, wrong) if numbers[1] == 1 else Store2(
        db, folder, sensors, secret(keys_dir / "auditor.key"), wrong).batches()
    for head, records in batches:
        n_batches += 1
        for i, record in enumerate(records):
            if as_lines:
                print(as_json(record, f"{head['sensor'].hex()}-{head['number']}-{i}"))
        n += len(records)
    wrong(n_batches, "there are no batches")
    print(f"{n_batches} batches, {n} records read, {len(wrong)} things do not hold",
          file=sys.stderr)
    return not wrong


def main():
    here = pathlib.Path(__file__).resolve().parents[2] / "docs" / "format.md"
    parser = argparse.ArgumentParser()
    parser.add_argument("page", nargs="?", type=pathlib.Path, default=here)
    parser.add_argument("--store", type=pathlib.Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--key")
    args = parser.parse_args()
    page = args.page.read_text(encoding="utf-8")
    good = check_store(args.store, args.key, args.json, page) if args.store else check_all(page)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
