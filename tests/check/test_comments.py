#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Headers made up for comments.py: only a function with a comment of its own passes."""
import pathlib
import tempfile
import unittest

import comments


class Comments(unittest.TestCase):
    def wrong(self, text, file="lib/base/sub/x.h"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, file)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            n, _, wrong = comments.check(pathlib.Path(folder))
            self.assertGreater(n, 0, "no function was seen")
            return [line.split()[1] for line in wrong]

    def test_a_comment_right_above_is_one(self):
        self.assertEqual(self.wrong("/** One. */\nint one(void);\n"), [])
        self.assertEqual(
            self.wrong("/**\n * One.\n */\nstatic inline int one(void)\n{\n    return 1;\n}\n"), [])

    def test_a_declaration_may_have_several_lines(self):
        self.assertEqual(
            self.wrong("/** One. */\nconst struct a_long_name *\none(int a,\n    int b);\n"), [])

    def test_functions_share_no_comment(self):
        self.assertEqual(self.wrong("/** Both. */\nint one(void);\nint two(void);\n"), ["two"])

    def test_nor_do_those_of_one_line_or_of_one_declaration(self):
        self.assertEqual(self.wrong("/** Both. */\nint one(void); int two(void);\n"), ["two"])
        self.assertEqual(self.wrong("/** Both. */\nint one(void), two(void);\n"), ["two"])
        self.assertEqual(self.wrong("/** Both. */\nint one(void),\n    two(void);\n"), ["two"])

    def test_a_comment_says_something(self):
        for text in ("/** */", "/** one */", "/**\n * one()\n */", "/** … */"):
            self.assertEqual(self.wrong(f"{text}\nint one(void);\n"), ["one"])

    def test_a_blank_line_parts_them(self):
        self.assertEqual(self.wrong("/** Of what? */\n\nint one(void);\n"), ["one"])

    def test_a_heading_is_no_comment_of_a_function(self):
        self.assertEqual(self.wrong("/* ---- counting ---- */\nint one(void);\n"), ["one"])
        self.assertEqual(self.wrong("/*\n * Counting.\n */\nint one(void);\n"), ["one"])
        self.assertEqual(self.wrong("/**** counting ****/\nint one(void);\n"), ["one"])
        self.assertEqual(self.wrong("/**/\nint one(void);\n"), ["one"])

    def test_what_stands_behind_a_member_is_of_the_member(self):
        self.assertEqual(self.wrong("/** A. */\nint a(void); /** B? */\nint b(void);\n"), ["b"])

    def test_a_table_spelt_out_is_no_function(self):
        table = "#define TAKE(name) int take_##name(void);\nTABLE(TAKE, TAKE)\n#undef TAKE\n"
        self.assertEqual(self.wrong("/** One. */\nint one(void);\n" + table), [])
        self.assertEqual(self.wrong(table + "int One(void);\n"), ["One"])

    def test_programs_have_headers_too(self):
        self.assertEqual(self.wrong("int one(void);\n", "tools/cmd/x.h"), ["one"])
        self.assertEqual(self.wrong("int one(void);\n", "daemon/x.h"), ["one"])


if __name__ == "__main__":
    unittest.main()
