/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The files of a case that are for people and other programs: each made of a view and nothing else,
 * neither clock nor locale.  Private to evidence/archive.h.
 *
 * Each appends its text: 0, -ENOMEM, or -EFBIG: it is more than an archive holds, however small the
 * case; none is a file that the case does not have.
 */

#include "evidence/view.h"
#include "evidence/zip.h"

#include <errno.h>

/** Whether a file may go on to grow: 0, -EFBIG or -ENOMEM. */
static inline int nta_case_may_grow(const struct nta_buf *out)
{
    return out->failed ? -ENOMEM : out->len > NTA_ZIP_MAX ? -EFBIG : 0;
}

/** The incident and all records, as JSON. */
int nta_case_put_records(const struct nta_case_view *view, struct nta_buf *out);

/** Packets, each section's comment naming its record; none where none were kept. */
int nta_case_put_packets(const struct nta_case_view *view, struct nta_buf *out);

/** What the files are and how they are checked. */
int nta_case_put_readme(const struct nta_case_view *view, struct nta_buf *out);

/** A program of few lines that checks a case, for who trusts no program of ours. */
int nta_case_put_check(const struct nta_case_view *view, struct nta_buf *out);
