/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/builtin.h"

#include "base/own.h"
#include "base/text.h"
#include "policy/evasion.h"

#include <errno.h>
#include <string.h>

/*
 * Resolvers that half the world uses and that blacklists name again and again by mistake, as their
 * operators publish them (November 2026): developers.google.com/speed/public-dns,
 * developers.cloudflare.com/1.1.1.1, quad9.net/service, opendns.com/setupguide, adguard-dns.io/kb.
 */
static const char *const resolvers[] = {
    "8.8.8.8",
    "8.8.4.4",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "=dns.google",
    "1.1.1.1",
    "1.0.0.1",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "=one.one.one.one",
    "1.1.1.2",
    "1.0.0.2",
    "2606:4700:4700::1112",
    "2606:4700:4700::1002",
    "1.1.1.3",
    "1.0.0.3",
    "2606:4700:4700::1113",
    "2606:4700:4700::1003",
    "9.9.9.9",
    "149.112.112.112",
    "2620:fe::fe",
    "2620:fe::9",
    "=dns.quad9.net",
    "9.9.9.10",
    "149.112.112.10",
    "2620:fe::10",
    "2620:fe::fe:10",
    "9.9.9.11",
    "149.112.112.11",
    "2620:fe::11",
    "2620:fe::fe:11",
    "208.67.222.222",
    "208.67.220.220",
    "2620:119:35::35",
    "2620:119:53::53",
    "94.140.14.14",
    "94.140.15.15",
    "2a10:50c0::ad1:ff",
    "2a10:50c0::ad2:ff",
    "=dns.adguard-dns.com",
};

static int add_text(struct nta_blacklist_builder *builder, const struct nta_list_source *source,
                    struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    const struct nta_list_report *report;
    int r = nta_blacklist_builder_add(builder, source, &complaints, err);

    if (r < 0)
        return r;
    report = nta_blacklist_builder_last(builder);
    if (report->n_bad + report->n_skipped == 0)
        return 0;
    return nta_err_set(err, -EINVAL, "%s: %s", source->path,
                       report->n_reasons ? report->reasons[0].text : "not a name or address");
}

static int add_resolvers(struct nta_blacklist_builder *builder, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_list_source source = {
        .path = "(public resolvers)",
        .name = NTA_RESOLVERS_LIST,
        .allow = true,
        .internal = true,
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(resolvers); i++)
        nta_buf_printf(&text, "%s\n", resolvers[i]);
    nta_buf_put_u8(&text, 0);
    if (text.failed)
        return nta_err_sys(err, -ENOMEM, "lists");
    source.text = (const char *)text.ptr;
    return add_text(builder, &source, err);
}

static int add_evasion(struct nta_blacklist_builder *builder, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_list_source source = {
        .path = "(evasion)",
        .name = NTA_EVASION_LIST,
        .category = NTA_EVASION_LIST,
        .severity = NTA_SEVERITY_MEDIUM,
        .internal = true,
    };

    nta_evasion_text(&text);
    nta_buf_put_u8(&text, 0);
    if (text.failed)
        return nta_err_sys(err, -ENOMEM, "lists");
    source.text = (const char *)text.ptr;
    return add_text(builder, &source, err);
}

/** Each value is a line: none may bring more than one. */
static int add_own(struct nta_blacklist_builder *builder, const struct nta_config *config,
                   struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_list_source source = {
        .path = "blacklist.own",
        .name = "own",
        .allow = true,
        .internal = true,
    };

    if (config->blacklist.n_own == 0)
        return 0;
    for (size_t i = 0; i < config->blacklist.n_own; i++) {
        const char *value = config->blacklist.own[i];

        if (value[strcspn(value, " \t\r\n#;!")] != '\0')
            return nta_err_set(err, -EINVAL, "blacklist.own: value %zu is not one name or address",
                               i + 1);
        nta_buf_printf(&text, "%s\n", value);
    }
    nta_buf_put_u8(&text, 0);
    if (text.failed)
        return nta_err_sys(err, -ENOMEM, "lists");
    source.text = (const char *)text.ptr;
    return add_text(builder, &source, err);
}

static int add_canary(struct nta_blacklist_builder *builder, const char *name, bool varies,
                      struct nta_err *err)
{
    char text[NTA_NAME_SIZE + 4];
    const struct nta_list_source source = {
        .path = "(canary)",
        .name = NTA_CANARY_LIST,
        .text = text,
        .internal = true,
        .varies = varies,
    };

    (void)snprintf(text, sizeof(text), "*.%s\n", name);
    return add_text(builder, &source, err);
}

int nta_builtin_add(struct nta_blacklist_builder *builder, const struct nta_policy_inputs *inputs,
                    struct nta_err *err)
{
    int r = add_own(builder, inputs->config, err);

    if (r == 0 && inputs->config->blacklist.allow_resolvers)
        r = add_resolvers(builder, err);
    if (r == 0 && inputs->config->blacklist.evasion)
        r = add_evasion(builder, err);
    if (r == 0 && inputs->canary)
        r = add_canary(builder, inputs->canary, inputs->adopts && !inputs->old, err);
    return r;
}

void nta_builtin_get_canary(const struct nta_blacklist *set, char name[NTA_NAME_SIZE])
{
    name[0] = '\0';
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++) {
        const struct nta_list_report *list = nta_blacklist_get_list(set, i);

        if (list->internal && list->text && strcmp(list->name, NTA_CANARY_LIST) == 0)
            (void)snprintf(name, NTA_NAME_SIZE, "%.*s", (int)strcspn(list->text + 2, "\n"),
                           list->text + 2); /* behind its "*." */
    }
}

/** State of a search for entries that name one resolver. */
struct noting
{
    const char *resolver;
    struct nta_buf *complaints;
};

static bool note(void *owner, const struct nta_hit *hit, bool allow)
{
    const struct noting *noting = owner;
    char list[128];

    if (!allow && (hit->kind == NTA_HIT_ADDRESS ||
                   (hit->kind == NTA_HIT_DOMAIN && hit->entry.len && hit->entry.ptr[0] == '=')))
        nta_buf_printf(noting->complaints,
                       "%s:%u: %s is a well-known public resolver and stays allowed "
                       "(blacklist.allow_resolvers = false forbids it)\n",
                       nta_text_escape_to(list, sizeof(list), nta_span_of(hit->list->path)),
                       hit->line, noting->resolver);
    return true;
}

void nta_builtin_note_resolvers(const struct nta_blacklist *set, struct nta_buf *complaints)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(resolvers); i++) {
        struct noting noting = {.resolver = resolvers[i], .complaints = complaints};
        struct nta_addr addr;

        if (nta_addr_parse(resolvers[i], strlen(resolvers[i]), &addr) == 0) {
            nta_blacklist_each_addr(set, &addr, note, &noting);
            continue;
        }
        noting.resolver++; /* behind its "=" */
        nta_blacklist_each_name(set, noting.resolver, strlen(noting.resolver), note, &noting);
    }
}
