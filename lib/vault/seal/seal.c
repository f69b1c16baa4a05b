/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal.h"

#include "base/own.h"
#include "vault/crypto/curve.h"
#include "vault/crypto/secret.h"
#include "vault/seal/sealer.h"
#include "vault/statefile.h"
#include "vault/tokens.h"

#include <assert.h>
#include <errno.h>

void nta_sealer_free(struct nta_sealer **sealer)
{
    struct nta_sealer *dead = NTA_TAKE(*sealer);

    if (!dead)
        return;
    nta_secret_free(dead->secrets, sizeof(*dead->secrets));
    free(dead->state_dir);
    nta_buf_done(&dead->first_bytes);
    nta_maker_free(&dead->maker);
    nta_signing_free(&dead->signing);
    for (size_t i = 0; i < NTA_N_CLASSES; i++)
        nta_buf_done(&dead->classes[i].blob);
    nta_buf_done(&dead->notes);
    free(dead);
}

static int load_keys(struct nta_sealer *sealer, const struct nta_keys_place *place,
                     struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_keydir_close) struct nta_keydir state = {.fd = -1};
    int r = nta_keydir_open(place->keys_dir, false, &keys, err);

    if (r == 0)
        r = nta_statedir_open(place->state_dir, false, &state, err);
    if (r == 0)
        r = nta_auditors_read(&keys, &sealer->auditors, err);
    if (r == 0)
        r = nta_state_key_read(&keys, sealer->secrets->state, err);
    if (r == 0)
        r = nta_first_load(&state, &sealer->first_bytes, &sealer->first, err);
    if (r == 0)
        r = nta_first_read_checkpoint(&sealer->first, &state, sealer->secrets->state,
                                      sealer->secrets->checkpoint, err);
    return r < 0 ? r : nta_first_check_sensor(&sealer->first, &keys, &state, err);
}

int nta_sealer_new(const struct nta_keys_place *place, struct nta_sealer **ret_sealer,
                   struct nta_err *err)
{
    NTA_AUTO(nta_sealer_free) struct nta_sealer *sealer = calloc(1, sizeof(*sealer));

    if (!sealer)
        return nta_err_set(err, -ENOMEM, "no memory for sealing");
    sealer->secrets = nta_secret_new(sizeof(*sealer->secrets));
    sealer->state_dir = strdup(place->state_dir);
    int r = sealer->secrets && sealer->state_dir ? nta_maker_new(&sealer->maker) : -ENOMEM;

    if (r < 0)
        return nta_err_sys(err, r, "no memory for sealing");
    NTA_SEALER_SHOW(sealer);

    r = load_keys(sealer, place, err);
    if (r == 0)
        *ret_sealer = NTA_TAKE(sealer);
    return r;
}

void nta_sealer_get_sensor(const struct nta_sealer *sealer, uint8_t ret_id[NTA_SENSOR_ID_LEN])
{
    memcpy(ret_id, sealer->first.header.sensor, NTA_SENSOR_ID_LEN);
}

void nta_sealer_get_public(const struct nta_sealer *sealer, struct nta_sensor_public *ret_sensor)
{
    nta_first_public(&sealer->first, ret_sensor);
}

void nta_sealer_first(const struct nta_sealer *sealer, struct nta_sealed *ret_sealed,
                      struct nta_header *ret_header, struct nta_wrapped_key *ret_key)
{
    *ret_sealed = sealer->first.sealed;
    *ret_header = sealer->first.header;
    *ret_key = sealer->first.key;
}

/* ---- the chain ---- */

void nta_sealer_continue(struct nta_sealer *sealer, const struct nta_sealer_at *at)
{
    sealer->at = *at;
    sealer->is_sealed = false;
}

const struct nta_sealer_at *nta_sealer_get_at(const struct nta_sealer *sealer)
{
    return &sealer->at;
}

/* ---- batches ---- */

static int sign(const void *signer, const char *domain, struct nta_span message,
                uint8_t ret_signature[NTA_SIGNATURE_LEN])
{
    return nta_signing_sign(signer, domain, message, ret_signature);
}

/** The notes in a row.  -EINVAL: a header with this number cannot say them. */
static int put_notes(struct nta_sealer *sealer, const struct nta_seal_options *options,
                     struct nta_header *header)
{
    nta_buf_clear(&sealer->notes);
    if (options->n_notes > NTA_NOTES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < options->n_notes; i++) {
        if (!nta_note_fits(&options->notes[i], header->number))
            return -EINVAL;
        nta_note_encode(&options->notes[i], &sealer->notes);
    }
    header->notes = nta_buf_span(&sealer->notes);
    header->n_notes = options->n_notes;
    return sealer->notes.failed ? -ENOMEM : 0;
}

/** What the header says beside its records, and the key that it names. */
static int start_header(struct nta_sealer *sealer, const struct nta_seal_options *options,
                        struct nta_header *ret_header, struct nta_err *err)
{
    struct nta_header header = {
        .version = NTA_SEALED_VERSION,
        .number = sealer->at.number + 1,
        .sealed_ns = options->wall_ns,
        .clock = options->clock,
        .class = options->class,
        .has_next = options->changes_key,
    };

    if (sealer->at.number == UINT64_MAX)
        return nta_err_set(err, -EOVERFLOW, "no number is left for a batch");
    nta_sealer_get_sensor(sealer, header.sensor);
    memcpy(header.previous, sealer->at.previous, sizeof(header.previous));
    nta_log_root(&sealer->at.log, header.log);
    memcpy(header.data_key, sealer->classes[options->class].id, sizeof(header.data_key));
    int r = put_notes(sealer, options, &header);

    if (r < 0)
        return nta_err_sys(err, r, "a batch cannot have these notes");
    r = options->changes_key ? nta_signing_prepare(sealer->signing, header.next, err) : 0;
    if (r == 0)
        *ret_header = header;
    return r;
}

int nta_sealer_seal(struct nta_sealer *sealer, const struct nta_batch *batch,
                    const struct nta_seal_options *options, struct nta_sealed *ret_sealed,
                    struct nta_header *ret_header, struct nta_err *err)
{
    struct nta_class_keys *class = &sealer->classes[options->class];
    const struct nta_maker_keys keys = {
        .data = &sealer->secrets->classes[options->class].now,
        .number = class->number,
        .sign = sign,
        .signer = sealer->signing,
    };
    NTA_SEALER_SHOW(sealer);
    struct nta_header header;

    assert(sealer->signing && options->class != NTA_CLASS_NONE);
    sealer->is_sealed = false;
    if (nta_sealer_wants_key(sealer, options->class, options->wall_ns))
        return nta_err_set(err, -ENOKEY, "no data key is there to seal with");
    int r = start_header(sealer, options, &header, err);

    if (r < 0)
        return r;
    class->n_uses++;
    const struct nta_maker_batch sealed = {.records = batch, .packed = options->packed};

    r = nta_maker_seal(sealer->maker, &sealed, &keys, &header, ret_sealed);
    if (r < 0)
        return nta_err_sys(err, r, "cannot seal a batch");
    sealer->is_sealed = true;
    sealer->changes_key = options->changes_key;
    nta_header_hash(ret_sealed, sealer->link);
    if (ret_header)
        *ret_header = header;
    return 0;
}

int nta_sealer_commit(struct nta_sealer *sealer, struct nta_err *err)
{
    NTA_SEALER_SHOW(sealer);

    assert(sealer->is_sealed);
    nta_log_add(&sealer->at.log, sealer->link);
    memcpy(sealer->at.previous, sealer->link, sizeof(sealer->at.previous));
    sealer->at.number++;
    sealer->is_sealed = false;
    return sealer->changes_key ? nta_signing_finish(sealer->signing, err) : 0;
}

/* ---- tree heads ---- */

int nta_sealer_put_checkpoint(const struct nta_sealer *sealer, const struct nta_log_tree *log,
                              struct nta_span extra, struct nta_buf *out)
{
    NTA_SEALER_SHOW(sealer);
    struct nta_checkpoint checkpoint = {.n = log->n, .extra = extra};

    nta_sealer_get_sensor(sealer, checkpoint.sensor);
    nta_log_root(log, checkpoint.root);
    return nta_checkpoint_put(out, &checkpoint, sealer->secrets->checkpoint);
}

bool nta_sealer_read_checkpoint(const struct nta_sealer *sealer, struct nta_span note,
                                struct nta_checkpoint *ret_checkpoint)
{
    struct nta_checkpoint checkpoint;

    if (!nta_checkpoint_read(note, sealer->first.checkpoint_key, &checkpoint) ||
        memcmp(checkpoint.sensor, sealer->first.header.sensor, NTA_SENSOR_ID_LEN) != 0)
        return false;
    *ret_checkpoint = checkpoint;
    return true;
}
