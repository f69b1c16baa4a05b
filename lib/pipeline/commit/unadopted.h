/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From which batch on a sensor signs with a key that nothing proves, and which key that is:
 * "signing.unadopted" in the state folder.  It is what keeps the state BAD over restarts, and what
 * `nta keys adopt` needs to know; the judge decides by itself.
 *
 * The identity signs what stands there, so it must be the sensor's own word: the file is a
 * checkpoint (vault/checkpoint.h) of the tree as it was when it was written, signed by the sensor's
 * checkpoint key, with a line for each time that a key was lost, oldest first:
 *
 *     unadopted N HEX        from batch N on; the public key
 *
 * N is at most the one behind the tree, and above that of the line before.
 */

#include "base/err.h"
#include "vault/seal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_UNADOPTED_MAX = 8 ///< What is lost then is said, and not written down.
};

struct nta_store;

struct nta_unadopted
{
    size_t n;

    struct
    {
        uint64_t from;
        uint8_t key[NTA_KEY_LEN]; ///< Signs batch `from`; later ones name each other.
    } keys[NTA_UNADOPTED_MAX];
};

/**
 * What is there.  0; -ENOENT: no file; -EBADMSG: this sensor did not write it so; -errno; all but 0
 * with a sentence, and nothing is given.
 */
int nta_unadopted_read(const char *state_dir, const struct nta_sensor_public *sensor,
                       struct nta_unadopted *ret_unadopted, struct nta_err *err);

/** Write it; none: remove the file.  0, or negative errno with a sentence. */
int nta_unadopted_write(const char *state_dir, const struct nta_sealer *sealer,
                        const struct nta_unadopted *unadopted, struct nta_err *err);

/** What the identity would prove if it adopted the first of them. */
struct nta_unadopted_range
{
    uint64_t from, to;            ///< Numbers; `to` is where another key was lost, or the last.
    uint64_t n_proved;            ///< Batches of the store in there that this key leads to.
    uint8_t signing[NTA_KEY_LEN]; ///< The key that they lead to.
    bool has_first;               ///< Batch `from` is in the store.
};

/**
 * Look at a store's heads from the first of the unadopted (there is one) up to `last`.  0; -EBADMSG
 * with a sentence: batch `from` is there, and another key signed it; or negative errno.
 */
int nta_unadopted_measure(const struct nta_unadopted *unadopted, struct nta_store *store,
                          const uint8_t sensor[NTA_SENSOR_ID_LEN], uint64_t last,
                          struct nta_unadopted_range *ret_range, struct nta_err *err);
