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

/**
 * What a sum is asked for.  In this order: of two that apply (what is looked for, what sums are
 * grouped by) the later one is meant.
 */
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
    /**
     * Files, and what lists forbid, since an entry for a URL forbids one request and not its
     * connection: requests count what they moved, and a flow counts if none tells of it (`told`).
     */
    NTA_COUNTING_FILES,
    /** Records of one kind alone, none of which tells of what another does: each counts whole. */
    NTA_COUNTING_ALL,
};

/** How many records it stands for: 1, or as many as are summed in it (record.user_rate). */
uint64_t nta_record_n(const struct nta_record *record);

/** What one record adds. */
struct nta_counted
{
    /**
     * Things: 1, or as many as are summed in it; 0 of a flow whose requests are counted by
     * themselves: one that is nothing but requests (NTA_TRAIT_PER_REQUEST), and of files one that
     * requests tell of; and of a download, whose requests and connections are counted, unless
     * downloads alone are.
     */
    uint64_t n;
    uint64_t up, down;
};

/**
 * The same for records of all kinds; flows and requests have bytes, lookups over UDP that are
 * forbidden, and downloads where they alone are counted.  Tunnels' outer flows are the caller's.
 */
struct nta_counted nta_record_counted(const struct nta_record *record, enum nta_counting counting);

/**
 * What there was of records that no list forbids, of which a sensor records only what it is told to
 * (record.flows, record.requests).
 */
struct nta_counting_seen
{
    bool flows, requests;                 ///< Any.
    bool request_flows, request_requests; ///< Of apps that are nothing but requests.
};

/** Note a record that sums are made of. */
void nta_counting_see(struct nta_counting_seen *seen, const struct nta_record *record);

/**
 * What sums lack since the records that count it are not there; one sentence for people.  NULL:
 * nothing that is known of.
 */
const char *nta_counting_lacks(const struct nta_counting_seen *seen, enum nta_counting counting);

/**
 * A name was asked for, so that the peer is whoever was asked; else somebody was at the peer,
 * whatever was said there.
 */
bool nta_record_is_lookup(const struct nta_record *record);

/** The parts of a record that tell where its site is (nta_record_decode_some()). */
enum
{
    NTA_SITE_PLACE_PARTS = NTA_PART_PEER | NTA_PART_EVENT | NTA_PART_APP | NTA_PART_QUERY
};

/**
 * Where the site is, as far as the record knows: where its peer is; of a lookup nowhere, since that
 * would be the place of whoever was asked.  Borrows from the record.
 */
const struct nta_place *nta_record_site_place(const struct nta_record *record);

/** What was done; of records that do not say it themselves, too: format 1 knows no act. */
enum nta_act nta_record_did(const struct nta_record *record);
