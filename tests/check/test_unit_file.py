#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The unit with one line changed, for unit_file.py: each right that it gives or leaves is seen."""
import pathlib
import unittest

from unit_file import NO_RIGHT, WANTED, check, rows_of

UNIT = (pathlib.Path(__file__).parents[2] / "systemd/ntad.service.in").read_text()


class UnitFile(unittest.TestCase):
    def refused(self, old, new):
        self.assertEqual(UNIT.count(old), 1, old)
        self.assertEqual(len(list(check(UNIT.replace(old, new)))), 1, new)

    def test_the_unit_is_right(self):
        self.assertEqual(list(check(UNIT)), [])

    def test_no_protection_can_go(self):
        for line in UNIT.splitlines():
            name = line.split("=")[0]
            if name in rows_of(UNIT) and name not in NO_RIGHT:
                for gone in ("", f"#{line}", f";{line}", f"Environment=A=b \\\n{line}"):
                    self.assertTrue(list(check(UNIT.replace(f"\n{line}\n", f"\n{gone}\n"))), gone)

    def test_no_value_can_be_another(self):
        for name in WANTED:
            self.assertTrue(list(check(UNIT + f"[Service]\n{name}=\n")), name)

    def test_blanks_change_nothing(self):
        self.assertEqual(list(check(UNIT.replace("UMask=0077", "  UMask = 0077 "))), [])

    def test_nothing_can_be_given(self):
        for line in ("SupplementaryGroups=disk", "ExecStartPre=+/bin/sh", "ReadWritePaths=/",
                     "LoadCredentialEncrypted=auditor.key:/x", "SetCredential=a:b",
                     "PermissionsStartOnly=yes", "BindPaths=/etc"):
            self.refused("User=nta\n", f"User=nta\n{line}\n")

    def test_another_section_is_another(self):
        self.refused("NoNewPrivileges=yes\n", "[Unit]\nNoNewPrivileges=yes\n[Service]\n")

    def test_a_key_comes_from_its_file(self):
        self.refused(":%S/nta/keys/state.key", ":%S/nta/keys/auditor.key")


if __name__ == "__main__":
    unittest.main()
