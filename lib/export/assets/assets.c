/* SPDX-License-Identifier: Apache-2.0 */
#include "export/assets/assets.h"

#define ASSET_SYMBOLS(symbol, name)                                                                \
    extern const uint8_t nta_asset_##name[], nta_asset_##name##_end[];
NTA_ASSETS(ASSET_SYMBOLS)
#undef ASSET_SYMBOLS

struct nta_span nta_asset(enum nta_asset asset)
{
    static const struct
    {
        const uint8_t *ptr, *end;
    } assets[] = {

#define ASSET_ROW(symbol, name) [NTA_ASSET_##symbol] = {nta_asset_##name, nta_asset_##name##_end},
        NTA_ASSETS(ASSET_ROW)
#undef ASSET_ROW
    };

    return (struct nta_span){.ptr = assets[asset].ptr,
                             .len = (size_t)(assets[asset].end - assets[asset].ptr)};
}
