#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A tree made up for pictures.py: what the page is made of, and what is a picture of it."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import pictures

PNG = b"\x89PNG\r\n\x1a\n"
RIGHT = {"lib/web/page.html": b"1", "lib/web/make.py": b"1", "lib/web/README": b"1",
         "tests/data/school/school.pcap.zst": b"1", "conf/lists/example-a.txt": b"1",
         "docs/pictures/a.png": PNG, "docs/pictures/b.png": PNG,
         "docs/pictures/looks/c.png": PNG, "docs/pictures/looks/d.png": PNG,
         "docs/looks.md": b"![](pictures/looks/c.png) ![](pictures/looks/d.png)",
         "README.md": b'<img src="docs/pictures/a.png"> <img src="docs/pictures/b.png">'}


class Pictures(unittest.TestCase):
    def status(self, **changes):
        """Of the tree with these files, if the pictures were made of the one without them."""
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for files in RIGHT, changes:
                for name, data in files.items():
                    path = root / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(data)
                if files is RIGHT:
                    (root / "docs/pictures/MADE_FROM").write_text(pictures.made_from(root))
            with mock.patch.object(sys, "argv", ["pictures.py", folder]), \
                    contextlib.redirect_stdout(io.StringIO()):
                return pictures.main()

    def test_pictures_of_the_page_as_it_is_pass(self):
        self.assertEqual(self.status(), 0)
        self.assertEqual(self.status(**{"lib/web/make.py": b"2", "lib/web/README": b"2"}), 0)

    def test_whatever_the_page_is_made_of_makes_them_stale(self):
        for name in ("page.html", "new.css", "sub/new.js", "new.svg", "new.woff2", "new"):
            self.assertEqual(self.status(**{f"lib/web/{name}": b"2"}), 1, name)
        self.assertEqual(self.status(**{"tests/data/school/school.pcap.zst": b"2"}), 1)

    def test_a_picture_is_shown_and_is_one(self):
        self.assertEqual(self.status(**{"docs/pictures/c.png": PNG}), 1)
        self.assertEqual(self.status(**{"docs/pictures/c.jpg": b"1"}), 1)
        self.assertEqual(self.status(**{"docs/pictures/a.png": b"1"}), 1)
        self.assertEqual(self.status(**{"docs/pictures/looks/e.png": PNG}), 1)
        self.assertEqual(self.status(**{"docs/looks.md": b"![](pictures/looks/c.png)"}), 1)
        named = b"docs/pictures/a.png docs/pictures/b.png"
        self.assertEqual(self.status(**{"README.md": named}), 1)


if __name__ == "__main__":
    unittest.main()
