/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What comes first, wherever what lists forbid is put in order (incidents, the tables of map,
 * report and console, sums): by act, severity and bytes, or first by what was asked for; never by a
 * name that somebody chose.
 */

#include "incident/types.h"

/** What is asked for. */
enum nta_order
{
    NTA_ORDER_ACT,
    NTA_ORDER_SEVERITY,
    NTA_ORDER_GRADE,
    NTA_ORDER_SEEN,
    NTA_ORDER_BYTES,
    NTA_ORDER_TIME, ///< The newest first.
    NTA_N_ORDERS,
};

/** The words of the orders, for people. */
#define NTA_ORDER_WORDS "act, severity, grade, seen, bytes or time"

/** What is weighed. */
struct nta_weight
{
    uint8_t act, severity, grade, seen; ///< The weightiest and highest.
    uint64_t bytes;
    int64_t time_ns;
};

/** An order by its word; NTA_N_ORDERS: it is none. */
enum nta_order nta_order_find(const char *word);

/** Less than 0: `a` comes before `b`; 0: neither. */
int nta_weight_order(enum nta_order by, const struct nta_weight *a, const struct nta_weight *b);

/** Weight of NTA_ACT_...: a download, an upload, a contact, a question; larger is more. */
unsigned nta_act_weight(uint8_t act);

/** The weightier of two acts. */
uint8_t nta_act_weightier(uint8_t a, uint8_t b);

/** The same of incidents; 0 only if they are the same. */
int nta_incident_order(enum nta_order by, const struct nta_incident *a,
                       const struct nta_incident *b);
