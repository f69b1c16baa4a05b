/* SPDX-License-Identifier: Apache-2.0 */
#include "base/own.h"
#include "base/prose.h"
#include "options/options.h"
#include "output/fail.h"
#include "output/term.h"
#include "witness/server.h"
#include "witness/subcommands.h"
#include "witness/witness.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

enum
{
    OPT_DIR = 256,
    DEFAULT_PORT = 8473
};

static const struct option known_options[] = {
    {"dir", required_argument, NULL, OPT_DIR}, {"name", required_argument, NULL, 'n'},
    {"listen", required_argument, NULL, 'l'},  {"port", required_argument, NULL, 'p'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

struct serving
{
    struct nta_witness_options options;
    struct nta_addr addr;
    uint64_t port;
};

/** 0; 1: --help was given; -EINVAL with the sentence. */
static int take_option(struct serving *serving, int option, struct nta_err *err)
{
    switch (option) {
    case OPT_DIR: serving->options.dir = optarg; return 0;
    case 'n': serving->options.name = optarg; return 0;
    case 'l':
        if (nta_addr_parse(optarg, strlen(optarg), &serving->addr) < 0)
            return nta_err_set(err, -EINVAL, "--listen: %.60s: not an address", optarg);
        return 0;
    case 'p': return nta_options_number("--port", optarg, 0, UINT16_MAX, &serving->port, err);
    case 'h': return 1;
    default: return -EINVAL;
    }
}

static int serve(const struct serving *serving)
{
    NTA_AUTO(nta_witness_close) struct nta_witness *witness = NULL;
    NTA_AUTO(nta_witness_server_stop) struct nta_witness_server *server = NULL;
    NTA_AUTO(nta_buf_done) struct nta_buf key = {0};
    const volatile sig_atomic_t *stop = nta_catch_stop();
    char shown[NTA_ADDR_TEXT_SIZE];
    struct nta_err err = {0};
    int r = nta_witness_open(&serving->options, &witness, &err);

    if (r == 0)
        r = nta_witness_server_start(witness, &serving->addr, (uint16_t)serving->port, &server,
                                     &err);
    if (r < 0)
        return nta_cmd_fail(r == -EINVAL ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE, "%s", err.text);
    nta_note_put_key(&key, nta_witness_key(witness));
    (void)printf("witness %.*s\nlistens on %s, port %u\n", (int)key.len,
                 key.ptr ? (const char *)key.ptr : "", nta_addr_text(&serving->addr, shown),
                 nta_witness_server_port(server));
    (void)fflush(stdout);
    while (!*stop)
        (void)usleep(100000);
    return NTA_EXIT_OK;
}

int nta_witness_serve(int argc, char **argv)
{
    struct serving serving = {.addr = nta_addr_v4((const uint8_t[]){127, 0, 0, 1}),
                              .port = DEFAULT_PORT};
    struct nta_err err = {0};
    int c, r = 0;

    while (r == 0 && (c = getopt_long(argc, argv, "n:l:p:h", known_options, NULL)) != -1)
        r = take_option(&serving, c, &err);
    if (r > 0)
        return -1;
    serving.options.logs = (const char *const *)argv + optind;
    serving.options.n_logs = (size_t)(argc - optind);
    if (r == 0 && (!serving.options.dir || !serving.options.name || optind == argc))
        r = nta_err_set(&err, -EINVAL, "say --dir, --name, and whose logs it is to witness");
    if (r < 0 && err.text[0])
        (void)nta_cmd_fail(NTA_EXIT_USAGE, "%s", err.text);
    return r < 0 ? nta_cmd_usage("witness") : serve(&serving);
}
