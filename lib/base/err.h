/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One sentence for a person, for calls off the packet path (configuration, lists, keys, stores).
 *
 * The call returns a negative errno and fills the sentence; whoever handles the error prints it
 * once.  The text names the file and line, or the object, that is at fault and, where one is known,
 * what to do.  Text that came from outside must have gone through nta_text_escape() before.
 */

enum
{
    NTA_ERR_SIZE = 512
};

struct nta_err
{
    char text[NTA_ERR_SIZE]; ///< NUL-terminated, no newline; empty when nothing failed.
};

/**
 * Set the sentence and return `negative_errno`, so that `return nta_err_set(err, -EINVAL, "...")`
 * reads well.  `err` may be NULL.  A text too long is cut, between characters and escapes, and ends
 * with "...".
 */
int nta_err_set(struct nta_err *err, int negative_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * As nta_err_set(), with ": " and the system's words for the errno behind it, which are there
 * however long the text is.
 */
int nta_err_sys(struct nta_err *err, int negative_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Put "text: " in front of the sentence that is there. */
int nta_err_prefix(struct nta_err *err, int negative_errno, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
