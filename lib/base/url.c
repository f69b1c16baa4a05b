/* SPDX-License-Identifier: Apache-2.0 */
#include "base/url.h"

enum
{
    IPV4_PARTS = 4,
};

/** "0x1f", "017", "12"; false: no number, or more than 32 bits. */
static bool take_number(struct nta_span text, uint64_t *ret_number)
{
    unsigned base = 10;
    uint64_t number = 0;

    if (text.len == 0)
        return false;
    if (text.len >= 2 && text.ptr[0] == '0' && (text.ptr[1] | 0x20) == 'x') {
        base = 16;
        text.ptr += 2;
        text.len -= 2;
    } else if (text.len >= 2 && text.ptr[0] == '0') {
        base = 8;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned c = text.ptr[i], digit = base;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        if (digit >= base)
            return false;
        number = number * base + digit;
        if (number > UINT32_MAX)
            return false;
    }
    *ret_number = number;
    return true;
}

static struct nta_span without_dot(struct nta_span host)
{
    if (host.len > 1 && host.ptr[host.len - 1] == '.')
        host.len--;
    return host;
}

bool nta_url_ends_in_number(struct nta_span host)
{
    size_t start, n_digits = 0;
    uint64_t number;

    host = without_dot(host);
    for (start = host.len; start > 0 && host.ptr[start - 1] != '.'; start--)
        n_digits += host.ptr[start - 1] >= '0' && host.ptr[start - 1] <= '9';
    if (start == host.len)
        return false;
    return n_digits == host.len - start ||
           take_number((struct nta_span){.ptr = host.ptr + start, .len = host.len - start},
                       &number);
}

bool nta_url_ipv4(struct nta_span host, struct nta_addr *ret_addr)
{
    uint64_t parts[IPV4_PARTS], address = 0;
    size_t n = 0, start = 0;
    uint8_t bytes[4];

    host = without_dot(host);
    for (size_t i = 0; i <= host.len; i++) {
        if (i < host.len && host.ptr[i] != '.')
            continue;
        if (n == IPV4_PARTS ||
            !take_number((struct nta_span){.ptr = host.ptr + start, .len = i - start}, &parts[n]))
            return false;
        n++;
        start = i + 1;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        if (parts[i] > UINT8_MAX)
            return false;
        address |= parts[i] << (24 - 8 * i);
    }
    if (parts[n - 1] >> (8 * (IPV4_PARTS + 1 - n)))
        return false;
    address |= parts[n - 1];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(address >> (24 - 8 * i));
    *ret_addr = nta_addr_v4(bytes);
    return true;
}
