#!/usr/bin/env bash
# usage: tidy.sh BUILD_DIR JOBS: clang-tidy over every source of lib, daemon and tools, by the build's compile database.
set -euo pipefail
build=$(realpath "$1")
cd "$(dirname "$0")/../.."
find lib daemon tools -name '*.c' -print0 |
    xargs -0 -P "$2" -n 8 clang-tidy-14 --quiet -p "$build" 2> "$build/tidy.err" > "$build/tidy.out" || {
    grep -E 'warning:|error:' "$build/tidy.out" | sort -u | head -40
    exit 1
}
echo "clang-tidy: $(find lib daemon tools -name '*.c' | wc -l) sources, nothing to say"
