/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/rows.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "config/numbers.h"

#include <errno.h>
#include <string.h>

#define SOURCE(name_, type_, field_, ...)                                                          \
    {.name = (name_),                                                                              \
     .type = NTA_NOTIFY_TYPE_##type_,                                                              \
     .offset = offsetof(struct nta_notify_settings, field_),                                       \
     __VA_ARGS__},
#define RECEIVER(name_, type_, field_, ...)                                                        \
    {.name = (name_),                                                                              \
     .of_receiver = true,                                                                          \
     .type = NTA_NOTIFY_TYPE_##type_,                                                              \
     .offset = offsetof(struct nta_notify_receiver, field_),                                       \
     __VA_ARGS__},

const struct nta_notify_row nta_notify_rows[] = {
#include "notify/rows.inc"
};

const size_t nta_notify_n_rows = NTA_N_ELEMENTS(nta_notify_rows);

enum
{
    SHOWN_SIZE = 256,
};

int nta_notify_fault(const struct nta_notify_loading *loading, const char *name, const char *what)
{
    char path[SHOWN_SIZE];

    (void)nta_text_escape_to(path, sizeof(path), nta_span_of(loading->path));
    if (!loading->at)
        return nta_err_set(loading->err, -EINVAL, "%s: %s: %s", path, name, what);
    return nta_err_set(loading->err, -EINVAL, "%s:%u: %s: %s", path,
                       (unsigned)config_setting_source_line(loading->at), name, what);
}

/** An empty one is as one that is not there. */
static int copy(char **field, const char *text)
{
    char *made = text[0] ? strdup(text) : NULL;

    if (text[0] && !made)
        return -ENOMEM;
    if (*field)
        explicit_bzero(*field, strlen(*field));
    free(*field);
    *field = made;
    return 0;
}

/** Where `word` stands among words with blanks between; negative: nowhere. */
static int place_of(const char *word, const char *choices)
{
    const size_t len = strlen(word);
    int place = 0;

    for (const char *at = choices; at && *at; place++) {
        const size_t n = strcspn(at, " ");

        if (n == len && memcmp(at, word, n) == 0)
            return place;
        at += n + (at[n] == ' ');
    }
    return -1;
}

static int set_number(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                      const char *text, void *field)
{
    const uint64_t unit = row->type == NTA_NOTIFY_TYPE_TIME ? (uint64_t)NTA_NS_PER_S : 1;
    struct nta_err why = {0};
    uint64_t value = 0;

    if (nta_number_parse(row->type == NTA_NOTIFY_TYPE_TIME ? NTA_NUMBER_TIME : NTA_NUMBER_COUNT,
                         text, &value, &why) < 0)
        return nta_notify_fault(loading, row->name, why.text);
    if (value < row->min * unit || value > row->max * unit)
        return nta_notify_fault(loading, row->name, "too small or too large");
    memcpy(field, &value, sizeof(value));
    return 0;
}

static int set_choice(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                      const char *text, void *field)
{
    const int place = place_of(text, row->choices);
    char what[SHOWN_SIZE];

    if (place < 0) {
        (void)snprintf(what, sizeof(what), "one of: %s", row->choices);
        return nta_notify_fault(loading, row->name, what);
    }
    if (row->type == NTA_NOTIFY_TYPE_CHOICE)
        return copy(field, text);
    *(enum nta_notify_channel *)field = (enum nta_notify_channel)place;
    return 0;
}

static int add_text(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                    const char *text, struct nta_notify_texts *texts)
{
    if (texts->n == NTA_NOTIFY_ITEMS)
        return nta_notify_fault(loading, row->name, "too many");
    if (!text[0])
        return nta_notify_fault(loading, row->name, "one of them is empty");
    const int r = copy(&texts->item[texts->n], text);

    texts->n += r == 0;
    return r;
}

static int set_bool(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                    const char *text, bool *field)
{
    if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
        return nta_notify_fault(loading, row->name, "true or false");
    *field = text[0] == 't';
    return 0;
}

int nta_notify_row_set(const struct nta_notify_loading *loading, const struct nta_notify_row *row,
                       const char *text, void *base)
{
    void *field = (char *)base + row->offset;
    struct nta_hours hours;
    struct nta_err why = {0};

    switch (row->type) {
    case NTA_NOTIFY_TYPE_TEXT: return copy(field, text);
    case NTA_NOTIFY_TYPE_HOURS:
        if (text[0] && nta_hours_parse(text, &hours, &why) < 0)
            return nta_notify_fault(loading, row->name, why.text);
        return copy(field, text);
    case NTA_NOTIFY_TYPE_CHOICE:
    case NTA_NOTIFY_TYPE_CHANNEL: return set_choice(loading, row, text, field);
    case NTA_NOTIFY_TYPE_TEXTS: return add_text(loading, row, text, field);
    case NTA_NOTIFY_TYPE_BOOL: return set_bool(loading, row, text, field);
    case NTA_NOTIFY_TYPE_TIME:
    case NTA_NOTIFY_TYPE_COUNT: return set_number(loading, row, text, field);
    }
    return -EINVAL;
}

void nta_notify_row_free(const struct nta_notify_row *row, void *base)
{
    void *field = (char *)base + row->offset;

    if (row->type == NTA_NOTIFY_TYPE_TEXTS) {
        struct nta_notify_texts *texts = field;

        for (size_t i = 0; i < texts->n; i++)
            free(texts->item[i]);
    } else if (row->type == NTA_NOTIFY_TYPE_TEXT || row->type == NTA_NOTIFY_TYPE_CHOICE ||
               row->type == NTA_NOTIFY_TYPE_HOURS) {
        char **text = field;

        if (row->secret && *text)
            explicit_bzero(*text, strlen(*text));
        free(*text);
    }
}
