/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The vectors in docs/format.md, read from there: the page and the code cannot part. */

#include "vault/hex.h"
#include "vault/statefile.h"
#include "vault/vault_kit.h"

enum
{
    PAGE_MAX = 1 << 18 ///< Bytes.
};

static char *page; ///< The whole text.

static inline int read_page(void **state)
{
    NTA_AUTO_FILE FILE *file = fopen(NTA_TEST_SOURCE_DIR "/docs/format.md", "rb");

    (void)state;
    page = calloc(1, PAGE_MAX + 1);
    return file && page && fread(page, 1, PAGE_MAX, file) > 0 ? 0 : -1;
}

static inline int free_page(void **state)
{
    (void)state;
    free(page);
    return 0;
}

/** The bytes behind "\nname =\n": indented lines of hexadecimal digits. */
static inline struct hex vector(const char *name)
{
    char title[64], digits[8193];
    size_t n = 0;

    (void)snprintf(title, sizeof(title), "\n%s =\n", name);
    const char *at = strstr(page, title);

    assert_non_null(at);
    at += strlen(title);
    while (strncmp(at, "    ", 4) == 0) {
        size_t len = strspn(at + 4, "0123456789abcdef");

        assert_true(n + len < sizeof(digits));
        memcpy(digits + n, at + 4, len);
        n += len;
        at += 4 + len + 1;
    }
    digits[n] = 0;
    return hex_of(digits);
}

static inline void assert_vector(const char *name, const void *bytes, size_t len)
{
    struct hex expected = vector(name);

    assert_int_equal(len, expected.len);
    assert_memory_equal(bytes, expected.bytes, len);
}

/** A file of the kit's key folder: prefix and the 32 bytes from `first` on. */
static inline void write_page_key(const struct vault_kit *kit, const char *name, const char *prefix,
                                  unsigned first)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    nta_buf_puts(&text, prefix);
    for (unsigned byte = 0; byte < 32; byte++)
        nta_buf_printf(&text, "%02x", first + byte);
    nta_buf_put(&text, "\n", 2);
    kit_write(kit, name, (const char *)text.ptr, 0600);
}

/** The secret of 32 bytes from `first` on. */
static inline void page_secret(unsigned first, uint8_t secret[NTA_KEY_LEN])
{
    for (unsigned i = 0; i < NTA_KEY_LEN; i++)
        secret[i] = (uint8_t)(first + i);
}

/** A batch of the page: "batch1", or "v1.batch1". */
struct page_batch
{
    struct hex header, signature, tokens, body;
};

static inline void read_page_batch(const char *name, struct page_batch *batch)
{
    char part[64];

    (void)snprintf(part, sizeof(part), "%s.header", name);
    batch->header = vector(part);
    (void)snprintf(part, sizeof(part), "%s.signature", name);
    batch->signature = vector(part);
    (void)snprintf(part, sizeof(part), "%s.tokens", name);
    batch->tokens = vector(part);
    (void)snprintf(part, sizeof(part), "%s.body", name);
    batch->body = vector(part);
}

static inline struct nta_sealed page_sealed(const struct page_batch *batch)
{
    return (struct nta_sealed){hex_span(&batch->header), hex_span(&batch->signature),
                               hex_span(&batch->tokens), hex_span(&batch->body)};
}
