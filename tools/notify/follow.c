/* SPDX-License-Identifier: Apache-2.0 */
#include "notify/follow.h"

#include "base/own.h"
#include "notify/follow_file.h"
#include "notify/follow_journal.h"

#include <errno.h>
#include <string.h>

struct nta_follow /* one of them is there */
{
    struct nta_follow_journal *journal;
    struct nta_follow_file *file;
};

int nta_follow_open(const char *source, const char *unit, const char *place,
                    struct nta_follow **ret_follow, struct nta_err *err)
{
    NTA_AUTO(nta_follow_free) struct nta_follow *follow = calloc(1, sizeof(*follow));
    int r;

    if (!follow)
        return nta_err_sys(err, -ENOMEM, "the log");
    if (strcmp(source, "journal") == 0)
        r = nta_follow_journal_open(unit, place, &follow->journal, err);
    else
        r = nta_follow_file_open(source, place, &follow->file, err);
    if (r == 0)
        *ret_follow = NTA_TAKE(follow);
    return r;
}

void nta_follow_free(struct nta_follow **follow)
{
    if (*follow) {
        nta_follow_journal_free(&(*follow)->journal);
        nta_follow_file_free(&(*follow)->file);
    }
    free(*follow);
    *follow = NULL;
}

int nta_follow_next(struct nta_follow *follow, struct nta_notify_event *ret_event)
{
    return follow->journal ? nta_follow_journal_next(follow->journal, ret_event)
                           : nta_follow_file_next(follow->file, ret_event);
}

void nta_follow_place(struct nta_follow *follow, char ret_place[NTA_NOTIFY_PLACE_SIZE])
{
    if (follow->journal)
        nta_follow_journal_place(follow->journal, ret_place);
    else
        nta_follow_file_place(follow->file, ret_place);
}

void nta_follow_wait(struct nta_follow *follow)
{
    if (follow->journal)
        nta_follow_journal_wait(follow->journal);
    else
        nta_follow_file_wait(follow->file);
}
