/* SPDX-License-Identifier: Apache-2.0 */
#include "search/words/words.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/**
 * What a byte of the text is in `words`: lower case, a blank for "_" and for "-" between letters.
 */
static char plain(const char *pos, char before)
{
    bool is_dash = *pos == '-' && isalpha((unsigned char)before) && isalpha((unsigned char)pos[1]);

    if (is_dash || *pos == '_' || isspace((unsigned char)*pos))
        return ' ';
    return (char)tolower((unsigned char)*pos);
}

bool nta_words_of(const char *text, struct nta_words *words)
{
    size_t len = 0;
    char before = '\0';

    *words = (struct nta_words){.pos = words->text};
    for (; *text; text++) {
        char c = plain(text, before);

        if (len + 1 == NTA_WORDS_SIZE || !isprint((unsigned char)c))
            return false;
        if (c != ' ' || (len && before != ' '))
            words->text[len++] = c;
        before = c;
    }
    while (len && words->text[len - 1] == ' ')
        len--;
    words->text[len] = '\0';
    return len > 0;
}

void nta_words_blank(struct nta_words *words)
{
    if (*words->pos == ' ')
        words->pos++;
}

bool nta_words_end(const struct nta_words *words)
{
    return *words->pos == '\0';
}

bool nta_words_take(struct nta_words *words, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(words->pos, word, len) != 0 || isalnum((unsigned char)words->pos[len]))
        return false;
    words->pos += len;
    nta_words_blank(words);
    return true;
}

bool nta_words_number(struct nta_words *words, int n_digits, int most, int *ret_number)
{
    int number = 0, n = 0;

    for (; n < n_digits && isdigit((unsigned char)*words->pos); n++)
        number = number * 10 + (*words->pos++ - '0');
    if (n == 0 || number > most)
        return false;
    *ret_number = number;
    return true;
}

bool nta_words_char(struct nta_words *words, char c)
{
    if (*words->pos != c)
        return false;
    words->pos++;
    return true;
}
