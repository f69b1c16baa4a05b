/* SPDX-License-Identifier: Apache-2.0 */
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "config/list_keys.h"
#include "config/loading.h"

#include <errno.h>
#include <string.h>

/** A list on its way into the configuration. */
struct reading
{
    struct nta_loading *loading;
    struct nta_config_list *list;
    bool is_geo;
};

static void unknown_key(const struct reading *reading, const config_setting_t *item)
{
    struct nta_nearest nearest = {.word = config_setting_name(item)};
    char place[NTA_PLACE_SIZE];

    for (size_t i = 0; i < nta_n_list_keys; i++) {
        if (nta_list_keys[i].geo || !reading->is_geo)
            nta_nearest_try(&nearest, nta_list_keys[i].name, strlen(nta_list_keys[i].name));
    }
    nta_loading_fault(reading->loading,
                      "%s: unknown key \"%s\" of a %s; the nearest known one is \"%.*s\"",
                      nta_loading_place(reading->loading, item, place), nearest.word,
                      reading->is_geo ? "database" : "list", (int)nearest.best_len, nearest.best);
}

/** Set the key from one text of the file. */
static void set(const struct reading *reading, const struct nta_list_key *key,
                const config_setting_t *item, const char *text)
{
    struct nta_err err = {0};
    char place[NTA_PLACE_SIZE];

    if (nta_list_key_set(key, reading->list, text, &err) < 0)
        nta_loading_fault(reading->loading, "%s: %s",
                          nta_loading_place(reading->loading, item, place), err.text);
}

/** Users: a text, or several in brackets. */
static void set_whom(const struct reading *reading, const struct nta_list_key *key,
                     const config_setting_t *item)
{
    const bool is_one = config_setting_type(item) == CONFIG_TYPE_STRING;
    const int n = is_one ? 1 : config_setting_length(item);
    char place[NTA_PLACE_SIZE];
    bool is_right = is_one || config_setting_is_array(item) || config_setting_is_list(item);

    for (int i = 0; is_right && i < n; i++) {
        const char *text =
            is_one ? config_setting_get_string(item) : config_setting_get_string_elem(item, i);

        is_right = text != NULL;
        if (text)
            set(reading, key, item, text);
    }
    if (!is_right || n == 0)
        nta_loading_fault(reading->loading,
                          "%s: %s of a list names users, as [ \"10.1.0.0/16\", \"vlan:10\" ]",
                          nta_loading_place(reading->loading, item, place), key->name);
}

/** A key of another kind than it should be; one that is passed over would widen a list. */
static void wrong_kind(const struct reading *reading, const struct nta_list_key *key,
                       const config_setting_t *item)
{
    char place[NTA_PLACE_SIZE];

    nta_loading_fault(reading->loading,
                      key->type == NTA_LIST_KEY_BOOL
                          ? "%s: %s of a list is true or false, without quotes"
                          : "%s: %s of a list is a text in quotes",
                      nta_loading_place(reading->loading, item, place), key->name);
}

static void take_key(const struct reading *reading, const config_setting_t *item)
{
    const struct nta_list_key *key = nta_list_key_find(config_setting_name(item));
    const int type = config_setting_type(item);
    char number[32];

    if (!key || (reading->is_geo && !key->geo)) {
        unknown_key(reading, item);
    } else if (key->type == NTA_LIST_KEY_WHOM) {
        set_whom(reading, key, item);
    } else if (key->type == NTA_LIST_KEY_BOOL && type == CONFIG_TYPE_BOOL) {
        set(reading, key, item, config_setting_get_bool(item) ? "true" : "false");
    } else if (key->type == NTA_LIST_KEY_SIZE &&
               (type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64)) {
        (void)snprintf(number, sizeof(number), "%lld", config_setting_get_int64(item));
        set(reading, key, item, number);
    } else if (key->type != NTA_LIST_KEY_BOOL && type == CONFIG_TYPE_STRING) {
        set(reading, key, item, config_setting_get_string(item));
    } else {
        wrong_kind(reading, key, item);
    }
}

/** What no single key can know. */
static void check_together(const struct reading *reading, const char *place)
{
    const struct nta_config_list *list = reading->list;
    NTA_AUTO(nta_buf_done) struct nta_buf value = {0};

    if (list->allow && list->action)
        nta_loading_fault(reading->loading, "%s: a list of exceptions (allow) has no action",
                          place);
    for (size_t i = 0; i < nta_n_list_keys && !list->url; i++) {
        if (nta_list_keys[i].needs_url && nta_list_key_show(&nta_list_keys[i], list, &value))
            nta_loading_fault(reading->loading, "%s: %s is of no use without url", place,
                              nta_list_keys[i].name);
    }
    if (reading->is_geo && !list->url)
        nta_loading_fault(reading->loading, "%s: a database that is fetched needs a url", place);
}

void nta_loading_list(struct nta_loading *loading, const config_setting_t *group,
                      const struct nta_option *option)
{
    struct nta_config *config = loading->config;
    struct reading reading = {.loading = loading, .is_geo = strcmp(option->section, "geo") == 0};
    const char *file = NULL;
    struct nta_config_list unused = {0};
    struct nta_err err = {0};
    char place[NTA_PLACE_SIZE];

    nta_loading_place(loading, group, place);
    (void)config_setting_lookup_string(group, "path", &file);
    if (!config_setting_get_member(group, "path"))
        nta_loading_fault(loading, "%s: a %s needs a path", place,
                          reading.is_geo ? "database" : "list");
    if (file && nta_option_set(option, config, file, &err) < 0) {
        nta_loading_fault(loading, "%s: %s", place, err.text);
        file = NULL;
    }
    reading.list = !file            ? &unused
                   : reading.is_geo ? &config->geo.fetch[config->geo.n_fetch - 1]
                                    : &config->blacklist.files[config->blacklist.n_files - 1];
    for (int i = 0; i < config_setting_length(group); i++)
        take_key(&reading, config_setting_get_elem(group, (unsigned)i));
    check_together(&reading, place);
    nta_list_clear(&unused);
}
