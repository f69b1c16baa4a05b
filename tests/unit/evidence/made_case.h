/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case of a small chain, sealed by the real sealer: batch 1 has the policy, 2 and 5 two records
 * of the incident each and one of somebody else, 4 changes the signing key, 3 and 6 are of others.
 */

#include "evidence/made_keys.h"

static inline void made_head(struct made *made, const struct nta_sealed *sealed, size_t n_wanted)
{
    struct nta_case_head *head = nta_case_add_head(made->sensor);

    head->sealed = (struct nta_sealed){.header = sealed->header, .signature = sealed->signature};
    assert_int_equal(nta_case_keep(made->kase, &head->sealed.header), 0);
    assert_int_equal(nta_case_keep(made->kase, &head->sealed.signature), 0);
    assert_true(nta_header_decode(head->sealed.header, &head->header));
    if (n_wanted && nta_opener_open(made->opener, sealed, &made->opened, &made->err) < 0)
        fail_msg("%s", made->err.text);
    for (size_t i = 0; i < n_wanted; i++) {
        struct nta_case_record *record = nta_case_add_record(head);
        struct nta_proof proof;

        assert_int_equal(nta_opener_prove(made->opener, &made->opened, i, &proof), 0);
        *record = (struct nta_case_record){
            .index = i,
            .salt = {proof.salt, sizeof(proof.salt)},
            .path = {proof.path[0], proof.n_path * NTA_HASH_LEN},
            .bytes = nta_batch_record(&made->opened, i),
        };
        assert_int_equal(nta_case_keep(made->kase, &record->salt), 0);
        assert_int_equal(nta_case_keep(made->kase, &record->path), 0);
        assert_int_equal(nta_case_keep(made->kase, &record->bytes), 0);
    }
}

static inline void made_first(struct made *made)
{
    struct nta_sealer_at at = {.number = 1};
    struct nta_wrapped_key key;
    struct nta_sealed sealed;
    struct nta_header header;
    enum nta_signing_state state;

    nta_sealer_first(made->sealer, &sealed, &header, &key);
    assert_int_equal(nta_opener_add_key(made->opener, &key, &made->err), 0);
    assert_int_equal(nta_sealer_resume(made->sealer, &(struct nta_sealer_known){.head = &sealed},
                                       &state, &made->err),
                     0);
    nta_header_hash(&sealed, at.previous);
    memcpy(made->links[0], at.previous, NTA_HASH_LEN);
    nta_log_add(&at.log, at.previous);
    nta_sealer_continue(made->sealer, &at);
    made_head(made, &sealed, 1);
}

/** Seal what is in the batch; of the case `n_wanted` of its records, or its header alone. */
static inline void made_seal(struct made *made, const struct nta_seal_options *options,
                             size_t n_wanted, bool in_case)
{
    struct nta_wrapped_key key;
    struct nta_sealed sealed;
    struct nta_header header;

    if (nta_sealer_wants_key(made->sealer, options->class, options->wall_ns)) {
        assert_int_equal(
            nta_sealer_make_key(made->sealer, options->class, options->wall_ns, &key, &made->err),
            0);
        assert_int_equal(nta_opener_add_key(made->opener, &key, &made->err), 0);
        nta_sealer_use_key(made->sealer, options->class);
    }
    if (nta_sealer_seal(made->sealer, &made->batch, options, &sealed, &header, &made->err) < 0)
        fail_msg("%s", made->err.text);
    nta_header_hash(&sealed, made->links[header.number - 1]);
    if (in_case)
        made_head(made, &sealed, n_wanted);
    assert_int_equal(nta_sealer_commit(made->sealer, &made->err), 0);
    nta_batch_clear(&made->batch);
}

static inline void made_record(struct made *made, enum nta_record_event event, uint8_t user,
                               unsigned second)
{
    struct nta_record record = {
        .event = event,
        .time_ns = MADE_NS + second * NTA_NS_PER_S,
        .user = {.addr = nta_addr_v4((const uint8_t[]){10, 0, 0, user})},
        .peer = {.addr = nta_addr_v4((const uint8_t[]){192, 0, 2, 80})},
        .site = nta_span_of("www.bad.example"),
        .act = NTA_ACT_CONTACTED,
        .about = user,
        .policy = made->stamp,
    };

    if (event != NTA_RECORD_FLOW || user == 5)
        record.match = (struct nta_record_match){
            .list = nta_span_of("malware"),
            .entry = nta_span_of("bad.example"),
            .line = 2,
            .list_sha256 = {made_list, sizeof(made_list)},
        };
    assert_int_equal(nta_batch_add(&made->batch, &record), 0);
}

static inline void made_batches(struct made *made)
{
    struct nta_seal_options options = {.clock = 1};

    for (unsigned number = 2; number <= MADE_BATCHES; number++) {
        const bool is_wanted = number == 2 || number == 5;
        const struct nta_record start = {.event = NTA_RECORD_START,
                                         .time_ns = MADE_NS - 60 * NTA_NS_PER_S};

        options.wall_ns = MADE_NS + (number + 1) * NTA_NS_PER_S;
        options.class = is_wanted     ? NTA_CLASS_EVIDENCE
                        : number == 4 ? NTA_CLASS_LOG
                                      : NTA_CLASS_TRAFFIC;
        options.changes_key = number == 4;
        if (is_wanted) {
            made_record(made, NTA_RECORD_ALERT, 5, number);
            made_record(made, NTA_RECORD_FLOW, 5, number);
            made_record(made, NTA_RECORD_ALERT, 9, number);
        } else if (number == 4) {
            assert_int_equal(nta_batch_add(&made->batch, &start), 0);
        } else {
            made_record(made, NTA_RECORD_FLOW, 9, number);
        }
        made_seal(made, &options, is_wanted ? MADE_WANTED : number == 4, number != 3);
    }
}

/** The paths in the tree that the newest header signs. */
static inline void made_paths(struct made *made)
{
    for (size_t i = 0; i + 1 < made->sensor->n_heads; i++) {
        struct nta_case_head *head = &made->sensor->heads[i];
        struct nta_log_proof proof;

        if (head->n_records == 0)
            continue;
        assert_true(nta_log_prove_inclusion(&proof, head->header.number - 1, MADE_BATCHES - 1));
        for (size_t j = 0; j + 1 < MADE_BATCHES; j++)
            nta_log_proof_add(&proof, made->links[j]);
        head->path = (struct nta_span){proof.hashes[0], proof.n * NTA_HASH_LEN};
        assert_int_equal(nta_case_keep(made->kase, &head->path), 0);
    }
}

static inline struct made made_new(void)
{
    struct made made = {.dir = "/tmp/nta-case-XXXXXX"};
    struct nta_trusted trusted = {.is_given = true};

    assert_non_null(mkdtemp(made.dir));
    (void)snprintf(made.keys, sizeof(made.keys), "%s/keys", made.dir);
    (void)snprintf(made.state, sizeof(made.state), "%s/state", made.dir);
    nta_batch_init(&made.batch);
    nta_batch_init(&made.opened);
    made.kase = nta_case_new();
    made.kase->program = nta_case_program();
    made_keys(&made);
    made.sensor = nta_case_add_sensor(made.kase);
    assert_int_equal(nta_keys_sensor_public(made.keys, made.sensor->identity, &made.err), 0);
    memcpy(trusted.public_key, made.sensor->identity, NTA_KEY_LEN);
    assert_int_equal(nta_trust_add(&made.trust, &trusted, &made.err), 0);
    made_first(&made);
    made_batches(&made);
    made_paths(&made);
    made_line(&made);
    nta_case_sort(made.kase);
    made.sensor = &made.kase->sensors[0];
    return made;
}

/** Read and prove; what comes of it. */
static inline enum nta_case_state made_judge(struct nta_span archive, const struct nta_trust *trust,
                                             struct nta_case_report *report)
{
    NTA_AUTO(nta_case_file_done) struct nta_case_file file = {.kase = NULL};

    memset(report, 0, sizeof(*report));
    assert_int_equal(nta_case_read(archive, &file, report), 0);
    if (file.kase)
        assert_int_equal(nta_case_prove_file(&file, trust, NULL, report), 0);
    return nta_case_result(report);
}
