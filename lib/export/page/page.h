/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The report's page: one HTML file with everything in it, which fetches nothing.
 *
 * lib/export/page/web/page.html is the frame; style, program, the outlines of countries and the
 * data go in where it says so, and Leaflet and its clusters come from the folder where Debian puts
 * them.  The Content-Security-Policy in the page allows exactly these scripts and styles, by their
 * SHA-256, and nothing else.
 *
 * Its words are in it in all languages (page_words.inc), and whoever reads it may choose; `lang`
 * says in which it opens.
 *
 * The same page shows a server's data: then the data part holds the addresses to fetch it from
 * (`live`), and the policy allows connections to where the page came from.
 */

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

#define NTA_PAGE_LIBS "/usr/share/javascript/leaflet"

struct nta_page_options
{
    const char *libs_dir; ///< Where leaflet.min.js and so on lie; NULL: NTA_PAGE_LIBS.
    struct nta_span data; ///< nta_view_json(); or, if live, {"live":{"data":"URL","events":"URL"}}.
    bool is_live;
    const char *lang; ///< A language's code (base/language.h); NULL: as the reader's browser.
};

/**
 * Append the page.  0; -ENOENT: the libraries are not there (the sentence names their packages);
 * -ENOMEM; or what reading them failed with.
 */
int nta_page(struct nta_buf *out, const struct nta_page_options *options, struct nta_err *err);
