/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/say/say.h"

#include "base/own.h"
#include "base/text.h"
#include "incident/say/words.h"
#include "incident/set.h"
#include "incident/site.h"
#include "record/grade.h"
#include "record/names.h"

#include <assert.h>
#include <stdlib.h>

#define MINUTE_NS (INT64_C(60) * 1000000000)

/** What is told together, in this order. */
enum told
{
    DOWNLOADED,
    UPLOADED,
    VISITED,
    HIDDEN, ///< A VPN, a proxy and the like, whatever was done over it.
    ASKED,
    HINT, ///< Known weakly, whatever was done.
    N_TOLD
};

enum
{
    CRITICAL = 4 ///< The highest severity.
};

/** Incidents that are told together. */
struct group
{
    uint64_t n, n_files, n_programs;
    int64_t lasted_ns;
    uint64_t *users, *sites;                  ///< Owned; of each incident.
    size_t n_users, n_sites;                  ///< How many different ones.
    const struct nta_incident *first, *other; ///< `other`: the first of another user.
};

struct saying
{
    struct nta_buf *out;
    const struct nta_incidents *set;
    enum nta_language language;
    const char *period; ///< Stands in the first sentence.
    bool any, has_when; ///< A sentence was said; one that says when.
    struct nta_record_buf *buf;
    struct group groups[N_TOLD];
    uint64_t n_critical, n_certain; ///< Without hints.
    uint64_t n_false;               ///< Somebody said so: in none of the groups.
};

static enum told told_of(const struct nta_incidents *set, const struct nta_incident *incident)
{
    if (set->facts[incident->first].hides && incident->grade != NTA_GRADE_WEAK)
        return HIDDEN;
    if (incident->act == NTA_ACT_ASKED)
        return ASKED;
    if (incident->grade == NTA_GRADE_WEAK)
        return HINT;
    if (incident->act == NTA_ACT_DOWNLOADED)
        return DOWNLOADED;
    return incident->act == NTA_ACT_UPLOADED ? UPLOADED : VISITED;
}

/* ---- gathering ---- */

static void add(struct saying *saying, const struct nta_incident *incident)
{
    struct group *group = &saying->groups[told_of(saying->set, incident)];
    const struct nta_fact *facts = saying->set->facts + incident->first;

    for (size_t i = 0; i < incident->n_facts; i++) {
        if (!facts[i].is_file || facts[i].is_covered || facts[i].act != incident->act)
            continue;
        group->n_files += facts[i].n;
        group->n_programs += facts[i].is_program ? facts[i].n : 0;
    }
    group->lasted_ns += incident->end_ns - incident->begin_ns;
    if (!group->first)
        group->first = incident;
    else if (!group->other && incident->user != group->first->user)
        group->other = incident;
    group->users[group->n] = incident->user;
    group->sites[group->n++] = facts[0].site;
}

static int order_u64(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return a < b ? -1 : a > b;
}

static size_t count_different(uint64_t *values, size_t n)
{
    size_t n_different = 0;

    if (n)
        qsort(values, n, sizeof(*values), order_u64);
    for (size_t i = 0; i < n; i++)
        n_different += i == 0 || values[i] != values[i - 1];
    return n_different;
}

static bool gather(struct saying *saying)
{
    const size_t n = nta_incidents_count(saying->set);

    for (size_t g = 0; g < N_TOLD; g++) {
        struct group *group = &saying->groups[g];

        group->users = calloc(n + 1, sizeof(*group->users));
        group->sites = calloc(n + 1, sizeof(*group->sites));
        if (!group->users || !group->sites)
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        const struct nta_incident *incident = nta_incidents_get(saying->set, i);

        if (!incident->fits)
            continue;
        if (incident->status == NTA_STATUS_FALSE) {
            saying->n_false++;
            continue;
        }
        add(saying, incident);
        if (told_of(saying->set, incident) == HINT)
            continue;
        saying->n_certain++;
        saying->n_critical += incident->severity == CRITICAL;
    }
    for (size_t g = 0; g < N_TOLD; g++) {
        struct group *group = &saying->groups[g];

        group->n_users = count_different(group->users, group->n);
        group->n_sites = count_different(group->sites, group->n);
    }
    return true;
}

/* ---- words ---- */

static void put_user(const struct saying *saying, const struct nta_incident *incident,
                     struct nta_buf *out)
{
    char id[NTA_INCIDENT_ID_SIZE], addr[NTA_ADDR_TEXT_SIZE];
    struct nta_record record;

    nta_incident_sample(saying->set, incident, saying->buf, &record, id);
    const struct nta_span called = nta_record_called(&record.user);

    nta_text_escape(out, called);
    if (called.len == 0)
        nta_buf_puts(out, nta_addr_text(&record.user.addr, addr));
    else if (record.user.person.len == 0) /* a machine calls itself what it likes */
        nta_buf_printf(out, " (%s)", nta_addr_text(&record.user.addr, addr));
}

/** Append a piece of a sentence that counts something. */
static void put_count(const struct saying *saying, enum nta_say what, uint64_t n,
                      struct nta_buf *out)
{
    nta_say_put(out, saying->language, what, n, NULL, 0);
}

/** "Ann", "Ann and Bob", "3 users". */
static void put_users(const struct saying *saying, const struct group *group, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf first = {0}, other = {0};

    if (group->n_users > 2) {
        put_count(saying, NTA_SAY_USERS, group->n_users, out);
        return;
    }
    put_user(saying, group->first, &first);
    if (group->n_users == 2)
        put_user(saying, group->other, &other);
    const struct nta_say_gap gaps[] = {{"a", nta_buf_span(&first)}, {"b", nta_buf_span(&other)}};

    if (group->n_users == 2)
        nta_say_put(out, saying->language, NTA_SAY_AND, 2, gaps, NTA_N_ELEMENTS(gaps));
    else
        nta_buf_put(out, first.ptr, first.len);
    out->failed |= first.failed || other.failed;
}

/** "bad.example", "2 forbidden sites". */
static void put_sites(const struct saying *saying, const struct group *group, struct nta_buf *out)
{
    char id[NTA_INCIDENT_ID_SIZE];
    struct nta_record record;

    if (group->n_sites > 1) {
        put_count(saying, NTA_SAY_SITES, group->n_sites, out);
        return;
    }
    nta_incident_sample(saying->set, group->first, saying->buf, &record, id);
    nta_text_escape(out, nta_incident_site(&record));
}

/** "2 programs", "4 files, 1 of them a program,". */
static void put_files(const struct saying *saying, const struct group *group, struct nta_buf *out)
{
    NTA_AUTO(nta_buf_done) struct nta_buf files = {0};
    const bool all = group->n_programs && group->n_programs == group->n_files;

    put_count(saying, all ? NTA_SAY_PROGRAMS : NTA_SAY_FILES, group->n_files, &files);
    const struct nta_say_gap gap = {"files", nta_buf_span(&files)};

    if (group->n_programs && !all)
        nta_say_put(out, saying->language, NTA_SAY_FILES_WITH, group->n_programs, &gap, 1);
    else
        nta_buf_put(out, files.ptr, files.len);
    out->failed |= files.failed;
}

/** "40 minutes". */
static void put_time(const struct saying *saying, const struct group *group, struct nta_buf *out)
{
    const uint64_t minutes = (uint64_t)((group->lasted_ns + MINUTE_NS - 1) / MINUTE_NS);
    const bool is_long = minutes >= 120;

    put_count(saying, is_long ? NTA_SAY_HOURS : NTA_SAY_MINUTES,
              is_long ? (minutes + 30) / 60 : minutes, out);
}

/* ---- sentences ---- */

/** Append a sentence.  The first that has {when} says when. */
static void say(struct saying *saying, enum nta_say sentence, uint64_t n,
                const struct nta_say_gap *gaps, size_t n_gaps)
{
    const struct nta_span form = nta_say_form(saying->language, sentence, n);
    struct nta_say_gap all[8] = {{"when", nta_span_of(saying->has_when ? "" : saying->period)}};

    assert(n_gaps < NTA_N_ELEMENTS(all));
    for (size_t i = 0; i < n_gaps; i++)
        all[i + 1] = gaps[i];
    nta_buf_puts(saying->out, saying->any ? " " : "");
    nta_say_put(saying->out, saying->language, sentence, n, all, n_gaps + 1);
    saying->has_when |= nta_span_find(form, "{when}") < form.len;
    saying->any = true;
}

/** What a group did, in the sentence for it. */
static void say_group(struct saying *saying, enum told told, enum nta_say sentence)
{
    NTA_AUTO(nta_buf_done) struct nta_buf who = {0}, files = {0}, sites = {0};
    const struct group *group = &saying->groups[told];

    if (group->n == 0)
        return;
    put_users(saying, group, &who);
    put_files(saying, group, &files);
    put_sites(saying, group, &sites);
    const struct nta_say_gap gaps[] = {{"who", nta_buf_span(&who)},
                                       {"files", nta_buf_span(&files)},
                                       {"sites", nta_buf_span(&sites)}};

    say(saying, sentence, group->n_users, gaps, NTA_N_ELEMENTS(gaps));
    saying->out->failed |= who.failed || files.failed || sites.failed;
}

static void say_hidden(struct saying *saying)
{
    NTA_AUTO(nta_buf_done) struct nta_buf who = {0}, time = {0}, what = {0};
    const struct group *group = &saying->groups[HIDDEN];

    if (group->n == 0)
        return;
    put_users(saying, group, &who);
    put_time(saying, group, &time);
    if (group->n_sites == 1)
        put_sites(saying, group, &what);
    else
        put_count(saying, NTA_SAY_HIDERS, group->n_sites, &what);
    const struct nta_say_gap gaps[] = {
        {"who", nta_buf_span(&who)}, {"time", nta_buf_span(&time)}, {"what", nta_buf_span(&what)}};

    say(saying, NTA_SAY_HIDDEN, group->n_users, gaps, NTA_N_ELEMENTS(gaps));
    saying->out->failed |= who.failed || time.failed || what.failed;
}

static void say_how_grave(struct saying *saying)
{
    NTA_AUTO(nta_buf_done) struct nta_buf all = {0};

    if (saying->n_critical == 0)
        return;
    nta_say_number(&all, saying->language, saying->n_certain);
    const struct nta_say_gap gap = {"all", nta_buf_span(&all)};

    say(saying, saying->n_certain == 1 ? NTA_SAY_CRITICAL_ALONE : NTA_SAY_CRITICAL,
        saying->n_critical, &gap, 1);
    saying->out->failed |= all.failed;
}

static void say_hints(struct saying *saying)
{
    const uint64_t n = saying->groups[HINT].n;

    if (n)
        say(saying, saying->n_certain ? NTA_SAY_HINTS_MORE : NTA_SAY_HINTS, n, NULL, 0);
}

void nta_incidents_say(struct nta_buf *out, const struct nta_incidents *set,
                       enum nta_language language, const char *period)
{
    struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct saying saying = {
        .out = out, .set = set, .language = language, .period = period, .buf = buf};

    if (buf && gather(&saying)) {
        say_group(&saying, DOWNLOADED, NTA_SAY_DOWNLOADED);
        say_group(&saying, UPLOADED, NTA_SAY_UPLOADED);
        say_group(&saying, VISITED, NTA_SAY_VISITED);
        say_hidden(&saying);
        say_group(&saying, ASKED, NTA_SAY_ASKED);
        say_how_grave(&saying);
        say_hints(&saying);
        if (!saying.any)
            say(&saying, NTA_SAY_NOBODY, 0, NULL, 0);
        if (saying.n_false)
            say(&saying, NTA_SAY_JUDGED, saying.n_false, NULL, 0);
    } else {
        out->failed = true;
    }
    for (size_t g = 0; g < N_TOLD; g++) {
        free(saying.groups[g].users);
        free(saying.groups[g].sites);
    }
    free(buf);
}
