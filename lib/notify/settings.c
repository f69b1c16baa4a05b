/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/settings.h"

#include "base/file/plainfile.h"
#include "base/nearest.h"
#include "base/own.h"
#include "base/text.h"
#include "notify/rows.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum
{
    FILE_MAX = 1 << 20,
    SHOWN_SIZE = 256,
    NUMBER_SIZE = 32,
};

static int set_presets(bool of_receiver, void *base)
{
    const struct nta_notify_loading loading = {.path = "preset"};
    int r = 0;

    for (size_t i = 0; i < nta_notify_n_rows && r == 0; i++) {
        if (nta_notify_rows[i].of_receiver == of_receiver && nta_notify_rows[i].preset)
            r = nta_notify_row_set(&loading, &nta_notify_rows[i], nta_notify_rows[i].preset, base);
    }
    return r;
}

static const struct nta_notify_row *row_of(const char *name, bool of_receiver)
{
    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        if (nta_notify_rows[i].of_receiver == of_receiver &&
            strcmp(nta_notify_rows[i].name, name) == 0)
            return &nta_notify_rows[i];
    }
    return NULL;
}

static int unknown(const struct nta_notify_loading *loading, const char *name, bool of_receiver)
{
    struct nta_nearest nearest = {.word = name};
    char what[SHOWN_SIZE];

    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        if (nta_notify_rows[i].of_receiver == of_receiver)
            nta_nearest_try(&nearest, nta_notify_rows[i].name, strlen(nta_notify_rows[i].name));
    }
    (void)snprintf(what, sizeof(what), "unknown; the nearest known option is \"%.*s\"",
                   (int)nearest.best_len, nearest.best ? nearest.best : "");
    return nta_notify_fault(loading, name, what);
}

/** A scalar as text; NULL: it is none. */
static const char *text_of(const config_setting_t *setting, char buf[NUMBER_SIZE])
{
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        (void)snprintf(buf, NUMBER_SIZE, "%lld", config_setting_get_int64(setting));
        return buf;
    case CONFIG_TYPE_BOOL: return config_setting_get_bool(setting) ? "true" : "false";
    case CONFIG_TYPE_STRING: return config_setting_get_string(setting);
    default: return NULL;
    }
}

static int load_value(struct nta_notify_loading *loading, const struct nta_notify_row *row,
                      const config_setting_t *setting, void *base)
{
    char buf[NUMBER_SIZE];
    const char *text = text_of(setting, buf);

    loading->at = setting;
    return text ? nta_notify_row_set(loading, row, text, base)
                : nta_notify_fault(loading, row->name, "a value is expected");
}

static int load_option(struct nta_notify_loading *loading, bool of_receiver,
                       const config_setting_t *setting, void *base)
{
    const char *name = config_setting_name(setting);
    const struct nta_notify_row *row = row_of(name, of_receiver);
    int r = 0;

    loading->at = setting;
    if (!row)
        return unknown(loading, name, of_receiver);
    if (row->type != NTA_NOTIFY_TYPE_TEXTS || !config_setting_is_aggregate(setting))
        return load_value(loading, row, setting, base);
    for (int i = 0; i < config_setting_length(setting) && r == 0; i++)
        r = load_value(loading, row, config_setting_get_elem(setting, (unsigned)i), base);
    return r;
}

/** Is this the server on this machine?  Only then TLS may be off. */
static bool is_local(const char *url)
{
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]"};
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    for (size_t i = 0; i < NTA_N_ELEMENTS(hosts); i++) {
        const size_t n = strlen(hosts[i]);

        if (strncmp(host, hosts[i], n) == 0 && (!host[n] || strchr(":/", host[n])))
            return true;
    }
    return false;
}

/** In front of the host (RFC 3986 section 3.2.1), where it could pass for one. */
static bool names_user(const char *url)
{
    const char *host = strstr(url, "://");

    host = host ? host + 3 : url;
    return memchr(host, '@', strcspn(host, "/?#")) != NULL;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool is_address(const char *text)
{
    const char *at = strchr(text, '@');

    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c > '~' || strchr("<>,;\"\\()", *c))
            return false;
    }
    return at && at > text && at[1] && !strchr(at + 1, '@');
}

static int check_url(const struct nta_notify_loading *loading,
                     const struct nta_notify_receiver *receiver)
{
    const bool is_plain = strcmp(receiver->tls, "off") == 0;
    const bool is_mail = receiver->channel == NTA_NOTIFY_MAIL;
    const char *url = receiver->url ? receiver->url : "";

    for (const char *c = url; *c; c++) {
        if (*c <= ' ' || *c > '~')
            return nta_notify_fault(loading, "url",
                                    "has a blank or something else that is no part of a url");
    }
    if (names_user(url))
        return nta_notify_fault(loading, "url", "no user and password in it: they have options");
    if (is_plain && !is_local(url))
        return nta_notify_fault(loading, "tls",
                                "off: only to this machine (localhost or a loopback address)");
    if (is_mail && !begins(url, "smtp://") && !begins(url, "smtps://"))
        return nta_notify_fault(loading, "url", "of mail it begins with smtp:// or smtps://");
    if (!is_mail && !begins(url, "https://") && !(is_plain && begins(url, "http://")))
        return nta_notify_fault(loading, "url", "of a webhook it begins with https://");
    return 0;
}

static int check_mail(const struct nta_notify_loading *loading,
                      const struct nta_notify_receiver *receiver)
{
    if (receiver->channel != NTA_NOTIFY_MAIL)
        return 0;
    if (!receiver->from || !is_address(receiver->from))
        return nta_notify_fault(loading, "from", "an address is expected, as nta@school.example");
    if (receiver->to.n == 0)
        return nta_notify_fault(loading, "to", "at least one address is expected");
    for (size_t i = 0; i < receiver->to.n; i++) {
        if (!is_address(receiver->to.item[i]))
            return nta_notify_fault(loading, "to",
                                    "an address is expected, as heads@school.example");
    }
    return 0;
}

static int check_name(const struct nta_notify_loading *loading, const char *name)
{
    size_t len = 0;

    for (; name && name[len]; len++) {
        if (!isalnum((unsigned char)name[len]) && !strchr("-_", name[len]))
            return nta_notify_fault(loading, "name", "letters, digits, - and _ are expected");
    }
    return len > 0 && len <= 64 ? 0
                                : nta_notify_fault(loading, "name", "1 to 64 letters are expected");
}

static int check_receiver(struct nta_notify_loading *loading, const config_setting_t *group,
                          struct nta_notify_receiver *receiver)
{
    int r;

    loading->at = group;
    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        if (nta_notify_rows[i].of_receiver && nta_notify_rows[i].required &&
            !config_setting_get_member(group, nta_notify_rows[i].name))
            return nta_notify_fault(loading, nta_notify_rows[i].name, "each receiver needs it");
    }
    r = check_name(loading, receiver->name);
    if (r == 0)
        r = check_url(loading, receiver);
    if (r == 0)
        r = check_mail(loading, receiver);
    if (r < 0)
        return r;
    if (receiver->password && receiver->password_file)
        return nta_notify_fault(loading, "password_file", "there is a password, too");
    (void)nta_notify_severity_of(nta_span_of(receiver->severity), &receiver->at_least);
    (void)nta_notify_severity_of(nta_span_of(receiver->urgent), &receiver->loud_from);
    return receiver->quiet && receiver->quiet[0]
               ? nta_hours_parse(receiver->quiet, &receiver->quiet_hours, loading->err)
               : 0;
}

static int load_receiver(struct nta_notify_loading *loading, const config_setting_t *group,
                         struct nta_notify_settings *settings)
{
    struct nta_notify_receiver *receiver = &settings->receivers[settings->n_receivers];
    int r;

    loading->at = group;
    if (!config_setting_is_group(group))
        return nta_notify_fault(loading, "receivers", "write ( { name = …; }, { … } )");
    if (settings->n_receivers == NTA_NOTIFY_RECEIVERS)
        return nta_notify_fault(loading, "receivers", "too many");
    settings->n_receivers++;
    r = set_presets(true, receiver);
    for (int i = 0; i < config_setting_length(group) && r == 0; i++)
        r = load_option(loading, true, config_setting_get_elem(group, (unsigned)i), receiver);
    if (r == 0)
        r = check_receiver(loading, group, receiver);
    for (size_t i = 0; r == 0 && i + 1 < settings->n_receivers; i++) {
        if (strcmp(settings->receivers[i].name, receiver->name) == 0)
            r = nta_notify_fault(loading, "name", "another receiver has it, too");
    }
    return r;
}

static int load_root(struct nta_notify_loading *loading, const config_setting_t *root,
                     struct nta_notify_settings *settings)
{
    int r = 0;

    for (int i = 0; i < config_setting_length(root) && r == 0; i++) {
        const config_setting_t *setting = config_setting_get_elem(root, (unsigned)i);
        const bool is_receivers = strcmp(config_setting_name(setting), "receivers") == 0;

        loading->at = setting;
        if (is_receivers && !config_setting_is_list(setting))
            r = nta_notify_fault(loading, "receivers", "write ( { name = …; }, { … } )");
        for (int k = 0; is_receivers && r == 0 && k < config_setting_length(setting); k++)
            r = load_receiver(loading, config_setting_get_elem(setting, (unsigned)k), settings);
        if (!is_receivers)
            r = load_option(loading, false, setting, settings);
    }
    loading->at = NULL;
    if (r == 0 && (!settings->source || !settings->state))
        r = nta_notify_fault(loading, "source, state", "must not be empty");
    if (r == 0 && settings->n_receivers == 0)
        r = nta_notify_fault(loading, "receivers", "nobody is to be told anything");
    return r;
}

/** A webhook's url is one: who knows it may write there. */
static bool has_secret(const struct nta_notify_settings *settings)
{
    for (size_t i = 0; i < settings->n_receivers; i++) {
        if (settings->receivers[i].password || settings->receivers[i].channel != NTA_NOTIFY_MAIL)
            return true;
    }
    return false;
}

static void destroy_file(config_t **file)
{
    if (*file)
        config_destroy(*file);
}

/** Read by libconfig, which stops at the first fault of its grammar. */
static int read_file(struct nta_notify_loading *loading, FILE *stream,
                     struct nta_notify_settings *settings)
{
    config_t storage;
    NTA_AUTO(destroy_file) config_t *file = &storage;

    config_init(&storage);
    if (!config_read(file, stream)) {
        char what[SHOWN_SIZE];

        (void)snprintf(what, sizeof(what), "line %d", config_error_line(file));
        return nta_notify_fault(loading, what, config_error_text(file));
    }
    return load_root(loading, config_root_setting(file), settings);
}

int nta_notify_settings_load(const char *path, struct nta_notify_settings **ret_settings,
                             struct nta_err *err)
{
    NTA_AUTO(nta_notify_settings_free)
    struct nta_notify_settings *settings = calloc(1, sizeof(*settings));
    struct nta_notify_loading loading = {.path = path, .err = err};
    struct stat status;
    int r = 0;
    NTA_AUTO_FILE FILE *stream = nta_plainfile_stream(path, FILE_MAX, 0, &r, err);

    if (!stream)
        return r;
    if (!settings || set_presets(false, settings) < 0)
        return nta_err_sys(err, -ENOMEM, "configuration");
    r = read_file(&loading, stream, settings);
    if (r == -ENOMEM)
        return nta_err_sys(err, -ENOMEM, "configuration");
    if (r < 0)
        return r;
    if (has_secret(settings) && (fstat(fileno(stream), &status) < 0 || status.st_mode & S_IRWXO))
        return nta_err_set(
            err, -EPERM,
            "%.200s: a secret is in it (a password, a webhook's url), and others may use the file",
            path);
    *ret_settings = NTA_TAKE(settings);
    return 0;
}

void nta_notify_settings_free(struct nta_notify_settings **settings)
{
    struct nta_notify_settings *old = *settings;

    *settings = NULL;
    if (!old)
        return;
    for (size_t i = 0; i < nta_notify_n_rows; i++) {
        for (size_t k = 0; nta_notify_rows[i].of_receiver && k < old->n_receivers; k++)
            nta_notify_row_free(&nta_notify_rows[i], &old->receivers[k]);
        if (!nta_notify_rows[i].of_receiver)
            nta_notify_row_free(&nta_notify_rows[i], old);
    }
    free(old);
}

static bool has(const struct nta_notify_texts *texts, const char *word)
{
    for (size_t i = 0; i < texts->n; i++) {
        if (strcmp(texts->item[i], word[0] ? word : "-") == 0)
            return true;
    }
    return texts->n == 0;
}

bool nta_notify_wants(const struct nta_notify_receiver *receiver,
                      const struct nta_notify_event *event)
{
    switch (event->kind) {
    case NTA_NOTIFY_OTHER: return false;
    case NTA_NOTIFY_BAD:
    case NTA_NOTIFY_WELL: return receiver->health;
    case NTA_NOTIFY_CAPPED: return true; /* whose they are is not known */
    case NTA_NOTIFY_ALERT:
    case NTA_NOTIFY_REPEATS: break;
    }
    return nta_notify_severity_taken(event) >= receiver->at_least &&
           has(&receiver->departments, event->word[NTA_NOTIFY_DEPARTMENT]) &&
           has(&receiver->lists, event->word[NTA_NOTIFY_LIST]);
}
