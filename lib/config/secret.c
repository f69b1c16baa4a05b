/* SPDX-License-Identifier: Apache-2.0 */
#include "config/secret.h"

#include "base/file/path.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum
{
    SECRET_FILE_MAX = 65536
};

/** Behind a byte of zero, which looks like the end; what was not read is still as it was filled. */
static bool was_read_behind(const char line[NTA_SECRET_SIZE], size_t len)
{
    for (size_t i = len + 1; i < NTA_SECRET_SIZE; i++)
        if (line[i] != '\n')
            return true;
    return false;
}

int nta_config_read_secret(const char *path, char ret_line[NTA_SECRET_SIZE], struct nta_err *err)
{
    int r;
    NTA_AUTO_FILE FILE *file =
        nta_plainfile_stream(path, SECRET_FILE_MAX, NTA_PLAIN_SECRET, &r, err);
    char shown[256];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(path));
    if (!file)
        return r;
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy left in a buffer */
    memset(ret_line, '\n', NTA_SECRET_SIZE);
    if (!fgets(ret_line, NTA_SECRET_SIZE, file))
        ret_line[0] = '\0';
    size_t len = strcspn(ret_line, "\r\n");

    if (len == NTA_SECRET_SIZE - 1)
        return nta_err_set(err, -EINVAL, "%s: first line is too long for a password", shown);
    if (ret_line[len] == '\0' && was_read_behind(ret_line, len))
        return nta_err_set(err, -EINVAL, "%s: there is a byte of zero in its first line", shown);
    ret_line[len] = '\0';
    return 0;
}

/** $CREDENTIALS_DIRECTORY/name unless there is no such file. */
static bool credential(const char *name, char *buf, size_t size)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY"); // NOLINT(concurrency-mt-unsafe): read only

    if (!dir || !dir[0])
        return false;
    /* one that may not be read is there all the same: reading it says so */
    return nta_path_join(dir, name, buf, size) && (access(buf, F_OK) == 0 || errno != ENOENT);
}

static int name_fault(int r, const char *option, struct nta_err *err)
{
    return r < 0 ? nta_err_prefix(err, r, "%s", option) : r;
}

int nta_config_password(const struct nta_config *config, char ret_password[NTA_SECRET_SIZE],
                        struct nta_err *err)
{
    char path[4096];

    ret_password[0] = '\0';
    if (config->mysql.password && config->mysql.password[0]) {
        if (strlen(config->mysql.password) >= NTA_SECRET_SIZE)
            return nta_err_set(err, -EINVAL, "mysql.password is too long");
        (void)snprintf(ret_password, NTA_SECRET_SIZE, "%s", config->mysql.password);
        return 0;
    }
    if (config->mysql.password_file && config->mysql.password_file[0])
        return name_fault(nta_config_read_secret(config->mysql.password_file, ret_password, err),
                          "mysql.password_file", err);
    if (credential("mysql-password", path, sizeof(path)))
        return nta_config_read_secret(path, ret_password, err);
    return 0;
}

int nta_config_password_now(const void *config, char *password, size_t size)
{
    struct nta_err ignored = {0};

    return size < NTA_SECRET_SIZE ? -EINVAL : nta_config_password(config, password, &ignored);
}

bool nta_config_has_retention_user(const struct nta_config *config)
{
    return config->mysql.retention_user && config->mysql.retention_user[0];
}

int nta_config_retention_password(const struct nta_config *config,
                                  char ret_password[NTA_SECRET_SIZE], struct nta_err *err)
{
    return name_fault(
        nta_config_read_secret(config->mysql.retention_password_file, ret_password, err),
        "mysql.retention_password_file", err);
}

int nta_config_retention_password_now(const void *config, char *password, size_t size)
{
    struct nta_err ignored = {0};

    return size < NTA_SECRET_SIZE ? -EINVAL
                                  : nta_config_retention_password(config, password, &ignored);
}

int nta_config_keys_dir(const struct nta_config *config, char *buf, size_t size,
                        struct nta_err *err)
{
    const char *dir = config->store.keys && config->store.keys[0] ? config->store.keys : NULL;

    if (!dir && credential("state.key", buf, size)) {
        buf[strlen(buf) - strlen("/state.key")] = '\0';
        return 0;
    }
    if (!nta_path_join(dir ? dir : config->store.dir, dir ? "" : "keys", buf, size))
        return nta_err_sys(err, -ENAMETOOLONG, "key folder");
    return 0;
}
