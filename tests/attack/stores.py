# SPDX-License-Identifier: Apache-2.0
"""One store in two shapes, as an attacker with the right to write sees it: SQLite's file, or
MySQL's tables beside a journal (docs/format.md, section 6).

Both have the same calls, so that an attack is written once.  A batch is named by what was read:
`row(3)` is the batch with the evidence of the third capture, `at(3)` its number.  A value may be
SQL text: `Sql("zeroblob(9)")`.
"""
import hashlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time

COLUMNS = ("sensor", "number", "class", "day", "first_ns", "last_ns", "records", "bytes",
           "data_key", "marks")
HEAD = COLUMNS + ("header", "signature")
CONTENT = ("day", "sensor", "number", "tokens", "body")
PARTS = ("tokens", "body")  # what is in a table of contents
KEY = ("id", "sensor", "class", "day", "wrapped")
BYTES = ("sensor", "data_key", "header", "signature", "tokens", "body", "id", "wrapped")
CONTENTS = tuple(f"content_{c}" for c in range(1, 5))


class Sql(str):
    """An expression, not a text."""


def literal(value):
    if isinstance(value, Sql):
        return str(value)
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value) if isinstance(value, (int, float)) else "'" + value.replace("'", "''") + "'"


def values(row, names):
    return ", ".join(literal(row[name]) for name in names)


def inserts(row):
    """Statements that put a batch there, as `row` has it."""
    yield f"INSERT INTO head ({', '.join(HEAD)}) VALUES ({values(row, HEAD)})"
    if row["tokens"] is not None:
        yield (f"INSERT INTO content_{row['class']} ({', '.join(CONTENT)}) VALUES "
               f"({values(row, CONTENT)})")


def copy_folder(source, folder):
    """SQLite's files beside the journal come and go while another attack reads the source."""
    for tries in range(100):
        try:
            return shutil.copytree(source, folder)
        except shutil.Error:
            shutil.rmtree(folder)
            if tries == 99:
                raise
            time.sleep(0.05)


class Folder:
    """A case's own copy of a store folder: keys, journal.db."""

    def __init__(self, source, folder):
        copy_folder(source, folder)
        self.folder, self.keys_dir, self.journal = folder, folder / "keys", folder / "journal.db"

    def digest(self):
        """Of all bytes, names and modes in the folder."""
        whole = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.name.endswith("-shm") or (path.name.endswith("-wal")
                                              and not path.stat().st_size):
                continue
            whole.update(f"{path} {path.lstat().st_mode}\n".encode())
            if path.is_file():  # in pieces: who is started next counts the memory of this program
                with open(path, "rb") as file:
                    whole.update(hashlib.file_digest(file, "sha256").digest())
        return whole.digest()

    def journal_sql(self, *statements):
        db = sqlite3.connect(self.journal, isolation_level=None)
        db.create_collation("odd", lambda a, b: (a > b) - (a < b))
        for statement in statements:
            db.execute(statement)
        db.close()

    def journal_rows(self):
        db = sqlite3.connect(self.journal)
        rows = [dict(zip(HEAD + PARTS, row)) for row in db.execute(
            f"SELECT {', '.join(f'head.{c}' for c in HEAD)}, c.tokens, c.body FROM head LEFT JOIN ("
            + " UNION ALL ".join(f"SELECT {i} AS class, * FROM content_{i}" for i in range(1, 5))
            + ") AS c ON c.class = head.class AND c.day = head.day AND c.sensor = head.sensor AND "
            "c.number = head.number ORDER BY head.number")]
        db.close()
        return rows

    def journal_keys(self):
        db = sqlite3.connect(self.journal)
        rows = [dict(zip(KEY, row)) for row in db.execute(f"SELECT {', '.join(KEY)} FROM data_key")]
        db.close()
        return rows

    def insert_in_journal(self, row):
        self.journal_sql(*inserts(row))

    def chain(self, **columns):
        """Change the journal's chain rows."""
        self.journal_sql("UPDATE chain SET "
                         + ", ".join(f"{c} = {literal(v)}" for c, v in columns.items()))


class SqliteStore(Folder):
    kind = "sqlite"

    def __init__(self, base, folder, name):
        super().__init__(base.folder, folder)
        self.base = base
        self.options = ["--store", str(folder)]

    sql = Folder.journal_sql

    rows = Folder.journal_rows
    keys = Folder.journal_keys

    def loosely(self, table, statement):
        """Run it while the table's text has no NOT NULL; then the text is as it was, and the
        rows are not.
        """
        db = sqlite3.connect(self.journal, isolation_level=None)
        text = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
        db.close()
        change = f"UPDATE sqlite_schema SET sql = {{}} WHERE name = '{table}'"
        self.sql("PRAGMA writable_schema = ON",
                 change.format(literal(text.replace(" NOT NULL", ""))))
        self.sql(statement)
        self.sql("PRAGMA writable_schema = ON", change.format(literal(text)))

    def done(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class MysqlStore(Folder):
    """All batches but the last two are in a database of the case's own, those in the journal."""
    kind = "mysql"

    def __init__(self, base, folder, name):
        super().__init__(base.folder, folder)
        self.base, self.server = base, base.server
        self.database = "case_" + hashlib.sha256(name.encode()).hexdigest()[:12]
        tables = self.server.sql("SHOW TABLES", "base").split()
        self.server.sql(f"DROP DATABASE IF EXISTS {self.database}; CREATE DATABASE {self.database};"
                        + "".join(
            f"CREATE TABLE {self.database}.{t} LIKE base.{t}; INSERT INTO {self.database}.{t} "
            f"SELECT * FROM base.{t};" for t in tables))
        config = folder / "ntad.conf"
        config.write_text(f'store = {{ directory = "{folder}"; keys = "{self.keys_dir}"; }};\n'
                          f'mysql = {{ hosts = "{self.server.socket}"; user = "reader"; '
                          f'password = "sesame"; database = "{self.database}"; }};\n')
        config.chmod(0o600)
        self.options = ["--config", str(config)]

    def digest(self):
        """Of the folder, and of what is in the tables and views of the database."""
        def ask(text):
            try:
                return self.server.sql(text, self.database)
            except subprocess.CalledProcessError as error:
                return error.stderr
        names = ask("SHOW TABLES").split()
        return super().digest(), [(ask(f"SHOW CREATE TABLE {n}"), ask(f"CHECKSUM TABLE {n}"))
                                  for n in names]

    def sql(self, *statements):
        self.server.sql("SET sql_mode = '';" + ";".join(statements), self.database)

    def _select(self, names, text):
        """Rows as dicts; bytes come as digits."""
        columns = ", ".join(f"IFNULL(HEX({n}), '-')" if n.split(".")[-1] in BYTES else n
                            for n in names)
        lines = self.server.sql(f"SELECT {columns} FROM {text}", self.database).splitlines()
        names = [n.split(".")[-1] for n in names]
        return [{n: (None if v == "-" else bytes.fromhex(v)) if n in BYTES else int(v)
                 for n, v in zip(names, line.split("\t"))} for line in lines]

    def rows(self):
        contents = " UNION ALL ".join(
            f"SELECT {i} AS class, day, sensor, number, tokens, body FROM content_{i}"
            for i in range(1, 5))
        return self._select(
            [f"head.{n}" for n in HEAD] + ["c.tokens", "c.body"],
            f"head LEFT JOIN ({contents}) AS c ON c.class = head.class AND c.day = head.day AND "
            f"c.sensor = head.sensor AND c.number = head.number ORDER BY head.number")

    def loosely(self, table, statement):
        """Run it on a table without key and NOT NULL; what is of another type becomes what MySQL
        makes of it.
        """
        shown = self.server.sql(f"SHOW COLUMNS FROM {table}", self.database)
        columns = [line.split("\t")[:2] for line in shown.splitlines()]
        self.sql(f"ALTER TABLE {table} DROP PRIMARY KEY, "
                 + ", ".join(f"MODIFY {name} {kind} NULL" for name, kind in columns), statement)

    def keys(self):
        return self._select(KEY, "data_key ORDER BY id")

    def done(self):
        self.server.sql(f"DROP DATABASE IF EXISTS {self.database}")
        shutil.rmtree(self.folder, ignore_errors=True)


def _shared(cls):
    """What both have, said in terms of sql(), rows() and keys()."""
    def at(self, story):
        return self.base.of[story]

    def row(self, story):
        return next(r for r in self.rows() if r["number"] == self.at(story))

    def content_of(self, story):
        """Table and condition of a batch's content."""
        row = next(r for r in self.base.rows if r["number"] == self.at(story))
        return f"content_{row['class']}", f"number = {row['number']}"

    def set(self, story, /, **columns):
        for column, value in columns.items():
            table, where = self.content_of(story) if column in PARTS else (
                "head", f"number = {self.at(story)}")
            self.sql(f"UPDATE {table} SET {column} = {literal(value)} WHERE {where}")

    def insert(self, row):
        self.sql(*inserts(row))

    def remove(self, *numbers):
        """Heads and contents of these numbers."""
        for table in ("head",) + CONTENTS:
            self.sql(f"DELETE FROM {table} WHERE number IN ({', '.join(map(str, numbers))})")

    def remove_run(self, *stories):
        """All that was made of these captures."""
        self.remove(*(n for story in stories for n in self.base.runs[story]))

    def replace(self, row):
        """Another batch with a number that is there."""
        self.remove(row["number"])
        self.insert(row)

    def key_of(self, story):
        wanted = next(r for r in self.base.rows if r["number"] == self.at(story))["data_key"]
        return next(k for k in self.keys() if k["id"] == wanted)

    def set_key(self, key, **columns):
        self.sql(
            f"UPDATE data_key SET {', '.join(f'{c} = {literal(v)}' for c, v in columns.items())} "
            f"WHERE id = {literal(key['id'])}")

    def insert_key(self, key):
        self.sql(f"INSERT INTO data_key ({', '.join(KEY)}) VALUES ({values(key, KEY)})")

    def remove_key(self, key):
        self.sql(f"DELETE FROM data_key WHERE id = {literal(key['id'])}")

    for function in (at, row, content_of, set, insert, remove, remove_run, replace, key_of, set_key,
                     insert_key, remove_key):
        setattr(cls, function.__name__, function)


_shared(SqliteStore)
_shared(MysqlStore)


class Server:
    """A MariaDB server of the test's own, as tests/e2e/lib/mariadb.sh starts one; None of it is
    there: FileNotFoundError.
    """

    def __init__(self, folder):
        self.folder, self.socket = folder, folder / "mariadb.sock"
        self.path = os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin"
        for program in ("mariadbd", "mariadb-install-db", "mariadb"):
            if not shutil.which(program, path=self.path):
                raise FileNotFoundError(program)
        (folder / "tmp").mkdir(parents=True)
        user = ["--user=root"] if os.getuid() == 0 else []
        self._run("mariadb-install-db", "--no-defaults", *user, f"--datadir={folder}/data",
                  "--auth-root-authentication-method=normal",
                  "--skip-test-db", "--skip-name-resolve")
        with open(folder / "server.log", "wb") as log:
            self.process = subprocess.Popen(
                [shutil.which("mariadbd", path=self.path), "--no-defaults", *user,
                 f"--datadir={folder}/data", f"--socket={self.socket}",
                 f"--pid-file={folder}/mariadb.pid", f"--tmpdir={folder}/tmp",
                 "--innodb-buffer-pool-size=64M", "--skip-log-bin",
                 "--skip-networking", "--max-allowed-packet=64M",
                 "--innodb-flush-log-at-trx-commit=1",
                 "--innodb-flush-method=nosync", "--innodb-doublewrite=0", "--skip-name-resolve"],
                stdout=log, stderr=log)
        for _ in range(300):
            try:
                self.sql("SELECT 1")
                return
            except subprocess.CalledProcessError:
                time.sleep(0.1)
        raise RuntimeError((folder / "server.log").read_text()[-2000:])

    def _run(self, *args, text=None):
        return subprocess.run([shutil.which(args[0], path=self.path), *args[1:]], input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=True, text=True).stdout

    def sql(self, text, database=None):
        try:
            return self._run("mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root",
                             "--batch", "--skip-column-names",
                             "--max-allowed-packet=64M", "--binary-mode",
                             *([database] if database else []), text=text)
        except subprocess.CalledProcessError as error:
            error.add_note(error.stderr)
            raise

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


class Base:
    """The untouched store that cases are copies of."""

    def __init__(self, folder, server=None):
        self.folder, self.server = pathlib.Path(folder), server
