/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file/newfile.h"
#include "base/own.h"
#include "base/text.h"
#include "vault/auditors.h"
#include "vault/crypto/curve.h"
#include "vault/keyfile.h"
#include "vault/vault.h"

#include <errno.h>

enum
{
    SENSORS_FILE_MAX = 4 * 1024 * 1024 ///< Bytes of sensors.pub, a line a sensor.
};

#define UNUSABLE "is no usable key: anybody can sign for it"

int nta_sensor_pub_read(const struct nta_keydir *dir, uint8_t ret_public[NTA_KEY_LEN],
                        struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    int r = nta_keyfile_public(dir, "sensor.pub", &text, err);

    if (r < 0)
        return r;
    if (text.len && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (!nta_key_parse(nta_buf_span(&text), NTA_KEY_SENSOR, ret_public))
        return nta_err_set(err, -EINVAL,
                           "%s/sensor.pub: is not \"" NTA_KEY_SENSOR "\" and 64 hexadecimal digits",
                           dir->shown);
    if (!nta_ed25519_usable(ret_public)) {
        memset(ret_public, 0, NTA_KEY_LEN);
        return nta_err_set(err, -EINVAL, "%s/sensor.pub: " UNUSABLE, dir->shown);
    }
    return 0;
}

int nta_auditors_read(const struct nta_keydir *dir, struct nta_auditors *ret_auditors,
                      struct nta_err *err)
{
    NTA_AUTO(nta_buf_done) struct nta_buf text = {0};
    struct nta_auditors auditors = {.n = 0};
    unsigned line = 0;
    int r = nta_keyfile_public(dir, "auditors.pub", &text, err);

    if (r < 0)
        return r;
    for (struct nta_span rest = nta_buf_span(&text); rest.len > 0; line++) {
        const struct nta_span key = nta_span_take(&rest, '\n');

        if (key.len == 0 || key.ptr[0] == '#')
            continue;
        if (auditors.n == NTA_AUDITORS_MAX)
            return nta_err_set(err, -EINVAL, "%s/auditors.pub:%u: more than %d auditors",
                               dir->shown, line + 1, NTA_AUDITORS_MAX);
        if (!nta_key_parse(key, NTA_KEY_AUDITOR, auditors.keys[auditors.n]))
            return nta_err_set(err, -EINVAL,
                               "%s/auditors.pub:%u: is not \"" NTA_KEY_AUDITOR
                               "\" and 64 hexadecimal digits",
                               dir->shown, line + 1);
        if (!nta_x25519_usable(auditors.keys[auditors.n]))
            return nta_err_set(err, -EINVAL,
                               "%s/auditors.pub:%u: is no usable key: whatever is sealed to it, "
                               "anybody can open",
                               dir->shown, line + 1);
        auditors.n++;
    }
    if (auditors.n == 0)
        return nta_err_set(err, -EINVAL, "%s/auditors.pub: no auditor's key in it", dir->shown);
    *ret_auditors = auditors;
    return 0;
}

int nta_keys_sensor_public(const char *dir, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    int r = nta_keydir_open(dir, false, &keys, err);

    return r < 0 ? r : nta_sensor_pub_read(&keys, ret_public, err);
}

int nta_keys_parse_sensor(const char *text, uint8_t ret_public[NTA_KEY_LEN], struct nta_err *err)
{
    char shown[NTA_KEY_TEXT_SIZE];

    (void)nta_text_escape_to(shown, sizeof(shown), nta_span_of(text));
    if (!nta_key_parse(nta_span_of(text), NTA_KEY_SENSOR, ret_public))
        return nta_err_set(err, -EINVAL,
                           "%s: is not \"" NTA_KEY_SENSOR "\" and 64 hexadecimal digits", shown);
    if (nta_ed25519_usable(ret_public))
        return 0;
    memset(ret_public, 0, NTA_KEY_LEN);
    return nta_err_set(err, -EINVAL, "%s: " UNUSABLE, shown);
}

int nta_keys_show(const char *dir, char ret_sensor[NTA_KEY_TEXT_SIZE], struct nta_buf *ret_auditors,
                  struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    struct nta_auditors auditors = {.n = 0};
    uint8_t sensor[NTA_KEY_LEN];
    char text[NTA_KEY_TEXT_SIZE];
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0)
        r = nta_sensor_pub_read(&keys, sensor, err);
    if (r == 0)
        r = nta_auditors_read(&keys, &auditors, err);
    if (r != 0)
        return r;
    nta_key_text(NTA_KEY_SENSOR, sensor, ret_sensor, NTA_KEY_TEXT_SIZE);
    for (size_t i = 0; i < auditors.n; i++) {
        nta_key_text(NTA_KEY_AUDITOR, auditors.keys[i], text, sizeof(text));
        nta_buf_puts(ret_auditors, text);
        nta_buf_put_u8(ret_auditors, '\n');
    }
    return ret_auditors->failed ? nta_err_set(err, -ENOMEM, "no memory") : 0;
}

int nta_keys_sensors(const char *dir, struct nta_buf *out, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r == 0 && !nta_keydir_has(&keys, "sensors.pub"))
        return nta_err_set(err, -ENOENT, "%s/sensors.pub: there is none", keys.shown);
    return r < 0 ? r : nta_keyfile_bytes(&keys, "sensors.pub", SENSORS_FILE_MAX, out, err);
}

int nta_keys_put_sensors(const char *dir, struct nta_span text, struct nta_err *err)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};
    NTA_AUTO(nta_newfile_drop) struct nta_newfile file = NTA_NEWFILE_NONE;
    int r = nta_keydir_open(dir, false, &keys, err);

    if (r < 0)
        return r;
    r = nta_newfile_open_at(&file, keys.fd, "sensors.pub", 0600);
    if (r == 0)
        r = nta_write_all(file.fd, text.ptr, text.len);
    if (r == 0)
        r = nta_newfile_commit(&file, true);
    return r < 0 ? nta_err_sys(err, r, "%s/sensors.pub", keys.shown) : 0;
}

bool nta_keys_has_identity(const char *keys_dir)
{
    NTA_AUTO(nta_keydir_close) struct nta_keydir keys = {.fd = -1};

    return nta_keydir_open(keys_dir, false, &keys, NULL) == 0 &&
           nta_keydir_has(&keys, "sensor.key");
}
