/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and addresses with wildcards: "ads*.example", "*.ads*.example", "=a*.example", "192.0.*".
 * Each `*` stands for any bytes or none.
 */
#include "blacklist/format/pattern.h"

#include "base/own.h"
#include "blacklist/name/norm.h"
#include "blacklist/table/patterns.h"

#include <libpsl.h>

enum
{
    LETTERS_MIN = 3, ///< In a row: what less has covers names of everybody.
};

static bool is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool nta_list_addr_start(struct nta_span text, struct nta_list_range *ret_range)
{
    uint8_t first[4] = {0}, last[4] = {255, 255, 255, 255};
    unsigned n = 0, number = 0, n_digits = 0;

    if (text.len == 0 || text.ptr[text.len - 1] != '.')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];

        if (c >= '0' && c <= '9' && n_digits < 3) {
            number = number * 10 + c - '0';
            n_digits++;
        } else if (c == '.' && n_digits > 0 && n < 3 && number <= 255) {
            first[n] = last[n] = (uint8_t)number;
            n++;
            number = n_digits = 0;
        } else {
            return false;
        }
    }
    *ret_range = (struct nta_list_range){nta_addr_v4(first), nta_addr_v4(last)};
    return true;
}

/** "192.0.*", "192.0.*.*": addresses that begin so. */
static bool is_addr_start(struct nta_span text, struct nta_list_range *ret_range)
{
    while (text.len > 2 && text.ptr[text.len - 1] == '*' && text.ptr[text.len - 2] == '.' &&
           text.ptr[text.len - 3] == '*')
        text.len -= 2;
    return text.len > 1 && text.ptr[text.len - 1] == '*' &&
           nta_list_addr_start(nta_span_first(text, text.len - 1), ret_range);
}

/**
 * In lower case, one `*` for several; its length, 0: it has bytes that no name has, or empty
 * labels.
 */
static size_t fold(struct nta_span text, char *buf, size_t size, unsigned *ret_stars)
{
    size_t n = 0;

    *ret_stars = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.ptr[i];

        if (c >= 'A' && c <= 'Z')
            c |= 0x20;
        if ((c == '*' && n > 0 && buf[n - 1] == '*'))
            continue;
        if ((!is_letter(c) && c != '.' && c != '*') || n == size ||
            (c == '.' && (n == 0 || buf[n - 1] == '.')))
            return 0;
        *ret_stars += c == '*';
        buf[n++] = (char)c;
    }
    return n;
}

bool nta_list_is_start(struct nta_span text)
{
    char last[NTA_NAME_SIZE];
    size_t len = text.len, dot;

    if (len < 2 || len > sizeof(last) || text.ptr[len - 1] != '.' || nta_span_has(text, '/') ||
        nta_span_has(text, '\0'))
        return false;
    text.len--;
    dot = nta_span_find_last(text, '.');
    if (dot == text.len)
        return true;
    memcpy(last, text.ptr + dot + 1, text.len - dot - 1);
    last[text.len - dot - 1] = '\0';
    return !psl_is_public_suffix2(psl_builtin(), last, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/** Without the public suffix that it ends in: "ads*.co.uk" -> "ads*". */
static size_t without_suffix(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) { /* the longest one first */
        if (text[i] == '.' && !memchr(text + i, '*', len - i) &&
            psl_is_public_suffix2(psl_builtin(), text + i + 1,
                                  PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE))
            return i;
    }
    return len;
}

static bool is_suffix(const char *name)
{
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE);
}

/** True for "gov" and "asso": a label below which everybody registers in some countries. */
static bool is_suffix_of_countries(const char *label, size_t len)
{
    static const char countries[][3] = {"ae", "ar", "au", "br", "cn", "co", "cr", "cy", "do", "ec",
                                        "eg", "es", "fr", "gr", "hk", "hu", "id", "il", "in", "ir",
                                        "it", "jp", "ke", "kr", "lk", "ma", "mx", "my", "ng", "nz",
                                        "pe", "ph", "pk", "pl", "ro", "rs", "ru", "sa", "sg", "th",
                                        "tn", "tr", "tw", "ua", "uk", "uy", "ve", "vn", "za"};
    char name[NTA_NAME_SIZE + 4];

    memcpy(name, label, len);
    name[len] = '.';
    for (size_t i = 0; i < NTA_N_ELEMENTS(countries); i++) {
        memcpy(name + len + 1, countries[i], sizeof(countries[i]));
        if (is_suffix(name))
            return true;
    }
    return false;
}

/**
 * Letters from `start` to `stop` that are in names of everybody, three at least: "www", what is a
 * public suffix where they stand ("*info", "*.gov.*", "*gov.uk"), how labels in Unicode begin.  A
 * word that may stand anywhere is none.  The text's own suffix begins at `end`.
 */
static bool says_nothing(const char *text, size_t end, size_t start, size_t stop)
{
    static const char *const nothing[] = {"www", "com", "net", "org"};
    const char *run = text + start, *suffix = text + end;
    const size_t len = stop - start;
    char name[NTA_NAME_SIZE];

    for (size_t i = 0; i < NTA_N_ELEMENTS(nothing) && len == LETTERS_MIN; i++) {
        if (memcmp(run, nothing[i], len) == 0)
            return true;
    }
    if (len <= 4 && memmem("xn--", 4, run, len))
        return true;
    if (!*suffix && start > 0 && text[start - 1] == '*' && stop < end && text[stop] == '*')
        return false; /* "*casino*" is about the word, wherever it stands */
    if (stop < end && text[stop] == '.')
        return is_suffix_of_countries(run, len);
    memcpy(name, run, len);
    memcpy(name + len, suffix, strlen(suffix) + 1);
    return is_suffix(name);
}

/** True if it has three letters in a row that say something. */
static bool says_something(const char *text, size_t len)
{
    size_t run = 0, end = without_suffix(text, len);

    for (size_t i = 0; i <= end; i++) {
        if (i < end && is_letter((uint8_t)text[i])) {
            run++;
            continue;
        }
        if (run >= LETTERS_MIN && !says_nothing(text, end, i - run, i))
            return true;
        run = 0;
    }
    return false;
}

/** True for "192.0.*.5": numbers and dots, which no name consists of. */
static bool is_of_numbers(const char *text, size_t len)
{
    bool has_dot = false, has_digit = false;

    for (size_t i = 0; i < len; i++) {
        if ((text[i] >= 'a' && text[i] <= 'z') || text[i] == '_')
            return false;
        has_dot = has_dot || text[i] == '.';
        has_digit = has_digit || (text[i] >= '0' && text[i] <= '9');
    }
    return has_dot && has_digit;
}

/** Three bytes in a row, dots too: the matcher needs them. */
static bool has_gram(const char *text, size_t len)
{
    size_t run = text[0] != '*'; /* the dot before a name */

    for (size_t i = 0; i < len && run < 3; i++)
        run = text[i] == '*' ? 0 : run + 1;
    return run >= 3;
}

enum nta_line nta_list_pattern(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_PATTERN};
    char *buf = reader->buf + 1; /* a sign may come before it */
    struct nta_list_range range;
    unsigned n_stars;
    size_t n;

    if (text.len > 0 && text.ptr[0] == '=') {
        flags &= ~NTA_VALUE_SUBS;
        text = nta_span_from(text, 1);
    }
    if (is_addr_start(text, &range))
        return nta_list_put_range(reader, &range, flags);
    if (text.len > 0 && text.ptr[0] == '.') /* ".ads*.example" is "ads*.example" */
        text = nta_span_from(text, 1);
    n = fold(text, buf, NTA_NAME_MAX - 1, &n_stars);
    if (n > 1 && buf[n - 1] == '.')
        n--;
    buf[n] = '\0';
    if (n == 0)
        return nta_list_skip(reader, "a wildcard in something that is no name");
    if (is_of_numbers(buf, n))
        return nta_list_skip(reader, "a wildcard in an address other than at its end (192.0.*)");
    if (n_stars > NTA_PATTERN_STARS)
        return nta_list_refuse(reader, "a name with more than 8 wildcards");
    if (!reader->force && !says_something(buf, n))
        return nta_list_refuse(
            reader, "wildcards with less than three letters in a row beside a public suffix: they "
                    "would cover everybody's names (key force)");
    if (!has_gram(buf, n))
        return nta_list_refuse(reader, "wildcards without three characters in a row");
    entry.flags = flags | NTA_VALUE_SELF | NTA_VALUE_SUBS;
    entry.name = (struct nta_span){.ptr = (const uint8_t *)buf, .len = n};
    if (!(flags & NTA_VALUE_SUBS)) {
        reader->buf[0] = '=';
        entry.name = (struct nta_span){.ptr = (const uint8_t *)reader->buf, .len = n + 1};
    }
    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}
