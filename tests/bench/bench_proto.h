/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Between the two halves of bench_proto. */

#include "proto/parser.h"

/** This protocol is measured. */
void bench_proto_note(const struct nta_proto *proto);

/** Measure and print all protocols but those with cryptography, and what nobody knows. */
void bench_proto_text(void);
