/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nta status: asks ntad over its control socket; the answer is made there, in one of three forms.
 */
#include "base/buf.h"
#include "base/own.h"
#include "base/prose.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "output/control.h"
#include "output/fail.h"
#include "search/stores.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "usage: nta status [--counters|--json|--prometheus] [--watch]\n\n"
    "Ask the running ntad how it is: interfaces and what they show, what was lost\n"
    "and where, flows, memory, lists, geo, store, shipping.  It answers at once,\n"
    "whatever it is at.\n\n"
    "  -k, --counters      each counter, too\n"
    "  -j, --json          one JSON object\n"
    "  -p, --prometheus    Prometheus text format\n"
    "  -w, --watch         again every second, until you press Ctrl+C\n"
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
    {"counters", no_argument, NULL, 'k'},     {"json", no_argument, NULL, 'j'},
    {"prometheus", no_argument, NULL, 'p'},   {"watch", no_argument, NULL, 'w'},
    {"socket", required_argument, NULL, 's'}, {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
};

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
    if (!nta_control_split(&answer, &good, &rest))
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s: not a whole answer of ntad: %s", path,
                            nta_text_escape_to(shown, sizeof(shown), nta_buf_span(&answer)));
    const bool is_written = is_prose ? nta_prose_write(stdout, rest)
                                     : fwrite(rest.ptr, 1, rest.len, stdout) == rest.len;

    if (!is_written || fflush(stdout) != 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "cannot write the answer: %s", strerror(errno));
    return good ? NTA_EXIT_OK : NTA_EXIT_INPUT;
}

/** Until somebody ends it; also while ntad does not answer. */
static int watch(const char *path, const char *word, bool is_prose)
{
    const struct timespec second = {.tv_sec = 1};

    for (;;) {
        if (isatty(STDOUT_FILENO))
            (void)fputs("\033[H\033[2J", stdout); /* to the top of an empty screen */
        (void)show(path, word, is_prose);
        if (fflush(stdout) != 0 || ferror(stdout))
            return NTA_EXIT_FAILURE;
        (void)nanosleep(&second, NULL);
    }
}

int nta_cmd_status(int argc, char **argv)
{
    const char *word = "status text\n", *config = NULL;
    char path[NTA_PATH_SIZE] = "";
    bool is_prose = true, again = false;
    int c;

    while ((c = getopt_long(argc, argv, "kjpws:c:h", options, NULL)) != -1) {
        switch (c) {
        case 'k': word = "status counters\n"; break;
        case 'j':
            word = "status json\n";
            is_prose = false;
            break;
        case 'p':
            word = "status prometheus\n";
            is_prose = false;
            break;
        case 'w': again = true; break;
        case 's': (void)snprintf(path, sizeof(path), "%s", optarg); break;
        case 'c': config = optarg; break;
        case 'h': (void)fputs(help, stdout); return NTA_EXIT_OK;
        default: return nta_cmd_usage("status");
        }
    }
    if (optind < argc)
        return nta_cmd_usage("status");
    if (!path[0] && !nta_control_find(config, path))
        return NTA_EXIT_FAILURE;
    return again ? watch(path, word, is_prose) : show(path, word, is_prose);
}
