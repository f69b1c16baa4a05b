/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Secrets and folders that may come from systemd's credentials instead of the configuration
 * (systemd.exec(5), LoadCredential): $CREDENTIALS_DIRECTORY/NAME.
 */

#include "base/err.h"
#include "config/config.h"

enum
{
    NTA_SECRET_SIZE = 256
};

/**
 * The first line of a file.  One that others may read, that is a link or somebody else's is
 * refused.  0, or negative errno with a sentence.  The caller wipes `ret_line`.
 */
int nta_config_read_secret(const char *path, char ret_line[NTA_SECRET_SIZE], struct nta_err *err);

/**
 * The MySQL password: mysql.password, else the first line of mysql.password_file, else of the
 * credential mysql-password, else empty.  A file that others may read, that is a link or somebody
 * else's is refused.  0, or negative errno with a sentence.  The caller wipes `ret_password`.
 */
int nta_config_password(const struct nta_config *config, char ret_password[NTA_SECRET_SIZE],
                        struct nta_err *err);

/**
 * The key folder: store.keys, else the credentials folder if it holds state.key, else DIR/keys.
 * 0, or -ENAMETOOLONG.
 */
int nta_config_keys_dir(const struct nta_config *config, char *buf, size_t size,
                        struct nta_err *err);
