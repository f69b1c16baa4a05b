/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/open/keyring.h"

#include "base/hash.h"
#include "base/own.h"
#include "vault/crypto/secret.h"
#include "vault/wrap.h"

#include <errno.h>
#include <openssl/crypto.h>

#define NONE SIZE_MAX ///< No place among the keys.

enum
{
    SIZE_FIRST = 16 ///< Keys; a power of two.
};

/** One that was unwrapped. */
struct data_key
{
    unsigned version;       ///< Format, of which each has ids of its own.
    struct nta_key_use use; ///< Format 2.
    uint8_t id[NTA_DATA_KEY_ID_LEN];
    uint8_t secret[NTA_KEY_LEN]; ///< Of format 1 the body's key.
};

struct nta_keyring
{
    struct data_key *keys; ///< Owned (vault/crypto/secret.h).
    size_t n, size;
    /** Where a key is, by the hash of its id: place + 1, or 0; twice as many as keys. */
    uint32_t *slots; ///< Owned.
    struct nta_hash_key hash_key;
    struct nta_data_key *now; ///< Owned (vault/crypto/secret.h); all of the key at
    size_t expanded;          ///< this place, or NONE.
};

void nta_keyring_free(struct nta_keyring **ring)
{
    struct nta_keyring *dead = NTA_TAKE(*ring);

    if (!dead)
        return;
    nta_secret_free(dead->keys, dead->size * sizeof(*dead->keys));
    nta_secret_free(dead->now, sizeof(*dead->now));
    free(dead->slots);
    free(dead);
}

int nta_keyring_new(struct nta_keyring **ret_ring)
{
    NTA_AUTO(nta_keyring_free) struct nta_keyring *ring = calloc(1, sizeof(*ring));

    if (!ring)
        return -ENOMEM;
    ring->expanded = NONE;
    ring->now = nta_secret_new(sizeof(*ring->now));
    if (!ring->now)
        return -ENOMEM;
    int r = nta_hash_key_random(&ring->hash_key);

    if (r == 0)
        *ret_ring = NTA_TAKE(ring);
    return r;
}

/** The slot of a key, or the empty one where it would be.  There are slots. */
static uint32_t *find_slot(const struct nta_keyring *ring, unsigned version, const uint8_t *id)
{
    const size_t n_slots = ring->size * 2; /* a power of two, at most half full */
    size_t at = nta_hash_bytes(&ring->hash_key, id, NTA_DATA_KEY_ID_LEN) & (n_slots - 1);

    for (; ring->slots[at]; at = (at + 1) & (n_slots - 1)) {
        const struct data_key *key = &ring->keys[ring->slots[at] - 1];

        if (key->version == version && memcmp(key->id, id, NTA_DATA_KEY_ID_LEN) == 0)
            break;
    }
    return &ring->slots[at];
}

/** The place of a data key, or NONE. */
static size_t find(const struct nta_keyring *ring, unsigned version, const uint8_t *id)
{
    const uint32_t place = ring->size ? *find_slot(ring, version, id) : 0;

    return place ? place - 1 : NONE;
}

/** Space for one more key. */
static int make_space(struct nta_keyring *ring)
{
    const size_t size = ring->size ? ring->size * 2 : SIZE_FIRST;

    if (ring->n < ring->size)
        return 0;
    if (size > UINT32_MAX / 2)
        return -ENOMEM;
    struct data_key *keys = nta_secret_new(size * sizeof(*keys));
    uint32_t *slots = calloc(size * 2, sizeof(*slots));

    if (!keys || !slots) {
        nta_secret_free(keys, size * sizeof(*keys));
        free(slots);
        return -ENOMEM;
    }
    if (ring->keys)
        memcpy(keys, ring->keys, ring->n * sizeof(*keys));
    nta_secret_free(ring->keys, ring->size * sizeof(*keys));
    free(ring->slots);
    ring->keys = keys;
    ring->slots = slots;
    ring->size = size;
    for (size_t i = 0; i < ring->n; i++)
        *find_slot(ring, keys[i].version, keys[i].id) = (uint32_t)i + 1;
    return 0;
}

int nta_keyring_add(struct nta_keyring *ring, const struct nta_wrapped_key *key,
                    const uint8_t auditor_secret[NTA_KEY_LEN])
{
    struct nta_key_blob blob;
    const unsigned version = nta_key_blob_read(key->blob, &blob) ? 2 : 1;

    if (find(ring, version, key->id) != NONE)
        return 0;
    int r = make_space(ring);

    if (r < 0)
        return r;
    struct data_key *added = &ring->keys[ring->n];

    added->version = version;
    memcpy(added->id, key->id, sizeof(added->id));
    if (version == 1) {
        r = nta_unwrap(auditor_secret, key, added->secret);
    } else {
        added->use = blob.use;
        r = nta_key_blob_open(key->blob, key->id, &blob.use, auditor_secret, added->secret);
    }
    if (r == 0)
        *find_slot(ring, version, key->id) = (uint32_t)++ring->n;
    return r;
}

int nta_keyring_copy(struct nta_keyring *ring, const struct nta_keyring *from,
                     const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    int r = -ENOKEY;

    for (unsigned version = 1; version <= 2; version++) {
        const size_t place = find(from, version, id);

        if (place == NONE)
            continue;
        if (find(ring, version, id) == NONE) {
            if (make_space(ring) < 0)
                return -ENOMEM;
            ring->keys[ring->n] = from->keys[place];
            *find_slot(ring, version, id) = (uint32_t)++ring->n;
        }
        r = 0;
    }
    return r;
}

bool nta_keyring_has(const struct nta_keyring *ring, const uint8_t id[NTA_DATA_KEY_ID_LEN])
{
    return find(ring, 2, id) != NONE || find(ring, 1, id) != NONE;
}

/** What the key is for is what the header says. */
static bool is_for(const struct data_key *key, const struct nta_header *header)
{
    return key->version == 1 ||
           (key->use.class == header->class && key->use.day == nta_day_of(header->sealed_ns) &&
            memcmp(key->use.sensor, header->sensor, sizeof(header->sensor)) == 0);
}

/** All that comes of the secret of the key at `place`. */
static const struct nta_data_key *expand(struct nta_keyring *ring, size_t place)
{
    if (ring->expanded != place)
        nta_data_key_expand(ring->keys[place].secret, ring->now);
    ring->expanded = place;
    return ring->now;
}

int nta_keyring_body(struct nta_keyring *ring, const struct nta_header *header,
                     const uint8_t **ret_key)
{
    const size_t place = find(ring, header->version, header->data_key);

    if (place == NONE)
        return -ENOKEY;
    if (!is_for(&ring->keys[place], header))
        return -EBADMSG;
    *ret_key = header->version == 1 ? ring->keys[place].secret : expand(ring, place)->body;
    return 0;
}

bool nta_keyring_tokens(struct nta_keyring *ring, const struct nta_header *header,
                        struct nta_token_keys *ret_keys)
{
    const size_t place = find(ring, 2, header->data_key);

    if (place == NONE || !is_for(&ring->keys[place], header))
        return false;
    *ret_keys = (struct nta_token_keys){
        .keys = expand(ring, place)->tokens,
        .n = NTA_TOKEN_KINDS,
        .number = place + 1,
    };
    return true;
}

int nta_keyring_token(const struct nta_keyring *ring, const uint8_t id[NTA_DATA_KEY_ID_LEN],
                      enum nta_value_kind kind, struct nta_span value,
                      uint8_t ret_token[NTA_TOKEN_LEN])
{
    const size_t place = find(ring, 2, id);
    struct nta_hmac_key key;

    if (place == NONE)
        return -ENOKEY;
    nta_data_key_token(ring->keys[place].secret, kind, &key);
    nta_token_of(&key, kind, value, ret_token);
    OPENSSL_cleanse(&key, sizeof(key));
    return 0;
}
