/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/secret.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

void *nta_secret_new(size_t len)
{
    void *secret = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (secret == MAP_FAILED)
        return NULL;
    (void)mlock(secret, len);
    (void)madvise(secret, len, MADV_DONTDUMP);
    return secret;
}

void nta_secret_free(void *secret, size_t len)
{
    if (!secret)
        return;
    OPENSSL_cleanse(secret, len);
    (void)munmap(secret, len);
}
