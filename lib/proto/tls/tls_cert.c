/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/tls/tls_cert.h"

#include "proto/der.h"

enum
{
    TAG_BOOLEAN = 0x01,
    TAG_INTEGER = 0x02,
    TAG_OCTET_STRING = 0x04,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    TAG_SET = 0x31,
    TAG_VERSION = 0xa0,    /* [0] of TBSCertificate */
    TAG_EXTENSIONS = 0xa3, /* [3] */
    TAG_DNS_NAME = 0x82,   /* [2] of GeneralName */
};

static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_organisation[] = {0x55, 0x04, 0x0a};
static const uint8_t oid_alt_name[] = {0x55, 0x1d, 0x11};

static bool is_next(const struct nta_reader *r, uint8_t tag)
{
    struct nta_reader peek = *r;

    return nta_read_u8(&peek) == tag && nta_reader_ok(&peek);
}

static struct nta_span rest_of(struct nta_reader *r)
{
    return nta_read_span(r, nta_reader_left(r));
}

static bool is_oid(struct nta_span oid, const uint8_t want[3])
{
    return oid.len == 3 && memcmp(oid.ptr, want, 3) == 0;
}

/*
 * Name: SEQUENCE OF SET OF SEQUENCE { type OID, value }.  The last of each type is the most
 * specific one.
 */
static bool read_name(struct nta_reader *r, struct nta_span *ret_common,
                      struct nta_span *ret_organisation)
{
    struct nta_reader name = nta_der_element(r, TAG_SEQUENCE);

    while (nta_reader_left(&name) > 0) {
        struct nta_reader set = nta_der_element(&name, TAG_SET);

        while (nta_reader_left(&set) > 0) {
            struct nta_reader pair = nta_der_element(&set, TAG_SEQUENCE);
            struct nta_reader type = nta_der_element(&pair, TAG_OID);
            uint8_t value_tag = 0;
            struct nta_reader value = nta_der_any(&pair, &value_tag);
            struct nta_span oid = rest_of(&type), text = rest_of(&value);

            if (!nta_reader_ok(&pair) || !nta_reader_ok(&value))
                return false;
            if (is_oid(oid, oid_common_name))
                *ret_common = text;
            else if (is_oid(oid, oid_organisation))
                *ret_organisation = text;
        }
        if (!nta_reader_ok(&set))
            return false;
    }
    return nta_reader_ok(&name);
}

/* GeneralNames of subjectAltName. */
static bool read_alt_names(struct nta_reader value, bool is_cut, struct nta_tls_certificate *cert)
{
    struct nta_reader names = nta_der_container(&value, TAG_SEQUENCE, is_cut);

    while (nta_reader_left(&names) > 0) {
        uint8_t tag = 0;
        struct nta_reader name = nta_der_any(&names, &tag);
        struct nta_span text = rest_of(&name);

        if (!nta_reader_ok(&name))
            return false;
        if (tag == TAG_DNS_NAME && cert->n_names < NTA_TLS_NAMES_MAX)
            cert->names[cert->n_names++] = text;
    }
    return nta_reader_ok(&names);
}

static bool read_extensions(struct nta_reader *r, bool is_cut, struct nta_tls_certificate *cert)
{
    struct nta_reader wrapper = nta_der_container(r, TAG_EXTENSIONS, is_cut);
    struct nta_reader list = nta_der_container(&wrapper, TAG_SEQUENCE, is_cut);

    while (nta_reader_left(&list) > 0) {
        struct nta_reader ext = nta_der_container(&list, TAG_SEQUENCE, is_cut);
        struct nta_reader type = nta_der_element(&ext, TAG_OID);

        if (is_next(&ext, TAG_BOOLEAN)) /* critical */
            (void)nta_der_element(&ext, TAG_BOOLEAN);

        struct nta_reader value = nta_der_container(&ext, TAG_OCTET_STRING, is_cut);

        if (!nta_reader_ok(&ext) || !nta_reader_ok(&value))
            return false;
        if (is_oid(rest_of(&type), oid_alt_name) && !read_alt_names(value, is_cut, cert))
            return false;
    }
    return nta_reader_ok(&list);
}

/* From the public key on; false if it ends or breaks inside. */
static bool read_tail(struct nta_reader *tbs, bool is_cut, struct nta_tls_certificate *cert)
{
    (void)nta_der_element(tbs, TAG_SEQUENCE); /* public key */
    while (nta_reader_left(tbs) > 0 && !is_next(tbs, TAG_EXTENSIONS)) {
        uint8_t tag = 0; /* unique identifiers of version 2 */

        (void)nta_der_any(tbs, &tag);
    }
    return nta_reader_ok(tbs) && (nta_reader_left(tbs) == 0 || read_extensions(tbs, is_cut, cert));
}

/* True if the outermost element is longer than what is there. */
static bool is_cut_off(struct nta_span der)
{
    struct nta_reader r = nta_reader_of(der.ptr, der.len);

    nta_reader_skip(&r, 1);
    return nta_der_length(&r) > nta_reader_left(&r) && nta_reader_ok(&r);
}

enum nta_parse nta_tls_cert_read(struct nta_span der, struct nta_tls_certificate *ret_certificate)
{
    bool is_cut = is_cut_off(der);
    struct nta_reader r = nta_reader_of(der.ptr, der.len);
    struct nta_reader whole = nta_der_container(&r, TAG_SEQUENCE, is_cut);
    struct nta_reader tbs = nta_der_container(&whole, TAG_SEQUENCE, is_cut);
    struct nta_span issuer_organisation = {0}, organisation = {0};
    struct nta_tls_certificate cert = {.n_names = 0};

    if (is_next(&tbs, TAG_VERSION))
        (void)nta_der_element(&tbs, TAG_VERSION);
    (void)nta_der_element(&tbs, TAG_INTEGER);  /* serial number */
    (void)nta_der_element(&tbs, TAG_SEQUENCE); /* signature algorithm */
    if (!read_name(&tbs, &cert.issuer, &issuer_organisation))
        return NTA_PARSE_BAD;
    (void)nta_der_element(&tbs, TAG_SEQUENCE); /* validity */
    if (!read_name(&tbs, &cert.common_name, &organisation))
        return NTA_PARSE_BAD;
    if (!read_tail(&tbs, is_cut, &cert) && !is_cut)
        return NTA_PARSE_BAD;
    if (cert.issuer.len == 0)
        cert.issuer = issuer_organisation;
    *ret_certificate = cert;
    return is_cut ? NTA_PARSE_MORE : NTA_PARSE_OK;
}
