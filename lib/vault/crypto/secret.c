/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/crypto/secret.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/** In whole pages. */
static size_t rounded(size_t len)
{
    return (len + page_size() - 1) / page_size() * page_size();
}

/*
 * A page before it and one behind it can only be read.  So the kernel never joins it with what lies
 * beside it, and changing the rights of all of it takes no memory, and cannot fail.
 */
void *nta_secret_new(size_t len)
{
    uint8_t *pages =
        mmap(NULL, rounded(len) + 2 * page_size(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *secret = pages + page_size();

    if (pages == MAP_FAILED)
        return NULL;
    if (mprotect(secret, rounded(len), PROT_READ | PROT_WRITE) < 0) {
        (void)munmap(pages, rounded(len) + 2 * page_size());
        return NULL;
    }
    (void)mlock(secret, len);
    (void)madvise(secret, len, MADV_DONTDUMP);
    (void)madvise(secret, len, MADV_WIPEONFORK);
    return secret;
}

static void set_rights(void *secret, size_t len, int rights)
{
    if (mprotect(secret, rounded(len), rights) < 0)
        abort();
}

void nta_secret_hide(void *secret, size_t len)
{
    set_rights(secret, len, PROT_NONE);
}

void nta_secret_show(void *secret, size_t len)
{
    set_rights(secret, len, PROT_READ | PROT_WRITE);
}

void nta_secret_free(void *secret, size_t len)
{
    if (!secret)
        return;
    nta_secret_show(secret, len);
    OPENSSL_cleanse(secret, len);
    (void)munmap((uint8_t *)secret - page_size(), rounded(len) + 2 * page_size());
}
