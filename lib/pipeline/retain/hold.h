/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Days held for an incident, or released, as somebody asks. */

#include "pipeline/retain/request.h"

/**
 * Note what `request` asks for, unless it stands already, and change `holds`; days and batches that
 * are held are counted into `told`.  0; -ENOENT: nothing is left of it, or nothing was held;
 * -EINVAL: it was not recorded here; or negative errno.
 */
int nta_retain_hold(struct nta_commit *commit, const struct nta_retain_request *request,
                    struct nta_holds *holds, struct nta_retain_told *told, struct nta_err *err);
