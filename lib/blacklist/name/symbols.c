/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/name/symbols.h"

#include <idn2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum
{
    LABEL_MAX = 63,
    RUN_BYTES = 256,
    /* RFC 3492 section 5 */
    BASE = 36,
    T_MIN = 1,
    T_MAX = 26,
    SKEW = 38,
    DAMP = 700,
    BIAS = 72,
    FIRST = 128,
};

struct label
{
    uint32_t points[LABEL_MAX];
    size_t n;
};

/** The code point at the front of well-formed UTF-8, taken off; 0: it is broken. */
static uint32_t take_point(struct nta_span *text)
{
    uint8_t first = text->ptr[0];
    size_t more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    uint32_t point = first < 0x80 ? first : first & (0x3fU >> more);

    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || text->len <= more)
        return 0;
    for (size_t i = 1; i <= more; i++) {
        if ((text->ptr[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text->ptr[i] & 0x3f);
    }
    text->ptr += more + 1;
    text->len -= more + 1;
    return point;
}

/** Symbols that UTS #46 maps to nothing else. */
static bool is_symbol(uint32_t point)
{
    if (point >= 0x2190 &&
        point <= 0x2bff) /* arrows to miscellaneous symbols, but for letters in circles */
        return (point < 0x2460 || point > 0x24ff) && point != 0x2329 && point != 0x232a &&
               point != 0x2adc && (point < 0x2a74 || point > 0x2a76);
    return (point >= 0x1f000 && point <= 0x1f0ff) || (point >= 0x1f1e6 && point <= 0x1f1ff) ||
           (point >= 0x1f300 && point <= 0x1faff);
}

/** Selects how a symbol looks: UTS #46 leaves it out. */
static bool is_selector(uint32_t point)
{
    return point == 0xfe0e || point == 0xfe0f;
}

static bool add(struct label *label, uint32_t point)
{
    if (label->n == LABEL_MAX)
        return false;
    label->points[label->n++] = point;
    return true;
}

/** Letters between symbols, as IDNA maps them. */
static bool add_run(struct label *label, struct nta_span run)
{
    char copy[RUN_BYTES], *wide = NULL;
    uint8_t *ascii = NULL;
    struct nta_span rest;
    bool fine;

    if (run.len == 0)
        return true;
    if (run.len >= sizeof(copy))
        return false;
    memcpy(copy, run.ptr, run.len);
    copy[run.len] = '\0';
    for (size_t i = 0; i < run.len; i++) {
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] | 0x20);
    }
    if (strspn(copy, "abcdefghijklmnopqrstuvwxyz0123456789-_") == run.len) {
        rest = (struct nta_span){.ptr = (const uint8_t *)copy, .len = run.len};
    } else {
        if (idn2_lookup_u8((const uint8_t *)copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
            IDN2_OK)
            return false;
        fine = idn2_to_unicode_8z8z((const char *)ascii, &wide, 0) == IDN2_OK;
        idn2_free(ascii);
        if (!fine)
            return false;
        rest = (struct nta_span){.ptr = (const uint8_t *)wide, .len = strlen(wide)};
    }
    fine = true;
    while (fine && rest.len > 0) {
        uint32_t point = take_point(&rest);

        fine = point != 0 && add(label, point);
    }
    idn2_free(wide);
    return fine;
}

/**
 * The code points of a label, mapped; false: it has no symbol, or something besides that no name
 * has.
 */
static bool read_label(struct nta_span text, struct label *label)
{
    const uint8_t *run = text.ptr;
    bool any = false;

    while (text.len > 0) {
        const uint8_t *place = text.ptr;
        uint32_t point = take_point(&text);

        if (point == 0)
            return false;
        if (!is_symbol(point) && !is_selector(point))
            continue;
        if (!add_run(label, (struct nta_span){.ptr = run, .len = (size_t)(place - run)}) ||
            (is_symbol(point) && !add(label, point)))
            return false;
        any = any || is_symbol(point);
        run = text.ptr;
    }
    return any && add_run(label, (struct nta_span){.ptr = run, .len = (size_t)(text.ptr - run)});
}

static uint32_t adapt(uint32_t delta, uint32_t n_points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / n_points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

struct writer
{
    char *buf;
    size_t n, size;
};

static void put(struct writer *writer, char c)
{
    if (writer->n < writer->size)
        writer->buf[writer->n] = c;
    writer->n++;
}

/** One number as digits of changing base (RFC 3492 section 3.3). */
static void put_number(struct writer *writer, uint32_t q, uint32_t bias)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;

        if (q < t)
            break;
        put(writer, digits[t + (q - t) % (BASE - t)]);
        q = (q - t) / (BASE - t);
    }
    put(writer, digits[q]);
}

/** Punycode (RFC 3492 section 6.3); a label has 63 points at most, so nothing overflows. */
static void put_punycode(struct writer *writer, const struct label *label)
{
    uint32_t n = FIRST, delta = 0, bias = BIAS, handled = 0, basic;

    for (size_t i = 0; i < label->n; i++) {
        if (label->points[i] < FIRST) {
            put(writer, (char)label->points[i]);
            handled++;
        }
    }
    basic = handled;
    if (basic > 0)
        put(writer, '-');
    while (handled < label->n) {
        uint32_t next = UINT32_MAX;

        for (size_t i = 0; i < label->n; i++) {
            if (label->points[i] >= n && label->points[i] < next)
                next = label->points[i];
        }
        delta += (next - n) * (handled + 1);
        n = next;
        for (size_t i = 0; i < label->n; i++) {
            delta += label->points[i] < n;
            if (label->points[i] != n)
                continue;
            put_number(writer, delta, bias);
            bias = adapt(delta, handled + 1, handled == basic);
            delta = 0;
            handled++;
        }
        delta++;
        n++;
    }
}

/** One label, of symbols or as IDNA 2008 has it; false: neither. */
static bool put_label(struct writer *writer, struct nta_span text)
{
    struct label label = {0};
    char copy[RUN_BYTES];
    uint8_t *ascii = NULL;
    size_t start = writer->n;

    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (idn2_lookup_u8((const uint8_t *)copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) ==
        IDN2_OK) {
        for (size_t i = 0; ascii[i]; i++)
            put(writer, (char)ascii[i]);
        idn2_free(ascii);
        return true;
    }
    if (!read_label(text, &label))
        return false;
    for (const char *prefix = "xn--"; *prefix; prefix++)
        put(writer, *prefix);
    put_punycode(writer, &label);
    return writer->n - start <= LABEL_MAX;
}

size_t nta_symbols_name(struct nta_span name, char *buf, size_t size)
{
    struct writer writer = {.buf = buf, .size = size};

    if (memchr(name.ptr, '\0', name.len))
        return 0;
    while (name.len > 0) {
        const uint8_t *dot = memchr(name.ptr, '.', name.len);
        size_t n = dot ? (size_t)(dot - name.ptr) : name.len;

        if (writer.n > 0)
            put(&writer, '.');
        if (!put_label(&writer, (struct nta_span){.ptr = name.ptr, .len = n}))
            return 0;
        name.ptr += n + (dot != NULL);
        name.len -= n + (dot != NULL);
        if (dot && name.len == 0)
            return 0;
    }
    if (writer.n >= size)
        return 0;
    buf[writer.n] = '\0';
    return writer.n;
}
