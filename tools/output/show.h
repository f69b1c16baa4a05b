/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What `nta read` says on stderr beside its results. */

#include "pipeline/pipeline.h"

/** Until capture has ended: a line of progress on a terminal, nothing elsewhere. */
void nta_show_progress(const struct nta_pipeline *pipeline);

/** What the capture did not see, and what could be done, if anything. */
void nta_show_diagnosis(const struct nta_pipeline *pipeline);

/** Each counter that is not zero, numbers of unknown layers, peak memory. */
void nta_show_counters(const struct nta_pipeline *pipeline);
