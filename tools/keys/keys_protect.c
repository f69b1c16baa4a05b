/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/prose.h"
#include "keys/passphrase.h"
#include "keys/subcommands.h"
#include "output/fail.h"

#include <errno.h>
#include <openssl/crypto.h>

static int fail(int r, const struct nta_err *err)
{
    return nta_cmd_fail(r == -EINVAL ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE, "%s", err->text);
}

int nta_keys_cmd_protect(const struct nta_keys_command *command)
{
    char passphrase[NTA_PASSPHRASE_SIZE];
    struct nta_err err = {0};
    int r = nta_passphrase_new(command->new_passphrase, passphrase, &err);

    if (r == 0)
        r = nta_auditor_key_protect(command->dir, passphrase, &err);
    OPENSSL_cleanse(passphrase, sizeof(passphrase));
    if (r < 0)
        return fail(r, &err);
    nta_prose_print(stdout,
                    "%s/auditor.key is under this passphrase now; copies of the file as it was, "
                    "and what the disk keeps of it, are not\n",
                    command->dir);
    return NTA_EXIT_OK;
}

int nta_keys_cmd_auditor(const struct nta_keys_command *command)
{
    char passphrase[NTA_PASSPHRASE_SIZE], public_key[NTA_KEY_TEXT_SIZE];
    struct nta_err err = {0};

    if (command->n_arguments != 1)
        return nta_cmd_fail(NTA_EXIT_USAGE, "nta keys auditor: into which file?");
    int r = nta_passphrase_new(command->new_passphrase, passphrase, &err);

    if (r == 0)
        r = nta_auditor_key_make(command->dir, command->arguments[0], passphrase, public_key, &err);
    OPENSSL_cleanse(passphrase, sizeof(passphrase));
    if (r < 0)
        return fail(r, &err);
    nta_prose_print(stdout,
                    "%s is one more auditor: records of data keys that are made from now on (ntad "
                    "has to start again) open with %s, too, which belongs on his machine as "
                    "auditor.key\n",
                    public_key, command->arguments[0]);
    return NTA_EXIT_OK;
}
