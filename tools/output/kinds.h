/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Which kinds and types of files there are, for who asked for one of which there is none. */

#include "record/record.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum
{
    NTA_KINDS_TYPES = 24,
    NTA_KINDS_TYPE_SIZE = 64,
};

/** Zeros: none. */
struct nta_kinds
{
    uint64_t by_kind[NTA_FILE_KIND_END];
    size_t n; ///< Types that are kept apart; more are counted by their kind only.

    struct
    {
        char type[NTA_KINDS_TYPE_SIZE]; ///< Shown form.
        uint64_t n;
    } types[NTA_KINDS_TYPES];
};

/** Count it, if it has a kind or a type. */
void nta_kinds_add(struct nta_kinds *kinds, const struct nta_record_file *file);

/** A line of what there is: "there are: program 3, video 1 (application/zip 2, …)". */
void nta_kinds_print(const struct nta_kinds *kinds, FILE *out);
