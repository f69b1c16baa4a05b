/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The alibi: for what a list forbids, the sensor itself looks for the innocent explanations, and
 * the record says which of them cannot be ruled out (enum nta_doubt).
 *
 *   forged     nobody showed to see the answers, or two machines sent in the user's name
 *   prefetch   a browser fetched it ahead of its user
 *   shared     known by an address, or a name of DNS, that other sites have, too
 *   nat        several machines are behind the user's address, or go on by it
 *   moved      another machine had the user's address minutes before
 *   server     an outsider asked a server of ours, or a proxy in front of it
 *   decoy      copies of the same bytes differ
 *   hidden     the name was encrypted
 *   unasked    the user asked no DNS for the name, though his DNS is seen
 *   limited    a bound stopped the reading
 *
 * What a user's traffic looks like is known by state/traits.h.  Of connections that a pair of
 * addresses owns (decode/owner.h) that is not looked at: it would depend on the number of workers.
 */

#include "session/state/parts.h"

/** Those that a download has of its parts, whose connections are over when it is told. */
#define NTA_DOUBTS_OF_PART (1U << NTA_DOUBT_DECOY | 1U << NTA_DOUBT_NAT | 1U << NTA_DOUBT_SERVER)

/**
 * A user's frames come from another MAC (nta_flow_ops): where both are machines' own, it is another
 * machine.  Of the peers, which mostly are far away, no MAC is.
 */
bool nta_doubt_is_other_machine(void *owner, const struct nta_flow *flow, enum nta_dir dir,
                                const struct nta_packet *packet);

/** The connection at work is seen for the first time: what its user's frames look like. */
void nta_doubt_note_user(const struct nta_session *session);

/** What a request says of the machine that makes it. */
void nta_doubt_note_request(const struct nta_session *session,
                            const struct nta_http_exchange *http);

/** A proxy's word in front of the connection: this one has it, and not who opens it. */
void nta_doubt_note_proxied(const struct nta_session *session, const struct nta_addr *whom);

/**
 * What the connection is for from now on lies behind its server: where that is the user, an
 * outsider goes on by him.
 */
void nta_doubt_note_relay(const struct nta_session *session);

/** Marks, and of a match the doubts, as of now: the last that is filled in. */
void nta_doubt_fill(const struct nta_session *session, struct nta_record *record);
