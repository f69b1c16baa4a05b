/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A command that has the running ntad do something, and waits for what becomes of it: asked for, it
 * is given a number ("round 12", "reloading 7"), and the last one that is over can be asked about
 * ("12 found").
 */

struct nta_errand
{
    const char *name, *help;
    const char *begin; ///< The question that asks for it, a line.
    const char *look;  ///< And the one about the last that is over.
    const char *late;  ///< What to say when five minutes were not enough.
    /** Show what became of it; gives the exit status. */
    int (*show)(const char *words);
};

/** The command: its options, and all of it.  Gives the exit status. */
int nta_errand_run(const struct nta_errand *errand, int argc, char **argv);
