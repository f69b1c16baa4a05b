/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* A capture file opened, read packet by packet, and closed (internal to capture/). */

#include "capture/filekind.h"

/** Open file number `number` of the capture's.  0, or negative errno with reading->err. */
int nta_reading_open(struct nta_reading *reading, struct nta_capture *capture, size_t number);

/** As nta_file_kind.next(); the first call finds out the kind. */
int nta_reading_next(struct nta_reading *reading);

/** A zeroed one is fine, and so is one that could not be opened. */
void nta_reading_close(struct nta_reading *reading);
