/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A group is what its members without "!" name less what those with it name, however deep they
 * stand (Suricata).
 */
#include "blacklist/format/suricata_addrs.h"

#include "blacklist/format/range.h"
#include "blacklist/table/addrs.h"

#include <stdlib.h>

enum
{
    DEPTH_MAX = 32, ///< Brackets in brackets.
    EXCEPTIONS_MAX = 256,
    /** So many ranges may a group give for each of its members, exceptions taken out. */
    PIECES_MEMBER = 4,
};

struct span128
{
    nta_u128 first, last;
};

/** A walk over the members of a group. */
struct walk
{
    struct nta_span rest;
    uint64_t negated; ///< A bit for each open bracket, the innermost the lowest.
    unsigned depth;
};

struct member
{
    struct nta_span text;
    bool negated;
};

/** What stands on one side of the arrow. */
struct side
{
    struct nta_span text;
    unsigned n_listed, n_variables;
    bool any;      ///< "any", or all of a family.
    bool but;      ///< Something is excepted that is not known here: a variable.
    bool is_wrong; ///< A member is none, brackets do not fit, too many exceptions.
    bool is_inner; ///< All that is listed is of networks that are nobody's in the internet.
    size_t n_except;
    struct span128 except[EXCEPTIONS_MAX]; ///< Sorted by first.
};

static struct nta_span take_word(struct nta_span *rest)
{
    struct nta_span word = nta_span_trim(*rest);
    unsigned depth = 0;
    size_t n = 0;

    for (; n < word.len && (depth > 0 || !nta_list_is_space(word.ptr[n])); n++) {
        depth += word.ptr[n] == '[';
        depth -= word.ptr[n] == ']' && depth > 0;
    }
    *rest = nta_span_from(word, n);
    return nta_span_first(word, n);
}

struct nta_rule_head nta_rule_head_of(struct nta_span text)
{
    struct nta_rule_head head = {0};

    head.action = take_word(&text);
    head.protocol = take_word(&text);
    head.from = take_word(&text);
    head.from_port = take_word(&text);
    head.direction = take_word(&text);
    head.to = take_word(&text);
    head.to_port = take_word(&text);
    return head;
}

static bool ends_member(uint8_t c)
{
    return c == ',' || c == '[' || c == ']' || nta_list_is_space(c);
}

/** The next member: 1, 0 at the end, -1 if the brackets do not fit. */
static int next_member(struct walk *walk, struct member *ret_member)
{
    bool negated = false;

    while (walk->rest.len > 0) {
        uint8_t c = walk->rest.ptr[0];
        size_t n = 1;

        if (c == '!') {
            negated = !negated;
        } else if (c == '[') {
            if (walk->depth++ == DEPTH_MAX)
                return -1;
            walk->negated = walk->negated << 1 | ((walk->negated & 1) ^ negated);
            negated = false;
        } else if (c == ']') {
            if (walk->depth-- == 0 || negated)
                return -1;
            walk->negated >>= 1;
        } else if (!ends_member(c)) {
            while (n < walk->rest.len && !ends_member(walk->rest.ptr[n]))
                n++;
            *ret_member = (struct member){.text = {.ptr = walk->rest.ptr, .len = n},
                                          .negated = (walk->negated & 1) ^ negated};
            walk->rest = nta_span_from(walk->rest, n);
            return 1;
        }
        walk->rest = nta_span_from(walk->rest, n);
    }
    return walk->depth == 0 && !negated ? 0 : -1;
}

static int compare_firsts(const void *a, const void *b)
{
    const struct span128 *one = a, *two = b;

    return (one->first > two->first) - (one->first < two->first);
}

/** Sorted, and what touches put together. */
static void merge_exceptions(struct side *side)
{
    size_t n = 0;

    qsort(side->except, side->n_except, sizeof(side->except[0]), compare_firsts);
    for (size_t i = 0; i < side->n_except; i++) {
        struct span128 *last = n > 0 ? &side->except[n - 1] : NULL;

        if (last && (last->last == ~(nta_u128)0 || side->except[i].first <= last->last + 1)) {
            if (side->except[i].last > last->last)
                last->last = side->except[i].last;
        } else {
            side->except[n++] = side->except[i];
        }
    }
    side->n_except = n;
}

static bool is_inner(const struct span128 *span)
{
    static const char *const inner[] = {"10.0.0.0/8",  "172.16.0.0/12",  "192.168.0.0/16",
                                        "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                                        "fc00::/7",    "fe80::/10",      "::1"};
    struct nta_addr first = nta_addr_of(span->first), last = nta_addr_of(span->last);

    for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
        struct nta_prefix prefix;
        struct nta_err err;

        if (nta_prefix_parse(inner[i], strlen(inner[i]), &prefix, &err) == 0 &&
            nta_prefix_has(&prefix, &first) && nta_prefix_has(&prefix, &last))
            return true;
    }
    return false;
}

static void take_member(struct nta_list_reader *reader, struct side *side,
                        const struct member *member)
{
    struct nta_list_range range;
    struct span128 span;

    if (member->text.ptr[0] == '$') {
        side->n_variables++;
        side->but = side->but || member->negated;
        return;
    }
    if (nta_span_is(member->text, "any")) {
        side->any = true;
        side->is_wrong = side->is_wrong || member->negated;
        return;
    }
    if (nta_list_range(reader, member->text, &range) != NTA_LINE_ENTRY) {
        side->is_wrong = true;
        return;
    }
    span = (struct span128){nta_u128_of(&range.first), nta_u128_of(&range.last)};
    if (!member->negated) {
        side->n_listed++;
        side->any = side->any || nta_list_range_is_all(&range);
        side->is_inner = side->is_inner && is_inner(&span);
    } else if (side->n_except == EXCEPTIONS_MAX) {
        side->is_wrong = true;
    } else {
        side->except[side->n_except++] = span;
    }
}

static void read_side(struct nta_list_reader *reader, struct nta_span text, struct side *side)
{
    struct walk walk = {.rest = text};
    struct member member;
    int r;

    side->text = text;
    side->is_inner = true;
    while ((r = next_member(&walk, &member)) > 0)
        take_member(reader, side, &member);
    side->is_wrong = side->is_wrong || r < 0 || text.len == 0;
    side->is_inner = side->is_inner && side->n_listed > 0;
    merge_exceptions(side);
}

static bool names_addrs(const struct side *side)
{
    return side->n_listed > 0 && !side->any;
}

static bool is_open(const struct side *side)
{
    return !side->is_wrong && !side->but && side->n_except == 0 && !names_addrs(side);
}

bool nta_rule_is_open(struct nta_list_reader *reader, const struct nta_rule_head *head)
{
    struct side from = {0}, to = {0};

    read_side(reader, head->from, &from);
    read_side(reader, head->to, &to);
    return is_open(&from) && is_open(&to);
}

/** A side's ranges on their way to the reader, or only to be counted. */
struct giving
{
    struct nta_list_reader *reader;
    const struct side *side;
    uint32_t flags;
    bool counts; ///< Only that.
    bool any;    ///< The reader took one.
    size_t n_pieces;
};

/** Give or count one piece; false: more than there may be. */
static bool give_piece(struct giving *giving, nta_u128 first, nta_u128 last)
{
    struct nta_list_range piece = {nta_addr_of(first), nta_addr_of(last)};

    if (++giving->n_pieces > PIECES_MEMBER * (giving->side->n_listed + giving->side->n_except))
        return false;
    if (!giving->counts &&
        nta_list_put_range(giving->reader, &piece, giving->flags) == NTA_LINE_ENTRY)
        giving->any = true;
    return true;
}

/** Give or count one range less its exceptions; false: more pieces than there may be. */
static bool give_pieces(struct giving *giving, struct span128 span)
{
    for (size_t i = 0; i < giving->side->n_except; i++) {
        const struct span128 *out = &giving->side->except[i];

        if (out->last < span.first || out->first > span.last)
            continue;
        if (out->first > span.first && !give_piece(giving, span.first, out->first - 1))
            return false;
        if (out->last >= span.last)
            return true;
        span.first = out->last + 1;
    }
    return give_piece(giving, span.first, span.last);
}

static bool give_side(struct giving *giving)
{
    struct walk walk = {.rest = giving->side->text};
    struct member member;

    giving->n_pieces = 0;
    while (next_member(&walk, &member) > 0) {
        struct nta_list_range range;

        if (member.negated || member.text.ptr[0] == '$' ||
            nta_list_range(giving->reader, member.text, &range) != NTA_LINE_ENTRY)
            continue;
        if (!give_pieces(giving,
                         (struct span128){nta_u128_of(&range.first), nta_u128_of(&range.last)}))
            return false;
    }
    return true;
}

/**
 * Which side is the place that the rule speaks of; NULL with the reader's reason if that is not
 * clear.
 */
static const struct side *place_of(struct nta_list_reader *reader, const struct nta_rule_head *head,
                                   const struct side *from, const struct side *to)
{
    const struct side *place = names_addrs(to) ? to : from;

    if (!names_addrs(from) && !names_addrs(to)) {
        (void)nta_list_skip(reader, "a rule without names or addresses");
        return NULL;
    }
    if (names_addrs(from) && names_addrs(to)) {
        bool both_ways = nta_span_is(head->direction, "<>");

        if ((from->is_inner && to->is_inner) || (both_ways && from->is_inner == to->is_inner)) {
            (void)nta_list_skip(reader, "a rule between two sides, neither of them the place");
            return NULL;
        }
        place = to->is_inner ? from : to;
    } else if (!is_open(place == to ? from : to)) {
        (void)nta_list_skip(reader, "a rule for all but some machines");
        return NULL;
    }
    if (place == from && from->is_inner && !nta_span_is(head->direction, "<>")) {
        (void)nta_list_skip(reader, "a rule over machines of the inside");
        return NULL;
    }
    return place;
}

enum nta_line nta_rule_addrs(struct nta_list_reader *reader, const struct nta_rule_head *head,
                             uint32_t flags)
{
    struct side from = {0}, to = {0};
    const struct side *place;
    struct giving giving;

    read_side(reader, head->from, &from);
    read_side(reader, head->to, &to);
    if (from.is_wrong || to.is_wrong)
        return nta_list_skip(reader, "a rule with a group of addresses that is not understood");
    place = place_of(reader, head, &from, &to);
    if (!place)
        return NTA_LINE_SKIP;
    if (place->but)
        return nta_list_skip(reader, "a rule with an exception for a variable");
    giving = (struct giving){.reader = reader, .side = place, .flags = flags, .counts = true};
    if (!give_side(&giving))
        return nta_list_skip(
            reader, "a rule whose members lie one over the other with too many exceptions");
    giving.counts = false;
    (void)give_side(&giving);
    return giving.any ? NTA_LINE_ENTRY : nta_list_skip(reader, "a rule without names or addresses");
}
