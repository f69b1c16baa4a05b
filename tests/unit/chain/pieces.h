/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Batches of a sensor, sealed from primitives so that each can be made wrong. */

#include "sensor.h"

/* ---- batches ---- */

/** What is not as usual. */
struct sealing
{
    int64_t second;        ///< Of its record, and when it was sealed.
    enum nta_class class;  ///< 0: traffic.
    const struct pair *by; ///< Who signs; NULL: whose turn it is.
    const struct pair *next;
    const struct nta_note *notes;
    size_t n_notes;
    uint64_t clock;
    const uint8_t *log; ///< NULL: as it is.
};

/** What the sensor would seal next, but it does not go on behind it. */
static inline void scene_make(struct scene *scene, struct piece *piece,
                              const struct sealing *sealing)
{
    NTA_AUTO(nta_buf_done) struct nta_buf notes = {0};
    struct nta_header *header = &piece->header;
    const enum nta_class class = sealing->class ? sealing->class : NTA_CLASS_TRAFFIC;
    const int64_t ns = sealing->second * SCENE_SECOND_NS;
    const struct pair *by = sealing->by                               ? sealing->by
                            : scene_format == 1 || scene->number == 1 ? &scene->identity
                                                                      : &scene->signing;

    *header = (struct nta_header){.version = scene_format, .number = scene->number};
    header->first_ns = header->last_ns = ns;
    header->n_records = 1;
    memcpy(header->sensor, scene->sensor, sizeof(header->sensor));
    memcpy(header->previous, scene->previous, NTA_HASH_LEN);
    memcpy(header->data_key, scene_key(scene, class, nta_day_of(ns))->key.key.id,
           NTA_DATA_KEY_ID_LEN);
    nta_buf_clear(&piece->tokens);
    nta_buf_clear(&piece->body);
    nta_buf_printf(&piece->tokens, "tokens %u", (unsigned)scene->number);
    nta_buf_printf(&piece->body, "body %u of second %d", (unsigned)scene->number,
                   (int)sealing->second);
    forge_hash(nta_buf_span(&piece->tokens), header->tokens_hash);
    forge_hash(nta_buf_span(&piece->body), header->body_hash);
    if (scene_format == 2) {
        header->class = class;
        header->sealed_ns = ns;
        header->clock = sealing->clock;
        nta_log_root(&scene->log, header->log);
        if (sealing->log)
            memcpy(header->log, sealing->log, NTA_HASH_LEN);
        header->has_next = sealing->next != NULL;
        if (sealing->next)
            memcpy(header->next, sealing->next->public_key, NTA_KEY_LEN);
        for (size_t i = 0; i < sealing->n_notes; i++)
            nta_note_encode(&sealing->notes[i], &notes);
        header->notes = nta_buf_span(&notes);
        header->n_notes = sealing->n_notes;
    }
    forge_header(header, by, &piece->header_bytes, &piece->signature);
    if (!nta_header_decode(nta_buf_span(&piece->header_bytes), header))
        fail_msg("the header of batch %u is not one of ours", (unsigned)scene->number);
}

/** Go on behind a piece, as if it were the last. */
static inline void scene_go_on(struct scene *scene, const struct piece *piece)
{
    const struct nta_sealed sealed = {.header = nta_buf_span(&piece->header_bytes),
                                      .signature = nta_buf_span(&piece->signature)};

    nta_header_hash(&sealed, scene->previous);
    nta_log_add(&scene->log, scene->previous);
    scene->number = piece->header.number + 1;
}

/** The next batch. */
static inline struct piece *scene_seal(struct scene *scene, const struct sealing *sealing)
{
    struct piece *piece = &scene->pieces[scene->number];

    assert_true(scene->number <= SCENE_BATCHES);
    scene_make(scene, piece, sealing);
    scene_go_on(scene, piece);
    scene->n = scene->number - 1;
    if (sealing->next)
        scene->signing = *sealing->next;
    return piece;
}

/** So many ordinary ones. */
static inline void scene_seal_many(struct scene *scene, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10});
}

/** An ordinary one that names the next key. */
static inline struct piece *scene_change_key(struct scene *scene)
{
    const struct pair next = scene_pair(scene);

    return scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10,
                                               .class = NTA_CLASS_LOG,
                                               .next = &next});
}

/** One with a note. */
static inline struct piece *scene_note(struct scene *scene, const struct nta_note *note)
{
    return scene_seal(scene, &(struct sealing){.second = (int64_t)scene->number * 10,
                                               .class = NTA_CLASS_LOG,
                                               .notes = note,
                                               .n_notes = 1});
}

/** A note of the identity for the batch that comes next. */
static inline struct nta_note scene_signed_note(const struct scene *scene, struct nta_note note)
{
    assert_int_equal(nta_note_sign(&note, scene->sensor, scene->number, scene->identity.secret), 0);
    return note;
}

/** The key after the last head is lost: the sensor goes on under a new one. */
static inline void scene_lose_key(struct scene *scene)
{
    scene->signing = scene_pair(scene);
}
