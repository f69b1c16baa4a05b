/* SPDX-License-Identifier: Apache-2.0 */
/* Stores opened, with the forms that their tables may have: what is written comes first. */
#include "store/format1/forms1.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_internal.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"

int nta_store_open_sqlite(const char *path, bool create, struct nta_store **ret_store,
                          struct nta_err *err)
{
    static const struct nta_sqlite_form *const forms[] = {&nta_sqlite_form2, &nta_sqlite_form1,
                                                          NULL};

    return nta_sqlite_open(path, create, forms, ret_store, err);
}

int nta_store_open_mysql(const struct nta_mysql_options *options, struct nta_store **ret_store,
                         struct nta_err *err)
{
    static const struct nta_mysql_form *const forms[] = {&nta_mysql_form2, &nta_mysql_form1, NULL};

    return nta_mysql_open(options, forms, ret_store, err);
}
