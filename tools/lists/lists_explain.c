/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta lists explain: the verdict on a name, an address, a URL, the hash of a file, a JA4 or a
 * certificate, with the calls that workers make.
 */
#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "base/url.h"
#include "blacklist/marks.h"
#include "lists/lists_scope.h"
#include "lists/subcommands.h"
#include "output/fail.h"
#include "policy/lists.h"
#include "policy/policy.h"
#include "record/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SHOWN_SIZE = 300,
    COVERING_MAX = 256 ///< Entries that are shown.
};

/** What is asked for, in the forms in which lists are asked. */
struct question
{
    const char *text;
    char host[NTA_NAME_SIZE]; ///< Name in normal form, or an address as text; empty: neither.
    struct nta_addr addr;
    bool is_addr;
    uint16_t port;          ///< Of an address, if one is known; else 0.
    struct nta_span target; ///< Of a URL, from its slash on; empty: none.
    struct nta_span mark;   ///< A fingerprint; empty: it is none.
    enum nta_hit_kind mark_kind;
    uint8_t mark_buf[NTA_NAME_SIZE];
    char buf[8192]; ///< For a target whose slash was left out.
};

/** One entry that covers it, copied out of the buffer that it was given in. */
struct covering
{
    const struct nta_list_report *list;
    char entry[SHOWN_SIZE];
    uint32_t line;
    enum nta_hit_kind kind;
    bool allow, counts; ///< counts: for this user at this time.
    char why_not[NTA_WHY_SIZE];
};

struct answer
{
    const struct nta_policy *policy;   ///< Borrows.
    const struct nta_lists_who *who;   ///< Borrows.
    struct covering all[COVERING_MAX]; ///< In the order of deciding: URLs, then the host's entries.
    size_t n, n_urls, n_ports;
    const struct covering *by; ///< What decides; NULL: nothing does.
    const struct nta_list_report *shared;
};

/** The host of a URL, or the text itself. */
static struct nta_span host_of(const char *text)
{
    const char *host = strstr(text, "://");
    const char *at;

    host = host ? host + 3 : text;
    size_t len = strcspn(host, "/?#");

    at = memchr(host, '@', len);
    if (at) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    if (len && host[0] == '[') {
        host++;
        len = strcspn(host, "]");
    } else if (memchr(host, ':', len) && !strchr(strchr(host, ':') + 1, ':')) {
        len = strcspn(host, ":");
    }
    return (struct nta_span){(const uint8_t *)host, len};
}

/** The port behind the host, or the one that its scheme has; 0: not known. */
static uint16_t port_of(const char *text, struct nta_span host)
{
    const char *end = (const char *)host.ptr + host.len;
    unsigned long port = 0;

    end += *end == ']';
    if (*end == ':' && isdigit((unsigned char)end[1]))
        port = strtoul(end + 1, NULL, 10);
    else if (strncasecmp(text, "http://", 7) == 0)
        port = 80;
    else if (strncasecmp(text, "https://", 8) == 0)
        port = 443;
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void ask(struct question *question, const char *text)
{
    struct nta_span host = host_of(text);
    const char *slash = (const char *)host.ptr + host.len;

    char addr_text[NTA_ADDR_TEXT_SIZE];

    slash += strcspn(slash, "/?#");
    *question = (struct question){.text = text};
    if (nta_blacklist_parse_mark(nta_span_of(text), question->mark_buf, &question->mark_kind,
                                 &question->mark))
        return;
    question->is_addr = nta_addr_parse((const char *)host.ptr, host.len, &question->addr) == 0;
    question->port = question->is_addr ? port_of(text, host) : 0;
    if (!question->is_addr && nta_url_ends_in_number(host) &&
        nta_url_ipv4(host, &question->addr)) { /* as browsers read 0xc0000242 */
        question->is_addr = true;
        question->port = port_of(text, host);
        host = nta_span_of(nta_addr_text(&question->addr, addr_text));
    }
    if (nta_blacklist_name(host, question->host) == 0)
        question->host[0] = '\0';
    /* "192.0.2.0/24" is no URL */
    if (*slash == '/' && (strstr(text, "://") || !question->is_addr))
        question->target = nta_span_of(slash);
    if (*slash == '?' && (size_t)snprintf(question->buf, sizeof(question->buf), "/%s", slash) <
                             sizeof(question->buf))
        question->target = nta_span_of(question->buf);
    if (strstr(text, "://") && (*slash == '\0' || *slash == '#'))
        question->target = nta_span_of("/");
}

static bool on_covering(void *owner, const struct nta_hit *hit, bool allow)
{
    struct answer *answer = owner;

    if (answer->n == COVERING_MAX)
        return false;
    struct covering *one = &answer->all[answer->n++];

    *one =
        (struct covering){.list = hit->list, .line = hit->line, .kind = hit->kind, .allow = allow};
    (void)nta_text_escape_to(one->entry, sizeof(one->entry), hit->entry);
    one->counts = !nta_lists_why_not(answer->policy, answer->who, hit->list, one->why_not)[0];
    return true;
}

/** Find the entry a call of the workers gave among those collected. */
static void set_by(struct answer *answer, const struct nta_hit *hit, size_t from)
{
    for (size_t i = from; i < answer->n && !answer->by; i++) {
        if (answer->all[i].list == hit->list && answer->all[i].line == hit->line &&
            answer->all[i].kind == hit->kind)
            answer->by = &answer->all[i];
    }
}

static enum nta_list_weight weigh(const void *owner, const struct nta_list_report *list)
{
    const struct answer *answer = owner;

    return nta_scope_weigh(answer->policy, list, &answer->who->who);
}

/** All entries that cover it, in the order of deciding. */
static void gather(const struct question *question, struct answer *answer)
{
    const struct nta_blacklist *lists = answer->policy->lists;
    struct nta_span site = nta_span_of(question->host);

    nta_blacklist_each_url(lists, site, question->target, on_covering, answer);
    answer->n_urls = answer->n;
    if (question->is_addr)
        nta_blacklist_each_port(lists, &question->addr, question->port, on_covering, answer);
    answer->n_ports = answer->n - answer->n_urls;
    if (question->is_addr)
        nta_blacklist_each_addr(lists, &question->addr, on_covering, answer);
    else if (site.len)
        nta_blacklist_each_name(lists, question->host, site.len, on_covering, answer);
}

static void decide_mark(const struct question *question, const struct nta_list_filter *filter,
                        struct answer *answer)
{
    const struct nta_blacklist *lists = answer->policy->lists;
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    nta_blacklist_each_mark(lists, question->mark_kind, question->mark, on_covering, answer);
    if (nta_blacklist_decide_mark(lists, filter, question->mark_kind, question->mark, buf, &hit) !=
        NTA_DECIDES_NOTHING)
        set_by(answer, &hit, 0);
}

/** As workers do: a URL's own entries first, then its host. */
static void decide(const struct question *question, struct answer *answer)
{
    const struct nta_policy *policy = answer->policy;
    const struct nta_list_filter scopes = {.weigh = weigh, .owner = answer};
    const struct nta_list_filter *filter = answer->who->is_asked ? &scopes : NULL;
    struct nta_span site = nta_span_of(question->host);
    char buf[NTA_NAME_SIZE];
    struct nta_hit hit;

    if (question->mark.len) {
        decide_mark(question, filter, answer);
        return;
    }
    gather(question, answer);
    if (nta_blacklist_decide_url(policy->lists, filter, site, question->target, &hit) !=
        NTA_DECIDES_NOTHING)
        set_by(answer, &hit, 0);
    else if ((question->is_addr
                  ? nta_blacklist_decide_server(policy->lists, filter, &question->addr,
                                                question->port, buf, &hit)
                  : nta_blacklist_decide_name(policy->lists, filter, site, buf, &hit)) !=
             NTA_DECIDES_NOTHING)
        set_by(answer, &hit, answer->n_urls);
    if (question->is_addr && policy->shared &&
        nta_blacklist_match_addr(policy->shared, &question->addr, buf, &hit))
        answer->shared = hit.list;
}

static const char *verdict_of(const struct question *question, const struct answer *answer)
{
    if (!question->host[0] && !question->mark.len)
        return "not a host name";
    if (!answer->by)
        return answer->n ? "in no list that applies" : "in no list";
    if (answer->by->allow)
        return "allowed";
    return nta_scope_only_records(answer->policy, answer->by->list) ? "recorded only" : "forbidden";
}

/** How many of them count. */
static size_t n_counting(const struct answer *answer)
{
    size_t n = 0;

    for (size_t i = 0; i < answer->n; i++)
        n += answer->all[i].counts;
    return n;
}

/** The one that counts behind the one that decides, in the order of deciding; NULL: none. */
static const struct covering *next_of(const struct answer *answer)
{
    for (const struct covering *one = answer->by + 1; one < answer->all + answer->n; one++) {
        if (one->counts)
            return one;
    }
    return NULL;
}

/** An equal entry of an earlier line, of a list that only records, let it decide. */
static bool is_yielded_to(const struct answer *answer)
{
    const struct covering *by = answer->by;

    return by > answer->all && by[-1].counts && by[-1].kind == by->kind &&
           strcmp(by[-1].entry, by->entry) == 0 &&
           nta_scope_only_records(answer->policy, by[-1].list) &&
           !nta_scope_only_records(answer->policy, by->list);
}

/** The rule by which the entry decided over the others. */
static const char *rule_of(const struct answer *answer)
{
    const struct covering *by = answer->by, *next = next_of(answer);

    if (is_yielded_to(answer))
        return "of equal entries one that raises alerts decides";
    if (n_counting(answer) == 1)
        return answer->n == 1 ? "the only entry that covers it"
                              : "the only entry of a list that applies";
    if (by->kind == NTA_HIT_URL)
        return "the longest path decides, before the host";
    if ((size_t)(by - answer->all) - answer->n_urls < answer->n_ports)
        return "an address with its port decides before the address alone";
    if (answer->n_ports && by->allow)
        return "an exception for the address is as specific as one with a port";
    if (!next || strcmp(by->entry, next->entry) != 0)
        return by->kind == NTA_HIT_PATTERN  ? "the longest one decides, wildcards not counted"
               : by->kind == NTA_HIT_DOMAIN ? "the longest name decides"
                                            : "the smallest network decides";
    if (by->allow != next->allow)
        return by->allow ? "of equal entries an exception decides"
                         : "of equal entries an important one decides";
    return "of equal entries the first line decides";
}

/* ---- for people ---- */

static void print_covering(const struct nta_lists *lists, const struct covering *one,
                           const char *word)
{
    char list[128], category[128], scope[NTA_WHY_SIZE];
    const char *severity = nta_record_severity((uint8_t)one->list->severity);

    (void)printf("  %-8s list \"%s\", line %u: %s", word,
                 nta_text_escape_to(list, sizeof(list), nta_span_of(one->list->name)), one->line,
                 one->entry);
    if (one->list->category || severity[0])
        (void)printf(
            " (%s%s%s)",
            nta_text_escape_to(category, sizeof(category), nta_span_of(one->list->category)),
            one->list->category && severity[0] ? ", " : "", severity);
    (void)puts(one->list->internal ? " [built in]" : "");
    if (nta_lists_scope(lists, one->list, scope)[0])
        (void)printf("  %-8s %s%s%s\n", "", one->counts ? "" : "does not apply: ", one->why_not,
                     one->counts ? scope : "");
    if (!one->counts)
        (void)printf("  %-8s %s\n", "", scope);
}

static void print_text(const struct nta_lists *lists, const struct question *question,
                       const struct answer *answer)
{
    char shown[SHOWN_SIZE], list[128];

    (void)printf("%s: %s%s\n",
                 nta_text_escape_to(shown, sizeof(shown), nta_span_of(question->text)),
                 verdict_of(question, answer),
                 answer->by && answer->by->kind == NTA_HIT_URL ? " as a URL"
                 : answer->by && !answer->by->allow && question->is_addr
                     ? " (weak where only the address is known)"
                     : "");
    if (answer->shared)
        (void)printf("  %-8s in a range of %s, which many sites share\n", "shared",
                     nta_text_escape_to(list, sizeof(list), nta_span_of(answer->shared->name)));
    if (answer->by) {
        print_covering(lists, answer->by, "by");
        (void)printf("  %-8s %s\n", "rule", rule_of(answer));
    }
    for (size_t i = 0; i < answer->n; i++) {
        if (&answer->all[i] != answer->by)
            print_covering(lists, &answer->all[i], answer->all[i].allow ? "or allow" : "or deny");
    }
}

/* ---- JSON ---- */

static void json_covering(const struct nta_lists *lists, struct nta_buf *out,
                          const struct covering *one)
{
    char scope[NTA_WHY_SIZE];

    nta_buf_puts(out, "{\"list\":");
    nta_text_json(out, nta_span_of(one->list->name));
    nta_buf_puts(out, ",\"category\":");
    nta_text_json(out, nta_span_of(one->list->category));
    nta_buf_puts(out, ",\"entry\":");
    nta_text_json(out, nta_span_of(one->entry));
    nta_buf_printf(
        out, ",\"line\":%u,\"kind\":\"%s\",\"severity\":\"%s\",\"allow\":%s,\"list_sha256\":\"",
        one->line, nta_record_match_kind((uint8_t)one->kind),
        nta_record_severity((uint8_t)one->list->severity), one->allow ? "true" : "false");
    nta_buf_put_hex(out, one->list->sha256, sizeof(one->list->sha256));
    nta_buf_printf(out, "\",\"applies\":%s", one->counts ? "true" : "false");
    if (nta_lists_scope(lists, one->list, scope)[0]) {
        nta_buf_puts(out, ",\"scope\":");
        nta_text_json(out, nta_span_of(scope));
    }
    if (!one->counts) {
        nta_buf_puts(out, ",\"why_not\":");
        nta_text_json(out, nta_span_of(one->why_not));
    }
    nta_buf_puts(out, "}");
}

static void print_json(const struct nta_lists *lists, const struct question *question,
                       const struct answer *answer)
{
    NTA_AUTO(nta_buf_done) struct nta_buf out = {0};
    bool any = false;

    nta_buf_puts(&out, "{\"asked\":");
    nta_text_json(&out, nta_span_of(question->text));
    nta_buf_puts(&out, ",\"site\":");
    nta_text_json(&out, nta_span_of(question->host));
    nta_buf_printf(&out, ",\"verdict\":\"%s\"", verdict_of(question, answer));
    if (answer->shared) {
        nta_buf_puts(&out, ",\"shared\":");
        nta_text_json(&out, nta_span_of(answer->shared->name));
    }
    if (answer->by) {
        nta_buf_printf(&out, ",\"weak\":%s,\"rule\":\"%s\",\"by\":",
                       question->is_addr && answer->by->kind != NTA_HIT_URL ? "true" : "false",
                       rule_of(answer));
        json_covering(lists, &out, answer->by);
    }
    nta_buf_puts(&out, ",\"others\":[");
    for (size_t i = 0; i < answer->n; i++) {
        if (&answer->all[i] == answer->by)
            continue;
        nta_buf_puts(&out, any ? "," : "");
        any = true;
        json_covering(lists, &out, &answer->all[i]);
    }
    nta_buf_puts(&out, "]}\n");
    if (!out.failed)
        (void)fwrite(out.ptr, 1, out.len, stdout);
}

int nta_lists_forbid(const struct nta_lists *lists, const char *what, struct nta_err *err)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = calloc(1, sizeof(*policy));
    NTA_AUTO_FREE struct answer *answer = calloc(1, sizeof(*answer));
    const struct nta_policy_inputs inputs = {.config = lists->config};
    const struct nta_lists_who who = {.is_asked = false};
    struct question question;

    if (!policy || !answer)
        return nta_err_sys(err, -ENOMEM, "lists");
    int r = nta_policy_load_lists(&inputs, policy, NULL, err);

    if (r < 0)
        return r;
    answer->policy = policy;
    answer->who = &who;
    ask(&question, what);
    decide(&question, answer);
    return answer->by && !answer->by->allow;
}

int nta_lists_explain(const struct nta_lists *lists, int n, char **what)
{
    NTA_AUTO(nta_policy_free) struct nta_policy *policy = calloc(1, sizeof(*policy));
    NTA_AUTO_FREE struct answer *answer = calloc(1, sizeof(*answer));
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    const struct nta_policy_inputs inputs = {.config = lists->config};
    struct nta_lists_who who;
    struct question question;
    struct nta_err err;
    int status = NTA_EXIT_OK;

    if (!policy || !answer)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "out of memory");
    if (nta_lists_who(lists, &who, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    int r = nta_policy_load_lists(&inputs, policy, &complaints, &err);

    if (r < 0)
        return nta_cmd_fail(NTA_EXIT_INPUT, "refused: %s", err.text);
    for (int i = 0; i < n; i++) {
        memset(answer, 0, sizeof(*answer));
        answer->policy = policy;
        answer->who = &who;
        ask(&question, what[i]);
        decide(&question, answer);
        if (!question.host[0] && !question.mark.len)
            status = NTA_EXIT_USAGE; /* not a question */
        if (lists->json)
            print_json(lists, &question, answer);
        else
            print_text(lists, &question, answer);
    }
    return status;
}
