#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trees made up for tested.py: a test by name or a row, and no stale row."""
import pathlib
import tempfile
import unittest

import tested

TEST = """static void it_works(void **state)
{
    (void)state;
    assert_true(works());
}

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
"""
RIGHT = {
    "lib/base/buf.c": "",
    "lib/proto/dns/name.c": "",
    "lib/proto/dns/probe.c": "",
    "lib/proto/http/http.c": "",
    "tests/unit/TESTED_BY":
        "# a comment\nlib/proto/http/http.c unit.proto.dns_name e2e.live # why\n",
    "tests/unit/base/test_buf.c": TEST,
    "tests/unit/proto/test_dns_name.c": TEST,
    "tests/unit/proto/dns/test_probe.c": TEST,
}
TESTS = {"unit.base.buf", "unit.ring.ring", "unit.proto.dns_name", "unit.proto.dns.probe",
         "e2e.live"}


class Tested(unittest.TestCase):
    def wrong(self, **changes):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**RIGHT, **changes}.items():
                if text is not None:
                    path = pathlib.Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            return tested.check(pathlib.Path(folder), TESTS)[2]

    def refused(self, why, **changes):
        wrong = self.wrong(**changes)
        self.assertEqual(len(wrong), 1, wrong)
        self.assertIn(why, wrong[0])

    def rows(self, more):
        return {"tests/unit/TESTED_BY": RIGHT["tests/unit/TESTED_BY"] + more}

    def test_a_test_by_name_or_a_row_will_do(self):
        self.assertEqual(self.wrong(), [])

    def test_a_source_with_neither_is_refused_at_each_depth(self):
        self.refused("lib/base/runtime/log.c: has no test", **{"lib/base/runtime/log.c": ""})
        self.refused("lib/proto/dns/message.c: has no test", **{"lib/proto/dns/message.c": ""})

    def test_stale_rows_are_refused(self):
        self.refused("there is no such source", **self.rows("lib/ring/gone.c unit.base.buf\n"))
        self.refused("has a test by its name",
                     **{"lib/ring/ring.c": "", "tests/unit/ring/test_ring.c": TEST,
                        **self.rows("lib/ring/ring.c e2e.live\n")})
        self.refused("a second row", **self.rows("lib/proto/http/http.c e2e.live\n"))
        self.refused("there is no test e2e.gone",
                     **{"lib/ring/ring.c": "", **self.rows("lib/ring/ring.c e2e.gone\n")})

    def test_a_test_that_cmake_does_not_know_is_refused(self):
        self.refused("CMake has no test unit.base.new", **{"tests/unit/base/test_new.c": TEST})

    def test_a_test_that_runs_nothing_is_refused(self):
        file = "tests/unit/base/test_buf.c"
        for body in ("", "    (void)state;\n", "    (void)state; /* assert_true(works()) */\n",
                     "#if 0\n    assert_true(works());\n#endif\n"):
            self.refused("it_works() is empty", **{
                file: TEST.replace("    (void)state;\n    assert_true(works());\n", body)})
        self.refused("runs no case", **{file: TEST.replace("cmocka_run_group_tests", "f")})

    def test_a_source_of_the_assembler_is_one(self):
        self.refused("lib/base/new.S: has no test by its name", **{"lib/base/new.S": ""})

    def test_a_row_names_a_test(self):
        self.refused("names no test",
                     **{"lib/ring/wait/wait.c": "",
                        **self.rows("lib/ring/wait/wait.c # later\n")})

    def test_rows_are_sorted(self):
        self.refused("stands behind a later one",
                     **{"lib/base/runtime/log.c": "",
                        **self.rows("lib/base/runtime/log.c e2e.live\n")})


if __name__ == "__main__":
    unittest.main()
