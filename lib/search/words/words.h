/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A text of words and numbers, taken apart from its beginning: each call passes over what it takes.
 * One that says no may have gone on all the same; whoever tries something else sets `pos` back.
 */

#include <stdbool.h>

enum
{
    NTA_WORDS_SIZE = 80
};

/**
 * What is being read: lower case, one blank between words; so are "_" and a "-" between letters.
 */
struct nta_words
{
    char text[NTA_WORDS_SIZE];
    const char *pos;
};

/** False: empty, too long, or with bytes that do not print. */
bool nta_words_of(const char *text, struct nta_words *words);

/** A blank, if one is next. */
void nta_words_blank(struct nta_words *words);

/** Nothing is left. */
bool nta_words_end(const struct nta_words *words);

/** The word is next: passed over, with the blank behind it. */
bool nta_words_take(struct nta_words *words, const char *word);

/** One to `n_digits` digits with a value of at most `most`. */
bool nta_words_number(struct nta_words *words, int n_digits, int most, int *ret_number);

/** The character is next: passed over. */
bool nta_words_char(struct nta_words *words, char c);
