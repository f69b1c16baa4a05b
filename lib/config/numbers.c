/* SPDX-License-Identifier: Apache-2.0 */
#include "config/numbers.h"

#include "base/runtime/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MS ((uint64_t)NTA_NS_PER_MS)
#define S  ((uint64_t)NTA_NS_PER_S)
#define H  (3600 * S)

/** A unit behind a number. */
struct unit
{
    const char *name;
    uint64_t factor;
};

/* largest first: values are shown in the first one that divides them */
static const struct unit size_units[] = {
    {"G", 1ULL << 30}, {"M", 1ULL << 20}, {"K", 1ULL << 10}, {"", 1}, {NULL, 0}};
static const struct unit time_units[] = {{"d", 24 * H}, {"h", H}, {"m", 60 * S}, {"s", S},
                                         {"ms", MS},    {"", S},  {NULL, 0}};
static const struct unit count_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *units_of(enum nta_number kind)
{
    if (kind == NTA_NUMBER_SIZE)
        return size_units;
    return kind == NTA_NUMBER_TIME ? time_units : count_units;
}

int nta_number_parse(enum nta_number kind, const char *text, uint64_t *ret_value,
                     struct nta_err *err)
{
    char *end = NULL;

    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);

    if (end == text || text[0] == '-' || text[0] == '+' || errno == ERANGE)
        return nta_err_set(err, -EINVAL, "\"%s\" is not a whole number", text);
    while (*end == ' ')
        end++;
    for (const struct unit *unit = units_of(kind); unit->name; unit++) {
        if (strcmp(end, unit->name) != 0)
            continue;
        if (number > INT64_MAX / unit->factor)
            return nta_err_set(err, -EINVAL, "\"%s\" is too large", text);
        *ret_value = number * unit->factor;
        return 0;
    }
    return nta_err_set(err, -EINVAL, "\"%s\": \"%s\" is not a unit here (%s)", text, end,
                       kind == NTA_NUMBER_TIME   ? "ms, s, m, h, d"
                       : kind == NTA_NUMBER_SIZE ? "K, M, G"
                                                 : "it takes none");
}

void nta_number_show(enum nta_number kind, uint64_t value, struct nta_buf *out)
{
    const struct unit *unit = units_of(kind);

    while (unit->name[0] && (value == 0 || value % unit->factor != 0))
        unit++;
    if (kind == NTA_NUMBER_TIME && !unit->name[0])
        nta_buf_printf(out, "%llums", (unsigned long long)(value / MS));
    else
        nta_buf_printf(out, "%llu%s", (unsigned long long)(value / unit->factor), unit->name);
}
