/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One file by HTTPS (libcurl), into a descriptor.
 *
 * TLS is verified, and nothing but https is spoken, also where a server sends us on (three times at
 * most).  Which address a name leads to is looked at when the connection is opened, not when it is
 * resolved: a name that changes its mind in between gains nothing.  No proxy, no cookies, no
 * passwords.  What comes is bounded in size and in time.  Of a URL only its host is ever shown:
 * what follows may hold somebody's token.
 */

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum
{
    NTA_HTTP_FIELD_SIZE = 256, ///< Of a header field that is kept.
    NTA_HTTP_HOST_SIZE = 256,
};

struct nta_http_ask
{
    const char *url;
    const char *ca_path;         ///< Who signs; NULL: the system's authorities.
    const char *etag, *modified; ///< What we have; NULL: nothing.
    const char *shown;           ///< For progress on a terminal.
    uint64_t max_bytes, seconds;
    bool is_private; ///< The server may have a private address.
};

struct nta_http_answer
{
    bool is_unchanged; ///< Status 304: nothing was written.
    uint64_t bytes;
    char etag[NTA_HTTP_FIELD_SIZE], modified[NTA_HTTP_FIELD_SIZE]; ///< Empty: none, or too long.
};

/** 0, or negative errno with a sentence; `fd` may hold a part then. */
int nta_http_get(const struct nta_http_ask *ask, int fd, struct nta_http_answer *ret_answer,
                 struct nta_err *err);

/** The host of a URL, to be shown. */
const char *nta_http_host(const char *url, char buf[NTA_HTTP_HOST_SIZE]);
