/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The policy: everything a reload replaces, built beside the running one, immutable, published by
 * one pointer.
 */

#include "policy/types.h"

#include <stdbool.h>

/**
 * Build.  0, or negative errno with a sentence; `complaints` gets "file:line: reason" lines.  At a
 * start (without `old`), a list that is refused is replaced by its kept copy, which `trouble` then
 * says.
 */
int nta_policy_make(const struct nta_policy_inputs *inputs, struct nta_policy **ret_policy,
                    struct nta_buf *complaints, struct nta_err *err);

/** The same without anything kept and without a canary. */
int nta_policy_new(const struct nta_config *config, const struct nta_policy *old,
                   struct nta_policy **ret_policy, struct nta_buf *complaints, struct nta_err *err);
/** Takes NULL too.  No worker may hold it any more. */
void nta_policy_free(struct nta_policy **policy);

/** True if the address is in network.home. */
bool nta_policy_is_home(const struct nta_policy *policy, const struct nta_addr *addr);

/** Who is the user of a connection, and who the peer; borrows the addresses. */
struct nta_ends
{
    const struct nta_addr *user, *peer;
    bool user_is_client;
};

/** The two ends, of which it is known who is the user. */
static inline struct nta_ends nta_ends_of(const struct nta_addr *client,
                                          const struct nta_addr *server, bool user_is_client)
{
    return (struct nta_ends){
        .user = user_is_client ? client : server,
        .peer = user_is_client ? server : client,
        .user_is_client = user_is_client,
    };
}

/** The user is the side at home; if both are or neither is, the client. */
struct nta_ends nta_policy_ends(const struct nta_policy *policy, const struct nta_addr *client,
                                const struct nta_addr *server);
