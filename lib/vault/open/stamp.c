/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/open/stamp.h"

#include "base/own.h"
#include "vault/crypto/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum
{
    KIND = 0xff, ///< A signature of a kind that has a name.
    TEXT_MAX = (NTA_STAMP_MAX + NTA_NOTE_ID_LEN + 2) / 3 * 4
};

#define KIND_NAME "RFC 3161"

struct nta_stamp_trust
{
    X509_STORE *store; ///< Owned.
};

static void free_request(TS_REQ **request)
{
    TS_REQ_free(*request);
}

static void free_response(TS_RESP **response)
{
    TS_RESP_free(*response);
}

static void free_imprint(TS_MSG_IMPRINT **imprint)
{
    TS_MSG_IMPRINT_free(*imprint);
}

static void free_algorithm(X509_ALGOR **algorithm)
{
    X509_ALGOR_free(*algorithm);
}

static void free_context(TS_VERIFY_CTX **context)
{
    TS_VERIFY_CTX_free(*context);
}

static void free_token(PKCS7 **token)
{
    PKCS7_free(*token);
}

static void free_number(ASN1_INTEGER **number)
{
    ASN1_INTEGER_free(*number);
}

static void free_bytes(uint8_t **bytes)
{
    OPENSSL_free(*bytes);
}

static void free_bio(BIO **bio)
{
    (void)BIO_free(*bio);
}

static void free_certificate(X509 **certificate)
{
    X509_free(*certificate);
}

static void id_of(const char *name, size_t len, uint8_t ret_id[NTA_NOTE_ID_LEN])
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    uint8_t hash[NTA_HASH_LEN];

    nta_buf_put(&text, name, len);
    nta_buf_puts(&text, "\n");
    nta_buf_put_u8(&text, KIND);
    nta_buf_puts(&text, KIND_NAME);
    nta_hash_of(nta_buf_span(&text), hash);
    memcpy(ret_id, hash, NTA_NOTE_ID_LEN);
}

/* ---- asking ---- */

static TS_MSG_IMPRINT *imprint_of(struct nta_span text)
{
    NTA_AUTO(free_imprint) TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    NTA_AUTO(free_algorithm) X509_ALGOR *algorithm = X509_ALGOR_new();
    uint8_t hash[NTA_HASH_LEN];

    nta_hash_of(text, hash);
    if (!imprint || !algorithm ||
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) != 1 ||
        TS_MSG_IMPRINT_set_algo(imprint, algorithm) != 1 ||
        TS_MSG_IMPRINT_set_msg(imprint, hash, sizeof(hash)) != 1)
        return NULL;
    return NTA_TAKE(imprint);
}

static TS_REQ *request_of(struct nta_span text, const uint8_t nonce[NTA_STAMP_NONCE_LEN])
{
    NTA_AUTO(free_request) TS_REQ *request = TS_REQ_new();
    NTA_AUTO(free_imprint) TS_MSG_IMPRINT *imprint = imprint_of(text);
    NTA_AUTO(free_number) ASN1_INTEGER *number = ASN1_INTEGER_new();
    uint64_t value = 0;

    for (size_t i = 0; i < NTA_STAMP_NONCE_LEN; i++)
        value = value << 8 | nonce[i];
    if (!request || !imprint || !number || ASN1_INTEGER_set_uint64(number, value) != 1 ||
        TS_REQ_set_version(request, 1) != 1 || TS_REQ_set_msg_imprint(request, imprint) != 1 ||
        TS_REQ_set_nonce(request, number) != 1 || TS_REQ_set_cert_req(request, 1) != 1)
        return NULL;
    return NTA_TAKE(request);
}

int nta_stamp_request(struct nta_span text, const uint8_t nonce[NTA_STAMP_NONCE_LEN],
                      struct nta_buf *out)
{
    NTA_AUTO(free_request) TS_REQ *request = request_of(text, nonce);
    NTA_AUTO(free_bytes) uint8_t *der = NULL;
    const int len = request ? i2d_TS_REQ(request, &der) : -1;

    if (len <= 0)
        return -EIO;
    nta_buf_put(out, der, (size_t)len);
    return out->failed ? -ENOMEM : 0;
}

/** Is the answer to that request, whoever signed it? */
static bool answers(TS_RESP *response, struct nta_span text,
                    const uint8_t nonce[NTA_STAMP_NONCE_LEN])
{
    NTA_AUTO(free_request) TS_REQ *request = request_of(text, nonce);
    NTA_AUTO(free_context)
    TS_VERIFY_CTX *context = request ? TS_REQ_to_TS_VERIFY_CTX(request, NULL) : NULL;

    if (!context)
        return false;
    (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
    return TS_RESP_verify_response(context, response) == 1;
}

static int put_line(const char *name, struct nta_span token, struct nta_buf *line)
{
    NTA_AUTO_FREE uint8_t *bytes = malloc(NTA_NOTE_ID_LEN + token.len);
    NTA_AUTO_FREE uint8_t *text = malloc(TEXT_MAX + 1);

    if (!bytes || !text)
        return -ENOMEM;
    id_of(name, strlen(name), bytes);
    memcpy(bytes + NTA_NOTE_ID_LEN, token.ptr, token.len);
    const int n = EVP_EncodeBlock(text, bytes, (int)(NTA_NOTE_ID_LEN + token.len));

    nta_buf_printf(line, NTA_NOTE_DASH "%s ", name);
    nta_buf_put(line, text, (size_t)n);
    nta_buf_puts(line, "\n");
    return line->failed ? -ENOMEM : 0;
}

int nta_stamp_take(struct nta_span answer, struct nta_span text,
                   const uint8_t nonce[NTA_STAMP_NONCE_LEN], const char *name, struct nta_buf *line,
                   struct nta_err *err)
{
    const uint8_t *pos = answer.ptr;
    NTA_AUTO(free_response)
    TS_RESP *response = answer.len && answer.len <= 2 * NTA_STAMP_MAX
                            ? d2i_TS_RESP(NULL, &pos, (long)answer.len)
                            : NULL;
    NTA_AUTO(free_bytes) uint8_t *der = NULL;

    if (!response)
        return nta_err_set(err, -EBADMSG, "what it answered is no time stamp (RFC 3161)");
    if (!answers(response, text, nonce))
        return nta_err_set(err, -EBADMSG, "it refused, or stamped something else");
    const int len = i2d_PKCS7(TS_RESP_get_token(response), &der);

    if (len <= 0 || len > NTA_STAMP_MAX)
        return nta_err_set(err, -EBADMSG, "its stamp is larger than %d bytes", NTA_STAMP_MAX);
    const int r = put_line(name, (struct nta_span){der, (size_t)len}, line);

    return r < 0 ? nta_err_sys(err, r, "time stamp") : 0;
}

/* ---- checking ---- */

void nta_stamp_trust_free(struct nta_stamp_trust **trust)
{
    struct nta_stamp_trust *dead = NTA_TAKE(*trust);

    if (!dead)
        return;
    X509_STORE_free(dead->store);
    free(dead);
}

int nta_stamp_trust_new(struct nta_span pem, struct nta_stamp_trust **ret_trust,
                        struct nta_err *err)
{
    NTA_AUTO(nta_stamp_trust_free) struct nta_stamp_trust *trust = calloc(1, sizeof(*trust));
    NTA_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    size_t n = 0;

    if (trust)
        trust->store = X509_STORE_new();
    if (!bio || !trust || !trust->store)
        return nta_err_sys(err, -ENOMEM, "certificates");
    for (;; n++) {
        NTA_AUTO(free_certificate) X509 *one = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        if (!one)
            break;
        if (X509_STORE_add_cert(trust->store, one) != 1)
            return nta_err_set(err, -EINVAL, "certificate %zu is not taken", n + 1);
    }
    if (n == 0)
        return nta_err_set(err, -EINVAL, "there is no certificate in it (PEM)");
    *ret_trust = NTA_TAKE(trust);
    return 0;
}

static bool time_of(PKCS7 *token, time_t *ret_time)
{
    TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
    struct tm tm = {0};
    const bool is = info && ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) == 1;

    TS_TST_INFO_free(info);
    *ret_time = is ? timegm(&tm) : -1;
    return *ret_time > 0;
}

/** Over this text, by one of these certificates, as of the time that it says. */
static bool holds(PKCS7 *token, struct nta_span text, const struct nta_stamp_trust *trust,
                  time_t time)
{
    NTA_AUTO(free_context) TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
    X509_VERIFY_PARAM *param = X509_STORE_get0_param(trust->store);
    uint8_t *hash = context ? OPENSSL_malloc(NTA_HASH_LEN) : NULL;

    if (!hash)
        return false;
    nta_hash_of(text, hash);
    (void)TS_VERIFY_CTX_set_imprint(context, hash, NTA_HASH_LEN); /* takes it */
    (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
    X509_VERIFY_PARAM_set_time(param, time);
    (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
    if (X509_STORE_up_ref(trust->store) != 1)
        return false;
    (void)TS_VERIFY_CTX_set_store(context, trust->store);
    return TS_RESP_verify_token(context, token) == 1;
}

/** One line's token, if it is one. */
static PKCS7 *token_of(const struct nta_note_line *line)
{
    uint8_t id[NTA_NOTE_ID_LEN];

    if (line->base64.len == 0 || line->base64.len > TEXT_MAX || line->base64.len % 4)
        return NULL;
    NTA_AUTO_FREE uint8_t *bytes = malloc(line->base64.len / 4 * 3);

    if (!bytes)
        return NULL;
    const int n = EVP_DecodeBlock(bytes, line->base64.ptr, (int)line->base64.len);
    const uint8_t *pos = bytes + NTA_NOTE_ID_LEN;

    id_of((const char *)line->name.ptr, line->name.len, id);
    return n > NTA_NOTE_ID_LEN && memcmp(bytes, id, sizeof(id)) == 0
               ? d2i_PKCS7(NULL, &pos, n - NTA_NOTE_ID_LEN)
               : NULL;
}

bool nta_stamp_check(struct nta_span note, const struct nta_stamp_trust *trust,
                     uint64_t *ret_time_s)
{
    struct nta_span text, lines;
    struct nta_note_line line;
    bool is_found = false;

    if (!nta_note_split(note, &text, &lines))
        return false;
    for (size_t n = 0; n < NTA_NOTE_LINES_MAX && nta_note_next(&lines, &line); n++) {
        NTA_AUTO(free_token) PKCS7 *token = token_of(&line);
        time_t time;

        if (!token || !time_of(token, &time) || !holds(token, text, trust, time) ||
            (is_found && *ret_time_s <= (uint64_t)time))
            continue;
        *ret_time_s = (uint64_t)time;
        is_found = true;
    }
    return is_found;
}
