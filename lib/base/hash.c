/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

struct sip_state
{
    uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t word, int bits)
{
    return word << bits | word >> (64 - bits);
}

static inline void sip_round(struct sip_state *s)
{
    s->v0 += s->v1;
    s->v2 += s->v3;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v1;
    s->v0 += s->v3;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 = rotate(s->v2, 32);
}

static inline struct sip_state sip_start(const struct nta_hash_key *key)
{
    return (struct sip_state){
        .v0 = key->k0 ^ 0x736f6d6570736575ULL,
        .v1 = key->k1 ^ 0x646f72616e646f6dULL,
        .v2 = key->k0 ^ 0x6c7967656e657261ULL,
        .v3 = key->k1 ^ 0x7465646279746573ULL,
    };
}

static inline void sip_word(struct sip_state *s, uint64_t word)
{
    s->v3 ^= word;
    sip_round(s);
    s->v0 ^= word;
}

static inline uint64_t sip_end(struct sip_state *s, uint64_t last)
{
    sip_word(s, last);
    s->v2 ^= 0xff;
    sip_round(s);
    sip_round(s);
    sip_round(s);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

int nta_hash_key_random(struct nta_hash_key *ret_key)
{
    struct nta_hash_key key;

    if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return errno ? -errno : -EIO;
    *ret_key = key;
    return 0;
}

uint64_t nta_hash_bytes(const struct nta_hash_key *key, const void *data, size_t len)
{
    struct sip_state s = sip_start(key);
    const uint8_t *pos = data;
    uint64_t last = (uint64_t)len << 56;
    size_t left = len;

    for (; left >= 8; left -= 8, pos += 8) {
        uint64_t word;

        memcpy(&word, pos, sizeof(word));
        sip_word(&s, le64toh(word));
    }
    for (size_t i = 0; i < left; i++)
        last |= (uint64_t)pos[i] << 8 * i;
    return sip_end(&s, last);
}

uint64_t nta_hash_words(const struct nta_hash_key *key, uint64_t a, uint64_t b)
{
    struct sip_state s = sip_start(key);

    sip_word(&s, a);
    sip_word(&s, b);
    return sip_end(&s, (uint64_t)16 << 56);
}
