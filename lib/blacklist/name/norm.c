/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/name/norm.h"

#include "base/addr.h"
#include "base/url.h"
#include "blacklist/name/symbols.h"
#include "blacklist/table/namehash.h"
#include "blacklist/table/names.h"

#include <idn2.h>

enum
{
    LABEL_MAX = 63,
    ADDR_TEXT_MAX = 64,  ///< Bytes of an address in whatever spelling, brackets included.
    IDN_TEXT_MAX = 1024, ///< Bytes of UTF-8 that could still become 253.
};

/** What each byte of an ASCII name becomes; 0 cannot be in one. */
static const char normal[256] = {
    ['-'] = '-', ['.'] = '.', ['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3',
    ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['A'] = 'a',
    ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g', ['H'] = 'h',
    ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n', ['O'] = 'o',
    ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v',
    ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c',
    ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j',
    ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q',
    ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x',
    ['y'] = 'y', ['z'] = 'z',
};

/** Parts a name at its dots, from the right; no length if a label is empty or too long. */
static struct nta_norm part(const char *name, size_t len)
{
    struct nta_norm norm = {.len = len, .n_labels = 1};
    size_t end = len; /* of the label looked at */

    for (size_t done = 0; done < len; done += NTA_NAME_BLOCK) {
        for (unsigned dots = nta_name_dots(nta_name_block(name, len, done)) << 16; dots;) {
            unsigned n = (unsigned)__builtin_clz(dots);
            size_t start = len - done - n; /* right behind the dot */

            dots &= ~(UINT32_C(0x80000000) >> n);
            if (end <= start || end - start > LABEL_MAX)
                return (struct nta_norm){0};
            if (norm.n_labels++ == 1)
                norm.last_label = start;
            end = start - 1;
        }
    }
    return end > 0 && end <= LABEL_MAX ? norm : (struct nta_norm){0};
}

/**
 * `text` has no last dot.  Says if there is a byte that is not ASCII, so that IDNA has to be asked.
 */
static struct nta_norm norm_ascii(struct nta_span text, char buf[NTA_NAME_SIZE], bool *ret_is_wide)
{
    const struct nta_norm none = {0};
    unsigned n_bad = 0, high = 0;
    struct nta_norm norm;

    *ret_is_wide = false;
    if (text.len <= NTA_NAME_MAX) {
        for (size_t i = 0; i < text.len; i++) { /* no branch: most names are good */
            char c = normal[text.ptr[i]];

            buf[i] = c;
            n_bad += c == 0;
        }
        buf[text.len] = '\0';
    }
    if (n_bad > 0 || text.len > NTA_NAME_MAX) {
        for (size_t i = 0; i < text.len; i++)
            high |= text.ptr[i];
        *ret_is_wide = high & 0x80;
        return none;
    }
    norm = part(buf, text.len);
    if (norm.len > 0 && buf[norm.last_label] <= '9' &&
        nta_url_ends_in_number((struct nta_span){.ptr = (const uint8_t *)buf, .len = norm.len}))
        return none;
    return norm;
}

static struct nta_norm norm_wide(struct nta_span text, char buf[NTA_NAME_SIZE])
{
    uint8_t copy[IDN_TEXT_MAX + 1], *ascii = NULL;
    struct nta_norm norm = {0};
    struct nta_span done;
    bool is_wide;

    if (text.len > IDN_TEXT_MAX || memchr(text.ptr, '\0', text.len))
        return norm;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (idn2_lookup_u8(copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) {
        char symbols[NTA_NAME_SIZE];

        done = (struct nta_span){.ptr = (const uint8_t *)symbols,
                                 .len = nta_symbols_name(text, symbols, sizeof(symbols))};
        norm = done.len > 0 ? norm_ascii(done, buf, &is_wide) : norm;
        norm.symbols = norm.len > 0;
        return norm;
    }
    done = (struct nta_span){.ptr = ascii, .len = strlen((const char *)ascii)};
    if (done.len > 0 && done.ptr[done.len - 1] == '.')
        done.len--; /* the last dot may have been one of the wide ones */
    norm = norm_ascii(done, buf, &is_wide);
    idn2_free(ascii);
    return norm;
}

struct nta_norm nta_norm_name(struct nta_span text, char buf[NTA_NAME_SIZE])
{
    struct nta_norm norm;
    bool is_wide;

    if (text.len > 0 && text.ptr[text.len - 1] == '.')
        text.len--;
    norm = norm_ascii(text, buf, &is_wide);
    return is_wide ? norm_wide(text, buf) : norm;
}

size_t nta_norm_host(struct nta_span host, char buf[NTA_NAME_SIZE])
{
    size_t len = nta_blacklist_name(host, buf);
    uint8_t *ascii = NULL;
    char copy[IDN_TEXT_MAX + 1];
    struct nta_addr addr;
    struct nta_span done;

    if (len > 0 || host.len == 0 || host.len > IDN_TEXT_MAX || memchr(host.ptr, '\0', host.len))
        return len;
    memcpy(copy, host.ptr, host.len);
    copy[host.len] = '\0';
    if (idn2_lookup_u8((const uint8_t *)copy, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
        IDN2_OK)
        return 0;
    done = (struct nta_span){.ptr = ascii, .len = strlen((const char *)ascii)};
    if (nta_url_ends_in_number(done) && nta_url_ipv4(done, &addr)) /* wide digits */
        len = strlen(nta_addr_text(&addr, buf));
    idn2_free(ascii);
    return len;
}

size_t nta_blacklist_name(struct nta_span wire, char buf[NTA_NAME_SIZE])
{
    struct nta_norm norm = nta_norm_name(wire, buf);
    struct nta_span inner = wire;
    struct nta_addr addr;

    if (norm.len > 0 || wire.len == 0 || wire.len >= ADDR_TEXT_MAX)
        return norm.len;
    if (wire.len > 2 && wire.ptr[0] == '[' && wire.ptr[wire.len - 1] == ']')
        inner = (struct nta_span){.ptr = wire.ptr + 1, .len = wire.len - 2};
    if (nta_addr_parse((const char *)inner.ptr, inner.len, &addr) < 0)
        return 0;
    return strlen(nta_addr_text(&addr, buf)); /* one address, one text */
}
