/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What DNS says: questions and answers held against the lists, and the names that an answer
 * teaches.
 *
 * An answer teaches a name only to who asked for it on these very ports, with this id, within
 * NTA_LOOKUP_ASKED_NS; only along the chain of aliases from the name that was asked for (RFC 1034
 * section 3.6.2), since that is all a resolver takes from it; and for the shortest time to live on
 * that way.  Anybody can send answers that nobody asked for.
 */

#include "session/state/parts.h"

#define NTA_LOOKUP_ASKED_NS (INT64_C(10) * 1000 * 1000 * 1000)

/** A question, which need not be answered. */
void nta_lookup_asked(const struct nta_session *session, enum nta_app app,
                      const struct nta_dns_lookup *dns);

/** A lookup that is over. */
void nta_lookup_told(const struct nta_session *session, enum nta_app app,
                     const struct nta_dns_lookup *dns);

/** A lookup that an ICMP error told of: recorded, but it teaches no name, and a match is weak. */
void nta_lookup_hearsay(const struct nta_session *session, enum nta_app app,
                        const struct nta_dns_lookup *dns);

/** A question as every worker hears it, read alone: its answer may teach something. */
void nta_lookup_heard_question(const struct nta_session *session, const struct nta_dns_lookup *dns);

/**
 * An answer, likewise: if it was asked for, what it teaches is kept where all know it
 * (pdns/heard.h).  Nothing is recorded.
 */
void nta_lookup_heard(const struct nta_session *session, enum nta_app app,
                      const struct nta_dns_lookup *dns);
