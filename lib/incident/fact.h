/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What an incident needs to know of one record, for this module alone: numbers that decide what
 * belongs together and what it weighs, and the encoded record for what is shown of it.
 */

#include "base/err.h"
#include "base/hash.h"
#include "incident/types.h"
#include "record/record.h"
#include "record/user/user.h"

enum
{
    NTA_FACT_SENSOR_SIZE = 40
};

/** Which record it is; without a sensor: it has no id. */
struct nta_fact_id
{
    char sensor[NTA_FACT_SENSOR_SIZE];
    uint64_t number, index;
};

struct nta_fact
{
    struct nta_fact_id id;
    int64_t time_ns, end_ns;  ///< `end_ns` >= `time_ns`.
    int64_t since_ns;         ///< Since when the address has been its user's, as far as is known.
    uint64_t user, site;      ///< Hashes of keys; the user as the record itself knows him,
    uint64_t who;             ///< and as it is known once all is there (known.c).
    uint64_t address;         ///< Hash of network and address,
    uint64_t anywhere;        ///< and of the address alone.
    uint64_t entry;           ///< Hash of list and entry.
    uint64_t about;           ///< 0: none.
    uint64_t up, down, bytes; ///< `bytes`: of its file, or both ways.
    uint64_t flow_up, flow_down;        ///< Of a flow that is nothing but requests: its bytes.
    uint64_t n, n_alerts, n_unverified; ///< Records that it stands for.
    uint32_t rank;                      ///< How well it shows what happened.
    uint32_t binding;                   ///< Which binding says who it was, + 1; 0: none has to.
    uint32_t disputing[2]; ///< Which ones contradict each other in that, + 1; 0: a record does.
    uint8_t user_rank;     ///< How much it says of its user.
    uint8_t event, known, known_now /* enum nta_user_kind */, act, seen, grade, severity;
    bool fits, is_file;
    bool is_program;  ///< A file, and one that runs.
    bool hides;       ///< Of what hides traffic: VPNs, proxies and the like.
    bool has_gaps;    ///< Of a flow: parts of it were never seen.
    bool is_covered;  ///< A download of the incident tells of the file.
    bool is_disputed; ///< Who it was is said in several ways: nobody is taken for it.
    uint8_t *cbor;    ///< Owned; NULL: not kept.
    uint32_t cbor_len;
};

/** Something somebody said about the incident of a record. */
struct nta_fact_note
{
    struct nta_fact_id about, id; ///< Which record's incident, and which record says it.
    int64_t time_ns;
    uint8_t status;
    char *text; ///< Owned; may be NULL.
    size_t text_len;
};

/** "I-SENSOR-NUMBER-INDEX", with "I-" or without.  False: no such id. */
bool nta_fact_id_parse(struct nta_span text, struct nta_fact_id *ret_id);
/** The order of recording: sensor by sensor, then by number and index. */
int nta_fact_id_order(const struct nta_fact_id *a, const struct nta_fact_id *b);

/** True if incidents are made of such records. */
bool nta_fact_is(const struct nta_record *record);

/** Numbers of a record that nta_fact_is(); its encoded form is the caller's to add. */
struct nta_fact nta_fact_of(const struct nta_record *record, const char *id, unsigned marks,
                            const struct nta_hash_key *key);

/** A record's encoded form, for a fact: 0 or -ENOMEM. */
int nta_fact_keep(struct nta_fact *fact, struct nta_span cbor);

/** Make `into` stand for both; takes what `from` owns. */
void nta_fact_join(struct nta_fact *into, struct nta_fact *from);
