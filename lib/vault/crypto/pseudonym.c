/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/pseudonym.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "vault/crypto/digest.h"
#include "vault/crypto/secret.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#define DAY_NS (86400 * NTA_NS_PER_S)

struct nta_pseudonyms
{
    struct nta_hmac_key key;
};

int nta_pseudonyms_new(struct nta_pseudonyms **ret_pseudonyms, struct nta_err *err)
{
    struct nta_pseudonyms *pseudonyms = nta_secret_new(sizeof(*pseudonyms));
    uint8_t secret[32];

    if (!pseudonyms)
        return nta_err_sys(err, -ENOMEM, "pseudonyms");
    if (RAND_bytes(secret, sizeof(secret)) != 1) {
        nta_pseudonyms_free(&pseudonyms);
        return nta_err_set(err, -EIO, "no random numbers for pseudonyms");
    }
    nta_hmac_key_init(&pseudonyms->key, (struct nta_span){secret, sizeof(secret)});
    OPENSSL_cleanse(secret, sizeof(secret));
    *ret_pseudonyms = pseudonyms;
    return 0;
}

void nta_pseudonyms_free(struct nta_pseudonyms **pseudonyms)
{
    nta_secret_free(*pseudonyms, sizeof(**pseudonyms));
    *pseudonyms = NULL;
}

uint64_t nta_pseudonyms_of(const struct nta_pseudonyms *pseudonyms, enum nta_pseudonym_kind kind,
                           int64_t wall_ns, struct nta_span value)
{
    static const char domain[] = "NTA pseudonym v1"; /* with its NUL */
    const int64_t day = wall_ns / DAY_NS - (wall_ns % DAY_NS < 0);
    uint8_t head[9] = {(uint8_t)kind}, mac[32];
    uint64_t number = 0;

    for (unsigned i = 0; i < 8; i++)
        head[1 + i] = (uint8_t)((uint64_t)day >> (56 - 8 * i));
    const struct nta_span parts[] = {
        {(const uint8_t *)domain, sizeof(domain)}, {head, sizeof(head)}, value};

    nta_hmac(&pseudonyms->key, parts, NTA_N_ELEMENTS(parts), mac);
    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | mac[i];
    return number;
}
