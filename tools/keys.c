/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "cmd.h"
#include "config/config.h"
#include "config/secret.h"
#include "search/stores.h"
#include "vault/vault.h"

#include <getopt.h>
#include <string.h>

static const char help[] =
    "usage: nta keys init [--keys DIR]\n"
    "       nta keys show [--keys DIR]\n\n"
    "init makes what is not there yet and never overwrites: the sensor's signing key, the key of the\n"
    "search tokens, and an auditor's key pair.  Note the sensor's public key it prints: with it anyone\n"
    "can verify the records.  Move auditor.key off the machine if nobody should read records on it;\n"
    "ntad does not need it.\n"
    "show prints the public keys.\n\n"
    "  -k, --keys DIR      the key folder; default: what ntad.conf names\n"
    "  -d, --store DIR     the folder of `nta read --store`\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n";

static const struct option options[] = {
    {"keys", required_argument, NULL, 'k'},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int find_dir(const char *keys, const char *store, const char *config_path,
                    char room[NTA_PATH_SIZE], struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    char ignored[NTA_PATH_SIZE];

    if (store)
        return nta_stores_paths(store, ignored, room, err);
    if (keys) {
        (void)snprintf(room, NTA_PATH_SIZE, "%s", keys);
        return 0;
    }
    int r = nta_config_load(config_path ? config_path : NTA_DEFAULT_CONFIG, &config, err);

    return r < 0 ? r : nta_config_keys_dir(config, room, NTA_PATH_SIZE, err);
}

static int show(const char *dir)
{
    NTA_AUTO(nta_buf_done) struct nta_buf auditors = {0};
    char sensor[NTA_KEY_TEXT_SIZE];
    struct nta_err err;

    if (nta_keys_show(dir, sensor, &auditors, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    (void)printf("sensor    %s\nauditors  ", sensor);
    for (size_t i = 0; i < auditors.len; i++) {
        (void)putchar(auditors.ptr[i]);
        if (auditors.ptr[i] == '\n' && i + 1 < auditors.len)
            (void)fputs("          ", stdout);
    }
    if (auditors.len && auditors.ptr[auditors.len - 1] != '\n')
        (void)putchar('\n');
    return NTA_EXIT_OK;
}

static int init(const char *dir)
{
    struct nta_err err;
    bool made;

    if (nta_keys_init(dir, &made, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    (void)printf(made ? "made keys in %s\n" : "all keys are there already: %s\n", dir);
    return show(dir);
}

int nta_cmd_keys(int argc, char **argv)
{
    const char *keys = NULL, *store = NULL, *config = NULL;
    char dir[NTA_PATH_SIZE];
    struct nta_err err;
    int c;

    while ((c = getopt_long(argc, argv, "k:d:c:h", options, NULL)) != -1) {
        switch (c) {
        case 'k': keys = optarg; break;
        case 'd': store = optarg; break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("keys");
        }
    }
    if (optind + 1 != argc ||
        (strcmp(argv[optind], "init") != 0 && strcmp(argv[optind], "show") != 0)) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "init or show?");
        return nta_cmd_usage("keys");
    }
    if (find_dir(keys, store, config, dir, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return strcmp(argv[optind], "init") == 0 ? init(dir) : show(dir);
}
