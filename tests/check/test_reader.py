#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Texts made up for reader.py: a reader that is moved by hand is found under any name."""
import unittest

from reader import uses


class Reader(unittest.TestCase):
    def count(self, text):
        return len(list(uses(text)))

    def test_a_reader_is_found_under_any_name(self):
        for use in ("r->pos++;", "rest.pos = end;", "(*rd).pos++;", "(rd)->pos++;", "rs[0].pos++;",
                    "r -> pos++;", "z->body.pos++;", "all[i]->pos = 0;", "f(r)->pos = 0;",
                    "struct nta_reader q = {.pos = end};"):
            self.assertEqual(self.count(use + "\n"), 1, use)
        self.assertEqual(self.count("r->pos = r->pos + 1;\n"), 2)

    def test_what_is_no_reader_is_not(self):
        for use in ("words->pos++;", "input->pos + 1;", "out.pos", "// r->pos", "/* r->pos */",
                    'puts("r->pos");', "r->position", "npos", "(struct nta_words){.pos = text}"):
            self.assertEqual(self.count(use + "\n"), 0, use)

    def test_unless_it_is_declared_as_one(self):
        for told in ("struct nta_reader *words = r;", "struct nta_reader a, words = {0};",
                     "static void f(const struct nta_reader *const words)",
                     "struct nta_reader words[2];"):
            self.assertEqual(self.count(told + "\nwords->pos++;\n"), 1, told)


if __name__ == "__main__":
    unittest.main()
