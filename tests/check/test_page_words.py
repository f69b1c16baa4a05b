#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tables made up for page_words.py: what is whole passes, what lacks something does not."""
import pathlib
import tempfile
import unittest

import page_words

WHOLE = {"lib/incident/say/words.inc":
         '/* SAY(X, ...) */\nSAY(AND, "{a}", "{a}",\n    "{a}", "{a}"\n    " too")\n',
         "lib/export/page/page_words.inc": 'WORD(ONE, "{n} a|{n} as", "{n} b|{n} bs", "{n}|{n}",\n'
                                           '    "{n}|{n}")\nWORD(ACT_DID, "a", "b", "c", "d")\n',
         "lib/export/page/web/page.js": 'nta.w("ONE", {n: 1}); nta.wordOf("ACT", act);\n'}


class Words(unittest.TestCase):
    def faults(self, path="", old="", new=""):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in WHOLE.items():
                file = pathlib.Path(folder, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                if name == path:
                    self.assertIn(old, text)
                    text = text.replace(old, new)
                file.write_text(text)
            return page_words.check(pathlib.Path(folder))

    def test_what_is_whole_passes(self):
        self.assertEqual(self.faults(), [])

    def test_what_is_wrong_is_told(self):
        table, page = "lib/export/page/page_words.inc", "lib/export/page/web/page.js"
        for path, old, new in ((table, ', "d")', ")"), (table, '"d"', '" "'),
                               (table, "{n} bs", "bs"), (table, "{n} b|", ""),
                               (table, "ONE", "TWO"), (page, '"ACT"', '"BAD"'),
                               (page, '"ONE"', '"GONE"'), (page, "nta.w(", "w(\"TWO\"); ("),
                               ("lib/incident/say/words.inc", '"{a}",\n', '"{b}",\n')):
            self.assertNotEqual(self.faults(path, old, new), [], (old, new))


if __name__ == "__main__":
    unittest.main()
