/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What becomes a record: ntad is told a line (daemon/note.h), takes it, and is asked until the
 * record is stored.  Any thread.
 */

#include "base/err.h"

#include <stdint.h>

enum
{
    NTA_CONTROL_SENSOR_SIZE = 33 ///< 32 digits, NUL.
};

/** The record that a line became. */
struct nta_told
{
    int64_t time_ns; ///< Its time.
};

/**
 * Tell it, and wait until it is stored: a quarter of a minute at most.  0, or negative errno with a
 * sentence: as nta_control_ask(); -EREMOTE: it is refused; -ETIMEDOUT: it was taken and is not
 * stored yet; -EPROTO: what answers is not ntad.  Where it says "later", or that it is busy, it is
 * asked again for as long.
 */
int nta_control_tell(const char *socket, const char *line, struct nta_told *ret_told,
                     struct nta_err *err);

/**
 * Whose records the ntad that listens there writes: the sensor's id as text.  0, or negative errno
 * with a sentence, as above.
 */
int nta_control_sensor(const char *socket, char ret_sensor[NTA_CONTROL_SENSOR_SIZE],
                       struct nta_err *err);
