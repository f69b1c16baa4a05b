/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Who is known by some key at some time, and whether others are, too; for known.c alone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Who is known by a connection's number, an address or a device at a time.  Once sorted: of those
 * of this key that begin no later, whose lasts longest, until when, and until when anybody else's.
 */
struct nta_known
{
    uint64_t key;
    int64_t from_ns, to_ns; ///< Ends included.
    uint64_t user;
    int64_t others_to_ns;
    uint32_t binding;        ///< Which one says so, + 1; 0: a record of his.
    uint32_t others_binding; ///< And of those others.
};

struct nta_knowing
{
    struct nta_known *known; ///< Owned.
    size_t n;
};

/** Who is known. */
struct nta_known_said
{
    const struct nta_known *known; ///< NULL: nobody is.
    bool is_disputed;              ///< Others are, too,
    uint32_t disputing[2];         ///< by these bindings, + 1; 0: by a record.
};

/** Make them ready to be asked, once all are in. */
void nta_knowing_sort(struct nta_knowing *knowing);

/** Who is known by this key (0: nobody) at that time. */
struct nta_known_said nta_knowing_only(const struct nta_knowing *knowing, uint64_t key,
                                       int64_t at_ns);

/** Nobody is known: these bindings, + 1, or a record contradict each other. */
void nta_known_dispute(struct nta_known_said *said, uint32_t one, uint32_t other);
