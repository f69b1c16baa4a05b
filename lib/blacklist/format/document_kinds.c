/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/format/document_kinds.h"

#include "base/own.h"
#include "blacklist/table/names.h"

static struct nta_list_how skipped(const char *why)
{
    return (struct nta_list_how){.given = NTA_GIVEN_SKIP, .why = why};
}

static struct nta_list_how broken(const char *why)
{
    return (struct nta_list_how){.given = NTA_GIVEN_BAD, .why = why};
}

static struct nta_list_how how_of_attribute(struct nta_span type)
{
    static const uint32_t both = NTA_VALUE_SELF | NTA_VALUE_SUBS;

    static const struct
    {
        const char *type;
        struct nta_list_how how;
    } types[] = {
        {"domain", {.given = NTA_GIVEN_NAME, .flags = both}},
        {"hostname", {.given = NTA_GIVEN_NAME, .flags = NTA_VALUE_SELF}},
        {"domain|ip", {.given = NTA_GIVEN_PAIR, .flags = both}},
        {"ip-dst", {.given = NTA_GIVEN_ADDR}},
        {"ip-src", {.given = NTA_GIVEN_ADDR}},
        {"ip-dst|port", {.given = NTA_GIVEN_PORT}},
        {"ip-src|port", {.given = NTA_GIVEN_PORT}},
        {"url", {.given = NTA_GIVEN_URL, .flags = both}},
        {"sha256", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"md5", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"sha1", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_FILE}},
        {"filename|sha256", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"filename|md5", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"filename|sha1", {.given = NTA_GIVEN_NAMED, .as = NTA_AS_FILE}},
        {"x509-fingerprint-sha256", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
        {"x509-fingerprint-sha1", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
        {"x509-fingerprint-md5", {.given = NTA_GIVEN_VALUE, .as = NTA_AS_CERTIFICATE}},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(type, types[i].type))
            return types[i].how;
    }
    return skipped("an attribute of a kind that is not compared");
}

struct nta_list_how nta_document_attribute(const struct nta_document_fields *fields, bool gone)
{
    struct nta_list_how how = how_of_attribute(nta_document_text(&fields->type));

    if (fields->twice)
        how = broken("an attribute that says something twice");
    else if (fields->deleted || gone)
        how = skipped("an attribute that was deleted");
    else if (fields->off)
        how = skipped("an attribute that is not for detection (to_ids)");
    else if (!nta_document_has(fields, NTA_KEY_TYPE) || !nta_document_has(fields, NTA_KEY_VALUE))
        how = broken("an attribute without type or value");
    else if (fields->cut && how.given != NTA_GIVEN_SKIP)
        how = broken("a value of more than 65,535 bytes");
    return how;
}

/**
 * Times of STIX are all in UTC and of one form, so that they are compared as texts: below, at or
 * above 0.  What is no time is before all.
 */
static int compare_time(const struct nta_document_word *time, const char *now)
{
    return strncmp((const char *)time->text, now, sizeof("2026-01-02T03:04:05") - 1);
}

static bool is_observed(struct nta_span type)
{
    static const char *const types[] = {"domain-name", "ipv4-addr",        "ipv6-addr",    "url",
                                        "file",        "x509-certificate", "observed-data"};

    for (size_t i = 0; i < NTA_N_ELEMENTS(types); i++) {
        if (nta_span_is(type, types[i]))
            return true;
    }
    return false;
}

static struct nta_list_how how_of_indicator(const struct nta_document_fields *fields,
                                            const char *now)
{
    if (fields->twice)
        return broken("an indicator that says something twice");
    if (fields->deleted)
        return skipped("an indicator that was revoked");
    if (fields->benign)
        return skipped("an indicator of what is benign");
    if (nta_document_has(fields, NTA_KEY_PATTERN_TYPE) &&
        !nta_span_is(nta_document_text(&fields->pattern_type), "stix"))
        return skipped("a pattern in another language than that of STIX");
    if (now && nta_document_has(fields, NTA_KEY_VALID_UNTIL) &&
        compare_time(&fields->until, now) <= 0)
        return skipped("an indicator whose time is over (valid_until)");
    if (now && nta_document_has(fields, NTA_KEY_VALID_FROM) && compare_time(&fields->from, now) > 0)
        return skipped("an indicator whose time has not come (valid_from)");
    if (!nta_document_has(fields, NTA_KEY_PATTERN))
        return broken("an indicator without a pattern");
    if (fields->cut)
        return broken("a value of more than 65,535 bytes");
    return (struct nta_list_how){.given = NTA_GIVEN_STIX};
}

struct nta_list_how nta_document_indicator(const struct nta_document_fields *fields,
                                           const char *now)
{
    struct nta_span type = nta_document_text(&fields->type);

    if (nta_span_is(type, "indicator"))
        return how_of_indicator(fields, now);
    if (is_observed(type))
        return skipped("an object that was observed, which is no indicator");
    return (struct nta_list_how){.given = NTA_GIVEN_LINE};
}

/** How a warning list's values are meant, by its type (MISP, misp-warninglists/schema.json). */
struct nta_list_how nta_document_list(struct nta_span type, bool contradicts, bool allow)
{
    static const uint32_t both = NTA_VALUE_SELF | NTA_VALUE_SUBS;
    struct nta_list_how how = {
        .given = NTA_GIVEN_VALUE, .as = NTA_AS_LITERAL, .flags = NTA_VALUE_SELF};

    if (!allow)
        how.note = "taken, but values of a warning list are harmless: it is for exceptions";
    if (contradicts)
        return broken("a list that contradicts itself");
    if (nta_span_is(type, "hostname"))
        how.flags = both;
    else if (nta_span_is(type, "cidr"))
        how.given = NTA_GIVEN_ADDR;
    else if (nta_span_is(type, "substring") || nta_span_is(type, "regex"))
        return skipped("a value of a warning list of parts of names (substring, regex)");
    else if (!nta_span_is(type, "string"))
        return skipped("a value of a list of an unknown type");
    return how;
}
