/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/seal/sealer.h"

#include "vault/crypto/secret.h"

void nta_sealer_hide(const struct nta_sealer **shown)
{
    nta_secret_hide((*shown)->secrets, sizeof(*(*shown)->secrets));
    if ((*shown)->signing)
        nta_signing_hide((*shown)->signing);
}

const struct nta_sealer *nta_sealer_show(const struct nta_sealer *sealer)
{
    nta_secret_show(sealer->secrets, sizeof(*sealer->secrets));
    if (sealer->signing)
        nta_signing_show(sealer->signing);
    return sealer;
}
