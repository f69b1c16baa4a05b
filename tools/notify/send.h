/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One message to its server, by libcurl: mail by SMTP, all else by HTTPS. */

#include "base/buf.h"
#include "base/err.h"
#include "notify/settings.h"

#include <stdatomic.h>
#include <stdint.h>

enum nta_notify_sent
{
    NTA_NOTIFY_SENT,
    NTA_NOTIFY_LATER,  ///< The server does not answer, or not well: others need not be tried now.
    NTA_NOTIFY_REFUSED ///< It does not take this one, or not for all: others may be tried.
};

struct nta_notify_parcel
{
    const struct nta_notify_receiver *receiver;
    const char *host;           ///< Ours.
    const char *id;             ///< Of the message.
    struct nta_span body;       ///< Mail or JSON.
    const atomic_bool *is_over; ///< Once true, it is given up.
};

/**
 * Send it; `err` says why not.  `ret_wait_s`: what the server asks to be left alone for, or 0.  A
 * mail goes to each address by itself, so that one that is not taken now keeps it from no other:
 * `taken` has a bit for each that has it, in the receiver's order, in and out.
 */
enum nta_notify_sent nta_notify_send(const struct nta_notify_parcel *parcel, uint64_t *taken,
                                     uint64_t *ret_wait_s, struct nta_err *err);
