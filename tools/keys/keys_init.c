/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/path.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "keys/subcommands.h"
#include "output/fail.h"
#include "policy/facts.h"
#include "vault/vault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_there(const char *dir, const char *name)
{
    char path[NTA_PATH_SIZE + 32];
    struct stat st;

    return nta_path_join(dir, name, path, sizeof(path)) && lstat(path, &st) == 0;
}

/** What was made and does not belong here. */
static void print_what_to_take_away(const struct nta_keys_command *command)
{
    const bool has_identity = nta_keys_has_identity(command->dir);
    const bool has_auditor = is_there(command->dir, "auditor.key");

    if (!has_identity && !has_auditor)
        return;
    (void)puts("\nTAKE AWAY from this machine now, to a place of its own each, and keep a copy:");
    if (has_identity)
        (void)printf(
            "  %s/sensor.key\n"
            "      the sensor's identity.  ntad never reads it.  It is needed again only\n"
            "      if the signing key is lost (nta keys adopt), or to change or to revoke\n"
            "      the identity.  As long as it lies here, whoever takes this machine over\n"
            "      can sign whatever they like in the sensor's name.\n",
            command->dir);
    if (has_auditor)
        (void)printf(
            "  %s/auditor.key\n"
            "      with it all records can be read, without it none.  ntad never reads it.\n"
            "      Leave it here only if records are to be read on this machine.\n",
            command->dir);
    (void)puts("NOTE ON PAPER the sensor's public key: with it anyone can verify the records.\n");
}

int nta_keys_make(const struct nta_keys_place *place, bool *ret_made, struct nta_err *err)
{
    NTA_AUTO(nta_batch_done) struct nta_batch batch = {0};
    struct nta_keys_first first = {.batch = &batch, .wall_ns = nta_clock_wall_ns()};
    uint32_t error_ms = 0;

    nta_batch_init(&batch);
    if (nta_clock_is_synchronised(&error_ms))
        first.clock = (uint64_t)error_ms + 1;
    int r = nta_policy_first(first.wall_ns, &batch);

    return r < 0 ? nta_err_sys(err, r, "keys") : nta_keys_init(place, &first, ret_made, err);
}

int nta_keys_cmd_init(const struct nta_keys_command *command)
{
    const struct nta_keys_place place = {command->dir, command->state_dir};
    struct nta_err err = {0};
    bool made = false;

    if (!command->state_dir[0])
        return nta_cmd_fail(NTA_EXIT_USAGE, "nta keys init: which state folder? --state DIR, or "
                                            "--store or --config, beside whose store it is");
    if (command->store && mkdir(command->store, 0700) < 0 && errno != EEXIST)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", command->store, strerror(errno));
    if (nta_keys_make(&place, &made, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    nta_prose_print(stdout,
                    made ? "made keys in %s and %s\n" : "all keys are there already: %s, %s\n",
                    command->dir, command->state_dir);
    print_what_to_take_away(command);
    return nta_keys_cmd_show(command, false);
}
