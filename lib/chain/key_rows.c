/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of data keys: which of them batches may name. */
#include "base/hex.h"
#include "chain/chain.h"
#include "chain/judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void report(struct nta_chain *chain, enum nta_finding_kind kind,
                   const struct nta_stored_key *key)
{
    struct nta_finding_at place = {.number = 0};
    char id[2 * NTA_DATA_KEY_ID_LEN + 1], text[NTA_FINDING_TEXT_SIZE];

    *nta_hex_put(key->key.id, NTA_DATA_KEY_ID_LEN, id) = '\0';
    (void)snprintf(text, sizeof(text), "%s: data key %s", nta_finding_form(kind)->reason, id);
    nta_findings_add(chain->findings, kind, &place, text);
}

static bool keep_or_say(struct nta_chain *chain, const struct nta_data_key *key)
{
    const struct nta_finding_at nowhere = {.number = 0};
    int r = nta_data_keys_keep(&chain->keys, key);

    if (r == -E2BIG)
        nta_findings_add(chain->findings, NTA_FINDING_KEY_ROW, &nowhere,
                         "more data keys than any store of ours has");
    else if (r < 0)
        chain->is_failed = true;
    return r == 0;
}

/**
 * Format 2: the id is the blob's hash, so whoever signed a header that names it made it.  One that
 * no header names proves nothing, and is no fault.
 */
static bool take(struct nta_chain *chain, const struct nta_stored_key *key)
{
    struct nta_data_key one = {.class = key->key.class, .day = key->key.day};

    if (nta_wrapped_key_look(&key->key) != NTA_KEY_OK) {
        report(chain, NTA_FINDING_KEY_ROW, key);
        return false;
    }
    if (!nta_trust_find(chain->trust, key->key.sensor))
        return false;
    memcpy(one.id, key->key.id, sizeof(one.id));
    memcpy(one.sensor, key->key.sensor, sizeof(one.sensor));
    return keep_or_say(chain, &one);
}

static bool take_signed(struct nta_chain *chain, const struct nta_stored_key *key)
{
    struct nta_data_key one = {.class = NTA_CLASS_NONE};

    memcpy(one.id, key->key.id, sizeof(one.id));
    for (size_t i = 0; i < chain->trust->n; i++) {
        enum nta_key_check check =
            nta_wrapped_key_examine(&key->key, chain->trust->all[i].public_key);

        memcpy(one.sensor, chain->trust->all[i].sensor, sizeof(one.sensor));
        if (check == NTA_KEY_OK)
            return keep_or_say(chain, &one);
        if (check == NTA_KEY_ROW) {
            report(chain, NTA_FINDING_KEY_ROW, key);
            return false;
        }
    }
    (void)nta_prints_put(&chain->unsigned_keys, nta_print_of(key->key.id), SIZE_MAX);
    report(chain, NTA_FINDING_KEY_SIGNATURE, key);
    return false;
}

/** Overwritten, as a note says: whether one does say that is asked where a batch lacks it. */
static bool is_destroyed(struct nta_span blob)
{
    return nta_is_zero(blob.ptr, blob.len);
}

bool nta_chain_key(struct nta_chain *chain, const struct nta_stored_key *key)
{
    if (key->key.class != NTA_CLASS_NONE && !key->faults && is_destroyed(key->key.blob))
        return false;
    if (key->faults) {
        report(chain, NTA_FINDING_KEY_ROW, key);
        return false;
    }
    return key->key.class == NTA_CLASS_NONE ? take_signed(chain, key) : take(chain, key);
}

bool nta_chain_has_key(const struct nta_chain *chain, const struct nta_header *header)
{
    return nta_data_keys_have(&chain->keys, header);
}
