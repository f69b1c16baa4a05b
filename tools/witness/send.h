/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A request posted by HTTP or HTTPS (libcurl), and its answer: nothing else is spoken, no server
 * sends us on, no proxy, no cookies.  What is posted is public and signed, so HTTP will do where
 * nobody minds who sees it.
 */

#include "base/buf.h"
#include "base/err.h"

enum
{
    NTA_SEND_ANSWER_MAX = 64 * 1024,
    NTA_SEND_SECONDS = 30
};

/**
 * Post to URL/add-checkpoint.  0 with its HTTP status and what it answered; or negative errno with
 * a sentence.
 */
int nta_send(const char *url, struct nta_span body, long *ret_status, struct nta_buf *answer,
             struct nta_err *err);

/** The same to a time stamping authority (RFC 3161 section 3.4), at this URL as it is. */
int nta_send_stamp_query(const char *url, struct nta_span body, long *ret_status,
                         struct nta_buf *answer, struct nta_err *err);
