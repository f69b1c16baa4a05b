/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/archive.h"

#include "base/hex.h"
#include "base/own.h"
#include "base/text.h"
#include "base/version.h"
#include "blacklist/registrable.h"
#include "evidence/files.h"
#include "evidence/page.h"
#include "evidence/zip.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define MANIFEST "manifest.json"

struct nta_span nta_case_program(void)
{
    static char text[NTA_CASE_PROGRAM_MAX];

    (void)snprintf(text, sizeof(text), "%s, suffixes %.8s", nta_version_named(),
                   nta_registrable_version());
    return nta_span_of(text);
}

/* ---- writing ---- */

typedef int put_fn(const struct nta_case_view *view, struct nta_buf *out);

static int put_cbor(const struct nta_case_view *view, struct nta_buf *out)
{
    nta_case_encode(view->kase, out);
    return 0;
}

/* the page in each language */
#define PAGE(language)                                                                             \
    static int put_page_##language(const struct nta_case_view *view, struct nta_buf *out)          \
    {                                                                                              \
        return nta_case_put_page(view, NTA_LANGUAGE_##language, out);                              \
    }
PAGE(EN)
PAGE(DE)
PAGE(FR)
PAGE(NL)

/** In order of names; one that has nothing to say is left out. */
static const struct
{
    const char *name;
    put_fn *put; ///< NULL: it is not made of the case alone.
} files[] = {
    /* clang-format off: a row each */
    {"README.txt", nta_case_put_readme},
    {NTA_CASE_CBOR, put_cbor},
    {"check.py", nta_case_put_check},
    {"index.de.html", put_page_DE},
    {"index.fr.html", put_page_FR},
    {"index.html", put_page_EN},
    {"index.nl.html", put_page_NL},
    {MANIFEST, NULL},
    {"packets.pcapng", nta_case_put_packets},
    {"records.json", nta_case_put_records},
    {NTA_CASE_SEAL_CBOR, NULL},
    /* clang-format on */
};

enum
{
    N_FILES = NTA_N_ELEMENTS(files)
};

static_assert((int)N_FILES <= (int)NTA_ZIP_MEMBERS, "an archive has space for all");

static bool is_named(const struct nta_zip_member *member, const char *name)
{
    return nta_span_equal(member->name, nta_span_of(name));
}

/** Every file but itself and the seal, which names it. */
static void put_manifest(struct nta_buf *out, struct nta_span program, bool is_sealed,
                         const struct nta_zip_member *members, size_t n)
{
    const char *before = "";

    nta_buf_printf(out, "{\"nta_case\":%d,\"program\":", NTA_CASE_VERSION);
    nta_text_json(out, program);
    nta_buf_printf(out, ",\"sealed\":%s,\"files\":[", is_sealed ? "true" : "false");
    for (size_t i = 0; i < n; i++) {
        uint8_t hash[NTA_HASH_LEN];

        if (is_named(&members[i], MANIFEST) || is_named(&members[i], NTA_CASE_SEAL_CBOR))
            continue;
        nta_hash_of(members[i].data, hash);
        nta_buf_printf(out, "%s\n{\"name\":\"%.*s\",\"bytes\":%zu,\"sha256\":\"", before,
                       (int)members[i].name.len, (const char *)members[i].name.ptr,
                       members[i].data.len);
        nta_buf_put_hex(out, hash, sizeof(hash));
        nta_buf_puts(out, "\"}");
        before = ",";
    }
    nta_buf_puts(out, "\n]}\n");
}

struct writing
{
    struct nta_case_view view;
    struct nta_buf bytes[N_FILES];
    struct nta_zip_member members[N_FILES];
    size_t n, manifest;   ///< `manifest`: which of the members it is,
    struct nta_buf *text; ///< and its text.
    size_t n_bytes;       ///< Of all files so far.
};

static void writing_done(struct writing *writing)
{
    nta_case_view_done(&writing->view);
    for (size_t i = 0; i < N_FILES; i++)
        nta_buf_done(&writing->bytes[i]);
}

static void add_member(struct writing *writing, const char *name, const struct nta_buf *bytes)
{
    writing->members[writing->n++] =
        (struct nta_zip_member){.name = nta_span_of(name), .data = nta_buf_span(bytes)};
}

/** One file, but for the manifest, whose place it is. */
static int put_file(struct writing *writing, size_t i, const struct nta_case *seal)
{
    struct nta_buf *bytes = &writing->bytes[i];
    const bool is_manifest = strcmp(files[i].name, MANIFEST) == 0;
    const int r = files[i].put ? files[i].put(&writing->view, bytes) : 0;

    if (seal && strcmp(files[i].name, NTA_CASE_SEAL_CBOR) == 0)
        nta_case_encode(seal, bytes);
    if (r < 0 || bytes->failed)
        return r < 0 ? r : -ENOMEM;
    writing->n_bytes += bytes->len;
    if (writing->n_bytes > NTA_ZIP_MAX)
        return -EFBIG;
    if (is_manifest) {
        writing->manifest = writing->n;
        writing->text = bytes;
    }
    if (bytes->len || is_manifest)
        add_member(writing, files[i].name, bytes);
    return 0;
}

/** All files; a case that is `is_sealed` may have its seal still to come. */
static int put_files(struct writing *writing, bool is_sealed, const struct nta_case *seal)
{
    for (size_t i = 0; i < N_FILES; i++) {
        const int r = put_file(writing, i, seal);

        if (r < 0)
            return r;
    }
    assert(writing->text);
    put_manifest(writing->text, writing->view.kase->program, is_sealed, writing->members,
                 writing->n);
    writing->members[writing->manifest].data = nta_buf_span(writing->text);
    return writing->text->failed ? -ENOMEM : 0;
}

int nta_case_write(const struct nta_case *kase, const struct nta_case *seal, struct nta_buf *out,
                   struct nta_err *err)
{
    NTA_AUTO(writing_done) struct writing writing = {.n = 0};
    int r = nta_case_view_init(&writing.view, kase);

    if (r == 0)
        r = put_files(&writing, seal, seal);
    if (r == 0)
        r = nta_zip_write(out, writing.members, writing.n);
    if (r == -EFBIG)
        return nta_err_set(err, r, "the case is larger than %d MiB", NTA_ZIP_MAX >> 20);
    if (r == 0 && out->failed)
        r = -ENOMEM;
    return r < 0 ? nta_err_sys(err, r, "case") : 0;
}

int nta_case_manifest(const struct nta_case *kase, uint8_t ret_hash[NTA_HASH_LEN])
{
    NTA_AUTO(writing_done) struct writing writing = {.n = 0};
    int r = nta_case_view_init(&writing.view, kase);

    if (r == 0)
        r = put_files(&writing, true, NULL);
    if (r == 0)
        nta_hash_of(writing.members[writing.manifest].data, ret_hash);
    return r;
}

/* ---- reading ---- */

static const struct nta_zip_member *find(const struct nta_zip_member *members, size_t n,
                                         const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (is_named(&members[i], name))
            return &members[i];
    return NULL;
}

/** True if the manifest is what the other files make of it. */
static bool check_manifest(const struct nta_zip_member *members, size_t n,
                           struct nta_case_file *file)
{
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    const struct nta_zip_member *manifest = find(members, n, MANIFEST);

    put_manifest(&again, file->kase->program, file->seal, members, n);
    nta_hash_of(nta_buf_span(&again), file->manifest);
    return manifest && !again.failed && nta_span_equal(manifest->data, nta_buf_span(&again));
}

/** Name the first file that is another one, or that one of the two has alone. */
static void tell_difference(const struct nta_zip_member *members, size_t n,
                            const struct nta_zip_member *again, size_t n_again,
                            struct nta_case_report *report)
{
    const struct nta_zip_member *which = members;

    for (size_t i = 0; i < n || i < n_again; i++) {
        which = i < n ? &members[i] : &again[i];
        if (i >= n || i >= n_again || !nta_span_equal(members[i].name, again[i].name) ||
            !nta_span_equal(members[i].data, again[i].data))
            break;
    }
    nta_case_tell(report, NTA_CASE_PAGES, NTA_CASE_WRONG,
                  "%.*s is not what this version of the program makes of case.cbor",
                  (int)which->name.len, (const char *)which->name.ptr);
}

static void tell_other_version(const struct nta_case *kase, struct nta_case_report *report)
{
    NTA_AUTO(nta_buf_done) struct nta_buf shown = {0};

    nta_text_escape(&shown, kase->program);
    nta_case_tell(
        report, NTA_CASE_PAGES, NTA_CASE_UNSEEN,
        "not sealed, and made by %.*s; this is %.*s, which would word them otherwise: trust "
        "what is proved here, not what the other files of the case say",
        (int)shown.len, shown.ptr ? (const char *)shown.ptr : "", (int)nta_case_program().len,
        (const char *)nta_case_program().ptr);
}

/** Write all of it again. */
static int compare(struct nta_span archive, const struct nta_zip_member *members, size_t n,
                   const struct nta_case_file *file, struct nta_case_report *report)
{
    const struct nta_case *kase = file->kase;
    NTA_AUTO(writing_done) struct writing writing = {.n = 0};
    NTA_AUTO(nta_buf_done) struct nta_buf again = {0};
    int r = nta_case_view_init(&writing.view, kase);

    if (r == 0)
        nta_case_tell_incident(&writing.view, report);
    if (r < 0)
        return r;
    if (!nta_span_equal(kase->program, nta_case_program())) {
        tell_other_version(kase, report);
        return 0;
    }
    r = put_files(&writing, file->seal, file->seal);
    if (r == 0)
        r = nta_zip_write(&again, writing.members, writing.n);
    if (r == -ENOMEM || again.failed)
        return -ENOMEM;
    if (r == 0 && nta_span_equal(nta_buf_span(&again), archive))
        nta_case_tell(report, NTA_CASE_PAGES, NTA_CASE_HOLDS,
                      "the files for people, written again from case.cbor, are the same bytes");
    else if (r == -EFBIG)
        nta_case_tell(report, NTA_CASE_PAGES, NTA_CASE_WRONG,
                      "the files for people, written again, would be larger than any case");
    else
        tell_difference(members, n, writing.members, writing.n, report);
    return 0;
}

void nta_case_file_done(struct nta_case_file *file)
{
    nta_case_free(&file->kase);
    nta_case_free(&file->seal);
}

/** case.cbor and seal.cbor.  0; -EBADMSG with the sentence; -ENOMEM. */
static int take_cases(const struct nta_zip_member *members, size_t n, struct nta_case_file *file,
                      struct nta_err *err)
{
    const struct nta_zip_member *cbor = find(members, n, NTA_CASE_CBOR);
    const struct nta_zip_member *seal = find(members, n, NTA_CASE_SEAL_CBOR);

    if (!cbor)
        return nta_err_set(err, -EBADMSG, "it has no %s", NTA_CASE_CBOR);
    int r = nta_case_decode(cbor->data, &file->kase, err);

    if (r == 0 && seal)
        r = nta_case_decode(seal->data, &file->seal, err);
    if (r == 0 && file->kase && !check_manifest(members, n, file))
        r = nta_err_set(err, -EBADMSG, "%s does not name these files with these hashes", MANIFEST);
    return r;
}

int nta_case_read(struct nta_span archive, struct nta_case_file *file,
                  struct nta_case_report *report)
{
    struct nta_zip_member members[NTA_ZIP_MEMBERS];
    struct nta_err err = {0};
    size_t n = 0;
    int r = nta_zip_read(archive, members, &n, &err);

    if (r == 0)
        r = take_cases(members, n, file, &err);
    if (r < 0)
        nta_case_file_done(file);
    if (r == -EBADMSG) {
        nta_case_tell(report, NTA_CASE_ARCHIVE, NTA_CASE_WRONG, "%s", err.text);
        return 0;
    }
    if (r < 0 || !file->kase)
        return r;
    nta_case_tell(report, NTA_CASE_ARCHIVE, NTA_CASE_HOLDS,
                  "%zu files, in the one form that a case has, with the hashes of %s", n, MANIFEST);
    return compare(archive, members, n, file, report);
}
