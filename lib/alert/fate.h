/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Inside the alert module: alerts that were logged before their record was stored, by the number
 * that stands in their line. The alerter's thread.
 */

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
    NTA_FATES = 4096 ///< Of more at a time, the oldest are not told of again.
};

struct nta_alert_open
{
    uint64_t abouts[NTA_FATES]; ///< A ring; 0: told.
    size_t n;                   ///< That were ever put in.
};

/** It was logged. */
void nta_alert_open_add(struct nta_alert_open *open, uint64_t about);

/** True: it was, and what became of it is to be logged, once. */
bool nta_alert_open_take(struct nta_alert_open *open, uint64_t about);

/** " (alert 17, not stored yet)" behind a line. */
void nta_alert_unstored_line(struct nta_buf *out, uint64_t about);

/** Into the JSON object that ends `out`: "about", if the record has none, and "stored":false. */
void nta_alert_unstored_json(struct nta_buf *out, uint64_t about, bool has_about);

/** `id` empty: it is lost. */
void nta_alert_fate_line(struct nta_buf *out, uint64_t about, const char *id, bool colour);
/**
 * The same as one JSON object without a line end: event "alert-stored" with its id, or
 * "alert-lost".
 */
void nta_alert_fate_json(struct nta_buf *out, uint64_t about, const char *id);
