/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the owner of flows tells the table of one of them, from within its calls. */

#include "flow/flow.h"

/**
 * Owner: what this flow of datagrams was there for is over.  It is kept as long as a connection
 * that was closed is, unless more comes.
 */
void nta_flows_rest(struct nta_flows *flows, struct nta_flow *flow);

/**
 * Owner: what the connection carries has told who is who; a SYN, which anybody can send, does not
 * change it any more.
 */
void nta_flow_settle(struct nta_flow *flow);
