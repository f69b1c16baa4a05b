/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Sentences for people, in lines that the terminal has room for.
 *
 * Lines are broken at blanks alone, so that ids, hashes and paths stay whole, however long they
 * are.  What goes on under a line stands where its text began: behind its label ("store      last
 * batch 7"), or two blanks in.  What goes to a file or a pipe is not broken: programs read it by
 * the line.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Columns of the terminal behind `stream`; 0: it is none. */
unsigned nta_prose_columns(FILE *stream);

/** Columns of the character at `ptr`, in shown form, and its bytes into `ret_n`. */
size_t nta_width_of_one(const unsigned char *ptr, size_t len, size_t *ret_n);

/** Columns that text in shown form takes: wide characters two, combining ones none. */
size_t nta_width_of(struct nta_span shown);

/** Append text in shown form, its lines broken at `columns`; 0: as it is. */
void nta_prose_put(struct nta_buf *out, struct nta_span text, unsigned columns);

/** Write text in shown form to a stream, broken for its terminal.  False: it took not all of it. */
bool nta_prose_write(FILE *stream, struct nta_span text);

/** The same of a format. */
void nta_prose_print(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
