/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/quic/quic_keys.h"

#include "proto/tls/sha256.h"

#include <assert.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum
{
    SAMPLE_LEN = 16,
    SAMPLE_GAP = 4, /* the sample begins as if the packet number had 4 bytes */
    TAG_LEN = 16,
    HEADER_COPY_MAX = 64,
};

#define SALT_DRAFT_22                                                                              \
    {                                                                                              \
        0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e,  \
            0xbd, 0x7a, 0x02, 0x64, 0x4a                                                           \
    }
#define SALT_DRAFT_23                                                                              \
    {                                                                                              \
        0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63,  \
            0x65, 0xbe, 0xf9, 0xf5, 0x02                                                           \
    }
#define SALT_DRAFT_29                                                                              \
    {                                                                                              \
        0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11,  \
            0xe0, 0x43, 0x90, 0xa8, 0x99                                                           \
    }
#define SALT_V1                                                                                    \
    {                                                                                              \
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,  \
            0xad, 0xcc, 0xbb, 0x7f, 0x0a                                                           \
    }
#define SALT_V2                                                                                    \
    {                                                                                              \
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,  \
            0xcb, 0xf9, 0xbd, 0x2e, 0xd9                                                           \
    }
#define SALT_V2_DRAFT                                                                              \
    {                                                                                              \
        0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06,  \
            0xea, 0x7a, 0xe3, 0xe5, 0xd3                                                           \
    }
#define SALT_Q050                                                                                  \
    {                                                                                              \
        0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3, 0xa7,  \
            0xf0, 0xd3, 0xb5, 0x6b, 0x45                                                           \
    }
#define SALT_T050                                                                                  \
    {                                                                                              \
        0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36,  \
            0x7c, 0x60, 0x48, 0x83, 0x10                                                           \
    }
#define SALT_T051                                                                                  \
    {                                                                                              \
        0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8,  \
            0xcc, 0xda, 0x6e, 0x03, 0x3d                                                           \
    }

static const struct nta_quic_version versions[] = {
    {0x00000001, 0x00000001, SALT_V1, false, false},      /* RFC 9000 */
    {0x6b3343cf, 0x6b3343cf, SALT_V2, true, false},       /* RFC 9369 */
    {0x709a50c4, 0x709a50c4, SALT_V2_DRAFT, true, false}, /* its drafts */
    {0xff000021, 0xff000022, SALT_V1, false, false},      /* drafts 33, 34 */
    {0xff00001d, 0xff000020, SALT_DRAFT_29, false, false},
    {0xff000017, 0xff00001c, SALT_DRAFT_23, false, false},
    {0xff000016, 0xff000016, SALT_DRAFT_22, false, false},
    {0xfaceb001, 0xfaceb001, SALT_DRAFT_22, false, false}, /* mvfst */
    {0xfaceb002, 0xfaceb002, SALT_DRAFT_23, false, false},
    {0xfaceb00e, 0xfaceb00e, SALT_DRAFT_23, false, false},
    {0x50435130, 0x50435130, SALT_DRAFT_29, false, false}, /* picoquic */
    {0x51303530, 0x51303530, SALT_Q050, false, true},
    {0x54303530, 0x54303530, SALT_T050, false, true},
    {0x54303531, 0x54303531, SALT_T051, false, true},
};

enum
{
    N_VERSIONS = sizeof(versions) / sizeof(versions[0])
};

/* What a thread needs to open packets. */
struct opener
{
    EVP_CIPHER_CTX *header, *payload;
    bool has_salt[N_VERSIONS];
    struct nta_proto_hmac_key salts[N_VERSIONS]; /* ready HMAC keys, for versions that were met */
    size_t plain_len;
    uint8_t plain[NTA_QUIC_PLAIN_MAX];
};

static pthread_key_t opener_key;
static pthread_once_t opener_once = PTHREAD_ONCE_INIT;
static _Thread_local struct opener *this_opener;

static void opener_free(void *value)
{
    struct opener *opener = value;

    if (!opener)
        return;
    EVP_CIPHER_CTX_free(opener->header);
    EVP_CIPHER_CTX_free(opener->payload);
    free(opener);
}

static void make_opener_key(void)
{
    (void)pthread_key_create(&opener_key, opener_free);
}

static bool opener_init(struct opener *opener)
{
    opener->header = EVP_CIPHER_CTX_new();
    opener->payload = EVP_CIPHER_CTX_new();
    return opener->header && opener->payload &&
           EVP_EncryptInit_ex(opener->header, EVP_aes_128_ecb(), NULL, NULL, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(opener->header, 0) == 1 &&
           EVP_DecryptInit_ex(opener->payload, EVP_aes_128_gcm(), NULL, NULL, NULL) == 1;
}

/* This thread's opener; NULL if there is no memory for it. */
static struct opener *opener_get(void)
{
    if (__builtin_expect(this_opener != NULL, 1))
        return this_opener;
    (void)pthread_once(&opener_once, make_opener_key);

    struct opener *opener = calloc(1, sizeof(*opener));

    if (!opener || !opener_init(opener) || pthread_setspecific(opener_key, opener) != 0) {
        opener_free(opener);
        return NULL;
    }
    this_opener = opener;
    return opener;
}

const struct nta_quic_version *nta_quic_version_find(uint32_t version)
{
    if (nta_quic_is_reserved(version))
        version = NTA_QUIC_HOPED_FOR;
    for (size_t i = 0; i < N_VERSIONS; i++) {
        if (version >= versions[i].first && version <= versions[i].last)
            return &versions[i];
    }
    return NULL;
}

/* The HMAC key that is the version's salt; made once a thread. */
static void salt_key(const struct nta_quic_version *version, struct nta_proto_hmac_key *ret_key)
{
    struct opener *opener = opener_get();
    size_t i = (size_t)(version - versions);

    if (opener && opener->has_salt[i]) {
        *ret_key = opener->salts[i];
        return;
    }
    nta_proto_hmac_key_set(ret_key, version->salt, sizeof(version->salt));
    if (opener) {
        opener->salts[i] = *ret_key;
        opener->has_salt[i] = true;
    }
}

static void make_keys(const struct nta_quic_version *version, struct nta_span cid,
                      const char *label, struct nta_quic_keys *ret_keys)
{
    struct nta_proto_hmac_key key;
    uint8_t secret[NTA_SHA256_LEN];

    assert(cid.len <= NTA_QUIC_CID_MAX);
    salt_key(version, &key);
    nta_proto_hmac(&key, cid.ptr, cid.len, secret); /* HKDF-Extract */
    nta_proto_hmac_key_set(&key, secret, sizeof(secret));
    nta_hkdf_label(&key, label, secret, sizeof(secret));
    nta_proto_hmac_key_set(&key, secret, sizeof(secret));
    nta_hkdf_label(&key, version->is_v2 ? "quicv2 key" : "quic key", ret_keys->key,
                   sizeof(ret_keys->key));
    nta_hkdf_label(&key, version->is_v2 ? "quicv2 iv" : "quic iv", ret_keys->iv,
                   sizeof(ret_keys->iv));
    nta_hkdf_label(&key, version->is_v2 ? "quicv2 hp" : "quic hp", ret_keys->hp,
                   sizeof(ret_keys->hp));
}

void nta_quic_keys_make(const struct nta_quic_version *version, struct nta_span cid,
                        struct nta_quic_keys *ret_keys)
{
    make_keys(version, cid, "client in", ret_keys);
}

void nta_quic_server_keys_make(const struct nta_quic_version *version, struct nta_span cid,
                               struct nta_quic_keys *ret_keys)
{
    make_keys(version, cid, "server in", ret_keys);
}

/*
 * RFC 9001 section 5.4: the header's first byte and packet number in clear; gives the number's
 * length, 0 on failure.
 */
static size_t open_header(EVP_CIPHER_CTX *cipher, const struct nta_quic_keys *keys,
                          struct nta_span packet, size_t number_offset, uint8_t ret_clear[5])
{
    uint8_t mask[SAMPLE_LEN];
    const uint8_t *number = packet.ptr + number_offset;
    int len = 0;

    if (EVP_EncryptInit_ex(cipher, NULL, NULL, keys->hp, NULL) != 1 ||
        EVP_EncryptUpdate(cipher, mask, &len, number + SAMPLE_GAP, SAMPLE_LEN) != 1 ||
        len != SAMPLE_LEN)
        return 0;
    ret_clear[0] = packet.ptr[0] ^ (mask[0] & 0x0f);

    size_t number_len = (size_t)(ret_clear[0] & 3) + 1;

    for (size_t i = 0; i < number_len; i++)
        ret_clear[1 + i] = number[i] ^ mask[1 + i];
    return number_len;
}

/*
 * The header is the associated data, its first byte and packet number in clear.  Long ones (with a
 * token) go in pieces, the others at once, which is quicker.
 */
static bool add_header(EVP_CIPHER_CTX *cipher, struct nta_span packet, size_t number_offset,
                       const uint8_t *clear, size_t number_len)
{
    uint8_t header[HEADER_COPY_MAX];
    int len = 0;

    if (number_offset + number_len > sizeof(header))
        return EVP_DecryptUpdate(cipher, NULL, &len, clear, 1) == 1 &&
               EVP_DecryptUpdate(cipher, NULL, &len, packet.ptr + 1, (int)number_offset - 1) == 1 &&
               EVP_DecryptUpdate(cipher, NULL, &len, clear + 1, (int)number_len) == 1;
    memcpy(header, packet.ptr, number_offset);
    header[0] = clear[0];
    memcpy(header + number_offset, clear + 1, number_len);
    return EVP_DecryptUpdate(cipher, NULL, &len, header, (int)(number_offset + number_len)) == 1;
}

/*
 * RFC 9001 section 5.3.  The number is as on the wire: in a client's first packets it is not
 * truncated.
 */
static bool open_payload(struct opener *opener, const struct nta_quic_keys *keys,
                         struct nta_span packet, size_t number_offset, const uint8_t *clear,
                         size_t number_len)
{
    EVP_CIPHER_CTX *cipher = opener->payload;
    uint8_t nonce[sizeof(keys->iv)], tag[TAG_LEN];
    size_t begin = number_offset + number_len, sealed_len = packet.len - begin - TAG_LEN;
    int len = 0;

    memcpy(nonce, keys->iv, sizeof(nonce));
    for (size_t i = 0; i < number_len; i++)
        nonce[sizeof(nonce) - number_len + i] ^= clear[1 + i];
    memcpy(tag, packet.ptr + packet.len - TAG_LEN, TAG_LEN);
    opener->plain_len = sealed_len;
    return EVP_DecryptInit_ex(cipher, NULL, NULL, keys->key, nonce) == 1 &&
           add_header(cipher, packet, number_offset, clear, number_len) &&
           EVP_DecryptUpdate(cipher, opener->plain, &len, packet.ptr + begin, (int)sealed_len) ==
               1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
           EVP_DecryptFinal_ex(cipher, opener->plain + sealed_len, &len) == 1;
}

bool nta_quic_open(const struct nta_quic_keys *keys, struct nta_span packet, size_t number_offset,
                   struct nta_span *ret_plain)
{
    struct opener *opener = opener_get();
    uint8_t clear[5] = {0};

    /* space for the sample is space for the longest packet number and the tag */
    if (!opener || number_offset < 1 || packet.len > NTA_QUIC_PLAIN_MAX ||
        packet.len < number_offset || packet.len - number_offset < SAMPLE_GAP + SAMPLE_LEN)
        return false;

    size_t number_len = open_header(opener->header, keys, packet, number_offset, clear);

    if (number_len == 0 || !open_payload(opener, keys, packet, number_offset, clear, number_len))
        return false;
    *ret_plain = (struct nta_span){.ptr = opener->plain, .len = opener->plain_len};
    return true;
}
