/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which records a case is made of: those of one incident with their packets; the bindings that say
 * who had the address; and what the sensors say of themselves for that time: the policies in force,
 * and whether they watched.  No others, so that a case tells nothing of anybody else.
 */

#include "options/filters.h"

#include <signal.h>

/** A record's place. */
struct nta_wanted_id
{
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint64_t number, index;
};

struct nta_wanted
{
    struct nta_wanted_id *ids; ///< Owned; in order, each once.
    size_t n, size;
    char incident[NTA_FOUND_ID_SIZE]; ///< Its whole id.
    uint64_t n_joined; ///< Records of it that are known by their sum alone: they are not here.
};

/** Free what it owns. */
void nta_wanted_done(struct nta_wanted *wanted);

/**
 * Those of the incident that `id` names.  0; -ENOENT: there is none; -EINVAL: it is not an id, or
 * that of several; or what searching failed with, each with `err`.
 */
int nta_wanted_find(const struct nta_filters *filters, struct nta_search *search, const char *id,
                    const volatile sig_atomic_t *stop, struct nta_wanted *ret_wanted,
                    struct nta_err *err);

/** The first of a batch's records, or NULL: none of it is wanted.  They follow each other. */
const struct nta_wanted_id *nta_wanted_of(const struct nta_wanted *wanted,
                                          const struct nta_header *header);

/** True if `id`, which is one of `wanted`, has another one of its batch behind it. */
bool nta_wanted_goes_on(const struct nta_wanted *wanted, const struct nta_wanted_id *id);
