#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Texts made up for columns.py: what must be broken is found, what cannot be is not."""
import pathlib
import unittest

from columns import check_text, kind_of

LONG = "word " * 24
TEXT = '"' + "x" * 100 + '"'


class Columns(unittest.TestCase):
    def wrong(self, kind, text):
        return [number for number, _ in check_text(kind, text)]

    def test_a_line_of_100_columns_is_fine_and_one_of_101_is_not(self):
        self.assertEqual(self.wrong("strict", "x" * 100 + "\n" + "x" * 101), [2])
        self.assertEqual(self.wrong("strict", "…" * 100), [])

    def test_what_a_file_is_is_told_by_its_name(self):
        for kind, names in {"strict": ("a.c", "a.inc", "a.S", "CMakeLists.txt", "README"),
                            "page": ("README.md",), "shell": ("bootstrap", ".ci/test"),
                            None: ("a.pcap", "LAYERS")}.items():
            for name in names:
                self.assertEqual(kind_of(pathlib.Path("lib", name)), kind)

    def test_an_empty_comment_of_a_member_is_wrong(self):
        self.assertEqual(self.wrong("strict", "int a; ///<\nint b; ///< Bytes.\nint c; ///<  "),
                         [1, 3])

    def test_prose_is_broken_and_tables_code_and_headings_are_not(self):
        page = (f"{LONG}\n# {LONG}\n| {LONG} |\n\n    {LONG}\n\n"
                f"```\n{LONG}\n```\n* {LONG}\n    {LONG}\n")
        self.assertEqual(self.wrong("page", page), [1, 10, 11])

    def test_a_text_in_quotes_and_a_here_document_cannot_be_broken_by_a_shell(self):
        self.assertEqual(self.wrong("shell", f"say {TEXT}\n{LONG}\ncat <<END\n{LONG}\nEND\n{LONG}"),
                         [2, 6])

    def test_a_tab_has_its_columns(self):
        self.assertEqual(self.wrong("strict", "\t" * 12 + "abcd\n" + "\t" * 12 + "abcde\n"), [2])

    def test_prose_is_not_hidden_by_how_it_begins(self):
        self.assertEqual(self.wrong("page", f"| {LONG}\n\n#{LONG}\n"), [1, 3])

    def test_a_text_is_no_here_document(self):
        self.assertEqual(self.wrong("shell", f"echo '<<END'\n{LONG}\n"), [2])
        self.assertEqual(self.wrong("shell", f"cat <<'END'\n{LONG}\nEND\n"), [])

    def test_a_script_without_a_suffix_is_shell(self):
        self.assertEqual(kind_of(pathlib.Path("tests/x"), "#!/bin/sh -e\n"), "shell")
        self.assertEqual(kind_of(pathlib.Path("tests/x"), "#!/usr/bin/env bash\n"), "shell")
        self.assertEqual(kind_of(pathlib.Path("tests/x"), "#!/usr/bin/python3\n"), None)

    def test_what_stands_beside_a_quoted_text_counts(self):
        self.assertEqual(self.wrong("shell", f"{LONG} {TEXT}\n# <<END\n{LONG}"), [1, 3])


if __name__ == "__main__":
    unittest.main()
