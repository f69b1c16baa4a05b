# SPDX-License-Identifier: Apache-2.0
# A MariaDB server of a test's own, in a scratch folder.  To be sourced:
#
#     . tests/e2e/lib/mariadb.sh mariadb_found || exit 77 mariadb_start DIR [server option...]
#     makes DIR/data the first time; sets MARIADB_SOCKET and MARIADB_PID mariadb_sql "SELECT 1"
#     [database]      as the server's root, one value a line, columns by tabs mariadb_stop
#     orderly mariadb_kill                           kill -9: what a power failure looks like
#     mariadb_again                          starts after either, with the same options
#
# Without an option that opens a port it listens on its socket only.  Call mariadb_stop from the
# test's EXIT trap.

MARIADB_PID=

mariadb_found()
{
    PATH=$PATH:/usr/sbin:/usr/local/sbin
    command -v mariadbd > /dev/null && command -v mariadb-install-db > /dev/null &&
        command -v mariadb > /dev/null
}

mariadb_start()
{
    MARIADB_DIR=$1
    shift
    MARIADB_OPTIONS=$*
    MARIADB_SOCKET=$MARIADB_DIR/mariadb.sock
    mkdir -p "$MARIADB_DIR/tmp"
    MARIADB_USER=
    if [ "$(id -u)" -eq 0 ]; then
        MARIADB_USER=--user=root
    fi
    if [ ! -d "$MARIADB_DIR/data" ]; then
        # shellcheck disable=SC2086
        mariadb-install-db --no-defaults $MARIADB_USER --datadir="$MARIADB_DIR/data" \
            --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
            > "$MARIADB_DIR/install.log" 2>&1 || {
            echo "mariadb-install-db failed:" >&2
            tail -n 20 "$MARIADB_DIR/install.log" >&2
            return 1
        }
    fi
    mariadb_again
}

mariadb_again()
{
    network=--skip-networking
    case "$MARIADB_OPTIONS" in
        *--port=*) network= ;;
    esac
    # shellcheck disable=SC2086
    mariadbd --no-defaults $MARIADB_USER --datadir="$MARIADB_DIR/data" \
        --socket="$MARIADB_SOCKET" --pid-file="$MARIADB_DIR/mariadb.pid" \
        --tmpdir="$MARIADB_DIR/tmp" --innodb-buffer-pool-size=64M --skip-log-bin \
        $network $MARIADB_OPTIONS >> "$MARIADB_DIR/server.log" 2>&1 &
    MARIADB_PID=$!
    tries=0
    until mariadb_sql "SELECT 1" > /dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$MARIADB_PID" 2> /dev/null; then
            echo "the MariaDB server does not start:" >&2
            tail -n 20 "$MARIADB_DIR/server.log" >&2
            return 1
        fi
        sleep 0.1
    done
}

mariadb_sql()
{
    mariadb --no-defaults --socket="$MARIADB_SOCKET" --user=root --batch --skip-column-names \
        --execute="$1" ${2:+"$2"}
}

mariadb_end()
{
    if [ -n "$MARIADB_PID" ]; then
        kill "$1" "$MARIADB_PID" 2> /dev/null
        wait "$MARIADB_PID" 2> /dev/null
    fi
    MARIADB_PID=
}

mariadb_stop()
{
    mariadb_end -TERM
}

mariadb_kill()
{
    mariadb_end -KILL
}
