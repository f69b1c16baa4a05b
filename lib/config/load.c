/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/plainfile.h"
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "config/loading.h"
#include "config/where.h"

#include <errno.h>
#include <string.h>

enum
{
    SHOWN_SIZE = 128,
    NUMBER_SIZE = 64
};

/**
 * Unknown key: name the known one that is nearest, in this section (or among the sections, NULL).
 */
static void note_unknown(struct nta_loading *loading, const config_setting_t *setting,
                         const char *section)
{
    struct nta_nearest nearest = {.word = config_setting_name(setting)};
    char place[NTA_PLACE_SIZE];

    for (size_t i = 0; i < nta_n_options; i++) {
        const char *known = section ? nta_options[i].name : nta_options[i].section;

        if (!section || strcmp(nta_options[i].section, section) == 0)
            nta_nearest_try(&nearest, known, strlen(known));
    }
    nta_loading_fault(loading, "%s: unknown %s \"%s%s%s\"; the nearest known one is \"%.*s\"",
                      nta_loading_place(loading, setting, place), section ? "option" : "section",
                      section ? section : "", section ? "." : "", nearest.word,
                      (int)nearest.best_len, nearest.best ? nearest.best : "");
}

/** A scalar of the file as text, as a user wrote it; NULL: not a scalar. */
static const char *scalar_text(const config_setting_t *setting, char buf[NUMBER_SIZE])
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        (void)snprintf(buf, NUMBER_SIZE, "%lld", config_setting_get_int64(setting));
        return buf;
    case CONFIG_TYPE_FLOAT:
        (void)snprintf(buf, NUMBER_SIZE, "%g", config_setting_get_float(setting));
        return buf;
    case CONFIG_TYPE_BOOL: return config_setting_get_bool(setting) ? "true" : "false";
    case CONFIG_TYPE_STRING: return config_setting_get_string(setting);
    default: return NULL;
    }
}

/** Also what was too large: libconfig makes 32 bits of it. */
static bool is_below_zero(const config_setting_t *setting)
{
    return config_setting_type(setting) == CONFIG_TYPE_INT && config_setting_get_int(setting) < 0;
}

/** One value: a scalar option, or one item of a list. */
static void load_value(struct nta_loading *loading, const struct nta_option *option,
                       const config_setting_t *setting)
{
    char buf[NUMBER_SIZE], place[NTA_PLACE_SIZE];
    const char *text = scalar_text(setting, buf);
    struct nta_err err = {.text = "a single value is expected"};

    if (!text && option->type == NTA_OPTION_LISTS && config_setting_is_group(setting)) {
        nta_loading_list(loading, setting, option);
        return;
    }
    if (!text || nta_option_set(option, loading->config, text, &err) < 0)
        nta_loading_fault(loading, "%s: %s.%s: %s", nta_loading_place(loading, setting, place),
                          option->section, option->name,
                          is_below_zero(setting)
                              ? "not a whole number from 0 on, or too large (above "
                                "2147483647 it is written with an L behind it, "
                                "or in quotes)"
                              : err.text);
}

static void load_option(struct nta_loading *loading, const struct nta_option *option,
                        const config_setting_t *setting)
{
    bool is_list = nta_option_is_list(option);

    if (is_list)
        nta_option_clear(option, loading->config);
    if (!is_list || (!config_setting_is_array(setting) && !config_setting_is_list(setting))) {
        load_value(loading, option, setting);
        return;
    }
    for (int i = 0; i < config_setting_length(setting); i++)
        load_value(loading, option, config_setting_get_elem(setting, (unsigned)i));
}

static const struct nta_option *find_option(const char *section, const char *name)
{
    for (size_t i = 0; i < nta_n_options; i++) {
        if (strcmp(nta_options[i].section, section) == 0 &&
            (!name || strcmp(nta_options[i].name, name) == 0))
            return &nta_options[i];
    }
    return NULL;
}

static void load_section(struct nta_loading *loading, const config_setting_t *section)
{
    const char *name = config_setting_name(section);
    char place[NTA_PLACE_SIZE];

    if (!find_option(name, NULL)) {
        note_unknown(loading, section, NULL);
        return;
    }
    if (!config_setting_is_group(section)) {
        nta_loading_fault(loading, "%s: \"%s\" is a section: write %s = { … };",
                          nta_loading_place(loading, section, place), name, name);
        return;
    }
    for (int i = 0; i < config_setting_length(section); i++) {
        const config_setting_t *setting = config_setting_get_elem(section, (unsigned)i);
        const struct nta_option *option = find_option(name, config_setting_name(setting));

        if (option)
            load_option(loading, option, setting);
        else
            note_unknown(loading, setting, name);
    }
    if (strcmp(name, "mysql") == 0)
        loading->config->mysql.enabled = true;
}

static bool is_set(const char *text)
{
    return text && text[0];
}

/** What is fetched is used, and from somewhere. */
static void check_fetched(struct nta_loading *loading)
{
    const struct nta_config *config = loading->config;
    char shown[SHOWN_SIZE];

    for (size_t i = 0; i < config->geo.n_fetch; i++) {
        const char *path = config->geo.fetch[i].path;
        bool is_used = false;

        for (size_t k = 0; k < config->geo.n_databases; k++)
            is_used = is_used || strcmp(config->geo.databases[k], path) == 0;
        (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
        if (!config->geo.fetch[i].url)
            nta_loading_fault(loading, "%s: geo.fetch: %s needs a url: { path = …; url = …; }",
                              loading->shown, shown);
        if (!is_used)
            nta_loading_fault(loading, "%s: geo.fetch: %s is none of geo.databases", loading->shown,
                              shown);
    }
}

static void check_capture(struct nta_loading *loading)
{
    const struct nta_config *config = loading->config;
    unsigned cpus[NTA_CPUS_MAX];
    char name[NTA_INTERFACE_SIZE];
    const char *filter;
    struct nta_err err = {0};
    size_t n;

    for (size_t i = 0; i < config->capture.n_interfaces; i++) {
        if (nta_config_get_interface(config, i, name, &filter, &err) < 0)
            nta_loading_fault(loading, "%s: %s", loading->shown, err.text);
    }
    if (nta_config_get_cpus(config->capture.cpus, cpus, &n, &err) < 0)
        nta_loading_fault(loading, "%s: %s", loading->shown, err.text);
    if (config->capture.n_interfaces * config->capture.threads > NTA_CONFIG_MAX)
        nta_loading_fault(loading, "%s: capture.threads for each interface are more than %d in all",
                          loading->shown, NTA_CONFIG_MAX);
}

/** What no single option can know. */
static void check_together(struct nta_loading *loading)
{
    const struct nta_config *config = loading->config;

    if (config->mysql.enabled && !is_set(config->mysql.hosts))
        nta_loading_fault(loading, "%s: section mysql needs mysql.hosts", loading->shown);
    if (is_set(config->mysql.retention_user) != is_set(config->mysql.retention_password_file))
        nta_loading_fault(loading,
                          "%s: mysql.retention_user and mysql.retention_password_file need each "
                          "other",
                          loading->shown);
    if (is_set(config->mysql.password) && is_set(config->mysql.password_file))
        nta_loading_fault(loading, "%s: mysql.password and mysql.password_file exclude each other",
                          loading->shown);
    if (config->flow.stream_flow_bytes > config->flow.stream_all_bytes)
        nta_loading_fault(loading, "%s: flow.stream_limit is larger than flow.streams_limit",
                          loading->shown);
    check_fetched(loading);
    check_capture(loading);
}

static void destroy_file(config_t **file)
{
    if (*file)
        config_destroy(*file);
}

/** Read the file by libconfig, which stops at the first fault of its grammar. */
static int read_file(const char *path, const char *shown, config_t *file, struct nta_err *err)
{
    int r = nta_include_check(path, err);

    if (r < 0)
        return r;
    NTA_AUTO_FILE FILE *stream = nta_plainfile_stream(path, NTA_CONFIG_FILE_MAX, 0, &r, err);

    if (!stream)
        return r;
    if (config_read(file, stream))
        return 0;
    const char *included = config_error_file(file);
    char buf[SHOWN_SIZE];

    if (included)
        shown = nta_text_escape_to(buf, sizeof(buf), nta_span_of(included));
    return nta_err_set(err, -EINVAL, "%s:%d: %s", shown, config_error_line(file),
                       config_error_text(file));
}

int nta_config_load_all(const char *path, struct nta_config **ret_config, struct nta_buf *faults,
                        struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    char shown[SHOWN_SIZE];
    config_t storage;
    NTA_AUTO(destroy_file) config_t *file = NULL;
    int r = nta_config_new(&config, err);

    if (r < 0 || !config)
        return r;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    config_init(&storage);
    file = &storage;
    r = read_file(path, shown, file, err);
    if (r < 0)
        return r;
    struct nta_loading loading = {.path = path, .shown = shown, .config = config, .faults = faults};
    const config_setting_t *root = config_root_setting(file);

    for (int i = 0; i < config_setting_length(root); i++)
        load_section(&loading, config_setting_get_elem(root, (unsigned)i));
    check_together(&loading);
    if (faults->failed)
        return nta_err_sys(err, -ENOMEM, "configuration");
    *ret_config = NTA_TAKE(config);
    return loading.n_faults;
}

int nta_config_load(const char *path, struct nta_config **ret_config, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf faults = {0};
    int n = nta_config_load_all(path, &config, &faults, err);

    if (n < 0)
        return n;
    if (n > 0) {
        const struct nta_span first = nta_span_before(nta_buf_span(&faults), '\n');

        return n == 1 ? nta_err_set(err, -EINVAL, "%.*s", (int)first.len, (const char *)first.ptr)
                      : nta_err_set(err, -EINVAL, "%.*s (and %d more: ntad --check)",
                                    (int)first.len, (const char *)first.ptr, n - 1);
    }
    *ret_config = NTA_TAKE(config);
    return 0;
}
