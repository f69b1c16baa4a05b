#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages made up for promises.py: a promise is one however its item is written, and a case that is
not run proves nothing.
"""
import pathlib
import tempfile
import unittest

import promises

PAGE = ("# Model\n\n## Who attacks\n\n" + "* One (tests: unit.a)\n" * 15 +
        "\n## How hostile input is handled\n\nProse.\n%s\n")
ROW = "| a fault | b | c | d | `unit/test_a.c` |\n"


class Promises(unittest.TestCase):
    def wrong(self, more):
        return list(promises.check_threats(PAGE % more, {"unit.a"}))

    def test_promises_that_name_tests_pass(self):
        self.assertEqual(self.wrong("* What does not hold\n* More (tests: unit.a)\n"), [])

    def test_an_item_that_names_none_is_refused_however_it_is_written(self):
        for item in ("* More", "- More", "+ More", "1. More", "* More (tests: unit.gone)",
                     "* Two (tests: unit.a)\n  * More", "More (tests: unit.a) and more"):
            self.assertEqual(len(self.wrong(f"\n{item}\n")), 1, item)

    def test_a_part_cannot_go(self):
        text = (PAGE % "").replace("How hostile", "How")
        self.assertEqual(len(list(promises.check_threats(text, {"unit.a"}))), 1)

    def faults(self, row, program="CASES = (one,\n         two)\ndef three(lab):\n    pass\n"):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {"unit/test_a.c": "", "e2e/reliability.py": program}.items():
                path = pathlib.Path(folder, "tests", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return list(promises.check_faults(ROW * 20 + row, pathlib.Path(folder), {"unit.a"}))

    def test_a_row_names_what_runs(self):
        for cell in ("`R one`", "`R two`", "`R`", "`unit/test_a.c`"):
            self.assertEqual(self.faults(f"| x | b | c | d | {cell} |\n"), [], cell)
        for cell in ("`R three`", "`R main`", "`unit/test_gone.c`", "none"):
            self.assertEqual(len(self.faults(f"| x | b | c | d | {cell} |\n")), 1, cell)

    def test_a_row_is_one_without_blanks_too(self):
        self.assertEqual(len(self.faults("|x|b|c|d|none|\n")), 1)
        self.assertEqual(self.faults("|---|---|---|---|---|\n"), [])


if __name__ == "__main__":
    unittest.main()
