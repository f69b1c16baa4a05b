/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Names with emoji and other symbols (internal to blacklist/): IDNA 2008 has none of them, but
 * browsers and some registries take them, after UTS #46.
 */

#include "base/bytes.h"

/**
 * A name of UTF-8 into A-labels, if all of its labels are such as IDNA 2008 has or have symbols in
 * them; NUL-terminated. Its length, 0: it is no such name, or has no space.
 */
size_t nta_symbols_name(struct nta_span name, char *buf, size_t size);
