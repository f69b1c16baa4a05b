/* SPDX-License-Identifier: Apache-2.0 */
#include "export/page/page.h"

#include "base/file/plainfile.h"
#include "base/own.h"
#include "base/text.h"
#include "export/assets/assets.h"
#include "export/page/words.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

enum
{
    FILE_MAX = 4 << 20,
    PATH_SIZE = 4096,
    HASH_TEXT_SIZE = 4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1
};

/** What goes into the page, in this order. */
static const struct part
{
    const char *file; ///< In the folder of libraries; NULL: an asset.
    enum nta_asset asset;
    bool is_style;
} parts[] = {
    {.file = "leaflet.css", .is_style = true},
    {.file = "MarkerCluster.css", .is_style = true},
    {.asset = NTA_ASSET_PAGE_CSS, .is_style = true},
    {.file = "leaflet.min.js"},
    {.file = "leaflet.markercluster.min.js"},
    {.asset = NTA_ASSET_BASE_JS},
    {.asset = NTA_ASSET_MAP_JS},
    {.asset = NTA_ASSET_CHARTS_JS},
    {.asset = NTA_ASSET_SHARE_JS},
    {.asset = NTA_ASSET_INCIDENTS_JS},
    {.asset = NTA_ASSET_PAGE_JS},
};

enum
{
    N_PARTS = NTA_N_ELEMENTS(parts)
};

static int read_file(const char *dir, const char *name, struct nta_buf *out, struct nta_err *err)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof(path), "%s/%s", dir, name);

    if (len < 0 || len >= PATH_SIZE)
        return nta_err_sys(err, -ENAMETOOLONG, "%.200s", dir);
    int r;
    NTA_AUTO_FILE FILE *file = nta_plainfile_stream(path, FILE_MAX, 0, &r, err);

    if (!file)
        return r == -ENOENT
                   ? nta_err_set(err, -ENOENT,
                                 "%.300s is not there: the report needs the Debian packages "
                                 "libjs-leaflet and libjs-leaflet.markercluster",
                                 path)
                   : r;
    uint8_t *buf = nta_buf_reserve(out, FILE_MAX);

    if (!buf)
        return nta_err_sys(err, -ENOMEM, "%.300s", path);
    out->len += fread(buf, 1, FILE_MAX, file);
    if (ferror(file) || !feof(file))
        return nta_err_sys(err, ferror(file) ? -EIO : -EFBIG, "%.300s", path);
    return 0;
}

/** Leave out the line that would let a browser ask for a source map. */
static struct nta_span without_source_map(struct nta_span text)
{
    const size_t at = nta_span_find(text, "# sourceMappingURL=");

    return at < text.len && at >= 2 ? nta_span_first(text, at - 2) : text;
}

/** What would end the element that the text stands in. */
static bool ends_element(struct nta_span text)
{
    return nta_span_find_word(text, "</script") < text.len ||
           nta_span_find_word(text, "</style") < text.len;
}

static int load_parts(const char *dir, struct nta_buf files[N_PARTS],
                      struct nta_span ret_texts[N_PARTS], struct nta_err *err)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        int r = parts[i].file ? read_file(dir, parts[i].file, &files[i], err) : 0;

        if (r < 0)
            return r;
        ret_texts[i] =
            parts[i].file ? without_source_map(nta_buf_span(&files[i])) : nta_asset(parts[i].asset);
        if (ends_element(ret_texts[i]))
            return nta_err_set(err, -EINVAL, "%.200s/%s cannot stand in a page", dir,
                               parts[i].file ? parts[i].file : "");
    }
    return 0;
}

static void put_hashes(struct nta_buf *out, const struct nta_span texts[N_PARTS], bool of_styles)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        uint8_t hash[SHA256_DIGEST_LENGTH];
        char text[HASH_TEXT_SIZE];

        if (parts[i].is_style != of_styles)
            continue;
        (void)SHA256(texts[i].ptr, texts[i].len, hash);
        (void)EVP_EncodeBlock((unsigned char *)text, hash, sizeof(hash));
        nta_buf_printf(out, " 'sha256-%s'", text);
    }
}

static void put_policy(struct nta_buf *out, const struct nta_span texts[N_PARTS], bool is_live)
{
    nta_buf_puts(out, "default-src 'none'; script-src");
    put_hashes(out, texts, false);
    nta_buf_puts(out, "; style-src");
    put_hashes(out, texts, true);
    nta_buf_puts(out, is_live ? "; connect-src 'self'" : "");
    nta_buf_puts(out, "; base-uri 'none'; form-action 'none'");
}

static void put_elements(struct nta_buf *out, const struct nta_span texts[N_PARTS], bool styles)
{
    for (size_t i = 0; i < N_PARTS; i++) {
        if (parts[i].is_style != styles)
            continue;
        nta_buf_puts(out, styles ? "<style>" : "<script>");
        nta_buf_put(out, texts[i].ptr, texts[i].len);
        nta_buf_puts(out, styles ? "</style>\n" : "</script>\n");
    }
}

/** Copy the frame, with each `<!--NAME-->` replaced. */
static void fill_frame(struct nta_buf *out, const struct nta_page_options *options,
                       const struct nta_span texts[N_PARTS])
{
    struct nta_span frame = nta_asset(NTA_ASSET_PAGE_HTML), world = nta_asset(NTA_ASSET_WORLD);
    const struct nta_span towns = nta_asset(NTA_ASSET_TOWNS);

    while (frame.len) {
        const size_t at = nta_span_find(frame, "<!--");
        const struct nta_span mark = nta_span_from(frame, at);
        const size_t end = nta_span_find(mark, "-->");

        nta_buf_put(out, frame.ptr, end < mark.len ? at : frame.len);
        if (end == mark.len)
            break;
        const struct nta_span name = nta_span_from(nta_span_first(mark, end), 4);

        if (nta_span_equal(name, nta_span_of("policy")))
            put_policy(out, texts, options->is_live);
        else if (nta_span_equal(name, nta_span_of("styles")))
            put_elements(out, texts, true);
        else if (nta_span_equal(name, nta_span_of("scripts")))
            put_elements(out, texts, false);
        else if (nta_span_equal(name, nta_span_of("world")))
            nta_buf_put(out, world.ptr, world.len);
        else if (nta_span_equal(name, nta_span_of("towns")))
            nta_buf_put(out, towns.ptr, towns.len);
        else if (nta_span_equal(name, nta_span_of("words")))
            nta_page_put_words(out, options->lang);
        else if (nta_span_equal(name, nta_span_of("data")))
            nta_buf_put(out, options->data.ptr, options->data.len);
        frame = nta_span_from(mark, end + 3);
    }
}

int nta_page(struct nta_buf *out, const struct nta_page_options *options, struct nta_err *err)
{
    struct nta_buf files[N_PARTS] = {0};
    struct nta_span texts[N_PARTS] = {0};
    int r = load_parts(options->libs_dir ? options->libs_dir : NTA_PAGE_LIBS, files, texts, err);

    if (r == 0) {
        fill_frame(out, options, texts);
        r = out->failed ? nta_err_sys(err, -ENOMEM, "page") : 0;
    }
    for (size_t i = 0; i < N_PARTS; i++)
        nta_buf_done(&files[i]);
    return r;
}
