#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench_store.sh BENCH_STORE [BODY_BYTES] [BATCHES]
#
# Runs bench_store with a MariaDB server of its own, or without if none is installed.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib/mariadb.sh"
bench=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/nta-bench-XXXXXX")
trap 'mariadb_stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
MARIADB_SOCKET=-
if mariadb_found; then
    mariadb_start "$dir" --innodb-buffer-pool-size=256M --innodb-log-file-size=256M || exit 1
fi
"$bench" "$dir" "$MARIADB_SOCKET" "$@"
