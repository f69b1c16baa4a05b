# SPDX-License-Identifier: Apache-2.0
"""The attacks: a row each.

Batches have the names of the captures whose evidence is in them, 1 to 6; 7 is the next one of the
chain, after all that is there.

ROW(name, function or SQL, findings, ...): verify must name each of `findings` (words; "a|b": one of
these; "kind:7": of batch 7) and no other kind but those in `also`.  Batches in `hidden` must not be
shown and be named on standard error; those in `gone` are not there; those in `maybe` (what is wrong
is the row, not what was signed) may be shown or not; all others must be shown by every reader.
Readers in `blind` look at nothing that is wrong, and end with 0.  A function gets the store and
gives more options for verify; so does SQL, in which `{3}` is batch 3's number and `{evidence}`
the table of its content.
"""
import dataclasses
import os
import pathlib
import re
import shutil

import seal
from seal import EVIDENCE, LOG, TRAFFIC, Nobody, Place, Signer, cbor, data_key, read_header
from stores import CONTENTS, HEAD, KEY, Sql, literal, values

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
            self.do = lambda store: store.sql(*of_store(store, text).split("; "))


def of_store(store, text):
    """SQL with the numbers of this store."""
    for story, number in store.base.of.items():
        text = text.replace("{" + str(story) + "}", str(number))
    return text.replace("{evidence}", f"content_{EVIDENCE}")


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
        store.loosely(table, of_store(store, statement))
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


def head(store, number=None, with_tree=False):
    """A head as --head takes it: the last, or the one of a number."""
    number = number or store.base.last
    text = f"{number}:{store.base.heads[number].hex()}"
    return text + (":" + seal.merkle(store.base.links[:number]).hex() if with_tree else "")


row("its head is noted", lambda s: ("--head", head(s)), "", verify=(0,))
row("its head is noted, with its tree", lambda s: ("--head", head(s, with_tree=True)), "",
    verify=(0,))
row("an older head is noted", lambda s: ("--head", head(s, s.at(2))), "", verify=(0,))
row("an older head is noted, with its tree",
    lambda s: ("--head", head(s, s.at(2), with_tree=True)), "", verify=(0,))


def noted(store):
    """Lines as ntad logs them, and logged them."""
    path, base = store.folder / "heads", store.base
    sensor = base.rows[0]["sensor"].hex()
    path.write_text(
        "".join(
            f"Nov 22 12:00:00 host ntad[7]: chain head of sensor {sensor}: batch {n}, "
            f"{base.heads[n].hex()}"
            + (f", tree {seal.merkle(base.links[:n]).hex()}" if n > 1 else "") + "\n"
            for n in (1, base.of[4], base.last)))
    return "--heads", str(path)


row("heads of a log are noted", noted, "", verify=(0,))


def checkpoint(change=lambda base, root: (base.last, root), secret=None):
    """A checkpoint that a witness kept."""
    def do(store):
        path, base = store.folder / "checkpoints", store.base
        n, root = change(base, seal.merkle(base.links))
        path.write_text(seal.checkpoint(secret or base.checkpoint_key, base.sensor, n, root))
        return "--heads", str(path)
    return do


row("a checkpoint of its end is noted", checkpoint(), "", verify=(0,))
row("an older checkpoint is noted",
    checkpoint(lambda base, root: (base.of[2], seal.merkle(base.links[:base.of[2]]))), "",
    verify=(0,))
row("a checkpoint of another tree is noted", checkpoint(lambda base, root: (base.last, bytes(32))),
    "noted", readers=(0,))
row("a checkpoint of its end is noted that its sensor did not sign",
    checkpoint(secret=bytes(range(32))), "noted", readers=(0,))
row("a checkpoint behind the end is noted",
    checkpoint(lambda base, root: (base.last + 1, seal.merkle(base.links + [bytes(32)]))), "noted",
    readers=(0,))

# Who nobody trusts


def sealed_of(store):
    """When the last batch was sealed."""
    return read_header(store.base.rows[-1]["header"])["sealed"]


def place_of(store, number, **more):
    """A place in the chain, with links as far as they are known."""
    links = store.base.links
    return Place(number, **{
        "links": links[:number - 1], "sealed_ns": sealed_of(store) + 1000,
        "previous": links[number - 2] if 1 < number < len(links) + 2 else bytes(32), **more})


def forge(signer, number=1, name="forged.invalid", is_instead=False, is_first=False):
    """A batch with an alert and a download of 88 MB, sealed to the auditor's public key."""
    def do(store):
        who = signer(store) if callable(signer) else signer
        n = 1 if is_first else store.at(number) if number in store.base.of else number
        begin = store.base.rows[2]["first_ns"]
        where = place_of(store, n)
        mine = data_key(who.id, EVIDENCE, where.sealed_ns, store.base.auditor_public)
        made = seal.batch(who, where,
                          [seal.alert(name, begin), seal.record(name, begin + 1000)], mine)
        (store.replace if is_instead else store.insert)(made)
        store.insert_key(mine[0])
    return do


class Impostor(Nobody):
    """Says that it is another sensor, whose key it does not have."""

    def __init__(self, sensor, signs=False):
        super().__init__()
        self.id, self.signs = sensor, signs

    def header(self, data):
        return Signer.header(self, data) if self.signs else super().header(data)


def impostor(number, signs=True, **more):
    return forge(lambda store: Impostor(store.base.sensor, signs), number, **more)


def stolen(which, number=7, **more):
    """The sensor's next batch, by one of its keys: after how many captures it was stolen, or
    "identity".
    """
    return forge(lambda s: Signer(s.base.secrets[which], s.base.sensor), number, **more)


row("an invented sensor, all signatures zeros", forge(Nobody()), "sensor", also="key_missing")
row("an invented sensor that signs", forge(Signer()), "sensor", also="key_missing")
row("the next batch, signature zeros", impostor(7, False), "signature:7|unproved:7",
    also="key_missing head")
row("the next batch, signed by another key", impostor(7), "signature:7|unproved:7",
    also="key_missing head")
row("the next batch, signed by a key before its change", stolen(3), "signature:7|unproved:7",
    also="key_missing head")
row("the next batch, signed by the first key", stolen(0), "signature:7|unproved:7",
    also="key_missing head")
row("the next batch, signed by the identity", stolen("identity"), "signature:7|unproved:7",
    also="key_missing head")
row("batch 2^62, signature zeros", impostor(1 << 62, False), "signature|unproved",
    also="key_missing head hole link")
row("batch 2^62, signed by the signing key", stolen(6, 1 << 62, name="insider.example"), "hole",
    also="head link log key_missing", maybe=ALL)
row("batch 3 again, by a key before its change", stolen(1, 3, is_instead=True),
    "signature:3|unproved:3", also="link hole content key_missing log", hidden=3)
row("batch 3 again, by a key after its change", stolen(6, 3, is_instead=True),
    "signature:3|unproved:3", also="link hole content key_missing log", hidden=3)
row("batch 3 again, by the identity", stolen("identity", 3, is_instead=True),
    "signature:3|unproved:3", also="link hole content key_missing log", hidden=3)
row("batch 1 again, by a signing key", stolen(0, is_first=True, is_instead=True),
    "signature|unproved", also="link hole content key_missing log state head", maybe=ALL)
row("batch 1 again, by the identity", stolen("identity", is_first=True, is_instead=True,
                                             name="insider.example"),
    "link|unproved", also="hole content key_missing log state head signature repeat", maybe=ALL)


def another_sensor(is_trusted):
    """Batches 8 and 9: of another sensor with the same auditor."""
    def do(store):
        other = store.base.other
        for row_ in other.rows:
            store.insert(row_)
        for key in other.data_keys.values():
            store.insert_key(key)
        store.journal_sql(
            f"INSERT INTO chain (sensor, number, link, frontier) VALUES ({literal(other.sensor)}, "
            f"{other.last}, {literal(other.heads[other.last])}, "
            f"{literal(seal.frontier(other.links[:-1]))})")
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
    unnamed={8, 9}, batches=ALL | {8, 9}, also="key_missing")


def replace_records(keep_header):
    """Batch 3's records replaced under a data key that the attacker knows."""
    def do(store):
        old = store.row(3)
        said = read_header(old["header"])
        who = Impostor(old["sensor"], signs=True)
        mine = data_key(who.id, said["class"], said["sealed"], store.base.auditor_public)
        where = place_of(store, old["number"], kind=said["class"], sealed_ns=said["sealed"])
        new = seal.batch(who, where, [seal.record("forged.invalid", old["first_ns"])], mine)
        if keep_header:
            store.set_key(store.key_of(3), wrapped=mine[0]["wrapped"])
            store.set(3, body=new["body"])
        else:
            store.insert_key(mine[0])
            store.replace(new)
    return do


row("records replaced, header kept", replace_records(True), "body:3",
    also="key_row key_missing columns", hidden=3)
row("records replaced, header too", replace_records(False), "signature:3|unproved:3",
    also="key_missing link hole columns", hidden=3)

# Columns are hints

row("times of all batches are zero", "UPDATE head SET first_ns = 0, last_ns = 0", "columns:1")
row("times of one batch are zero", sets(first_ns=0, last_ns=0), "columns:3")
row("times of one batch are far", sets(first_ns=(1 << 63) - 1, last_ns=-(1 << 63)), "columns:3")
row("number of records", sets(records=4000), "columns:3")
row("number of bytes", sets(bytes=1), "columns:3")
row("negative counts", sets(records=-1, bytes=-5), "columns:3|row", "sqlite", maybe=3)
row("a class is another", sets(**{"class": TRAFFIC}), "columns:3", also="count")
row("a class that there is not", sets(**{"class": 77}), "columns:3|row", maybe=3,
    also="count")
row("all classes are the log's", f"UPDATE head SET class = {LOG}", "columns:3 columns:1",
    also="count")
row("marks say that a batch has a next key and notes", sets(marks=3), "columns:3")
row("marks of no batch say so", "UPDATE head SET marks = 0", "columns", also="state")
row("the data key is another batch's",
    lambda s: s.set(3, data_key=s.row(2)["data_key"]), "columns:3")
row("the data key is nobody's", sets(data_key=bytes(16)), "columns:3")
row("the day of one batch's head is another", sets(day=9999), "columns:3", also="count")
row("the day of all heads is another", "UPDATE head SET day = 9999", "columns:1",
    also="count")
row("the day of a head is before 1970", sets(day=-9_000_000), "columns:3|row", maybe=3,
    also="count")
row("two batches have changed places",
    "UPDATE head SET number = 77777 WHERE number = {2}; UPDATE head SET number = {2} WHERE number "
    "= {3}; UPDATE head SET number = {3} WHERE number = 77777", "columns",
    also="link hole repeat content")
row("two contents have changed places",
    "UPDATE {evidence} SET number = 77777 WHERE number = {2}; UPDATE {evidence} SET number = {2} "
    "WHERE number = {3}; UPDATE {evidence} SET number = {3} WHERE number = 77777",
    "tokens:2|body:2 tokens:3|body:3", hidden={2, 3}, also="tokens body columns")

# Heads without contents, contents without heads

MISSING = "content:3"
row("a content is removed", "DELETE FROM {evidence} WHERE number = {3}", MISSING, hidden=3,
    also="columns")
row("all contents of evidence are removed",
    lambda s: (s.sql("DELETE FROM content_1"), s.journal_sql("DELETE FROM content_1"))[:0],
    "content:3 content:6", hidden=ALL, also="columns")
row("a content moves to another day", "UPDATE {evidence} SET day = 9999 WHERE number = {3}",
    MISSING, hidden=3, also="columns count orphan")
row("all contents move to another day",
    lambda s: s.sql(*(f"UPDATE {table} SET day = 9999" for table in CONTENTS)), "content",
    hidden={1, 2, 3, 4}, maybe={5, 6}, also="columns count orphan content")
row("head and content move to another day",
    "UPDATE {evidence} SET day = 9999 WHERE number = {3}; UPDATE head SET day = 9999 WHERE number "
    "= {3}", "columns:3", maybe=3, also="content count orphan")
row("a content moves to another class's table",
    "INSERT INTO content_2 SELECT * FROM {evidence} WHERE number = {3}; DELETE FROM {evidence} "
    "WHERE number = {3}", MISSING, hidden=3, also="columns count orphan")
row("head and content move to another class",
    "INSERT INTO content_2 SELECT * FROM {evidence} WHERE number = {3}; DELETE FROM {evidence} "
    "WHERE number = {3}; UPDATE head SET class = 2 WHERE number = {3}", "columns:3", maybe=3,
    also="content count orphan")
row("a content is there for another class, too",
    "INSERT INTO content_2 SELECT * FROM {evidence} WHERE number = {3}", "orphan|row|count|content",
    also="columns")
row("a content is there on another day, too",
    "INSERT INTO {evidence} (day, sensor, number, tokens, body) SELECT 9999, sensor, number, "
    "tokens, body FROM {evidence} WHERE number = {3}", "orphan|row|count|content", also="columns")


def orphan(store):
    """A content that no head names."""
    store.sql(f"INSERT INTO content_1 (day, sensor, number, tokens, body) VALUES (20000, "
              f"{literal(store.base.sensor)}, 4711, {literal(b'x' * 8)}, {literal(b'y' * 99)})")


row("a content that no head names", orphan, "orphan|row|count|content")


def many_orphans(store):
    import sqlite3
    db = sqlite3.connect(store.journal, isolation_level=None)
    db.execute("BEGIN")
    db.executemany("INSERT INTO content_1 (day, sensor, number, tokens, body) VALUES (20000, ?, ?, "
                   "zeroblob(8), zeroblob(2000))",
                   ((store.base.sensor, 100000 + i) for i in range(20000)))
    db.execute("COMMIT")
    db.close()


row("20000 contents that no head names", many_orphans, "orphan|row|count|content", "sqlite")


def again(change):
    """Batch 3's head a second time, in a table that has no key."""
    def do(store):
        copy = {**store.row(3), **change}
        store.loosely("head", "SELECT 1")
        if store.kind == "sqlite":
            store.sql("ALTER TABLE head RENAME TO was", "CREATE TABLE head AS SELECT * FROM was",
                      "DROP TABLE was")
        store.sql(f"INSERT INTO head ({', '.join(HEAD)}) VALUES ({values(copy, HEAD)})")
    return do


row("a head is there twice", again({}), "table", also="repeat count state")
row("a head is there twice, the other is empty", again({"header": b"", "signature": b""}),
    "table repeat|header|row|content|count", also="columns header row content signature state")
row("a head is there twice, the other's signature is zeros", again({"signature": bytes(64)}),
    "table repeat:3|signature:3|unproved:3|count",
    also="link hole repeat signature unproved state")

# Wrong types

for column in "sensor", "number", "class", "day", "first_ns", "last_ns", "records", "bytes":
    for name, value in ("text zzz", "zzz"), ("NULL",
                                             None), ("bytes",
                                                     b"\0\xff\0"), ("empty", ""), ("1.5", 1.5):
        # SQLite has no NULL in a primary key of a table without rowid, whatever its text says
        only = "mysql" if value is None and column in ("sensor", "number") else ""
        row(f"{column} is {name}",
            loose("head", f"UPDATE head SET {column} = {literal(value)} WHERE number = {{3}}"),
            "row|columns|count", only, maybe=3,
            also="row columns hole link count unread content")
for column, value in ("day", "zzz"), ("day", None), ("sensor", "zzz"), ("number", "zzz"), (
    "number", b"\0\xff"):
    only = "mysql" if value is None else ""
    row(f"{column} of a content is {value!r}",
        loose("content_1",
              f"UPDATE content_1 SET {column} = {literal(value)} WHERE number = {{3}}"),
        MISSING, only, hidden=3, also="row columns count orphan content unread")
for number in 9_000_000_000, 0:
    row(f"number is {number}", sets(number=number), "columns|row", maybe=3,
        also="columns row hole link head repeat content count")
row("number is -1", sets(number=-1), "columns|row", "sqlite", maybe=3,
    also="columns row hole link content count")
row("number is -1", loose("head", "UPDATE head SET number = -1 WHERE number = {3}"), "columns|row",
    "mysql", maybe=3, also="columns row hole link content count")
row("number is 2^63", sets(number=Sql("9223372036854775808")), "columns|row", "mysql", maybe=3,
    also="columns row hole link head repeat content count")
row("sensor id is short", sets(sensor=b"\1\2"), "row|columns", maybe=3,
    also="row columns hole link content count")
row("sensor id is long", sets(sensor=bytes(40)), "row|columns", maybe=3,
    also="row columns hole link content count")
PARTS = ("header", "head"), ("signature", "head"), ("tokens", "content_1"), ("body", "content_1")
for part, table in PARTS:
    wanted = f"content:3|header:3|signature:3|{part}:3"
    row(f"{part} is NULL", loose(table, f"UPDATE {table} SET {part} = NULL WHERE number = {{3}}"),
        wanted, hidden=3, also="link columns hole")
    row(f"{part} is empty", sets(**{part: b""}), wanted, hidden=3, also="link columns hole")
    row(f"{part} is a number", sets(**{part: 7}), wanted, "sqlite", hidden=3,
        also="link columns hole")
    row(f"{part} of 60 MB",
        loose(table, f"UPDATE {table} SET {part} = zeroblob(60000000) WHERE number = {{3}}"),
        f"size:3|content:3|{part}:3", "sqlite", hidden=3, also="link columns header hole")
for part in "tokens", "body":
    row(f"{part} of 16 MB", sets(**{part: Sql("REPEAT('x', 16777215)")}),
        f"size:3|content:3|{part}:3", "mysql", hidden=3, also="link columns hole")
for table, part, kind in (("content_1", "body", "LONGBLOB"), ("head", "day", "VARCHAR(64)"),
                          ("head", "number", "VARCHAR(64)"), ("head", "class", "VARCHAR(64)")):
    row(f"column {part} is of another type", f"ALTER TABLE {table} MODIFY {part} {kind}", "table",
        "mysql", opens=False, also="unseen")
row("body of 900 MB",
    lambda s: s.sql("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
                    f"UPDATE content_1 SET body = zeroblob({HUGE}) WHERE number = {s.at(3)}"),
    "size:3", "sqlite", hidden=3, also="columns")

# The schema

for version in 0, -1:
    row(f"schema version {version}", f"PRAGMA user_version = {version}", "table", "sqlite",
        opens=False)
    row(f"schema version {version}", f"UPDATE meta SET value = '{version}' WHERE name = 'schema'",
        "table", "mysql", gone={1, 2, 3, 4}, also="hole link head content unseen")
row("the schema is that of format 1", "PRAGMA user_version = 1", "", "sqlite", also="table none",
    verify=(1, 3), opens=False)
row("the schema is that of format 1", "UPDATE meta SET value = '1' WHERE name = 'schema'", "",
    "mysql", gone={1, 2, 3, 4}, also="table hole link head content unseen", verify=(1,))
row("schema version 99", "PRAGMA user_version = 99", "", "sqlite", also="table", verify=(1, 3),
    opens=False)
row("schema version 99", "UPDATE meta SET value = '99' WHERE name = 'schema'", "", "mysql",
    gone={1, 2, 3, 4}, also="table hole link head content unseen", verify=(1,))
row("schema version is a word", "UPDATE meta SET value = 'abc' WHERE name = 'schema'", "table",
    "mysql", gone={1, 2, 3, 4}, also="hole link head content unseen")
row("another program's database", "PRAGMA application_id = 77", "table", "sqlite", opens=False)


def view_instead(table, select):
    return f"ALTER TABLE {table} RENAME TO was_{table}; CREATE VIEW {table} AS {select}"


ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS {}, {} FROM n")
row("an endless view for head",
    view_instead("head", ENDLESS.format("number",
        "20000 AS day, x'00112233445566778899aabbccddeeff' AS sensor, 1 AS class, 1 AS first_ns, "
        "1 AS last_ns, 1 AS records, 1 AS bytes, x'00' AS data_key, 0 AS marks, x'00' AS header, "
        "x'00' AS signature")), "table", "sqlite", opens=False)
row("an endless view for contents",
    view_instead("content_1", ENDLESS.format("number",
        "20000 AS day, x'00112233445566778899aabbccddeeff' AS sensor, x'00' AS tokens, x'00' AS "
        "body")), "table", "sqlite", maybe=ALL, also="content row none orphan")
row("an endless view for data_key",
    view_instead("data_key", ENDLESS.format("day", "x'00' AS id, x'00' AS sensor, 1 AS class, "
                                                   "x'00' AS wrapped")),
    "table key_missing", "sqlite", hidden=ALL)
row("an endless view for chain",
    view_instead("chain", ENDLESS.format("number", "x'00' AS sensor, x'00' AS link, x'00' AS "
                                                   "frontier")), "table",
    "sqlite", also="head")
row("a view for head", view_instead("head", "SELECT * FROM was_head"), "table", "sqlite",
    opens=False)
row("a view for head", view_instead("head", "SELECT * FROM was_head"), "table", "mysql",
    gone={1, 2, 3, 4}, also="hole link head content unproved signature unseen")
row("a view for contents", view_instead("content_1", "SELECT * FROM was_content_1"), "table",
    "sqlite", maybe=ALL, also="content row none")
row("a view for contents", view_instead("content_1", "SELECT * FROM was_content_1"), "table",
    "mysql", maybe={1, 2, 3, 4}, also="content hole link head")
row("a view for data_key", view_instead("data_key", "SELECT * FROM was_data_key"),
    "table key_missing", "sqlite", hidden=ALL)
row("a view for data_key", view_instead("data_key", "SELECT * FROM was_data_key"),
    "table key_missing", "mysql", hidden={1, 2, 3, 4})
row("a trigger",
    lambda s: s.sql("CREATE TRIGGER t AFTER INSERT ON head BEGIN DELETE FROM head; END"), "table",
    "sqlite")
row("a column is missing", "ALTER TABLE head DROP COLUMN bytes", "table", "sqlite", opens=False)
row("a column is missing", "ALTER TABLE head DROP COLUMN bytes", "table", "mysql",
    gone={1, 2, 3, 4}, also="hole link head content unproved signature unseen")
row("a table is missing", "DROP TABLE data_key", "table key_missing", "sqlite", hidden=ALL)
row("a table is missing", "DROP TABLE data_key", "table key_missing", "mysql", hidden={1, 2, 3, 4})
row("a table of contents is missing", "DROP TABLE content_1", "table", "sqlite", maybe=ALL,
    also="content none")
row("a table of contents is missing", "DROP TABLE content_1", "table", "mysql",
    maybe={1, 2, 3, 4}, also="content hole link head")
row("the chain's table is missing", "DROP TABLE chain", "table", "sqlite", also="head")
for kind in "sqlite", "mysql":
    row("a view for indexes",
        "DROP TABLE index_1; CREATE VIEW index_1 AS SELECT day, sensor, number, 0 AS part, x'00' "
        "AS bytes FROM chain, (SELECT 1 AS day) AS d", "table", kind, maybe=ALL)
    row("indexes in a table of other types",
        "DROP TABLE index_2; CREATE TABLE index_2 (day TEXT, sensor TEXT, number TEXT, part TEXT, "
        "bytes TEXT)", "table", kind, maybe=ALL)
row("a trigger on indexes",
    lambda s: s.sql("CREATE TRIGGER t AFTER INSERT ON index_1 BEGIN DELETE FROM head; END"),
    "table", "sqlite")
row("indexes of nobody",
    "INSERT INTO index_2 (day, sensor, number, part, bytes) SELECT 20000, sensor, 4711, 0, x'01' "
    "FROM chain", "", verify=(0,))
row("a table of indexes is missing", "DROP TABLE index_3", "", verify=(0,))
row("another table beside", "CREATE TABLE notes (text)", "", "sqlite", verify=(0,))
row("a view beside", "CREATE VIEW notes AS SELECT * FROM head", "table", "sqlite")
row("an index with a collation of its own", "CREATE INDEX i ON head (number COLLATE odd)", "table",
    "sqlite")
row("a column with a collation of its own",
    "DROP TABLE chain; CREATE TABLE chain (sensor TEXT COLLATE odd PRIMARY KEY, number, link, "
    "frontier) WITHOUT ROWID",
    "table", "sqlite", also="head")


def lying_index(columns):
    """An index that lacks batch 3: it is made over the other rows, and then said to be over all
    of them.
    """
    def do(store):
        end = f" WHERE number <> {store.at(3)}"
        store.journal_sql(f"CREATE INDEX liar ON head ({columns}){end}",
                          "PRAGMA writable_schema = ON",
                          f"UPDATE sqlite_schema SET sql = replace(sql, '{end}', '') "
                          "WHERE name = 'liar'")
    return do


row("an index that lacks a row", lying_index("number"), "table", "sqlite")
row("an index over all columns that lacks a row", lying_index(", ".join(HEAD)), "table", "sqlite")


def lying_content_index(store):
    end = f" WHERE number <> {store.at(3)}"
    store.journal_sql(f"CREATE INDEX liar ON content_1 (day, sensor, number){end}",
                      "PRAGMA writable_schema = ON",
                      f"UPDATE sqlite_schema SET sql = replace(sql, '{end}', '') "
                      "WHERE name = 'liar'")


row("an index of contents that lacks a row", lying_content_index, "table", "sqlite")


def rebuilt(table, select="*", columns=None, order=""):
    """The same rows in a table of another text."""
    text = f"CREATE TABLE {table} " + (columns or f"AS SELECT {select} FROM was {order}")
    return f"ALTER TABLE {table} RENAME TO was; {text}; " + (
        f"INSERT INTO {table} SELECT * FROM was; " if columns else "") + "DROP TABLE was"


row("heads in a table without a key", rebuilt("head", order="ORDER BY bytes"), "table", "sqlite",
    also="head state unproved signature unseen", maybe=ALL)
row("heads in a table with other types",
    rebuilt("head", columns="(sensor TEXT COLLATE NOCASE, number TEXT, class TEXT, day REAL, "
                            "first_ns TEXT, last_ns, records, bytes, data_key, marks, header, "
                            "signature, PRIMARY KEY (number DESC, sensor)) WITHOUT ROWID"),
    "table row", "sqlite", also="columns content head header state count unproved", maybe=ALL)
row("data keys in a table without a key",
    "ALTER TABLE data_key RENAME TO was; CREATE TABLE data_key AS SELECT * FROM was; INSERT INTO "
    "data_key SELECT * FROM was; DROP TABLE was",
    "table", "sqlite")
row("contents in a table without a key", rebuilt("content_1", order="ORDER BY body"), "table",
    "sqlite")
row("contents in a table without a key, twice",
    "ALTER TABLE content_1 RENAME TO was; CREATE TABLE content_1 AS SELECT * FROM was; INSERT INTO "
    "content_1 SELECT day, sensor, number, x'00' AS tokens, x'00' AS body FROM was; DROP TABLE was",
    "table", "sqlite", maybe=ALL, also="tokens body content repeat columns orphan")
row("a column that is computed",
    "ALTER TABLE head RENAME TO was; CREATE TABLE head (sensor, number, class, day, first_ns, "
    "last_ns, records, bytes, data_key, marks, header AS (abs(-9223372036854775808)), signature)",
    "table", "sqlite", opens=False)

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


def another_key(as_new=False, public=None, **lies):
    """Another blob in the place of batch 3's: with a secret that the attacker knows, in the row of
    that id, or with an id of its own.
    """
    def do(store):
        said = read_header(store.row(3)["header"])
        new, _ = data_key(said["sensor"], said["class"], said["sealed"],
                          public or store.base.auditor_public, **lies)
        mine = store.key_of(3)
        if as_new:
            store.remove_key(mine)
            store.insert_key(new)
        else:
            store.set_key(mine, **{c: v for c, v in new.items() if c != "id"})
    return do


def swap_keys(store):
    one, two = store.key_of(2), store.key_of(3)
    store.set_key(one, wrapped=two["wrapped"])
    store.set_key(two, wrapped=one["wrapped"])


def key_of_traffic(store):
    """The row of batch 3's data key has the blob of the traffic of that time."""
    said = read_header(store.row(3)["header"])
    names = next(r["data_key"] for r in store.rows() if r["class"] == TRAFFIC
                 and r["number"] in store.base.runs[3] and r["sensor"] == said["sensor"])
    other = next(k for k in store.keys() if k["id"] == names)
    store.set_key(store.key_of(3), **{c: other[c] for c in KEY if c != "id"})


OTHER_AUDITOR = seal.X25519PrivateKey.generate().public_key().public_bytes(
    seal.Encoding.Raw, seal.PublicFormat.Raw)
BAD_KEY = "key_row|key_missing"
ALSO_KEY = "key_row key_missing key_closed"
row("a data key's blob is garbage", key(lambda s, k: {"wrapped": b"\x82\xff\x00garbage"}), BAD_KEY,
    hidden=3, also=ALSO_KEY)
row("a data key's blob is empty", key(lambda s, k: {"wrapped": b""}), BAD_KEY, hidden=3,
    also=ALSO_KEY)
row("a data key's blob is NULL", loose_key(wrapped=None), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob has bytes behind its end",
    key(lambda s, k: {"wrapped": k["wrapped"] + b"\0"}), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a bit of a data key's blob",
    key(lambda s, k: {"wrapped": k["wrapped"][:-3] + bytes([k["wrapped"][-3] ^ 1])
                      + k["wrapped"][-2:]}), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob of 60 MB", loose_key(wrapped=Sql("zeroblob(60000000)")), BAD_KEY, "sqlite",
    hidden=3, also=ALSO_KEY)
row("a data key's id is short", key(lambda s, k: {"id": b"\1"}), BAD_KEY, maybe=3, also=ALSO_KEY)
row("a data key's id is text", loose_key(id="zzz"), BAD_KEY, maybe=3, also=ALSO_KEY)
row("a data key's id is NULL", loose_key(id=None), BAD_KEY, "mysql", maybe=3, also=ALSO_KEY)
row("a data key's sensor is another", key(lambda s, k: {"sensor": bytes(16)}), "key_row", maybe=3,
    also=ALSO_KEY)
row("a data key's class is another", key(lambda s, k: {"class": TRAFFIC}), "key_row", maybe=3,
    also=ALSO_KEY)
row("a data key's day is another", key(lambda s, k: {"day": k["day"] + 1}), "key_row", maybe=3,
    also=ALSO_KEY)
row("a data key's day is text", loose_key(day="abc"), "key_row", maybe=3, also=ALSO_KEY)
row("blobs of two data keys are swapped", swap_keys, BAD_KEY, hidden={2, 3}, also=ALSO_KEY)
row("a data key's blob is that of another class", key_of_traffic, BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob is another one", another_key(), BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob is another one, for another class", another_key(**{"class": TRAFFIC}),
    BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key's blob is another one, of another day", another_key(day=9999), BAD_KEY, hidden=3,
    also=ALSO_KEY)
row("a data key's blob is another one, of another sensor", another_key(sensor=bytes(16)), BAD_KEY,
    hidden=3, also=ALSO_KEY)
row("a data key's blob is another one, for another auditor", another_key(public=OTHER_AUDITOR),
    BAD_KEY, hidden=3, also=ALSO_KEY)
row("a data key is another one", another_key(as_new=True), "key_missing:3", hidden=3)
row("a data key is removed", lambda s: s.remove_key(s.key_of(3)), "key_missing:3", hidden=3)
row("all data keys are removed",
    lambda s: (s.sql("DELETE FROM data_key"), s.journal_sql("DELETE FROM data_key"))[:0],
    "key_missing", hidden=ALL, also="content")
row("a data key is there again under another id",
    lambda s: s.insert_key({**s.key_of(3), "id": bytes(16)}), "key_row")
row("a data key that no header names",
    lambda s: s.insert_key(data_key(s.base.sensor, EVIDENCE, sealed_of(s),
                                    s.base.auditor_public)[0]), "", verify=(0,))
row("20000 data keys that no header names",
    lambda s: s.journal_sql(
        f"INSERT INTO data_key ({', '.join(KEY)}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
        f"SELECT i + 1 FROM n WHERE i < 20000) SELECT randomblob(16), {literal(s.base.sensor)}, 1, "
        f"20000, randomblob(150) FROM n"), "key_row", "sqlite", also="key_row")

# The chain

row("the first batch is removed", lambda s: s.remove(1), "hole|unproved|content",
    also="head state link signature log", maybe=ALL, readers=(0, 1))
row("all of the first capture is removed", lambda s: s.remove_run(1), "hole|unproved", gone=1,
    victim=1, also="count link signature log head state content unseen", maybe=ALL - {1})
row("a batch in the middle is removed", lambda s: s.remove(s.at(3)), "hole", gone=3, also="link")
row("a head in the middle is removed, its content stays",
    lambda s: s.sql(f"DELETE FROM head WHERE number = {s.at(3)}"), "hole", gone=3,
    also="link orphan row count content")


def change_of(store, story):
    """The number of the header that names the key of the captures after this one."""
    return max(r["number"] for r in store.base.rows if r["number"] in store.base.runs[story]
               and r["marks"] & 1)


def remove_everywhere(store, *numbers):
    store.remove(*numbers)
    for number in numbers:
        store.journal_sql(*(f"DELETE FROM {table} WHERE number = {number}"
                            for table in ("head",) + CONTENTS))


row("the head that names the next signing key is removed",
    lambda s: remove_everywhere(s, change_of(s, 3)), "hole|unproved", maybe={4, 5, 6},
    also="link signature head state")
row("a mark hides that a head names the next signing key",
    lambda s: s.sql(f"UPDATE head SET marks = 0 WHERE number = {change_of(s, 3)}"), "columns")
row("three captures are removed", lambda s: remove_everywhere(
    s, *(n for i in (2, 3, 4) for n in s.base.runs[i])), "hole|unproved", gone={2, 3, 4},
    maybe={5, 6}, also="link head signature state")
row("the last batch is removed",
    lambda s: s.journal_sql(f"DELETE FROM head WHERE number = {s.base.last}"), "head",
    also="orphan row count content state")
row("all of the last capture is removed",
    lambda s: s.journal_sql(*(f"DELETE FROM {t} WHERE number >= {min(s.base.runs[6])}"
                              for t in ("head",) + CONTENTS)), "head", gone=6, victim=6,
    also="state")


def remove_all(store, below=1 << 62):
    for table in ("head",) + CONTENTS:
        store.sql(f"DELETE FROM {table} WHERE number < {below}")
        store.journal_sql(f"DELETE FROM {table} WHERE number < {below}")


row("all batches are removed", remove_all, "head|none", gone=ALL,
    also="head none hole state")
row("all but the last capture are removed", lambda s: remove_all(s, min(s.base.runs[6])),
    "hole|unproved", gone={1, 2, 3, 4, 5}, maybe=6, also="link head signature state")
row("the chain's number is higher", lambda s: s.chain(number=7777), "head")
row("the chain's number is lower", lambda s: s.chain(number=5), "head")
row("the chain's number is a word", lambda s: s.chain(number="abc"), "head|row|table")
row("the chain's link is another", lambda s: s.chain(link=bytes(32)), "head")
row("the chain's link is short", lambda s: s.chain(link=b"\1"), "head|row|table")
row("the chain's frontier is empty, as in a copy", lambda s: s.chain(frontier=b""), "",
    verify=(0,))
row("the chain's frontier is another",
    lambda s: s.chain(frontier=bytes(len(seal.frontier(s.base.links[:-1])))), "head|row|table|log")
row("the chain's frontier is of another length", lambda s: s.chain(frontier=bytes(33)),
    "head|row|table|log")
row("the chain's frontier is that of one batch more",
    lambda s: s.chain(frontier=seal.frontier(s.base.links)), "head|row|table|log")
row("the chain's row is removed", lambda s: s.journal_sql("DELETE FROM chain"), "head")
row("the chain has a row of another sensor",
    lambda s: s.journal_sql(
        f"INSERT INTO chain (sensor, number, link, frontier) VALUES ({literal(bytes(16))}, 1, "
        f"{literal(bytes(32))}, {literal(b'')})"), "head|sensor")
row("another head is noted", lambda s: ("--head", f"{s.base.last}:{bytes(32).hex()}"), "noted",
    readers=(0,))
row("a head with another tree is noted", lambda s: ("--head", f"{head(s)}:{bytes(32).hex()}"),
    "noted", readers=(0,))
row("an older head with another tree is noted",
    lambda s: ("--head", f"{head(s, s.at(2))}:{bytes(32).hex()}"), "noted", readers=(0,))
row("a head behind the last batch is noted",
    lambda s: ("--head", f"{s.base.last + 1}:{bytes(32).hex()}"), "noted", readers=(0,))


def roll_back(store):
    """An old copy of the journal, as it was with four captures."""
    shutil.copy(store.base.old.journal, store.journal)


row("an old copy in its place", roll_back, "", "sqlite", gone={5, 6}, victim=6, verify=(0, 1),
    also="state")
row("an old copy in its place, head noted",
    lambda s: (roll_back(s), ("--head", head(s)))[1], "noted", "sqlite",
    gone={5, 6}, victim=6, readers=(0, 1), also="state")
row("an old copy in its place, heads noted", lambda s: (roll_back(s), noted(s))[1], "noted",
    "sqlite", gone={5, 6}, victim=6, readers=(0, 1), also="state")
row("an old copy in its place, checkpoint noted",
    lambda s: (roll_back(s), checkpoint()(s))[1], "noted", "sqlite",
    gone={5, 6}, victim=6, readers=(0, 1), also="state")

# Parts

BAD_HEADER = "link columns hole header signature unproved orphan content"
for part in "header", "signature", "body", "tokens":
    row(f"a bit of the {part}", flip(part), f"{part}:3|signature:3|header:3|unproved:3", hidden=3,
        also=BAD_HEADER)
row("a bit of the header's number", flip("header", 21),
    "signature:3|header:3|columns:3|unproved:3", hidden=3, also=BAD_HEADER)
row("a bit of the header's class", flip("header", 105),
    "signature:3|header:3|columns:3|unproved:3", hidden=3, also=BAD_HEADER)
row("a signature by another key", lambda s: s.set(3, signature=Signer().header(s.row(3)["header"])),
    "signature:3|unproved:3", hidden=3, also="link hole")
row("a signature by the identity",
    lambda s: s.set(3, signature=Signer(s.base.secrets["identity"]).header(s.row(3)["header"])),
    "signature:3|unproved:3", hidden=3, also="link hole")
row("a signature by the key before",
    lambda s: s.set(3, signature=Signer(s.base.secrets[1]).header(s.row(3)["header"])),
    "signature:3|unproved:3", hidden=3, also="link hole")
row("a signature with s + L",
    lambda s: s.set(3,
                    signature=s.row(3)["signature"][:32]
                    + (int.from_bytes(s.row(3)["signature"][32:], "little") + (
    1 << 252) + 27742317777372353535851937790883648493).to_bytes(32, "little")),
    "signature:3|unproved:3", hidden=3, also="link hole")
row("a header that does not parse", sets(header=b"\x92\x02\x41"), "header:3", hidden=3,
    also=BAD_HEADER)
row("a header that is cut", lambda s: s.set(3, header=s.row(3)["header"][:-1]), "header:3",
    hidden=3, also=BAD_HEADER)
row("a header with a byte behind it", lambda s: s.set(3, header=s.row(3)["header"] + b"\0"),
    "header:3", hidden=3, also=BAD_HEADER)
row("a header in a longer form", lambda s: s.set(3, header=b"\x98\x12" + s.row(3)["header"][1:]),
    "header:3", hidden=3, also=BAD_HEADER)
row("a header of format 1", lambda s: s.set(3, header=header_1(s)),
    "header:3|signature:3|columns:3", hidden=3, also=BAD_HEADER)


def header_1(store):
    """What batch 3 would be in format 1, for who reads both."""
    said = read_header(store.row(3)["header"])
    return cbor([1] + [said[n] for n in ("sensor", "number", "previous", "first", "last", "records",
                                         "data_key", "nonce", "tokens", "root", "body")])


def header_with(**changes):
    """Batch 3's header with other fields, under its old signature."""
    def do(store):
        said = {**read_header(store.row(3)["header"]), **changes}
        store.set(3, header=cbor([said[name] for name in seal.FIELDS]))
    return do


row("a header has another class", header_with(**{"class": TRAFFIC}), "signature:3|unproved:3",
    hidden=3, also=BAD_HEADER)
row("a header has a note put in", header_with(notes=[[1, EVIDENCE, 20000, 9, 1]]),
    "signature:3|unproved:3", hidden=3, also=BAD_HEADER)
row("a header has nine notes", header_with(notes=[[1, EVIDENCE, 20000, 9, 1]] * 9), "header:3",
    hidden=3, also=BAD_HEADER)
row("a header has a note of no kind", header_with(notes=[[2, 1]]), "header:3", hidden=3,
    also=BAD_HEADER)
row("a header has another next key", header_with(next=Signer().public), "signature:3|unproved:3",
    hidden=3, also=BAD_HEADER)
row("a header's next key is short", header_with(next=b"\1\2\3"), "header:3", hidden=3,
    also=BAD_HEADER)
row("a header has a class that there is not", header_with(**{"class": 5}), "header:3", hidden=3,
    also=BAD_HEADER)
row("another batch's header", lambda s: s.set(3, header=s.row(2)["header"]),
    "columns|signature|unproved", gone=3, maybe=2,
    also="signature columns repeat hole link tokens body unproved orphan content")
row("another batch's header and signature",
    lambda s: s.set(3, header=s.row(2)["header"], signature=s.row(2)["signature"]),
    "tokens|body|columns|repeat", gone=3,
    also="columns repeat hole link tokens body orphan content")
row("another batch's body", lambda s: s.set(3, body=s.row(2)["body"]), "body:3", hidden=3,
    also="columns")
row("another batch's tokens", lambda s: s.set(3, tokens=s.row(2)["tokens"]), "tokens:3", hidden=3,
    also="columns")
row("tokens of all batches are emptied",
    lambda s: s.sql(f"UPDATE content_1 SET tokens = {literal(b'')}"),
    "tokens:3|content:3", hidden={1, 2, 3, 4}, maybe={5, 6}, also="columns")

# With the sensor's stolen key: signed, but not what a sensor would sign.  What takes recomputing
# tokens or the tree, or reading records beyond what is asked for, verify does; readers may
# (docs/decisions.md).


class Thief:
    """Who has the signing key and makes the chain longer, batch by batch."""

    def __init__(self, store, secret=None):
        self.store, self.base = store, store.base
        self.signer = Signer(secret or self.base.secrets[6], self.base.sensor)
        self.links, self.number = list(self.base.links), self.base.last
        self.begin = max(r["last_ns"] for r in self.base.rows) + 1000

    def seal(self, key=None, place=None, records=None, with_content=True, **lies):
        """The next batch into the store."""
        where = Place(**{"number": self.number + 1, "previous": self.links[-1],
                         "links": self.links, "sealed_ns": sealed_of(self.store) + 1000,
                         **(place or {})})
        records = records or ([seal.audit(self.begin)] if where.kind == LOG else [
            seal.record("insider.example", self.begin),
            seal.record("insider.example", self.begin + 5)])
        mine = key or data_key(self.base.sensor, where.kind, where.sealed_ns,
                               self.base.auditor_public)
        made = seal.batch(self.signer, where, records, mine, **lies)
        if not with_content:
            made["tokens"] = made["body"] = None
        self.store.insert_in_journal(made)
        self.store.insert_key(mine[0])
        self.number = where.number
        self.links += [bytes(32)] * (where.number - 1 - len(self.links)) + [seal.link(made)]
        return made

    def end(self):
        """The chain's row, as the sensor would leave it."""
        self.store.chain(number=self.number, link=self.links[-1],
                         frontier=seal.frontier(self.links[:-1]))


def insider(keep_last=False, **lies):
    """The sensor's next batch, with something in it that cannot be."""
    def do(store):
        thief = Thief(store)
        place = {k: lies.pop(k)(store) if callable(lies[k]) else lies.pop(k)
                 for k in list(lies) if k in Place.__dataclass_fields__}
        key_ = lies.pop("key_of", None)
        thief.seal(place=place, key=key_(store) if key_ else None, **lies)
        if not keep_last:
            thief.end()
    return do


row("signed: all is right", insider(), "", verify=(0,))
row("signed: the chain's row is not moved", insider(keep_last=True), "head")
row("signed: tokens of nothing", insider(tokens_=b""), "values:7", readers=(0, 1))
row("signed: tokens of other values", insider(tokens_=bytes(range(8)) + bytes(range(8, 16))),
    "values:7", readers=(0, 1))
row("signed: tokens in disorder", insider(tokens_=bytes(range(8, 16)) + bytes(range(8))),
    "values:7|tokens:7", also="tokens", readers=(0, 1))
row("signed: half a token", insider(tokens_=b"\1\2\3"), "values:7|tokens:7|content:7",
    also="tokens", readers=(0, 1))
row("signed: times are zero", insider(first=0, last=0), "values:7", also="columns", blind={"since"})
row("signed: times are turned", insider(first=2_000_000_000 * 10**9, last=1), "values:7|header:7",
    also="columns header", blind={"since"})
row("signed: records that do not decode", insider(encoded=[b"\xff\xff", b"\xa0"]), "records:7",
    also="values opened")
row("signed: a record with bytes behind it",
    insider(encoded=[seal.cbor(seal.record("insider.example", 10**18)) + b"\0"] * 2), "records:7",
    also="values opened")
row("signed: another root", insider(root=bytes(32)), "opened:7", readers=(0, 1))
row("signed: another count", insider(records_=5), "opened:7", also="records columns")
row("signed: a body that is no zstd", insider(packed=b"not zstd at all"), "opened:7")
row("signed: a body that unpacks to 1 GB",
    insider(packed=seal.compress(bytes(64)) [:4] + bytes.fromhex("a00000004001000000")), "opened:7")
row("signed: a body without records", insider(plain=bytes(32) + b"\x80"), "opened:7")
row("signed: the link is another", insider(previous=bytes(32)), "link:7|link")
row("signed: the log is another", insider(log=bytes(32)), "log:7|link:7|log", also="head state",
    readers=(0, 1))
row("signed: the log lacks a batch",
    insider(links=lambda s: s.base.links[:-1]), "log:7|link:7|log", also="head state",
    readers=(0, 1))
row("signed: numbers are left out", insider(number=lambda s: s.base.last + 3), "hole",
    also="link log head")
row("signed: the next key is one that was there before",
    insider(next_key=lambda s: Signer(s.base.secrets[2]).public), "next:7|next|signature:7",
    readers=(0, 1))
row("signed: the next key is the identity",
    insider(next_key=lambda s: Signer(s.base.secrets["identity"]).public),
    "next:7|next|signature:7", readers=(0, 1))
row("signed: the next key is of small order", insider(next_key=bytes([1]) + bytes(31)), "",
    verify=(0, 1), also="next signature", readers=(0, 1))


def own_key(**lies):
    """A data key for another use than the batch's."""
    return lambda s: data_key(s.base.sensor, EVIDENCE, sealed_of(s) + 1000, s.base.auditor_public,
                              **lies)


row("signed: its data key is another class's", insider(key_of=own_key(**{"class": TRAFFIC})),
    "opened:7|key_missing:7|key_row|key_use:7", also="key_row key_closed opened")
row("signed: its data key is another day's", insider(key_of=own_key(day=9999)),
    "opened:7|key_missing:7|key_row|key_use:7", also="key_row key_closed opened")
row("signed: its data key is another sensor's", insider(key_of=own_key(sensor=bytes(16))),
    "opened:7|key_missing:7|key_row|key_use:7", also="key_row key_closed opened sensor")
row("signed: it was sealed a day before the one before it",
    insider(sealed_ns=lambda s: sealed_of(s) - seal.DAY_NS), "clock", verify=(0,), readers=(0,))


def signed_again(store):
    """Batch 3 made anew with the key that was in force then, stolen in time."""
    old = read_header(store.row(3)["header"])
    who = Signer(store.base.secrets[2], store.base.sensor)
    mine = data_key(who.id, EVIDENCE, old["sealed"], store.base.auditor_public)
    where = place_of(store, old["number"], sealed_ns=old["sealed"])
    store.replace(seal.batch(who, where, [seal.record("insider.example", old["first"])], mine))
    store.insert_key(mine[0])


row("signed: another batch 3, by its own key", signed_again, "link", gone=3,
    also="link hole log columns content repeat state head")


def end_of_chain(store):
    """The last batch again, by the key that has signed it, stolen before its change: only who
    noted the head can tell.
    """
    thief = Thief(store, store.base.secrets[5])
    remove_everywhere(store, store.base.last)
    thief.links.pop()
    thief.number -= 1
    thief.seal(place={"kind": LOG})
    thief.end()


row("signed: another last batch", lambda s: end_of_chain(s) or ("--head", head(s)), "noted",
    readers=(0, 1), also="state head")

# Notes


def told(*notes, **more):
    """The next batch has these notes; each may be a function of store and number."""
    def do(store):
        thief = Thief(store)
        made = [n(store, thief.number + 1) if callable(n) else n for n in notes]
        thief.seal(place={"kind": LOG, "notes": made}, **more)
        thief.end()
    return do


def day(store):
    return sealed_of(store) // seal.DAY_NS


def deleted(store, number):
    return [1, EVIDENCE, day(store), 6, 3]


def without(do, story=3):
    """And batch 3's content is removed."""
    def both(store):
        table, where = store.content_of(story)
        do(store)
        store.sql(f"DELETE FROM {table} WHERE {where}")
    return both


def identity_note(fields, as_of=None, by="identity"):
    """A note with a signature: by whom, and for which number."""
    def make(store, number):
        made = fields(store) if callable(fields) else fields
        return Signer(store.base.secrets[by], store.base.sensor).note(
            made, number if as_of is None else as_of)
    return make


def index_list(store, story=3):
    """The list of an index (docs/format.md, section 6) that has one batch, and nothing of it."""
    one = store.row(story)
    return (bytes([1, one["class"]]) + one["day"].to_bytes(4, "big", signed=True) + one["data_key"]
            + (1).to_bytes(2, "big") + bytes(2) + one["number"].to_bytes(8, "big") + seal.link(one))


def index(stored=None, is_noted=True):
    """The next batch notes an index without batch 3's tokens; in the store it is as `stored` has
    it, or not there."""
    def do(store):
        made, one = index_list(store), store.row(3)
        note = [seal.INDEX, one["class"], one["day"], seal.sha256(made)]
        if is_noted:
            told(note)(store)
        if stored:
            store.journal_sql(
                f"INSERT INTO index_{one['class']} VALUES ({one['day']}, "
                f"x'{one['sensor'].hex()}', {store.base.last + 1}, 0, x'{stored(made).hex()}')")
    return do


row("an index that leaves out what an earlier key signed", index(lambda made: made), "index:7",
    readers=(0,))
row("an index that is not there", index(), "index_gone:7", verify=(0,))
row("an index that is another one", index(lambda made: made[:-1] + b"x"), "index:7",
    readers=(0, 1))
row("an index that is no index", index(lambda made: b"index"), "index:7", readers=(0, 1))
row("an index that no header notes", index(lambda made: made, is_noted=False), "", verify=(0,))

row("a content is removed, as a note says, and others of its day are not",
    without(told(deleted)), "note", gone=3, also="deleted")
row("a content is removed, as a note says of another class",
    without(told(lambda s, n: [1, TRAFFIC, day(s), 6, 3])), MISSING, hidden=3,
    also="deleted note")
row("a content is removed, as a note says of another day",
    without(told(lambda s, n: [1, EVIDENCE, day(s) + 1, 6, 3])), MISSING, hidden=3, also="deleted")


def note_before(store):
    """The note comes first, and what is removed was sealed behind it."""
    thief = Thief(store)
    thief.seal(place={"kind": LOG, "notes": [deleted(store, 0)]})
    thief.seal(with_content=False)
    thief.end()


row("a content is removed that was sealed behind the note", note_before, "content",
    also="deleted columns note")


def moved_note(store):
    """A note stands in the column, and no header has it: the attacker has no key."""
    store.sql(f"DELETE FROM content_1 WHERE number = {store.at(3)}",
              f"UPDATE head SET marks = 2 WHERE number = {store.at(4)}")


row("a content is removed, and marks say that there was a note", moved_note, MISSING, hidden=3,
    also="columns")


def noted_by_nobody(store):
    """The note that excuses is in a header that nobody signed."""
    who = Impostor(store.base.sensor, signs=True)
    where = place_of(store, store.base.last + 1, kind=LOG, notes=[deleted(store, 0)])
    mine = data_key(who.id, LOG, where.sealed_ns, store.base.auditor_public)
    store.insert(seal.batch(who, where, [seal.record("forged.invalid", where.sealed_ns)], mine))
    store.insert_key(mine[0])


row("a content is removed, as a note that nobody signed says", without(noted_by_nobody),
    "content:3 signature:7|unproved:7", hidden=3, also="head deleted")
row("signed: a note says that numbers were lost that are there",
    told(lambda s, n: [3, s.at(3), s.at(4), 1]), "lost|note|header:7|link|hole",
    also="header log link", readers=(0, 1))


def lost_and_noted(store):
    """Captures 5 and 6 are cut off, and the thief says that they were lost."""
    base, thief = store.base, Thief(store, store.base.secrets[4])
    gone = sorted(base.runs[5] + base.runs[6])
    remove_everywhere(store, *gone)
    thief.seal(place={"kind": LOG, "notes": [[3, gone[0], gone[-1], 1]],
                      "previous": base.links[gone[0] - 2],
                      "links": base.links[:gone[0] - 1] + [bytes(32)] * len(gone)})
    thief.links = base.links[:gone[0] - 1] + [bytes(32)] * len(gone) + thief.links[-1:]
    thief.end()


row("signed: what was cut off was lost, it says", lost_and_noted, "lost", gone={5, 6}, victim=6,
    verify=(0, 1), readers=(0, 1), also="state")
row("signed: what was cut off was lost, it says, and a head in it was noted",
    lambda s: lost_and_noted(s) or ("--head", head(s, s.at(5))), "noted|lost", gone={5, 6},
    victim=6, readers=(0, 1), also="lost noted state")
row("signed: another checkpoint key", told([4, bytes(range(32))]), "note",
    also="state checkpoint")
ADOPTS = "note:7|note|signature:7|header:7"
row("signed: a note adopts, without the identity",
    told(identity_note(lambda s: [6, s.base.last + 1, Signer().public], by=6)), ADOPTS,
    readers=(0, 1), also="signature")
row("signed: a note adopts, made for another header",
    told(identity_note(lambda s: [6, s.base.last + 1, Signer(s.base.secrets[6]).public], as_of=3)),
    ADOPTS, readers=(0, 1), also="signature")
row("signed: a note adopts the key that there is",
    told(identity_note(lambda s: [6, s.base.last + 1, Signer(s.base.secrets[6]).public])), "",
    verify=(0,), also="adopted")
row("signed: a new identity, without the old one",
    told(identity_note([5, Signer().public], by=6)), ADOPTS, readers=(0, 1), also="signature")
row("signed: a new identity, made for another header",
    told(identity_note([5, Signer().public], as_of=4)), ADOPTS, readers=(0, 1), also="signature")
row("signed: revoked, without the identity", told(identity_note([5, bytes(32)], by=6)), ADOPTS,
    readers=(0, 1), also="signature")


def go_on(do, **more):
    """Another batch behind it."""
    def both(store):
        do(store)
        rows = [r for r in store.journal_rows() if r["number"] > store.base.last]
        thief = Thief(store)
        thief.links += [seal.link(r) for r in rows]
        thief.number = rows[-1]["number"]
        thief.seal(**more)
        thief.end()
    return both


row("a new identity, by the old one", go_on(told(identity_note([5, Signer().public]))), "",
    verify=(0,), also="identity")
row("revoked by the identity", told(identity_note([5, bytes(32)])), "", verify=(0,),
    readers=(0, 1), also="revoked identity")
row("revoked by the identity, and it goes on", go_on(told(identity_note([5, bytes(32)]))),
    "revoked|signature|unproved|identity", also="revoked identity head", readers=(0, 1))


def lost_key(adopted=True, by="identity"):
    """The signing key was lost: the chain goes on under a new one, which the identity adopts."""
    def do(store):
        new = Signer(None, store.base.sensor)
        thief = Thief(store, new.secret)
        thief.seal()
        if adopted:
            note = Signer(store.base.secrets[by], store.base.sensor).note(
                [6, store.base.last + 1, new.public], thief.number + 1)
            thief.seal(place={"kind": LOG, "notes": [note]})
        thief.end()
    return do


row("a signing key was lost, and adopted", lost_key(), "", verify=(0,), also="adopted")
row("a signing key was lost, and not adopted", lost_key(False), "unproved:7|signature:7",
    also="head unproved signature adopted")
row("a signing key was made up, and adopted by itself", lost_key(by=6), "unproved:7|signature:7",
    also="head unproved signature adopted note")


def fork(store):
    """The key came from a backup: the chain forks at the last batch of capture 4."""
    thief = Thief(store, store.base.secrets[3])
    number = min(store.base.runs[5])
    thief.links, thief.number = store.base.links[:number - 1], number - 1
    remove_everywhere(store, number)
    thief.seal()


row("a fork under a key of a backup replaces a batch", fork,
    "signature|unproved", also="link hole repeat head content signature unproved log", maybe={5, 6})

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
    "body table sensor none unproved orphan log state")
for name in "head", "content_1", "content_2", "content_4", "data_key", "chain":
    # alerts read no other contents than evidence
    ends = {"readers": (0, 1)} if name in ("content_2", "content_4") else {}
    row(f"the page of {name} is zeros", page_of(name), "unread", "sqlite", maybe=ALL, also=DAMAGE,
        **ends)
    row(f"the page of {name} is noise", page_of(name, bytes(range(256)) * 64), "unread", "sqlite",
        maybe=ALL, also=DAMAGE, **ends)
for share in 0.3, 0.6, 0.9:
    row(f"the page at {share} is zeros", overwrite(share),
        "", "sqlite", maybe=ALL, also=DAMAGE, verify=(0, 1))
for share in 0.99, 0.7, 0.4, 0.1:
    row(f"cut to {share}", truncate(share), "unread|table|body|content|state", "sqlite", maybe=ALL,
        also=DAMAGE, readers=(0, 1))
row("the first page is zeros", overwrite(0), "", "sqlite", opens=False, also="table unread",
    verify=(1, 3))
row("a file of garbage", write_file(b"garbage, not a store\n" * 1000), "", "sqlite", opens=False,
    also="table unread", verify=(1, 3))
row("an empty file", write_file(b""), "head", "sqlite", opens=False, also="table none",
    verify=(1, 3))
row("no file", lambda s: s.journal.unlink(), "head", "sqlite", opens=False, also="none",
    verify=(1, 3))
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
        *(f"INSERT INTO {table} SELECT * FROM whole.{table} WHERE number > {store.base.old.last}"
          for table in ("head",) + CONTENTS),
        f"INSERT INTO data_key ({', '.join(KEY)}) SELECT {', '.join(KEY)} FROM whole.data_key "
        "WHERE id NOT IN (SELECT id FROM data_key)",
        f"UPDATE chain SET number = {store.base.last}"):
        db.execute(statement)
    path = pathlib.Path(f"{store.journal}-wal")
    before = store.journal.read_bytes()
    if not path.stat().st_size:
        raise RuntimeError("there was no log")
    db.close()
    store.journal.write_bytes(before)
    for ending in "-wal", "-shm":
        pathlib.Path(f"{store.journal}{ending}").unlink(missing_ok=True)


row("the write-ahead log is removed", wal_gone, "", "sqlite", gone={5, 6}, victim=6,
    verify=(0, 1), also="state")
row("the write-ahead log is removed, head noted",
    lambda s: (wal_gone(s), ("--head", head(s)))[1], "noted", "sqlite",
    gone={5, 6}, victim=6, readers=(0, 1), also="state")

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
row("state.key is elsewhere", key_file("state.key", lambda p, s: p.unlink()), "", verify=(0,))
row("sensor.key is elsewhere", key_file("sensor.key", lambda p, s: p.unlink()), "", verify=(0,))
row("the state folder is elsewhere", lambda s: shutil.rmtree(s.folder / "state"), "", verify=(0,))


def state(change):
    """`change` gets the text of journal.state and the store, and gives another."""
    def do(store):
        path = store.folder / "journal.state"
        path.write_text(change(path.read_text(), store))
    return do


def signed_state(secret):
    """A state file of the sensor's end with another frontier, signed."""
    def make(text, store):
        base = store.base
        extra = re.sub("^frontier .*$", "frontier " + bytes(64).hex(), text.split("\n\n")[0],
                       flags=re.M).split("\n", 3)[3]
        return seal.checkpoint(secret or base.checkpoint_key, base.sensor, base.last,
                               seal.merkle(base.links), extra)
    return make


row("journal.state has another number",
    state(lambda text, s: text.replace(f"\n{s.base.last}\n", f"\n5{s.base.last}\n", 1)), "state",
    readers=(0,))
row("journal.state has another link",
    state(lambda text, s: re.sub("^link ..", "link 00", text, flags=re.M)
          + "x" * ("\nlink 00" in text)), "state", readers=(0,))
row("journal.state has another frontier",
    state(lambda text, s: re.sub("^frontier .*$", "frontier " + bytes(32).hex(), text,
                                 flags=re.M)), "state", readers=(0,))
row("journal.state is signed by another key", state(signed_state(bytes(range(32)))), "state",
    readers=(0,))
row("journal.state is signed, and its hash is not that of its frontier",
    state(signed_state(None)), "state", readers=(0,))
row("journal.state is garbage", state(lambda text, s: "garbage\n" * 999), "state", readers=(0,))
row("journal.state is one of format 1",
    state(lambda text, s: f"nta-state 1 {s.base.sensor.hex()} {s.base.last} "
                          f"{s.base.heads[s.base.last].hex()} 0 0 {bytes(64).hex()}\n"), "state",
    readers=(0,))
row("journal.state is empty", state(lambda text, s: ""), "state", readers=(0,))
row("journal.state is an older one",
    state(lambda text, s: (s.base.old.folder / "journal.state").read_text()), "", verify=(0,))
row("journal.state is another sensor's",
    state(lambda text, s: (s.base.other.folder / "journal.state").read_text()), "state",
    readers=(0,))
row("journal.state is removed", lambda s: (s.folder / "journal.state").unlink(), "state",
    readers=(0,))


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
    also="sensor none key_given state", verify=(1, 3), readers=(1, 3), gone=ALL)
row("the key of another sensor is there", foreign_public_key(None), "sensor|none",
    also="sensor none state", gone=ALL)
row("the key of another sensor is given",
    lambda s: ("--key", (s.base.other.folder / "keys/sensor.pub").read_text().strip()), "none",
    also="sensor state", readers=(0,))
row("the key of this sensor is given",
    lambda s: ("--key", (s.base.folder / "keys/sensor.pub").read_text().strip()), "", verify=(0,))
for i, text in enumerate(SMALL_ORDER):
    row(f"a small-order key is given ({i})", lambda s, text=text: ("--key", f"nta-sensor-{text}"),
        "", also="key_given none sensor state", verify=(1, 2, 3), readers=(0,))
    row(f"a small-order key is trusted ({i})", foreign_public_key(f"nta-sensor-{text}\n"), "",
        also="key_given sensor none state", verify=(1, 3), readers=(1, 3), gone=ALL)


def small_order_forgery(store):
    """With the key "01 00...": the signature "01 00... 00..." is good for every message if
    nobody looks.
    """
    public = bytes.fromhex(SMALL_ORDER[1])
    who = Impostor(seal.sha256(public)[:16])
    who.header = lambda data: public + bytes(32)
    forge(who)(store)
    foreign_public_key(f"nta-sensor-{SMALL_ORDER[1]}\n")(store)


row("a small-order key is trusted, and has signed", small_order_forgery, "",
    also="key_given sensor none state head key_missing", verify=(1, 3), readers=(1, 3), gone=ALL)

# MySQL


def point_elsewhere(store):
    """The server is away."""
    config = store.folder / "ntad.conf"
    config.write_text(re.sub(r'hosts = "[^"]*"', f'hosts = "{store.folder}/nobody.sock"',
                             config.read_text()))


row("MySQL is away", point_elsewhere, "unseen", "mysql", verify=(3,), readers=(0,),
    gone={1, 2, 3, 4})
row("MySQL is away, its head noted",
    lambda s: (point_elsewhere(s), ("--head", head(s, s.at(2))))[1], "unseen", "mysql",
    also="noted",
    verify=(3,), readers=(0,), gone={1, 2, 3, 4})
row("MySQL is away, and the journal's head is noted, with its tree",
    lambda s: (point_elsewhere(s), ("--head", head(s, with_tree=True)))[1], "unseen", "mysql",
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
row("a huge number in MySQL hides nothing of the journal", impostor((1 << 63) + 5, False),
    "signature|unproved", "mysql", also="key_missing hole link head")
row("all of MySQL's batches are removed",
    lambda s: s.sql(*(f"DELETE FROM {table}" for table in ("head",) + CONTENTS)), "hole", "mysql",
    gone={1, 2, 3, 4}, also="link head content unseen")
row("all of MySQL's heads are removed", "DELETE FROM head", "hole", "mysql", gone={1, 2, 3, 4},
    also="link head content orphan count row unseen")
row("no tables in MySQL",
    lambda s: s.server.sql(f"DROP DATABASE {s.database}; CREATE DATABASE {s.database}"), "",
    "mysql", also="hole head link table none unseen content",
    verify=(1, 3), readers=(1, 3), gone={1, 2, 3, 4}, maybe={5, 6})


def of_journal(store, story):
    return next(r for r in store.base.rows if r["number"] == store.at(story))


row("the journal's batch 5 is in both", lambda s: s.insert(of_journal(s, 5)), "", "mysql",
    also="repeat head", verify=(0, 1))
row("the journal's batch 5 is in MySQL, changed",
    lambda s: s.insert({**of_journal(s, 5), "body": b"x" * 99}), "body:5|size:5|content:5", "mysql",
    maybe=5, also="repeat columns body head")
row("MySQL's batch 3 is in the journal, too, with another body",
    lambda s: s.insert_in_journal({**s.row(3), "body": b"x" * 99}), "body:3", "mysql",
    also="columns repeat", readers=(0, 1))
row("MySQL's batch 3 is in the journal, too, without content",
    lambda s: s.insert_in_journal({**s.row(3), "tokens": None}), "", "mysql", verify=(0,))
row("MySQL's batch 3 has its content in the journal only",
    lambda s: (s.insert_in_journal(s.row(3)),
               s.sql(f"DELETE FROM content_1 WHERE number = {s.at(3)}"))[:0], "", "mysql",
    verify=(0, 1), also="content", maybe=3)


def two_ends(store):
    """The last batch and another last batch that is signed, too, one in MySQL and one in the
    journal.
    """
    thief = Thief(store, store.base.secrets[5])
    thief.links.pop()
    thief.number -= 1
    store.insert(next(r for r in store.base.rows if r["number"] == store.base.last))
    store.journal_sql(*(f"DELETE FROM {table} WHERE number = {store.base.last}"
                        for table in ("head",) + CONTENTS))
    thief.seal(place={"kind": LOG})


row("signed: another last batch, one in each", two_ends, "repeat", "mysql",
    also="link head log unseen")
row("the chain's row of MySQL is higher", "UPDATE chain SET number = 7777", "head", "mysql")
row("the chain's row of MySQL is lower", "UPDATE chain SET number = 1", "", "mysql", also="head",
    verify=(0, 1))
row("the chain's row of MySQL is removed", "DELETE FROM chain", "", "mysql", also="head",
    verify=(0, 1))
row("the day of a head is 0", sets(day=0), "columns:3", "mysql", also="count")
