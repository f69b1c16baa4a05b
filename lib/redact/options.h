/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is known of a stream before it is redacted. */

#include "base/url.h"

#include <stdbool.h>
#include <stdint.h>

struct nta_redact_options
{
    enum nta_url_detail urls;
    bool from_client;
    bool has_commands; ///< It is FTP, SMTP, IMAP or POP3.
    bool from_start;   ///< Sequence number `first_seq` is the stream's first byte.
    uint32_t first_seq;
};
