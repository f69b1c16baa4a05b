/* SPDX-License-Identifier: Apache-2.0 */
#include "export/map/kml.h"

#include <errno.h>
#include <zip.h>

int nta_kmz_pack(FILE *kml, const char *path, struct nta_err *err)
{
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

    if (!zip) {
        zip_error_t error;

        zip_error_init_with_code(&error, code);
        int r = nta_err_set(err, -EIO, "%.200s: %.200s", path, zip_error_strerror(&error));

        zip_error_fini(&error);
        return r;
    }
    /* read when the archive is closed, and the file is closed with it */
    rewind(kml); /* libzip reads from where it stands */
    zip_source_t *source = zip_source_filep(zip, kml, 0, -1);

    if (!source || zip_file_add(zip, "doc.kml", source, ZIP_FL_ENC_UTF_8) < 0) {
        int r = nta_err_set(err, -EIO, "%.200s: %.200s", path, zip_strerror(zip));

        if (source)
            zip_source_free(source);
        else
            (void)fclose(kml);
        zip_discard(zip);
        return r;
    }
    if (zip_close(zip) < 0) {
        int r = nta_err_set(err, -EIO, "%.200s: %.200s", path, zip_strerror(zip));

        zip_discard(zip);
        return r;
    }
    return 0;
}
