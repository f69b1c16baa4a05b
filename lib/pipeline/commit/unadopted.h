/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * From which batch on a sensor signs with a key that nothing proves, and which key that is:
 * "signing.unadopted" in the state folder, a line for each time that one was lost, oldest first:
 * the number, a blank, the public key in hex.  It is what keeps the state BAD over restarts, and
 * what `nta keys adopt` needs to know; the judge decides by itself.
 */

#include "base/err.h"
#include "vault/sealed.h"

#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_UNADOPTED_MAX = 8 ///< What is lost then is said, and not written down.
};

struct nta_unadopted
{
    size_t n;

    struct
    {
        uint64_t from;
        uint8_t key[NTA_KEY_LEN]; ///< Signs batch `from`; later ones name each other.
    } keys[NTA_UNADOPTED_MAX];
};

/** What is there; nothing, if the file is not there or not of its form. */
void nta_unadopted_read(const char *state_dir, struct nta_unadopted *ret_unadopted);

/** Write it; none: remove the file.  0, or negative errno with a sentence. */
int nta_unadopted_write(const char *state_dir, const struct nta_unadopted *unadopted,
                        struct nta_err *err);
