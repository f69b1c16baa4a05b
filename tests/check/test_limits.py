#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files made up for limits.py: each kind of size is found, and so is a source without its licence
line.
"""
import pathlib
import tempfile
import unittest

import limits

LICENCE = "/* SPDX-License-Identifier: Apache-2.0 */\n"
CALLS = "    f();\n"


class Limits(unittest.TestCase):
    def check(self, text, name="lib/base/x.c"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            _, _, soft, hard = limits.check(pathlib.Path(folder))
            return len(soft), len(hard)

    def function(self, n, head="int f(void)\n"):
        return LICENCE + head + "{\n" + CALLS * n + "}\n"

    def test_a_function_has_60_lines_and_never_more_than_80(self):
        self.assertEqual(self.check(self.function(57)), (0, 0))
        self.assertEqual(self.check(self.function(58)), (1, 0))
        self.assertEqual(self.check(self.function(78)), (0, 1))
        self.assertEqual(self.check(self.function(78), "tests/unit/x.h"), (0, 1))
        self.assertEqual(self.check(self.function(78), "lib/base/x.inc"), (0, 1))

    def test_a_macro_is_no_way_round(self):
        for n, want in (57, (0, 0)), (62, (1, 0)), (82, (0, 1)):
            self.assertEqual(
                self.check(LICENCE + "#define F() \\\n" + "    f(); \\\n" * n + CALLS), want)

    def test_a_file_has_400_lines_and_never_more_than_800(self):
        for name in ("lib/base/x.c", "lib/base/x.inc", "lib/base/x.S"):
            self.assertEqual(self.check(LICENCE + "x\n" * 399, name), (0, 0))
            self.assertEqual(self.check(LICENCE + "x\n" * 400, name), (1, 0))
            self.assertEqual(self.check(LICENCE + "x\n" * 800, name), (0, 1))

    def test_a_header_has_200(self):
        self.assertEqual(self.check(LICENCE + "int x;\n" * 199, "lib/base/x.h"), (0, 0))
        self.assertEqual(self.check(LICENCE + "int x;\n" * 199 + "int y;", "lib/base/x.h"), (0, 1))

    def test_a_source_begins_with_its_licence_line(self):
        for name in ("lib/base/x.c", "lib/base/x.h", "lib/base/x.inc", "lib/base/x.S"):
            self.assertEqual(self.check("int x;\n", name), (0, 1))
        for name in ("tests/check/x.py", "tests/x.sh"):
            for text, n in ("#!/bin/sh\n", 1), (f"#!/bin/sh\n{limits.SCRIPT_LICENCE}\n", 0):
                self.assertEqual(self.check(text, name), (0, n))


if __name__ == "__main__":
    unittest.main()
