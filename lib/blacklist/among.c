/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/among.h"

#include "blacklist/table/ports.h"

/** The best so far. */
struct choice
{
    const struct nta_blacklist *set;
    const struct nta_list_filter *filter;
    uint32_t cover; ///< Of a name; 0: an address with a port.
    struct nta_addr_range range;
    const struct nta_pattern *pattern; ///< Whose value that is, of patterns.
    enum nta_list_weight weight;
};

bool nta_among_is_open(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                       uint32_t value)
{
    return filter && value && nta_blacklist_list_of(set, value)->report.narrowed;
}

static enum nta_list_weight weigh(const struct choice *choice, uint32_t value)
{
    const struct nta_list_report *list = &nta_blacklist_list_of(choice->set, value)->report;

    return list->narrowed ? choice->filter->weigh(choice->filter->owner, list) : NTA_LIST_COUNTS;
}

/** Of entries that are equally specific: is this one to be taken? */
static bool is_better(const struct choice *choice, uint32_t value, enum nta_list_weight weight)
{
    const uint32_t flags = NTA_VALUE_IMPORTANT | NTA_VALUE_ALLOW, best = choice->range.value;

    if (!best || (value & flags) != (best & flags))
        return (value & flags) > (best & flags) || !best;
    if (weight != choice->weight)
        return weight > choice->weight;
    return (value & NTA_VALUE_LINE_MAX) < (best & NTA_VALUE_LINE_MAX);
}

static void consider(struct choice *choice, const struct nta_addr_range *range)
{
    const nta_u128 size = range->last - range->first,
                   best_size = choice->range.last - choice->range.first;
    const enum nta_list_weight weight = weigh(choice, range->value);

    if (weight == NTA_LIST_OUT)
        return;
    if (choice->range.value && size != best_size ? size < best_size
                                                 : is_better(choice, range->value, weight)) {
        choice->range = *range;
        choice->weight = weight;
    }
}

static void on_range(void *owner, const struct nta_addr_range *range)
{
    consider(owner, range);
}

static void on_name(void *owner, uint32_t value)
{
    struct choice *choice = owner;

    if (choice->cover ? (value & choice->cover) != 0 : nta_ports_is_value(value))
        consider(choice, &(struct nta_addr_range){.value = value});
}

uint32_t nta_among_names(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         struct nta_name_hash hash, uint32_t cover)
{
    struct choice choice = {.set = set, .filter = filter, .cover = cover};

    nta_names_each(&set->names, hash, on_name, &choice);
    return choice.range.value;
}

static void on_pattern(void *owner, const struct nta_pattern *pattern)
{
    struct choice *choice = owner;
    const enum nta_list_weight weight = weigh(choice, pattern->value);
    const struct nta_pattern *best = choice->pattern;

    if (weight == NTA_LIST_OUT)
        return;
    if (best && pattern->n_letters != best->n_letters ? pattern->n_letters > best->n_letters
                                                      : is_better(choice, pattern->value, weight)) {
        choice->pattern = pattern;
        choice->range.value = pattern->value;
        choice->weight = weight;
    }
}

const struct nta_pattern *nta_among_patterns(const struct nta_blacklist *set,
                                             const struct nta_list_filter *filter,
                                             struct nta_span name)
{
    struct choice choice = {.set = set, .filter = filter};

    nta_patterns_each(&set->patterns, (const char *)name.ptr, name.len, on_pattern, &choice);
    return choice.pattern;
}

bool nta_among_is_above(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                        const struct nta_pattern *pattern, size_t n_letters, uint32_t value)
{
    struct choice choice = {.set = set, .filter = filter, .range.value = value};

    if (!filter || !value || pattern->n_letters != n_letters)
        return nta_pattern_is_above(pattern, n_letters, value);
    choice.weight = weigh(&choice, value);
    return is_better(&choice, pattern->value, weigh(&choice, pattern->value));
}

uint32_t nta_among_ports(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         const struct nta_addr *addr, uint16_t port)
{
    struct choice choice = {.set = set, .filter = filter};

    nta_ports_each(&set->names, addr, port, on_name, &choice);
    return choice.range.value;
}

struct nta_addr_range nta_among_addrs(const struct nta_blacklist *set,
                                      const struct nta_list_filter *filter,
                                      const struct nta_addr *addr)
{
    struct choice choice = {.set = set, .filter = filter};
    struct nta_addr v4;

    nta_addrs_each(&set->addrs, addr, on_range, &choice);
    if (!choice.range.value && !nta_addr_is_v4(addr) && nta_addr_inside(addr, &v4))
        nta_addrs_each(&set->addrs, &v4, on_range, &choice);
    return choice.range;
}

const struct nta_url *nta_among_urls(const struct nta_blacklist *set,
                                     const struct nta_list_filter *filter,
                                     const struct nta_url *url, struct nta_span target)
{
    struct choice choice = {.set = set, .filter = filter};
    const struct nta_url *best = NULL;

    for (; url && (!best || url->len == best->len); url = nta_urls_next(&set->urls, url, target)) {
        const enum nta_list_weight weight = weigh(&choice, url->value);

        if (weight == NTA_LIST_OUT || !is_better(&choice, url->value, weight))
            continue;
        choice.range.value = url->value;
        choice.weight = weight;
        best = url;
    }
    return best;
}

uint32_t nta_among_marks(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                         enum nta_mark_kind kind, struct nta_span mark)
{
    struct choice choice = {.set = set, .filter = filter};
    uint32_t values[NTA_MARKS_SAME_MAX];
    const size_t n =
        nta_marks_find(&set->marks, &set->names, kind, mark, values, NTA_MARKS_SAME_MAX);

    for (size_t i = 0; i < n; i++)
        consider(&choice, &(struct nta_addr_range){.value = values[i]});
    return choice.range.value;
}
