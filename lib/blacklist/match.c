/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/scratch.h"
#include "base/url.h"
#include "blacklist/among.h"
#include "blacklist/decide.h"
#include "blacklist/format/line.h"
#include "blacklist/hit.h"
#include "blacklist/table/names.h"
#include "blacklist/table/ports.h"
#include "blacklist/table/set.h"

enum
{
    SAME_NAME_MAX = 256, ///< Entries of one name or address that are shown.
};

void nta_hit_fill(const struct nta_blacklist *set, uint32_t value, enum nta_hit_kind kind,
                  struct nta_hit *ret_hit)
{
    const struct nta_list *list = nta_blacklist_list_of(set, value);

    uint32_t line = (value & NTA_VALUE_LINE_MAX) - set->starts[list - set->lists];

    ret_hit->list = nta_list_place_of(list, line, &ret_hit->line);
    ret_hit->kind = kind;
    ret_hit->weak = false;
}

/** Fill a hit for a name's entry; its text is `suffix`, copied only if a sign stands before it. */
static void fill_name(const struct nta_blacklist *set, uint32_t value, struct nta_span suffix,
                      char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    nta_hit_fill(set, value, NTA_HIT_DOMAIN, ret_hit);
    ret_hit->entry = suffix;
    if ((value & NTA_VALUE_SUBS) && (value & NTA_VALUE_SELF))
        return;
    ret_hit->entry = (struct nta_span){
        .ptr = (const uint8_t *)buf,
        .len = (size_t)snprintf(buf, NTA_NAME_SIZE, "%s%.*s", value & NTA_VALUE_SELF ? "=" : "*.",
                                (int)suffix.len, (const char *)suffix.ptr),
    };
}

static void fill_pattern(const struct nta_blacklist *set, const struct nta_pattern *pattern,
                         struct nta_hit *ret_hit)
{
    nta_hit_fill(set, pattern->value, NTA_HIT_PATTERN, ret_hit);
    ret_hit->entry = nta_pattern_text(&set->patterns, pattern);
}

static enum nta_decision decision_of(uint32_t value)
{
    if (!value)
        return NTA_DECIDES_NOTHING;
    return value & NTA_VALUE_ALLOW ? NTA_DECIDES_ALLOWED : NTA_DECIDES_FORBIDDEN;
}

/** The value that decides without patterns, 0 if none; `ret_offset`: where its text starts. */
static uint32_t name_value(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                           struct nta_span name, size_t *ret_offset)
{
    NTA_SCRATCH struct nta_name_suffix suffixes[NTA_NAME_LABELS];
    size_t n = nta_names_suffixes(&set->names, (const char *)name.ptr, name.len, suffixes);

    while (n-- > 0) { /* the longest first: it is the most specific */
        const uint32_t cover = suffixes[n].offset ? NTA_VALUE_SUBS : NTA_VALUE_SELF;
        uint32_t value = nta_names_decide(&set->names, suffixes[n].hash, cover);

        if (nta_among_is_open(set, filter, value))
            value = nta_among_names(set, filter, suffixes[n].hash, cover);
        if (value) {
            *ret_offset = suffixes[n].offset;
            return value;
        }
    }
    return 0;
}

static const struct nta_pattern *pattern_of(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            struct nta_span name)
{
    const struct nta_pattern *pattern;

    if (set->patterns.n_patterns == 0)
        return NULL;
    pattern = nta_patterns_decide(&set->patterns, (const char *)name.ptr, name.len);
    return pattern && nta_among_is_open(set, filter, pattern->value)
               ? nta_among_patterns(set, filter, name)
               : pattern;
}

enum nta_decision nta_blacklist_decide_name(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            struct nta_span name, char buf[NTA_NAME_SIZE],
                                            struct nta_hit *ret_hit)
{
    size_t offset = 0;
    const uint32_t value = name_value(set, filter, name, &offset);
    const struct nta_pattern *pattern = pattern_of(set, filter, name);

    if (pattern && nta_among_is_above(set, filter, pattern, name.len - offset, value)) {
        fill_pattern(set, pattern, ret_hit);
        return decision_of(pattern->value);
    }
    if (value)
        fill_name(set, value, nta_span_from(name, offset), buf, ret_hit);
    return decision_of(value);
}

bool nta_blacklist_match_name(const struct nta_blacklist *set, const char *name, size_t len,
                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_name(set, NULL, (struct nta_span){(const uint8_t *)name, len}, buf,
                                     ret_hit) == NTA_DECIDES_FORBIDDEN;
}

bool nta_blacklist_allows_name(const struct nta_blacklist *set, const char *name, size_t len,
                               char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_name(set, NULL, (struct nta_span){(const uint8_t *)name, len}, buf,
                                     ret_hit) == NTA_DECIDES_ALLOWED;
}

/** The bits of a prefix that is exactly this range, or -1. */
static int prefix_bits(const struct nta_addr_range *range)
{
    nta_u128 hosts = range->last - range->first;
    int bits = 128;

    if ((hosts & (hosts + 1)) != 0 || (range->first & hosts) != 0)
        return -1;
    for (; hosts > 0; hosts >>= 1)
        bits--;
    return bits;
}

static void fill_addr(const struct nta_blacklist *set, const struct nta_addr_range *range,
                      char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    struct nta_addr first = nta_addr_of(range->first), last = nta_addr_of(range->last);
    bool v4 = nta_addr_is_v4(&first) && nta_addr_is_v4(&last);
    int bits = prefix_bits(range);
    size_t n;

    (void)nta_addr_text(&first, buf);
    n = strlen(buf);
    if (range->first != range->last && bits >= 0)
        n += (size_t)snprintf(buf + n, NTA_NAME_SIZE - n, "/%d", v4 ? bits - 96 : bits);
    if (bits < 0) {
        buf[n++] = '-';
        (void)nta_addr_text(&last, buf + n);
        n += strlen(buf + n);
    }
    nta_hit_fill(set, range->value, range->first == range->last ? NTA_HIT_ADDRESS : NTA_HIT_CIDR,
                 ret_hit);
    ret_hit->entry = (struct nta_span){.ptr = (const uint8_t *)buf, .len = n};
    ret_hit->weak = true;
}

static struct nta_addr_range range_of(const struct nta_blacklist *set,
                                      const struct nta_list_filter *filter,
                                      const struct nta_addr *addr)
{
    const struct nta_addr_range range = nta_addrs_decide(&set->addrs, addr);

    return nta_among_is_open(set, filter, range.value) ? nta_among_addrs(set, filter, addr) : range;
}

static enum nta_decision decide_range(const struct nta_blacklist *set,
                                      const struct nta_addr_range *range, char buf[NTA_NAME_SIZE],
                                      struct nta_hit *ret_hit)
{
    if (range->value)
        fill_addr(set, range, buf, ret_hit);
    return decision_of(range->value);
}

enum nta_decision nta_blacklist_decide_addr(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            const struct nta_addr *addr, char buf[NTA_NAME_SIZE],
                                            struct nta_hit *ret_hit)
{
    const struct nta_addr_range range = range_of(set, filter, addr);

    return decide_range(set, &range, buf, ret_hit);
}

bool nta_blacklist_match_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_addr(set, NULL, addr, buf, ret_hit) == NTA_DECIDES_FORBIDDEN;
}

bool nta_blacklist_allows_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                               char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_addr(set, NULL, addr, buf, ret_hit) == NTA_DECIDES_ALLOWED;
}

static void fill_port(const struct nta_blacklist *set, const struct nta_addr *addr, uint16_t port,
                      uint32_t value, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    nta_hit_fill(set, value, NTA_HIT_ADDRESS, ret_hit);
    ret_hit->entry = (struct nta_span){.ptr = (const uint8_t *)buf,
                                       .len = nta_ports_text(addr, port, buf, NTA_NAME_SIZE)};
    ret_hit->weak = true;
}

/** Whether an exception for exactly the address stands above an entry with a port. */
static bool is_above(const struct nta_addr_range *range, uint32_t value)
{
    return (range->value & NTA_VALUE_ALLOW) && range->first == range->last &&
           nta_value_rank(range->value) > nta_value_rank(value);
}

static uint32_t port_value(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                           const struct nta_addr *addr, uint16_t port)
{
    const uint32_t value = nta_ports_decide(&set->names, addr, port);

    return nta_among_is_open(set, filter, value) ? nta_among_ports(set, filter, addr, port) : value;
}

enum nta_decision nta_blacklist_decide_server(const struct nta_blacklist *set,
                                              const struct nta_list_filter *filter,
                                              const struct nta_addr *addr, uint16_t port,
                                              char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    uint32_t value = port_value(set, filter, addr, port);
    struct nta_addr_range range;
    struct nta_addr v4;

    if (!value && !nta_addr_is_v4(addr) && nta_addr_inside(addr, &v4)) {
        value = port_value(set, filter, &v4, port);
        addr = value ? &v4 : addr;
    }
    range = range_of(set, filter, addr);
    if (!value || is_above(&range, value))
        return decide_range(set, &range, buf, ret_hit);
    fill_port(set, addr, port, value, buf, ret_hit);
    return decision_of(value);
}

bool nta_blacklist_match_server(const struct nta_blacklist *set, const struct nta_addr *addr,
                                uint16_t port, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_server(set, NULL, addr, port, buf, ret_hit) ==
           NTA_DECIDES_FORBIDDEN;
}

bool nta_blacklist_allows_server(const struct nta_blacklist *set, const struct nta_addr *addr,
                                 uint16_t port, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_server(set, NULL, addr, port, buf, ret_hit) == NTA_DECIDES_ALLOWED;
}

/** The target in normal form, in `buf` if it was not yet. */
static struct nta_span normal_target(struct nta_span target, uint8_t buf[NTA_FIELD_SIZE])
{
    size_t len;

    if (nta_url_is_normal(target))
        return target;
    len = nta_url_target(target, buf, NTA_FIELD_SIZE);
    return len ? (struct nta_span){.ptr = buf, .len = len} : target;
}

static const struct nta_url *decide_url(const struct nta_blacklist *set, struct nta_span host,
                                        struct nta_span target)
{
    if (set->urls.n_urls == 0 || host.len == 0 || host.len > NTA_NAME_MAX || target.len == 0)
        return NULL;
    return nta_urls_decide(
        &set->urls, nta_names_hash(&set->names, (const char *)host.ptr, host.len).tag, target);
}

static void fill_url(const struct nta_blacklist *set, const struct nta_url *url,
                     struct nta_hit *ret_hit)
{
    nta_hit_fill(set, url->value, NTA_HIT_URL, ret_hit);
    ret_hit->entry = (struct nta_span){.ptr = set->urls.text.ptr + url->start,
                                       .len = url->host_len + (size_t)url->len};
}

enum nta_decision nta_blacklist_decide_url(const struct nta_blacklist *set,
                                           const struct nta_list_filter *filter,
                                           struct nta_span host, struct nta_span target,
                                           struct nta_hit *ret_hit)
{
    NTA_SCRATCH uint8_t buf[NTA_FIELD_SIZE];
    const struct nta_url *url;

    if (set->urls.n_urls == 0)
        return NTA_DECIDES_NOTHING;
    target = normal_target(target, buf);
    url = decide_url(set, host, target);
    if (url && nta_among_is_open(set, filter, url->value))
        url = nta_among_urls(set, filter, url, target);
    if (!url)
        return NTA_DECIDES_NOTHING;
    fill_url(set, url, ret_hit);
    return decision_of(url->value);
}

bool nta_blacklist_match_url(const struct nta_blacklist *set, struct nta_span host,
                             struct nta_span target, struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_url(set, NULL, host, target, ret_hit) == NTA_DECIDES_FORBIDDEN;
}

bool nta_blacklist_allows_url(const struct nta_blacklist *set, struct nta_span host,
                              struct nta_span target, struct nta_hit *ret_hit)
{
    return nta_blacklist_decide_url(set, NULL, host, target, ret_hit) == NTA_DECIDES_ALLOWED;
}

void nta_blacklist_each_url(const struct nta_blacklist *set, struct nta_span host,
                            struct nta_span target,
                            bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                            void *owner)
{
    NTA_SCRATCH uint8_t buf[NTA_FIELD_SIZE];

    if (set->urls.n_urls == 0)
        return;
    target = normal_target(target, buf);
    for (const struct nta_url *url = decide_url(set, host, target); url;
         url = nta_urls_next(&set->urls, url, target)) {
        struct nta_hit hit;

        fill_url(set, url, &hit);
        if (!each(owner, &hit, url->value & NTA_VALUE_ALLOW))
            return;
    }
}

static int compare_ranks(const void *a, const void *b)
{
    uint32_t one = nta_value_rank(*(const uint32_t *)a), two = nta_value_rank(*(const uint32_t *)b);

    return (one < two) - (one > two);
}

/** Entries that cover a name on their way to somebody, until they want no more. */
struct giving
{
    const struct nta_blacklist *set;
    bool (*each)(void *owner, const struct nta_hit *hit, bool allow);
    void *owner;
    const struct nta_pattern *patterns[SAME_NAME_MAX]; ///< What decides first.
    size_t n_patterns, n_given;
    bool done;
};

/** The patterns that decide before an entry of so many letters with this value. */
static void give_patterns(struct giving *giving, size_t n_letters, uint32_t value)
{
    while (!giving->done && giving->n_given < giving->n_patterns &&
           nta_pattern_is_above(giving->patterns[giving->n_given], n_letters, value)) {
        const struct nta_pattern *pattern = giving->patterns[giving->n_given++];
        struct nta_hit hit;

        fill_pattern(giving->set, pattern, &hit);
        giving->done = !giving->each(giving->owner, &hit, pattern->value & NTA_VALUE_ALLOW);
    }
}

/** The entries of one name. */
static void give_name(struct giving *giving, struct nta_name_hash hash, struct nta_span suffix,
                      uint32_t cover)
{
    uint32_t values[SAME_NAME_MAX];
    size_t n_values = nta_names_find(&giving->set->names, hash, values, SAME_NAME_MAX);

    qsort(values, n_values, sizeof(*values), compare_ranks);
    for (size_t i = 0; i < n_values; i++) {
        char buf[NTA_NAME_SIZE];
        struct nta_hit hit;

        if (!(values[i] & cover))
            continue;
        give_patterns(giving, suffix.len, values[i]);
        if (giving->done)
            return;
        fill_name(giving->set, values[i], suffix, buf, &hit);
        giving->done = !giving->each(giving->owner, &hit, values[i] & NTA_VALUE_ALLOW);
    }
}

void nta_blacklist_each_name(const struct nta_blacklist *set, const char *name, size_t len,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner)
{
    NTA_SCRATCH struct nta_name_suffix suffixes[NTA_NAME_LABELS];
    size_t n = nta_names_suffixes(&set->names, name, len, suffixes);
    struct giving giving = {.set = set, .each = each, .owner = owner};

    giving.n_patterns =
        nta_patterns_find(&set->patterns, name, len, giving.patterns, SAME_NAME_MAX);
    while (n-- > 0 && !giving.done) {
        struct nta_span suffix = {.ptr = (const uint8_t *)name + suffixes[n].offset,
                                  .len = len - suffixes[n].offset};

        give_name(&giving, suffixes[n].hash, suffix,
                  suffixes[n].offset ? NTA_VALUE_SUBS : NTA_VALUE_SELF);
    }
    give_patterns(&giving, 0, 0);
}

void nta_blacklist_each_port(const struct nta_blacklist *set, const struct nta_addr *addr,
                             uint16_t port,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner)
{
    uint32_t values[SAME_NAME_MAX];
    size_t n = nta_ports_find(&set->names, addr, port, values, SAME_NAME_MAX);
    struct nta_addr v4;

    if (n == 0 && nta_addr_inside(addr, &v4)) {
        n = nta_ports_find(&set->names, &v4, port, values, SAME_NAME_MAX);
        addr = &v4;
    }

    qsort(values, n, sizeof(*values), compare_ranks);
    for (size_t i = 0; i < n; i++) {
        char buf[NTA_NAME_SIZE];
        struct nta_hit hit;

        fill_port(set, addr, port, values[i], buf, &hit);
        if (!each(owner, &hit, values[i] & NTA_VALUE_ALLOW))
            return;
    }
}

void nta_blacklist_each_addr(const struct nta_blacklist *set, const struct nta_addr *addr,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner)
{
    struct nta_addr_range ranges[SAME_NAME_MAX];
    size_t n = nta_addrs_find(&set->addrs, addr, ranges, SAME_NAME_MAX);

    for (size_t i = 0; i < n; i++) {
        char buf[NTA_NAME_SIZE];
        struct nta_hit hit;

        fill_addr(set, &ranges[i], buf, &hit);
        if (!each(owner, &hit, ranges[i].value & NTA_VALUE_ALLOW))
            return;
    }
}
