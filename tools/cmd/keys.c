/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "config/secret.h"
#include "output/fail.h"
#include "search/stores.h"
#include "search/when.h"
#include "vault/vault.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: nta keys init [--keys DIR]\n"
    "       nta keys show [--keys DIR] [--store DIR]\n"
    "       nta keys trust KEY --name NAME [--from TIME] [--to TIME] [TEXT...]\n\n"
    "init makes what is not there yet and never overwrites: the sensor's signing\n"
    "key, the key of the search tokens, an auditor's key pair, and sensors.pub with\n"
    "this sensor in it.  Note the sensor's public key it prints: with it anyone can\n"
    "verify the records.  Move auditor.key off the machine if nobody should read\n"
    "records on it; ntad does not need it.\n"
    "show prints the public keys, whose records are trusted, and for which auditors\n"
    "the data keys in the store are: who is not among them cannot read the records.\n"
    "trust adds a sensor to sensors.pub: its records are shown and verified, too;\n"
    "outside of --from and --to they are not.  To end the trust in a key, or to\n"
    "narrow it, edit sensors.pub.\n\n"
    "  -k, --keys DIR      the key folder; default: what ntad.conf names\n"
    "  -n, --name NAME     a word for the sensor\n"
    "  -S, --from TIME     as --since of the other commands; -U, --to TIME, too\n"
    "  -d, --store DIR     the folder of `nta read --store`\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "Exit status: 0 done, 1 a key in the store is not of its form, or that sensor is\n"
    "trusted already, 2 wrong usage, 3 could not run.\n";

static const struct option options[] = {
    {"keys", required_argument, NULL, 'k'},  {"name", required_argument, NULL, 'n'},
    {"from", required_argument, NULL, 'S'},  {"to", required_argument, NULL, 'U'},
    {"store", required_argument, NULL, 'd'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},        {NULL, 0, NULL, 0},
};

struct keys
{
    const char *keys, *store, *config, *name, *from, *to;
    char **arguments; ///< Behind the verb.
    int n_arguments;
    char dir[NTA_PATH_SIZE];
};

static int find_dir(struct keys *keys, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    char ignored[NTA_PATH_SIZE];

    if (keys->store && !keys->keys)
        return nta_stores_paths(keys->store, ignored, keys->dir, err);
    if (keys->keys) {
        (void)snprintf(keys->dir, sizeof(keys->dir), "%s", keys->keys);
        return 0;
    }
    int r = nta_config_load(keys->config ? keys->config : NTA_DEFAULT_CONFIG, &config, err);

    return r < 0 ? r : nta_config_keys_dir(config, keys->dir, sizeof(keys->dir), err);
}

/** Lines behind a word, under each other, without comments. */
static void print_lines(const char *word, const struct nta_buf *lines)
{
    size_t n_shown = 0;

    for (struct nta_span rest = nta_buf_span(lines); rest.len > 0;) {
        const struct nta_span line = nta_span_take(&rest, '\n');

        if (line.len && line.ptr[0] != '#')
            (void)printf("%-10s%.*s\n", n_shown++ ? "" : word, (int)line.len,
                         (const char *)line.ptr);
    }
    if (n_shown == 0)
        (void)printf("%-10snobody\n", word);
}

/* ---- for whom stored keys are ---- */

enum
{
    AUDITORS_MAX = 64 ///< Different ones that are told apart.
};

struct wrapped
{
    size_t n_keys, n_bad, n_auditors;

    struct
    {
        uint8_t id[NTA_SENSOR_ID_LEN];
        size_t n;
    } auditors[AUDITORS_MAX];
};

static void count_auditor(struct wrapped *wrapped, const uint8_t id[NTA_SENSOR_ID_LEN])
{
    size_t i = 0;

    while (i < wrapped->n_auditors && memcmp(wrapped->auditors[i].id, id, NTA_SENSOR_ID_LEN) != 0)
        i++;
    if (i == AUDITORS_MAX)
        return;
    if (i == wrapped->n_auditors)
        memcpy(wrapped->auditors[wrapped->n_auditors++].id, id, NTA_SENSOR_ID_LEN);
    wrapped->auditors[i].n++;
}

static int on_key(void *owner, const struct nta_stored_key *key, struct nta_err *err)
{
    struct wrapped *wrapped = owner;
    struct nta_wrapped_list list;

    (void)err;
    wrapped->n_keys++;
    if (key->faults || !nta_wrapped_key_list(&key->key, &list)) {
        wrapped->n_bad++;
        return 0;
    }
    for (size_t i = 0; i < list.n_auditors; i++)
        count_auditor(wrapped, list.auditors[i]);
    return 0;
}

/** The auditor's public key, if it is one of auditors.pub, else the key's id. */
static void put_auditor(struct nta_buf *out, const struct nta_buf *auditors,
                        const uint8_t id[NTA_SENSOR_ID_LEN])
{
    const size_t prefix = strlen("nta-auditor-"), len = prefix + (size_t)2 * NTA_KEY_LEN;

    for (size_t at = 0; at + len < auditors->len; at += len + 1) {
        uint8_t public_key[NTA_KEY_LEN], its[NTA_SENSOR_ID_LEN];

        if (!nta_hex_parse((const char *)auditors->ptr + at + prefix, NTA_KEY_LEN, public_key))
            continue;
        nta_sensor_id(public_key, its);
        if (memcmp(its, id, sizeof(its)) == 0) {
            nta_buf_put(out, auditors->ptr + at, len);
            return;
        }
    }
    nta_buf_puts(out, "an auditor who is not in auditors.pub, id ");
    nta_buf_put_hex(out, id, NTA_SENSOR_ID_LEN);
}

static int show_stored(const struct keys *keys, const struct nta_buf *auditors)
{
    const struct nta_stores_options options_ = {.dir = keys->store, .config = keys->config};
    NTA_AUTO(nta_stores_close) struct nta_stores stores = {.journal = NULL};
    NTA_AUTO(nta_buf_done) struct nta_buf lines = {0};
    struct wrapped wrapped = {.n_keys = 0};
    struct nta_err err = {0};
    int r = nta_stores_open(&options_, &stores, &err);

    if (r == 0 && stores.mysql)
        r = nta_store_each_key(stores.mysql, on_key, &wrapped, &err);
    if (r == 0 && stores.journal)
        r = nta_store_each_key(stores.journal, on_key, &wrapped, &err);
    if (r == -ENOENT) {
        (void)puts("stored    no records yet");
        return NTA_EXIT_OK;
    }
    if (r < 0)
        return nta_cmd_fail(r == -EPROTO ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s", err.text);
    if (stores.is_partial)
        (void)nta_cmd_fail(NTA_EXIT_OK, "%s: without its data keys", stores.unseen);
    nta_buf_printf(&lines, "%zu data key%s%s\n", wrapped.n_keys, wrapped.n_keys == 1 ? "" : "s",
                   wrapped.n_keys ? ", for" : "");
    for (size_t i = 0; i < wrapped.n_auditors; i++) {
        put_auditor(&lines, auditors, wrapped.auditors[i].id);
        nta_buf_printf(&lines, ": %zu of them\n", wrapped.auditors[i].n);
    }
    if (wrapped.n_bad)
        nta_buf_printf(&lines, "%zu are not of their form; nta verify names them\n", wrapped.n_bad);
    print_lines("stored", &lines);
    return wrapped.n_bad ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}

/* ---- init, show ---- */

static int show(const struct keys *keys, bool with_stored)
{
    NTA_AUTO(nta_buf_done) struct nta_buf auditors = {0}, sensors = {0};
    char sensor[NTA_KEY_TEXT_SIZE];
    struct nta_err err;

    if (nta_keys_show(keys->dir, sensor, &auditors, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    (void)printf("sensor    %s\n", sensor);
    print_lines("auditors", &auditors);
    int r = nta_keys_sensors(keys->dir, &sensors, &err);

    if (r < 0 && r != -ENOENT)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    if (r < 0)
        (void)puts("trusted   this sensor");
    else
        print_lines("trusted", &sensors);
    int status = with_stored ? show_stored(keys, &auditors) : NTA_EXIT_OK;

    return fflush(stdout) != 0
               ? nta_cmd_fail(NTA_EXIT_FAILURE, "standard output: %s", strerror(errno))
               : status;
}

static int init(const struct keys *keys)
{
    struct nta_err err;
    bool made;

    if (nta_keys_init(keys->dir, &made, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    (void)printf(made ? "made keys in %s\n" : "all keys are there already: %s\n", keys->dir);
    return show(keys, false);
}

/* ---- trust ---- */

/** What is in sensors.pub, or should be: the sensor of this folder. */
static int read_trusted(const struct keys *keys, struct nta_buf *out, struct nta_trust *ret_trust,
                        struct nta_err *err)
{
    struct nta_trusted local = {.name = "local"};
    int r = nta_keys_sensors(keys->dir, out, err);

    if (r == 0)
        return nta_trust_parse(ret_trust, nta_buf_span(out), "sensors.pub", err);
    if (r != -ENOENT)
        return r;
    r = nta_keys_sensor_public(keys->dir, local.public_key, err);
    if (r == 0)
        r = nta_trust_line(&local, NULL, out, err);
    if (r == 0)
        r = nta_trust_add(ret_trust, &local, err);
    return r == -ENOENT ? 0 : r; /* an auditor's folder has no sensor of its own */
}

static int parse_trusted(const struct keys *keys, struct nta_trusted *ret_trusted,
                         struct nta_err *err)
{
    const int64_t now_ns = nta_clock_wall_ns();
    struct nta_moment from = {0}, to = {0};
    int r = nta_keys_parse_sensor(keys->arguments[0], ret_trusted->public_key, err);

    if (r == 0 && strlen(keys->name) >= sizeof(ret_trusted->name))
        r = nta_err_set(err, -EINVAL, "--name: too long");
    if (r == 0 && keys->from && nta_when(keys->from, now_ns, &from, err) < 0)
        r = nta_err_prefix(err, -EINVAL, "--from");
    if (r == 0 && keys->to && nta_when(keys->to, now_ns, &to, err) < 0)
        r = nta_err_prefix(err, -EINVAL, "--to");
    if (r < 0)
        return r;
    ret_trusted->from_ns = from.earlier_ns;
    ret_trusted->to_ns = to.later_ns;
    (void)snprintf(ret_trusted->name, sizeof(ret_trusted->name), "%s", keys->name);
    return 0;
}

static int trust(const struct keys *keys)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sensors = {0}, text = {0};
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    struct nta_trusted trusted = {.from_ns = 0};
    struct nta_err err = {0};

    if (keys->n_arguments < 1 || !keys->name)
        return nta_cmd_fail(NTA_EXIT_USAGE, "nta keys trust KEY --name NAME");
    for (int i = 1; i < keys->n_arguments; i++) {
        nta_buf_puts(&text, i > 1 ? " " : "");
        nta_buf_puts(&text, keys->arguments[i]);
    }
    nta_buf_put_u8(&text, '\0');
    if (text.failed || parse_trusted(keys, &trusted, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", text.failed ? "out of memory" : err.text);
    int r = read_trusted(keys, &sensors, &trust, &err);

    if (r == 0)
        r = nta_trust_add(&trust, &trusted, &err);
    if (r == 0 && sensors.len && sensors.ptr[sensors.len - 1] != '\n')
        nta_buf_puts(&sensors, "\n");
    if (r == 0)
        r = nta_trust_line(&trusted, (const char *)text.ptr, &sensors, &err);
    if (r == 0)
        r = nta_keys_put_sensors(keys->dir, nta_buf_span(&sensors), &err);
    if (r < 0)
        return nta_cmd_fail(r == -EEXIST ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s", err.text);
    (void)printf("%s is trusted now, too: %s/sensors.pub\n", keys->name, keys->dir);
    return NTA_EXIT_OK;
}

static int take_option(struct keys *keys, int option)
{
    switch (option) {
    case 'k': keys->keys = optarg; return -1;
    case 'n': keys->name = optarg; return -1;
    case 'S': keys->from = optarg; return -1;
    case 'U': keys->to = optarg; return -1;
    case 'd': keys->store = optarg; return -1;
    case 'c': keys->config = optarg; return -1;
    case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
    default: return nta_cmd_usage("keys");
    }
}

int nta_cmd_keys(int argc, char **argv)
{
    struct keys keys = {.keys = NULL};
    struct nta_err err;
    int c, status = -1;

    while (status < 0 && (c = getopt_long(argc, argv, "k:n:S:U:d:c:h", options, NULL)) != -1)
        status = take_option(&keys, c);
    if (status >= 0)
        return status;
    const char *verb = optind < argc ? argv[optind] : "";
    bool is_trust = strcmp(verb, "trust") == 0, is_show = strcmp(verb, "show") == 0;

    keys.arguments = argv + optind + 1;
    keys.n_arguments = argc - optind - 1;
    if ((!is_trust && !is_show && strcmp(verb, "init") != 0) || (!is_trust && keys.n_arguments)) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "init, show or trust?");
        return nta_cmd_usage("keys");
    }
    if (find_dir(&keys, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return is_trust ? trust(&keys) : is_show ? show(&keys, !keys.keys || keys.store) : init(&keys);
}
