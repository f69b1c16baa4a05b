#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sources and pages made up for client_calls.py."""
import pathlib
import tempfile
import unittest

from client_calls import faults

PAGE = """### Which servers, which client

Text.

    mysql_init mysql_query
    mysql_close

More
"""
SOURCE = """static int mysql_forget(void)
{
    mysql_init(NULL); mysql_query(db, "x"); mysql_close(db); mysql_forget();
#ifdef LIBMARIADB
    mysql_get_socket(db);
#endif
}
"""


class Calls(unittest.TestCase):
    def look(self, source, page=PAGE):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "docs").mkdir()
            (root / "lib").mkdir()
            (root / "docs/operations.md").write_text(page)
            (root / "lib/a.c").write_text(source)
            return faults(root)

    def test_what_is_listed_and_called_is_fine(self):
        self.assertEqual(self.look(SOURCE), [])

    def test_what_is_not_listed_is_found(self):
        self.assertEqual(len(self.look(SOURCE + "mysql_ping(db);")), 1)

    def test_what_nobody_calls_is_found(self):
        self.assertEqual(len(self.look(SOURCE.replace("mysql_query", "query"))), 1)

    def test_what_one_library_has_alone_is_found(self):
        page = PAGE.replace("mysql_close", "mysql_close mysql_get_socket")
        self.assertEqual(len(self.look(SOURCE + "mysql_get_socket(db);", page)), 1)


if __name__ == "__main__":
    unittest.main()
