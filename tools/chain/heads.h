/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Heads of the chain that somebody noted: of the command line, or out of a file with ntad's log
 * lines ("chain head of sensor S: batch N, LINK, tree ROOT", of format 1 without a tree) or
 * checkpoints (vault/checkpoint.h).  Who noted a head of a log vouches for it; a checkpoint has its
 * sensor's signature, which is looked at where the chain proves the key.
 */

#include "chain/chain.h"

#include <stdbool.h>
#include <stddef.h>

#define NTA_HEADS_FILE "/var/lib/nta-witness/heads" /* where nta-witness.service notes them */

enum
{
    NTA_HEADS_MAX = 1000000,   ///< One an hour from a hundred sensors in a year.
    NTA_HEADS_LINE_MAX = 65536 ///< Bytes of a log's line; journald cuts its own at 48 KiB.
};

/** A batch, what all up to it make together, or both. */
struct nta_noted_head
{
    bool has_sensor, has_link, has_root;
    uint8_t sensor[NTA_SENSOR_ID_LEN];
    uint8_t link[NTA_HASH_LEN]; ///< Of batch `number`;
    uint8_t root[NTA_HASH_LEN]; ///< of the tree over the links of 1 to `number`.
    uint64_t number;
    uint8_t *note; ///< Owned: the checkpoint that it is of, as it was read; NULL: of none.
    size_t note_len;
};

struct nta_heads
{
    struct nta_noted_head *all; ///< Owned.
    size_t n, size;
    const char *empty; ///< A file that had none; borrows. NULL: each had one.
};

/** Free what they own. */
void nta_heads_done(struct nta_heads *heads);

/** Append a copy; its note is theirs then.  0, -E2BIG with the sentence, -ENOMEM. */
int nta_heads_put(struct nta_heads *heads, const struct nta_noted_head *head, struct nta_err *err);

/** "N:LINK" or "N:LINK:ROOT", also with "SENSOR:" in front.  0, or -EINVAL with the sentence. */
int nta_heads_add(struct nta_heads *heads, const char *text, struct nta_err *err);

/**
 * All that are in the lines of a file; "-" is standard input.  A file without any is `empty`, which
 * is judged with the chain: nta_heads_check_empty().  0; -EBADMSG: one that was cut or changed,
 * which would be looked for in vain; -EMSGSIZE: a line that is too long; -EILSEQ: one that is not
 * text, in which heads would be passed over; -E2BIG: too many; or what reading failed with.  The
 * sentence names the line.
 */
int nta_heads_read(struct nta_heads *heads, const char *path, struct nta_err *err);

enum nta_heads_line
{
    NTA_HEADS_NONE,
    NTA_HEADS_ONE,
    NTA_HEADS_BAD ///< It was meant as one, and was cut or changed.
};

/** One line of a log: whether a head is in it. */
enum nta_heads_line nta_heads_find(const char *line, struct nta_noted_head *ret_head);

/**
 * A list of heads that is empty is no witness: of a chain that has more than its first batch, ntad
 * has logged one.  Add what is to be said of it.
 */
void nta_heads_check_empty(const struct nta_heads *heads, const struct nta_chain *chain,
                           struct nta_findings *findings);

/**
 * Have the judge expect them, once it has learnt who signs what; a checkpoint that its sensor did
 * not sign is a finding.  -EINVAL: one is without its sensor, and there are several.
 */
int nta_heads_expect(const struct nta_heads *heads, const struct nta_trust *trust,
                     struct nta_chain *chain, struct nta_err *err);
