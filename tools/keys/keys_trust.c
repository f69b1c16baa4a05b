/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/prose.h"
#include "base/runtime/clock.h"
#include "chain/chain.h"
#include "keys/subcommands.h"
#include "output/fail.h"
#include "search/when.h"
#include "vault/vault.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/** What is in sensors.pub, or should be: the sensor of this folder. */
static int read_trusted(const struct nta_keys_command *command, struct nta_buf *out,
                        struct nta_trust *ret_trust, struct nta_err *err)
{
    struct nta_trusted local = {.name = "local"};
    int r = nta_keys_sensors(command->dir, out, err);

    if (r == 0)
        return nta_trust_parse(ret_trust, nta_buf_span(out), "sensors.pub", err);
    if (r != -ENOENT)
        return r;
    r = nta_keys_sensor_public(command->dir, local.public_key, err);
    if (r == 0)
        r = nta_trust_line(&local, NULL, out, err);
    if (r == 0)
        r = nta_trust_add(ret_trust, &local, err);
    return r == -ENOENT ? 0 : r; /* an auditor's folder has no sensor of its own */
}

static int parse_trusted(const struct nta_keys_command *command, struct nta_trusted *ret_trusted,
                         struct nta_err *err)
{
    const int64_t now_ns = nta_clock_wall_ns();
    struct nta_moment from = {0}, to = {0};
    int r = nta_keys_parse_sensor(command->arguments[0], ret_trusted->public_key, err);

    if (r == 0 && strlen(command->name) >= sizeof(ret_trusted->name))
        r = nta_err_set(err, -EINVAL, "--name: too long");
    if (r == 0 && command->from && nta_when(command->from, now_ns, &from, err) < 0)
        r = nta_err_prefix(err, -EINVAL, "--from");
    if (r == 0 && command->to && nta_when(command->to, now_ns, &to, err) < 0)
        r = nta_err_prefix(err, -EINVAL, "--to");
    if (r < 0)
        return r;
    ret_trusted->from_ns = from.earlier_ns;
    ret_trusted->to_ns = to.later_ns;
    (void)snprintf(ret_trusted->name, sizeof(ret_trusted->name), "%s", command->name);
    return 0;
}

int nta_keys_cmd_trust(const struct nta_keys_command *command)
{
    NTA_AUTO(nta_buf_done) struct nta_buf sensors = {0}, text = {0};
    NTA_AUTO(nta_trust_done) struct nta_trust trust = {.n = 0};
    struct nta_trusted trusted = {.from_ns = 0};
    struct nta_err err = {0};

    if (command->n_arguments < 1 || !command->name)
        return nta_cmd_fail(NTA_EXIT_USAGE, "nta keys trust KEY --name NAME");
    for (int i = 1; i < command->n_arguments; i++) {
        nta_buf_puts(&text, i > 1 ? " " : "");
        nta_buf_puts(&text, command->arguments[i]);
    }
    nta_buf_put_u8(&text, '\0');
    if (text.failed || parse_trusted(command, &trusted, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_USAGE, "%s", text.failed ? "out of memory" : err.text);
    int r = read_trusted(command, &sensors, &trust, &err);

    if (r == 0)
        r = nta_trust_add(&trust, &trusted, &err);
    if (r == 0 && sensors.len && sensors.ptr[sensors.len - 1] != '\n')
        nta_buf_puts(&sensors, "\n");
    if (r == 0)
        r = nta_trust_line(&trusted, (const char *)text.ptr, &sensors, &err);
    if (r == 0)
        r = nta_keys_put_sensors(command->dir, nta_buf_span(&sensors), &err);
    if (r < 0)
        return nta_cmd_fail(r == -EEXIST ? NTA_EXIT_INPUT : NTA_EXIT_FAILURE, "%s", err.text);
    nta_prose_print(stdout, "%s is trusted now, too: %s/sensors.pub\n", command->name,
                    command->dir);
    return NTA_EXIT_OK;
}
