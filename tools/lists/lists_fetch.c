/* SPDX-License-Identifier: Apache-2.0 */
/* nta lists fetch: all lists and geo databases that have a url, one after the other. */
#include "base/own.h"
#include "base/text.h"
#include "fetch/fetch.h"
#include "fetch/http.h"
#include "lists/subcommands.h"
#include "output/control.h"
#include "output/fail.h"
#include "output/term.h"
#include "transfer/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum
{
    NAME_SIZE = 256,
    SHOWN_SIZE = 512,
};

/** What came of all of them. */
struct round
{
    const struct nta_lists *lists;
    size_t n, n_changed, n_failed;
};

static bool is_wanted(const struct round *round, const struct nta_fetch *fetch)
{
    char name[NAME_SIZE];

    return nta_fetch_list(fetch)->url &&
           (!round->lists->list_name ||
            strcmp(nta_fetch_name(fetch, name, sizeof(name)), round->lists->list_name) == 0);
}

/** Why it failed, and what is there instead. */
static void tell_failure(struct round *round, const struct nta_fetch *fetch,
                         const struct nta_err *err)
{
    const struct nta_config_list *list = nta_fetch_list(fetch);
    char name[NAME_SIZE], host[NTA_HTTP_HOST_SIZE], path[SHOWN_SIZE];

    round->n_failed++;
    (void)nta_text_escape_to(path, sizeof(path), nta_span_of(list->path));
    (void)nta_cmd_fail(0, "%s: not fetched from %s: %s; %s %s",
                       nta_fetch_name(fetch, name, sizeof(name)), nta_http_host(list->url, host),
                       err->text, path,
                       access(list->path, F_OK) == 0 ? "stays as it is" : "is not there yet");
}

static void tell_success(struct round *round, const struct nta_fetch *fetch,
                         enum nta_fetched fetched, uint64_t entries)
{
    NTA_AUTO(nta_buf_done) struct nta_buf line = {0};
    char name[NAME_SIZE];

    nta_buf_printf(&line, "%s: ", nta_fetch_name(fetch, name, sizeof(name)));
    if (fetched == NTA_FETCHED_SAME) {
        nta_buf_puts(&line, "nothing new");
    } else {
        round->n_changed++;
        nta_buf_puts(&line, fetch->dry_run ? "would be replaced" : "fetched");
        if (!fetch->is_geo) {
            nta_buf_puts(&line, ", ");
            nta_text_thousands(&line, entries);
            nta_buf_puts(&line, entries == 1 ? " entry" : " entries");
        }
    }
    (void)printf("%.*s\n", (int)line.len, (const char *)line.ptr);
    (void)fflush(stdout);
}

static void fetch_one(struct round *round, bool is_geo, size_t number)
{
    const struct nta_fetch fetch = {
        .config = round->lists->config,
        .is_geo = is_geo,
        .number = number,
        .ca_path = round->lists->ca_path,
        .seconds = round->lists->seconds,
        .dry_run = round->lists->dry_run,
    };
    enum nta_fetched fetched = NTA_FETCHED_SAME;
    uint64_t entries = 0;
    struct nta_err err = {0};

    if (!is_wanted(round, &fetch))
        return;
    round->n++;
    if (nta_fetch_file(&fetch, &fetched, &entries, &err) < 0)
        tell_failure(round, &fetch, &err);
    else
        tell_success(round, &fetch, fetched, entries);
}

/** Whoever may not ask ntad has somebody else do so. */
static int make_note(const char *path)
{
    NTA_AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

    return fd < 0 ? nta_cmd_fail(NTA_EXIT_FAILURE, "%s: %s", path, strerror(errno)) : 0;
}

int nta_lists_fetch(const struct nta_lists *lists)
{
    const struct nta_config *config = lists->config;
    struct round round = {.lists = lists};
    struct nta_err err = {0};
    int status = 0;

    if (nta_transfer_init(&err) < 0)
        return nta_cmd_fail(NTA_EXIT_FAILURE, "%s", err.text);
    for (size_t i = 0; i < config->blacklist.n_files; i++)
        fetch_one(&round, false, i);
    for (size_t i = 0; i < config->geo.n_fetch; i++)
        fetch_one(&round, true, i);
    if (round.n == 0 && lists->list_name)
        return nta_cmd_fail(NTA_EXIT_USAGE, "no list or database of that name has a url");
    if (round.n == 0)
        (void)puts("nothing in the configuration has a url: nothing is fetched");
    if (round.n_changed > 0 && !lists->dry_run && lists->note_path)
        status = make_note(lists->note_path);
    else if (round.n_changed > 0 && !lists->dry_run)
        nta_control_reload(config->control.socket);
    return status ? status : round.n_failed ? NTA_EXIT_INPUT : NTA_EXIT_OK;
}
