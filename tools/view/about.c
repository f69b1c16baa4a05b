/* SPDX-License-Identifier: Apache-2.0 */
#include "view/about.h"

#include "base/buf.h"
#include "base/language.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "options/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int take_lang(struct nta_about_options *options, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf known = {0};
    enum nta_language language;

    if (nta_language_find(nta_span_of(optarg), &language)) {
        options->lang = nta_language_code(language);
        return 0;
    }
    for (unsigned l = 0; l < NTA_N_LANGUAGES; l++)
        nta_buf_printf(&known, "%s%s", l ? ", " : "", nta_language_code((enum nta_language)l));
    return nta_err_set(err, -EINVAL, "--lang: one of %.*s", (int)known.len,
                       known.ptr ? (const char *)known.ptr : "");
}

int nta_about_take(struct nta_about_options *options, int option, struct nta_err *err)
{
    switch (option) {
    case 't': options->title = optarg; return 0;
    case 'n':
        return nta_options_number("--rows", optarg, 1, NTA_VIEW_ROWS_MAX, &options->n_rows, err);
    case NTA_OPT_LANG: return take_lang(options, err);
    default: return 1;
    }
}

const char *nta_about_lang(const struct nta_about_options *options)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES",
                                        "LANG"}; /* the first that is set */
    enum nta_language language;

    if (options->lang)
        return options->lang;
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        const char *value = getenv(names[i]); // NOLINT(concurrency-mt-unsafe): one thread yet

        if (value && value[0])
            return nta_language_find(nta_span_of(value), &language) ? nta_language_code(language)
                                                                    : NULL;
    }
    return NULL;
}

static void add(struct nta_buf *out, const char *what, const char *value)
{
    if (!value || !value[0])
        return;
    nta_buf_puts(out, out->len ? ", " : "");
    nta_buf_puts(out, what);
    nta_text_escape(out, nta_span_of(value));
}

/** The filters in words: "user 10.0.0.5, since yesterday"; in shown form.  Gives `buf`. */
static const char *put_question(const struct nta_filters *filters, char *buf, size_t size)
{
    const struct nta_query *query = &filters->query;
    struct nta_buf text = {0};

    add(&text, "user ", query->user);
    add(&text, "sensor ", query->sensors);
    add(&text, "site ", query->site);
    add(&text, "list ", query->list);
    add(&text, "category ", query->category);
    add(&text, "country ", query->country);
    add(&text, "type ", query->type);
    add(&text, "on ", filters->on);
    add(&text, "the last ", filters->last);
    add(&text, "since ", filters->since);
    add(&text, "until ", filters->until);
    add(&text, "", query->matched ? "forbidden only" : "");
    add(&text, "", query->download ? "downloads only" : "");
    const bool is_narrower = query->app || query->grades || query->events || query->bytes_above ||
                             query->between[0] != query->between[1];

    add(&text, "", is_narrower ? "narrowed further" : "");
    (void)snprintf(buf, size, "%.*s", (int)text.len, text.ptr ? (const char *)text.ptr : "");
    nta_buf_done(&text);
    return buf;
}

struct nta_view_about nta_about(const struct nta_about_options *options,
                                const struct nta_filters *filters, struct nta_search *search,
                                struct nta_about_buf *buf)
{
    char proof[NTA_PROOF_TEXT_SIZE];

    (void)snprintf(buf->proof, sizeof(buf->proof), "%s%s.", nta_proof_text(search, proof),
                   filters->unverified ? "; what does not hold is shown, too, and marked" : "");
    return (struct nta_view_about){
        .title = options->title,
        .version = nta_version(),
        .question = put_question(filters, buf->question, sizeof(buf->question)),
        .made_ns = nta_clock_wall_ns(),
        .n_rows = options->n_rows,
        .n_unreadable =
            nta_findings_of_kind(nta_search_stores(search)->findings, NTA_FINDING_OPENED) +
            nta_findings_of_kind(nta_search_stores(search)->findings, NTA_FINDING_KEY_CLOSED),
        .proof = nta_proof_state(search),
        .proof_text = buf->proof,
    };
}
