/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/mark.h"

#include "base/hex.h"

#define PROGRAM_MARK "program:"

enum
{
    MD5_DIGITS = 32,
    SHA1_DIGITS = 40,
    SHA256_DIGITS = 64,
    JA4_LEN = 36,
    JA4_HEAD = 10,   ///< "t13d1516h2"
    JA4_DIGITS = 12, ///< Of each of its two hashes.
};

static bool is_hex(struct nta_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (nta_hex_digit(text.ptr[i]) < 0)
            return false;
    }
    return text.len > 0;
}

static bool is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

bool nta_list_is_ja4(struct nta_span text)
{
    if (text.len != JA4_LEN || !memchr("tqd", text.ptr[0], 3) || !memchr("di", text.ptr[3], 2) ||
        text.ptr[JA4_HEAD] != '_' || text.ptr[JA4_HEAD + 1 + JA4_DIGITS] != '_')
        return false;
    for (size_t i = 1; i < JA4_HEAD; i++) { /* counts are digits */
        bool is_digit = text.ptr[i] >= '0' && text.ptr[i] <= '9';

        if (i >= 4 && i < 8 ? !is_digit : !is_alnum(text.ptr[i]))
            return false;
    }
    return is_hex((struct nta_span){.ptr = text.ptr + JA4_HEAD + 1, .len = JA4_DIGITS}) &&
           is_hex(nta_span_from(text, JA4_HEAD + 2 + JA4_DIGITS));
}

/** The bytes of hexadecimal digits, colons between two bytes passed over; 0: broken or too long. */
static size_t read_hex(struct nta_span text, uint8_t bytes[NTA_MARK_SIZE])
{
    size_t n = 0;

    for (size_t i = 0; i < text.len; n++) {
        int high, low;

        if (n > 0 && text.ptr[i] == ':')
            i++;
        high = i < text.len ? nta_hex_digit(text.ptr[i]) : -1;
        low = i + 1 < text.len ? nta_hex_digit(text.ptr[i + 1]) : -1;
        if (high < 0 || low < 0 || n == NTA_MARK_SIZE)
            return 0;
        bytes[n] = (uint8_t)(high << 4 | low);
        i += 2;
    }
    return n;
}

/** An outcome with its reason. */
static enum nta_line say(enum nta_line outcome, const char **reason, const char *text)
{
    *reason = text;
    return outcome;
}

static enum nta_line read_file_hash(struct nta_span text, struct nta_list_mark *mark,
                                    const char **reason)
{
    mark->kind = NTA_MARK_FILE;
    mark->len = read_hex(text, mark->bytes);
    if (text.len == MD5_DIGITS && is_hex(text))
        return say(NTA_LINE_SKIP, reason, "an MD5: files are compared by SHA-256");
    if (text.len == SHA1_DIGITS && is_hex(text))
        return say(NTA_LINE_SKIP, reason, "a SHA-1 of a file: files are compared by SHA-256");
    if (mark->len != SHA256_DIGITS / 2 || text.len != SHA256_DIGITS)
        return say(NTA_LINE_BAD, reason, "not the SHA-256 of a file");
    return NTA_LINE_ENTRY;
}

static enum nta_line read_cert_hash(struct nta_span text, struct nta_list_mark *mark,
                                    const char **reason)
{
    mark->kind = NTA_MARK_CERTIFICATE;
    mark->len = read_hex(text, mark->bytes);
    if (text.len == MD5_DIGITS && is_hex(text))
        return say(NTA_LINE_SKIP, reason, "an MD5: certificates are compared by SHA-1 and SHA-256");
    if (mark->len != SHA1_DIGITS / 2 && mark->len != SHA256_DIGITS / 2)
        return say(NTA_LINE_BAD, reason, "not the SHA-1 or SHA-256 of a certificate");
    return NTA_LINE_ENTRY;
}

static enum nta_line read_ja4(struct nta_span text, struct nta_list_mark *mark, const char **reason)
{
    if (!nta_list_is_ja4(text))
        return say(NTA_LINE_BAD, reason, "not a JA4 (t13d1516h2_8daaf6152771_e5627efa2ab1)");
    mark->kind = NTA_MARK_JA4;
    mark->len = JA4_LEN;
    memcpy(mark->bytes, text.ptr, JA4_LEN);
    for (size_t i = JA4_HEAD; i < JA4_LEN; i++) /* its hashes, not the letters of an ALPN */
        mark->bytes[i] |= text.ptr[i] >= 'A' && text.ptr[i] <= 'F' ? 0x20 : 0;
    return NTA_LINE_ENTRY;
}

/** Letters, digits, '-' and '.': how programs and resolvers are called, in lower case. */
static enum nta_line read_program(struct nta_span text, struct nta_list_mark *mark,
                                  const char **reason)
{
    bool is_name = text.len > 0 && text.len <= NTA_MARK_SIZE;

    for (size_t i = 0; is_name && i < text.len; i++) {
        const bool is_upper = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';

        is_name = is_alnum(text.ptr[i]) || text.ptr[i] == '-' || text.ptr[i] == '.';
        mark->bytes[i] = text.ptr[i] | (is_upper ? 0x20 : 0);
    }
    if (!is_name)
        return say(NTA_LINE_BAD, reason, "not the name of a program (program:openvpn)");
    mark->kind = NTA_MARK_PROGRAM;
    mark->len = text.len;
    return NTA_LINE_ENTRY;
}

/** The first word, if it has as many digits as a hash of files: `sha256sum` writes "HASH  FILE". */
static struct nta_span hash_before_name(struct nta_span text)
{
    if (text.len > SHA256_DIGITS && nta_list_is_space(text.ptr[SHA256_DIGITS]))
        text.len = SHA256_DIGITS;
    return text;
}

enum nta_line nta_list_read_mark(struct nta_span text, struct nta_list_mark *ret_mark,
                                 const char **ret_reason)
{
    if (nta_span_starts(text, "sha256:") && text.len != 7 + SHA256_DIGITS)
        return say(NTA_LINE_BAD, ret_reason, "not the SHA-256 of a file");
    if (nta_span_starts(text, "sha256:"))
        return read_file_hash(nta_span_from(text, 7), ret_mark, ret_reason);
    if (nta_span_starts(text, "cert:"))
        return read_cert_hash(nta_span_from(text, 5), ret_mark, ret_reason);
    if (nta_span_starts(text, "ja4:"))
        return read_ja4(nta_span_from(text, 4), ret_mark, ret_reason);
    if (nta_span_starts(text, PROGRAM_MARK))
        return read_program(nta_span_from(text, sizeof(PROGRAM_MARK) - 1), ret_mark, ret_reason);
    if (nta_list_is_ja4(text))
        return read_ja4(text, ret_mark, ret_reason);
    text = hash_before_name(text);
    if ((text.len != MD5_DIGITS && text.len != SHA1_DIGITS && text.len != SHA256_DIGITS) ||
        !is_hex(text))
        return NTA_LINE_OTHER;
    if (text.len == SHA1_DIGITS)
        return say(NTA_LINE_SKIP, ret_reason,
                   "a SHA-1 alone: cert: before it, if of a certificate");
    return read_file_hash(text, ret_mark, ret_reason);
}

typedef enum nta_line read_fn(struct nta_span text, struct nta_list_mark *ret_mark,
                              const char **ret_reason);

/** Read a mark of one kind and give it. */
static enum nta_line take(struct nta_list_reader *reader, read_fn *read, struct nta_span text,
                          uint32_t flags)
{
    struct nta_list_mark mark = {.len = 0};
    const char *reason = NULL;
    const enum nta_line outcome = read(text, &mark, &reason);
    struct nta_list_entry entry = {
        .what = NTA_ENTRY_MARK,
        .flags = flags,
        .name = {.ptr = mark.bytes, .len = mark.len},
        .mark = mark.kind,
    };

    if (outcome == NTA_LINE_SKIP)
        return nta_list_skip(reader, reason);
    if (outcome == NTA_LINE_BAD)
        return nta_list_bad(reader, reason);
    if (outcome == NTA_LINE_ENTRY)
        nta_list_give(reader, &entry);
    return outcome;
}

enum nta_line nta_list_mark(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    return take(reader, nta_list_read_mark, text, flags);
}

enum nta_line nta_list_file_hash(struct nta_list_reader *reader, struct nta_span text,
                                 uint32_t flags)
{
    return take(reader, read_file_hash, text, flags);
}

enum nta_line nta_list_cert_hash(struct nta_list_reader *reader, struct nta_span text,
                                 uint32_t flags)
{
    return take(reader, read_cert_hash, text, flags);
}

enum nta_line nta_list_ja4(struct nta_list_reader *reader, struct nta_span text, uint32_t flags)
{
    return take(reader, read_ja4, text, flags);
}
