/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The tables of the present form, made and brought up to date on request: what they lack is found
 * by looking at them, not by a number that somebody wrote down, and each thing has the statement
 * that puts it right.
 */

#include "store/mysql/mysql_internal.h"
#include "store/tables.h"

/** nta_store_each_lack() of a connection. */
int nta_mysql_each_lack(struct nta_mysql *mysql, bool migrates, nta_store_lack_fn *each,
                        void *owner, struct nta_err *err);
