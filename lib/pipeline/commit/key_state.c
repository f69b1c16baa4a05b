/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/commit/key_state.h"

#include "base/own.h"
#include "pipeline/commit/unadopted.h"
#include "store/headfile.h"
#include "vault/keycheck.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum
{
    TRIES_MAX = 4 ///< The key may change while it is looked at.
};

static const uint8_t *checkpoint_key_of(const void *owner, const uint8_t id[NTA_SENSOR_ID_LEN])
{
    const struct nta_sensor_public *sensor = owner;

    return memcmp(sensor->id, id, NTA_SENSOR_ID_LEN) == 0 ? sensor->checkpoint_key : NULL;
}

/** As nta_keys_has_signing(); 1 also where there is no batch that a key could follow. */
static int look_once(const struct nta_keys_place *place, const char *store_path,
                     const struct nta_sensor_public *sensor, struct nta_store_head *ret_head,
                     struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_headfile_seen seen;
    struct nta_store_last last;
    struct nta_err ignored = {0};
    int r = nta_store_open_sqlite(store_path, false, &store, err);

    *ret_head = (struct nta_store_head){.number = 0};
    if (r == 0)
        r = nta_store_newest(store, sensor->id, nta_store_number_max(0), &last, err);
    if (r == -ENOENT || (r == 0 && last.head.number == 0))
        return 1;
    if (r < 0)
        return r;
    const bool has_file =
        nta_headfile_check(store_path, checkpoint_key_of, sensor, &seen, &ignored) == 0;
    const struct nta_sealed head = {.header = {last.header, last.n_header},
                                    .signature = {last.signature, sizeof(last.signature)}};
    const struct nta_sealer_known known = {.head = &head,
                                           .signing = has_file ? seen.file.signing : NULL};

    *ret_head = last.head;
    return nta_keys_has_signing(place, &known, err);
}

static int look_for_key(const struct nta_keys_place *place, const char *store_path,
                        const struct nta_sensor_public *sensor, struct nta_key_state *state,
                        struct nta_err *err)
{
    struct nta_store_head before = {.number = 0}, head;
    int r = 0;

    for (int i = 0; i < TRIES_MAX && r == 0; i++) {
        r = look_once(place, store_path, sensor, &head, err);
        if (r == 0 && i > 0 && head.number == before.number) {
            state->lost_behind = head.number;
            return 0;
        }
        before = head;
    }
    state->is_unknown = r <= 0;
    return r == -ENOENT || r > 0 ? 0 : r;
}

int nta_key_state_look(const struct nta_keys_place *place, const char *store_path,
                       struct nta_key_state *ret_state, struct nta_err *err)
{
    struct nta_key_state state = {.unadopted = 0};
    struct nta_sensor_public sensor;
    struct nta_unadopted unadopted;
    int r = nta_keys_public(place, &sensor, err);

    if (r < 0)
        return r;
    r = nta_unadopted_read(place->state_dir, &sensor, &unadopted, err);
    if (r < 0 && r != -ENOENT)
        return r;
    if (r == 0 && unadopted.n > 0)
        state.unadopted = unadopted.keys[0].from;
    r = look_for_key(place, store_path, &sensor, &state, err);
    if (r == 0)
        *ret_state = state;
    return r;
}

void nta_key_state_put(const struct nta_key_state *state, struct nta_buf *out)
{
    if (state->lost_behind)
        nta_buf_printf(out,
                       "the signing key is lost: none in the state folder goes on behind batch "
                       "%" PRIu64 ", and ntad makes one at its start; ",
                       state->lost_behind);
    if (state->unadopted)
        nta_buf_printf(out,
                       "what is signed from batch %" PRIu64
                       " on counts as unproved, since the signing key before it was lost; ",
                       state->unadopted);
    if (nta_key_state_is_bad(state))
        nta_buf_printf(out,
                       "%swhile ntad is stopped, run \"nta keys adopt --identity FILE\" with "
                       "the identity's secret",
                       state->unadopted ? ""
                                        : "what that signs is unproved until it is adopted: "
                                          "start ntad once, and then, ");
}
