/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* One page of all sensors' health. */

#include "base/buf.h"
#include "sensors/sensor_rows.h"

/** Its word, as JSON has it.  Static. */
const char *nta_sensor_state_name(enum nta_sensor_state state);

/** A line a sensor, of 80 columns, those first that need somebody; with colours. */
void nta_sensors_put_table(struct nta_buf *out, const struct nta_sensor_rows *rows, bool coloured);

/** One JSON object a line. */
void nta_sensors_put_json(struct nta_buf *out, const struct nta_sensor_rows *rows);
