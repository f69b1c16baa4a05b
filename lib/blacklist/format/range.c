/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses, prefixes and ranges as lists write them. */
#include "blacklist/format/range.h"

#include "base/url.h"
#include "blacklist/table/addrs.h"

enum
{
    ODD_ADDR_MAX = 64,
};

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/**
 * "001.002.003.004": four times three digits are filled up with zeros, as eMule writes them, not
 * octal.
 */
static bool parse_padded(struct nta_span text, struct nta_addr *ret_addr)
{
    uint8_t bytes[4];

    if (text.len != 15)
        return false;
    for (size_t i = 0; i < 4; i++) {
        const uint8_t *part = text.ptr + 4 * i;
        unsigned number = 0;

        for (size_t k = 0; k < 3; k++) {
            if (!is_digit(part[k]))
                return false;
            number = number * 10 + part[k] - '0';
        }
        if (number > 255 || (i < 3 && part[3] != '.'))
            return false;
        bytes[i] = (uint8_t)number;
    }
    *ret_addr = nta_addr_v4(bytes);
    return true;
}

/**
 * Four numbers, or what could be nothing else: hexadecimal, octal, a last one over 255.  "192.168"
 * is more likely a start.
 */
static bool is_odd(struct nta_span text)
{
    size_t n_dots = 0;
    unsigned last = 0;

    if (text.len > ODD_ADDR_MAX || text.len < 2)
        return false;
    if (text.ptr[0] == '0' && text.ptr[1] != '.')
        return true;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dot = text.ptr[i] == '.' && i + 1 < text.len;

        n_dots += is_dot;
        last = is_dot || !is_digit(text.ptr[i]) ? 0 : last * 10 + text.ptr[i] - '0';
        if (last > UINT8_MAX && !memchr(text.ptr + i, '.', text.len - i))
            return true;
    }
    return n_dots == 3;
}

bool nta_list_parse_addr(struct nta_span text, struct nta_addr *ret_addr)
{
    const uint8_t *percent, *colon;

    if (text.len == 0 || nta_addr_parse((const char *)text.ptr, text.len, ret_addr) == 0)
        return text.len > 0;
    colon = memchr(text.ptr, ':', text.len);
    if (colon) { /* fe80::1%eth0: the zone is one of the author's machine */
        percent = memchr(colon, '%', text.len - (size_t)(colon - text.ptr));
        return percent && percent + 1 < text.ptr + text.len &&
               nta_addr_parse((const char *)text.ptr, (size_t)(percent - text.ptr), ret_addr) == 0;
    }
    if (parse_padded(text, ret_addr))
        return true;
    /* A number alone is an address in a URL; on a line of its own only if it does not look like a
     * count. */
    if (!memchr(text.ptr, '.', text.len) && !nta_span_starts(text, "0x"))
        return false;
    return is_odd(text) && nta_url_ipv4(text, ret_addr);
}

/** Where IPv4 is kept among the addresses of IPv6. */
static nta_u128 v4_first(void)
{
    return (nta_u128)0xffff << 32;
}

static nta_u128 v4_last(void)
{
    return v4_first() + UINT32_MAX;
}

bool nta_list_range_is_all(const struct nta_list_range *range)
{
    const nta_u128 half = (nta_u128)1 << 127, global = (nta_u128)1 << 125;
    nta_u128 first = nta_u128_of(&range->first), last = nta_u128_of(&range->last);

    if (first >= v4_first() && last <= v4_last())
        return last - first >= UINT32_C(1) << 31; /* more than half of it */
    return (first <= global && last >= 2 * global - 1) || last - first >= half;
}

static enum nta_line put(struct nta_list_reader *reader, nta_u128 first, nta_u128 last,
                         uint32_t flags)
{
    struct nta_list_entry entry = {.what = NTA_ENTRY_RANGE,
                                   .flags = flags,
                                   .first = nta_addr_of(first),
                                   .last = nta_addr_of(last)};

    nta_list_give(reader, &entry);
    return NTA_LINE_ENTRY;
}

/**
 * Networks of IPv6 that hold the place where IPv4 is kept here do not speak of IPv4 (RFC 4291):
 * they are given in the two parts before and behind it.
 */
enum nta_line nta_list_put_range(struct nta_list_reader *reader, const struct nta_list_range *range,
                                 uint32_t flags)
{
    nta_u128 first = nta_u128_of(&range->first), last = nta_u128_of(&range->last);

    if (nta_list_range_is_all(range) && !reader->force)
        return nta_list_refuse(reader, "a network that holds every address");
    if (first >= v4_first() && last <= v4_last())
        return put(reader, first, last, flags);
    if (first < v4_first() && last >= v4_first())
        (void)put(reader, first, v4_first() - 1, flags);
    if (first <= v4_last() && last > v4_last())
        return put(reader, v4_last() + 1, last, flags);
    if (first < v4_first() && last >= v4_first())
        return NTA_LINE_ENTRY;
    return put(reader, first, last, flags);
}

/** "255.255.255.0" -> 24; -1: no netmask, or one with holes. */
static int mask_bits(struct nta_span text)
{
    struct nta_addr addr;
    uint32_t mask;
    int bits = 0;

    if (nta_addr_parse((const char *)text.ptr, text.len, &addr) < 0 || !nta_addr_is_v4(&addr) ||
        memchr(text.ptr, ':', text.len))
        return -1;
    mask = (uint32_t)nta_u128_of(&addr);
    if (mask & (~mask >> 1))
        return -1;
    for (; mask; mask <<= 1)
        bits++;
    return bits;
}

/** "a/len"; bits behind the length are cleared, as published lists often leave them. */
static enum nta_line parse_prefix(struct nta_list_reader *reader, struct nta_span text,
                                  size_t slash, struct nta_list_range *ret_range)
{
    struct nta_span digits = nta_span_from(text, slash + 1);
    bool v6 = memchr(text.ptr, ':', slash);
    unsigned bits = 0, most = v6 ? 128 : 32;
    struct nta_addr addr, mask;
    nta_u128 host_bits;

    if (!nta_list_parse_addr((struct nta_span){.ptr = text.ptr, .len = slash}, &addr))
        return NTA_LINE_OTHER;
    if (!v6 && mask_bits(digits) >= 0) {
        bits = (unsigned)mask_bits(digits);
        digits.len = 0;
    } else if (digits.len == 0) {
        return NTA_LINE_OTHER; /* a URL of all of a host */
    } else if (!v6 && nta_addr_parse((const char *)digits.ptr, digits.len, &mask) == 0) {
        return nta_list_bad(reader, "a netmask with holes");
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.ptr[i]) || i == 3)
            return NTA_LINE_OTHER; /* perhaps a URL */
        bits = bits * 10 + (unsigned)(digits.ptr[i] - '0');
    }
    if (bits > most)
        return nta_list_bad(reader, "prefix length is out of range");
    if (v6 && bits < 96 && nta_addr_is_v4(&addr))
        return nta_list_refuse(
            reader, "an IPv4 address in IPv6 form with a length that counts from IPv4's start");
    host_bits = most - bits == 128 ? ~(nta_u128)0 : ((nta_u128)1 << (most - bits)) - 1;
    ret_range->last = nta_addr_of(nta_u128_of(&addr) | host_bits);
    ret_range->first = nta_addr_of(nta_u128_of(&addr) & ~host_bits);
    return NTA_LINE_ENTRY;
}

/** "a-b"; OTHER if they are no addresses. */
static enum nta_line parse_span(struct nta_list_reader *reader, struct nta_span left,
                                struct nta_span right, struct nta_list_range *ret_range)
{
    struct nta_list_range range;

    left = nta_span_trim(left);
    right = nta_span_trim(right);
    if (!nta_list_parse_addr(left, &range.first) || !nta_list_parse_addr(right, &range.last))
        return NTA_LINE_OTHER;
    if (!memchr(left.ptr, ':', left.len) != !memchr(right.ptr, ':', right.len))
        return nta_list_bad(reader, "range between two families of addresses");
    if (nta_u128_of(&range.first) > nta_u128_of(&range.last))
        return nta_list_bad(reader, "range that ends before it starts");
    *ret_range = range;
    return NTA_LINE_ENTRY;
}

bool nta_list_is_netmask(struct nta_span text)
{
    return mask_bits(text) > 0 && text.ptr[0] == '2'; /* 255.…, 252.…, 240.…, 224.… */
}

enum nta_line nta_list_net(struct nta_list_reader *reader, struct nta_span addr,
                           struct nta_span mask, uint32_t flags)
{
    struct nta_list_range range;
    enum nta_line outcome = NTA_LINE_OTHER;

    if (nta_list_parse_addr(addr, &range.first) && nta_addr_is_v4(&range.first)) {
        uint32_t host_bits = (uint32_t)(((uint64_t)1 << (32 - mask_bits(mask))) - 1);
        nta_u128 number = nta_u128_of(&range.first);

        range.first = nta_addr_of(number & ~(nta_u128)host_bits);
        range.last = nta_addr_of(number | host_bits);
        outcome = nta_list_put_range(reader, &range, flags);
    }
    return outcome;
}

enum nta_line nta_list_span(struct nta_list_reader *reader, struct nta_span left,
                            struct nta_span right, uint32_t flags)
{
    struct nta_list_range range;
    enum nta_line outcome = parse_span(reader, left, right, &range);

    return outcome == NTA_LINE_ENTRY ? nta_list_put_range(reader, &range, flags) : outcome;
}

enum nta_line nta_list_range(struct nta_list_reader *reader, struct nta_span text,
                             struct nta_list_range *ret_range)
{
    bool bracketed = text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']';
    enum nta_line outcome = NTA_LINE_OTHER;
    size_t slash, hyphen;

    if (bracketed)
        text = (struct nta_span){.ptr = text.ptr + 1, .len = text.len - 2};
    slash = nta_span_find(text, "/");
    hyphen = nta_span_find(text, "-");
    if (slash < text.len)
        outcome = parse_prefix(reader, text, slash, ret_range);
    if (outcome == NTA_LINE_OTHER && hyphen < text.len)
        outcome = parse_span(reader, (struct nta_span){.ptr = text.ptr, .len = hyphen},
                             nta_span_from(text, hyphen + 1), ret_range);
    if (outcome == NTA_LINE_OTHER && nta_list_parse_addr(text, &ret_range->first)) {
        ret_range->last = ret_range->first;
        outcome = NTA_LINE_ENTRY;
    }
    return outcome;
}

enum nta_line nta_list_addr(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    struct nta_list_range range;
    enum nta_line outcome = nta_list_range(reader, text, &range);

    return outcome == NTA_LINE_ENTRY ? nta_list_put_range(reader, &range, flags) : outcome;
}
