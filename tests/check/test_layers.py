#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trees made up for layers.py: what is right passes, and each kind of fault is found at each
depth.
"""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
from unittest import mock

import layers

ROWS = """# a comment
base: | text.h
proto: base |
    proto.h
    dns/dns.h
store: base | store.h
"""
RIGHT = {
    "lib/LAYERS": ROWS,
    "lib/base/text.h": "",
    "lib/proto/proto.h": '#include "base/text.h"\n',
    "lib/proto/dns/dns.h": '#include "proto/proto.h"\n',
    "lib/proto/dns/name.h": "",
    "lib/proto/dns/dns.c": '#include "proto/dns/dns.h"\n#include "proto/dns/name.h"\n#include '
                           '<stdio.h>\n',
    "lib/store/store.h": "",
    "lib/store/sqlite/rows.h": "",
    "lib/store/sqlite/rows.c": '#include "store/sqlite/rows.h"\n',
    "daemon/ntad.h": "",
    "daemon/main.c": '#include "ntad.h"\n#include "store/store.h"\n',
    "tools/cmd/read.c": '#include "proto/dns/dns.h"\n#include "proto/proto.h"\n',
    "tests/fuzz/CMakeLists.txt": "nta_fuzz_test(proto dns)\n",
    "tests/fuzz/fuzz_dns.c": '#include "kit.h"\n#include "../unit/proto/play.h"\n',
    "tests/fuzz/kit.h": '#include "proto/dns/name.h"\n',
    "tests/unit/proto/play.h": '#include "proto/dns/name.h"\n',
    "tests/unit/store/sqlite/test_rows.c": '#include "store/sqlite/rows.h"\n',
    "tests/bench/bench_proto_text.c": '#include "proto/dns/name.h"\n',
}


def check(changes):
    """(exit status, what was printed) for the tree that is right but for these files; None: not
    there.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**RIGHT, **changes}.items():
            if text is not None:
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        printed = io.StringIO()
        with mock.patch.object(sys, "argv",
                               ["layers.py", folder]), contextlib.redirect_stdout(printed):
            status = layers.main()
        return status, printed.getvalue()


class Layers(unittest.TestCase):
    def refused(self, why, **changes):
        status, printed = check({name: text for name, text in changes.items()})
        self.assertEqual(status, 1, printed)
        self.assertIn(why, printed)
        self.assertTrue(printed.endswith(" 1 wrong\n"), printed)

    def test_a_right_tree_passes(self):
        status, printed = check({})
        self.assertEqual((status, printed),
                         (0, "\n16 files of 3 modules, 4 public headers, 0 wrong\n"))

    def test_an_empty_tree_is_no_success(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "lib").mkdir()
            pathlib.Path(folder, "lib/LAYERS").write_text("")
            with mock.patch.object(sys, "argv",
                                   ["layers.py",
                                    folder]), contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(layers.main(), 1)

    def test_an_edge_that_no_row_has_is_refused_at_each_depth(self):
        for place in ("lib/proto/", "lib/proto/http/", "lib/proto/http/parts/"):
            for suffix in (".c", ".h", ".inc", ".S"):
                file = f"{place}bad{suffix}"
                self.refused(f'{file}: proto may not include "store/store.h"',
                             **{file: '#  include "store/store.h"\n'})

    def test_a_private_header_of_an_allowed_module_is_refused_at_each_depth(self):
        rows = ROWS.replace("store: base", "store: base proto")
        for place in ("lib/store/", "lib/store/sqlite/", "lib/store/sqlite/parts/"):
            self.refused('"proto/dns/name.h" is private to proto',
                         **{"lib/LAYERS": rows, f"{place}bad.c": '#include "proto/dns/name.h"\n'})

    def test_programs_include_public_headers_only(self):
        for file in ("daemon/bad.c", "daemon/ntad.h", "tools/bad.h", "tools/cmd/bad.c"):
            self.refused(f'{file}: "store/sqlite/rows.h" is private to store',
                         **{file: '#include "store/sqlite/rows.h"\n'})

    def test_a_test_includes_what_is_private_to_its_own_module_only(self):
        for file in ("tests/unit/proto/test_bad.c", "tests/unit/proto/dns/kit.h",
                     "tests/e2e/driver.c",
                     "tests/fuzz/fuzz_dns.c", "tests/fuzz/kit.h", "tests/bench/bench_proto.c",
                     "tests/unit/unit.h"):
            self.refused(f'{file}: "store/sqlite/rows.h" is private to store',
                         **{file: '#include "kit.h"\n#include "store/sqlite/rows.h"\n'})

    def test_a_path_that_goes_round_is_refused(self):
        self.refused("is not a path below lib/",
                     **{"lib/proto/dns/bad.c": '#include "../../store/store.h"\n'})
        self.refused("is not a path below lib/", **{"lib/proto/dns/bad.c": '#include "dns.h"\n'})
        self.refused("goes round",
                     **{"tools/cmd/bad.c": '#include "../../lib/store/sqlite/rows.h"\n'})
        self.refused("goes round",
                     **{"tests/e2e/bad.c": '#include "../../lib/store/sqlite/rows.h"\n'})

    def test_a_header_of_a_program_is_no_path_below_lib(self):
        self.refused("is not a path below lib/", **{"lib/base/bad.c": '#include "ntad.h"\n'})

    def test_a_header_is_named_in_quotes_only(self):
        up = '"store/store.h"'
        for way in (f"/* up */ #include {up}", f"#include /* up */ {up}", f"#/**/include {up}",
                    f"#include \\\n {up}", f"#include_next {up}", f"%:include {up}",
                    f"#import {up}"):
            self.refused('proto may not include "store/store.h"', **{"lib/proto/bad.c": way + "\n"})
        self.refused("put a header of lib/ in quotes",
                     **{"lib/proto/bad.c": "#include <store/store.h>\n"})
        self.refused("put a header of lib/ in quotes",
                     **{"daemon/bad.c": "#include <store/sqlite/rows.h>\n"})
        self.refused("includes UP, a macro",
                     **{"lib/proto/bad.c": f"#define UP {up}\n#include UP\n"})
        self.assertEqual(check({"lib/proto/x.c": f"/*\n#include {up}\n*/\n"})[0], 0)

    def test_only_a_header_is_included(self):
        for name in ("x.c", "x.def"):
            self.refused("is no header", **{f"lib/proto/{name}": "",
                                            "lib/proto/bad.c": f'#include "proto/{name}"\n'})

    def test_a_source_declares_nothing_of_another_file(self):
        for told in ("void nta_store_put(int n);", "extern const int nta_store_n;",
                     "extern int (*nta_store_put)(int n);", "int\nnta_store_put(void);",
                     "void nta_store_put(int n) __attribute__((noreturn));"):
            self.refused("declares nta_store_", **{"lib/proto/bad.c": told + "\n"})
        fine = ("static void nta_x(void);\nstatic int nta_y = 1;\nint nta_z(void)\n{\n"
                "    return nta_y();\n}\n/* void nta_w(void); */\n")
        self.assertEqual(check({"lib/proto/x.c": fine})[0], 0)

    def test_rows_that_are_stale_are_refused(self):
        self.refused("there is no folder lib/vault", **{"lib/LAYERS": ROWS + "vault: base\n"})
        self.refused("there is no lib/base/gone.h",
                     **{"lib/LAYERS": ROWS.replace("text.h", "text.h gone.h")})
        self.refused("lib/geo is not in lib/LAYERS", **{"lib/geo/geo.c": ""})
        self.refused("lib/store/store.h is public, but only its own module includes it",
                     **{"daemon/main.c": ""})

    def test_a_circle_is_refused(self):
        self.refused("base may not stand above proto",
                     **{"lib/LAYERS": ROWS.replace("base: |", "base: proto |")})


if __name__ == "__main__":
    unittest.main()
