/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case's packets out of the log: copied, credentials taken out (redact/redact.h), written as a
 * pcapng section (capture/pcapng_write.h).
 *
 * Bounds: one of these a worker, used again for each case.  Nothing is allocated once its buffers
 * have grown.
 */

#include "base/bytes.h"
#include "base/err.h"
#include "base/url.h"
#include "packets/packet_log.h"
#include "packets/watch.h"
#include "redact/options.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_section; ///< Opaque.

/** 0, or negative errno with `err`. */
int nta_section_new(struct nta_section **ret_section, struct nta_err *err);
/** Takes NULL too, and clears; what it made last is gone with it. */
void nta_section_free(struct nta_section **section);

/** What is known of a case's payload. */
enum nta_section_holds
{
    NTA_SECTION_ANY,  ///< It may hold credentials.
    NTA_SECTION_FILE, ///< It is a file: a data connection of FTP, or datagrams of TFTP.
    /** No credentials have a place in its form; of datagrams each is asked for its own. */
    NTA_SECTION_PLAIN,
};

struct nta_section_options
{
    struct nta_span about;    ///< What the packets prove: the section's comment begins with it.
    enum nta_url_detail urls; ///< How much of them is shown.
    enum nta_section_holds holds;
    bool user_is_client;
    enum nta_redact_plain plain; ///< PLAIN: of which form the stream is.
    /** PLAIN: of which form is this datagram?  `owner` is passed back. */
    enum nta_redact_plain (*form_of)(void *owner, bool from_client, struct nta_span datagram);
    void *owner; ///< Borrowed for the call.
};

/** What was made; borrowed until the next is. */
struct nta_section_made
{
    struct nta_span bytes;
    int64_t first_wall_ns, last_wall_ns;
};

/** Make it of a case that is being closed.  0; -ENOENT: none of its packets is left; -ENOMEM. */
int nta_section_make(struct nta_section *section, const struct nta_packet_log *log,
                     const struct nta_case *c, const struct nta_section_options *options,
                     struct nta_section_made *ret_made);
