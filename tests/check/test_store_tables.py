#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages and stores made up for store_tables.py: alike, and each with a statement of its own."""
import pathlib
import stat
import tempfile
import unittest

from store_tables import of_page, of_store

PAGE = """# The format
## 6. Stores
### SQLite
```sql
CREATE TABLE a (x)
CREATE INDEX i ON a (x)
```
### MySQL
```sql
CREATE TABLE other (y)
```
## 7. Data keys
"""

MAKE_STORE = """#!/usr/bin/env python3
import os, sqlite3, sys
os.mkdir(sys.argv[1])
db = sqlite3.connect(sys.argv[1] + "/journal.db")
db.executescript("CREATE TABLE a (x); CREATE TABLE b (x PRIMARY KEY); PRAGMA user_version = 2")
"""


class StoreTables(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)

    def test_of_the_page_it_is_the_first_block_of_the_section(self):
        (self.root / "docs").mkdir()
        (self.root / "docs/format.md").write_text(PAGE)
        self.assertEqual(of_page(self.root, "SQLite"),
                         {"CREATE TABLE a (x)", "CREATE INDEX i ON a (x)"})
        self.assertEqual(of_page(self.root, "MySQL"), {"CREATE TABLE other (y)"})

    def test_of_the_store_it_is_what_has_a_text(self):
        program = self.root / "make_store"
        program.write_text(MAKE_STORE)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self.assertEqual(of_store(str(program)),
                         ({"CREATE TABLE a (x)", "CREATE TABLE b (x PRIMARY KEY)"}, 2))


if __name__ == "__main__":
    unittest.main()
