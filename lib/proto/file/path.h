/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A path on a server, from its root: "/dir/file".  Dots and double slashes are resolved as servers
 * do; it never leaves the root.  Plain memory, zero is the root.
 */

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_PATH_SIZE = 512
};

struct nta_path
{
    uint16_t len;
    bool cut; ///< It was longer than fits: what did not fit is left out.
    uint8_t text[NTA_PATH_SIZE];
};

/**
 * Go from `path` to what `text` names: from the root if it begins with a slash, else from where it
 * is.
 */
void nta_path_go(struct nta_path *path, struct nta_span text);

/** As a span; the root is "/".  Borrows from `path`. */
struct nta_span nta_path_span(const struct nta_path *path);

/** What stands behind the last slash of a path; empty: a directory. */
struct nta_span nta_path_name(struct nta_span path);
