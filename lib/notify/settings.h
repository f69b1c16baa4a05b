/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * nta-notify.conf: from where alerts are taken, and who gets what of them.  One row an option
 * (notify/rows.inc), from which the loader, the sample file and the manual's table are made.
 */

#include "base/err.h"
#include "notify/receiver.h"

#include <stdbool.h>
#include <stdio.h>

/**
 * Read a file.  0, or negative errno with a sentence: the first fault, with file and line.  -EPERM:
 * there is a secret in it, and others may use it.
 */
int nta_notify_settings_load(const char *path, struct nta_notify_settings **ret_settings,
                             struct nta_err *err);
/** Takes NULL too; overwrites passwords. */
void nta_notify_settings_free(struct nta_notify_settings **settings);

/** A file that has all options. */
void nta_notify_settings_print_sample(FILE *out);

/** Does it want this event?  What is not known is in no list and no department. */
bool nta_notify_wants(const struct nta_notify_receiver *receiver,
                      const struct nta_notify_event *event);
