/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Format 1 as the files that open stores know it. */

#include "store/mysql/mysql_form.h"
#include "store/sqlite/sqlite_form.h"

extern const struct nta_sqlite_form nta_sqlite_form1; ///< In SQLite,
extern const struct nta_mysql_form nta_mysql_form1;   ///< and in MySQL.
