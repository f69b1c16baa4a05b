/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_hello.h"

#include "base/scratch.h"
#include "proto/tls/ja4.h"

enum
{
    RANDOM_LEN = 32,
    SESSION_ID_MAX = 32,
    HOST_NAME_MAX_LEN = 255, /* no host name is longer (RFC 1035 section 3.1) */
};

/* IANA, TLS ExtensionType Values. */
enum
{
    EXT_SERVER_NAME = 0,
    EXT_SIGNATURE_ALGORITHMS = 13,
    EXT_ALPN = 16,
    EXT_SUPPORTED_VERSIONS = 43,
    EXT_ECH = 0xfe0d,
    EXT_ECH_DRAFT_FIRST = 0xfe08, /* drafts 8 to 12 */
    EXT_ECH_DRAFT_LAST = 0xfe0c,
    EXT_ECH_OLD = 0xff02, /* drafts up to 7 */
    EXT_ECH_OLD_INNER = 0xff03,
    EXT_ESNI = 0xffce,
};

/* A hello that is being read, and the lists its fingerprint needs. */
struct work
{
    struct nta_tls_client_hello *hello;
    struct nta_ja4 ja4;
};

/* RFC 6066 section 3: the first host_name of the list. */
static struct nta_span read_server_name(struct nta_reader ext)
{
    struct nta_reader list = nta_read_vec16(&ext);

    while (nta_reader_left(&list) > 0) {
        uint8_t type = nta_read_u8(&list);
        struct nta_reader name = nta_read_vec16(&list);
        struct nta_span text = nta_read_span(&name, nta_reader_left(&name));

        if (nta_reader_ok(&name) && type == 0 && text.len <= HOST_NAME_MAX_LEN)
            return text;
    }
    return (struct nta_span){0};
}

/* RFC 7301 section 3.1. */
static size_t read_alpn(struct nta_reader ext, struct nta_span *names, size_t n_max)
{
    struct nta_reader list = nta_read_vec16(&ext);
    size_t n = 0;

    while (nta_reader_left(&list) > 0 && n < n_max) {
        struct nta_reader name = nta_read_vec8(&list);
        struct nta_span text = nta_read_span(&name, nta_reader_left(&name));

        if (nta_reader_ok(&name) && text.len > 0)
            names[n++] = text;
    }
    return n;
}

/* RFC 8446 section 4.2.1. */
static void read_versions(struct nta_reader ext, struct nta_tls_client_hello *hello)
{
    struct nta_reader list = nta_read_vec8(&ext);

    hello->n_versions = 0;
    while (nta_reader_left(&list) >= 2 && hello->n_versions < NTA_TLS_VERSIONS_MAX) {
        uint16_t version = nta_read_be16(&list);

        if (!nta_ja4_is_grease(version))
            hello->versions[hello->n_versions++] = version;
    }
}

static void read_signatures(struct nta_reader ext, struct nta_ja4_list *signatures)
{
    struct nta_reader list = nta_read_vec16(&ext);

    signatures->n = 0;
    while (nta_reader_left(&list) >= 2)
        nta_ja4_add(signatures, nta_read_be16(&list));
}

/*
 * True if the hello's true name is in here, encrypted.  Type 0 is outer, 1 inner
 * (draft-ietf-tls-esni section 5).
 */
static bool is_ech(uint16_t type, struct nta_reader ext)
{
    if (type == EXT_ECH)
        return nta_reader_left(&ext) > 0 && nta_read_u8(&ext) == 0;
    return (type >= EXT_ECH_DRAFT_FIRST && type <= EXT_ECH_DRAFT_LAST) || type == EXT_ECH_OLD ||
           type == EXT_ECH_OLD_INNER || type == EXT_ESNI;
}

static void read_extension(struct work *work, uint16_t type, struct nta_reader ext)
{
    struct nta_tls_client_hello *hello = work->hello;

    nta_ja4_add(&work->ja4.extensions, type);
    switch (type) {
    case EXT_SERVER_NAME:
        if (!work->ja4.has_name) /* it may not come twice; the first one counts */
            hello->server_name = read_server_name(ext);
        work->ja4.has_name = true;
        break;
    case EXT_ALPN: hello->n_alpn = read_alpn(ext, hello->alpn, NTA_TLS_ALPN_MAX); break;
    case EXT_SUPPORTED_VERSIONS: read_versions(ext, hello); break;
    case EXT_SIGNATURE_ALGORITHMS: read_signatures(ext, &work->ja4.signatures); break;
    default: hello->ech |= is_ech(type, ext); break;
    }
}

/* Extensions until their end (OK), or until the body's end inside of them (MORE). */
static enum nta_parse read_extensions(struct work *work, struct nta_reader *r)
{
    if (nta_reader_left(r) == 0)
        return NTA_PARSE_OK; /* before TLS 1.3 there need be none */

    size_t len = nta_read_be16(r);

    if (!nta_reader_ok(r))
        return NTA_PARSE_MORE;

    bool is_cut = len > nta_reader_left(r);
    struct nta_reader list = nta_read_sub(r, is_cut ? nta_reader_left(r) : len);

    while (nta_reader_left(&list) > 0) {
        uint16_t type = nta_read_be16(&list);
        struct nta_reader ext = nta_read_vec16(&list);

        if (!nta_reader_ok(&ext))
            return is_cut ? NTA_PARSE_MORE : NTA_PARSE_BAD;
        read_extension(work, type, ext);
    }
    return is_cut ? NTA_PARSE_MORE : NTA_PARSE_OK;
}

static void make_ja4(struct work *work)
{
    const struct nta_tls_client_hello *hello = work->hello;

    work->ja4.version = 0;
    for (size_t i = 0; i < hello->n_versions; i++) {
        /* DTLS counts downwards */
        bool is_newer = work->ja4.transport == NTA_TLS_OVER_UDP
                            ? work->ja4.version == 0 || hello->versions[i] < work->ja4.version
                            : hello->versions[i] > work->ja4.version;

        if (is_newer)
            work->ja4.version = hello->versions[i];
    }
    if (hello->n_alpn > 0)
        work->ja4.alpn = hello->alpn[0];
    nta_ja4_text(&work->ja4, work->hello->ja4);
}

enum nta_parse nta_tls_hello_client(struct nta_span body, enum nta_tls_transport transport,
                                    struct nta_tls_client_hello *ret_hello)
{
    struct nta_reader r = nta_reader_of(body.ptr, body.len);
    NTA_SCRATCH struct work work;

    work.hello = ret_hello;
    nta_ja4_init(&work.ja4, (char)transport);
    *ret_hello = (struct nta_tls_client_hello){.n_versions = 1};
    ret_hello->versions[0] = nta_read_be16(&r);
    nta_reader_skip(&r, RANDOM_LEN);

    struct nta_reader session_id = nta_read_vec8(&r);

    if (transport == NTA_TLS_OVER_UDP)
        (void)nta_read_vec8(&r);

    struct nta_reader ciphers = nta_read_vec16(&r);
    struct nta_reader compressions = nta_read_vec8(&r);

    if (!nta_reader_ok(&r))
        return NTA_PARSE_MORE;
    if (nta_reader_left(&session_id) > SESSION_ID_MAX || nta_reader_left(&ciphers) < 2 ||
        nta_reader_left(&ciphers) % 2 != 0 || nta_reader_left(&compressions) == 0)
        return NTA_PARSE_BAD;
    while (nta_reader_left(&ciphers) > 0)
        nta_ja4_add(&work.ja4.ciphers, nta_read_be16(&ciphers));

    enum nta_parse verdict = read_extensions(&work, &r);

    if (ret_hello->n_versions == 0) /* a list of nothing but GREASE, or broken */
        ret_hello->versions[ret_hello->n_versions++] = (uint16_t)(body.ptr[0] << 8 | body.ptr[1]);
    if (verdict == NTA_PARSE_OK)
        make_ja4(&work);
    return verdict;
}

/*
 * Drafts of TLS 1.3 before the 22nd say their version in the first field and have neither session
 * nor compression.
 */
static bool is_early_draft(uint16_t version)
{
    return version >> 8 == 0x7f;
}

enum nta_parse nta_tls_hello_server(struct nta_span body, struct nta_tls_server_hello *ret_hello)
{
    struct nta_reader r = nta_reader_of(body.ptr, body.len);
    struct nta_tls_server_hello hello = {.version = nta_read_be16(&r)};

    nta_reader_skip(&r, RANDOM_LEN);
    if (!is_early_draft(hello.version))
        (void)nta_read_vec8(&r);
    nta_reader_skip(&r, is_early_draft(hello.version) ? 2 : 3);
    if (!nta_reader_ok(&r))
        return NTA_PARSE_BAD;
    if (nta_reader_left(&r) > 0) {
        struct nta_reader list = nta_read_vec16(&r);

        while (nta_reader_left(&list) > 0) {
            uint16_t type = nta_read_be16(&list);
            struct nta_reader ext = nta_read_vec16(&list);

            if (!nta_reader_ok(&ext))
                return NTA_PARSE_BAD;
            if (type == EXT_SUPPORTED_VERSIONS && nta_reader_left(&ext) == 2)
                hello.version = nta_read_be16(&ext);
            else if (type == EXT_ALPN)
                (void)read_alpn(ext, &hello.alpn, 1);
        }
        if (!nta_reader_ok(&list))
            return NTA_PARSE_BAD;
    }
    *ret_hello = hello;
    return NTA_PARSE_OK;
}
