#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages made up for names.py: what is there is found, what is gone is not."""
import pathlib
import tempfile
import unittest

import names

TREE = {"lib/ring/block.c": "int nta_block_put(int n)\n{\n    return put(n);\n}\n",
        "tests/kit.h": "void kit_begin(void);\n", "tests/check/walk.py": ""}


class Names(unittest.TestCase):
    def wrong(self, text, page="CONTRIBUTING.md"):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {**TREE, page: text}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            n, wrong = names.Tree(pathlib.Path(folder)).check_page(page)
            self.assertGreater(n, 0, text)
            return wrong

    def test_what_is_there_passes(self):
        for text in ("nta_block_put()", "put()", "kit_begin()", "nta_block_…", "block.c",
                     "ring/block.c", "lib/ring/block.c", "ring/block.c: put()",
                     "tests/check/walk.py .",
                     "tests/unit/MODULE/test_NAME.c", "nta_cmd_NAME()"):
            self.assertEqual(self.wrong(f"`{text}`\n"), [], text)

    def test_what_is_gone_is_refused(self):
        for text in ("nta_block_get()", "gone()", "nta_gone", "NTA_GONE_…", "gone.c",
                     "proto/block.c", "ring/block.c: kit_begin()", "tests/check/gone.py ."):
            self.assertEqual(len(self.wrong(f"`{text}`\n")), 1, text)

    def test_a_name_may_stand_on_two_lines(self):
        self.assertEqual(len(self.wrong("`tests/check/walk.py\n  gone()`\n")), 1)

    def test_the_pages_of_the_code_name_functions_of_the_programs(self):
        for page in ("docs/walk.md", "docs/architecture.md"):
            self.assertEqual(len(self.wrong("`kit_begin()`\n", page)), 1)
            self.assertEqual(self.wrong("`put()`\n", page), [])


if __name__ == "__main__":
    unittest.main()
