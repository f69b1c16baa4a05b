/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns on their way into the table (part of patterns.h). */
#include "blacklist/table/pattern_bounds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    BITS_MIN = 12,
    BITS_MAX = 16,
};

void nta_patterns_done(struct nta_patterns *patterns)
{
    free(patterns->patterns);
    free(patterns->bounds);
    free(patterns->filter);
    free(patterns->first);
    nta_buf_done(&patterns->text);
    *patterns = (struct nta_patterns){0};
}

size_t nta_patterns_memory(const struct nta_patterns *patterns)
{
    size_t n_buckets = patterns->filter ? (size_t)NTA_PATTERN_GRAMS >> patterns->shift : 0;

    return patterns->size * sizeof(*patterns->patterns) + patterns->text.size + n_buckets +
           n_buckets * sizeof(*patterns->first);
}

/** The text as names are gone through: a dot before what begins a name or a label. */
static size_t spell(struct nta_span text, char buf[NTA_NAME_MAX + 2])
{
    const bool is_exact = text.len > 0 && text.ptr[0] == '=';
    size_t n = 0;

    text = nta_span_from(text, is_exact);
    if (text.len > 0 && text.ptr[0] != '*')
        buf[n++] = '.';
    memcpy(buf + n, text.ptr, text.len);
    return n + text.len;
}

/** How many bytes, eight at most, stand from here on without `*`. */
static size_t run_of(const char *text, size_t len, size_t at)
{
    size_t n = 0;

    while (n < 8 && at + n < len && text[at + n] != '*')
        n++;
    return n;
}

static uint32_t gram_at(const char *text, size_t at)
{
    return nta_pattern_gram((uint32_t)(uint8_t)text[at] | (uint32_t)(uint8_t)text[at + 1] << 8 |
                            (uint32_t)(uint8_t)text[at + 2] << 16);
}

/** True for a dot and what follows, if that is not what names of everybody have. */
static bool is_label(const char *gram)
{
    static const char *const everybody[] = {".co", ".ne", ".or", ".ww"};

    for (size_t i = 0; i < sizeof(everybody) / sizeof(everybody[0]); i++) {
        if (memcmp(gram, everybody[i], 3) == 0)
            return false;
    }
    return gram[0] == '.';
}

/**
 * The place of a gram at a dot, if there is space on one, else anywhere; on which fewest hang, of
 * those the one with most bytes behind it; -1: there is no gram.
 */
static int choose(const struct nta_pattern_counts *counts, const char *text, size_t len)
{
    size_t best_run = 0;
    unsigned best_n = 0;
    int best = -1;

    for (size_t at = 0; at < len; at++) {
        size_t run = run_of(text, len, at);
        unsigned n;

        if (run < 3)
            continue;
        n = counts->n_hanging[gram_at(text, at)];
        if (n == NTA_PATTERN_SHARED || !is_label(text + at))
            n += NTA_PATTERN_SHARED; /* behind all others */
        if (best < 0 || n < best_n || (n == best_n && run > best_run)) {
            best = (int)at;
            best_n = n;
            best_run = run;
        }
    }
    return best;
}

/** Space for one more. */
static int grow(struct nta_patterns *patterns)
{
    int r = nta_pattern_bounds_make(patterns);

    if (r < 0)
        return r;
    if (patterns->n_patterns == patterns->size) {
        size_t wanted = patterns->size ? 2 * patterns->size : 64;
        struct nta_pattern *larger = reallocarray(patterns->patterns, wanted, sizeof(*larger));

        if (!larger)
            return -ENOMEM;
        patterns->patterns = larger;
        patterns->size = wanted;
    }
    return 0;
}

/** Of the text as it is spelled, without the dot that was put before it. */
static uint8_t count_letters(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = text[0] == '.'; i < len; i++)
        n += text[i] != '*';
    return (uint8_t)n;
}

/** The value that a pattern has: names below it are in its text. */
static uint32_t value_of(uint32_t value)
{
    return (value & ~NTA_VALUE_SUBS) | NTA_VALUE_SELF;
}

/** Note a pattern whose text is there, too: it counts once. */
static void add_again(struct nta_patterns *patterns, uint32_t slot, uint32_t value)
{
    struct nta_pattern pattern = patterns->patterns[slot - 1];

    pattern.value = value_of(value);
    patterns->patterns[patterns->n_patterns++] = pattern;
}

/** Note a pattern with a new text at one of its grams. */
static int add_at(struct nta_patterns *patterns, struct nta_span text, const char *spelled,
                  size_t len, size_t at, uint32_t value)
{
    struct nta_pattern_counts *counts = nta_pattern_bounds_of(patterns, value);
    struct nta_pattern pattern = {.start = (uint32_t)patterns->text.len,
                                  .value = value_of(value),
                                  .gram = (uint16_t)gram_at(spelled, at),
                                  .len = (uint8_t)text.len,
                                  .n_letters = count_letters(spelled, len),
                                  .at = (uint8_t)at};
    size_t run = run_of(spelled, len, at);

    if (counts->n_hanging[pattern.gram] == NTA_PATTERN_SHARED)
        return -EMLINK;
    memcpy(&pattern.word, spelled + at, run);
    memset(&pattern.mask, 0xff, run);
    nta_buf_put(&patterns->text, text.ptr, text.len);
    if (patterns->text.failed)
        return -ENOMEM;
    counts->n_hanging[pattern.gram]++;
    counts->n_texts++;
    patterns->patterns[patterns->n_patterns++] = pattern;
    *nta_pattern_bounds_find(patterns, text, value) = (uint32_t)patterns->n_patterns;
    return 0;
}

/** True for a text that a pattern can have: the matcher relies on it. */
static bool is_pattern(struct nta_span text)
{
    return text.len > 1 && text.len <= NTA_NAME_MAX && nta_span_has(text, '*');
}

int nta_patterns_add(struct nta_patterns *patterns, struct nta_span text, uint32_t value)
{
    char spelled[NTA_NAME_MAX + 2];
    uint32_t slot;
    size_t len;
    int at, r;

    if (!is_pattern(text))
        return -EINVAL;
    r = grow(patterns);
    if (r < 0)
        return r;
    slot = *nta_pattern_bounds_find(patterns, text, value);
    if (slot) {
        add_again(patterns, slot, value);
        return 0;
    }
    len = spell(text, spelled);
    at = choose(nta_pattern_bounds_of(patterns, value), spelled, len);
    if (at < 0)
        return -EINVAL;
    if (nta_pattern_bounds_of(patterns, value)->n_texts == NTA_PATTERNS_MAX)
        return -ENOSPC;
    return add_at(patterns, text, spelled, len, (size_t)at, value);
}

/** Adding is over: patterns move, and nothing finds them by slots any more. */
static void end_bounds(struct nta_patterns *patterns)
{
    free(patterns->bounds);
    patterns->bounds = NULL;
}

void nta_patterns_drop(struct nta_patterns *patterns, bool (*drops)(void *owner, uint32_t value),
                       void *owner)
{
    size_t n = 0;

    end_bounds(patterns);
    for (size_t i = 0; i < patterns->n_patterns; i++) {
        if (!drops(owner, patterns->patterns[i].value))
            patterns->patterns[n++] = patterns->patterns[i];
    }
    patterns->n_patterns = n;
}

/** By text, then flags, the later line first. */
static int compare_texts(const void *a, const void *b, void *owner)
{
    const struct nta_pattern *one = a, *two = b;
    int r = nta_span_order(nta_pattern_text(owner, one), nta_pattern_text(owner, two));

    return r ? r : (one->value < two->value) - (one->value > two->value);
}

static bool is_same(const struct nta_patterns *patterns, const struct nta_pattern *a,
                    const struct nta_pattern *b)
{
    return ((a->value ^ b->value) & NTA_VALUE_FLAGS) == 0 &&
           nta_span_order(nta_pattern_text(patterns, a), nta_pattern_text(patterns, b)) == 0;
}

/** Equal texts stand together: the matcher holds them against a name once. */
static int compare_grams(const void *a, const void *b)
{
    const struct nta_pattern *one = a, *two = b;

    if (one->gram != two->gram)
        return one->gram < two->gram ? -1 : 1;
    if (one->start != two->start)
        return one->start < two->start ? -1 : 1;
    return (one->value > two->value) - (one->value < two->value);
}

/** Take out those that were said before. */
static void drop_twice(struct nta_patterns *patterns, nta_value_goes_fn *goes,
                       nta_pattern_twice_fn *twice, void *owner)
{
    struct nta_pattern *kept = patterns->patterns;
    size_t n = 0;

    qsort_r(kept, patterns->n_patterns, sizeof(*kept), compare_texts, patterns);
    for (size_t i = 0; i < patterns->n_patterns; i++) {
        const struct nta_pattern pattern = patterns->patterns[i];

        /* Equal ones stand together, the later line first: it is the one to go. */
        while (n > 0 && is_same(patterns, &kept[n - 1], &pattern) &&
               (!goes || goes(owner, pattern.value, kept[n - 1].value)))
            twice(owner, kept[--n].value);
        kept[n++] = pattern;
    }
    patterns->n_patterns = n;
}

/** Filter and buckets: a few times as many as patterns, so that most are empty. */
static int make_buckets(struct nta_patterns *patterns)
{
    unsigned bits = BITS_MIN;
    size_t i = 0;

    while (bits < BITS_MAX && (size_t)1 << bits < 16 * patterns->n_patterns)
        bits++;
    patterns->shift = BITS_MAX - bits;
    patterns->filter = calloc((size_t)1 << bits, sizeof(*patterns->filter));
    patterns->first = calloc(((size_t)1 << bits) + 1, sizeof(*patterns->first));
    if (!patterns->filter || !patterns->first)
        return -ENOMEM;
    for (size_t bucket = 0; bucket < (size_t)1 << bits; bucket++) {
        patterns->first[bucket] = (uint32_t)i;
        while (i < patterns->n_patterns &&
               (size_t)patterns->patterns[i].gram >> patterns->shift == bucket)
            i++;
        patterns->filter[bucket] = i > patterns->first[bucket];
    }
    patterns->first[(size_t)1 << bits] = (uint32_t)i;
    for (i = 0; i < patterns->n_patterns; i++)
        patterns->anywhere |= *(const char *)&patterns->patterns[i].word != '.';
    return 0;
}

static int sort(struct nta_patterns *patterns)
{
    end_bounds(patterns);
    qsort(patterns->patterns, patterns->n_patterns, sizeof(*patterns->patterns), compare_grams);
    return make_buckets(patterns);
}

int nta_patterns_fill(struct nta_patterns *patterns, nta_value_goes_fn *goes,
                      nta_pattern_twice_fn *twice, void *owner)
{
    if (patterns->n_patterns == 0)
        return 0;
    drop_twice(patterns, goes, twice, owner);
    return sort(patterns);
}

void nta_patterns_put(const struct nta_patterns *patterns, struct nta_buf *buf)
{
    for (size_t i = 0; i < patterns->n_patterns; i++) {
        const struct nta_pattern *pattern = &patterns->patterns[i];
        const uint8_t head[] = {(uint8_t)(pattern->value >> 24),
                                (uint8_t)(pattern->value >> 16),
                                (uint8_t)(pattern->value >> 8),
                                (uint8_t)pattern->value,
                                pattern->at,
                                pattern->len};

        nta_buf_put(buf, head, sizeof(head));
        nta_buf_put(buf, patterns->text.ptr + pattern->start, pattern->len);
    }
}

/** One pattern as it was put. */
static int read_one(struct nta_patterns *patterns, struct nta_reader *r)
{
    uint32_t value = nta_read_be32(r);
    size_t at = nta_read_u8(r);
    struct nta_span text = nta_read_span(r, nta_read_u8(r));
    char spelled[NTA_NAME_MAX + 2];
    uint32_t slot;
    size_t len;
    int outcome;

    if (!nta_reader_ok(r) || !is_pattern(text))
        return -EBADMSG;
    outcome = grow(patterns);
    if (outcome < 0)
        return outcome;
    slot = *nta_pattern_bounds_find(patterns, text, value);
    if (slot) {
        if (patterns->patterns[slot - 1].at != at)
            return -EBADMSG;
        add_again(patterns, slot, value);
        return 0;
    }
    len = spell(text, spelled);
    if (at >= len || run_of(spelled, len, at) < 3 ||
        nta_pattern_bounds_of(patterns, value)->n_texts == NTA_PATTERNS_MAX)
        return -EBADMSG;
    outcome = add_at(patterns, text, spelled, len, at, value);
    return outcome == -EMLINK ? -EBADMSG : outcome;
}

int nta_patterns_read(struct nta_patterns *patterns, struct nta_span bytes)
{
    struct nta_reader r = nta_reader_of(bytes.ptr, bytes.len);
    int outcome = 0;

    while (outcome == 0 && nta_reader_left(&r) > 0)
        outcome = read_one(patterns, &r);
    return outcome == 0 && patterns->n_patterns > 0 ? sort(patterns) : outcome;
}
