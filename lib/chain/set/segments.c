/* SPDX-License-Identifier: Apache-2.0 */
#include "chain/set/segments.h"

#include "chain/set/prints.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/** Some seconds of moving. */
#define MOVED_MAX (UINT64_C(1) << 26)

void nta_segments_done(struct nta_segments *segments)
{
    for (size_t i = 0; i < segments->n; i++)
        free(segments->all[i].prints);
    free(segments->all);
    *segments = (struct nta_segments){.n = 0};
}

/** How many segments begin at `number` or before. */
static size_t count_up_to(const struct nta_segments *segments, uint64_t number)
{
    size_t low = 0, high = segments->n;

    if (high && segments->all[high - 1].first <= number)
        return high; /* as they mostly come */
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (segments->all[middle].first <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum nta_put nta_segments_find(const struct nta_segments *segments, uint64_t number,
                               const uint8_t hash[NTA_HASH_LEN])
{
    size_t n = count_up_to(segments, number);
    const struct nta_segment *segment = n ? &segments->all[n - 1] : NULL;

    if (!segment || number > segment->last)
        return NTA_PUT_NEW;
    return segment->prints[number - segment->first] == nta_print_of(hash) ? NTA_PUT_SAME
                                                                          : NTA_PUT_OTHER;
}

static enum nta_put append(struct nta_segment *segment, const struct nta_header *header,
                           const uint8_t hash[NTA_HASH_LEN])
{
    size_t n = segment->prints ? (size_t)(segment->last - segment->first + 1) : 0;

    if (n == segment->size) {
        size_t size = segment->size ? 2 * segment->size : 4;
        uint64_t *prints = reallocarray(segment->prints, size, sizeof(*prints));

        if (!prints)
            return NTA_PUT_FAILED;
        segment->prints = prints;
        segment->size = size;
    }
    assert(segment->prints);
    segment->prints[n] = nta_print_of(hash);
    segment->last = header->number;
    memcpy(segment->hash, hash, NTA_HASH_LEN);
    return NTA_PUT_NEW;
}

/** A new segment at place `at`. */
static enum nta_put begin(struct nta_segments *segments, size_t at, const struct nta_header *header,
                          const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_segment segment = {.first = header->number};

    if (segments->n == segments->size) {
        size_t size = segments->size ? 2 * segments->size : 4;
        struct nta_segment *all = reallocarray(segments->all, size, sizeof(*all));

        if (!all)
            return NTA_PUT_FAILED;
        segments->all = all;
        segments->size = size;
    }
    segments->n_moved += segments->n - at;
    if (segments->n_moved > MOVED_MAX)
        return NTA_PUT_LOST;
    memcpy(segment.previous, header->previous, NTA_HASH_LEN);
    if (append(&segment, header, hash) == NTA_PUT_FAILED)
        return NTA_PUT_FAILED;
    assert(at <= segments->n);
    memmove(segments->all + at + 1, segments->all + at,
            (segments->n - at) * sizeof(*segments->all));
    segments->all[at] = segment;
    segments->n++;
    return NTA_PUT_NEW;
}

enum nta_put nta_segments_put(struct nta_segments *segments, const struct nta_header *header,
                              const uint8_t hash[NTA_HASH_LEN])
{
    enum nta_put there = nta_segments_find(segments, header->number, hash);
    size_t at = count_up_to(segments, header->number);
    struct nta_segment *before = at ? &segments->all[at - 1] : NULL;

    if (there != NTA_PUT_NEW)
        return there;
    if (before && before->last + 1 == header->number &&
        memcmp(before->hash, header->previous, NTA_HASH_LEN) == 0)
        return append(before, header, hash);
    return begin(segments, at, header, hash);
}
