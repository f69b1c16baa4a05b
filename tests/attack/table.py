# SPDX-License-Identifier: Apache-2.0
"""The attacks: a row each.

ROW(name, function or SQL, findings, ...): verify must name each of `findings` (words; "a|b": one of
these; "kind:7": of batch 7) and no other kind but those in `also`.  Batches in `hidden` must not be
shown and be named on standard error; those in `gone` are not there; those in `maybe` (what is wrong
is the row, not what was signed) may be shown or not; all others must be shown by every reader.
Readers in `blind` look at nothing that is wrong, and end with 0.  A function gets the store and
gives more options for verify.
"""
import dataclasses
import os
import pathlib
import re
import shutil

import seal
from seal import Nobody, Signer, data_key, read_header
from stores import COLUMNS, Sql, literal

ALL = frozenset(range(1, 7))
HUGE = 900_000_000


@dataclasses.dataclass
class Attack:
    name: str
    do: object
    findings: str
    kind: str = ""
    hidden: frozenset = frozenset()
    gone: frozenset = frozenset()
    maybe: frozenset = frozenset()
    unnamed: frozenset = frozenset()
    also: str = ""
    verify: tuple = (1,)
    readers: tuple = None
    blind: frozenset = frozenset()
    opens: bool = True
    victim: int = 3
    batches: frozenset = ALL

    def __post_init__(self):
        for field in "hidden", "gone", "maybe", "unnamed", "batches":
            value = getattr(self, field)
            setattr(self, field,
                    frozenset((value,)) if isinstance(value, int) else frozenset(value))
        self.blind = frozenset(self.blind)
        self.readers = self.readers or self.verify
        if isinstance(self.do, str):
            text = self.do
            self.do = lambda store: store.sql(*text.split("; "))


ROWS = []


def row(name, do, findings, kind="", **more):
    ROWS.append((name, do, findings, kind, more))


def attacks(kind):
    """Those on this kind of store.  In MySQL a value of a wrong type takes a column of another
    type, which is to be named, too.
    """
    return [Attack(name, do,
                   findings
                   + (" table" if kind == "mysql" and hasattr(do, "changes_types") else ""), kind,
                   **more)
            for name, do, findings, only, more in ROWS if only in ("", kind)]


def sets(**columns):
    """A function that changes columns of batch 3."""
    return lambda store: store.set(3, **columns)


def loose(table, statement):
    """A function that runs a statement on the table without its types and constraints."""
    def do(store):
        store.loosely(table, statement)
    do.changes_types = True
    return do


def flip(part, at=-5, number=3):
    """A function that flips a bit of a part."""
    def do(store):
        data = bytearray(store.row(number)[part])
        data[at] ^= 1
        store.set(number, **{part: bytes(data)})
    return do


# What holds

row("nothing is done", lambda store: None, "", verify=(0,))
row("its head is noted", lambda store: ("--head", f"6:{store.base.heads[6].hex()}"), "",
    verify=(0,))
row("an older head is noted", lambda store: ("--head", f"2:{store.base.heads[2].hex()}"), "",
    verify=(0,))


def noted(store):
    """Lines as ntad logs them."""
    path = store.folder / "heads"
    sensor = store.base.rows[0]["sensor"].hex()
    path.write_text(
        "".join(
            f"Nov 22 12:00:00 host ntad[7]: chain head of sensor {sensor}: batch {n}, "
            f"{store.base.heads[n].hex()}\n" for n in (1, 4, 6)))
    return "--heads", str(path)


row("heads of a log are noted", noted, "", verify=(0,))

# Who nobody trusts


def forge(signer=None, number=1, previous=bytes(32), name="forged.invalid"):
    """A batch with an alert and a download of 88 MB, sealed to the auditor's public key."""
    def do(store):
        who = signer or Signer(store.base.sensor_secret)
        begin = store.base.rows[2]["first_ns"]
        key, secret = data_key(who, store.base.auditor_public, begin)
        records = [seal.alert(name, begin), seal.record(name, begin + 1000)]
        link = store.base.heads[number - 1] if previous is None else previous
        store.insert(seal.batch(who, number, link, records, (key["id"], secret),
                                seal.tokens_of(store.base.token_key, seal.values_of(records))))
        store.insert_key(key)
    return do


class Impostor(Nobody):
    """Says that it is another sensor, whose key it does not have."""

    def __init__(self, sensor, signs=False):
        super().__init__()
        self.id, self.signs = sensor, signs

    def header(self, data):
        return Signer.header(self, data) if self.signs else super().header(data)

    def blob(self, payload):
        return Signer.blob(self, payload) if self.signs else super().blob(payload)


def impostor(number, signs, previous=None):
    return lambda store: forge(Impostor(store.base.rows[0]["sensor"], signs), number,
                               previous)(store)


row("an invented sensor, all signatures zeros", forge(Nobody()), "sensor",
    also="key_signature key_missing")
row("an invented sensor that signs", forge(Signer()), "sensor", also="key_signature key_missing")
row("the next batch, signature zeros", impostor(7, False), "signature:7",
    also="key_signature key_missing head")
row("the next batch, signed by another key", impostor(7, True), "signature:7",
    also="key_signature key_missing head")
row("batch 2^62, signature zeros", impostor(1 << 62, False, bytes(32)), "signature",
    also="key_signature key_missing head hole link")


def another_sensor(is_trusted):
    """Batches 8 and 9: numbers 1 and 2 of another sensor with the same auditor."""
    def do(store):
        other = store.base.other
        for row_ in other.rows:
            store.insert(row_)
        for key in other.data_keys.values():
            store.insert_key(key)
        head = seal.sha256(other.rows[1]["header"] + other.rows[1]["signature"])
        store.journal_sql(
            f"INSERT INTO chain VALUES ({literal(other.rows[0]['sensor'])}, 2, {literal(head)})")
        if is_trusted:
            mine, its = ((b.folder / "keys/sensor.pub").read_text().strip()
                         for b in (store.base, other))
            path = store.keys_dir / "sensors.pub"
            path.write_text((path.read_text() if path.exists() else f"{mine} here - -\n")
                            + f"{its} there - - the one next door\n")
            path.chmod(0o600)
    return do


row("another sensor that is trusted", another_sensor(True), "", verify=(0,), batches=ALL | {8, 9})
row("another sensor that is not trusted", another_sensor(False), "sensor", hidden={8, 9},
    unnamed={8, 9}, batches=ALL | {8, 9}, also="key_signature key_missing")


def replace_records(keep_header):
    """Batch 3's records replaced under a data key that the attacker knows."""
    def do(store):
        old = store.row(3)
        who, begin = Impostor(old["sensor"], signs=True), old["first_ns"]
        fields = read_header(old["header"])
        key, secret = data_key(who, store.base.auditor_public, begin,
                               key_id=fields[7] if keep_header else None)
        records = [seal.record("forged.invalid", begin)]
        new = seal.batch(who, 3, store.base.heads[2], records, (key["id"], secret),
                         seal.tokens_of(store.base.token_key, seal.values_of(records)))
        if keep_header:
            store.set_key(key, wrapped=key["wrapped"])
            store.set(3, body=new["body"])
        else:
            store.insert_key(key)
            store.set(3,
                      **{c: new[c]
                         for c in ("first_ns", "last_ns", "n_records", "n_bytes", "header",
                                   "signature", "tokens", "body")})
    return do


row("records replaced, header kept", replace_records(True), "body:3",
    also="key_signature key_missing columns", hidden=3)
row("records replaced, header too", replace_records(False), "signature:3",
    also="key_signature key_missing link hole columns", hidden=3)

# Columns are hints

row("times of all batches are zero", "UPDATE batch SET first_ns = 0, last_ns = 0",
    "columns:1 columns:3")
row("times of one batch are zero", sets(first_ns=0, last_ns=0), "columns:3")
row("times of one batch are far", sets(first_ns=(1 << 63) - 1, last_ns=-(1 << 63)), "columns:3")
row("number of records", sets(n_records=4000), "columns:3")
row("number of bytes", sets(n_bytes=1), "columns:3")
row("negative counts", sets(n_records=-1, n_bytes=-5), "columns:3|row", "sqlite", maybe=3)
row("moved to another day", sets(day=9999), "columns:3", "sqlite")
row("moved to another day", sets(day="1997-05-18"), "columns:3", "mysql")
row("moved to a day before 1970", sets(day=-9_000_000_000), "columns:3|row", "sqlite", maybe=3)
row("two batches have changed places",
    "UPDATE batch SET number = 77 WHERE number = 2; UPDATE batch SET number = 2 WHERE number = 3; "
    "UPDATE batch SET number = 3 WHERE number = 77", "columns", also="link hole repeat")
row("a content points to another batch's",
    "UPDATE batch SET content = (SELECT content FROM batch WHERE number = 2) WHERE number = 3",
    "columns:3|columns:2", "sqlite", gone=3, also="repeat hole link content")
row("a content points nowhere", sets(content=4711), "content:3", "sqlite", hidden=3,
    also="hole link")


def again(change):
    """Batch 3 a second time, under another day."""
    def do(store):
        copy = store.row(3)
        copy["day"] = 9999 if store.kind == "sqlite" else "1997-05-18"
        copy.update(change)
        store.insert(copy)
    return do


row("a batch again under another day", again({}), "repeat:3", also="columns")
row("a batch again, empty, under another day",
    again({"header": b"", "signature": b"", "tokens": b"", "body": b""}), "repeat|content|header",
    also="columns content header repeat size signature")

def share(is_spoiled):
    """Thousands of rows name one content, whose header is batch 3's and whose tokens and body
    are as long as may be read.
    """
    def do(store):
        import sqlite3
        victim = store.row(3)
        db = sqlite3.connect(store.journal, isolation_level=None)
        db.execute("BEGIN")
        db.execute("INSERT INTO content VALUES (5000, ?, ?, zeroblob(8388608), zeroblob(2097152))",
                   (victim["header"], victim["signature"]))
        if is_spoiled:
            db.execute("UPDATE batch SET content = 5000 WHERE number = 3")
        columns = [victim[c] for c in COLUMNS]
        db.executemany("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?, 5000)",
                       [columns[:2] + [10 + i] + columns[3:] for i in range(4000)])
        db.execute("COMMIT")
        db.close()
    return do


row("4000 rows name one long content", share(False), "columns", "sqlite",
    also="columns repeat tokens body unread")
row("4000 rows name one long content, batch 3 too", share(True), "columns tokens:3", "sqlite",
    hidden=3, also="columns repeat tokens body unread")

# Wrong types

for column in "day", "sensor", "number", "first_ns", "last_ns", "n_records", "n_bytes":
    for name, value in ("text zzz", "zzz"), ("NULL",
                                             None), ("bytes",
                                                     b"\0\xff\0"), ("empty", ""), ("1.5", 1.5):
        # SQLite has no NULL in a primary key of a table without rowid, whatever its text says
        only = "mysql" if value is None and column in ("day", "sensor", "number") else ""
        row(f"{column} is {name}",
            loose("batch", f"UPDATE batch SET {column} = {literal(value)} WHERE number = 3"),
            "row|columns|count", only, maybe=3,
            also="row columns hole link count unread")
row("content is text", loose("batch", "UPDATE batch SET content = 'x' WHERE number = 3"),
    "row|content", "sqlite", hidden=3, unnamed=3, also="hole link")
row("content is NULL", loose("batch", "UPDATE batch SET content = NULL WHERE number = 3"),
    "row|content", "sqlite", hidden=3, unnamed=3, also="hole link")
for number in 9_000_000_000, 0:
    row(f"number is {number}", sets(number=number), "columns|row", maybe=3,
        also="columns row hole link head repeat")
row("number is -1", sets(number=-1), "columns|row", "sqlite", maybe=3, also="columns row hole link")
row("number is -1", loose("batch", "UPDATE batch SET number = -1 WHERE number = 3"), "columns|row",
    "mysql", maybe=3, also="columns row hole link")
row("number is 2^63", sets(number=Sql("9223372036854775808")), "columns|row", "mysql", maybe=3,
    also="columns row hole link head repeat")
row("sensor id is short", sets(sensor=b"\1\2"), "row|columns", maybe=3,
    also="row columns hole link")
row("sensor id is long", sets(sensor=bytes(40)), "row|columns", maybe=3,
    also="row columns hole link")
for part in "header", "signature", "tokens", "body":
    row(f"{part} is NULL",
        loose("content",
              f"UPDATE content SET {part} = NULL WHERE id = (SELECT content FROM batch WHERE "
              f"number = 3)"),
        f"content:3|header:3|signature:3|{part}:3", "sqlite", hidden=3, also="link columns hole")
    row(f"{part} is NULL", loose("batch", f"UPDATE batch SET {part} = NULL WHERE number = 3"),
        f"content:3|header:3|signature:3|{part}:3", "mysql", hidden=3, also="link columns hole")
    row(f"{part} is empty", sets(**{part: b""}), f"content:3|header:3|signature:3|{part}:3",
        hidden=3, also="link columns hole")
    row(f"{part} is a number", sets(**{part: 7}), f"content:3|header:3|signature:3|{part}:3",
        "sqlite", hidden=3, also="link columns hole")
    row(f"{part} of 60 MB",
        loose("content",
              f"UPDATE content SET {part} = zeroblob(60000000) WHERE id = (SELECT content FROM "
              f"batch WHERE number = 3)"),
        f"size:3|content:3|{part}:3", "sqlite", hidden=3, also="link columns header hole")
for part in "tokens", "body":
    row(f"{part} of 16 MB", sets(**{part: Sql("REPEAT('x', 16777215)")}),
        f"size:3|content:3|{part}:3", "mysql", hidden=3, also="link columns hole")
for part, kind in ("body", "LONGBLOB"), ("day", "VARCHAR(64)"), ("number", "VARCHAR(64)"):
    row(f"column {part} is of another type", f"ALTER TABLE batch MODIFY {part} {kind}", "table",
        "mysql", opens=False)
row("body of 900 MB",
    lambda s: s.sql("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
                    f"UPDATE content SET body = zeroblob({HUGE}) WHERE id = 3"), "size:3", "sqlite",
    hidden=3, also="columns")

# The schema

for version in 0, -1:
    row(f"schema version {version}", f"PRAGMA user_version = {version}", "table", "sqlite",
        opens=False)
    row(f"schema version {version}", f"UPDATE meta SET value = '{version}' WHERE name = 'schema'",
        "table", "mysql", gone={1, 2, 3, 4}, also="hole link head")
row("schema version 99", "PRAGMA user_version = 99", "", "sqlite", also="table", verify=(1, 3),
    opens=False)
row("schema version 99", "UPDATE meta SET value = '99' WHERE name = 'schema'", "", "mysql",
    gone={1, 2, 3, 4}, also="table hole link head", verify=(1,))
row("schema version is a word", "UPDATE meta SET value = 'abc' WHERE name = 'schema'", "table",
    "mysql", gone={1, 2, 3, 4}, also="hole link head")
row("another program's database", "PRAGMA application_id = 77", "table", "sqlite", opens=False)


def view_instead(table, select):
    return f"ALTER TABLE {table} RENAME TO was_{table}; CREATE VIEW {table} AS {select}"


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS {}, {} FROM n")
row("an endless view for batch",
    view_instead("batch",
                 ENDLESS.format("number",
                                "20000 AS day, x'00112233445566778899aabbccddeeff' AS sensor,"
    " 1 AS first_ns, 1 AS last_ns, 1 AS n_records, 1 AS n_bytes, 1 AS content")), "table", "sqlite",
    opens=False)
row("an endless view for content",
    view_instead("content", ENDLESS.format("id", ", ".join(
        f"x'00' AS {name}" for name in ("header", "signature", "tokens", "body")))),
    "table", "sqlite", opens=False)
row("an endless view for data_key",
    view_instead("data_key", ENDLESS.format("made_ns", "x'00' AS id, x'00' AS wrapped")),
    "table key_missing", "sqlite", hidden=ALL)
row("an endless view for chain",
    view_instead("chain", ENDLESS.format("number", "x'00' AS sensor, x'00' AS hash")), "table",
    "sqlite", also="head")
row("a view for batch", view_instead("batch", "SELECT * FROM was_batch"), "table", "sqlite",
    opens=False)
row("a view for batch", view_instead("batch", "SELECT * FROM was_batch"), "table", "mysql",
    gone={1, 2, 3, 4}, also="hole link head")
row("a view for data_key", view_instead("data_key", "SELECT * FROM was_data_key"),
    "table key_missing", "sqlite", hidden=ALL)
row("a view for data_key", view_instead("data_key", "SELECT * FROM was_data_key"),
    "table key_missing", "mysql", hidden={1, 2, 3, 4})
row("a trigger",
    lambda s: s.sql("CREATE TRIGGER t AFTER INSERT ON batch BEGIN DELETE FROM batch; END"), "table",
    "sqlite")
row("a column is missing", "ALTER TABLE batch DROP COLUMN n_bytes", "table", "sqlite", opens=False)
row("a column is missing", "ALTER TABLE batch DROP COLUMN n_bytes", "table", "mysql",
    gone={1, 2, 3, 4}, also="hole link head")
row("a table is missing", "DROP TABLE data_key", "table key_missing", "sqlite", hidden=ALL)
row("a table is missing", "DROP TABLE data_key", "table key_missing", "mysql", hidden={1, 2, 3, 4})
row("the table of contents is missing", "DROP TABLE content", "table", "sqlite", opens=False)
row("the chain's table is missing", "DROP TABLE chain", "table", "sqlite", also="head")
row("another table beside", "CREATE TABLE notes (text)", "", "sqlite", verify=(0,))
row("a view beside", "CREATE VIEW notes AS SELECT * FROM batch", "table", "sqlite")
row("an index with a collation of its own", "CREATE INDEX i ON batch (number COLLATE odd)", "table",
    "sqlite")
row("a column with a collation of its own",
    "DROP TABLE chain; CREATE TABLE chain (sensor TEXT COLLATE odd PRIMARY KEY, number, hash) "
    "WITHOUT ROWID",
    "table", "sqlite", also="head")


def lying_index(columns):
    """An index that lacks batch 3: it is made over the other rows, and then said to be over all
    of them.
    """
    def do(store):
        store.journal_sql(f"CREATE INDEX liar ON batch ({columns}) WHERE number <> 3",
                          "PRAGMA writable_schema = ON",
                          "UPDATE sqlite_schema SET sql = replace(sql, ' WHERE number <> 3', '') "
                          "WHERE name = 'liar'")
    return do


row("an index that lacks a row", lying_index("number"), "table", "sqlite")
row("an index over all columns that lacks a row",
    lying_index("day, sensor, number, first_ns, last_ns, n_records, n_bytes, content"), "table",
    "sqlite")
row("batches in a table without a key",
    "ALTER TABLE batch RENAME TO was; CREATE TABLE batch AS SELECT * FROM was ORDER BY n_bytes; "
    "DROP TABLE was", "table", "sqlite")
row("batches in a table with other types",
    "ALTER TABLE batch RENAME TO was; CREATE TABLE batch (day REAL, sensor TEXT COLLATE NOCASE, "
    "number TEXT, first_ns TEXT, last_ns, n_records, "
    "n_bytes, content, PRIMARY KEY (number DESC, sensor)) WITHOUT ROWID; INSERT INTO batch SELECT "
    "* FROM was; DROP TABLE was", "table row", "sqlite", also="columns")
row("data keys in a table without a key",
    "ALTER TABLE data_key RENAME TO was; CREATE TABLE data_key AS SELECT * FROM was; INSERT INTO "
    "data_key SELECT * FROM was; DROP TABLE was",
    "table", "sqlite")
row("contents in a table without a key",
    "ALTER TABLE content RENAME TO was; CREATE TABLE content AS SELECT * FROM was; DROP TABLE was",
    "table", "sqlite")
row("a column that is computed",
    "ALTER TABLE batch RENAME TO was; CREATE TABLE batch (day, sensor, number, first_ns, last_ns, "
    "n_records, n_bytes, "
    "content AS (abs(-9223372036854775808)))", "table", "sqlite", opens=False)

# Data keys


def key(change):
    """A function that changes the row of batch 3's data key: `change` gets store and row, gives
    columns.
    """
    def do(store):
        mine = store.key_of(3)
        store.set_key(mine, **change(store, mine))
    return do


def loose_key(**columns):
    def do(store):
        mine = store.key_of(3)
        store.loosely("data_key",
                      f"UPDATE data_key SET "
                      f"{', '.join(f'{c} = {literal(v)}' for c, v in columns.items())} WHERE id = "
                      f"{literal(mine['id'])}")
    do.changes_types = True
    return do


def wrap_anew(store, mine, signer, public=None):
    """The same secret's place, another blob for the same id."""
    return data_key(signer, public or store.base.auditor_public, mine["made_ns"],
                    key_id=mine["id"])[0]["wrapped"]


def unwrapped(blob):
    """Payload and signature of a blob: 0x82, a string with a two-byte length or a one-byte one,
    0x58 0x40 and the signature.
    """
    return blob[1 + (3 if blob[1] == 0x59 else 2):-66], blob[-64:]


def signed_by_another(store, mine):
    return {"wrapped": Signer().blob(unwrapped(mine["wrapped"])[0])}


def swap_keys(store):
    one, two = store.key_of(2), store.key_of(3)
    store.set_key(one, wrapped=two["wrapped"])
    store.set_key(two, wrapped=one["wrapped"])


BAD_KEY = "key_row|key_signature|key_missing"
ALSO_KEY = "key_row key_signature key_missing key_closed"
row("a data key's blob is garbage", key(lambda s, k: {"wrapped": b"\x82\xff\x00garbage"}), BAD_KEY,
    hidden=3, also=ALSO_KEY)
row("a data key's blob is empty", key(lambda s, k: {"wrapped": b""}), BAD_KEY, hidden=3,
    also=ALSO_KEY)
row("a data key's blob is NULL", loose_key(wrapped=None), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob has bytes behind its end",
    key(lambda s, k: {"wrapped": k["wrapped"] + b"\0"}), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob of 60 MB", loose_key(wrapped=Sql("zeroblob(60000000)")), BAD_KEY, "sqlite",
    hidden=3, also=ALSO_KEY)
row("a data key's id is short", key(lambda s, k: {"id": b"\1"}), BAD_KEY, maybe=3, also=ALSO_KEY)
row("a data key's id is text", loose_key(id="zzz"), BAD_KEY, maybe=3, also=ALSO_KEY)
row("a data key's id is NULL", loose_key(id=None), BAD_KEY, "mysql", maybe=3, also=ALSO_KEY)
row("a data key's time is another", key(lambda s, k: {"made_ns": 1}), "key_row|key_signature",
    maybe=3, also=ALSO_KEY)
row("a data key's time is text", loose_key(made_ns="abc"), "key_row", maybe=3, also=ALSO_KEY)
row("blobs of two data keys are swapped", swap_keys, "key_row|key_signature", maybe={2, 3},
    also=ALSO_KEY)
row("a data key is signed by another", key(signed_by_another), "key_signature", hidden=3,
    also=ALSO_KEY)
row("a data key's signature is zeros",
    key(lambda s, k: {"wrapped": k["wrapped"][:-64] + bytes(64)}), "key_signature", hidden=3,
    also=ALSO_KEY)
row("a data key is another one, unsigned",
    key(lambda s, k: {"wrapped": wrap_anew(s, k, Impostor(s.base.rows[0]["sensor"]))}),
    "key_signature", hidden=3, also=ALSO_KEY + " opened")
row("a data key is another one, signed",
    key(lambda s, k: {"wrapped": wrap_anew(s, k, Signer(s.base.sensor_secret))}), "opened:3",
    hidden=3)
row("a data key is wrapped for another auditor",
    key(lambda s, k: {"wrapped": wrap_anew(s, k, Signer(s.base.sensor_secret),
                                           seal.X25519PrivateKey.generate()
    .public_key().public_bytes(seal.Encoding.Raw, seal.PublicFormat.Raw))}), "key_closed|key_given",
    hidden=3, also="key_closed key_given key_missing opened")
row("a data key is removed", lambda s: s.remove_key(s.key_of(3)), "key_missing:3|key_missing",
    hidden=3)
row("all data keys are removed",
    lambda s: (s.sql("DELETE FROM data_key"), s.journal_sql("DELETE FROM data_key"))[:0],
    "key_missing", hidden=ALL)
row("a data key is there again under another id",
    lambda s: s.insert_key({**s.key_of(3), "id": bytes(16)}), "key_row|key_signature")

# The chain

row("the first batch is removed", lambda s: s.remove(1), "hole", gone=1, victim=1,
    also="count link")
row("a batch in the middle is removed", lambda s: s.remove(3), "hole", gone=3, also="link")
row("three batches are removed", lambda s: s.remove(2, 3, 4), "hole", gone={2, 3, 4},
    also="link head")
row("the last batch is removed", lambda s: s.journal_sql("DELETE FROM batch WHERE number = 6"),
    "head", gone=6, victim=6)
row("all batches are removed",
    lambda s: (s.sql("DELETE FROM batch"), s.journal_sql("DELETE FROM batch"))[:0], "head|none",
    gone=ALL, also="head none hole")
row("all but the last are removed",
    lambda s: (s.sql("DELETE FROM batch WHERE number < 6"),
               s.journal_sql("DELETE FROM batch WHERE number < 6"))[:0], "hole",
    gone={1, 2, 3, 4, 5}, also="link head")
row("the chain's number is higher", lambda s: s.chain(number=77), "head")
row("the chain's number is lower", lambda s: s.chain(number=5), "head")
row("the chain's number is a word", lambda s: s.chain(number="abc"), "head|row|table")
row("the chain's hash is another", lambda s: s.chain(hash=bytes(32)), "head")
row("the chain's hash is short", lambda s: s.chain(hash=b"\1"), "head|row|table")
row("the chain's row is removed", lambda s: s.journal_sql("DELETE FROM chain"), "head")
row("the chain has a row of another sensor",
    lambda s: s.journal_sql(
        f"INSERT INTO chain VALUES ({literal(bytes(16))}, 5, {literal(bytes(32))})"), "head|sensor")
row("another head is noted", lambda s: ("--head", f"6:{bytes(32).hex()}"), "noted", readers=(0,))
row("a head behind the last batch is noted", lambda s: ("--head", f"7:{bytes(32).hex()}"), "noted",
    readers=(0,))


def roll_back(store):
    """An old copy of the journal, as it was with four batches."""
    shutil.copy(store.base.old.journal, store.journal)


row("an old copy in its place", roll_back, "", "sqlite", gone={5, 6}, victim=6, verify=(0,))
row("an old copy in its place, head noted",
    lambda s: (roll_back(s), ("--head", f"6:{s.base.heads[6].hex()}"))[1], "noted", "sqlite",
    gone={5, 6}, victim=6, readers=(0,))
row("an old copy in its place, heads noted", lambda s: (roll_back(s), noted(s))[1], "noted",
    "sqlite", gone={5, 6}, victim=6, readers=(0,))

# Parts

for part in "header", "signature", "body", "tokens":
    row(f"a bit of the {part}", flip(part), f"{part}:3|signature:3|header:3", hidden=3,
        also="columns link header signature hole")
row("a bit of the header's number", flip("header", 20), "signature:3|header:3|columns:3", hidden=3,
    also="columns link header signature hole")
row("a signature by another key", lambda s: s.set(3, signature=Signer().header(s.row(3)["header"])),
    "signature:3", hidden=3, also="link hole")
row("a signature with s + L",
    lambda s: s.set(3,
                    signature=s.row(3)["signature"][:32]
                    + (int.from_bytes(s.row(3)["signature"][32:], "little") + (
    1 << 252) + 27742317777372353535851937790883648493).to_bytes(32, "little")), "signature:3",
    hidden=3, also="link hole")
row("a header that does not parse", sets(header=b"\x8c\x01\x41"), "header:3", hidden=3,
    also="link columns hole")
row("a header that is cut", lambda s: s.set(3, header=s.row(3)["header"][:-1]), "header:3",
    hidden=3, also="link columns hole")
row("a header with a byte behind it", lambda s: s.set(3, header=s.row(3)["header"] + b"\0"),
    "header:3", hidden=3, also="link columns hole")
row("a header in a longer form", lambda s: s.set(3, header=b"\x98\x0c" + s.row(3)["header"][1:]),
    "header:3", hidden=3, also="link columns hole")
row("another batch's header", lambda s: s.set(3, header=s.row(2)["header"]), "columns|signature",
    gone=3, maybe=2, also="signature columns repeat hole link tokens body")
row("another batch's header and signature",
    lambda s: s.set(3, header=s.row(2)["header"], signature=s.row(2)["signature"]),
    "tokens|body|columns|repeat", gone=3,
    also="columns repeat hole link tokens body")
row("another batch's body", lambda s: s.set(3, body=s.row(2)["body"]), "body:3", hidden=3,
    also="columns")
row("another batch's tokens", lambda s: s.set(3, tokens=s.row(2)["tokens"]), "tokens:3", hidden=3,
    also="columns")
row("tokens of all batches are emptied",
    lambda s: (s.sql("UPDATE batch SET tokens = ''" if s.kind == "mysql"
                     else "UPDATE content SET tokens = x''"),)[:0],
    "tokens:3|content:3", hidden={1, 2, 3, 4}, maybe={5, 6}, also="columns")

# With the sensor's stolen key: signed, but not what a sensor would sign.  What takes recomputing
# tokens or the tree, or reading records beyond what is asked for, verify does; readers may
# (docs/decisions.md).


def insider(number=7, previous=None, keep_last=False, **lies):
    """The sensor's next batch, with something in it that cannot be."""
    def do(store):
        who, begin = Signer(store.base.sensor_secret), store.base.rows[5]["last_ns"] + (
            1000 if number > 6 else seal.DAY_NS)
        mine, secret = data_key(who, store.base.auditor_public, begin)
        records = [seal.record("insider.example", begin), seal.record("insider.example", begin + 5)]
        tokens = lies.get("tokens", seal.tokens_of(store.base.token_key, seal.values_of(records)))
        made = seal.batch(who, number,
                          store.base.heads[number - 1] if previous is None else previous, records,
                          (mine["id"], secret), tokens,
                          **{k: v for k, v in lies.items() if k != "tokens"})
        store.insert(made)
        store.insert_key(mine)
        if not keep_last:
            store.chain(number=number, hash=seal.sha256(made["header"] + made["signature"]))
    return do


row("signed: all is right", insider(), "", verify=(0,))
row("signed: the chain's row is not moved", insider(keep_last=True), "head")
row("signed: tokens of nothing", insider(tokens=b""), "values:7", readers=(0, 1))
row("signed: tokens of other values", insider(tokens=bytes(range(8)) + bytes(range(8, 16))),
    "values:7", readers=(0, 1))
row("signed: tokens in disorder", insider(tokens=bytes(range(8, 16)) + bytes(range(8))),
    "values:7|tokens:7", also="tokens", readers=(0, 1))
row("signed: half a token", insider(tokens=b"\1\2\3"), "values:7|tokens:7|content:7", also="tokens",
    readers=(0, 1))
row("signed: times are zero", insider(first=0, last=0), "values:7", also="columns", blind={"since"})
row("signed: times are turned", insider(first=2_000_000_000 * 10**9, last=1), "values:7|header:7",
    also="columns header", blind={"since"})
row("signed: records that do not decode", insider(encoded=[b"\xff\xff", b"\xa0"]), "records:7",
    also="values opened")
row("signed: a record with bytes behind it",
    insider(encoded=[seal.cbor(seal.record("insider.example", 10**18)) + b"\0"] * 2), "records:7",
    also="values opened")
row("signed: another root", insider(root=bytes(32)), "opened:7", readers=(0, 1))
row("signed: another count", insider(n=5), "opened:7", also="records columns")
row("signed: a body that is no zstd", insider(packed=b"not zstd at all"), "opened:7")
row("signed: a body that unpacks to 1 GB",
    insider(packed=seal.compress(bytes(64)) [:4] + bytes.fromhex("a00000004001000000")), "opened:7")
row("signed: a body without records", insider(plain=bytes(32) + b"\x80"), "opened:7")
row("signed: the link is another", insider(previous=bytes(32)), "link:7|link")
row("signed: another batch 6", insider(number=6), "repeat:6|repeat", also="columns link head",
    maybe=6, victim=2)
row("signed: batch 9 after 6", insider(number=9, previous=bytes(32)), "hole", also="link")

# The file


def overwrite(at, data=bytes(16384)):
    """Bytes of the file, at a share of its length, on a page's border."""
    def do(store):
        size = store.journal.stat().st_size
        with open(store.journal, "r+b") as f:
            f.seek(int(size * at) // 16384 * 16384)
            f.write(data)
    return do


def page_of(text, data=bytes(16384)):
    """The page in which a table or index begins is overwritten."""
    def do(store):
        import sqlite3
        db = sqlite3.connect(store.journal)
        number = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?",
                            (text,)).fetchone()[0]
        db.close()
        with open(store.journal, "r+b") as f:
            f.seek((number - 1) * 16384)
            f.write(data)
    return do


def truncate(share):
    return lambda store: os.truncate(store.journal, int(store.journal.stat().st_size * share))


def write_file(data):
    return lambda store: store.journal.write_bytes(data) and None


DAMAGE = (
    "unread head hole count content link key_missing key_row row columns header signature tokens "
    "body table sensor none")
for name in "batch", "content", "data_key", "chain":
    row(f"the page of {name} is zeros", page_of(name), "unread", "sqlite", maybe=ALL, also=DAMAGE)
    row(f"the page of {name} is noise", page_of(name, bytes(range(256)) * 64), "unread", "sqlite",
        maybe=ALL, also=DAMAGE)
for share in 0.3, 0.6, 0.9:
    row(f"the page at {share} is zeros", overwrite(share),
        "unread|content|body|head|hole|key_missing", "sqlite", maybe=ALL, also=DAMAGE)
for share in 0.99, 0.7, 0.4, 0.1:
    row(f"cut to {share}", truncate(share), "unread|table|body|content", "sqlite", maybe=ALL,
        also=DAMAGE)
row("the first page is zeros", overwrite(0), "", "sqlite", opens=False, also="table unread",
    verify=(1, 3))
row("a file of garbage", write_file(b"garbage, not a store\n" * 1000), "", "sqlite", opens=False,
    also="table unread", verify=(1, 3))
row("an empty file", write_file(b""), "", "sqlite", opens=False, also="table none", verify=(1, 3))
row("no file", lambda s: s.journal.unlink(), "", "sqlite", opens=False, also="none", verify=(1, 3))
row("garbage beside: a write-ahead log",
    lambda s: s.folder.joinpath("journal.db-wal").write_bytes(
        b"\x37\x7f\x06\x82" + b"garbage" * 9999) and None, "", "sqlite",
    also=DAMAGE, verify=(0, 1, 3), maybe=ALL)


def wal_gone(store):
    """Two more batches were in a write-ahead log, which somebody removed."""
    import sqlite3
    roll_back(store)
    db = sqlite3.connect(store.journal, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("ATTACH ? AS whole", (str(store.base.journal),))
    for statement in (
        "INSERT INTO content SELECT * FROM whole.content WHERE id NOT IN (SELECT id FROM content)",
                      "INSERT INTO batch SELECT * FROM whole.batch WHERE number > 4",
                      "INSERT OR IGNORE INTO data_key SELECT * FROM whole.data_key",
                      "UPDATE chain SET number = 6"):
        db.execute(statement)
    path = pathlib.Path(f"{store.journal}-wal")
    before = store.journal.read_bytes()
    if not path.stat().st_size:
        raise RuntimeError("there was no log")
    db.close()
    store.journal.write_bytes(before)
    for ending in "-wal", "-shm":
        pathlib.Path(f"{store.journal}{ending}").unlink(missing_ok=True)


row("the write-ahead log is removed", wal_gone, "", "sqlite", gone={5, 6}, victim=6, verify=(0,))
row("the write-ahead log is removed, head noted",
    lambda s: (wal_gone(s), ("--head", f"6:{s.base.heads[6].hex()}"))[1], "noted", "sqlite",
    gone={5, 6}, victim=6, readers=(0,))

# Keys that are given


def key_file(name, change):
    """`change` gets the path of a key file."""
    def do(store):
        change(store.keys_dir / name, store)
    return do


def as_link(path, store):
    path.rename(path.with_suffix(".real"))
    path.symlink_to(path.with_suffix(".real"))


def of_another_auditor(path, store):
    path.unlink()
    path.write_text("nta-auditor-secret-" + "77" * 32 + "\n")
    path.chmod(0o600)


SMALL_ORDER = ("00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f",
               "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
UNREADABLE = {"opens": False, "maybe": ALL}
row("auditor.key can be read by all", key_file("auditor.key", lambda p, s: p.chmod(0o644)),
    "key_given", readers=(1, 3), **UNREADABLE)
row("auditor.key is a link", key_file("auditor.key", as_link), "key_given", readers=(1, 3),
    **UNREADABLE)
row("auditor.key is another auditor's", key_file("auditor.key", of_another_auditor),
    "key_given|key_closed", readers=(1, 3), also="key_given key_closed key_missing opened",
    **UNREADABLE)
row("auditor.key is garbage", key_file("auditor.key", lambda p, s: p.write_text("garbage\n")),
    "key_given", readers=(1, 3), **UNREADABLE)
row("auditor.key is elsewhere", key_file("auditor.key", lambda p, s: p.unlink()), "", verify=(0,),
    readers=(3,), **UNREADABLE)
row("token.key is elsewhere", key_file("token.key", lambda p, s: p.unlink()), "", also="key_given",
    verify=(0, 1), readers=(0, 1, 3), **UNREADABLE)


def forged_state(store):
    path = store.keys_dir.parent / "journal.state"
    path.write_text(re.sub(r"^(nta-state 1 \w+ )", r"\g<1>5", path.read_text()))


row("journal.state is forged", forged_state, "state", readers=(0,))


def no_public_key(store):
    for name in "sensor.pub", "sensors.pub", "sensor.key":
        (store.keys_dir / name).unlink(missing_ok=True)


def foreign_public_key(text):
    def do(store):
        no_public_key(store)
        line = text or (store.base.other.folder / "keys/sensor.pub").read_text()
        (store.keys_dir / "sensor.pub").write_text(line)
        return ()
    return do


row("no sensor's key is there", no_public_key, "",
    also="sensor none key_given key_signature state", verify=(1, 3), readers=(1, 3), gone=ALL)
row("the key of another sensor is there", foreign_public_key(None), "sensor|none",
    also="sensor none key_signature state", gone=ALL)
row("the key of another sensor is given",
    lambda s: ("--key", (s.base.other.folder / "keys/sensor.pub").read_text().strip()), "none",
    also="sensor key_signature state", readers=(0,))
row("the key of this sensor is given",
    lambda s: ("--key", (s.base.folder / "keys/sensor.pub").read_text().strip()), "", verify=(0,))
for i, text in enumerate(SMALL_ORDER):
    row(f"a small-order key is given ({i})", lambda s, text=text: ("--key", f"nta-sensor-{text}"),
        "", also="key_given none sensor key_signature", verify=(1, 2, 3), readers=(0,))
    row(f"a small-order key is trusted ({i})", foreign_public_key(f"nta-sensor-{text}\n"), "",
        also="key_given sensor none key_signature", verify=(1, 3), readers=(1, 3), gone=ALL)


def small_order_forgery(store):
    """With the key "01 00...": the signature "01 00... 00..." is good for every message if
    nobody looks.
    """
    public = bytes.fromhex(SMALL_ORDER[1])
    who = Impostor(seal.sha256(public)[:16])
    who.header = lambda data: public + bytes(32)
    who.blob = lambda payload: seal.cbor([payload, public + bytes(32)])
    forge(who)(store)
    foreign_public_key(f"nta-sensor-{SMALL_ORDER[1]}\n")(store)


row("a small-order key is trusted, and has signed", small_order_forgery, "",
    also="key_given sensor none key_signature head", verify=(1, 3), readers=(1, 3), gone=ALL)

# MySQL


def point_elsewhere(store):
    """The server is away."""
    config = store.folder / "ntad.conf"
    config.write_text(re.sub(r'hosts = "[^"]*"', f'hosts = "{store.folder}/nobody.sock"',
                             config.read_text()))


row("MySQL is away", point_elsewhere, "unseen", "mysql", verify=(3,), readers=(0,),
    gone={1, 2, 3, 4})
row("MySQL is away, its head noted",
    lambda s: (point_elsewhere(s), ("--head", f"2:{s.base.heads[2].hex()}"))[1], "unseen", "mysql",
    also="noted",
    verify=(3,), readers=(0,), gone={1, 2, 3, 4})
def config_says(old, new):
    """Another word in the configuration."""
    def do(store):
        config = store.folder / "ntad.conf"
        config.write_text(config.read_text().replace(old, new))
    return do


REFUSED = {"verify": (3,), "readers": (1,), "gone": {1, 2, 3, 4}}
row("MySQL refuses the password", config_says('"sesame"', '"simsim"'), "unseen", "mysql", **REFUSED)
row("MySQL refuses the database", config_says('database = "case_', 'database = "no_case_'),
    "unseen", "mysql", **REFUSED)
row("the password's file is not there",
    config_says('password = "sesame"', 'password_file = "/nowhere/password"'), "unseen", "mysql",
    **REFUSED)
row("a huge number in MySQL hides nothing of the journal",
    impostor((1 << 63) + 5, False, bytes(32)), "signature", "mysql",
    also="key_signature hole link head")
row("all of MySQL's batches are removed", "DELETE FROM batch", "hole", "mysql", gone={1, 2, 3, 4},
    also="link head")
row("no tables in MySQL",
    lambda s: s.server.sql(f"DROP DATABASE {s.database}; CREATE DATABASE {s.database}"), "",
    "mysql", also="hole head link table none unseen",
    verify=(1, 3), readers=(1, 3), gone={1, 2, 3, 4}, maybe={5, 6})
row("the last of MySQL's batches is in both", lambda s: s.insert(s.base.rows[4]), "", "mysql",
    also="repeat", verify=(0, 1))
row("the journal's batch 5 is in MySQL, changed",
    lambda s: s.insert({**s.base.rows[4], "body": b"x" * 99}), "body:5|size:5|content:5", "mysql",
    maybe=5,
    also="repeat columns body")
row("MySQL's batch 3 is in the journal, too, with another body",
    lambda s: s.insert_in_journal({**s.row(3), "body": b"x" * 99}), "body:3", "mysql",
    also="columns repeat", readers=(0, 1))


def fork(store):
    """Batch 6 and another batch 6 that is signed, too, both of them in MySQL and in the journal."""
    put = store.insert
    store.insert = lambda made: (put(made), store.insert_in_journal(made))
    insider(number=6, keep_last=True)(store)
    put(store.base.rows[5])


row("signed: another batch 6, both in both", fork, "repeat:6", "mysql", also="link head")
row("day is 0000-00-00", sets(day="0000-00-00"), "columns:3|row|count", "mysql", maybe=3,
    also="hole link columns row count unread")
