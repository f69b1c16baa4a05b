#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trees made up for reading.py: each file is named once, in a row that says what it is for."""
import pathlib
import tempfile
import unittest

import reading

FACE = """A ring, and what waits at it.  Nothing here allocates
after its start.

ring.h ring.c    one producer, one consumer
dns/             a folder that is read
                 before what follows
wait.h           sleeping
put.c names.inc  what has no header
"""
RIGHT = {
    "lib/README": "The modules.\n\nLAYERS  who may include whom\nring/   threads\n",
    "lib/LAYERS": "",
    "lib/CMakeLists.txt": "",
    "lib/ring/README": FACE,
    "lib/ring/CMakeLists.txt": "",
    "lib/ring/ring.c": "",
    "lib/ring/ring.h": "",
    "lib/ring/wait.h": "",
    "lib/ring/put.c": "",
    "lib/ring/names.inc": "",
    "lib/ring/dns/README": "Names.\n\nname.c  one name\n",
    "lib/ring/dns/name.c": "",
    "lib/ring/__pycache__/x.pyc": "",
    "daemon/README": "The service.\n\nmain.c  starts it\n",
    "daemon/main.c": "",
    "tools/README": "The command.\n\nmain.c  starts it\n",
    "tools/main.c": "",
}


class Reading(unittest.TestCase):
    def check(self, **changes):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**RIGHT, **changes}.items():
                if text is not None:
                    path = pathlib.Path(folder, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text)
            return reading.check(pathlib.Path(folder))

    def refused(self, *why, **changes):
        self.assertEqual(self.check(**changes)[1], list(why))

    def face(self, old, new):
        self.assertEqual(FACE.count(old), 1)
        return {"lib/ring/README": FACE.replace(old, new)}

    def test_every_file_is_named_once(self):
        self.assertEqual(self.check(), (5, []))

    def test_what_is_not_named_is_refused_at_each_depth(self):
        for name in ("new.c", "new.h", "new.inc", "new.S", "new.js"):
            self.refused(f"lib/ring/README: does not name {name}", **{f"lib/ring/{name}": ""})
        self.refused("lib/ring/dns/README: does not name new.c", **{"lib/ring/dns/new.c": ""})
        self.refused("daemon/README: does not name new.c", **{"daemon/new.c": ""})

    def test_a_folder_that_is_not_named_or_has_no_page_is_refused(self):
        self.refused(
            "lib/ring/README: does not name url/",
            "lib/ring/url/README: says nothing of the order in which the folder is read: "
            "there is no such file",
            **{"lib/ring/url/url.c": ""})
        self.refused("tools/README: says nothing of the order in which the folder is read: "
                     "there is no such file", **{"tools/README": None})

    def test_what_is_gone_is_refused(self):
        self.refused("lib/ring/README:7: wait.h: is not there", **{"lib/ring/wait.h": None})
        self.refused("lib/ring/README:5: dns/: is not there",
                     **{"lib/ring/dns/README": None, "lib/ring/dns/name.c": None})

    def test_a_name_that_comes_twice_is_refused(self):
        self.refused("lib/ring/README:8: wait.h: is named twice",
                     **self.face("put.c", "put.c wait.h"))

    def test_a_file_stands_behind_its_header(self):
        for row in ("ring.c ring.h", "ring.c  first\nring.h"):  # behind it, or in a row above
            self.refused("lib/ring/README:4: ring.c: does not stand behind its header, in one row",
                         **self.face("ring.h ring.c", row))

    def test_a_row_says_what_it_is_for(self):
        for row in ("wait.h", "wait.h   .", "wait.h  - 1"):
            self.refused("lib/ring/README:7: wait.h: does not say what it is for",
                         **self.face("wait.h           sleeping", row))

    def test_a_hidden_file_is_a_file(self):
        self.refused("lib/ring/README: does not name .new.c", **{"lib/ring/.new.c": ""})
        self.assertEqual(self.check(**{"daemon/.clang-tidy": ""}), (5, []))

    def test_a_page_opens_with_what_the_folder_is(self):
        why = ":1: does not open with what the folder is, in a sentence and an empty line"
        self.refused(f"daemon/README{why}", **{"daemon/README": "\nmain.c  starts it\n"})
        self.refused(f"daemon/README{why}", **{"daemon/README": "service\n\nmain.c  starts it\n"})
        self.refused(f"lib/ring/README{why}", **{"lib/ring/README": "gone.c  is here.\n" + FACE})

    def test_no_folder_at_all_is_none(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(reading.check(pathlib.Path(folder)), (0, []))


if __name__ == "__main__":
    unittest.main()
