/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * How well a record's site is known, in one word that lists, maps and reports share.
 *
 *   strong  seen in clear, said by the client's hello, or by the server's certificate, or it is the
 *           forbidden address itself, over a protocol without names (FTP, TFTP, SMB); the other
 *           side answered; nothing says otherwise, and none of the doubts that would explain it
 *           (forged, prefetch, nat, moved, server, decoy) was left; a match of a program, which
 *           shows itself in its bytes, wherever it goes
 *           what a browser fetches ahead of its user (`initiator`) is never strong
 *   likely  this client was given the address for that name; or a hello or certificate that
 *           something else disagrees with, that nobody answered, or that is in doubt
 *   weak    the address alone, no site at all, or a match that is marked weak
 *
 * So the basis decides, a disagreement takes one step off, and `weak` and a hidden hello set a
 * ceiling: with the name encrypted (ECH), what is left is at most what DNS told.
 */

#include "record/record.h"

enum nta_grade
{
    NTA_GRADE_WEAK,
    NTA_GRADE_LIKELY,
    NTA_GRADE_STRONG ///< Larger is better evidence.
};

enum
{
    NTA_N_GRADES = 3
};

/** The parts of a record that it is made of (nta_record_decode_some()). */
enum
{
    NTA_GRADE_PARTS =
        NTA_PART_APP | NTA_PART_EVIDENCE | NTA_PART_FLAGS | NTA_PART_MATCH | NTA_PART_MORE
};

/** It tells of a user and a site, so that there is something to grade. */
bool nta_record_has_grade(const struct nta_record *record);

/** How well it is known that the user was at the site: from basis, disagreement and weak match. */
enum nta_grade nta_record_grade(const struct nta_record *record);

/** "weak", "likely", "strong". */
const char *nta_grade_name(enum nta_grade grade);
