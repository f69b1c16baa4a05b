/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/sha256.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum
{
    PIECE_BYTES = 256 * 1024
};

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

int nta_sha256_of(struct nta_span bytes, uint8_t ret_hash[NTA_SHA256_LEN])
{
    memset(ret_hash, 0, NTA_SHA256_LEN);
    return EVP_Digest(bytes.ptr, bytes.len, ret_hash, NULL, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
}

int nta_sha256_of_file(const char *path, uint8_t ret_hash[NTA_SHA256_LEN], uint64_t *ret_bytes,
                       struct nta_err *err)
{
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    NTA_AUTO_FREE uint8_t *bytes = malloc(PIECE_BYTES);
    /* whoever names a capture may name it by a link; a FIFO has nothing to hash */
    NTA_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    ssize_t n = 0;

    *ret_bytes = 0;
    if (fd < 0 || fstat(fd, &st) < 0)
        return nta_err_sys(err, -errno, "SHA-256");
    if (!S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "SHA-256: not a regular file");
    if (!digest || !bytes || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return nta_err_sys(err, -ENOMEM, "SHA-256");
    while ((n = read(fd, bytes, PIECE_BYTES)) > 0) {
        if (EVP_DigestUpdate(digest, bytes, (size_t)n) != 1)
            return nta_err_sys(err, -EIO, "SHA-256");
        *ret_bytes += (uint64_t)n;
    }
    if (n < 0)
        return nta_err_sys(err, -errno, "SHA-256");
    return EVP_DigestFinal_ex(digest, ret_hash, NULL) == 1 ? 0 : nta_err_sys(err, -EIO, "SHA-256");
}
