# SPDX-License-Identifier: Apache-2.0
"""One store in two shapes, as an attacker with the right to write sees it: SQLite's file, or
MySQL's tables beside a journal.

Both have the same calls, so that an attack is written once.  A value may be SQL text:
`Sql("zeroblob(9)")`.
"""
import datetime
import hashlib
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import time

COLUMNS = ("day", "sensor", "number", "first_ns", "last_ns", "n_records", "n_bytes")
PARTS = ("header", "signature", "tokens", "body")


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


def day_number(day):
    """A day as SQLite has it, of what either store says."""
    if isinstance(day, int):
        return day
    return (datetime.date.fromisoformat(str(day)) - datetime.date(1970, 1, 1)).days


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

    def journal_sql(self, *statements):
        db = sqlite3.connect(self.journal, isolation_level=None)
        db.create_collation("odd", lambda a, b: (a > b) - (a < b))
        for statement in statements:
            db.execute(statement)
        db.close()

    def insert_in_journal(self, row):
        content = ", ".join(literal(row[part]) for part in PARTS)
        batch = ", ".join(literal(day_number(row[c]) if c == "day" else row[c]) for c in COLUMNS)
        self.journal_sql(f"INSERT INTO content ({', '.join(PARTS)}) VALUES ({content})",
                         f"INSERT INTO batch VALUES ({batch}, (SELECT max(id) FROM content))")

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

    def rows(self):
        db = sqlite3.connect(self.journal)
        names = COLUMNS + PARTS
        rows = [dict(zip(names, row))
                for row in db.execute(
                    f"SELECT {', '.join(names)} FROM batch JOIN content ON id = content ORDER BY "
                    f"number")]
        db.close()
        return rows

    def set(self, number, /, **columns):
        for column, value in columns.items():
            if column in PARTS:
                self.sql(
                    f"UPDATE content SET {column} = {literal(value)} WHERE id = (SELECT content "
                    f"FROM batch WHERE number = {number})")
            else:
                self.sql(f"UPDATE batch SET {column} = {literal(value)} WHERE number = {number}")

    def insert(self, row):
        self.sql(
            f"INSERT INTO content ({', '.join(PARTS)}) VALUES "
            f"({', '.join(literal(row[p]) for p in PARTS)})",
                 f"INSERT INTO batch VALUES ({', '.join(literal(row[c]) for c in COLUMNS)}, "
                 f"(SELECT max(id) FROM content))")

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

    def keys(self):
        db = sqlite3.connect(self.journal)
        rows = [dict(zip(("id", "made_ns", "wrapped"), row))
                for row in db.execute("SELECT id, made_ns, wrapped FROM data_key")]
        db.close()
        return rows

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

    def sql(self, *statements):
        self.server.sql("SET sql_mode = '';" + ";".join(statements), self.database)

    def _select(self, names, table, order):
        plain = [n in ("day", "number", "made_ns") or n.endswith("_ns") or n.startswith("n_")
                 for n in names]
        columns = ", ".join(n if is_plain else f"HEX({n})" for n, is_plain in zip(names, plain))
        text = self.server.sql(f"SELECT {columns} FROM {table} ORDER BY {order}", self.database)
        return [{n: v if n == "day" else int(v) if n in ("number", "made_ns") or n.endswith("_ns")
                 or n.startswith("n_") else bytes.fromhex(v)
                 for n, v in zip(names, line.split("\t"))} for line in text.splitlines()]

    def rows(self):
        return self._select(COLUMNS + PARTS, "batch", "number")

    def set(self, number, /, **columns):
        self.sql(
            f"UPDATE batch SET {', '.join(f'{c} = {literal(v)}' for c, v in columns.items())} "
            f"WHERE number = {number}")

    def insert(self, row):
        day = row["day"]
        if isinstance(day, int):
            day = str(datetime.date(1970, 1, 1) + datetime.timedelta(days=day))
        self.sql(
            f"INSERT INTO batch ({', '.join(COLUMNS + PARTS)}) VALUES "
            f"({', '.join(literal({**row, 'day': day}[c]) for c in COLUMNS + PARTS)})")

    def loosely(self, table, statement):
        """Run it on a table without key and NOT NULL; what is of another type becomes what MySQL
        makes of it.
        """
        keys = {
            "batch": "DROP PRIMARY KEY, MODIFY day DATE, MODIFY sensor BINARY(16), MODIFY number "
                     "BIGINT UNSIGNED, MODIFY first_ns BIGINT, MODIFY last_ns BIGINT,"
                         " MODIFY n_records INT UNSIGNED, MODIFY n_bytes INT UNSIGNED, MODIFY "
                         "header VARBINARY(1024), MODIFY signature VARBINARY(64),"
                         " MODIFY tokens MEDIUMBLOB, MODIFY body MEDIUMBLOB",
                "data_key": "DROP PRIMARY KEY, MODIFY id BINARY(16), MODIFY made_ns BIGINT, MODIFY "
                            "wrapped BLOB"}
        self.sql(f"ALTER TABLE {table} {keys[table]}", statement)

    def keys(self):
        return self._select(("id", "made_ns", "wrapped"), "data_key", "made_ns")

    def done(self):
        self.server.sql(f"DROP DATABASE IF EXISTS {self.database}")
        shutil.rmtree(self.folder, ignore_errors=True)


def _shared(cls):
    """What both have, said in terms of sql(), rows() and keys()."""
    def row(self, number):
        return next(r for r in self.rows() if r["number"] == number)

    def remove(self, *numbers):
        self.sql(f"DELETE FROM batch WHERE number IN ({', '.join(map(str, numbers))})")

    def key_of(self, number):
        from seal import read_header
        wanted = read_header(self.row(number)["header"])[7]
        return next(k for k in self.keys() if k["id"] == wanted)

    def set_key(self, key, **columns):
        self.sql(
            f"UPDATE data_key SET {', '.join(f'{c} = {literal(v)}' for c, v in columns.items())} "
            f"WHERE id = {literal(key['id'])}")

    def insert_key(self, key):
        self.sql(
            f"INSERT INTO data_key (id, made_ns, wrapped) VALUES ({literal(key['id'])}, "
            f"{literal(key['made_ns'])}, {literal(key['wrapped'])})")

    def remove_key(self, key):
        self.sql(f"DELETE FROM data_key WHERE id = {literal(key['id'])}")

    for function in (row, remove, key_of, set_key, insert_key, remove_key):
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
