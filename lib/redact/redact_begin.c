/* SPDX-License-Identifier: Apache-2.0 */
/* By their first bytes: replies, records of TLS, and files that are shown. */
#include "proto/file/magic.h"
#include "redact/redact_scan.h"

enum
{
    TLS_MAX = (1 << 14) + 2048, ///< RFC 5246 section 6.2.3, the longest of all versions.
    MARK_BYTES = 64,            ///< Files that are not text are so in these.
    MARKS_LEAST = 4,            ///< Of a file that begins with letters as words do.
};

bool nta_redact_is_code(struct nta_span text)
{
    return text.len >= 3 && nta_redact_is_number(nta_span_first(text, 3), "") &&
           (text.len == 3 || text.ptr[3] == ' ' || text.ptr[3] == '-');
}

bool nta_redact_is_tls(const struct nta_redact_scan *scan)
{
    const struct nta_span bytes = nta_redact_part(scan, scan->at, scan->len);

    return !scan->is_lost && bytes.len >= NTA_REDACT_TLS_HEAD && bytes.ptr[0] >= 20 &&
           bytes.ptr[0] <= 24 && bytes.ptr[1] == 3 && bytes.ptr[2] <= 4 &&
           ((size_t)bytes.ptr[3] << 8 | bytes.ptr[4]) <= TLS_MAX;
}

bool nta_redact_begins_tls(const struct nta_redact_scan *scan)
{
    enum
    {
        ALERT = 21,
        ALERT_LEN = 2,
        HANDSHAKE = 22,
        BODY = NTA_REDACT_TLS_HEAD + 4, ///< Behind the message's type and length.
    };

    const struct nta_span bytes = nta_redact_part(scan, scan->at, scan->len);

    if (!nta_redact_is_tls(scan))
        return false;
    const size_t len = (size_t)bytes.ptr[3] << 8 | bytes.ptr[4];

    if (bytes.ptr[0] == ALERT)
        return len == ALERT_LEN;
    if (bytes.ptr[0] != HANDSHAKE || len < 4)
        return false;
    if (bytes.len > NTA_REDACT_TLS_HEAD &&
        bytes.ptr[NTA_REDACT_TLS_HEAD] != (scan->options->from_client ? 1 : 2))
        return false;
    if (bytes.len < BODY + 2)
        return true;
    const size_t said = (size_t)bytes.ptr[6] << 16 | (size_t)bytes.ptr[7] << 8 | bytes.ptr[8];

    return bytes.ptr[BODY] == 3 && bytes.ptr[BODY + 1] <= 4 && said <= TLS_MAX &&
           (!scan->options->from_client || said + 4 >= len);
}

/** Not packed streams and scripts, which may be anything, nor databases and torrents. */
static bool is_kind(const char *type)
{
    static const char *const kinds[] = {"image/",
                                        "audio/",
                                        "video/",
                                        "application/ogg",
                                        "application/pdf",
                                        "application/zip",
                                        "application/vnd.rar",
                                        "application/x-7z-compressed",
                                        "application/vnd.openxmlformats",
                                        "application/java-",
                                        "application/vnd.android.",
                                        "application/vnd.debian.",
                                        "application/x-rpm",
                                        "application/x-executable",
                                        "application/x-mach-binary",
                                        "application/x-dosexec",
                                        "application/x-ms-dll",
                                        "application/x-msi",
                                        "application/vnd.ms-cab-compressed"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (nta_span_starts(nta_span_of(type), kinds[i]))
            return true;
    return false;
}

bool nta_redact_is_file(struct nta_span first)
{
    const char *type = nta_magic_type(nta_span_first(first, NTA_MAGIC_BYTES));
    size_t n_marks = 0;

    /* no text has these, in whatever language */
    for (size_t i = 0; i < first.len && i < MARK_BYTES; i++)
        n_marks += first.ptr[i] < ' ' && !isspace(first.ptr[i]);
    const bool is_word = nta_span_starts(first, "MZ") || nta_span_starts(first, "ID3");

    return type && is_kind(type) && n_marks >= (is_word ? MARKS_LEAST : 1U);
}
