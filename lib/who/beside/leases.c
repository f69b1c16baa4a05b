/* SPDX-License-Identifier: Apache-2.0 */
#include "who/beside/leases.h"

#include "base/hex.h"
#include "who/people.h"

#include <string.h>

bool nta_leases_number(struct nta_span text, int64_t max, int64_t *ret_number)
{
    int64_t number = 0;

    for (size_t i = 0; i < text.len; i++) {
        const int digit = text.ptr[i] - '0';

        if (digit < 0 || digit > 9 || number > (max - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return text.len > 0;
}

int64_t nta_leases_ns(int64_t seconds)
{
    if (seconds > INT64_MAX / NTA_NS_PER_S)
        return INT64_MAX;
    return seconds < INT64_MIN / NTA_NS_PER_S ? INT64_MIN : seconds * NTA_NS_PER_S;
}

bool nta_leases_seconds(const int parts[6], int64_t *ret_seconds)
{
    static const int before[12] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const int year = parts[0], month = parts[1], day = parts[2];
    const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    if (year < 1970 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 ||
        parts[3] > 23 || parts[4] > 59 || parts[5] > 60)
        return false;
    const int past = year - 1;
    const int64_t days = (int64_t)past * 365 + past / 4 - past / 100 + past / 400 - 719162 +
                         before[month - 1] + (is_leap && month > 2) + day - 1;

    *ret_seconds = ((days * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5];
    return true;
}

/** So many digits, then what is between (0: nothing). */
static bool take_part(struct nta_span *text, size_t n, const char *behind, int *ret_part)
{
    int64_t number;

    if (text->len < n || !nta_leases_number(nta_span_first(*text, n), 9999, &number))
        return false;
    *text = nta_span_from(*text, n);
    *ret_part = (int)number;
    if (!behind)
        return true;
    if (text->len == 0 || !strchr(behind, text->ptr[0]) || text->ptr[0] == '\0')
        return false;
    *text = nta_span_from(*text, 1);
    return true;
}

/** ".5": the fraction of a second in nanoseconds; what is finer is left out. */
static int64_t take_fraction(struct nta_span *text)
{
    int64_t ns = 0, unit = NTA_NS_PER_S;

    if (text->len == 0 || text->ptr[0] != '.')
        return 0;
    for (*text = nta_span_from(*text, 1);
         text->len > 0 && text->ptr[0] >= '0' && text->ptr[0] <= '9';
         *text = nta_span_from(*text, 1)) {
        unit /= 10;
        ns += (text->ptr[0] - '0') * unit;
    }
    return ns;
}

bool nta_leases_rfc3339(struct nta_span text, int64_t *ret_ns)
{
    int parts[6], hours = 0, minutes = 0;
    int64_t seconds, ns;

    if (!take_part(&text, 4, "-", &parts[0]) || !take_part(&text, 2, "-", &parts[1]) ||
        !take_part(&text, 2, "Tt ", &parts[2]) || !take_part(&text, 2, ":", &parts[3]) ||
        !take_part(&text, 2, ":", &parts[4]) || !take_part(&text, 2, NULL, &parts[5]) ||
        !nta_leases_seconds(parts, &seconds))
        return false;
    ns = take_fraction(&text);
    if (text.len == 0)
        return false; /* of which place on earth? */
    const uint8_t sign = text.ptr[0];

    text = nta_span_from(text, 1);
    if (sign == '+' || sign == '-') {
        if (!take_part(&text, 2, ":", &hours) || !take_part(&text, 2, NULL, &minutes) ||
            hours > 23 || minutes > 59)
            return false;
    } else if (sign != 'Z' && sign != 'z') {
        return false;
    }
    const int64_t east = (int64_t)(hours * 60 + minutes) * 60;

    seconds -= sign == '+' ? east : -east;
    *ret_ns = nta_leases_ns(seconds);
    if (*ret_ns < INT64_MAX - NTA_NS_PER_S)
        *ret_ns += ns;
    return text.len == 0;
}

bool nta_leases_ip(struct nta_who_fact *fact, struct nta_span text)
{
    if (nta_addr_parse((const char *)text.ptr, text.len, &fact->ip.addr) < 0)
        return false;
    fact->ip.len = 8 * NTA_ADDR_LEN;
    fact->has_ip = true;
    return true;
}

bool nta_leases_mac(struct nta_who_fact *fact, struct nta_span text)
{
    if (text.len == 20 && text.ptr[2] == '-')
        text = nta_span_from(text, 3);
    if (!nta_people_parse_mac(text, fact->mac))
        return false;
    fact->has_mac = true;
    return true;
}

struct nta_span nta_leases_hex(struct nta_span text, uint8_t buf[NTA_WHO_TEXT_MAX])
{
    size_t len = 0;

    while (text.len >= 2 && len < NTA_WHO_TEXT_MAX) {
        if (!nta_hex_parse((const char *)text.ptr, 1, &buf[len]))
            return (struct nta_span){0};
        len++;
        text = nta_span_from(text, 2);
        if (text.len > 0 && text.ptr[0] == ':')
            text = nta_span_from(text, 1);
    }
    return text.len == 0 ? (struct nta_span){buf, len} : (struct nta_span){0};
}

void nta_leases_duid(struct nta_who_fact *fact, struct nta_span duid)
{
    enum
    {
        LLT = 1,
        LL = 3,
        ETHERNET = 1
    };

    fact->client_id = duid;
    if (duid.len < 4 || duid.ptr[0] != 0 || duid.ptr[2] != 0 || duid.ptr[3] != ETHERNET)
        return;
    const size_t at = duid.ptr[1] == LLT ? 8 : 4;

    if ((duid.ptr[1] != LLT && duid.ptr[1] != LL) || duid.len != at + 6)
        return;
    fact->has_mac = true;
    memcpy(fact->mac, duid.ptr + at, 6);
}

struct nta_span nta_leases_copy(struct nta_span text, uint8_t buf[NTA_WHO_TEXT_MAX])
{
    if (text.len == 0 || text.len > NTA_WHO_TEXT_MAX)
        return (struct nta_span){0};
    memcpy(buf, text.ptr, text.len);
    return (struct nta_span){buf, text.len};
}

struct nta_span nta_leases_word(struct nta_span *rest)
{
    size_t from = 0, to;

    while (from < rest->len && strchr(" \t\r", rest->ptr[from]) && rest->ptr[from])
        from++;
    for (to = from; to < rest->len && !(rest->ptr[to] && strchr(" \t\r", rest->ptr[to]));)
        to++;
    const struct nta_span word = {rest->ptr + from, to - from};

    *rest = nta_span_from(*rest, to);
    return word;
}
