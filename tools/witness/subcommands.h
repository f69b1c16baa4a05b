/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Subcommands of `nta witness`: each gets its arguments from its name on, and gives a status;
 * -1: its help is asked for.
 */

/** `nta witness serve`. */
int nta_witness_serve(int argc, char **argv);
/** `nta witness post`. */
int nta_witness_post(int argc, char **argv);
