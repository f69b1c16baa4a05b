#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls of the MySQL client library: those that lib/store makes are those that
docs/operations.md lists, and each is one of Oracle's C API as well as of MariaDB's.  What is
written for one of the two (#ifdef LIBMARIADB) may be its own.

usage: client_calls.py ROOT
"""
import pathlib
import re
import sys

# of the reference of Oracle's C API (functions of its chapters 5 and 6), those that we may want
ORACLE = {f"mysql_{name}" for name in (
    "affected_rows autocommit change_user character_set_name close commit errno error fetch_field "
    "fetch_fields fetch_lengths fetch_row field_count free_result get_server_info "
    "get_server_version get_ssl_cipher info init insert_id library_end library_init more_results "
    "next_result num_fields num_rows options options4 ping query real_connect "
    "real_escape_string real_query reset_connection rollback row_seek select_db server_end "
    "set_character_set sqlstate ssl_set stat store_result thread_end thread_id thread_init "
    "use_result warning_count stmt_affected_rows stmt_attr_get stmt_attr_set stmt_bind_param "
    "stmt_bind_result stmt_close stmt_data_seek stmt_errno stmt_error stmt_execute stmt_fetch "
    "stmt_fetch_column stmt_field_count stmt_free_result stmt_init stmt_insert_id "
    "stmt_next_result stmt_num_rows stmt_param_count stmt_prepare stmt_reset "
    "stmt_result_metadata stmt_send_long_data stmt_sqlstate stmt_store_result").split()}
ONE_ONLY = re.compile(r"^#ifdef LIBMARIADB\n.*?^#endif\n", re.S | re.M)
CALL = re.compile(r"\b(mysql_[a-z0-9_]+)\(")
OWN = re.compile(r"^static [^\n(]*?\b(mysql_[a-z0-9_]+)\(", re.M)


def used(root):
    texts = [ONE_ONLY.sub("", path.read_text()) for path in sorted(root.glob("lib/**/*.[ch]"))]
    own = {name for text in texts for name in OWN.findall(text)}
    return {name for text in texts for name in CALL.findall(text)} - own


def listed(root):
    page = (root / "docs/operations.md").read_text()
    section = page.split("### Which servers, which client\n", 1)[1]
    block = re.search(r"\n\n((?:    mysql_[^\n]*\n)+)", section).group(1)
    return set(block.split())


def faults(root):
    calls, page = used(root), listed(root)
    return [f"{name}: called, and docs/operations.md does not list it"
            for name in sorted(calls - page)] + \
        [f"{name}: docs/operations.md lists it, and nobody calls it"
         for name in sorted(page - calls)] + \
        [f"{name}: not known to be in Oracle's library" for name in sorted(calls - ORACLE)] + \
        (["nothing is called"] if not calls else [])


if __name__ == "__main__":
    found = faults(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "the calls are those of the page")
    sys.exit(bool(found))
