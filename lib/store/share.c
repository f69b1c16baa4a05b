/* SPDX-License-Identifier: Apache-2.0 */
#include "store/share.h"

#include "base/hex.h"
#include "vault/note.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

uint32_t nta_store_marks_of(const struct nta_header *header)
{
    uint32_t marks = header->has_next ? NTA_MARK_NEXT : 0U;
    struct nta_note note;

    for (size_t i = 0; nta_header_note(header, i, &note); i++)
        marks |= note.kind == NTA_HEADER_NOTE_INDEX ? NTA_MARK_INDEX : NTA_MARK_NOTES;
    return marks;
}

bool nta_store_can_put(const struct nta_stored *batch, struct nta_err *err)
{
    const struct nta_header *header = &batch->header;

    if (header->version == 2 && header->class > NTA_CLASS_NONE &&
        (unsigned)header->class < NTA_N_CLASSES && header->number > 0 &&
        header->number <= INT64_MAX && (batch->faults & ~(unsigned)NTA_ROW_ABSENT) == 0)
        return true;
    (void)nta_err_set(err, -EINVAL, "batch %" PRIu64 " is not of format 2 and is not kept",
                      header->number);
    return false;
}

int nta_store_refuse_old(const char *where, struct nta_err *err)
{
    return nta_err_set(err, -EPROTO,
                       "%s holds records of format 1, which is only read: move it away, and a new "
                       "one is made in its place; \"nta records\" reads the old one as before",
                       where);
}

void nta_store_take_last(struct nta_store_last *last, uint64_t number,
                         const struct nta_sealed *sealed)
{
    assert(sealed->header.len <= sizeof(last->header) &&
           sealed->signature.len == sizeof(last->signature));
    last->head.number = number;
    nta_header_hash(sealed, last->head.hash);
    last->n_header = sealed->header.len;
    if (sealed->header.len > 0)
        memcpy(last->header, sealed->header.ptr, sealed->header.len);
    memcpy(last->signature, sealed->signature.ptr, sealed->signature.len);
}

void nta_store_place_frontier(struct nta_store_place *place, struct nta_span frontier)
{
    struct nta_log_tree tree;

    place->n_frontier = 0;
    if (place->head.number == 0 || frontier.len > sizeof(place->frontier) ||
        !nta_log_from_frontier(place->head.number - 1, frontier, &tree))
        return;
    if (frontier.len > 0)
        memcpy(place->frontier, frontier.ptr, frontier.len);
    place->n_frontier = frontier.len;
}

size_t nta_store_sealed_len(const struct nta_sealed *sealed)
{
    return sealed->header.len + sealed->signature.len + sealed->tokens.len + sealed->body.len;
}

bool nta_store_same(const struct nta_sealed *sealed, struct nta_span header,
                    struct nta_span signature)
{
    return nta_span_equal(sealed->header, header) && nta_span_equal(sealed->signature, signature);
}

const char *nta_store_sensor_text(const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                  char text[NTA_SENSOR_TEXT_SIZE])
{
    return nta_hex_text(sensor, NTA_SENSOR_ID_LEN, text);
}

bool nta_store_head_is(const struct nta_store_head *a, const struct nta_store_head *b)
{
    return a->number == b->number && memcmp(a->hash, b->hash, NTA_HASH_LEN) == 0;
}

int nta_store_compare(const struct nta_store_head *row, const struct nta_store_put *put,
                      size_t *ret_n_there, struct nta_err *err)
{
    const struct nta_stored *batches = put->batches;
    char text[NTA_SENSOR_TEXT_SIZE];

    *ret_n_there = 0;
    if (nta_store_head_is(row, put->head))
        return 0;
    for (size_t i = 0; i < put->n_batches; i++) {
        struct nta_store_head own = {.number = batches[i].header.number};

        nta_header_hash(&batches[i].sealed, own.hash);
        if (nta_store_head_is(row, &own)) {
            *ret_n_there = i + 1;
            return 0;
        }
    }
    return nta_err_set(err, -EEXIST,
                       "the store's chain of sensor %s is at another batch %" PRIu64
                       ", not at %" PRIu64 ", behind which batch %" PRIu64
                       " goes: another program writes with this sensor's key, or an old copy was "
                       "put back",
                       nta_store_sensor_text(batches[0].header.sensor, text), row->number,
                       put->head->number, batches[0].header.number);
}

int nta_store_refuse(const struct nta_stored *batch, struct nta_err *err)
{
    char text[NTA_SENSOR_TEXT_SIZE];

    return nta_err_set(err, -EEXIST,
                       "the store holds another batch %" PRIu64
                       " of sensor %s: two programs write with one sensor key, or an old copy of "
                       "the journal was put back",
                       batch->header.number, nta_store_sensor_text(batch->header.sensor, text));
}
