/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and places: which header vouches for which. */
#include "chain/chain.h"
#include "chain/judge.h"
#include "chain/recall.h"
#include "chain/times.h"

#include <errno.h>
#include <string.h>

void nta_chain_turn(struct nta_chain *chain)
{
    if (nta_chain_settle(chain) < 0)
        chain->is_failed = true;
    nta_chain_end_strays(chain);
    chain->has_last = false;
}

/** Batches are sealed in a row. */
static void check_clock(struct nta_chain *chain, struct nta_chain_part *part,
                        const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN])
{
    if (part->sealed_number && part->sealed_number + 1 == header->number &&
        nta_times_went_back(part->sealed_ns, part->clock, header))
        nta_chain_say(chain, NTA_FINDING_CLOCK, header, hash, NULL);
    part->sealed_number = header->number;
    part->sealed_ns = header->sealed_ns;
    part->clock = header->clock;
}

/** A new one of its chain. */
static void count(struct nta_chain *chain, struct nta_chain_part *part,
                  const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN])
{
    nta_chain_meet(part, header->number, hash);
    part->version = header->version;
    part->n_batches++;
    part->n_records += header->n_records;
    if (part->n_batches == 1 || header->first_ns < part->first_ns)
        part->first_ns = header->first_ns;
    if (part->n_batches == 1 || header->last_ns > part->last_ns)
        part->last_ns = header->last_ns;
    if (header->version == 1)
        return;
    nta_chain_grow(chain, part, header, hash);
    check_clock(chain, part, header, hash);
}

/** It was proved: put it in its place. */
static enum nta_put put(struct nta_chain *chain, size_t sensor, const struct nta_header *header,
                        const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_chain_part *part = &chain->parts[sensor];
    enum nta_put done = nta_segments_put(&part->segments, header, hash);

    nta_chain_pass_stray(chain, sensor, header);
    switch (done) {
    case NTA_PUT_NEW: count(chain, part, header, hash); break;
    case NTA_PUT_OTHER:
        (void)nta_prints_put(&chain->others, nta_print_of(hash), SIZE_MAX);
        nta_chain_say(chain, NTA_FINDING_REPEAT, header, hash, NULL);
        break;
    case NTA_PUT_LOST:
        (void)nta_prints_put(&chain->others, nta_print_of(hash), SIZE_MAX);
        nta_chain_say(chain, NTA_FINDING_LINK, header, hash, "out of order, as many others are");
        break;
    case NTA_PUT_SAME:
    case NTA_PUT_FAILED: break;
    }
    return done;
}

/**
 * Whether what was put is shown: of format 2 a sensor seals one batch of a number, so another one
 * is of a part that forked, or of somebody who has its key.
 */
static bool is_shown(const struct nta_header *header, enum nta_put done)
{
    return header->version == 1 || done != NTA_PUT_OTHER;
}

/** A sensor's chain has one format; the identity that signs all of format 1 signs little else. */
static bool is_of_its_format(const struct nta_chain_part *part, const struct nta_header *header)
{
    unsigned version = part->version ? part->version : part->timeline.placed ? 2 : 0;

    return version == 0 || version == header->version;
}

/** The stretch of the key of its number; NULL: of none, or of format 1. */
static const struct nta_stretch *stretch_of(const struct nta_chain *chain, size_t sensor,
                                            const struct nta_header *header)
{
    const struct nta_timeline *timeline = &chain->parts[sensor].timeline;

    if (header->version == 1 || (timeline->revoked && header->number > timeline->revoked))
        return NULL;
    const struct nta_stretch *stretch = nta_timeline_key(timeline, header->number);

    return stretch->is_known ? stretch : NULL;
}

bool nta_chain_signer(struct nta_chain *chain, const struct nta_stored *row,
                      uint8_t ret_key[NTA_KEY_LEN])
{
    const struct nta_header *header = &row->header;
    const struct nta_trusted *trusted =
        row->faults & NTA_ROW_HEADER ? NULL : nta_trust_find(chain->trust, header->sensor);
    struct nta_chain_part *part = trusted ? &chain->parts[trusted - chain->trust->all] : NULL;

    if (!part || header->number <= part->recalled || nta_timeline_settle(&part->timeline) < 0)
        return false;
    const struct nta_stretch *stretch = stretch_of(chain, (size_t)(part - chain->parts), header);

    if (stretch)
        memcpy(ret_key, stretch->key, NTA_KEY_LEN);
    return stretch != NULL;
}

bool nta_chain_signs_both(struct nta_chain *chain, const uint8_t sensor[NTA_SENSOR_ID_LEN],
                          uint64_t a, uint64_t b)
{
    const struct nta_trusted *trusted = nta_trust_find(chain->trust, sensor);
    struct nta_timeline *timeline =
        trusted ? &chain->parts[trusted - chain->trust->all].timeline : NULL;

    if (!timeline || nta_timeline_settle(timeline) < 0 ||
        (timeline->revoked && (a > timeline->revoked || b > timeline->revoked)))
        return false;
    const struct nta_stretch *one = nta_timeline_key(timeline, a),
                             *other = nta_timeline_key(timeline, b);

    return one->is_known && one == other;
}

/** By this key: as was found out ahead, if it was the same. */
static bool is_signed_by(const struct nta_stored *row, const uint8_t key[NTA_KEY_LEN])
{
    const struct nta_stored_facts *facts = row->facts;

    return facts && facts->has_key && memcmp(facts->key, key, NTA_KEY_LEN) == 0
               ? facts->is_signed
               : nta_header_signed(&row->sealed, key);
}

static bool is_signed_by_known(const struct nta_chain *chain, size_t sensor,
                               const struct nta_stored *row)
{
    const struct nta_header *header = &row->header;
    const struct nta_stretch *stretch = stretch_of(chain, sensor, header);

    if (!is_of_its_format(&chain->parts[sensor], header))
        return false;
    return header->version == 1 ? is_signed_by(row, chain->trust->all[sensor].public_key)
                                : stretch && is_signed_by(row, stretch->key);
}

/** A key change may have waited for one that came since, and its row does not come again. */
static bool is_signed(struct nta_chain *chain, size_t sensor, const struct nta_stored *row)
{
    struct nta_timeline *timeline = &chain->parts[sensor].timeline;

    if (is_signed_by_known(chain, sensor, row))
        return true;
    if (row->header.version == 1 || !nta_timeline_may_say_more(timeline))
        return false;
    timeline->is_dirty = true;
    return nta_timeline_settle(timeline) == 0 && is_signed_by_known(chain, sensor, row);
}

/* ---- those that wait ---- */

/** As much of its row as its signature needs. */
static struct nta_stored row_of(const struct nta_waiting *waiting)
{
    return (struct nta_stored){
        .header = waiting->header,
        .sealed = {.header = {.ptr = waiting->bytes, .len = waiting->len},
                   .signature = {.ptr = waiting->signature, .len = waiting->len_signature}},
    };
}

static void notify(struct nta_chain *chain, const struct nta_waiting *waiting, bool is_signed)
{
    if (waiting->ticket && chain->settled)
        chain->settled(chain->settled_owner, waiting->ticket, is_signed);
}

void nta_chain_notify(struct nta_chain *chain, nta_chain_settled_fn *settled, void *owner)
{
    chain->settled = settled;
    chain->settled_owner = owner;
}

/** It is signed by nobody: as nta_chain_complete() would remember it, had that been known. */
static void refuse(struct nta_chain *chain, const struct nta_waiting *waiting)
{
    nta_chain_refuse(chain, chain->last_sensor, &waiting->header, waiting->hash);
    if (waiting->ticket)
        (void)nta_prints_put(&chain->spoiled, nta_print_of(waiting->hash), SIZE_MAX);
    notify(chain, waiting, false);
}

/** Those that wait are all linked: who vouches for the last vouches for each. */
static int put_waiting(struct nta_chain *chain, bool each_by_itself)
{
    int r = 0;

    for (size_t i = 0; i < chain->n_waiting; i++) {
        const struct nta_waiting *waiting = &chain->waiting[i];
        const struct nta_stored row = row_of(waiting);

        if (each_by_itself && !is_signed(chain, chain->last_sensor, &row)) {
            refuse(chain, waiting);
            continue;
        }
        enum nta_put done = put(chain, chain->last_sensor, &waiting->header, waiting->hash);

        if (done == NTA_PUT_FAILED)
            r = -ENOMEM;
        notify(chain, waiting, is_shown(&waiting->header, done));
    }
    chain->n_waiting = 0;
    return r;
}

int nta_chain_settle(struct nta_chain *chain)
{
    if (chain->n_waiting == 0)
        return 0;
    const struct nta_stored last = row_of(&chain->waiting[chain->n_waiting - 1]);

    return put_waiting(chain, !is_signed(chain, chain->last_sensor, &last));
}

static int wait_for_link(struct nta_chain *chain, const struct nta_stored *row,
                         const uint8_t hash[NTA_HASH_LEN], uint64_t ticket)
{
    struct nta_waiting *waiting = &chain->waiting[chain->n_waiting++];

    waiting->ticket = ticket;
    waiting->header = row->header;
    waiting->header.notes = (struct nta_span){0}; /* format 1 has none */
    memcpy(waiting->hash, hash, NTA_HASH_LEN);
    waiting->len = row->sealed.header.len;
    memcpy(waiting->bytes, row->sealed.header.ptr, waiting->len);
    waiting->len_signature = row->sealed.signature.len;
    if (waiting->len_signature)
        memcpy(waiting->signature, row->sealed.signature.ptr, waiting->len_signature);
    return 0;
}

/* ---- a row ---- */

/** It names the one before, and its signature may vouch for that: format 1, where one signs all. */
static bool links(const struct nta_chain *chain, const struct nta_stored *row, size_t sensor)
{
    return chain->has_last && chain->last_sensor == sensor && chain->last_version == 1 &&
           row->header.version == 1 && row->header.number == chain->last_number + 1 &&
           memcmp(row->header.previous, chain->last_hash, NTA_HASH_LEN) == 0;
}

static bool came_before(const struct nta_chain *chain, size_t sensor,
                        const uint8_t hash[NTA_HASH_LEN])
{
    return chain->has_last && chain->last_sensor == sensor &&
           memcmp(hash, chain->last_hash, NTA_HASH_LEN) == 0;
}

/**
 * The very batch that was proved before: from another store it is the same one, in the same it is
 * there twice.
 */
static void take_again(struct nta_chain *chain, const struct nta_stored *row,
                       const uint8_t hash[NTA_HASH_LEN], struct nta_verdict *verdict)
{
    if (row->faults & (NTA_ROW_COLUMNS | NTA_ROW_TYPE) || came_before(chain, verdict->sensor, hash))
        nta_chain_say(chain, NTA_FINDING_REPEAT, &row->header, hash, "it is there twice");
    verdict->is_again = true;
    verdict->shows = false;
    verdict->why = NTA_FINDING_REPEAT;
}

/**
 * Nobody looks into it, and a note vouches for it, or a tree that was proved has it, which has
 * zeros for what is lost; its key must be known, as ever.  Of two with one number one was proved:
 * the other one is looked at.
 */
static bool was_proved(const struct nta_chain *chain, size_t sensor,
                       const struct nta_header *header, const uint8_t hash[NTA_HASH_LEN],
                       enum nta_chain_want want)
{
    const struct nta_chain_part *part = &chain->parts[sensor];

    return (want == NTA_CHAIN_VOUCHED ||
            (want == NTA_CHAIN_PASS && header->number <= part->recalled)) &&
           !nta_timeline_lost_at(&part->timeline, header->number) &&
           nta_segments_find(&part->segments, header->number, hash) == NTA_PUT_NEW &&
           is_of_its_format(part, header) && stretch_of(chain, sensor, header);
}

/**
 * By its own signature, which vouches for those before it, too, unless it `is_proved`.  1: it is
 * signed, 0: it is not, or -ENOMEM.
 */
static int prove_now(struct nta_chain *chain, const struct nta_stored *row, bool is_linked,
                     bool is_proved, const uint8_t hash[NTA_HASH_LEN], struct nta_verdict *verdict)
{
    if (!is_proved && !is_signed(chain, verdict->sensor, row)) {
        if (verdict->shows)
            verdict->why = nta_chain_refusal(chain, verdict->sensor, &row->header, hash);
        nta_chain_refuse(chain, verdict->sensor, &row->header, hash);
        verdict->shows = false;
        return 0;
    }
    int r = is_linked ? put_waiting(chain, false) : 0;

    if (r < 0)
        return r;
    enum nta_put done = put(chain, verdict->sensor, &row->header, hash);

    chain->parts[verdict->sensor].n_recalled += is_proved && done == NTA_PUT_NEW;
    if (verdict->shows && !is_shown(&row->header, done)) {
        verdict->shows = false;
        verdict->why = NTA_FINDING_REPEAT;
    }
    return done == NTA_PUT_FAILED ? -ENOMEM : 1;
}

/**
 * Of format 2 none does: a sensor that starts goes on from the last header that it finds, which
 * anybody may have put there, so a link from a signed header proves nothing of the one before.
 */
static bool can_wait(const struct nta_stored *row)
{
    return row->header.version == 1 && row->sealed.header.len <= HEADER_MAX &&
           row->sealed.signature.len <= NTA_SIGNATURE_LEN;
}

/** It was there, and nothing was wrong with it. */
static bool is_again(const struct nta_chain *chain, size_t sensor, uint64_t number,
                     const uint8_t hash[NTA_HASH_LEN])
{
    uint64_t print = nta_print_of(hash);

    return (nta_segments_find(&chain->parts[sensor].segments, number, hash) == NTA_PUT_SAME ||
            nta_prints_has(&chain->others, print)) &&
           (!nta_prints_has(&chain->spoiled, print) || nta_prints_has(&chain->mended, print));
}

/** What comes next may link to this one. */
static void go_on(struct nta_chain *chain, size_t sensor, const struct nta_stored *row,
                  const uint8_t hash[NTA_HASH_LEN])
{
    chain->has_last = true;
    chain->last_sensor = sensor;
    chain->last_number = row->header.number;
    chain->last_version = row->header.version;
    memcpy(chain->last_hash, hash, NTA_HASH_LEN);
}

/** What a header says of keys and notes counts for those behind it, and may for those before. */
static int consider(struct nta_chain *chain, const struct nta_stored *row, size_t sensor,
                    const uint8_t hash[NTA_HASH_LEN])
{
    struct nta_timeline *timeline = &chain->parts[sensor].timeline;

    if (!timeline->is_dirty && !nta_timeline_concerns(row))
        return 0;
    if (nta_chain_settle(chain) < 0 || nta_timeline_settle(timeline) < 0 ||
        nta_timeline_learn(timeline, row, hash) < 0)
        return -ENOMEM;
    return nta_timeline_settle(timeline);
}

int nta_chain_prove(struct nta_chain *chain, const struct nta_stored *row, enum nta_chain_want want,
                    struct nta_verdict *verdict)
{
    uint8_t hash[NTA_HASH_LEN];
    int r = 1;

    if (nta_chain_is_failed_for(chain, verdict->is_ours ? verdict->sensor : 0))
        return -ENOMEM;
    if (!verdict->is_ours)
        return 0;
    nta_header_hash(&row->sealed, hash);
    if (consider(chain, row, verdict->sensor, hash) < 0)
        return -ENOMEM;
    bool is_linked = links(chain, row, verdict->sensor);

    if ((!is_linked || chain->n_waiting == WINDOW) && nta_chain_settle(chain) < 0)
        return -ENOMEM;
    if (is_again(chain, verdict->sensor, row->header.number, hash)) {
        take_again(chain, row, hash, verdict);
        r = nta_chain_settle(chain) < 0 ? -ENOMEM : 1;
    } else if (want == NTA_CHAIN_NOW || !can_wait(row)) {
        r = prove_now(chain, row, is_linked,
                      was_proved(chain, verdict->sensor, &row->header, hash, want), hash, verdict);
    } else {
        go_on(chain, verdict->sensor, row, hash);
        verdict->ticket = want == NTA_CHAIN_HOLD ? ++chain->n_tickets : 0;
        return wait_for_link(chain, row, hash, verdict->ticket);
    }
    if (r > 0) /* what is not signed vouches for nothing */
        go_on(chain, verdict->sensor, row, hash);
    return r < 0 ? r : 0;
}
