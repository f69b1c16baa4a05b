/* SPDX-License-Identifier: Apache-2.0 */
#include "search/remember/seen.h"

#include "base/own.h"
#include "search/remember/remember.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME     "heads"
#define BEFORE_SENSOR "chain head of sensor "

struct seen
{
    struct nta_remembered *all; ///< Owned; space for NTA_SEEN_MAX.
    size_t n;
};

static void seen_done(struct seen *seen)
{
    free(seen->all);
}

/* ---- reading ---- */

static bool on_line(void *owner, const char *line)
{
    struct seen *seen = owner;

    if (!nta_remember_take_word(&line, BEFORE_SENSOR) ||
        !nta_remember_take(&line, &seen->all[seen->n]) || strcmp(line, "\n") != 0)
        return false;
    seen->n++;
    return true;
}

/** 0, or as nta_remember_read(). */
static int read_file(struct seen *seen)
{
    seen->all = calloc(NTA_SEEN_MAX, sizeof(*seen->all));
    return seen->all ? nta_remember_read(FILE_NAME, NTA_SEEN_MAX, on_line, seen) : -ENOMEM;
}

int nta_seen_expect(const struct nta_trust *trust, struct nta_chain *chain,
                    struct nta_findings *findings)
{
    NTA_AUTO(seen_done) struct seen seen = {.n = 0};
    int r = read_file(&seen);

    if (r == -ENOMEM)
        return r;
    if (r < 0 && r != -ENOENT)
        nta_remember_tell(FILE_NAME, "heads that nta has seen", r, findings);
    for (size_t i = 0; i < seen.n; i++) {
        const struct nta_remembered *head = &seen.all[i];
        const struct nta_expected expected = {head->number, head->link, head->root};

        if (nta_trust_find(trust, head->sensor) &&
            nta_chain_expect(chain, NTA_FINDING_SEEN, head->sensor, &expected) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* ---- writing ---- */

/**
 * The place of a sensor, a new one if it has none; NULL: there is no more space.  They are asked
 * for in the order in which they were written, mostly: `*next` is where the last one was found.
 */
static struct nta_remembered *place_of(struct seen *seen, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                                       size_t *next)
{
    for (size_t i = 0; i < seen->n; i++) {
        const size_t at = (*next + i) % seen->n;

        if (memcmp(seen->all[at].sensor, sensor, NTA_SENSOR_ID_LEN) != 0)
            continue;
        *next = at + 1;
        return &seen->all[at];
    }
    if (seen->n == NTA_SEEN_MAX)
        return NULL;
    memcpy(seen->all[seen->n].sensor, sensor, NTA_SENSOR_ID_LEN);
    return &seen->all[seen->n++];
}

/** Take in what is newer.  True: something is. */
static bool take_heads(struct seen *seen, const struct nta_chain *chain)
{
    struct nta_chain_sensor sensor;
    size_t next = 0;
    bool is_new = false;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++) {
        struct nta_remembered new;

        if (!nta_remember_of(&sensor, &new))
            continue;
        struct nta_remembered *head = place_of(seen, new.sensor, &next);

        if (!head || head->number >= new.number)
            continue;
        *head = new;
        is_new = true;
    }
    return is_new;
}

static void put_head(struct nta_buf *out, const struct nta_remembered *head)
{
    nta_buf_puts(out, BEFORE_SENSOR);
    nta_remember_put(out, head);
    nta_buf_puts(out, "\n");
}

static void write_file(const struct seen *seen, struct nta_newfile *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};

    for (size_t i = 0; i < seen->n; i++)
        if (seen->all[i].number)
            put_head(&text, &seen->all[i]);
    nta_remember_write(file, &text);
}

void nta_seen_put(struct nta_buf *out, const struct nta_chain *chain)
{
    struct nta_chain_sensor sensor;
    struct nta_remembered head;

    for (size_t i = 0; nta_chain_get(chain, i, &sensor); i++) {
        if (nta_remember_of(&sensor, &head))
            put_head(out, &head);
    }
}

void nta_seen_keep(const struct nta_chain *chain)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(seen_done) struct seen seen = {.n = 0};

    if (!nta_remember_begin(FILE_NAME, &file))
        return;
    const int r = read_file(&seen); /* what another one wrote before is in it */

    if ((r == 0 || r == -ENOENT) && take_heads(&seen, chain))
        write_file(&seen, &file);
}
