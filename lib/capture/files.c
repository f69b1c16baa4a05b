/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files merged by the times of their packets: those of the two directions of one tap, and those
 * that one capture was cut into, in whatever order they are named.
 *
 * Each file is looked into first; it is opened for good when the others have come to its first
 * packet, so that files that follow each other are read one by one, and only what overlaps in time
 * is open together: at most OPEN_MAX.  A file that finds no space begins when another one has
 * ended, and its packets that are late by then are counted.  A pipe cannot be looked into and read
 * again: it is open from the start.
 */
#include "base/own.h"
#include "capture/reading.h"

#include <errno.h>
#include <stdlib.h>

enum
{
    OPEN_MAX = 32, ///< Files, beside pipes; each holds an input's buffer.
};

/** A file that was looked into, and waits for its time. */
struct waiting
{
    size_t number;
    int64_t first_ns; ///< Time of its first packet.
};

struct files
{
    struct nta_capture *capture;
    struct waiting *waiting; ///< Owned; by time.  As many as there are files.
    size_t n_waiting, next_waiting;
    struct nta_reading **open; ///< Owned; as many as there are files.
    size_t n_open;             ///< Of these, each with a packet.
    int64_t last_ns;           ///< Order of the packet taken last.
    int rc;                    ///< First problem, and its sentence.
    struct nta_err *err;
};

/** A file is over: `rc` and reading->err say how. */
static void note_end(struct files *files, const struct nta_reading *reading, int rc)
{
    const struct nta_capture_options *options = &files->capture->options;

    if (rc == 0)
        rc = reading->rc;
    if (rc == 0)
        return;
    if (options->complain)
        options->complain(options->owner, reading->err.text);
    if (files->rc == 0 && files->err)
        *files->err = reading->err;
    if (files->rc == 0)
        files->rc = rc;
}

static void free_reading(struct nta_reading **reading)
{
    if (*reading)
        nta_reading_close(*reading);
    free(*reading);
    *reading = NULL;
}

static void free_files(struct files *files)
{
    for (size_t i = 0; i < files->n_open; i++)
        free_reading(&files->open[i]);
    free(files->open);
    free(files->waiting);
}

/** Opened, or the one that is open from the start; NULL: it cannot be, which is noted. */
static struct nta_reading *new_reading(struct files *files, size_t i)
{
    struct nta_capture *capture = files->capture;

    if (i == 0 && capture->first_file)
        return NTA_TAKE(capture->first_file);
    NTA_AUTO(free_reading) struct nta_reading *reading = malloc(sizeof(*reading));

    if (!reading) {
        struct nta_reading none = {0};

        note_end(files, &none, nta_err_sys(&none.err, -ENOMEM, "a capture file"));
        return NULL;
    }
    int rc = nta_reading_open(reading, capture, i);

    if (rc == 0)
        return NTA_TAKE(reading);
    note_end(files, reading, rc);
    return NULL;
}

/** As far as its first packet; NULL: it has none, or cannot be read. */
static struct nta_reading *open_file(struct files *files, size_t i)
{
    NTA_AUTO(free_reading) struct nta_reading *reading = new_reading(files, i);

    if (!reading)
        return NULL;
    int rc = nta_reading_next(reading);

    if (rc > 0)
        return NTA_TAKE(reading);
    note_end(files, reading, rc);
    return NULL;
}

static void add_open(struct files *files, struct nta_reading *reading)
{
    files->open[files->n_open++] = reading;
    files->capture->n_open = files->n_open;
}

/** Look into each file; only those with packets wait. */
static void look_into_all(struct files *files)
{
    struct nta_capture *capture = files->capture;

    capture->peeks = true;
    for (size_t i = 0; i < capture->options.n_files && !nta_capture_stopped(capture); i++) {
        NTA_AUTO(free_reading) struct nta_reading *reading = open_file(files, i);

        if (!reading)
            continue;
        if (!reading->input.is_file) {
            add_open(files, NTA_TAKE(reading));
            continue;
        }
        nta_input_unread(&reading->input);
        files->waiting[files->n_waiting++] =
            (struct waiting){.number = i, .first_ns = reading->frame.wall_ns};
    }
    capture->peeks = false;
}

static int compare(const void *a, const void *b)
{
    const struct waiting *x = a, *y = b;

    if (x->first_ns != y->first_ns)
        return x->first_ns < y->first_ns ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

/** Is `a` before `b`?  Of equal times, the file that was named first is. */
static bool is_before(const struct nta_reading *a, const struct nta_reading *b)
{
    if (a->order.order_ns != b->order.order_ns)
        return a->order.order_ns < b->order.order_ns;
    return a->number < b->number;
}

/** Where the earliest packet is; there is one. */
static size_t earliest(const struct files *files)
{
    size_t first = 0;

    for (size_t i = 1; i < files->n_open; i++)
        if (is_before(files->open[i], files->open[first]))
            first = i;
    return first;
}

/** Open what has come to its time. */
static void open_due(struct files *files)
{
    while (files->next_waiting < files->n_waiting && files->n_open < OPEN_MAX) {
        const struct waiting *next = &files->waiting[files->next_waiting];
        struct nta_reading *reading;

        if (files->n_open > 0 && files->open[earliest(files)]->order.order_ns < next->first_ns)
            return;
        files->next_waiting++;
        if (files->n_open == 0) /* what is paced does not wait for the time between files */
            files->capture->paced = false;
        files->capture->n_open = files->n_open + 1;
        reading = open_file(files, next->number);
        if (reading)
            add_open(files, reading);
        files->capture->n_open = files->n_open;
    }
}

/** Up to which time the earliest file may be read before anything else must be looked at. */
static int64_t limit_of(const struct files *files, size_t first)
{
    int64_t limit = INT64_MAX;

    for (size_t i = 0; i < files->n_open; i++)
        if (i != first && files->open[i]->order.order_ns < limit)
            limit = files->open[i]->order.order_ns;
    if (files->next_waiting < files->n_waiting && files->n_open < OPEN_MAX &&
        files->waiting[files->next_waiting].first_ns < limit)
        limit = files->waiting[files->next_waiting].first_ns;
    return limit;
}

static void close_open(struct files *files, size_t i)
{
    free_reading(&files->open[i]);
    files->open[i] = files->open[--files->n_open];
    files->capture->n_open = files->n_open;
}

/** The earliest packet, and those behind it in its file that are before all others. */
static void take_run(struct files *files)
{
    const size_t first = earliest(files);
    const int64_t limit = limit_of(files, first);
    struct nta_reading *reading = files->open[first];
    int rc;

    do {
        if (reading->order.order_ns < files->last_ns)
            nta_count(&files->capture->counters, NTA_COUNTER_ORDER_LATE, 1);
        else
            files->last_ns = reading->order.order_ns;
        nta_capture_packet(files->capture, &reading->frame);
        rc = nta_reading_next(reading);
    } while (rc > 0 && reading->order.order_ns < limit);
    if (rc > 0)
        return;
    note_end(files, reading, rc);
    close_open(files, first);
}

/** A stop ends files at once, and pipes when what was read of them is taken: they say so. */
static void merge(struct files *files)
{
    files->last_ns = INT64_MIN;
    for (;;) {
        open_due(files);
        if (files->n_open == 0)
            return;
        take_run(files);
        if (nta_capture_stopped(files->capture))
            files->next_waiting = files->n_waiting;
    }
}

/** A file alone: nothing to look into, and what was read of a pipe must not be read again. */
static void read_one(struct files *files)
{
    files->capture->n_open = 1;
    struct nta_reading *reading = open_file(files, 0);

    if (!reading)
        return;
    add_open(files, reading);
    merge(files);
}

int nta_files_open(struct nta_capture *capture, struct nta_err *err)
{
    NTA_AUTO(free_reading) struct nta_reading *reading = malloc(sizeof(*reading));

    if (!reading)
        return nta_err_sys(err, -ENOMEM, "a capture file");
    int rc = nta_reading_open(reading, capture, 0);

    if (rc == 0)
        capture->first_file = NTA_TAKE(reading);
    else if (err)
        *err = reading->err;
    return rc;
}

void nta_files_close(struct nta_capture *capture)
{
    free_reading(&capture->first_file);
}

int nta_files_run(struct nta_capture *capture, struct nta_err *err)
{
    const size_t n = capture->options.n_files;
    NTA_AUTO(free_files)
    struct files files = {.capture = capture,
                          .waiting = calloc(n, sizeof(struct waiting)),
                          .open = calloc(n, sizeof(struct nta_reading *)),
                          .err = err};

    if (!files.waiting || !files.open)
        return nta_err_sys(err, -ENOMEM, "capture files");
    if (n == 1) {
        read_one(&files);
        return files.rc;
    }
    look_into_all(&files);
    qsort(files.waiting, files.n_waiting, sizeof(*files.waiting), compare);
    merge(&files);
    return files.rc;
}
