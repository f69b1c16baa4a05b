/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/path.h"
#include "base/own.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "config/secret.h"
#include "keys/subcommands.h"
#include "output/fail.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nta keys init [--keys DIR --state DIR]\n"
    "       nta keys show [--keys DIR] [--store DIR]\n"
    "       nta keys trust KEY --name NAME [--from TIME] [--to TIME] [TEXT...]\n"
    "       nta keys protect [--new-passphrase-file FILE]\n"
    "       nta keys auditor FILE [--new-passphrase-file FILE]\n"
    "       nta keys split NAME --needs K --of N\n"
    "       nta keys join FILE SHARE... [--new-passphrase-file FILE]\n"
    "       nta keys adopt --identity FILE\n"
    "       nta keys rotate --identity FILE --new FILE\n"
    "       nta keys revoke --identity FILE\n\n"
    "A sensor's identity (sensor.key) stands behind all its records and signs\n"
    "hardly ever: the first batch, when it is made, and the notes below.  Batches\n"
    "are signed by a key that changes each day and at each stop, whose old one is\n"
    "destroyed; each batch that changes it names the next.\n\n"
    "init makes what is not there yet and never overwrites: identity, an auditor's\n"
    "key pair, sensors.pub with this sensor in it, and in the state folder the first\n"
    "batch, the first signing key and the checkpoint key.  It says what to take off\n"
    "the machine: sensor.key always, auditor.key if nobody should read records\n"
    "there; ntad needs neither.  Note the sensor's public key it prints: with it\n"
    "anyone can verify the records.\n"
    "show prints the public keys, the key that signs now and the checkpoint key as\n"
    "the chain names them, whose records are trusted, and for which auditors the\n"
    "data keys in the store are: who is not among them cannot read the records.\n"
    "trust adds a sensor to sensors.pub: its records are shown and verified, too;\n"
    "outside of --from and --to they are not.  To end the trust in a key, or to\n"
    "narrow it, edit sensors.pub.\n\n"
    "protect puts auditor.key under a passphrase (PKCS#8 with scrypt, as openssl\n"
    "reads it), or under another one.  Commands that open records then ask for it,\n"
    "on the terminal; nta --passphrase-file FILE COMMAND takes a file's first line.\n"
    "auditor makes one more auditor's key, into FILE, under a passphrase of its own,\n"
    "and adds its public half to auditors.pub: each of them opens alone what is\n"
    "recorded once ntad has started again.\n\n"
    "split puts auditor.key into N shares, NAME.1 to NAME.N, any K of which make it\n"
    "again; fewer say nothing of it.  Removing auditor.key is left to you.\n"
    "join makes it of K shares, in FILE, under a new passphrase.\n\n"
    "The following need the identity's secret, brought back for the moment, and ntad\n"
    "stopped.  Each seals one batch, whose header has the note:\n"
    "adopt: after a signing key was lost, or came from a backup, ntad goes on under\n"
    "a new one and is BAD; what that signs counts as unproved until this was done.\n"
    "rotate: from now on the key in the new file is the identity.  The sensor stays\n"
    "the same, and sensors.pub, too: the old identity's note leads to the new one.\n"
    "revoke: batches after this one are a finding, whoever signed them.  Then set\n"
    "the sensor up again, with another identity and another store.\n\n"
    "  -k, --keys DIR       the key folder; default: what ntad.conf names\n"
    "      --state DIR      the state folder; default: `state` beside the store, or\n"
    "                       beside the key folder without a configuration\n"
    "  -i, --identity FILE  sensor.key, wherever it is kept\n"
    "      --new FILE       where to put the new identity's secret; made here\n"
    "      --new-passphrase-file FILE\n"
    "                       the new passphrase is its first line; without it, what\n"
    "                       is typed\n"
    "      --needs K        how many shares make the key, 2 at least\n"
    "      --of N           of how many, 16 at most\n"
    "  -n, --name NAME      a word for the sensor\n"
    "  -S, --from TIME      of trust: since when; as --since of the other commands\n"
    "  -U, --to TIME        and up to when\n"
    "  -d, --store DIR      the folder of `nta read --store`\n"
    "  -c, --config FILE    another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help           this text\n\n"
    "Exit status:\n"
    "  0  done\n"
    "  1  a key in the store is not of its form, that sensor is trusted already,\n"
    "     there is nothing to adopt, or the identity in the file is not this one's\n"
    "     or is revoked; the shares make no key\n"
    "  2  wrong usage\n"
    "  3  could not run\n";

enum
{
    OPT_STATE = 256,
    OPT_NEW,
    OPT_NEW_PASSPHRASE,
    OPT_NEEDS,
    OPT_OF
};

static const struct option options[] = {
    {"keys", required_argument, NULL, 'k'},
    {"state", required_argument, NULL, OPT_STATE},
    {"name", required_argument, NULL, 'n'},
    {"identity", required_argument, NULL, 'i'},
    {"new", required_argument, NULL, OPT_NEW},
    {"new-passphrase-file", required_argument, NULL, OPT_NEW_PASSPHRASE},
    {"needs", required_argument, NULL, OPT_NEEDS},
    {"of", required_argument, NULL, OPT_OF},
    {"from", required_argument, NULL, 'S'},
    {"to", required_argument, NULL, 'U'},
    {"store", required_argument, NULL, 'd'},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int put_path(char ret_path[NTA_PATH_SIZE], const char *dir, const char *name,
                    struct nta_err *err)
{
    return nta_path_join(dir, name, ret_path, NTA_PATH_SIZE)
               ? 0
               : nta_err_set(err, -ENAMETOOLONG, "%.200s: too long", dir);
}

/** Of the configuration, if it is there or was named. */
static int find_configured(struct nta_keys_command *command, struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    const char *path = command->config ? command->config : NTA_DEFAULT_CONFIG;

    if (command->keys && !command->config && access(path, F_OK) < 0)
        return put_path(command->state_dir, command->keys, "../state", err);
    int r = nta_config_load(path, &config, err);

    if (r == -ENOENT && !command->config)
        return nta_err_prefix(err, r,
                              "no ntad is set up here, and neither --store DIR nor --keys "
                              "DIR names a folder");
    if (r == 0)
        r = put_path(command->store_path, config->store.dir, "journal.db", err);
    if (r == 0)
        r = put_path(command->state_dir, config->store.dir, "state", err);
    return r < 0 ? r : nta_config_keys_dir(config, command->dir, sizeof(command->dir), err);
}

static int find_places(struct nta_keys_command *command, struct nta_err *err)
{
    int r = 0;

    if (command->store) {
        r = nta_stores_paths(command->store, command->store_path, command->dir, err);
        if (r == 0)
            r = put_path(command->state_dir, command->store, "state", err);
    } else {
        r = find_configured(command, err);
    }
    if (r == 0 && command->keys)
        r = put_path(command->dir, command->keys, "", err);
    if (r == 0 && command->state)
        r = put_path(command->state_dir, command->state, "", err);
    return r;
}

static int take_option(struct nta_keys_command *command, int option)
{
    switch (option) {
    case 'k': command->keys = optarg; return -1;
    case OPT_STATE: command->state = optarg; return -1;
    case 'n': command->name = optarg; return -1;
    case 'i': command->identity = optarg; return -1;
    case OPT_NEW: command->new_identity = optarg; return -1;
    case OPT_NEW_PASSPHRASE: command->new_passphrase = optarg; return -1;
    case OPT_NEEDS: command->needs = optarg; return -1;
    case OPT_OF: command->of = optarg; return -1;
    case 'S': command->from = optarg; return -1;
    case 'U': command->to = optarg; return -1;
    case 'd': command->store = optarg; return -1;
    case 'c': command->config = optarg; return -1;
    case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
    default: return nta_cmd_usage("keys");
    }
}

/* ---- which of them ---- */

static int show(const struct nta_keys_command *command)
{
    return nta_keys_cmd_show(command, !command->keys || command->store);
}

enum verb_rule
{
    PLAIN,
    HAS_ARGUMENTS,
    PLACELESS ///< It has arguments, and no folder of keys is looked for.
};

static const struct
{
    const char *word;
    int (*run)(const struct nta_keys_command *command);
    enum verb_rule rule;
} verbs[] = {
    {"init", nta_keys_cmd_init, PLAIN},           {"show", show, PLAIN},
    {"protect", nta_keys_cmd_protect, PLAIN},     {"auditor", nta_keys_cmd_auditor, HAS_ARGUMENTS},
    {"split", nta_keys_cmd_split, HAS_ARGUMENTS}, {"join", nta_keys_cmd_join, PLACELESS},
    {"trust", nta_keys_cmd_trust, HAS_ARGUMENTS}, {"adopt", nta_keys_cmd_adopt, PLAIN},
    {"rotate", nta_keys_cmd_rotate, PLAIN},       {"revoke", nta_keys_cmd_revoke, PLAIN},
};

int nta_cmd_keys(int argc, char **argv)
{
    struct nta_keys_command command = {.keys = NULL};
    struct nta_err err;
    int c, status = -1;
    size_t i = 0;

    while (status < 0 && (c = getopt_long(argc, argv, "k:n:i:S:U:d:c:h", options, NULL)) != -1)
        status = take_option(&command, c);
    if (status >= 0)
        return status;
    const char *verb = optind < argc ? argv[optind] : "";

    command.arguments = argv + optind + 1;
    command.n_arguments = argc - optind - 1;
    while (i < NTA_N_ELEMENTS(verbs) && strcmp(verb, verbs[i].word) != 0)
        i++;
    if (i == NTA_N_ELEMENTS(verbs) || (verbs[i].rule == PLAIN && command.n_arguments > 0)) {
        (void)nta_cmd_fail(NTA_EXIT_USAGE,
                           "init, show, trust, protect, auditor, split, join, adopt, rotate or "
                           "revoke?");
        return nta_cmd_usage("keys");
    }
    if (verbs[i].rule != PLACELESS && find_places(&command, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return verbs[i].run(&command);
}
