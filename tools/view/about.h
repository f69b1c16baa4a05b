/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What nta map, report and console have in common beside the filters: the options that say what is
 * made of the records, and what stands at the head of it.
 */

#include "chain/proof.h"
#include "export/view/view_json.h"
#include "options/filters.h"

#include <stdbool.h>
#include <stdint.h>

/** As NTA_OPT_OWN: a subcommand's own options without a letter begin here. */
enum
{
    NTA_OPT_LANG = NTA_OPT_OWN,
    NTA_OPT_ABOUT_OWN
};

#define NTA_ABOUT_LETTERS "t:n:"

#define NTA_ABOUT_OPTIONS                                                                          \
    {"title", required_argument, NULL, 't'},                                                       \
    {                                                                                              \
        "rows", required_argument, NULL, 'n'                                                       \
    }

/** Of those that make a page. */
#define NTA_LANG_OPTION                                                                            \
    {                                                                                              \
        "lang", required_argument, NULL, NTA_OPT_LANG                                              \
    }

struct nta_about_options
{
    const char *title;
    uint64_t n_rows;  ///< 0: as many as is usual.
    const char *lang; ///< A language's code; NULL: none was asked for.
};

/**
 * Take an option that is one of these.  0: taken, 1: not one of these, -EINVAL with the sentence.
 */
int nta_about_take(struct nta_about_options *options, int option, struct nta_err *err);

/**
 * The language of a page that is handed on: the one asked for, else that of this terminal; NULL:
 * neither is one that there are words in, so its reader's browser says.
 */
const char *nta_about_lang(const struct nta_about_options *options);

/** Space for texts. */
struct nta_about_buf
{
    char question[512], proof[NTA_PROOF_TEXT_SIZE + 64];
};

/** The head, as of now; borrows all of its arguments.  Not while the search runs. */
struct nta_view_about nta_about(const struct nta_about_options *options,
                                const struct nta_filters *filters, struct nta_search *search,
                                struct nta_about_buf *buf);
