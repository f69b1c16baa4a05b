/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What records that tell of the same thing mean together: which of them counts the bytes, and which
 * is a lookup.
 *
 * A flow's record has all bytes of the connection.  Requests over it (HTTP, FTP, SMB, …) have
 * records beside it with the content that each moved, which are some of the flow's bytes, or of
 * another flow that was announced for them.  So of each byte one record is the one that counts it,
 * and which one depends on what a sum is asked for.
 *
 * Whoever adds up or says "asked for" or "visited" asks here.
 */

#include "record/record.h"

#include <stdbool.h>
#include <stdint.h>

/** What a sum is asked for. */
enum nta_counting
{
    /**
     * Bytes on the wire, by what a connection and its requests have in common (user, place, hour,
     * app): flows count them.
     */
    NTA_COUNTING_TRAFFIC,
    /**
     * By site: where each request may be for another one (NTA_TRAIT_PER_REQUEST: HTTP, behind a
     * proxy) it counts what it moved and the flow nothing; else flows count.
     */
    NTA_COUNTING_SITES,
    /** Files: requests count what they moved, and a flow only what no request tells. */
    NTA_COUNTING_FILES,
};

/** What one record adds. */
struct nta_counted
{
    unsigned n; ///< 1, or 0: others tell of it.
    uint64_t up, down;
};

/**
 * The same for records of all kinds; only flows and requests have bytes.  Tunnels' outer flows are
 * the caller's.
 */
struct nta_counted nta_record_counted(const struct nta_record *record, enum nta_counting counting);

/**
 * A name was asked for, so that the peer is whoever was asked; else somebody was at the peer,
 * whatever was said there.
 */
bool nta_record_is_lookup(const struct nta_record *record);
