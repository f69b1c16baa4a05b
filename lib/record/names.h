/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Shown words of numbers in records: DNS types and response codes (IANA's registry), transports,
 * match kinds; and what people call a user.
 */

#include "record/side.h"

#include <stdint.h>

enum
{
    NTA_RECORD_NAME_SIZE = 16 ///< Space for any of the words with its NUL.
};

/** "AAAA", "HTTPS"; "TYPE1234" for one without a name (RFC 3597 section 5).  Gives `buf`. */
const char *nta_record_dns_type(uint16_t type, char buf[NTA_RECORD_NAME_SIZE]);

/** "NOERROR", "NXDOMAIN"; "RCODE12" for one without a name.  Gives `buf`. */
const char *nta_record_rcode(uint8_t rcode, char buf[NTA_RECORD_NAME_SIZE]);

/** "tcp", "udp", "sctp", else the number.  Gives `buf`. */
const char *nta_record_transport(uint8_t ip_proto, char buf[NTA_RECORD_NAME_SIZE]);

/** The app's name by its number (rows of proto/app.h); "" for another number. */
const char *nta_record_app(unsigned number);

/** "domain", "address", "cidr", "url"; "" for another number. */
const char *nta_record_match_kind(uint8_t kind);

/** "low", "medium", "high", "critical"; "" for another number. */
const char *nta_record_severity(uint8_t severity);

/**
 * What people call a user: the person of users.conf, else the login, else the host name; empty: the
 * address alone is known.  Never what users are kept apart by, since a machine chooses its host
 * name itself.  Gives a span of the record.
 */
struct nta_span nta_record_called(const struct nta_record_side *side);
