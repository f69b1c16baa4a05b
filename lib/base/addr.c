/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/** Half of what tells two addresses apart, the first bit highest; asked several times a packet. */
static uint64_t differing(const struct nta_addr *a, const struct nta_addr *b, size_t half)
{
    uint64_t words[2];

    memcpy(&words[0], a->bytes + half * sizeof(words[0]), sizeof(words[0]));
    memcpy(&words[1], b->bytes + half * sizeof(words[1]), sizeof(words[1]));
    return be64toh(words[0] ^ words[1]);
}

bool nta_prefix_has(const struct nta_prefix *prefix, const struct nta_addr *addr)
{
    const uint64_t first = differing(&prefix->addr, addr, 0);

    if (prefix->len < 96 && nta_addr_is_v4(addr))
        return false; /* of IPv6, which says nothing of IPv4: that is kept inside it only here */
    if (prefix->len < 64)
        return prefix->len == 0 || first >> (64 - prefix->len) == 0;
    if (first != 0)
        return false;
    return prefix->len == 64 || differing(&prefix->addr, addr, 1) >> (128 - prefix->len) == 0;
}

bool nta_prefix_any(const struct nta_prefix *prefixes, size_t n_prefixes,
                    const struct nta_addr *addr)
{
    for (size_t i = 0; i < n_prefixes; i++) {
        if (nta_prefix_has(&prefixes[i], addr))
            return true;
    }
    return false;
}

bool nta_addr_inside(const struct nta_addr *addr, struct nta_addr *ret_v4)
{
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b}, sixto4[2] = {0x20, 0x02},
                         teredo[4] = {0x20, 0x01};
    uint8_t v4[4];

    if (memcmp(addr->bytes, nat64, sizeof(nat64)) == 0) {
        memcpy(v4, addr->bytes + 12, sizeof(v4));
    } else if (memcmp(addr->bytes, sixto4, sizeof(sixto4)) == 0) {
        memcpy(v4, addr->bytes + 2, sizeof(v4));
    } else if (memcmp(addr->bytes, teredo, sizeof(teredo)) == 0) {
        for (size_t i = 0; i < sizeof(v4); i++)
            v4[i] = addr->bytes[12 + i] ^ 0xff; /* it is hidden from translators so */
    } else {
        return false;
    }
    if (v4[0] == 0 || v4[0] == 127 || v4[0] >= 224)
        return false; /* no host's */
    *ret_v4 = nta_addr_v4(v4);
    return true;
}

const char *nta_addr_text(const struct nta_addr *addr, char text[NTA_ADDR_TEXT_SIZE])
{
    if (nta_addr_is_v4(addr))
        (void)inet_ntop(AF_INET, addr->bytes + 12, text, NTA_ADDR_TEXT_SIZE);
    else
        (void)inet_ntop(AF_INET6, addr->bytes, text, NTA_ADDR_TEXT_SIZE);
    return text;
}

int nta_addr_parse(const char *text, size_t len, struct nta_addr *ret_addr)
{
    char copy[NTA_ADDR_TEXT_SIZE];
    uint8_t bytes[NTA_ADDR_LEN];

    if (len == 0 || len >= sizeof(copy) || memchr(text, '\0', len))
        return -EINVAL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1)
        *ret_addr = nta_addr_v4(bytes);
    else if (inet_pton(AF_INET6, copy, bytes) == 1)
        *ret_addr = nta_addr_v6(bytes);
    else
        return -EINVAL;
    return 0;
}

/** Read one to three decimal digits, the whole of the text; -1 if it is anything else. */
static int parse_length(const char *text, size_t len)
{
    int value = 0;

    if (len == 0 || len > 3)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

/** True if any bit behind the first `len` bits is set. */
static bool has_bits_behind(const struct nta_addr *addr, unsigned len)
{
    for (unsigned bit = len; bit < 8 * NTA_ADDR_LEN; bit++) {
        if (addr->bytes[bit / 8] & (0x80U >> bit % 8))
            return true;
    }
    return false;
}

int nta_prefix_parse(const char *text, size_t len, struct nta_prefix *ret_prefix,
                     struct nta_err *err)
{
    const char *slash = memchr(text, '/', len);
    size_t addr_len = slash ? (size_t)(slash - text) : len;
    struct nta_prefix prefix = {.len = 8 * NTA_ADDR_LEN};

    if (nta_addr_parse(text, addr_len, &prefix.addr) < 0)
        return nta_err_set(err, -EINVAL, "not an IP address");
    if (slash) {
        bool v4 = nta_addr_is_v4(&prefix.addr) && !memchr(text, ':', addr_len);
        int bits = parse_length(slash + 1, len - addr_len - 1);

        if (bits < 0 || bits > (v4 ? 32 : 128))
            return nta_err_set(err, -EINVAL, "prefix length is not a number from 0 to %d",
                               v4 ? 32 : 128);
        prefix.len = (uint8_t)(v4 ? bits + 96 : bits);
    }
    if (has_bits_behind(&prefix.addr, prefix.len))
        return nta_err_set(err, -EINVAL, "address has bits set behind its prefix length");
    *ret_prefix = prefix;
    return 0;
}
