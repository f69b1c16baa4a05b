/* SPDX-License-Identifier: Apache-2.0 */
#include "incident/say.h"

#include "base/own.h"
#include "base/text.h"
#include "incident/set.h"
#include "incident/site.h"
#include "record/grade.h"
#include "record/names.h"

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
    const char *period; ///< Stands behind the first sentence.
    bool any;           ///< A sentence was said.
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

static void put_count(struct nta_buf *out, uint64_t n, const char *what)
{
    nta_text_thousands(out, n);
    nta_buf_printf(out, " %s%s", what, n == 1 ? "" : "s");
}

static void put_user(const struct saying *saying, const struct nta_incident *incident)
{
    char id[NTA_INCIDENT_ID_SIZE], addr[NTA_ADDR_TEXT_SIZE];
    struct nta_record record;

    nta_incident_sample(saying->set, incident, saying->buf, &record, id);
    const struct nta_span called = nta_record_called(&record.user);

    nta_text_escape(saying->out, called);
    if (called.len == 0)
        nta_buf_puts(saying->out, nta_addr_text(&record.user.addr, addr));
    else if (record.user.person.len == 0) /* a machine calls itself what it likes */
        nta_buf_printf(saying->out, " (%s)", nta_addr_text(&record.user.addr, addr));
}

/** "Ann", "Ann and Bob", "3 users". */
static void put_users(const struct saying *saying, const struct group *group)
{
    if (group->n_users > 2) {
        put_count(saying->out, group->n_users, "user");
        return;
    }
    put_user(saying, group->first);
    if (group->n_users < 2)
        return;
    nta_buf_puts(saying->out, " and ");
    put_user(saying, group->other);
}

/** "bad.example", "2 forbidden sites". */
static void put_sites(const struct saying *saying, const struct group *group)
{
    char id[NTA_INCIDENT_ID_SIZE];
    struct nta_record record;

    if (group->n_sites > 1) {
        put_count(saying->out, group->n_sites, "forbidden site");
        return;
    }
    nta_incident_sample(saying->set, group->first, saying->buf, &record, id);
    nta_text_escape(saying->out, nta_incident_site(&record));
}

/** "2 programs", "4 files, 1 of them a program"; of encrypted visits "what 3 visits brought". */
static void put_files(struct nta_buf *out, const struct group *group)
{
    if (group->n_programs && group->n_programs == group->n_files) {
        put_count(out, group->n_files, "program");
        return;
    }
    put_count(out, group->n_files, "file");
    if (group->n_programs == 1) {
        nta_buf_puts(out, ", 1 of them a program,");
    } else if (group->n_programs) {
        nta_buf_puts(out, ", ");
        nta_text_thousands(out, group->n_programs);
        nta_buf_puts(out, " of them programs,");
    }
}

/** Behind each sentence; the first says when. */
static void end(struct saying *saying)
{
    nta_buf_puts(saying->out, saying->any ? "" : saying->period);
    nta_buf_puts(saying->out, ".");
    saying->any = true;
}

static const struct group *begin(struct saying *saying, enum told told)
{
    const struct group *group = &saying->groups[told];

    if (group->n)
        nta_buf_puts(saying->out, saying->any ? " " : "");
    return group->n ? group : NULL;
}

/* ---- sentences ---- */

static void say_moved(struct saying *saying, enum told told, const char *did, const char *way)
{
    const struct group *group = begin(saying, told);

    if (!group)
        return;
    put_users(saying, group);
    nta_buf_printf(saying->out, " %s ", did);
    put_files(saying->out, group);
    nta_buf_printf(saying->out, " %s ", way);
    put_sites(saying, group);
    end(saying);
}

static void say_were_at(struct saying *saying)
{
    const struct group *group = begin(saying, VISITED);

    if (!group)
        return;
    put_users(saying, group);
    nta_buf_puts(saying->out, group->n_users == 1 ? " was at " : " were at ");
    put_sites(saying, group);
    nta_buf_puts(saying->out, " without a download");
    end(saying);
}

static void say_asked(struct saying *saying)
{
    const struct group *group = begin(saying, ASKED);

    if (!group)
        return;
    put_users(saying, group);
    nta_buf_puts(saying->out, " asked for the name of ");
    put_sites(saying, group);
    nta_buf_puts(saying->out, ", and no more was seen");
    end(saying);
}

static void say_hidden(struct saying *saying)
{
    const struct group *group = begin(saying, HIDDEN);
    const uint64_t minutes = group ? (uint64_t)((group->lasted_ns + MINUTE_NS - 1) / MINUTE_NS) : 0;

    if (!group)
        return;
    nta_buf_puts(saying->out, "What ");
    put_users(saying, group);
    nta_buf_puts(saying->out, " did was hidden for ");
    if (minutes < 120)
        put_count(saying->out, minutes, "minute");
    else
        put_count(saying->out, (minutes + 30) / 60, "hour");
    if (group->n_sites == 1) {
        nta_buf_puts(saying->out, " by ");
        put_sites(saying, group);
    } else {
        nta_buf_puts(saying->out, " by VPNs, proxies or the like");
    }
    end(saying);
}

static void say_how_grave(struct saying *saying)
{
    if (saying->n_critical == 0)
        return;
    nta_buf_puts(saying->out, " ");
    if (saying->n_certain == 1) {
        nta_buf_puts(saying->out, "The incident");
    } else {
        nta_text_thousands(saying->out, saying->n_critical);
        nta_buf_puts(saying->out, " of the ");
        put_count(saying->out, saying->n_certain, "incident");
    }
    nta_buf_puts(saying->out, saying->n_critical == 1 ? " is critical." : " are critical.");
}

static void say_hints(struct saying *saying)
{
    const struct group *group = begin(saying, HINT);

    if (!group)
        return;
    put_count(saying->out, group->n, saying->n_certain ? "more incident" : "incident");
    nta_buf_puts(saying->out, group->n == 1 ? " is a hint only: something else may explain it"
                                            : " are hints only: something else may explain them");
    end(saying);
}

static void say_false(struct saying *saying)
{
    if (saying->n_false == 0)
        return;
    nta_buf_puts(saying->out, " ");
    put_count(saying->out, saying->n_false, "incident");
    nta_buf_puts(saying->out,
                 saying->n_false == 1 ? " was judged to be none." : " were judged to be none.");
}

void nta_incidents_say(struct nta_buf *out, const struct nta_incidents *set, const char *period)
{
    struct nta_record_buf *buf = malloc(sizeof(*buf));
    struct saying saying = {.out = out, .set = set, .period = period, .buf = buf};

    if (buf && gather(&saying)) {
        say_moved(&saying, DOWNLOADED, "downloaded", "from");
        say_moved(&saying, UPLOADED, "uploaded", "to");
        say_were_at(&saying);
        say_hidden(&saying);
        say_asked(&saying);
        say_how_grave(&saying);
        say_hints(&saying);
        if (!saying.any) {
            nta_buf_puts(out, "Nobody was seen at a forbidden site");
            end(&saying);
        }
        say_false(&saying);
    } else {
        out->failed = true;
    }
    for (size_t g = 0; g < N_TOLD; g++) {
        free(saying.groups[g].users);
        free(saying.groups[g].sites);
    }
    free(buf);
}
