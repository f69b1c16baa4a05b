#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/format.md has the tables of a store as they are made: the text of each CREATE of the page's
section 6 that is for SQLite is that of a journal, and nothing else is in it; conf/schema.sql is
what `nta store --schema` prints, and has each statement of the page's block for MySQL.

usage: store_tables.py ROOT MAKE_STORE NTA
"""
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile


def of_page(root, store):
    """The statements of the block of SQL below that heading."""
    page = (root / "docs/format.md").read_text()
    section = page.split("\n## 6. ", 1)[1].split("\n## 7. ", 1)[0]
    block = re.search(rf"### {store}\n.*?```sql\n(.*?)```", section, re.S).group(1)
    return set(block.strip().split("\n"))


def mysql_faults(root, nta):
    page = {f"{line};" for line in of_page(root, "MySQL")}
    file = (root / "conf/schema.sql").read_text()
    made = set(file.replace("CREATE TABLE IF NOT EXISTS", "CREATE TABLE").split("\n"))
    printed = subprocess.run([nta, "store", "--schema"], capture_output=True, text=True,
                             check=True).stdout
    faults = [f"only on the page: {text}" for text in sorted(page - made)]
    if len(page) != 6:
        faults.append(f"MySQL: {len(page)} statements on the page")
    if file != printed:
        faults.append("conf/schema.sql is not what nta store --schema prints: make it anew")
    return faults


def of_store(make_store):
    with tempfile.TemporaryDirectory(prefix="nta-tables-") as folder:
        subprocess.run([make_store, f"{folder}/store", "10", "plain"], check=True)
        with sqlite3.connect(f"file:{folder}/store/journal.db?mode=ro", uri=True) as db:
            rows = db.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
            version = db.execute("PRAGMA user_version").fetchone()[0]
    return {row[0] for row in rows}, version


def main():
    root = pathlib.Path(sys.argv[1])
    page = of_page(root, "SQLite")
    store, version = of_store(sys.argv[2])
    for text in sorted(page - store):
        print(f"only on the page: {text}")
    for text in sorted(store - page):
        print(f"only in the store: {text}")
    faults = mysql_faults(root, sys.argv[3])
    for fault in faults:
        print(fault)
    print(f"{len(store)} statements, version {version}")
    return page != store or version != 2 or len(store) < 8 or bool(faults)


if __name__ == "__main__":
    sys.exit(main())
