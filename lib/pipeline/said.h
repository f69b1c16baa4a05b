/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Records that the program makes of itself, from any thread, on their way to the recorder: few and small.
 */

#include "record/batch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct nta_said
{
    pthread_mutex_t lock; ///< Guards the next two.
    struct nta_batch batch;
    uint64_t n_unsaid; ///< For want of space or memory.
    _Atomic bool any;
};

void nta_said_init(struct nta_said *said);
void nta_said_done(struct nta_said *said);

/** Any thread. */
void nta_said_add(struct nta_said *said, const struct nta_record *record);

/** The recorder: all that was said into `batch`, which is empty.  False: nothing was. */
bool nta_said_take(struct nta_said *said, struct nta_batch *batch, uint64_t *ret_n_unsaid);
