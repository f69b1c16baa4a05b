/* SPDX-License-Identifier: Apache-2.0 */
/* A place is "c" and the cursor of the last entry, or "s" and the microseconds from which on. */
#include "notify/follow_journal.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "base/runtime/log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-journal.h>

enum
{
    WAIT_US = 1000000
};

struct nta_follow_journal
{
    sd_journal *journal; ///< Owned.
    bool waits;          ///< It stands at an entry that was not given yet.
    char place[NTA_NOTIFY_PLACE_SIZE];
};

void nta_follow_journal_free(struct nta_follow_journal **journal)
{
    if (*journal && (*journal)->journal)
        sd_journal_close((*journal)->journal);
    free(*journal);
    *journal = NULL;
}

/** Only what ntad says, of what concerns somebody. */
static int narrow(sd_journal *journal, const char *unit)
{
    static const char *const ids[] = {
        NTA_NOTIFY_ID_ALERT, NTA_NOTIFY_ID_REPEATS, NTA_NOTIFY_ID_CAPPED, NTA_NOTIFY_ID_LOST,
        NTA_NOTIFY_ID_FOUND, NTA_NOTIFY_ID_BAD,     NTA_NOTIFY_ID_WELL,
    };
    char match[512];
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(ids) && r >= 0; i++) {
        (void)snprintf(match, sizeof(match), "MESSAGE_ID=%s", ids[i]);
        r = sd_journal_add_match(journal, match, 0);
    }
    if (r < 0 || !unit || !unit[0])
        return r;
    r = snprintf(match, sizeof(match), "_SYSTEMD_UNIT=%s", unit);
    return r < 0 || (size_t)r >= sizeof(match) ? -ENAMETOOLONG
                                               : sd_journal_add_match(journal, match, 0);
}

/** To the entry behind the one of the cursor. */
static int seek_behind(struct nta_follow_journal *journal, const char *cursor)
{
    int r = sd_journal_seek_cursor(journal->journal, cursor);

    if (r >= 0)
        r = sd_journal_next(journal->journal);
    if (r <= 0)
        return r;
    journal->waits = sd_journal_test_cursor(journal->journal, cursor) <= 0;
    if (journal->waits)
        nta_log_warning("the journal has no longer what was read last: alerts between that and "
                        "its oldest entry were not read");
    return 0;
}

static int seek(struct nta_follow_journal *journal, const char *place)
{
    if (place[0] == 'c')
        return seek_behind(journal, place + 1);
    if (place[0] == 's')
        return sd_journal_seek_realtime_usec(journal->journal, strtoull(place + 1, NULL, 10));
    if (place[0])
        nta_log_warning("where the log was read last is no place in the journal: alerts are told "
                        "from now on");
    (void)snprintf(journal->place, sizeof(journal->place), "s%" PRId64, nta_clock_wall_ns() / 1000);
    return sd_journal_seek_realtime_usec(journal->journal, strtoull(journal->place + 1, NULL, 10));
}

int nta_follow_journal_open(const char *unit, const char *place,
                            struct nta_follow_journal **ret_journal, struct nta_err *err)
{
    NTA_AUTO(nta_follow_journal_free)
    struct nta_follow_journal *journal = calloc(1, sizeof(*journal));
    int r;

    if (!journal)
        return nta_err_sys(err, -ENOMEM, "the journal");
    (void)snprintf(journal->place, sizeof(journal->place), "%s", place);
    r = sd_journal_open(&journal->journal, SD_JOURNAL_LOCAL_ONLY);
    if (r >= 0)
        r = narrow(journal->journal, unit);
    if (r >= 0)
        r = seek(journal, place);
    if (r < 0)
        return nta_err_sys(err, r, "the journal");
    *ret_journal = NTA_TAKE(journal);
    return 0;
}

static int take_entry(struct nta_follow_journal *journal, struct nta_notify_event *ret_event)
{
    char *cursor = NULL;
    const void *field;
    size_t len;
    int r;

    nta_notify_event_init(ret_event);
    SD_JOURNAL_FOREACH_DATA(journal->journal, field, len)
    nta_notify_event_field(ret_event, (struct nta_span){field, len});
    r = sd_journal_get_cursor(journal->journal, &cursor);
    if (r < 0)
        return r;
    r = strlen(cursor) + 1 < sizeof(journal->place) ? 1 : -ENAMETOOLONG;
    if (r > 0)
        (void)snprintf(journal->place, sizeof(journal->place), "c%s", cursor);
    free(cursor);
    return r;
}

int nta_follow_journal_next(struct nta_follow_journal *journal, struct nta_notify_event *ret_event)
{
    const int r = journal->waits ? 1 : sd_journal_next(journal->journal);

    journal->waits = false;
    return r <= 0 ? r : take_entry(journal, ret_event);
}

void nta_follow_journal_place(struct nta_follow_journal *journal,
                              char ret_place[NTA_NOTIFY_PLACE_SIZE])
{
    memcpy(ret_place, journal->place, NTA_NOTIFY_PLACE_SIZE);
}

void nta_follow_journal_wait(struct nta_follow_journal *journal)
{
    (void)sd_journal_wait(journal->journal, WAIT_US);
}
