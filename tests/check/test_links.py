#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pages made up for links.py: a link that leads nowhere is found however it is written."""
import pathlib
import tempfile
import unittest

import links

TREE = {"README.md": "# Top\n", "docs/a.md": "# One\n\n## One\n\n```\n# no heading\n```\n",
        "lib/x.c": "1\n2\n", "tests/b.md": ""}


class Links(unittest.TestCase):
    def wrong(self, text, page="docs/page.md"):
        with tempfile.TemporaryDirectory() as folder:
            for name, content in {**TREE, page: text}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            return links.check(pathlib.Path(folder).resolve())[1]

    def test_what_is_there_is_found(self):
        for link in ("[a](a.md)", "[a](a.md#one)", "[a](a.md#one-1)", "[a](../lib/x.c#L2)",
                     "[a](../lib)", '[a](a.md "title")', "[a](<a.md>)", "[a][b]\n\n[b]: a.md",
                     '<img src="../lib/x.c">', "[a](https://nowhere.example/)",
                     "```\n[a](gone.md)\n```\n", "`[a](gone.md)`"):
            self.assertEqual(self.wrong(link), [], link)

    def test_what_is_not_is_refused(self):
        for link in ("[a](gone.md)", "[a](a.md#two)", "[a](a.md#one-2)", "[a](a.md#no-heading)",
                     "[a](../lib/x.c#L3)", "[a](../lib/x.c#L0)", "[a](../lib/x.c#one)",
                     '[a](gone.md "title")', "[a](<gone.md>)", "[a](<no where.md>)",
                     "[a][b]\n\n[b]: gone.md", "[a](../../x.md)", "[a](/etc/passwd)",
                     '<img src="gone.png">', "<a href='gone.md'>"):
            self.assertEqual(len(self.wrong(link)), 1, link)

    def test_a_page_beside_the_code_is_a_page(self):
        for page in ("README.md", "tests/golden/README.md", "lib/web/x.md"):
            self.assertEqual(len(self.wrong("[a](gone.md)", page)), 1, page)

    def test_two_versions_are_refused(self):
        self.assertEqual(len(self.wrong("<<<<<<< HEAD\na\n")), 1)


if __name__ == "__main__":
    unittest.main()
