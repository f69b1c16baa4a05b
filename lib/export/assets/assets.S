/* SPDX-License-Identifier: Apache-2.0 */
/* The files of page/web/, byte for byte (assets.h). */
.macro asset name file
    .globl nta_asset_\name
    .globl nta_asset_\name\()_end
nta_asset_\name:
    .incbin "\file"
nta_asset_\name\()_end:
    .byte 0
.endm

    .section .rodata
    asset world "world.txt"
    asset towns "towns.txt"
    asset page_html "page.html"
    asset page_css "page.css"
    asset page_base_js "page_base.js"
    asset page_map_js "page_map.js"
    asset page_charts_js "page_charts.js"
    asset page_share_js "page_share.js"
    asset page_incidents_js "page_incidents.js"
    asset page_js "page.js"

    .section .note.GNU-stack, "", %progbits
