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

/** The same as it is now, for who keeps the configuration: a nta_mysql_password_fn (store/). */
int nta_config_password_now(const void *config, char *password, size_t size);

/** True if what is too old is deleted under a name of its own. */
bool nta_config_has_retention_user(const struct nta_config *config);

/** The password of mysql.retention_user, as nta_config_password(). */
int nta_config_retention_password(const struct nta_config *config,
                                  char ret_password[NTA_SECRET_SIZE], struct nta_err *err);
/** The same, as nta_config_password_now(). */
int nta_config_retention_password_now(const void *config, char *password, size_t size);

/**
 * The key folder: store.keys, else the credentials folder if it holds state.key, else DIR/keys.
 * 0, or -ENAMETOOLONG.
 */
int nta_config_keys_dir(const struct nta_config *config, char *buf, size_t size,
                        struct nta_err *err);
