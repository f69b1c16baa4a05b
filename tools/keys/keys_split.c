/* SPDX-License-Identifier: Apache-2.0 */
/* split, join: the auditor's key in shares for several people, who open together. */
#include "base/file/newfile.h"
#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/prose.h"
#include "keys/passphrase.h"
#include "keys/subcommands.h"
#include "output/fail.h"
#include "vault/open/shares.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** What is wrong with the shares is another status than what could not be done. */
static int fail(int r, const struct nta_err *err)
{
    return nta_cmd_fail(r == -EINVAL                          ? NTA_EXIT_USAGE
                        : r == -EKEYREJECTED || r == -EBADMSG ? NTA_EXIT_INPUT
                                                              : NTA_EXIT_FAILURE,
                        "%s", err->text);
}

/* ---- split ---- */

static int share_path(const char *name, unsigned number, char ret_path[NTA_PATH_SIZE],
                      struct nta_err *err)
{
    const int len = snprintf(ret_path, NTA_PATH_SIZE, "%s.%u", name, number);

    return len > 0 && len < NTA_PATH_SIZE
               ? 0
               : nta_err_set(err, -ENAMETOOLONG, "%.200s: too long", name);
}

static int write_share(const char *name, const struct nta_share *share, struct nta_err *err)
{
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    NTA_AUTO(nta_buf_done) struct nta_buf text = {.secret = true};
    char path[NTA_PATH_SIZE];
    int r = share_path(name, share->number, path, err);

    if (r < 0)
        return r;
    nta_share_put(share, &text);
    r = text.failed ? -ENOMEM : nta_newfile_open(&file, path, 0600);
    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0)
        r = nta_newfile_commit(&file, false);
    return r < 0 ? nta_err_sys(err, r, "%.300s", path) : 0;
}

/** All of them or none: shares of two splittings in one place would be mixed. */
static int write_shares(const char *name, const struct nta_share *shares, struct nta_err *err)
{
    char path[NTA_PATH_SIZE];

    for (unsigned i = 0; i < shares[0].of; i++) {
        const int r = write_share(name, &shares[i], err);

        if (r == 0)
            continue;
        while (i-- > 0)
            if (share_path(name, shares[i].number, path, NULL) == 0)
                (void)unlink(path);
        return r;
    }
    return 0;
}

static bool parse_count(const char *text, unsigned *ret_count)
{
    char *end = NULL;
    const long count = text ? strtol(text, &end, 10) : 0;

    if (!text || end == text || *end || count < 0 || count > 1000)
        return false;
    *ret_count = (unsigned)count;
    return true;
}

int nta_keys_cmd_split(const struct nta_keys_command *command)
{
    struct nta_share shares[NTA_SHARES_MAX];
    struct nta_err err = {0};
    unsigned needs, of;

    if (command->n_arguments != 1 || !parse_count(command->needs, &needs) ||
        !parse_count(command->of, &of))
        return nta_cmd_fail(NTA_EXIT_USAGE,
                            "nta keys split NAME --needs K --of N: N files, NAME.1 and so on, of "
                            "which any K make the key");
    const char *name = command->arguments[0];
    int r = nta_auditor_key_split(command->dir, needs, of, shares, &err);

    if (r == 0)
        r = write_shares(name, shares, &err);
    OPENSSL_cleanse(shares, sizeof(shares));
    if (r < 0)
        return fail(r, &err);
    nta_prose_print(stdout,
                    "%s.1 to %s.%u: any %u of them make auditor.key (nta keys join), fewer say "
                    "nothing of it.  Try that with %u of them; give each to somebody else; then "
                    "remove them here, and %s/auditor.key with its copies, which still open all\n",
                    name, name, of, needs, needs, command->dir);
    return NTA_EXIT_OK;
}

/* ---- join ---- */

static int read_share(const char *path, struct nta_share *ret_share, struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf typed = {.secret = true};
    char text[NTA_SHARE_TYPED_MAX + 1];
    int r = 0;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, INT64_MAX, 0, &r, err);

    if (!file)
        return r;
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy that nobody wipes */
    const size_t len = fread(text, 1, sizeof(text), file);

    if (len < sizeof(text))
        nta_share_typed((struct nta_span){(const uint8_t *)text, len}, &typed);
    r = ferror(file)   ? nta_err_sys(err, -EIO, "%.300s", path)
        : typed.failed ? nta_err_sys(err, -ENOMEM, "%.300s", path)
                       : nta_share_parse(nta_buf_span(&typed), ret_share);
    OPENSSL_cleanse(text, sizeof(text));
    if (r == -EINVAL)
        return nta_err_set(err, -EBADMSG,
                           "%.300s: is no share of an auditor's key, or mistyped: seven lines, "
                           "nta-share, key, needs, number, split, share and check",
                           path);
    return r == -EBADMSG ? nta_err_set(err, r,
                                       "%.300s: was changed or is mistyped: its check is another "
                                       "one",
                                       path)
                         : r;
}

static int join(const struct nta_keys_command *command, struct nta_share shares[NTA_SHARES_MAX],
                char ret_public[NTA_KEY_TEXT_SIZE], struct nta_err *err)
{
    char **names = command->arguments + 1;
    const size_t n = (size_t)command->n_arguments - 1;
    const char *shown[NTA_SHARES_MAX];
    const struct nta_shares given = {shares, shown, n};
    char passphrase[NTA_PASSPHRASE_SIZE];
    int r = n > NTA_SHARES_MAX
                ? nta_err_set(err, -EKEYREJECTED, "more shares than there can be: %zu", n)
                : 0;

    for (size_t i = 0; i < n && r == 0; i++) {
        shown[i] = names[i];
        r = read_share(names[i], &shares[i], err);
    }
    if (r == 0)
        r = nta_auditor_key_check(&given, err); /* before anything is asked */
    if (r == 0)
        r = nta_passphrase_new(command->new_passphrase, passphrase, err);
    if (r < 0)
        return r;
    r = nta_auditor_key_join(&given, command->arguments[0], passphrase, ret_public, err);
    OPENSSL_cleanse(passphrase, sizeof(passphrase));
    return r;
}

int nta_keys_cmd_join(const struct nta_keys_command *command)
{
    struct nta_share shares[NTA_SHARES_MAX];
    char public_key[NTA_KEY_TEXT_SIZE];
    struct nta_err err = {0};

    if (command->n_arguments < 2)
        return nta_cmd_fail(NTA_EXIT_USAGE,
                            "nta keys join FILE SHARE...: the file of the key, which is made, and "
                            "as many shares as are needed");
    const int r = join(command, shares, public_key, &err);

    OPENSSL_cleanse(shares, sizeof(shares));
    if (r < 0)
        return fail(r, &err);
    nta_prose_print(stdout,
                    "%s: the key of %s, under this passphrase.  It opens alone: keep it in a key "
                    "folder as auditor.key for as long as it is needed together, and remove it "
                    "then\n",
                    command->arguments[0], public_key);
    return NTA_EXIT_OK;
}
