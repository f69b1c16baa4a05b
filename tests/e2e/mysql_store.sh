#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: mysql_store.sh PROGRAM...
#
# Runs the tests of the MySQL store (mysql_store.c, mysql_writers.c) against a MariaDB server made
# for them, with TLS on a loopback port.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/mariadb.sh"
mariadb_found || {
    echo "skipped: no MariaDB server is installed (Debian: mariadb-server)"
    exit 77
}
dir=$(mktemp -d /tmp/nta-e2e-XXXXXX)

finish()
{
    status=$?
    mariadb_stop
    rm -rf "$dir"
    exit $status
}
trap finish EXIT
trap 'exit 1' INT TERM

# An authority named $1 and, signed by it, a certificate for localhost.
make_certificates()
{
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1 authority" \
        -keyout "$dir/$1-ca.key" -out "$dir/$1-ca.pem" 2> /dev/null &&
        openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" \
            -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" \
            -keyout "$dir/$1.key" -out "$dir/$1.csr" 2> /dev/null &&
        openssl x509 -req -in "$dir/$1.csr" -CA "$dir/$1-ca.pem" -CAkey "$dir/$1-ca.key" \
            -days 2 -copy_extensions copy -out "$dir/$1.pem" 2> /dev/null
}

make_certificates server && make_certificates other || {
    echo "cannot make certificates" >&2
    exit 1
}
started=
for port in $(shuf -i 20000-29999 -n 5); do
    mariadb_start "$dir" --bind-address=127.0.0.1 --port="$port" --ssl-ca="$dir/server-ca.pem" \
        --ssl-cert="$dir/server.pem" --ssl-key="$dir/server.key" && started=yes && break
done
[ -n "$started" ] || exit 1
export NTA_TEST_SOCKET=$MARIADB_SOCKET NTA_TEST_PORT=$port NTA_TEST_CA=$dir/server-ca.pem
export NTA_TEST_OTHER_CA=$dir/other-ca.pem
export MYSQL_UNIX_PORT=$MARIADB_SOCKET # where the client library looks for "localhost"
failed=0
for program; do
    "$program" || failed=1
done
exit $failed
