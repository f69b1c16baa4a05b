/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/note.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "search/search.h"
#include "trace/reading.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE "page "

enum
{
    QUESTION_SIZE = sizeof(PAGE) + 2 * SHA256_DIGEST_LENGTH
};

static void put_question(const uint8_t hash[SHA256_DIGEST_LENGTH], char ret_question[QUESTION_SIZE])
{
    char hex[NTA_HEX_SIZE(SHA256_DIGEST_LENGTH)];

    (void)snprintf(ret_question, QUESTION_SIZE, PAGE "%s",
                   nta_hex_text(hash, SHA256_DIGEST_LENGTH, hex));
}

static int note(const uint8_t hash[SHA256_DIGEST_LENGTH], uint64_t n_records, struct nta_err *err)
{
    char question[QUESTION_SIZE];
    bool ignored;

    put_question(hash, question);
    return nta_trace_deed(question, n_records, &ignored, err);
}

int nta_page_note(struct nta_span page, uint64_t n_records, struct nta_err *err)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];

    (void)SHA256(page.ptr, page.len, hash);
    return note(hash, n_records, err);
}

NTA_DEFINE_FREE(free_digest, EVP_MD_CTX, EVP_MD_CTX_free)

int nta_page_note_file(int fd, uint64_t n_records, struct nta_err *err)
{
    NTA_AUTO(free_digest) EVP_MD_CTX *digest = EVP_MD_CTX_new();
    uint8_t hash[SHA256_DIGEST_LENGTH], bytes[65536];
    struct stat is;
    off_t at = 0;
    ssize_t n;

    if (fstat(fd, &is) < 0 || !S_ISREG(is.st_mode))
        return 0;
    if (!digest || EVP_DigestInit_ex(digest, EVP_sha256(), NULL) != 1)
        return nta_err_sys(err, -ENOMEM, "SHA-256");
    while ((n = pread(fd, bytes, sizeof(bytes), at)) > 0) {
        (void)EVP_DigestUpdate(digest, bytes, (size_t)n);
        at += n;
    }
    if (n < 0 || EVP_DigestFinal_ex(digest, hash, NULL) != 1)
        return nta_err_sys(err, n < 0 ? -errno : -EIO, "the file that was made");
    return note(hash, n_records, err);
}

struct looking
{
    const char *question;
    char *text; ///< NTA_PAGE_NOTED_SIZE.
    bool is_found;
};

static int on_audit(void *owner, const struct nta_found *found, struct nta_err *err)
{
    const struct nta_record_log *log = found->record->log;
    struct looking *looking = owner;
    char time[NTA_TIME_TEXT_SIZE], actor[64];

    (void)err;
    if (found->unverified || !log || !nta_span_equal(log->question, nta_span_of(looking->question)))
        return 0;
    if (found->record->end_ns != found->record->time_ns)
        return 0; /* of a reading that began at a time that somebody said: not when it was told */
    looking->is_found = true;
    (void)snprintf(looking->text, NTA_PAGE_NOTED_SIZE,
                   "it is, byte for byte, the one that %.40s noted at %.19sZ as made then",
                   nta_text_escape_to(actor, sizeof(actor), log->actor),
                   nta_clock_text(found->record->time_ns, time));
    return 1;
}

int nta_page_look_up(struct nta_span page, const struct nta_stores_options *options,
                     enum nta_page_noted *ret_noted, char ret_text[NTA_PAGE_NOTED_SIZE],
                     struct nta_err *err)
{
    NTA_AUTO(nta_search_close) struct nta_search *search = NULL;
    uint8_t hash[SHA256_DIGEST_LENGTH];
    char question[QUESTION_SIZE];
    struct looking looking = {.question = question, .text = ret_text};
    const struct nta_search_options take = {.each = on_audit, .owner = &looking};
    struct nta_query query = {.events = 1U << NTA_RECORD_AUDIT};

    (void)SHA256(page.ptr, page.len, hash);
    put_question(hash, question);
    if (nta_search_open(options, &search, err) < 0) { /* the store opens: it is the key */
        *ret_noted = NTA_PAGE_NO_KEY;
        return 0;
    }
    const int r = nta_search_each(search, &query, &take, NULL, err);

    if (r == 0)
        *ret_noted = looking.is_found ? NTA_PAGE_IS_NOTED : NTA_PAGE_NOT_NOTED;
    return r;
}
