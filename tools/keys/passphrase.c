/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/passphrase.h"

#include "base/file/path.h"
#include "base/own.h"
#include "config/secret.h"
#include "search/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CREDENTIAL "auditor-passphrase"

static_assert((int)NTA_PASSPHRASE_SIZE == (int)NTA_SECRET_SIZE,
              "a passphrase is a secret of a file");

static struct
{
    const char *file;
    char kept[NTA_PASSPHRASE_SIZE]; ///< Empty: not asked for yet.
} given;

/* NOLINTBEGIN(concurrency-mt-unsafe): nobody changes the environment */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

/* NOLINTEND(concurrency-mt-unsafe) */

static bool has_terminal(void)
{
    NTA_AUTO_FD int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    return fd >= 0;
}

/** Typed, without being shown; twice where it is a new one. */
static int type(const char *what, bool is_new, char ret_passphrase[NTA_PASSPHRASE_SIZE],
                struct nta_err *err)
{
    char prompt[400];

    if (!has_terminal())
        return nta_err_set(err, -ENOKEY,
                           "%.250s is asked for, but there is no terminal, and no file was named "
                           "(%s)",
                           what,
                           is_new ? "--new-passphrase-file FILE" : "nta --passphrase-file FILE …");
    (void)snprintf(prompt, sizeof(prompt), "%s: ", what);
    if (EVP_read_pw_string_min(ret_passphrase, is_new ? 8 : 1, NTA_PASSPHRASE_SIZE - 1, prompt,
                               is_new) == 0)
        return 0;
    OPENSSL_cleanse(ret_passphrase, NTA_PASSPHRASE_SIZE);
    return nta_err_set(err, -ECANCELED, "no passphrase was typed%s",
                       is_new ? ", or not the same one twice" : "");
}

static int find(const char *file, char ret_passphrase[NTA_PASSPHRASE_SIZE], struct nta_err *err)
{
    const char *named = given.file ? given.file : environment("NTA_PASSPHRASE_FILE");
    const char *credentials = environment("CREDENTIALS_DIRECTORY");
    char path[NTA_PATH_SIZE], what[380];

    if (named)
        return nta_config_read_secret(named, ret_passphrase, err);
    if (credentials && nta_path_join(credentials, CREDENTIAL, path, sizeof(path)) &&
        access(path, F_OK) == 0)
        return nta_config_read_secret(path, ret_passphrase, err);
    (void)snprintf(what, sizeof(what), "Passphrase of %.300s", file);
    return type(what, false, ret_passphrase, err);
}

static int ask(void *owner, const char *file, char ret_passphrase[NTA_PASSPHRASE_SIZE],
               struct nta_err *err)
{
    int r = 0;

    (void)owner;
    if (!given.kept[0])
        r = find(file, given.kept, err);
    if (r < 0)
        OPENSSL_cleanse(given.kept, sizeof(given.kept));
    else
        memcpy(ret_passphrase, given.kept, NTA_PASSPHRASE_SIZE);
    return r;
}

void nta_passphrase_init(const char *file)
{
    given.file = file;
    nta_auditor_key_ask(ask, NULL);
}

void nta_passphrase_done(void)
{
    OPENSSL_cleanse(given.kept, sizeof(given.kept));
}

int nta_passphrase_new(const char *file, char ret_passphrase[NTA_PASSPHRASE_SIZE],
                       struct nta_err *err)
{
    return file ? nta_config_read_secret(file, ret_passphrase, err)
                : type("New passphrase", true, ret_passphrase, err);
}
