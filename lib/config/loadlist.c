/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "config/loading.h"

#include <errno.h>
#include <string.h>

#define KEYS       "path name category severity allow column force"
#define SEVERITIES "low medium high critical"

/** The type that a key's value must have; CONFIG_TYPE_NONE: no such key. */
static int type_of(const char *key)
{
    static const struct
    {
        const char *key;
        int type;
    } known[] = {
        {"path", CONFIG_TYPE_STRING},   {"name", CONFIG_TYPE_STRING},
        {"column", CONFIG_TYPE_STRING}, {"category", CONFIG_TYPE_STRING},
        {"allow", CONFIG_TYPE_BOOL},    {"severity", CONFIG_TYPE_STRING},
        {"force", CONFIG_TYPE_BOOL},
    };

    for (size_t i = 0; i < NTA_N_ELEMENTS(known); i++) {
        if (strcmp(known[i].key, key) == 0)
            return known[i].type;
    }
    return CONFIG_TYPE_NONE;
}

/**
 * Every key is known and its value of the right kind: one that is passed over would turn an
 * exception into a list.
 */
static void check_key(struct nta_loading *loading, const config_setting_t *item)
{
    const char *name = config_setting_name(item);
    struct nta_nearest nearest = {.word = name};
    char place[NTA_PLACE_SIZE];
    int type = type_of(name);

    if (type == config_setting_type(item))
        return;
    nta_loading_place(loading, item, place);
    if (type == CONFIG_TYPE_BOOL)
        nta_loading_fault(loading, "%s: %s of a list is true or false, without quotes", place,
                          name);
    if (type == CONFIG_TYPE_STRING)
        nta_loading_fault(loading, "%s: %s of a list is a text in quotes", place, name);
    if (type != CONFIG_TYPE_NONE)
        return;
    nta_nearest_try_all(&nearest, KEYS);
    nta_loading_fault(loading,
                      "%s: unknown key \"%s\" of a list; the nearest known one is \"%.*s\"", place,
                      name, (int)nearest.best_len, nearest.best);
}

static const char *text_in(const config_setting_t *group, const char *key)
{
    const char *text = NULL;

    (void)config_setting_lookup_string(group, key, &text);
    return text;
}

static void check_severity(struct nta_loading *loading, const config_setting_t *group)
{
    const char *severity = text_in(group, "severity");
    struct nta_nearest nearest = {.word = severity};
    char place[NTA_PLACE_SIZE], shown[64];

    if (!severity)
        return;
    nta_nearest_try_all(&nearest, SEVERITIES);
    if (nearest.distance > 0)
        nta_loading_fault(
            loading,
            "%s: severity is one of low, medium, high, critical, not \"%s\"; the nearest is "
            "\"%.*s\"",
            nta_loading_place(loading, config_setting_get_member(group, "severity"), place),
            nta_text_escape_to(shown, sizeof(shown), nta_span_of(severity)), (int)nearest.best_len,
            nearest.best);
}

static int take_texts(struct nta_config_list *list, const config_setting_t *group)
{
    const struct
    {
        const char *key;
        char **field;
    } texts[] = {{"name", &list->name},
                 {"category", &list->category},
                 {"severity", &list->severity},
                 {"column", &list->column}};

    for (size_t i = 0; i < NTA_N_ELEMENTS(texts); i++) {
        const char *text = text_in(group, texts[i].key);

        free(*texts[i].field);
        *texts[i].field = text ? strdup(text) : NULL;
        if (text && !*texts[i].field)
            return -ENOMEM;
    }
    return 0;
}

void nta_loading_list(struct nta_loading *loading, const config_setting_t *group,
                      const struct nta_option *option)
{
    struct nta_config *config = loading->config;
    const char *file = text_in(group, "path");
    int allow = 0, force = 0;
    struct nta_err err = {0};
    char place[NTA_PLACE_SIZE];

    for (int i = 0; i < config_setting_length(group); i++)
        check_key(loading, config_setting_get_elem(group, (unsigned)i));
    check_severity(loading, group);
    nta_loading_place(loading, group, place);
    if (!file && !config_setting_get_member(group, "path"))
        nta_loading_fault(loading, "%s: a list needs a path", place);
    if (!file)
        return;
    if (nta_option_set(option, config, file, &err) < 0) {
        nta_loading_fault(loading, "%s: %s", place, err.text);
        return;
    }
    struct nta_config_list *list = &config->blacklist.files[config->blacklist.n_files - 1];

    (void)config_setting_lookup_bool(group, "allow", &allow);
    (void)config_setting_lookup_bool(group, "force", &force);
    list->allow = allow;
    list->force = force;
    if (take_texts(list, group) < 0)
        nta_loading_fault(loading, "%s: no memory", place);
}
