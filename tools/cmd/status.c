/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta status: asks ntad over its control socket; the answer is made there, in one of three forms.
 */
#include "base/buf.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "config/config.h"
#include "output/control.h"
#include "output/fail.h"
#include "search/stores.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: nta status [--json|--prometheus]\n\n"
    "Ask the running ntad how it is: packets seen and lost by reason, lists, geo,\n"
    "store, shipping.\n\n"
    "  -j, --json          one JSON object\n"
    "  -p, --prometheus    Prometheus text format\n"
    "  -s, --socket PATH   control socket; default: what ntad.conf names\n"
    "  -c, --config FILE   another configuration than " NTA_DEFAULT_CONFIG "\n"
    "  -h, --help          this text\n\n"
    "The first line is \"state good\", or a line \"state BAD: ..., since ...\" for each\n"
    "thing that is wrong: a store that cannot be written, a disk nearly full, MySQL\n"
    "away, alerts not written, an interface down, a list or reload refused, a canary\n"
    "not found, a clock that was stepped, packets, flows or records lost within the\n"
    "last minute.  operations.md (in docs/) says what to do.\n\n"
    "Exit status: 0 the state is good, 1 it is BAD, 2 wrong usage, 3 ntad does not\n"
    "answer.\n";

static const struct option options[] = {
    {"json", no_argument, NULL, 'j'},         {"prometheus", no_argument, NULL, 'p'},
    {"socket", required_argument, NULL, 's'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

static int find_socket(const char *config_path, char buf[NTA_PATH_SIZE], struct nta_err *err)
{
    NTA_AUTO(nta_config_free) struct nta_config *config = NULL;
    const char *path = config_path ? config_path : NTA_DEFAULT_CONFIG;
    int r = !config_path && access(path, F_OK) < 0 ? nta_config_new(&config, err)
                                                   : nta_config_load(path, &config, err);

    if (r == 0)
        (void)snprintf(buf, NTA_PATH_SIZE, "%s", config->control.socket);
    return r;
}

/**
 * Is the answer's first line "good N" or "bad N", with N bytes behind it?  Gives those, and which.
 */
static bool take_apart(const struct nta_buf *answer, struct nta_span *ret_rest, bool *ret_good)
{
    const uint8_t *end = answer->len ? memchr(answer->ptr, '\n', answer->len) : NULL;
    char line[32], word[8] = "";
    size_t len = 0;

    if (!end || (size_t)(end - answer->ptr) >= sizeof(line))
        return false;
    memcpy(line, answer->ptr, (size_t)(end - answer->ptr));
    line[end - answer->ptr] = '\0';
    if (sscanf(line, "%7s %zu", word, &len) != 2 || // NOLINT(cert-err34-c): compared with what came
        len != answer->len - (size_t)(end + 1 - answer->ptr))
        return false;
    *ret_good = strcmp(word, "good") == 0;
    *ret_rest = (struct nta_span){end + 1, len};
    return *ret_good || strcmp(word, "bad") == 0;
}

/** The answer as it is; state and status are of one moment. */
static int show(const char *path, const char *word, bool is_prose)
{
    NTA_AUTO(nta_buf_done) struct nta_buf answer = {0};
    struct nta_err err = {0};
    struct nta_span rest;
    char shown[128];
    bool good;
    int r = nta_control_ask(path, word, &answer, &err);

    if (r < 0)
        return nta_cmd_fail(r == -ENAMETOOLONG ? NTA_EXIT_USAGE : NTA_EXIT_FAILURE, "%s", err.text);
    if (!take_apart(&answer, &rest, &good))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: not a whole answer of ntad: %s", path,
                            nta_text_escape_to(shown, sizeof(shown), nta_buf_span(&answer)));
    const bool is_written = is_prose ? nta_prose_write(stdout, rest)
                                     : fwrite(rest.ptr, 1, rest.len, stdout) == rest.len;

    if (!is_written || fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "cannot write the answer: %s", strerror(errno));
    return good ? NTA_EXIT_OK : NTA_EXIT_INPUT;
}

int nta_cmd_status(int argc, char **argv)
{
    const char *const text = "status text\n";
    const char *word = text, *config = NULL;
    char path[NTA_PATH_SIZE] = "";
    struct nta_err err;
    int c;

    while ((c = getopt_long(argc, argv, "jps:c:h", options, NULL)) != -1) {
        switch (c) {
        case 'j': word = "status json\n"; break;
        case 'p': word = "status prometheus\n"; break;
        case 's': (void)snprintf(path, sizeof(path), "%s", optarg); break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("status");
        }
    }
    if (optind < argc)
        return nta_cmd_usage("status");
    if (!path[0] && find_socket(config, path, &err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    return show(path, word, word == text);
}
