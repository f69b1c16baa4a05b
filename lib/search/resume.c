/* SPDX-License-Identifier: Apache-2.0 */
#include "search/resume.h"

#include "base/own.h"
#include "base/runtime/clock.h"
#include "chain/recall.h"
#include "search/remember/remember.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "verified"

enum
{
    STORE_DIGITS = 16
};

/** A line. */
struct verified
{
    struct nta_remembered head;
    enum nta_resume_depth depth;
    uint64_t store;
    uint64_t at_s, since_s;
    uint64_t made_to; ///< Indexes that are noted up to there were made again.
};

struct nta_resume
{
    struct verified *all; ///< Owned; space for NTA_RESUME_MAX.
    size_t n;
    struct verified *chosen; ///< Owned: what counts now, one a sensor.
    size_t n_chosen;
    struct nta_remember_mark mark; ///< Of the file, before anything was read.
};

void nta_resume_free(struct nta_resume **resume)
{
    struct nta_resume *dead = NTA_TAKE(*resume);

    if (!dead)
        return;
    free(dead->all);
    free(dead->chosen);
    free(dead);
}

struct nta_resume *nta_resume_new(void)
{
    struct nta_resume *resume = calloc(1, sizeof(*resume));

    if (resume)
        resume->all = calloc(NTA_RESUME_MAX, sizeof(*resume->all));
    if (resume && !resume->all)
        nta_resume_free(&resume);
    if (resume)
        resume->mark = nta_remember_mark(FILE_NAME);
    return resume;
}

/* ---- lines ---- */

static bool take_store(const char **pos, uint64_t *ret_store)
{
    const char *end = *pos + STORE_DIGITS;

    *ret_store = 0;
    for (; *pos < end; ++*pos) {
        const char *digit = **pos ? strchr("0123456789abcdef", **pos) : NULL;

        if (!digit)
            return false;
        *ret_store = *ret_store << 4 | (uint64_t)(digit - "0123456789abcdef");
    }
    return true;
}

static const char *const depths[] = {
    [NTA_RESUME_QUICK] = ", quick",
    [NTA_RESUME_CLOSED] = ", closed",
    [NTA_RESUME_OPENED] = ", opened",
};

static bool take_depth(const char **pos, enum nta_resume_depth *ret_depth)
{
    for (size_t i = 0; i < NTA_N_ELEMENTS(depths); i++) {
        *ret_depth = (enum nta_resume_depth)i;
        if (nta_remember_take_word(pos, depths[i]))
            return true;
    }
    return false;
}

static bool take_made(const char **pos, uint64_t *ret_made_to)
{
    *ret_made_to = 0;
    return !nta_remember_take_word(pos, ", indexes to ") ||
           nta_remember_take_number(pos, ret_made_to);
}

static bool take_line(const char *pos, struct verified *ret_line)
{
    return nta_remember_take(&pos, &ret_line->head) && take_depth(&pos, &ret_line->depth) &&
           nta_remember_take_word(&pos, ", store ") && take_store(&pos, &ret_line->store) &&
           nta_remember_take_word(&pos, ", at ") &&
           nta_remember_take_number(&pos, &ret_line->at_s) &&
           nta_remember_take_word(&pos, ", all since ") &&
           nta_remember_take_number(&pos, &ret_line->since_s) &&
           take_made(&pos, &ret_line->made_to) && strcmp(pos, "\n") == 0;
}

static bool on_line(void *owner, const char *line)
{
    struct nta_resume *resume = owner;

    if (!take_line(line, &resume->all[resume->n]))
        return false;
    resume->n++;
    return true;
}

static void put_line(struct nta_buf *out, const struct verified *line)
{
    nta_remember_put(out, &line->head);
    nta_buf_printf(out, "%s, store %016" PRIx64 ", at %" PRIu64 ", all since %" PRIu64,
                   depths[line->depth], line->store, line->at_s, line->since_s);
    if (line->made_to)
        nta_buf_printf(out, ", indexes to %" PRIu64, line->made_to);
    nta_buf_puts(out, "\n");
}

/* ---- beginning ---- */

/** What counts of a sensor: the highest number, of this store and deep enough.  NULL: nothing. */
static const struct verified *best_of(const struct nta_resume *resume, uint64_t store,
                                      enum nta_resume_depth depth,
                                      const uint8_t sensor[NTA_SENSOR_ID_LEN])
{
    const struct verified *best = NULL;

    for (size_t i = 0; i < resume->n; i++) {
        const struct verified *line = &resume->all[i];

        if (line->store == store && line->depth >= depth &&
            memcmp(line->head.sensor, sensor, NTA_SENSOR_ID_LEN) == 0 &&
            (!best || line->head.number > best->head.number))
            best = line;
    }
    return best;
}

/** What counts, which the judge shall look for.  0, or -ENOMEM. */
static int choose(struct nta_resume *resume, const struct nta_stores *stores,
                  struct nta_chain *chain, enum nta_resume_depth depth)
{
    resume->chosen = calloc(stores->trust.n + 1, sizeof(*resume->chosen));
    if (!resume->chosen)
        return -ENOMEM;
    for (size_t i = 0; i < stores->trust.n; i++) {
        const uint8_t *sensor = stores->trust.all[i].sensor;
        const struct verified *best = best_of(resume, stores->id, depth, sensor);

        if (!best)
            continue;
        const struct nta_expected expected = {best->head.number, best->head.link, best->head.root};

        if (nta_chain_recall_from(chain, sensor, &expected) < 0)
            return -ENOMEM;
        resume->chosen[resume->n_chosen++] = *best;
    }
    return 0;
}

/** Of what is passed over. */
static void tell_made(const struct nta_resume *resume, const struct nta_chain *chain,
                      struct nta_made *made)
{
    for (size_t i = 0; i < resume->n_chosen; i++) {
        const struct verified *line = &resume->chosen[i];
        const uint64_t to = nta_chain_recalled(chain, line->head.sensor);
        struct nta_made_of *of = nta_made_find(made, line->head.sensor);

        if (of)
            of->before = line->made_to < to ? line->made_to : to;
    }
}

int nta_resume_begin(struct nta_stores *stores, struct nta_chain *chain,
                     enum nta_resume_depth depth, struct nta_made *made, struct nta_resume *resume,
                     struct nta_err *err)
{
    int r = nta_remember_read(FILE_NAME, NTA_RESUME_MAX, on_line, resume);

    if (r < 0 && r != -ENOENT) { /* then nothing of it is believed */
        nta_remember_tell(FILE_NAME, "what nta has verified", r, stores->findings);
        resume->n = 0;
    }
    r = choose(resume, stores, chain, depth);
    if (r == 0 && resume->n_chosen > 0)
        r = nta_stores_recall_chosen(stores, chain, NULL, err);
    if (r < 0)
        return nta_err_sys(err, r, "what was verified before");
    tell_made(resume, chain, made);
    return 0;
}

bool nta_resume_passes(const struct nta_chain *chain, const struct nta_header *header)
{
    return header->number <= nta_chain_recalled(chain, header->sensor);
}

static int64_t wall_of(uint64_t time_s)
{
    return time_s < INT64_MAX / NTA_NS_PER_S ? (int64_t)time_s * NTA_NS_PER_S : INT64_MAX;
}

bool nta_resume_get(const struct nta_resume *resume, const struct nta_chain *chain,
                    const uint8_t sensor[NTA_SENSOR_ID_LEN], struct nta_resumed *ret_resumed)
{
    const uint64_t to = resume ? nta_chain_recalled(chain, sensor) : 0;

    for (size_t i = 0; to > 0 && i < resume->n_chosen; i++) {
        const struct verified *line = &resume->chosen[i];

        if (memcmp(line->head.sensor, sensor, NTA_SENSOR_ID_LEN) != 0)
            continue;
        *ret_resumed = (struct nta_resumed){
            .to = to, .wall_ns = wall_of(line->at_s), .since_ns = wall_of(line->since_s)};
        return true;
    }
    return false;
}

/* ---- writing ---- */

/** Where the line goes: that of the same sensor, store and depth, a new one, or the oldest's. */
static struct verified *place_of(struct nta_resume *resume, const struct verified *line)
{
    size_t oldest = 0;

    for (size_t i = 0; i < resume->n; i++) {
        const struct verified *other = &resume->all[i];

        if (other->store == line->store && other->depth == line->depth &&
            memcmp(other->head.sensor, line->head.sensor, NTA_SENSOR_ID_LEN) == 0)
            return &resume->all[i];
        if (other->at_s < resume->all[oldest].at_s)
            oldest = i;
    }
    return &resume->all[resume->n < NTA_RESUME_MAX ? resume->n++ : oldest];
}

/**
 * Somebody may have found meanwhile that it does not hold: the file is another one, and nobody
 * remembers as much of that sensor.
 */
static bool may_be_forgotten(const struct nta_resume *kept, const struct nta_resume *resume,
                             const struct verified *line)
{
    return memcmp(&kept->mark, &resume->mark, sizeof(kept->mark)) != 0 &&
           !best_of(kept, line->store, line->depth, line->head.sensor);
}

/** Those of this time among what another one wrote before.  False: nothing is to be written. */
static bool take_lines(struct nta_resume *kept, const struct nta_stores *stores,
                       const struct nta_chain *chain, const struct nta_resume *resume,
                       const struct nta_made *made, const struct verified *form)
{
    struct nta_chain_sensor sensor;
    struct nta_resumed resumed;
    bool is_any = false;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++) {
        struct verified line = *form;

        if (!nta_remember_of(&sensor, &line.head))
            continue;
        line.store = stores->id;
        if (line.depth > NTA_RESUME_QUICK)
            line.made_to = nta_made_to(made, line.head.sensor, line.head.number);
        if (may_be_forgotten(kept, resume, &line))
            continue;
        if (nta_resume_get(resume, chain, line.head.sensor, &resumed))
            line.since_s = (uint64_t)resumed.since_ns / NTA_NS_PER_S;
        *place_of(kept, &line) = line;
        is_any = true;
    }
    return is_any;
}

static void write_file(const struct nta_resume *kept, struct nta_newfile *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    for (size_t i = 0; i < kept->n; i++)
        put_line(&text, &kept->all[i]);
    nta_remember_write(file, &text);
}

/** What it says by now, to be written anew.  NULL: nothing can be remembered. */
static struct nta_resume *begin_anew(struct nta_newfile *file)
{
    struct nta_resume *kept = nta_remember_begin(FILE_NAME, file) ? nta_resume_new() : NULL;

    if (kept && nta_remember_read(FILE_NAME, NTA_RESUME_MAX, on_line, kept) < 0)
        kept->n = 0; /* there is none, or it is none of ours */
    return kept;
}

void nta_resume_keep(const struct nta_stores *stores, const struct nta_chain *chain,
                     const struct nta_resume *resume, enum nta_resume_depth depth,
                     const struct nta_made *made, int64_t wall_ns)
{
    const uint64_t wall_s = wall_ns > NTA_NS_PER_S ? (uint64_t)(wall_ns / NTA_NS_PER_S) : 1;
    const struct verified form = {.depth = depth, .at_s = wall_s, .since_s = wall_s};
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_resume_free) struct nta_resume *kept = begin_anew(&file);

    if (kept && take_lines(kept, stores, chain, resume, made, &form))
        write_file(kept, &file);
}

void nta_resume_forget(const struct nta_stores *stores)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_resume_free) struct nta_resume *kept = begin_anew(&file);
    size_t n = 0;

    if (!kept)
        return;
    for (size_t i = 0; i < kept->n; i++)
        if (kept->all[i].store != stores->id)
            kept->all[n++] = kept->all[i];
    kept->n = n;
    write_file(kept, &file); /* also if there was nothing: who is under way sees another file */
}
