/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Publish by swap: many readers use one immutable object, one writer replaces it, and the old one
 * is freed when no reader can hold it any more.
 *
 * A reader owns a slot.  It enters (and gets the pointer), uses the object, and leaves; between
 * leave and enter it holds nothing, so an idle reader never delays anybody.  The writer swaps the
 * pointer and waits until each slot has been seen empty or entered after the swap.  Entering costs
 * two stores and a load, once a block of packets.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_EPOCH_READERS = 128
};

struct nta_epoch
{
    _Atomic(void *) current;     ///< The published object; shared, immutable.
    _Atomic uint64_t generation; ///< Counts publications, from 1.

    struct
    {
        _Alignas(64) _Atomic uint64_t entered; ///< Generation the reader is inside of; 0: outside.
    } slots[NTA_EPOCH_READERS];
};

/** Start with `first` published (may be NULL). */
void nta_epoch_init(struct nta_epoch *epoch, void *first);

/**
 * Reader `slot` starts to use the object.  Shares: valid until nta_epoch_leave() with the same
 * slot.
 */
void *nta_epoch_enter(struct nta_epoch *epoch, size_t slot);

/** Reader `slot` is done with the object that it entered for. */
void nta_epoch_leave(struct nta_epoch *epoch, size_t slot);

/**
 * Swap in `next`, wait for the readers (sleeping, milliseconds), and give the old object, which
 * nobody holds now.  One writer at a time.
 */
void *nta_epoch_publish(struct nta_epoch *epoch, void *next);
