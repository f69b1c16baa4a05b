/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

__extension__ typedef unsigned __int128 nta_u128;
