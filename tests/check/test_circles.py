#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trees made up for circles.py: two files of a module that use each other are found, whatever the
use looks like.
"""
import pathlib
import tempfile
import unittest

import circles

RIGHT = {
    "lib/ring/block.h": "int nta_block_put(int n);\n",
    "lib/ring/block.c": '#include "ring/block.h"\nint nta_block_put(int n)\n{\n    return n;\n}\n',
    "lib/ring/dispatch.h": '#include "ring/block.h"\n',
    "lib/ring/dispatch.c": '#include "ring/dispatch.h"\nint nta_dispatch(void)\n{\n'
                           '    return nta_block_put(1);\n}\n',
    "daemon/main.c": "int main(void)\n{\n    return 0;\n}\n",
    "tools/main.c": "int main(void)\n{\n    return 0;\n}\n",
}
USE = "int nta_up(void)\n{\n    return %s;\n}\n"


class Circles(unittest.TestCase):
    def check(self, **more):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in {**RIGHT, **{n: RIGHT.get(n, "") + t
                                           for n, t in more.items()}}.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            house = circles.House(root)
            return [*circles.check_circles(house), *circles.check_sizes(house)]

    def refused(self, **more):
        wrong = self.check(**more)
        self.assertTrue(wrong, "no circle was found")
        self.assertEqual(wrong[0], "a circle of files: lib/ring/block lib/ring/dispatch")

    def test_arrows_that_go_down_pass(self):
        self.assertEqual(self.check(), [])

    def test_a_call_up_is_refused_however_its_function_is_written(self):
        for head in ("int nta_dispatch_x(void)",
                     "__attribute__((noinline)) int nta_dispatch_x(void)",
                     "const struct block *\nnta_dispatch_x(void)", "int dispatch_x(void)"):
            name = "nta_dispatch_x" if "nta_" in head else "dispatch_x"
            self.refused(**{"lib/ring/block.c": USE % f"{name}()",
                            "lib/ring/dispatch.c": f"{head}\n{{\n    return 0;\n}}\n"})

    def test_an_object_up_is_refused_with_a_value_and_without(self):
        for told in ("int nta_n;", "int nta_n = 1;", "int nta_n[4];", "_Atomic int nta_n;"):
            self.refused(**{"lib/ring/block.c": USE % "(long)&nta_n",
                            "lib/ring/dispatch.c": f"{told}\n"})

    def test_what_only_its_own_file_sees_is_no_use(self):
        for told in ("static int x(void)\n{\n    return 0;\n}\n", "static int x;\n",
                     "static const struct row {\n    int a;\n} x[] = {{1}};\n"):
            self.assertEqual(self.check(**{"lib/ring/block.c": "static int x;\n" + USE % "x",
                                           "lib/ring/dispatch.c": told}), [])

    def test_a_header_that_goes_up_is_refused(self):
        self.refused(**{"lib/ring/block.h": '#include "ring/dispatch.h"\n'})
        self.refused(**{"lib/ring/block.h": '/* up */ #include \\\n "ring/dispatch.h"\n'})
        self.refused(**{"lib/ring/block.h": "#include <ring/dispatch.h>\n"})
        self.refused(**{"lib/ring/block.inc": '#include "ring/dispatch.h"\n'})

    def test_a_macro_of_a_header_does_what_it_says(self):
        self.refused(**{"lib/ring/block.h": "#define UP() \\\n    nta_dispatch()\n"})

    def test_a_name_in_a_comment_or_a_text_is_no_use(self):
        self.assertEqual(self.check(**{"lib/ring/block.c": '/* nta_dispatch */\n' +
                                       USE % '!"nta_dispatch()"'}), [])


if __name__ == "__main__":
    unittest.main()
