/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "base/own.h"
#include "base/text.h"
#include "config/options.h"

#include <errno.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    SHOWN_SIZE = 128,
    WORDS_MAX = 64
};

void nta_config_free(struct nta_config **config)
{
    if (!*config)
        return;
    for (size_t i = 0; i < nta_n_options; i++)
        nta_option_clear(&nta_options[i], *config);
    free(*config);
    *config = NULL;
}

/** Set an option to its preset; a list's preset is taken apart at its commas. */
static int set_preset(const struct nta_option *option, struct nta_config *config,
                      struct nta_err *err)
{
    NTA_AUTO_FREE char *copy = strdup(option->preset);
    char *rest = copy;
    int r = 0;

    if (!copy)
        return nta_err_sys(err, -ENOMEM, "configuration");
    if (!nta_option_is_list(option))
        return nta_option_set(option, config, copy, err);
    for (char *word = strtok_r(copy, ", ", &rest); word && r == 0;
         word = strtok_r(NULL, ", ", &rest))
        r = nta_option_set(option, config, word, err);
    return r;
}

int nta_config_new(struct nta_config **ret_config, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = calloc(1, sizeof(*config));

    if (!config)
        return nta_err_sys(err, -ENOMEM, "configuration");
    for (size_t i = 0; i < nta_n_options; i++) {
        int r = set_preset(&nta_options[i], config, err);

        if (r < 0)
            return r;
    }
    *ret_config = NTA_TAKE(config);
    return 0;
}

/* ---- what a file says ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/** Levenshtein's distance between two short words; longer ones are far from everything. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORDS_MAX + 1];
    size_t n_a = strlen(a), n_b = strlen(b);

    if (n_a > WORDS_MAX || n_b > WORDS_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);

            diagonal = row[j];
            row[j] = smaller(change, smaller(row[j], row[j - 1]) + 1);
        }
    }
    return row[n_b];
}

/** "file:line" of a setting; the file name is ours or an included one. */
static const char *where(const char *path, const config_setting_t *setting, char *room, size_t size)
{
    const char *file = config_setting_source_file(setting);
    char shown[SHOWN_SIZE];

    (void)snprintf(room, size, "%s:%u",
                   nta_text_escape_to(shown, sizeof(shown), nta_span_of(file ? file : path)),
                   config_setting_source_line(setting));
    return room;
}

/** Unknown key: name the known one that is nearest, in this section (or among the sections, NULL). */
static int unknown_key(const char *path, const config_setting_t *setting, const char *section,
                       struct nta_err *err)
{
    const char *name = config_setting_name(setting), *nearest = NULL;
    size_t least = SIZE_MAX;
    char place[2 * SHOWN_SIZE];

    for (size_t i = 0; i < nta_n_options; i++) {
        if (section && strcmp(nta_options[i].section, section) != 0)
            continue;
        const char *known = section ? nta_options[i].name : nta_options[i].section;
        size_t far = distance(name, known);

        if (far < least) {
            least = far;
            nearest = known;
        }
    }
    return nta_err_set(err, -EINVAL, "%s: unknown %s \"%s%s%s\"; the nearest known one is \"%s\"",
                       where(path, setting, place, sizeof(place)), section ? "option" : "section",
                       section ? section : "", section ? "." : "", name, nearest ? nearest : "");
}

/** A scalar of the file as text, as a user wrote it; NULL: not a scalar. */
static const char *scalar_text(const config_setting_t *setting, char room[64])
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        (void)snprintf(room, 64, "%lld", config_setting_get_int64(setting));
        return room;
    case CONFIG_TYPE_FLOAT:
        (void)snprintf(room, 64, "%g", config_setting_get_float(setting));
        return room;
    case CONFIG_TYPE_BOOL: return config_setting_get_bool(setting) ? "true" : "false";
    case CONFIG_TYPE_STRING: return config_setting_get_string(setting);
    default: return NULL;
    }
}

static int take_text(char **field, const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

/** Every key of a list's group is known, and its severity one of four words. */
static int check_list_group(const char *path, const config_setting_t *group, struct nta_err *err)
{
    static const char *const known[] = {"path",  "name",   "category", "severity",
                                        "allow", "column", "force"};
    static const char *const severities[] = {"low", "medium", "high", "critical"};
    const char *severity = NULL;
    char place[2 * SHOWN_SIZE];

    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *item = config_setting_get_elem(group, (unsigned)i);
        bool found = false;

        for (size_t k = 0; k < NTA_N_ELEMENTS(known); k++)
            found = found || strcmp(known[k], config_setting_name(item)) == 0;
        if (!found)
            return nta_err_set(err, -EINVAL,
                               "%s: unknown key \"%s\" of a list; known are path, name, category, "
                               "severity, allow, column, force",
                               where(path, item, place, sizeof(place)), config_setting_name(item));
    }
    if (!config_setting_lookup_string(group, "severity", &severity))
        return 0;
    for (size_t k = 0; k < NTA_N_ELEMENTS(severities); k++) {
        if (strcmp(severities[k], severity) == 0)
            return 0;
    }
    return nta_err_set(err, -EINVAL, "%s: severity is one of low, medium, high, critical",
                       where(path, group, place, sizeof(place)));
}

static int take_list_texts(struct nta_config_list *list, const config_setting_t *group)
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
        const char *text = NULL;

        (void)config_setting_lookup_string(group, texts[i].key, &text);
        if (take_text(texts[i].field, text) < 0)
            return -ENOMEM;
    }
    return 0;
}

/** A list given as a group { path; name; category; severity; allow; column; force; }. */
static int load_list_group(const char *path, const config_setting_t *group,
                           struct nta_config *config, const struct nta_option *option,
                           struct nta_err *err)
{
    const char *file = NULL;
    char place[2 * SHOWN_SIZE];
    int allow = 0, force = 0, r = check_list_group(path, group, err);

    if (r < 0)
        return r;
    if (!config_setting_lookup_string(group, "path", &file))
        return nta_err_set(err, -EINVAL, "%s: a list needs a path",
                           where(path, group, place, sizeof(place)));
    (void)config_setting_lookup_bool(group, "allow", &allow);
    (void)config_setting_lookup_bool(group, "force", &force);
    r = nta_option_set(option, config, file, err);
    if (r < 0)
        return nta_err_prefix(err, r, "%s", where(path, group, place, sizeof(place)));
    struct nta_config_list *list = &config->blacklist.files[config->blacklist.n_files - 1];

    list->allow = allow;
    list->force = force;
    return take_list_texts(list, group) < 0 ? nta_err_sys(err, -ENOMEM, "configuration") : 0;
}

/** One value: a scalar option, or one item of a list. */
static int load_value(const char *path, const struct nta_option *option,
                      const config_setting_t *setting, struct nta_config *config,
                      struct nta_err *err)
{
    char room[64], place[2 * SHOWN_SIZE];
    const char *text = scalar_text(setting, room);

    if (!text && option->type == NTA_OPTION_LISTS && config_setting_is_group(setting))
        return load_list_group(path, setting, config, option, err);
    int r = text ? nta_option_set(option, config, text, err)
                 : nta_err_set(err, -EINVAL, "a single value is expected");

    if (r < 0)
        return nta_err_prefix(err, r, "%s: %s.%s", where(path, setting, place, sizeof(place)),
                              option->section, option->name);
    return 0;
}

static int load_option(const char *path, const struct nta_option *option,
                       const config_setting_t *setting, struct nta_config *config,
                       struct nta_err *err)
{
    if (!nta_option_is_list(option))
        return load_value(path, option, setting, config, err);
    nta_option_clear(option, config);
    if (!config_setting_is_array(setting) && !config_setting_is_list(setting))
        return load_value(path, option, setting, config, err);
    for (int i = 0; i < config_setting_length(setting); i++) {
        int r =
            load_value(path, option, config_setting_get_elem(setting, (unsigned)i), config, err);

        if (r < 0)
            return r;
    }
    return 0;
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

static int load_section(const char *path, const config_setting_t *section,
                        struct nta_config *config, struct nta_err *err)
{
    const char *name = config_setting_name(section);
    char place[2 * SHOWN_SIZE];

    if (!find_option(name, NULL))
        return unknown_key(path, section, NULL, err);
    if (!config_setting_is_group(section))
        return nta_err_set(err, -EINVAL, "%s: \"%s\" is a section: write %s = { … };",
                           where(path, section, place, sizeof(place)), name, name);
    for (int i = 0; i < config_setting_length(section); i++) {
        const config_setting_t *setting = config_setting_get_elem(section, (unsigned)i);
        const struct nta_option *option = find_option(name, config_setting_name(setting));
        int r = option ? load_option(path, option, setting, config, err)
                       : unknown_key(path, setting, name, err);

        if (r < 0)
            return r;
    }
    if (strcmp(name, "mysql") == 0)
        config->mysql.enabled = true;
    return 0;
}

/** What no single option can know. */
static int check_together(const char *path, const struct nta_config *config, struct nta_err *err)
{
    if (config->mysql.enabled && (!config->mysql.hosts || !config->mysql.hosts[0]))
        return nta_err_set(err, -EINVAL, "%s: section mysql needs mysql.hosts", path);
    if (config->mysql.password && config->mysql.password[0] && config->mysql.password_file &&
        config->mysql.password_file[0])
        return nta_err_set(err, -EINVAL,
                           "%s: mysql.password and mysql.password_file exclude each other", path);
    if (config->flow.stream_flow_bytes > config->flow.stream_all_bytes)
        return nta_err_set(err, -EINVAL, "%s: flow.stream_limit is larger than flow.streams_limit",
                           path);
    return 0;
}

static void destroy_file(config_t **file)
{
    if (*file)
        config_destroy(*file);
}

static int load_sections(const char *path, const config_t *file, struct nta_config *config,
                         struct nta_err *err)
{
    const config_setting_t *root = config_root_setting(file);

    for (int i = 0; i < config_setting_length(root); i++) {
        int r = load_section(path, config_setting_get_elem(root, (unsigned)i), config, err);

        if (r < 0)
            return r;
    }
    return 0;
}

int nta_config_load(const char *path, struct nta_config **ret_config, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    NTA_AUTO_FILE FILE *stream = NULL;
    char shown[SHOWN_SIZE];
    config_t storage;
    NTA_AUTO(destroy_file) config_t *file = NULL;
    int r = nta_config_new(&config, err);

    if (r < 0 || !config)
        return r;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    stream = fopen(path, "re");
    if (!stream)
        return nta_err_sys(err, -errno, "%s", shown);
    struct stat st;

    if (fstat(fileno(stream), &st) < 0 || !S_ISREG(st.st_mode))
        return nta_err_set(err, -EINVAL, "%s: not a file", shown);
    config_init(&storage);
    file = &storage;
    if (!config_read(file, stream))
        return nta_err_set(err, -EINVAL, "%s:%d: %s", shown, config_error_line(file),
                           config_error_text(file));
    r = load_sections(path, file, config, err);
    if (r == 0)
        r = check_together(shown, config, err);
    if (r < 0)
        return r;
    *ret_config = NTA_TAKE(config);
    return 0;
}
