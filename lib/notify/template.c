/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/template.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "notify/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum
{
    SECONDS_LEN = sizeof("2026-01-31T12:00:00") - 1 ///< Of nta_clock_text().
};

/** A name in braces; `names`: it tells who or what. */
struct name
{
    const char *name;
    bool names;
    void (*put)(struct nta_buf *out, const struct nta_notify_letter *letter);
    int word; ///< Where `put` is NULL: enum nta_notify_word.
};

static void put_foreign(struct nta_buf *out, const struct nta_notify_letter *letter,
                        const char *shown)
{
    nta_notify_escape(out, letter->receiver->channel, nta_span_of(shown));
}

static void put_incident(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    const struct nta_notify_item *item = letter->item;

    switch (item->best.kind) {
    case NTA_NOTIFY_BAD: nta_buf_puts(out, "something is wrong with the sensor"); return;
    case NTA_NOTIFY_WELL: nta_buf_puts(out, "well again with the sensor"); return;
    case NTA_NOTIFY_CAPPED: nta_buf_puts(out, "alerts not logged one by one"); return;
    case NTA_NOTIFY_OTHER:
    case NTA_NOTIFY_ALERT:
    case NTA_NOTIFY_REPEATS: break;
    }
    if (item->n_incidents > 1)
        nta_buf_printf(out, "%" PRIu64 " incidents", item->n_incidents);
    else if (item->told)
        nta_buf_puts(out, "an incident goes on");
    else if (item->best.download)
        nta_buf_puts(out, "a download from a listed site");
    else
        nta_buf_puts(out, "an incident");
}

static void put_n(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    nta_buf_printf(out, "%" PRIu64, letter->item->n);
}

static void put_severity(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    nta_buf_puts(out, nta_notify_severity_name(letter->item->best.severity));
}

/** What people call him, and the address. */
static void put_user(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    static const enum nta_notify_word calls[] = {NTA_NOTIFY_PERSON, NTA_NOTIFY_LOGIN,
                                                 NTA_NOTIFY_HOST};
    const struct nta_notify_event *best = &letter->item->best;

    for (size_t i = 0; i < NTA_N_ELEMENTS(calls); i++) {
        if (!best->word[calls[i]][0])
            continue;
        put_foreign(out, letter, best->word[calls[i]]);
        nta_buf_puts(out, " (");
        put_foreign(out, letter, best->word[NTA_NOTIFY_USER]);
        nta_buf_puts(out, ")");
        return;
    }
    put_foreign(out, letter, best->word[NTA_NOTIFY_USER]);
}

static void put_bytes(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    nta_buf_printf(out, "%" PRIu64, letter->item->best.bytes);
}

static void put_time(struct nta_buf *out, int64_t wall_ns)
{
    char text[NTA_TIME_TEXT_SIZE];

    nta_buf_printf(out, "%.*sZ", (int)SECONDS_LEN, nta_clock_text(wall_ns, text));
}

static void put_from(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    put_time(out, letter->item->first_ns);
}

static void put_until(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    put_time(out, letter->item->last_ns);
}

static void put_host(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    nta_buf_puts(out, letter->host);
}

/** The command that shows it. */
static void put_look(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    const enum nta_notify_kind kind = letter->item->best.kind;

    if (kind == NTA_NOTIFY_BAD || kind == NTA_NOTIFY_WELL) {
        nta_buf_puts(out, "nta status");
        return;
    }
    nta_buf_puts(out, "nta incidents --since ");
    put_time(out, letter->item->first_ns);
}

static const struct name names[] = {
    {"incident", .put = put_incident},
    {"n", .put = put_n},
    {"severity", .put = put_severity},
    {"list", .word = NTA_NOTIFY_LIST},
    {"category", .word = NTA_NOTIFY_CATEGORY},
    {"entry", .names = true, .word = NTA_NOTIFY_ENTRY},
    {"user", .names = true, .put = put_user},
    {"department", .word = NTA_NOTIFY_DEPARTMENT},
    {"act", .word = NTA_NOTIFY_ACT},
    {"site", .names = true, .word = NTA_NOTIFY_SITE},
    {"file", .names = true, .word = NTA_NOTIFY_FILE},
    {"bytes", .names = true, .put = put_bytes},
    {"from", .put = put_from},
    {"until", .put = put_until},
    {"record", .word = NTA_NOTIFY_RECORD},
    {"host", .put = put_host},
    {"look", .put = put_look},
    {"said", .word = NTA_NOTIFY_SAID},
    {"cause", .word = NTA_NOTIFY_CAUSE},
};

/** The sentence of an alert has names in it, that of what is wrong has none. */
static bool has_names(const struct name *name, const struct nta_notify_letter *letter)
{
    const enum nta_notify_kind kind = letter->item->best.kind;

    return name->names || (name->word == NTA_NOTIFY_SAID && !name->put && kind != NTA_NOTIFY_BAD &&
                           kind != NTA_NOTIFY_WELL);
}

static void put_name(struct nta_buf *out, const struct name *name,
                     const struct nta_notify_letter *letter)
{
    if (has_names(name, letter) && !nta_notify_tells_names(letter->receiver))
        nta_buf_puts(out, "(in the records)");
    else if (name->put)
        name->put(out, letter);
    else
        put_foreign(out, letter, letter->item->best.word[name->word]);
}

static const struct name *find_name(struct nta_span text)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        if (nta_span_equal(text, nta_span_of(names[i].name)))
            return &names[i];
    }
    return NULL;
}

/** What stands at the front of `text`: a name, whose text is `ret_name`, or one byte. */
static bool cut_name(struct nta_span *text, struct nta_span *ret_name)
{
    const bool is_brace = text->ptr[0] == '{';
    const size_t end = nta_span_find_byte(*text, '}');

    *ret_name = (struct nta_span){0};
    if (is_brace && text->len > 1 && text->ptr[1] == '{') {
        *text = nta_span_from(*text, 2);
        return false;
    }
    if (is_brace && end < text->len) {
        *ret_name = nta_span_from(nta_span_first(*text, end), 1);
        *text = nta_span_from(*text, end + 1);
        return true;
    }
    *text = nta_span_from(*text, 1);
    return false;
}

int nta_notify_template_check(const char *text, struct nta_err *err)
{
    struct nta_span rest = nta_span_of(text), name;

    while (rest.len > 0) {
        if (cut_name(&rest, &name) && !find_name(name))
            return nta_err_set(err, -EINVAL, "{%.*s} is not known", (int)nta_smaller(name.len, 64),
                               (const char *)name.ptr);
    }
    return 0;
}

static void put_template(struct nta_buf *out, const char *text,
                         const struct nta_notify_letter *letter)
{
    struct nta_span rest = nta_span_of(text), name;

    while (rest.len > 0) {
        const uint8_t byte = rest.ptr[0];
        const struct name *found = NULL;

        if (!cut_name(&rest, &name))
            nta_buf_put_u8(out, byte);
        else if ((found = find_name(name)))
            put_name(out, found, letter);
    }
}

/** Lines of a text that nobody wrote a template for: what is empty is left out. */
static const struct
{
    const char *label, *text;
    int word; ///< Whose being there matters; negative: always.
} lines[] = {
    {"When", "{from} to {until}", -1},
    {"Alerts", "{n}", NTA_NOTIFY_LIST},
    {"List", "{list}", NTA_NOTIFY_LIST},
    {"Category", "{category}", NTA_NOTIFY_CATEGORY},
    {"User", "{user}", NTA_NOTIFY_USER},
    {"Department", "{department}", NTA_NOTIFY_DEPARTMENT},
    {"Act", "{act}", NTA_NOTIFY_ACT},
    {"Site", "{site}", NTA_NOTIFY_SITE},
    {"File", "{file}, {bytes} bytes", NTA_NOTIFY_FILE},
    {"Record", "{record}", NTA_NOTIFY_RECORD},
    {"Sensor", "{host}", -1},
    {"Look", "{look}", -1},
};

void nta_notify_put_subject(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    put_template(out, letter->receiver->subject, letter);
}

void nta_notify_put_text(struct nta_buf *out, const struct nta_notify_letter *letter)
{
    const struct nta_notify_event *best = &letter->item->best;
    const bool is_own = best->kind == NTA_NOTIFY_BAD || best->kind == NTA_NOTIFY_WELL;

    if (letter->receiver->text && letter->receiver->text[0]) {
        put_template(out, letter->receiver->text, letter);
        return;
    }
    if (is_own) {
        put_template(out, "{said}\n", letter);
    } else if (best->weak) {
        nta_buf_puts(out, "By its address alone: other sites may share it.\n");
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(lines); i++) {
        if (lines[i].word >= 0 && (is_own || !best->word[lines[i].word][0]))
            continue;
        nta_buf_printf(out, "%s: ", lines[i].label);
        put_template(out, lines[i].text, letter);
        nta_buf_puts(out, "\n");
    }
}
