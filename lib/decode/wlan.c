/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IEEE 802.11 data frames that are not encrypted, and the headers that capturing radios put before
 * them.
 */
#include "decode/layer.h"

enum
{
    MAC_LEN = 6,
    TYPE_DATA = 2,
    SUBTYPE_NO_DATA = 0x4,
    SUBTYPE_QOS = 0x8,
    FLAG_TO_DS = 0x01,
    FLAG_FROM_DS = 0x02,
    FLAG_MORE_FRAGMENTS = 0x04,
    FLAG_PROTECTED = 0x40,
    FLAG_ORDER = 0x80,
    QOS_AGGREGATE = 0x80,
};

/** The two bytes of a frame control. */
struct control
{
    uint8_t type, flags;
};

/**
 * Which of the addresses are the ends, by the two distribution system flags (IEEE 802.11-2020 table
 * 9-30).
 */
static bool find_ends(struct nta_cursor *c, const uint8_t *h, struct control control,
                      const uint8_t *ends[2])
{
    const uint8_t *first = h + 4, *second = h + 10, *third = h + 16;

    ends[0] = (control.flags & FLAG_FROM_DS) ? third : second;
    ends[1] = (control.flags & FLAG_TO_DS) ? third : first;
    if ((control.flags & FLAG_FROM_DS) && (control.flags & FLAG_TO_DS))
        ends[0] = nta_reader_take(&c->r, MAC_LEN);
    return ends[0] != NULL;
}

/**
 * One of several frames that are sent as one (IEEE 802.11-2020 section 9.3.2.2): ends, length, and
 * padding to 4 bytes but behind the last.
 */
enum nta_layer nta_layer_aggregate(struct nta_cursor *c)
{
    size_t start = nta_reader_offset(&c->r);
    const uint8_t *h = nta_reader_take(&c->r, 14);

    if (!h)
        return nta_layer_dry(c);
    size_t len = 14U + nta_at_be16(h + 12);

    nta_layer_macs(c, h + MAC_LEN, h);
    nta_layer_rest(c, start + (len + 3) / 4 * 4);
    nta_layer_cut(c, start + len);
    return LAYER_LLC;
}

static bool is_readable_data(struct control control)
{
    return (control.type >> 2 & 3) == TYPE_DATA && !(control.type >> 4 & SUBTYPE_NO_DATA) &&
           !(control.flags & (FLAG_PROTECTED | FLAG_MORE_FRAGMENTS));
}

enum nta_layer nta_layer_wlan(struct nta_cursor *c)
{
    size_t start = nta_reader_offset(&c->r);
    const uint8_t *h = nta_reader_take(&c->r, 2), *ends[2];
    bool aggregated = false;

    if (!h)
        return nta_layer_dry(c);
    const struct control control = {h[c->is_swapped], h[!c->is_swapped]};

    if (control.type & 3)
        return nta_layer_stop(c, OUTCOME_BAD);
    if (!is_readable_data(control))
        return LAYER_END;
    if (!nta_reader_take(&c->r, 22))
        return nta_layer_dry(c);
    if (h[22] & 0x0f)
        return LAYER_END; /* a later fragment */
    if (!find_ends(c, h, control, ends))
        return nta_layer_dry(c);
    if (control.type >> 4 & SUBTYPE_QOS) {
        const uint8_t *qos = nta_reader_take(&c->r, 2);

        aggregated = qos && (qos[0] & QOS_AGGREGATE);
        if (control.flags & FLAG_ORDER)
            nta_reader_skip(&c->r, 4); /* high throughput control */
    }
    if (c->padded)
        nta_reader_skip(&c->r, (4 - (nta_reader_offset(&c->r) - start) % 4) % 4);
    if (!nta_reader_ok(&c->r))
        return nta_layer_dry(c);
    if (aggregated)
        return LAYER_AGGREGATE;
    nta_layer_macs(c, ends[0], ends[1]);
    return LAYER_LLC;
}

/**
 * The flags field, which follows the bit maps and, if there is one, an aligned 8-byte clock
 * (radiotap.org).
 */
static uint8_t radiotap_flags(struct nta_reader header)
{
    enum
    {
        HAS_CLOCK = 0x01,
        HAS_FLAGS = 0x02
    };

    nta_reader_skip(&header, 4);
    const uint8_t *map = nta_reader_take(&header, 4);
    uint8_t wanted = map ? map[0] : 0;

    while (map && map[3] & 0x80)
        map = nta_reader_take(&header, 4);
    if (!(wanted & HAS_FLAGS))
        return 0;
    if (wanted & HAS_CLOCK)
        nta_reader_skip(&header, (8 - nta_reader_offset(&header) % 8) % 8 + 8);
    return nta_read_u8(&header);
}

enum nta_layer nta_layer_radiotap(struct nta_cursor *c)
{
    enum
    {
        FLAG_PADDED = 0x20
    };

    struct nta_reader header = c->r;
    const uint8_t *h = nta_reader_take(&header, 8);

    if (!h)
        return nta_layer_dry(c);
    size_t len = nta_at_le16(h + 2);

    if (h[0] != 0 || len < 8)
        return nta_layer_stop(c, OUTCOME_BAD);
    header = nta_read_sub(&c->r, len);
    if (!nta_reader_ok(&header))
        return nta_layer_dry(c);
    c->padded = radiotap_flags(header) & FLAG_PADDED;
    return LAYER_WLAN;
}

/** Prism's header has a fixed length; AVS' begins with a number of its own and its length. */
enum nta_layer nta_layer_prism(struct nta_cursor *c)
{
    enum
    {
        PRISM_LEN = 144
    };

    struct nta_reader peek = c->r;
    uint32_t magic = nta_read_be32(&peek);
    uint32_t len = nta_read_be32(&peek);

    if (!nta_reader_ok(&peek))
        return nta_layer_dry(c);
    if ((magic & 0xfffff000) != 0x80211000)
        len = PRISM_LEN;
    return nta_reader_take(&c->r, len) ? LAYER_WLAN : nta_layer_dry(c);
}
