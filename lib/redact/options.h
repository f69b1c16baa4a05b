/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What is known of a stream before it is redacted. */

#include "base/url.h"
#include "proto/app.h"

#include <stdbool.h>
#include <stdint.h>

/** How a server that speaks first greets. */
enum nta_redact_talk
{
    NTA_REDACT_NO_TALK,
    NTA_REDACT_CODES, ///< FTP and SMTP.
    NTA_REDACT_POP3,
    NTA_REDACT_IMAP,
};

/** What has no place for credentials in its form. */
enum nta_redact_plain
{
    NTA_REDACT_NOT_PLAIN,
    NTA_REDACT_PLAIN_DNS,
    NTA_REDACT_PLAIN_QUIC,      ///< That begins a connection.
    NTA_REDACT_PLAIN_DTLS,      ///< Likewise.
    NTA_REDACT_PLAIN_TORRENT,   ///< Of BitTorrent.
    NTA_REDACT_PLAIN_WIREGUARD, ///< A hello of fixed length: keys and codes.
    NTA_REDACT_PLAIN_ZEROTIER,
};

/**
 * Of which form the messages of that protocol are, where nothing else comes in them: datagrams, and
 * streams with NTA_TRAIT_PLAIN_STREAM.  NOT_PLAIN: they may hold credentials.
 */
enum nta_redact_plain nta_redact_plain_of(enum nta_app app);

struct nta_redact_options
{
    enum nta_url_detail urls;
    enum nta_redact_talk talk;
    enum nta_redact_plain plain;
    bool from_client;
    bool is_content; ///< It is a file, as it is: a data connection of FTP.
    bool from_start; ///< Sequence number `first_seq` is the stream's first byte.
    uint32_t first_seq;
};
