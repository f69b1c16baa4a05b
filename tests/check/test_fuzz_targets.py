#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fuzz targets made up for fuzz_targets.py: too long, without an invariant, and as they should
be.
"""
import pathlib
import tempfile
import unittest

from fuzz_targets import check_run, check_target

TARGET = """#include "kit.h"
int LLVMFuzzerTestOneInput(const unsigned char *data, int len);

int LLVMFuzzerTestOneInput(const unsigned char *data, int len)
{
    /* a comment
     * of two lines, and a blank one */

%s    return 0;
}
"""


class FuzzTargets(unittest.TestCase):
    def wrong(self, text, kit="", kit_of_kit=""):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "fuzz_x.c")
            path.write_text(text)
            path.with_name("kit.h").write_text(kit)
            path.with_name("inner.h").write_text(kit_of_kit)
            return list(check_target(path))

    def test_25_lines_with_an_invariant_are_fine(self):
        self.assertEqual(self.wrong(TARGET % ("    f();\n" * 23 + "    assert(data);\n")), [])

    def test_26_lines_are_too_many(self):
        wrong = self.wrong(TARGET % ("    f();\n" * 24 + "    assert(data);\n"))
        self.assertEqual(wrong, ["26 lines in the function (limit 25)"])

    def test_helpers_make_the_file_too_long(self):
        self.assertEqual(self.wrong("int f(void);\n" * 50 + TARGET % "    abort();\n"),
                         ["56 lines in the file (limit 50)"])

    def test_no_crash_is_no_invariant(self):
        self.assertEqual(len(self.wrong(TARGET % "    f();\n")), 1)

    def test_what_always_holds_or_is_not_compiled_is_none(self):
        for line in ("assert(true);", "assert(1);", "assert((1 > 0));", "/* assert(len) */",
                     "// abort()", 'puts("assert(len)");', "assert(sizeof(int) == 4);",
                     "static_assert(len);", "\n#if 0\n    abort();\n#endif"):
            self.assertEqual(len(self.wrong(TARGET % f"    {line}\n")), 1, line)
        for line in ("assert(!len);", "assert((len & 1) == 0);", "assert_fine(data);",
                     "\n#if 0\n#else\n    abort();\n#endif"):
            self.assertEqual(self.wrong(TARGET % f"    {line}\n"), [], line)

    def test_a_target_has_a_row_and_a_corpus(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            corpus = root / "tests/fuzz/corpus/x"
            corpus.mkdir(parents=True)
            rows = root / "tests/fuzz/CMakeLists.txt"
            rows.write_text("# nta_fuzz_test(proto x)\nnta_fuzz_test(proto x_y)\n")
            target = root / "tests/fuzz/fuzz_x.c"
            self.assertEqual(len(list(check_run(root, target))), 2)
            rows.write_text("nta_fuzz_test(proto x)\n")
            (corpus / "one").write_text("1")
            self.assertEqual(list(check_run(root, target)), [])

    def test_a_kit_may_hold_the_invariant(self):
        self.assertEqual(self.wrong(TARGET % "    f();\n",
                                    "static void f(void) { __builtin_trap(); }"), [])

    def test_so_may_a_kit_that_a_kit_includes(self):
        kit = '#include "inner.h"\n'
        self.assertEqual(self.wrong(TARGET % "    f();\n", kit, "void f(void) { abort(); }"), [])
        self.assertEqual(len(self.wrong(TARGET % "    f();\n", kit, '#include "kit.h"\n')), 1)

    def test_no_target_at_all(self):
        self.assertEqual(len(self.wrong("int main(void);\n")), 1)


if __name__ == "__main__":
    unittest.main()
