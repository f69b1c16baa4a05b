/* SPDX-License-Identifier: Apache-2.0 */
/* Stores opened, with the forms that their tables may have: what is written comes first. */
#include "base/own.h"
#include "store/format1/forms1.h"
#include "store/mysql/mysql_calls.h"
#include "store/mysql/mysql_internal.h"
#include "store/mysql/mysql_migrate.h"
#include "store/sqlite/sqlite_calls.h"
#include "store/sqlite/sqlite_internal.h"
#include "store/tables.h"

enum
{
    BUILD_S = 86400 ///< A statement that copies a table takes its time.
};

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

int nta_store_each_lack(const struct nta_mysql_options *options, bool migrates,
                        nta_store_lack_fn *each, void *owner, struct nta_err *err)
{
    NTA_AUTO(nta_store_close) struct nta_store *store = NULL;
    struct nta_mysql_options building = *options;

    building.builds = true;
    building.timeout_s = BUILD_S;
    int r = nta_store_open_mysql(&building, &store, err);

    return r < 0 ? r : nta_mysql_each_lack(nta_mysql_of(store), migrates, each, owner, err);
}
