#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: format.sh SOURCE_DIR CLANG_FORMAT: fails, and names the places, if any source is not as
# .clang-format says.
set -u
cd "$1" || exit 1
find lib daemon tools tests -name '*.[ch]' -print0 | xargs -0 "$2" --dry-run --Werror
