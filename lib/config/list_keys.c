/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a list's group: one row each, and what can be done with one. */
#include "config/list_keys.h"

#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "config/numbers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
    SHOWN_SIZE = 128
};

#define KEY(name_, type_, field_, ...)                                                             \
    {.name = name_,                                                                                \
     .type = NTA_LIST_KEY_##type_,                                                                 \
     .offset = offsetof(struct nta_config_list, field_),                                           \
     __VA_ARGS__},

const struct nta_list_key nta_list_keys[] = {
#include "config/list_keys.inc"
};
const size_t nta_n_list_keys = NTA_N_ELEMENTS(nta_list_keys);

/* a value is read and written through its address by the row's type alone */
#define FITS_TEXT(member)   _Generic(&(member), char ** : true, default : false)
#define FITS_CHOICE(member) FITS_TEXT(member)
#define FITS_URL(member)    FITS_TEXT(member)
#define FITS_BOOL(member)   _Generic(&(member), bool * : true, default : false)
#define FITS_SIZE(member)   _Generic(&(member), uint64_t * : true, default : false)
#define FITS_WHOM(member)   _Generic(&(member), struct nta_whom_set * : true, default : false)
#define FITS_HOURS(member)  _Generic(&(member), struct nta_config_hours * : true, default : false)
#undef KEY
#define KEY(name_, type_, field_, ...)                                                             \
    static_assert(FITS_##type_(((struct nta_config_list *)NULL)->field_),                          \
                  name_ " has another type than its field");
#include "config/list_keys.inc"

const struct nta_list_key *nta_list_key_find(const char *name)
{
    for (size_t i = 0; i < nta_n_list_keys; i++) {
        if (strcmp(nta_list_keys[i].name, name) == 0)
            return &nta_list_keys[i];
    }
    return NULL;
}

static void *field_of(const struct nta_list_key *key, struct nta_config_list *list)
{
    return (char *)list + key->offset;
}

static const void *field_in(const struct nta_list_key *key, const struct nta_config_list *list)
{
    return (const char *)list + key->offset;
}

static int set_text(char **field, const char *text, struct nta_err *err)
{
    char *copy = strdup(text);

    if (!copy)
        return nta_err_sys(err, -ENOMEM, "configuration");
    free(*field);
    *field = copy;
    return 0;
}

/** "low, medium, high" of "low medium high". */
static void with_commas(const char *choices, char *buf, size_t size)
{
    size_t n = 0;

    for (; *choices && n + 2 < size; choices++) {
        if (*choices == ' ')
            buf[n++] = ',';
        buf[n++] = *choices;
    }
    buf[n] = '\0';
}

static int check_choice(const struct nta_list_key *key, const char *text, struct nta_err *err)
{
    struct nta_nearest nearest = {.word = text};
    char shown[SHOWN_SIZE], choices[SHOWN_SIZE];

    nta_nearest_try_all(&nearest, key->choices);
    if (nearest.distance == 0)
        return 0;
    with_commas(key->choices, choices, sizeof(choices));
    return nta_err_set(err, -EINVAL, "%s is one of %s, not \"%s\"; the nearest is \"%.*s\"",
                       key->name, choices,
                       nta_text_escape_to(shown, sizeof(shown), nta_span_of(text)),
                       (int)nearest.best_len, nearest.best);
}

/** The text itself is not shown: somebody's token may be in it. */
static int check_url(const struct nta_list_key *key, const char *text, struct nta_err *err)
{
    const char *host = text + strlen("https://");
    const struct nta_span authority = {
        (const uint8_t *)host, strncmp(text, "https://", 8) == 0 ? strcspn(host, "/?#") : 0};

    if (authority.len == 0)
        return nta_err_set(err, -EINVAL,
                           "%s begins with https:// and a host; nothing else is "
                           "fetched",
                           key->name);
    if (nta_span_has(authority, '@'))
        return nta_err_set(err, -EINVAL,
                           "%s has a name or password before its host; that is not "
                           "taken",
                           key->name);
    for (const char *pos = text; *pos; pos++) {
        if ((unsigned char)*pos <= ' ' || *pos == 0x7f)
            return nta_err_set(err, -EINVAL, "%s has a blank or a control character in it",
                               key->name);
    }
    return 0;
}

static int set_hours(struct nta_config_hours *hours, const char *text, struct nta_err *err)
{
    int r = nta_hours_parse(text, &hours->hours, err);

    return r < 0 ? r : set_text(&hours->text, text, err);
}

static int set_bool(const struct nta_list_key *key, bool *field, const char *text,
                    struct nta_err *err)
{
    *field = strcmp(text, "true") == 0;
    return *field || strcmp(text, "false") == 0
               ? 0
               : nta_err_set(err, -EINVAL, "%s of a list is true or false, without quotes",
                             key->name);
}

static int set_size(const struct nta_list_key *key, uint64_t *field, const char *text,
                    struct nta_err *err)
{
    uint64_t bytes = 0;
    int r = nta_number_parse(NTA_NUMBER_SIZE, text, &bytes, err);

    if (r < 0)
        return nta_err_prefix(err, r, "%s", key->name);
    if (bytes == 0)
        return nta_err_set(err, -EINVAL, "%s is larger than 0", key->name);
    *field = bytes;
    return 0;
}

int nta_list_key_set(const struct nta_list_key *key, struct nta_config_list *list, const char *text,
                     struct nta_err *err)
{
    void *field = field_of(key, list);
    int r = 0;

    switch (key->type) {
    case NTA_LIST_KEY_TEXT: return set_text(field, text, err);
    case NTA_LIST_KEY_CHOICE:
        r = check_choice(key, text, err);
        return r < 0 ? r : set_text(field, text, err);
    case NTA_LIST_KEY_URL:
        r = check_url(key, text, err);
        return r < 0 ? r : set_text(field, text, err);
    case NTA_LIST_KEY_BOOL: return set_bool(key, field, text, err);
    case NTA_LIST_KEY_SIZE: return set_size(key, field, text, err);
    case NTA_LIST_KEY_WHOM: r = nta_whom_set_add(field, text, err); break;
    case NTA_LIST_KEY_HOURS: r = set_hours(field, text, err); break;
    }
    return r < 0 ? nta_err_prefix(err, r, "%s", key->name) : r;
}

static bool show_text(const char *text, struct nta_buf *out)
{
    if (text)
        nta_text_json(out, nta_span_of(text));
    return text != NULL;
}

static bool show_whom(const struct nta_whom_set *set, struct nta_buf *out)
{
    char text[NTA_WHOM_NAME_SIZE + 16];

    for (size_t i = 0; i < set->n; i++) {
        nta_buf_puts(out, i ? ", " : "[ ");
        nta_text_json(out, nta_span_of(nta_whom_text(&set->items[i], text)));
    }
    nta_buf_puts(out, set->n ? " ]" : "");
    return set->n > 0;
}

static bool show_size(uint64_t bytes, struct nta_buf *out)
{
    if (bytes == 0)
        return false;
    nta_buf_puts(out, "\"");
    nta_number_show(NTA_NUMBER_SIZE, bytes, out);
    nta_buf_puts(out, "\"");
    return true;
}

bool nta_list_key_show(const struct nta_list_key *key, const struct nta_config_list *list,
                       struct nta_buf *out)
{
    const void *field = field_in(key, list);

    switch (key->type) {
    case NTA_LIST_KEY_TEXT:
    case NTA_LIST_KEY_CHOICE:
    case NTA_LIST_KEY_URL: return show_text(*(char *const *)field, out);
    case NTA_LIST_KEY_BOOL:
        nta_buf_puts(out, *(const bool *)field ? "true" : "");
        return *(const bool *)field;
    case NTA_LIST_KEY_SIZE: return show_size(*(const uint64_t *)field, out);
    case NTA_LIST_KEY_WHOM: return show_whom(field, out);
    case NTA_LIST_KEY_HOURS: return show_text(((const struct nta_config_hours *)field)->text, out);
    }
    return false;
}

/** The keys that are set: all, or those that narrow. */
static void show_keys(const struct nta_config_list *list, bool only_narrowing, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};
    bool any = false;

    for (size_t i = 0; i < nta_n_list_keys; i++) {
        nta_buf_clear(&value);
        if ((only_narrowing && !nta_list_keys[i].narrows) ||
            !nta_list_key_show(&nta_list_keys[i], list, &value))
            continue;
        nta_buf_printf(out, "%s%s = %.*s", any ? "; " : "", nta_list_keys[i].name, (int)value.len,
                       (const char *)value.ptr);
        any = true;
    }
}

void nta_list_show(const struct nta_config_list *list, struct nta_buf *out)
{
    nta_buf_puts(out, "{ ");
    show_keys(list, false, out);
    nta_buf_puts(out, "; }");
}

void nta_config_show_scope(const struct nta_config_list *list, struct nta_buf *out)
{
    show_keys(list, true, out);
}

void nta_list_clear(struct nta_config_list *list)
{
    for (size_t i = 0; i < nta_n_list_keys; i++) {
        void *field = field_of(&nta_list_keys[i], list);

        switch (nta_list_keys[i].type) {
        case NTA_LIST_KEY_TEXT:
        case NTA_LIST_KEY_CHOICE:
        case NTA_LIST_KEY_URL: free(*(char **)field); break;
        case NTA_LIST_KEY_WHOM: nta_whom_set_done(field); break;
        case NTA_LIST_KEY_HOURS: free(((struct nta_config_hours *)field)->text); break;
        case NTA_LIST_KEY_BOOL:
        case NTA_LIST_KEY_SIZE: break;
        }
    }
    *list = (struct nta_config_list){0};
}
