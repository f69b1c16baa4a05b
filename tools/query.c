/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include "base/text.h"
#include "record/batch.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nta_query_done(struct nta_query *query)
{
    free(query->site);
    free(query->list);
    free(query->country);
    *query = (struct nta_query){0};
}

static bool parse_mac(const char *text, uint8_t ret_mac[6])
{
    unsigned bytes[6];
    int end = 0;

    // NOLINTNEXTLINE(cert-err34-c): two digits at most
    if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3],
               &bytes[4], &bytes[5], &end) != 6 ||
        text[end] != '\0')
        return false;
    for (size_t i = 0; i < 6; i++)
        ret_mac[i] = (uint8_t)bytes[i];
    return true;
}

int nta_query_user(struct nta_query *query, const char *text, struct nta_err *err)
{
    struct nta_prefix prefix;

    query->user = text;
    if (text[0] == '\0')
        return nta_err_set(err, -EINVAL, "--user: an address, a network, a MAC address or a name");
    query->user_is_mac = parse_mac(text, query->user_mac);
    if (query->user_is_mac)
        return 0;
    if (nta_prefix_parse(text, strlen(text), &prefix, err) == 0) {
        query->user_is_addr = true;
        query->user_prefix = prefix;
        return 0;
    }
    if (strchr(text, '/'))
        return nta_err_prefix(err, -EINVAL, "--user %s", text);
    return 0;
}

/** A lower-case copy. */
static int set_word(char **field, const char *text, struct nta_err *err)
{
    char *copy = strdup(text);

    if (!copy)
        return nta_err_sys(err, -ENOMEM, "query");
    for (char *pos = copy; *pos; pos++)
        *pos = (char)tolower((unsigned char)*pos);
    free(*field);
    *field = copy;
    return 0;
}

int nta_query_site(struct nta_query *query, const char *text, struct nta_err *err)
{
    size_t len = strlen(text);

    if (len == 0)
        return nta_err_set(err, -EINVAL, "--site: a name or an address");
    int r = set_word(&query->site, text, err);

    if (r == 0 && query->site[len - 1] == '.')
        query->site[len - 1] = '\0';
    return r;
}

int nta_query_list(struct nta_query *query, const char *text, struct nta_err *err)
{
    return set_word(&query->list, text, err);
}

int nta_query_country(struct nta_query *query, const char *text, struct nta_err *err)
{
    if (strlen(text) != 2 || !isalpha((unsigned char)text[0]) || !isalpha((unsigned char)text[1]))
        return nta_err_set(err, -EINVAL, "--country: two letters, as BE or NL");
    return set_word(&query->country, text, err);
}

static void add_token(struct nta_query *query, const struct nta_opener *opener,
                      enum nta_value_kind kind, struct nta_span value)
{
    uint8_t room[NTA_VALUE_MAX];

    if (kind == NTA_VALUE_SITE || kind == NTA_VALUE_LIST || kind == NTA_VALUE_COUNTRY)
        value = nta_value_fold(value, room); /* as the recorder did */
    if (query->n_tokens < NTA_QUERY_TOKENS &&
        nta_opener_token(opener, kind, value, query->tokens[query->n_tokens]) == 0)
        query->n_tokens++;
}

void nta_query_make_tokens(struct nta_query *query, const struct nta_opener *opener)
{
    const struct nta_addr *addr = &query->user_prefix.addr;

    if (query->user_is_mac)
        add_token(query, opener, NTA_VALUE_USER_MAC, (struct nta_span){query->user_mac, 6});
    else if (query->user_is_addr && query->user_prefix.len == 128)
        add_token(query, opener, NTA_VALUE_USER_ADDR,
                  (struct nta_span){addr->bytes, sizeof(addr->bytes)});
    if (query->site)
        add_token(query, opener, NTA_VALUE_SITE, nta_span_of(query->site));
    if (query->list)
        add_token(query, opener, NTA_VALUE_LIST, nta_span_of(query->list));
    if (query->country)
        add_token(query, opener, NTA_VALUE_COUNTRY, nta_span_of(query->country));
}

static bool equal_fold(struct nta_span text, const char *word)
{
    return text.len == strlen(word) && strncasecmp((const char *)text.ptr, word, text.len) == 0;
}

/** The site itself or a subdomain. */
static bool site_has(struct nta_span site, const char *domain)
{
    size_t len = strlen(domain);

    if (site.len > len && site.ptr[site.len - len - 1] == '.') {
        site.ptr += site.len - len;
        site.len = len;
    }
    return equal_fold(site, domain);
}

static bool user_has(const struct nta_query *query, const struct nta_record_side *user)
{
    if (query->user_is_mac)
        return user->has_mac && memcmp(user->mac, query->user_mac, sizeof(user->mac)) == 0;
    if (query->user_is_addr)
        return nta_prefix_has(&query->user_prefix, &user->addr);
    return equal_fold(user->login, query->user) || equal_fold(user->name, query->user);
}

bool nta_query_has(const struct nta_query *query, const struct nta_record *record)
{
    int64_t end_ns = record->end_ns ? record->end_ns : record->time_ns;

    if (query->alerts_only && record->event != NTA_RECORD_ALERT)
        return false;
    if ((query->since_ns && end_ns < query->since_ns) ||
        (query->until_ns && record->time_ns > query->until_ns))
        return false;
    if (query->user && !user_has(query, &record->user))
        return false;
    if (query->site && !site_has(record->site, query->site))
        return false;
    if (query->list && !equal_fold(record->match.list, query->list))
        return false;
    return !query->country ||
           equal_fold(nta_span_of(record->peer.place.country_code), query->country);
}
