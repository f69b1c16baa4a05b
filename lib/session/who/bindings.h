/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From what parsers say of who has an address to what the worker knows of that (who/who.h), and
 * from there into records.
 */

#include "policy/scope.h"
#include "session/state/parts.h"

/** Learn what the event says.  False: nobody keeps it. */
bool nta_bindings_learn(const struct nta_session *session, const struct nta_event *event,
                        struct nta_who_news *ret_news);

/**
 * Who the user of the record was at its time, into the record; it borrows from the worker until the
 * next record, and from the policy.
 */
void nta_bindings_join(const struct nta_session *session, struct nta_record *record);

/**
 * Had another device the user's address while the record lasted, or up to `before_ns` before it?
 * `shown`: the MAC which the user's own frames show; NULL: a router's.
 */
bool nta_bindings_has_moved(const struct nta_session *session, const struct nta_record *record,
                            const uint8_t *shown, int64_t before_ns);

/** The same of an address that is not the flow's, with its frames' MAC; NULL: not known. */
void nta_bindings_join_addr(const struct nta_session *session, const uint8_t *mac,
                            struct nta_record *record);

/**
 * The record is evidence and goes out: so do the bindings that it relies on, with its number, once
 * a day for each address; of connections that only their pair owns, each time.
 */
void nta_bindings_prove(const struct nta_session *session, const struct nta_record *record);

enum
{
    NTA_BINDINGS_MAC_SIZE = 18, ///< Of a MAC as text.
    NTA_BINDINGS_CONFLICTS = 3,
};

/** A MAC as text. */
const char *nta_bindings_mac_text(const uint8_t mac[6], char ret_text[NTA_BINDINGS_MAC_SIZE]);

/** What a fact changed, into its record, which borrows `conflicts` and `mac`. */
void nta_bindings_fill_news(const struct nta_who_news *news,
                            struct nta_record_conflict conflicts[NTA_BINDINGS_CONFLICTS],
                            char mac[NTA_BINDINGS_MAC_SIZE], struct nta_record *record);

/** A binding that was learnt beside the wire is new: a record of it. */
void nta_bindings_tell(struct nta_session_parts *parts, const struct nta_who_fact *fact,
                       const struct nta_who_news *news);

/** Is the user, or the peer by its address, one of whom nothing is recorded? */
bool nta_bindings_are_never(const struct nta_policy *policy, const struct nta_record *record);

/** Who the user of the connection was at that moment, for the lists' scopes. */
void nta_bindings_scope(const struct nta_session *session, struct nta_who *who);
