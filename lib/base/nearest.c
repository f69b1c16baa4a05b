/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"

#include "base/span.h"

#include <stdint.h>
#include <string.h>

enum
{
    WORDS_MAX = 64
};

/** Levenshtein's distance between two short words; longer ones are far from everything. */
static size_t distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t row[WORDS_MAX + 1];

    if (n_a > WORDS_MAX || n_b > WORDS_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = nta_smaller(change, nta_smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[n_b];
}

void nta_nearest_try(struct nta_nearest *nearest, const char *known, size_t len)
{
    size_t far = distance(nearest->word, strlen(nearest->word), known, len);

    if (nearest->best && far >= nearest->distance)
        return;
    nearest->best = known;
    nearest->best_len = len;
    nearest->distance = far;
}

void nta_nearest_try_all(struct nta_nearest *nearest, const char *words)
{
    for (size_t len; *words; words += len + (words[len] == ' ')) {
        len = strcspn(words, " ");
        nta_nearest_try(nearest, words, len);
    }
}
