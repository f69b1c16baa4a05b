/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/proof/each.h"

#include "base/hex.h"
#include "base/own.h"

#include <errno.h>
#include <inttypes.h>

static int each_of(struct nta_case_at *at, struct nta_record_buf *buf, nta_case_each_fn *each,
                   void *owner)
{
    char sensor[NTA_HEX_SIZE(NTA_SENSOR_ID_LEN)];
    int r = 0;

    for (size_t i = 0; i < at->head->n_records && r == 0; i++) {
        struct nta_record record;

        at->stored = &at->head->records[i];
        at->record = nta_record_decode(at->stored->bytes, buf, &record) ? &record : NULL;
        (void)snprintf(at->id, sizeof(at->id), "%s-%" PRIu64 "-%" PRIu64,
                       nta_hex_text(at->head->header.sensor, NTA_SENSOR_ID_LEN, sensor),
                       at->head->header.number, at->stored->index);
        r = each(owner, at);
    }
    return r;
}

int nta_case_each(const struct nta_case *kase, nta_case_each_fn *each, void *owner)
{
    NTA_AUTO_FREE struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct nta_case_at at = {.id = ""};
    int r = buf ? 0 : -ENOMEM;

    for (size_t i = 0; i < kase->n_sensors; i++) {
        at.sensor = &kase->sensors[i];
        for (size_t j = 0; j < at.sensor->n_heads && r == 0; j++) {
            at.head = &at.sensor->heads[j];
            r = each_of(&at, buf, each, owner);
        }
    }
    return r;
}

uint64_t nta_case_stamp(struct nta_span policy)
{
    uint8_t hash[NTA_HASH_LEN];

    nta_hash_of(policy, hash);
    struct nta_reader r = nta_reader_of(hash, sizeof(hash));

    return nta_read_be64(&r);
}
