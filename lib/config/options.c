/* SPDX-License-Identifier: Apache-2.0 */
#include "config/options.h"

#include "base/nearest.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "config/list_keys.h"
#include "config/numbers.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MS   ((uint64_t)NTA_NS_PER_MS)
#define S    ((uint64_t)NTA_NS_PER_S)
#define H    (3600 * S)
#define LIVE NTA_OPTION_LIVE

#define SECRET NTA_OPTION_SECRET

/*
 * What a row says of a member of struct nta_config, and the member itself, whose type is looked at
 * only.
 */
#define MEMBER(field) (((struct nta_config *)NULL)->field)
/* A list's count: no other type has an association, so what is no size_t is not compiled. */
#define FIELD(field)                                                                               \
    (offsetof(struct nta_config, field) + 0 * sizeof(_Generic(&MEMBER(field), size_t * : 0)))
#define ITEM(section_, name_, type_, field_, ...)                                                  \
    {.section = #section_,                                                                         \
     .name = #name_,                                                                               \
     .type = NTA_OPTION_##type_,                                                                   \
     .offset = offsetof(struct nta_config, section_.field_),                                       \
     __VA_ARGS__},

const struct nta_option nta_options[] = {
#include "config/options.inc"
};
const size_t nta_n_options = sizeof(nta_options) / sizeof(nta_options[0]);

/*
 * Values are read and written through the member's address by the row's type alone: it must be the
 * member's.
 */
#define FITS_TEXT(member)   _Generic(&(member), char ** : true, default : false)
#define FITS_CHOICE(member) FITS_TEXT(member)
#define FITS_BOOL(member)   _Generic(&(member), bool * : true, default : false)
#define FITS_COUNT(member)  _Generic(&(member), uint64_t * : true, default : false)
#define FITS_SIZE(member)   FITS_COUNT(member)
#define FITS_TIME(member)   _Generic(&(member), int64_t * : true, default : false)
#define FITS_SHARE(member)  _Generic(&(member), double * : true, default : false)
#define FITS_TEXTS(member)  _Generic(&(member), char *(*)[NTA_CONFIG_MAX] : true, default : false)
#define FITS_PREFIXES(member)                                                                      \
    _Generic(&(member), struct nta_prefix(*)[NTA_CONFIG_MAX] : true, default : false)
#define FITS_LISTS(member)                                                                         \
    _Generic(&(member), struct nta_config_list(*)[NTA_CONFIG_MAX] : true, default : false)

#undef ITEM
#define ITEM(section_, name_, type_, field_, ...)                                                  \
    static_assert(FITS_##type_(MEMBER(section_.field_)),                                           \
                  #section_ "." #name_ " has another type than its field");
#include "config/options.inc"

static void *field_of(const struct nta_option *option, struct nta_config *config)
{
    return (char *)config + option->offset;
}

static const void *field_in(const struct nta_option *option, const struct nta_config *config)
{
    return (const char *)config + option->offset;
}

static size_t *count_of(const struct nta_option *option, struct nta_config *config)
{
    return (size_t *)(void *)((char *)config + option->count);
}

static enum nta_number kind_of(enum nta_option_type type)
{
    if (type == NTA_OPTION_SIZE)
        return NTA_NUMBER_SIZE;
    return type == NTA_OPTION_TIME ? NTA_NUMBER_TIME : NTA_NUMBER_COUNT;
}

static int set_number(const struct nta_option *option, struct nta_config *config, const char *text,
                      struct nta_err *err)
{
    struct nta_buf low = {0}, high = {0};
    uint64_t value = 0;
    int r = nta_number_parse(kind_of(option->type), text, &value, err);

    if (r < 0)
        return r;
    if (value >= option->min && (option->max == 0 || value <= option->max)) {
        memcpy(field_of(option, config), &value, sizeof(value));
        return 0;
    }
    nta_number_show(kind_of(option->type), option->min, &low);
    nta_number_show(kind_of(option->type), option->max, &high);
    r = nta_err_set(err, -EINVAL, "\"%s\" is not between %.*s and %.*s", text, (int)low.len,
                    (const char *)low.ptr, (int)high.len, (const char *)high.ptr);
    nta_buf_done(&low);
    nta_buf_done(&high);
    return r;
}

static int set_bool(const struct nta_option *option, struct nta_config *config, const char *text,
                    struct nta_err *err)
{
    bool value = strcmp(text, "true") == 0 || strcmp(text, "on") == 0;

    if (!value && strcmp(text, "false") != 0 && strcmp(text, "off") != 0)
        return nta_err_set(err, -EINVAL, "\"%s\" is neither true nor false", text);
    memcpy(field_of(option, config), &value, sizeof(value));
    return 0;
}

static int set_share(const struct nta_option *option, struct nta_config *config, const char *text,
                     struct nta_err *err)
{
    char *end = NULL;
    double value = strtod(text, &end);

    if (end == text || *end || !isfinite(value) || value < 0 || value > 1)
        return nta_err_set(err, -EINVAL, "\"%s\" is not a number from 0 to 1", text);
    memcpy(field_of(option, config), &value, sizeof(value));
    return 0;
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

static int set_choice(const struct nta_option *option, struct nta_config *config, const char *text,
                      struct nta_err *err)
{
    size_t len = strlen(text);

    for (const char *word = option->choices; len && word; word = strchr(word, ' ')) {
        word += *word == ' ';
        if (strncmp(word, text, len) == 0 && (word[len] == ' ' || word[len] == '\0'))
            return set_text(field_of(option, config), text, err);
    }
    struct nta_nearest nearest = {.word = text};

    nta_nearest_try_all(&nearest, option->choices);
    return nta_err_set(err, -EINVAL, "\"%s\" is none of: %s; the nearest is \"%.*s\"", text,
                       option->choices, (int)nearest.best_len, nearest.best);
}

static int add_item(const struct nta_option *option, struct nta_config *config, const char *text,
                    struct nta_err *err)
{
    size_t *n = count_of(option, config);
    int r;

    if (*n == NTA_CONFIG_MAX)
        return nta_err_set(err, -E2BIG, "more than %d items", NTA_CONFIG_MAX);
    if (option->type == NTA_OPTION_PREFIXES) {
        struct nta_prefix *items = field_of(option, config);

        r = nta_prefix_parse(text, strlen(text), &items[*n], err);
        if (r < 0)
            (void)nta_err_prefix(err, r, "\"%s\"", text);
    } else if (option->type == NTA_OPTION_TEXTS) {
        char **items = field_of(option, config);

        r = set_text(&items[*n], text, err);
    } else {
        struct nta_config_list *items = field_of(option, config);

        r = set_text(&items[*n].path, text, err);
    }
    if (r == 0)
        (*n)++;
    return r;
}

int nta_option_set(const struct nta_option *option, struct nta_config *config, const char *text,
                   struct nta_err *err)
{
    switch (option->type) {
    case NTA_OPTION_TEXT: return set_text(field_of(option, config), text, err);
    case NTA_OPTION_CHOICE: return set_choice(option, config, text, err);
    case NTA_OPTION_BOOL: return set_bool(option, config, text, err);
    case NTA_OPTION_COUNT:
    case NTA_OPTION_SIZE:
    case NTA_OPTION_TIME: return set_number(option, config, text, err);
    case NTA_OPTION_SHARE: return set_share(option, config, text, err);
    case NTA_OPTION_TEXTS:
    case NTA_OPTION_PREFIXES:
    case NTA_OPTION_LISTS: return add_item(option, config, text, err);
    }
    return -EINVAL;
}

static void clear_lists(struct nta_config_list *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        nta_list_clear(&items[i]);
}

void nta_option_clear(const struct nta_option *option, struct nta_config *config)
{
    char **texts = field_of(option, config);

    if (option->type == NTA_OPTION_TEXT || option->type == NTA_OPTION_CHOICE) {
        free(*texts);
        *texts = NULL;
    }
    if (!nta_option_is_list(option))
        return;
    size_t *n = count_of(option, config);

    if (option->type == NTA_OPTION_LISTS)
        clear_lists(field_of(option, config), *n);
    for (size_t i = 0; option->type == NTA_OPTION_TEXTS && i < *n; i++) {
        free(texts[i]);
        texts[i] = NULL;
    }
    *n = 0;
}

static void show_prefix(const struct nta_prefix *prefix, struct nta_buf *out)
{
    char text[NTA_ADDR_TEXT_SIZE];
    bool v4 = nta_addr_is_v4(&prefix->addr) && prefix->len >= 96;

    nta_buf_printf(out, "\"%s/%d\"", nta_addr_text(&prefix->addr, text),
                   v4 ? prefix->len - 96 : prefix->len);
}

static void show_items(const struct nta_option *option, const struct nta_config *config,
                       struct nta_buf *out)
{
    const void *field = field_in(option, config);
    size_t n;

    memcpy(&n, (const char *)config + option->count, sizeof(n));
    nta_buf_puts(out, "( ");
    for (size_t i = 0; i < n; i++) {
        nta_buf_puts(out, i ? ", " : "");
        if (option->type == NTA_OPTION_PREFIXES)
            show_prefix((const struct nta_prefix *)field + i, out);
        else if (option->type == NTA_OPTION_TEXTS)
            nta_text_json(out, nta_span_of(((char *const *)field)[i]));
        else
            nta_list_show((const struct nta_config_list *)field + i, out);
    }
    nta_buf_puts(out, n ? " )" : ")");
}

void nta_option_show(const struct nta_option *option, const struct nta_config *config,
                     struct nta_buf *out)
{
    const void *field = field_in(option, config);
    uint64_t number = 0;

    switch (option->type) {
    case NTA_OPTION_TEXT:
    case NTA_OPTION_CHOICE: nta_text_json(out, nta_span_of(*(char *const *)field)); break;
    case NTA_OPTION_BOOL: nta_buf_puts(out, *(const bool *)field ? "true" : "false"); break;
    case NTA_OPTION_COUNT:
        nta_buf_printf(out, "%llu", (unsigned long long)*(const uint64_t *)field);
        break;
    case NTA_OPTION_SIZE:
    case NTA_OPTION_TIME:
        memcpy(&number, field, sizeof(number));
        nta_buf_puts(out, "\"");
        nta_number_show(kind_of(option->type), number, out);
        nta_buf_puts(out, "\"");
        break;
    case NTA_OPTION_SHARE: nta_buf_printf(out, "%g", *(const double *)field); break;
    case NTA_OPTION_TEXTS:
    case NTA_OPTION_PREFIXES:
    case NTA_OPTION_LISTS: show_items(option, config, out); break;
    }
}
