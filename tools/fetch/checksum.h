/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A file of SHA-256 sums, as sha256sum(1) writes it. */

#include <stdbool.h>
#include <stdint.h>

/**
 * The sum of the file that `url` names: of the line that has its name, or the only sum in the text.
 * False: there is none.
 */
bool nta_checksum_find(const char *text, const char *url, uint8_t ret_sha256[32]);
