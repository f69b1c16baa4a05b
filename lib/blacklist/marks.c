/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking for fingerprints.  The low-level hashes are deprecated because they bypass providers; here
 * that is what is wanted: they do not allocate.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "blacklist/marks.h"

#include "base/hex.h"
#include "blacklist/among.h"
#include "blacklist/format/mark.h"
#include "blacklist/hit.h"

#include <assert.h>
#include <openssl/sha.h>

static_assert(sizeof(SHA256_CTX) <= sizeof(struct nta_file_hash), "space for the state");
static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct nta_file_hash), "its alignment");

void nta_file_hash_begin(struct nta_file_hash *hash)
{
    (void)SHA256_Init((SHA256_CTX *)hash->state); /* these calls cannot fail */
}

void nta_file_hash_put(struct nta_file_hash *hash, struct nta_span bytes)
{
    if (bytes.len > 0)
        (void)SHA256_Update((SHA256_CTX *)hash->state, bytes.ptr, bytes.len);
}

void nta_file_hash_end(struct nta_file_hash *hash, uint8_t ret_sha256[32])
{
    (void)SHA256_Final(ret_sha256, (SHA256_CTX *)hash->state);
}

static enum nta_mark_kind kind_of(enum nta_hit_kind kind)
{
    return kind == NTA_HIT_JA4           ? NTA_MARK_JA4
           : kind == NTA_HIT_CERTIFICATE ? NTA_MARK_CERTIFICATE
           : kind == NTA_HIT_PROGRAM     ? NTA_MARK_PROGRAM
                                         : NTA_MARK_FILE;
}

bool nta_blacklist_has(const struct nta_blacklist *set, enum nta_hit_kind kind)
{
    return set->marks.n[kind_of(kind)] > 0;
}

static void fill(const struct nta_blacklist *set, uint32_t value, enum nta_hit_kind kind,
                 struct nta_span mark, char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    nta_hit_fill(set, value, kind, ret_hit);
    if (kind == NTA_HIT_JA4 || kind == NTA_HIT_PROGRAM) {
        memcpy(buf, mark.ptr, mark.len);
        ret_hit->entry = (struct nta_span){.ptr = (const uint8_t *)buf, .len = mark.len};
    } else {
        (void)nta_hex_put(mark.ptr, mark.len, buf);
        ret_hit->entry = (struct nta_span){.ptr = (const uint8_t *)buf, .len = 2 * mark.len};
    }
}

/** The value that decides among the lists that count; 0: none. */
static uint32_t find_value(const struct nta_blacklist *set, const struct nta_list_filter *filter,
                           enum nta_hit_kind kind, struct nta_span mark)
{
    const uint32_t value = nta_marks_decide(&set->marks, &set->names, kind_of(kind), mark);

    return nta_among_is_open(set, filter, value) ? nta_among_marks(set, filter, kind_of(kind), mark)
                                                 : value;
}

static enum nta_decision decision_of(uint32_t value)
{
    if (!value)
        return NTA_DECIDES_NOTHING;
    return value & NTA_VALUE_ALLOW ? NTA_DECIDES_ALLOWED : NTA_DECIDES_FORBIDDEN;
}

enum nta_decision nta_blacklist_decide_mark(const struct nta_blacklist *set,
                                            const struct nta_list_filter *filter,
                                            enum nta_hit_kind kind, struct nta_span mark,
                                            char buf[NTA_NAME_SIZE], struct nta_hit *ret_hit)
{
    const uint32_t value = find_value(set, filter, kind, mark);

    if (value)
        fill(set, value, kind, mark, buf, ret_hit);
    return decision_of(value);
}

enum nta_decision nta_blacklist_decide_certificate(const struct nta_blacklist *set,
                                                   const struct nta_list_filter *filter,
                                                   struct nta_span der, char buf[NTA_NAME_SIZE],
                                                   struct nta_hit *ret_hit)
{
    uint8_t sha256[SHA256_DIGEST_LENGTH], sha1[SHA_DIGEST_LENGTH];
    const struct nta_span marks[] = {{sha256, sizeof(sha256)}, {sha1, sizeof(sha1)}};
    uint32_t values[2];
    SHA256_CTX long_state;
    SHA_CTX short_state;

    if (der.len == 0 || !nta_blacklist_has(set, NTA_HIT_CERTIFICATE))
        return NTA_DECIDES_NOTHING;
    (void)SHA256_Init(&long_state); /* these calls cannot fail */
    (void)SHA256_Update(&long_state, der.ptr, der.len);
    (void)SHA256_Final(sha256, &long_state);
    (void)SHA1_Init(&short_state);
    (void)SHA1_Update(&short_state, der.ptr, der.len);
    (void)SHA1_Final(sha1, &short_state);
    for (size_t i = 0; i < 2; i++)
        values[i] = find_value(set, filter, NTA_HIT_CERTIFICATE, marks[i]);
    const size_t by = values[0] && !(values[1] & NTA_VALUE_ALLOW) ? 0 : 1;

    if (values[by])
        fill(set, values[by], NTA_HIT_CERTIFICATE, marks[by], buf, ret_hit);
    return decision_of(values[by]);
}

void nta_blacklist_each_mark(const struct nta_blacklist *set, enum nta_hit_kind kind,
                             struct nta_span mark,
                             bool (*each)(void *owner, const struct nta_hit *hit, bool allow),
                             void *owner)
{
    uint32_t values[NTA_MARKS_SAME_MAX];
    size_t n =
        nta_marks_find(&set->marks, &set->names, kind_of(kind), mark, values, NTA_MARKS_SAME_MAX);

    for (size_t i = 0; i < n; i++) {
        char buf[NTA_NAME_SIZE];
        struct nta_hit hit;

        fill(set, values[i], kind, mark, buf, &hit);
        if (!each(owner, &hit, values[i] & NTA_VALUE_ALLOW))
            return;
    }
}

bool nta_blacklist_parse_mark(struct nta_span text, uint8_t buf[NTA_NAME_SIZE],
                              enum nta_hit_kind *ret_kind, struct nta_span *ret_mark)
{
    static const enum nta_hit_kind kinds[] = {NTA_HIT_HASH, NTA_HIT_JA4, NTA_HIT_CERTIFICATE,
                                              NTA_HIT_PROGRAM};
    struct nta_list_mark mark;
    const char *reason;

    if (nta_list_read_mark(text, &mark, &reason) != NTA_LINE_ENTRY)
        return false;
    memcpy(buf, mark.bytes, mark.len);
    *ret_kind = kinds[mark.kind];
    *ret_mark = (struct nta_span){.ptr = buf, .len = mark.len};
    return true;
}
