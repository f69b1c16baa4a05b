/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/state.h"

#include "base/buf.h"
#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/hex.h"
#include "base/own.h"
#include "policy/lists.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum
{
    PATH_SIZE = 4096,
    STATE_MAX = 4096,
    CHUNK = 65536,
};

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

void nta_fetch_hash(const void *bytes, size_t len, uint8_t ret_sha256[32])
{
    memset(ret_sha256, 0, 32);
    (void)EVP_Digest(bytes, len, ret_sha256, NULL, EVP_sha256(), NULL);
}

int nta_fetch_hash_fd(int fd, uint8_t ret_sha256[32])
{
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t chunk[CHUNK];
    off_t at = 0;
    ssize_t n;

    if (!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return -ENOMEM;
    while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (EVP_DigestUpdate(digest, chunk, (size_t)n) != 1)
            return -EIO;
        at += n;
    }
    return EVP_DigestFinal_ex(digest, ret_sha256, NULL) == 1 ? 0 : -EIO;
}

static bool path_of(const char *path, char buf[PATH_SIZE])
{
    const int n = snprintf(buf, PATH_SIZE, "%s%s", path, NTA_FETCH_ENDING);

    return n > 0 && n < PATH_SIZE;
}

/** A line's word and the rest of it. */
static void take_line(const char *word, const char *rest, struct nta_fetch_state *state,
                      unsigned *n_hashes)
{
    const struct
    {
        const char *word;
        uint8_t *hash;
    } hashes[] = {
        {"url", state->url_sha256}, {"file", state->file_sha256}, {"kept", state->kept_sha256}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(hashes); i++) {
        if (strcmp(word, hashes[i].word) == 0)
            *n_hashes += nta_hex_parse(rest, 32, hashes[i].hash);
    }
    if (strcmp(word, "etag") == 0)
        (void)snprintf(state->etag, sizeof(state->etag), "%s", rest);
    if (strcmp(word, "modified") == 0)
        (void)snprintf(state->modified, sizeof(state->modified), "%s", rest);
}

bool nta_fetch_state_read(const char *path, struct nta_fetch_state *ret_state)
{
    struct nta_fetch_state state = {0};
    char name[PATH_SIZE], line[NTA_HTTP_FIELD_SIZE + 32];
    unsigned n_hashes = 0;
    struct nta_err err;
    int r;

    if (!path_of(path, name))
        return false;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(name, STATE_MAX, NTA_PLAIN_NO_LINK, &r, &err);

    while (file && fgets(line, sizeof(line), file)) {
        char *blank = strchr(line, ' ');

        line[strcspn(line, "\n")] = '\0';
        if (!blank)
            continue;
        *blank = '\0';
        take_line(line, blank + 1, &state, &n_hashes);
    }
    if (n_hashes != 3)
        return false;
    *ret_state = state;
    return true;
}

static void put_hash(struct nta_buf *text, const char *word, const uint8_t hash[32])
{
    nta_buf_printf(text, "%s ", word);
    nta_buf_put_hex(text, hash, 32);
    nta_buf_puts(text, "\n");
}

int nta_fetch_state_write(const char *path, const struct nta_fetch_state *state)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    char name[PATH_SIZE];
    int r = path_of(path, name) ? nta_newfile_open(&file, name, 0644) : -ENAMETOOLONG;

    put_hash(&text, "url", state->url_sha256);
    put_hash(&text, "file", state->file_sha256);
    put_hash(&text, "kept", state->kept_sha256);
    if (state->etag[0])
        nta_buf_printf(&text, "etag %s\n", state->etag);
    if (state->modified[0])
        nta_buf_printf(&text, "modified %s\n", state->modified);
    if (r == 0 && text.failed)
        r = -ENOMEM;
    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    return r < 0 ? r : nta_newfile_commit(&file, true);
}
