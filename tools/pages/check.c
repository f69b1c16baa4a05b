/* SPDX-License-Identifier: Apache-2.0 */
#include "pages/check.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/text.h"
#include "base/version.h"
#include "export/page/page.h"
#include "export/page/proof.h"
#include "output/fresh.h"
#include "pages/note.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define BOM "\xef\xbb\xbf"

enum
{
    FILE_MAX = 256 << 20,
    CHUNK = 1 << 20,
    LINE_SIZE = 512,
    LANG_SIZE = 16
};

/** Also as a browser or an editor saved it again. */
static bool is_html(struct nta_span start)
{
    const struct nta_span mark = nta_span_of(BOM);

    if (nta_span_begins(start, mark))
        start = nta_span_from(start, mark.len);
    while (start.len && strchr(" \t\r\n", start.ptr[0]) && start.ptr[0])
        start = nta_span_from(start, 1);
    return nta_span_starts(start, "<!doctype html") || nta_span_starts(start, "<html");
}

/** What is made to be handed on, and has no digests in it. */
static bool is_other(struct nta_span start)
{
    static const struct
    {
        const char *begin;
        size_t at; ///< Of a ZIP: the name of its first file.
    } kinds[] = {
        {"[Content_Types].xml", 30},
        {"doc.kml", 30},
        {"<?xml", 0},
        {"{\"type\":\"FeatureCollection\"", 0},
    };

    if (nta_fresh_begins(NTA_FRESH_PDF, start)) /* any other, as of a sheet, is none */
        return true;
    for (size_t i = 0; i < NTA_N_ELEMENTS(kinds); i++)
        if (start.len >= kinds[i].at &&
            nta_span_begins(nta_span_from(start, kinds[i].at), nta_span_of(kinds[i].begin)))
            return true;
    return false;
}

/** What is too large, too: it is not a case. */
bool nta_page_is_one(const char *path)
{
    uint8_t bytes[64];
    int ignored;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, INT64_MAX, 0, &ignored, NULL);
    const struct nta_span start = {bytes, file ? fread(bytes, 1, sizeof(bytes), file) : 0};

    return is_html(start) || is_other(start);
}

int nta_page_load(const char *path, struct nta_buf *ret_page, struct nta_err *err)
{
    int r = 0;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, FILE_MAX, 0, &r, err);
    size_t n;

    if (!file)
        return r;
    do {
        uint8_t *room = nta_buf_reserve(ret_page, CHUNK);

        if (!room)
            return nta_err_sys(err, -ENOMEM, "%.300s", path);
        n = fread(room, 1, CHUNK, file);
        ret_page->len += n;
    } while (n > 0 && ret_page->len <= FILE_MAX);
    return ferror(file) ? nta_err_sys(err, -EIO, "%.300s", path) : 0;
}

static void say(struct nta_findings *findings, enum nta_finding_kind kind, const char *text)
{
    const struct nta_finding_at nowhere = {.number = 0};

    nta_findings_add(findings, kind, &nowhere, text);
}

static const char *const states[] = {
    [NTA_PAGE_WHOLE] = "",
    [NTA_PAGE_STRANGE] = "it says nothing of what it was made of: no page of nta report, or cut",
    [NTA_PAGE_CHANGED] = "what it says of itself is not of its form",
    [NTA_PAGE_DATA] = "its data are not those that it was made of",
    [NTA_PAGE_OUTSIDE] = "it was changed around its data: program, style, frame or heads",
};
static_assert(NTA_N_ELEMENTS(states) == NTA_N_PAGE_STATES, "a sentence for each state");

/** The heads that it names, one a line; false: a line is none. */
static int take_heads(const struct nta_page_proof *proof, struct nta_heads *heads, bool *ret_is_one,
                      struct nta_err *err)
{
    struct nta_span rest = proof->heads;
    int r = 0;

    *ret_is_one = true;
    while (rest.len > 0 && r == 0 && *ret_is_one) {
        const struct nta_span line = nta_span_take(&rest, '\n');
        struct nta_noted_head head = {0};
        char text[LINE_SIZE];

        (void)snprintf(text, sizeof(text), "%.*s", (int)nta_smaller(line.len, LINE_SIZE),
                       (const char *)line.ptr);
        *ret_is_one = nta_heads_find(text, &head) == NTA_HEADS_ONE;
        if (*ret_is_one)
            r = nta_heads_put(heads, &head, err);
    }
    return r;
}

/** Is it, byte for byte, what this program makes of the same data? */
static bool is_ours(struct nta_span page, const struct nta_page_proof *proof)
{
    NTA_AUTO(nta_buf_done) struct nta_buf frame = {0}, again = {0};
    char lang[LANG_SIZE];

    (void)snprintf(lang, sizeof(lang), "%.*s", (int)nta_smaller(proof->lang.len, LANG_SIZE),
                   proof->lang.len ? (const char *)proof->lang.ptr : "");
    const struct nta_page_options options = {.data = proof->data, .lang = lang[0] ? lang : NULL};

    if (nta_page(&frame, &options, NULL) < 0)
        return false;
    nta_page_put_proven(&again, nta_buf_span(&frame), options.lang, proof->heads);
    return !again.failed && nta_span_equal(nta_buf_span(&again), page);
}

/** Nobody noted it: what can be told without that. */
static void tell_alone(struct nta_span page, const struct nta_page_proof *proof,
                       enum nta_page_noted noted, struct nta_findings *findings)
{
    say(findings, NTA_FINDING_PAGE_UNSEEN,
        noted == NTA_PAGE_NO_KEY
            ? "its digests fit; whether it was noted when it was made, an auditor's key would tell"
            : "its digests fit, but nobody noted it when it was made: who changes a page can write "
              "new digests into it");
    if (!is_ours(page, proof))
        say(findings, NTA_FINDING_PAGE_UNSEEN,
            nta_span_is(proof->version, nta_version())
                ? "its program is not the one that this nta puts into pages, though it names the "
                  "same version, or Leaflet is another one here"
                : "its program is of another version, and was held against nothing");
}

/** Its own digests and heads.  `ret_is_whole`: all that is left to be said is who noted it. */
static int look_into(struct nta_span bytes, struct nta_page_proof *proof, struct nta_heads *heads,
                     struct nta_findings *findings, bool *ret_is_whole, struct nta_err *err)
{
    const enum nta_page_state state = nta_page_look(bytes, proof);
    bool is_one;
    const int r = take_heads(proof, heads, &is_one, err);

    *ret_is_whole = state == NTA_PAGE_WHOLE && is_one;
    if (!*ret_is_whole)
        say(findings, NTA_FINDING_PAGE, states[is_one ? state : NTA_PAGE_CHANGED]);
    else if (proof->heads.len == 0)
        say(findings, NTA_FINDING_PAGE_UNSEEN,
            "it names no head: the chain that it was made of was not whole, or of format 1");
    return r;
}

int nta_page_check(const struct nta_buf *page, const struct nta_stores_options *options,
                   struct nta_heads *heads, struct nta_findings *findings, struct nta_err *err)
{
    const struct nta_span bytes = nta_buf_span(page);
    const bool has_digests = is_html(bytes);
    struct nta_page_proof proof = {.heads.len = 0};
    enum nta_page_noted noted = NTA_PAGE_NOT_NOTED;
    char text[NTA_PAGE_NOTED_SIZE];
    bool is_whole = true;
    int r = has_digests ? look_into(bytes, &proof, heads, findings, &is_whole, err) : 0;

    if (r == 0 && is_whole)
        r = nta_page_look_up(bytes, options, &noted, text, err);
    if (r < 0 || !is_whole)
        return r;
    if (noted == NTA_PAGE_IS_NOTED)
        say(findings, NTA_FINDING_PAGE_NOTED, text);
    else if (has_digests)
        tell_alone(bytes, &proof, noted, findings);
    else
        say(findings, NTA_FINDING_PAGE_UNSEEN,
            noted == NTA_PAGE_NO_KEY
                ? "whether it was noted when it was made, an auditor's key would tell; it has no "
                  "digests of its own"
                : "nobody noted it when it was made, or it was changed since; it has no digests "
                  "of its own that would tell which");
    return 0;
}
