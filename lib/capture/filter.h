/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The filter of a live interface, compiled when it is first opened and kept for when it is back,
 * also with another kind of link (Ethernet, raw, cooked): names of hosts and services in it are
 * looked up once, which a thread that is confined could not do (base/runtime/confine.h).
 */

#include "base/err.h"
#include "capture/state.h"

#include <pcap/pcap.h>

/**
 * Set it on a handle of `interface`; `text` NULL: there is none.  0, or negative errno with the
 * sentence.
 */
int nta_filter_set(struct nta_filter *filter, const char *text, const char *interface,
                   pcap_t *handle, struct nta_err *err);

/** Free what it owns. */
void nta_filter_done(struct nta_filter *filter);
