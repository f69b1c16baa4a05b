/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Files of lib/export/page/web that are built into the program, so that it needs no folder of its
 * own at run time.
 */

#include "base/bytes.h"

/* Rows: symbol, symbol of the bytes in assets.S. */
#define NTA_ASSETS(ROW)                                                                            \
    ROW(WORLD, world)                                                                              \
    ROW(TOWNS, towns)                                                                              \
    ROW(PAGE_HTML, page_html)                                                                      \
    ROW(PAGE_CSS, page_css)                                                                        \
    ROW(BASE_JS, page_base_js)                                                                     \
    ROW(MAP_JS, page_map_js)                                                                       \
    ROW(CHARTS_JS, page_charts_js)                                                                 \
    ROW(SHARE_JS, page_share_js)                                                                   \
    ROW(INCIDENTS_JS, page_incidents_js)                                                           \
    ROW(PAGE_JS, page_js)

enum nta_asset
{
#define NTA_ASSET_ENUM(symbol, name) NTA_ASSET_##symbol,
    NTA_ASSETS(NTA_ASSET_ENUM)
#undef NTA_ASSET_ENUM
};

/** The file's bytes, for as long as the program runs. */
struct nta_span nta_asset(enum nta_asset asset);
