/* SPDX-License-Identifier: Apache-2.0 */
/* The weekly report, on its way to who wants it. */
#include "base/file/plainfile.h"
#include "base/hash.h"
#include "base/own.h"
#include "base/runtime/clock.h"
#include "notify/message.h"
#include "notify/runner.h"
#include "notify/send.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

enum
{
    PAGE_MAX = 32 << 20, ///< Mail servers take less, most often.
    TRIES = 6,
    MS = 1000,
    ID_SIZE = 32,
    NAME_SIZE = 128,
    TEXT_SIZE = 5120
};

static int read_page(const char *path, struct nta_buf *out, struct nta_err *err)
{
    int r;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, PAGE_MAX, 0, &r, err);
    uint8_t piece[8192];
    size_t n;

    if (!file)
        return r;
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0 && out->len <= PAGE_MAX)
        nta_buf_put(out, piece, n);
    if (ferror(file) || out->failed || out->len > PAGE_MAX)
        return nta_err_sys(err,
                           ferror(file)  ? -EIO
                           : out->failed ? -ENOMEM
                                         : -EFBIG,
                           "%.200s", path);
    return 0;
}

/** Its own name, as a header may have it. */
static void name_page(const char *path, char name[NAME_SIZE])
{
    const char *slash = strrchr(path, '/');

    (void)snprintf(name, NAME_SIZE, "%s", slash ? slash + 1 : path);
    for (char *c = name; *c; c++) {
        if (*c <= ' ' || *c > '~' || strchr("\"\\;", *c))
            *c = '_';
    }
}

static void put_whole(struct nta_buf *out, const struct nta_notify_letter *letter,
                      const struct nta_notify_report *report)
{
    if (letter->receiver->channel == NTA_NOTIFY_MAIL)
        nta_notify_put_report(out, letter, report);
    else
        nta_notify_put_report_body(out, letter, report);
}

/** Tried a few times: the same bytes, under the same id. */
static int deliver(const struct nta_notify_parcel *parcel, struct nta_err *err)
{
    uint64_t taken = 0, wait_s;

    for (int i = 0; i < TRIES && !atomic_load(parcel->is_over); i++) {
        if (i > 0)
            (void)poll(NULL, 0, MS << (i - 1));
        if (nta_notify_send(parcel, &taken, &wait_s, err) == NTA_NOTIFY_SENT)
            return 0;
    }
    return -EIO;
}

int nta_notify_send_page(const struct nta_notify_runner *runner, const char *path,
                         struct nta_err *err)
{
    const struct nta_notify_receiver *receiver = runner->receiver;
    const bool is_attached =
        strcmp(receiver->report, "attached") == 0 && receiver->channel == NTA_NOTIFY_MAIL;
    const struct nta_hash_key key = {1, 2};
    NTA_AUTO(nta_buf_done) struct nta_buf page = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf body = {0};
    char id[ID_SIZE], name[NAME_SIZE], text[TEXT_SIZE];

    if (strcmp(receiver->report, "no") == 0)
        return 0;
    int r = read_page(path, &page, err);

    if (r < 0)
        return r;
    name_page(path, name);
    (void)snprintf(id, sizeof(id), "report-%016" PRIx64, nta_hash_bytes(&key, page.ptr, page.len));
    (void)snprintf(text, sizeof(text), "The report of the week of %s is %s%.4000s\n", runner->host,
                   is_attached ? "in the file that goes with this mail: " : "at ",
                   is_attached ? name : path);
    const struct nta_notify_letter letter = {
        .receiver = receiver, .host = runner->host, .wall_ns = nta_clock_wall_ns()};
    const struct nta_notify_report report = {.id = id,
                                             .subject = "NTA: the report of the week",
                                             .text = text,
                                             .name = name,
                                             .page = is_attached ? nta_buf_span(&page)
                                                                 : (struct nta_span){0}};

    put_whole(&body, &letter, &report);
    if (body.failed)
        return nta_err_sys(err, -ENOMEM, "report");
    return deliver(&(struct nta_notify_parcel){.receiver = receiver,
                                               .host = runner->host,
                                               .id = id,
                                               .body = nta_buf_span(&body),
                                               .is_over = runner->is_over},
                   err);
}
