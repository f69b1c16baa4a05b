#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: bench_ship.sh BENCH_SHIP [SECONDS]
#
# Runs bench_ship with a MariaDB server of its own on the same machine.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../e2e/lib/mariadb.sh"
bench=$1
shift
dir=$(mktemp -d "${TMPDIR:-/tmp}/nta-bench-XXXXXX")
trap 'mariadb_stop; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
mariadb_found || exit 77
mariadb_start "$dir" --innodb-buffer-pool-size=256M --innodb-log-file-size=256M \
    --secure-file-priv= || exit 1
mkdir "$dir/store" && chmod 755 "$dir" "$dir/store"
"$bench" "$dir/store" "$MARIADB_SOCKET" "$MARIADB_PID" "$@"
