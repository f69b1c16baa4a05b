/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Untrusted text, made safe to show, reversibly.
 *
 * Shown form: valid printable UTF-8 stays; a backslash becomes \\; every other byte (controls, DEL,
 * bytes that are not UTF-8) and every code point that could steer a terminal or reorder a line (C1
 * controls, bidirectional marks, line and paragraph separators, zero-width) becomes \xNN, one for
 * each of its bytes.  So the shown form always is printable UTF-8 without line breaks and can be
 * turned back byte for byte.
 */

#include "base/buf.h"
#include "base/bytes.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum
{
    NTA_TEXT_UNIT = 4 ///< The longest character, and escape of a byte.
};

/** Append the shown form. */
void nta_text_escape(struct nta_buf *out, struct nta_span text);

/**
 * The shown form into `buf`, cut at a whole character to fit `size` with its NUL; gives `buf`.  For
 * error sentences and log lines.
 */
const char *nta_text_escape_to(char *buf, size_t size, struct nta_span text);

/**
 * Into `buf` what is in shown form already, cut to fit as nta_text_cut() says and then ended with
 * "..."; should something in it not be printable, that is escaped.  `size` is 4 or more.  Gives
 * `buf`.
 */
const char *nta_text_guard_to(char *buf, size_t size, struct nta_span shown);

/**
 * The most bytes, up to `max`, of a text in shown form that end neither inside an escape nor inside
 * a character.
 */
size_t nta_text_cut(struct nta_span shown, size_t max);

/**
 * As vsnprintf(), but of a text in shown form that is too long the end is cut as nta_text_cut()
 * says and becomes "...".  `size` is 4 or more.  Gives the length of what is there.
 */
size_t nta_text_vprintf_to(char *buf, size_t size, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

/** Copy text into `buf` as it is, cut to `size` - 1 bytes, NUL-terminated. */
void nta_text_copy(char *buf, size_t size, struct nta_span text);

/** Append a JSON string whose value is a text that is in shown form already. */
void nta_text_json_shown(struct nta_buf *out, struct nta_span shown);

/** Append a JSON string with its quotes (RFC 8259) whose value is the shown form. */
void nta_text_json(struct nta_buf *out, struct nta_span text);

/**
 * Append a CSV cell (RFC 4180) whose value is the shown form; one that a spreadsheet would take for
 * a formula gets a leading apostrophe.
 */
void nta_text_csv(struct nta_buf *out, struct nta_span text);

/** Bytes of the valid UTF-8 sequence at `ptr` (1 to 4), or 0 if it is none (RFC 3629). */
size_t nta_text_utf8_len(const unsigned char *ptr, size_t len);

/** Append "12,345,678". */
void nta_text_thousands(struct nta_buf *out, uint64_t number);
