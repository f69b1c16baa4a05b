/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/table/patterns.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/** A name with a dot before it, and zeros behind it that may be read. */
struct subject
{
    char text[1 + NTA_NAME_MAX + 8];
    size_t len;
};

static inline uint8_t is_known(const struct nta_patterns *patterns, uint32_t three)
{
    return patterns->filter[nta_pattern_gram(three) >> patterns->shift];
}

static inline uint32_t load32(const char *text)
{
    uint32_t word;

    memcpy(&word, text, sizeof(word));
    return le32toh(word);
}

static inline uint64_t load64(const char *text)
{
    uint64_t word;

    memcpy(&word, text, sizeof(word));
    return word;
}

/** Any of the six times three bytes in eight: no branch, no order. */
static inline uint8_t known_in(const struct nta_patterns *patterns, uint64_t eight)
{
    uint8_t any = 0;

    for (unsigned i = 0; i < 6; i++, eight >>= 8)
        any |= is_known(patterns, (uint32_t)eight & 0xffffff);
    return any;
}

/** A dot, then the two bytes from here on. */
static inline uint8_t is_label_known(const struct nta_patterns *patterns, const char *label)
{
    return is_known(patterns, (uint32_t)'.' | (uint32_t)(uint8_t)label[0] << 8 |
                                  (uint32_t)(uint8_t)label[1] << 16);
}

/**
 * Take one of the dots of a block, `n_behind` bytes behind it: where its label starts, or the
 * name's start if there is none or only a byte behind it.
 */
static inline size_t take_dot(unsigned *dots, size_t len, size_t n_behind)
{
    unsigned n = (unsigned)__builtin_clz(*dots | 1);
    bool has = *dots != 0 && n_behind + n >= 2;

    *dots &= ~(UINT32_C(0x80000000) >> n);
    return has ? len - n_behind - n : 0;
}

/** True if the three bytes from some dot of the name on are some pattern's. */
static inline bool dots_may_match(const struct nta_patterns *patterns, const char *name, size_t len)
{
    uint8_t any = is_label_known(patterns, name);

    for (size_t done = 0; done <= len; done += NTA_NAME_BLOCK) {
        unsigned dots = nta_name_dots(nta_name_block(name, len, done)) << 16;

        do { /* most names have one or two: no branch for them */
            any |= is_label_known(patterns, name + take_dot(&dots, len, done));
            any |= is_label_known(patterns, name + take_dot(&dots, len, done));
        } while (dots);
    }
    return any;
}

/** True if any three bytes of the name are some pattern's. */
static bool may_match(const struct nta_patterns *patterns, const char *name, size_t len)
{
    uint8_t any;

    if (len < 2)
        return false;
    if (!patterns->anywhere)
        return dots_may_match(patterns, name, len);
    if (len < 8) {
        char text[8] = ".";

        memcpy(text + 1, name, len);
        return known_in(patterns, le64toh(load64(text)));
    }
    any = known_in(patterns, le64toh(load64(name)) << 8 | '.');
    for (size_t i = 5; i + 8 < len; i += 6)
        any |= known_in(patterns, le64toh(load64(name + i)));
    return any | known_in(patterns, le64toh(load64(name + len - 8)));
}

/** Where `piece` stands in the name from `at` on; at the start of a label if so asked. */
static size_t find_piece(const char *name, size_t at, size_t end, struct nta_span piece,
                         bool is_label)
{
    for (; at + piece.len <= end; at++) {
        if ((!is_label || at == 0 || name[at - 1] == '.') && name[at] == (char)piece.ptr[0] &&
            memcmp(name + at, piece.ptr, piece.len) == 0)
            return at;
    }
    return SIZE_MAX;
}

/** The text up to the next `*`, which is passed too. */
static struct nta_span next_piece(struct nta_span *rest)
{
    struct nta_span piece = nta_span_first(*rest, nta_span_find_byte(*rest, '*'));

    *rest = nta_span_from(*rest, nta_smaller(piece.len + 1, rest->len));
    return piece;
}

/** Hold a pattern against a name: each piece where it comes first, the last one at the end. */
static bool covers(struct nta_span text, const char *name, size_t len)
{
    const bool is_exact = text.ptr[0] == '=';
    struct nta_span rest = nta_span_from(text, is_exact), piece;
    size_t tail = text.len - nta_span_find_last(text, '*') - 1, at = 0;

    if (tail > len || memcmp(name + len - tail, text.ptr + text.len - tail, tail) != 0)
        return false;
    rest.len -= tail;
    piece = next_piece(&rest);
    if (piece.len > 0) {
        at = find_piece(name, 0, is_exact ? nta_smaller(piece.len, len - tail) : len - tail, piece,
                        true);
        if (at == SIZE_MAX)
            return false;
        at += piece.len;
    }
    while (rest.len > 0) {
        piece = next_piece(&rest);
        if (piece.len == 0)
            continue;
        at = find_piece(name, at, len - tail, piece, false);
        if (at == SIZE_MAX)
            return false;
        at += piece.len;
    }
    return true;
}

/** Order of patterns that cover a name: what decides comes first. */
static int compare(const struct nta_pattern *a, const struct nta_pattern *b)
{
    uint32_t one = nta_value_rank(a->value), two = nta_value_rank(b->value);

    if (a->n_letters != b->n_letters)
        return b->n_letters - a->n_letters;
    return (one < two) - (one > two);
}

/** The best ones so far. */
struct finding
{
    const struct nta_pattern **found;
    size_t n, size;
};

/** Put a pattern into its place; the last one goes if there is no space. */
static void put_in(void *owner, const struct nta_pattern *pattern)
{
    struct finding *finding = owner;
    const struct nta_pattern **found = finding->found;
    size_t place = finding->n;

    while (place > 0 && compare(pattern, found[place - 1]) < 0)
        place--;
    if (place == finding->size || (place > 0 && found[place - 1] == pattern))
        return;
    if (finding->n < finding->size)
        finding->n++;
    for (size_t i = finding->n - 1; i > place; i--)
        found[i] = found[i - 1];
    found[place] = pattern;
}

/** What is found once it is known that three bytes of the name are some pattern's. */
__attribute__((noinline)) static void find_all(const struct nta_patterns *patterns,
                                               const char *name, size_t len,
                                               nta_pattern_each_fn *each, void *owner)
{
    struct subject subject = {.text = "."};

    memcpy(subject.text + 1, name, len);
    for (size_t at = 0; at + 2 <= len; at++) {
        uint32_t three = load32(subject.text + at) & 0xffffff;
        uint32_t bits = nta_pattern_gram(three) >> patterns->shift;
        uint32_t start = UINT32_MAX; /* of the text that was held against the name last */
        bool fits = false;

        if (!is_known(patterns, three))
            continue;
        for (uint32_t i = patterns->first[bits]; i < patterns->first[bits + 1]; i++) {
            const struct nta_pattern *pattern = &patterns->patterns[i];

            if ((load64(subject.text + at) & pattern->mask) != pattern->word)
                continue;
            if (pattern->start != start)
                fits = covers(nta_pattern_text(patterns, pattern), name, len);
            start = pattern->start;
            if (fits)
                each(owner, pattern);
        }
    }
}

void nta_patterns_each(const struct nta_patterns *patterns, const char *name, size_t len,
                       nta_pattern_each_fn *each, void *owner)
{
    if (patterns->n_patterns > 0 && len <= NTA_NAME_MAX && may_match(patterns, name, len))
        find_all(patterns, name, len, each, owner);
}

size_t nta_patterns_find(const struct nta_patterns *patterns, const char *name, size_t len,
                         const struct nta_pattern **found, size_t size)
{
    struct finding finding = {.found = found, .size = size};

    nta_patterns_each(patterns, name, len, put_in, &finding);
    return finding.n;
}

const struct nta_pattern *nta_patterns_decide(const struct nta_patterns *patterns, const char *name,
                                              size_t len)
{
    const struct nta_pattern *best = NULL;

    return nta_patterns_find(patterns, name, len, &best, 1) > 0 ? best : NULL;
}
