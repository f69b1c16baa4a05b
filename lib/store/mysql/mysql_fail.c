/* SPDX-License-Identifier: Apache-2.0 */
/* What a number of the server or of a client library stands for. */
#include "base/text.h"
#include "store/mysql/mysql_internal.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>

/* Numbers that one of the two client libraries has no name for. */
#define ERROR_CONNECTION_KILLED 1927u /* MariaDB */
#define ERROR_CLIENT_TIMEOUT    4031u /* Oracle */
#define ERROR_CLUSTER_NOT_READY 1047u /* Galera: a node that left its group */
#define ERROR_READ_ONLY         1836u
#define ERROR_LOST_EXTENDED     2055u

static int errno_of(unsigned number)
{
    switch (number) {
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case ERROR_LOST_EXTENDED:
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_IPSOCK_ERROR:
    case CR_COMMANDS_OUT_OF_SYNC:
    case CR_MALFORMED_PACKET:
    case CR_SSL_CONNECTION_ERROR:
    case ERROR_CONNECTION_KILLED:
    case ERROR_CLIENT_TIMEOUT:
    case ERROR_CLUSTER_NOT_READY:
    case ER_ERROR_DURING_COMMIT: /* Galera: it left while it committed */
    case ER_SERVER_SHUTDOWN:
    case ER_CON_COUNT_ERROR:
    case ER_HOST_IS_BLOCKED:
    case ER_QUERY_INTERRUPTED: return -ENOTCONN;
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_HOST_NOT_PRIVILEGED:
    case NTA_MYSQL_ACCESS_NO_PASSWORD: return -EACCES;
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK: return -EAGAIN;
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL: return -ENOSPC;
    case ER_NET_PACKET_TOO_LARGE: return -EMSGSIZE;
    case ER_OPTION_PREVENTS_STATEMENT:
    case ERROR_READ_ONLY: return -EROFS;
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE: return -ENOENT;
    case ER_BAD_FIELD_ERROR:
    case ER_VIEW_INVALID:
    case ER_WRONG_VALUE_COUNT_ON_ROW: return -EPROTO;
    case CR_OUT_OF_MEMORY: return -ENOMEM;
    default: return -EIO;
    }
}

int nta_mysql_fail(struct nta_mysql *mysql, unsigned number, const char *text, const char *what,
                   struct nta_err *err)
{
    int result = errno_of(number);
    char shown[320];

    /* a server that became a replica is as good as gone: another host of the list may be the one to
     * write to */
    if (result == -ENOTCONN || result == -EROFS)
        mysql->is_lost = true;
    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(text));
    return nta_err_set(err, result, "MySQL at %s cannot %s: %s (%u)", mysql->where, what, shown,
                       number);
}
