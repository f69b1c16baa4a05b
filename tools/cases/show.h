/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A case read from a file, held against keys, and what came of it: line by line, or as JSON.
 */

#include "evidence/proof/prove.h"

/** `keys` are texts (nta-sensor-…), or fingerprints: a sensor's id. */
struct nta_case_question
{
    const char *path;
    const char *const *keys;
    size_t n_keys;
    struct nta_case_witnesses witnesses;
    bool json;
};

/** True if the text is a sensor's id: 32 digits, with blanks or colons where people put them. */
bool nta_case_fingerprint(const char *text, uint8_t ret_sensor[NTA_SENSOR_ID_LEN]);

/** Say it on standard output.  Gives the exit status. */
int nta_case_show(const struct nta_case_question *question);
