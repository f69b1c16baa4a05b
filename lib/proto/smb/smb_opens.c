/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/smb/smb_opens.h"

#include "base/hash.h"

#include <string.h>

uint64_t nta_smb_open_key(const struct nta_smb_ends *ends, uint64_t session, const uint8_t *id)
{
    static const struct nta_hash_key none;
    const uint64_t parts[] = {
        nta_hash_bytes(&none, ends->addrs, sizeof(ends->addrs)),
        ends->link,
        session,
        nta_hash_bytes(&none, id, NTA_SMB_ID_LEN),
    };
    const uint64_t key = nta_hash_bytes(&none, parts, sizeof(parts));

    return key ? key : 1;
}

void nta_smb_opens_close(struct nta_smb_opens *opens, uint64_t key)
{
    for (size_t i = 0; i < NTA_SMB_OPENS_MAX; i++)
        opens->opens[i].is_closed |= opens->opens[i].key == key;
}

bool nta_smb_opens_are_closed(const struct nta_smb_opens *opens, uint64_t key)
{
    for (size_t i = 0; i < NTA_SMB_OPENS_MAX; i++) {
        if (opens->opens[i].used != 0 && opens->opens[i].key == key)
            return opens->opens[i].is_closed;
    }
    return false;
}

void nta_smb_opens_note(struct nta_smb_opens *opens, const struct nta_smb_ends *ends,
                        uint64_t session, const struct nta_smb_file *file,
                        const struct nta_smb_tree *tree)
{
    struct nta_smb_open *place = &opens->opens[0];

    if (session == 0)
        return;
    for (size_t i = 1; i < NTA_SMB_OPENS_MAX && place->used != 0; i++)
        if (opens->opens[i].used < place->used)
            place = &opens->opens[i];
    *place = (struct nta_smb_open){
        .ends = *ends,
        .session = session,
        .size = file->size,
        .key = file->key,
        .used = ++opens->clock,
        .share_len = tree->len,
        .path_len = file->len,
        .is_pipe = tree->is_pipe,
    };
    memcpy(place->id, file->id, sizeof(place->id));
    memcpy(place->share, tree->text, tree->len);
    memcpy(place->path, file->path, file->len);
}

static bool have_an_end_in_common(const struct nta_smb_ends *a, const struct nta_smb_ends *b)
{
    return a->link == b->link && (nta_addr_equal(&a->addrs[0], &b->addrs[0]) ||
                                  nta_addr_equal(&a->addrs[1], &b->addrs[1]));
}

const struct nta_smb_open *nta_smb_opens_find(const struct nta_smb_opens *opens,
                                              const struct nta_smb_ends *ends, uint64_t session,
                                              const uint8_t *id)
{
    for (size_t i = 0; i < NTA_SMB_OPENS_MAX; i++) {
        const struct nta_smb_open *open = &opens->opens[i];

        if (open->used != 0 && open->session == session &&
            have_an_end_in_common(&open->ends, ends) && memcmp(open->id, id, NTA_SMB_ID_LEN) == 0)
            return open;
    }
    return NULL;
}
