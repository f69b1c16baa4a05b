/* SPDX-License-Identifier: Apache-2.0 */
#include "base/runtime/clock.h"
#include "blacklist/file/compiled.h"
#include "blacklist/file/image.h"
#include "lists.h"

#include <errno.h>

/** Longer than a file can be young (file.c). */
#define NOT_YOUNG_US 150000

static char dir[] = "/tmp/nta-compiled-XXXXXX", deny[64], allow[64], saved[64];

static const char deny_text[] = "example.com\n=only.example.net\n*.subs.example.net\nno name!\n"
                                "192.0.2.7\n198.51.100.0/24\n2001:db8::/32\n"
                                "http://urls.example/a\nhttp://urls.example/a/b\n";

static void write_file(const char *path, const char *text)
{
    NTA_AUTO_FILE FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

static int make_files(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof(dir), "/tmp/nta-compiled-XXXXXX");
    assert_non_null(mkdtemp(dir));
    (void)snprintf(deny, sizeof(deny), "%s/deny.txt", dir);
    (void)snprintf(allow, sizeof(allow), "%s/allow.txt", dir);
    (void)snprintf(saved, sizeof(saved), "%s/set.ntaset", dir);
    write_file(deny, deny_text);
    write_file(allow, "good.example.com\n198.51.100.9\n203.0.113.8:53\n");
    return usleep(NOT_YOUNG_US);
}

static int remove_files(void **state)
{
    (void)state;
    (void)unlink(deny);
    (void)unlink(allow);
    (void)unlink(saved);
    return rmdir(dir);
}

/** Add the files and a text, as a start of the daemon does. */
static int add_all(struct nta_blacklist_builder *builder, const char *text, bool force,
                   struct nta_buf *complaints, struct nta_err *err)
{
    const struct nta_list_source sources[] = {
        {.path = deny, .category = "test", .severity = NTA_SEVERITY_HIGH, .force = force},
        {.path = allow, .name = "good", .allow = true},
        {.path = "(text)", .name = "text", .text = text, .internal = true, .varies = true},
    };
    int r = 0;

    for (size_t i = 0; i < NTA_N_ELEMENTS(sources) && r == 0; i++)
        r = nta_blacklist_builder_add(builder, &sources[i], complaints, err);
    return r;
}

static struct nta_blacklist *read_set(struct nta_buf *complaints)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(add_all(builder, "=canary.example\n", false, complaints, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    return set;
}

static void save_set(void)
{
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = read_set(&complaints);
    struct nta_err err = {0};

    if (nta_blacklist_save(set, saved, &err) < 0)
        fail_msg("%s", err.text);
}

/** Open the compiled set with the sources as they are now. */
static int open_set(bool force, struct nta_buf *complaints, struct nta_blacklist **ret_set)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_err err = {0};
    int r = nta_blacklist_builder_open(saved, &builder, &err);

    if (r == 0)
        r = add_all(builder, "=other.example\n", force, complaints, &err);
    if (r == 0)
        r = nta_blacklist_builder_build(builder, ret_set, &err);
    assert_int_equal(r < 0, err.text[0] != '\0');
    return r;
}

static void a_compiled_set_answers_as_the_one_it_was_made_of(void **state)
{
    static const char *const names[] = {
        "www.example.com",    "good.example.com", "only.example.net",
        "x.only.example.net", "subs.example.net", "x.subs.example.net",
        "canary.example",     "other.example",    "nothing.example.org"};
    static const char *const addrs[] = {"192.0.2.7",    "192.0.2.8",   "198.51.100.1",
                                        "198.51.100.9", "2001:db8::1", "2001:db9::1"};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints = {0};
    NTA_AUTO(nta_buf_done) struct nta_buf complaints_again = {0};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *one = read_set(&complaints);
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *two = NULL;
    char text[NTA_NAME_SIZE + 16];

    (void)state;
    save_set();
    assert_int_equal(open_set(false, &complaints_again, &two), 0);
    for (size_t i = 0; i < NTA_N_ELEMENTS(names); i++) {
        (void)snprintf(text, sizeof(text), "%s", verdict(one, names[i]));
        assert_string_equal(verdict(two, names[i]), text);
    }
    for (size_t i = 0; i < NTA_N_ELEMENTS(addrs); i++) {
        (void)snprintf(text, sizeof(text), "%s", verdict_addr(one, addrs[i]));
        assert_string_equal(verdict_addr(two, addrs[i]), text);
    }
    assert_string_equal(verdict_url(two, "urls.example", "/a/b/c"), "urls.example/a/b@9");
    assert_string_equal(verdict_url(two, "urls.example", "/b"), "-");
    assert_string_equal(verdict_port(two, "203.0.113.8", 53), "allowed");
    assert_string_equal(verdict_port(two, "203.0.113.8", 54), "-");
    assert_int_equal(complaints.len, complaints_again.len);
    assert_memory_equal(complaints.ptr, complaints_again.ptr, complaints.len);
    assert_true(nta_blacklist_memory(two) <= nta_blacklist_memory(one));
}

static void a_compiled_set_knows_its_lists(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *one = read_set(NULL);
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *two = NULL;

    (void)state;
    save_set();
    assert_int_equal(open_set(false, NULL, &two), 0);
    assert_int_equal(nta_blacklist_n_lists(two), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct nta_list_report *a = nta_blacklist_get_list(one, i);
        const struct nta_list_report *b = nta_blacklist_get_list(two, i);

        assert_string_equal(a->path, b->path);
        assert_string_equal(a->name, b->name);
        assert_memory_equal(a->sha256, b->sha256, 32);
        assert_int_equal(nta_list_report_entries(a), nta_list_report_entries(b));
        assert_int_equal(a->lines, b->lines);
        assert_int_equal(a->n_bad, b->n_bad);
        assert_int_equal(a->severity, b->severity);
        assert_int_equal(a->allow, b->allow);
        assert_int_equal(a->internal, b->internal);
        assert_int_equal(a->n_reasons, b->n_reasons);
    }
    assert_string_equal(nta_blacklist_get_list(two, 0)->category, "test");
    assert_null(nta_blacklist_get_list(two, 1)->category);
    assert_int_equal(nta_blacklist_get_list(two, 0)->n_reasons, 1);
    assert_string_equal(nta_blacklist_get_list(two, 0)->reasons[0].text,
                        nta_blacklist_get_list(one, 0)->reasons[0].text);
    assert_string_equal(nta_blacklist_get_list(two, 2)->text, "=canary.example\n");
}

static void a_set_of_something_else_is_stale(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_err err = {0};

    (void)state;
    save_set();
    assert_int_equal(open_set(true, NULL, &set), -ESTALE); /* another setting */
    assert_int_equal(nta_blacklist_builder_open(saved, &builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), -ESTALE); /* no lists */
    write_file(allow, "good.example.org\n198.51.100.9\n"); /* as many bytes as before */
    assert_int_equal(open_set(false, NULL, &set), -ESTALE);
    assert_int_equal(unlink(allow), 0);
    assert_int_equal(open_set(false, NULL, &set), -ENOENT);
    assert_null(set);
}

static void a_list_changed_a_moment_ago_is_not_kept(void **state)
{
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    int64_t from_ns;

    (void)state;
    do { /* on a busy machine reading may take longer than a moment */
        nta_blacklist_free(&set);
        from_ns = nta_clock_wall_ns();
        write_file(allow, "good.example.org\n");
        set = read_set(NULL);
    } while (nta_clock_wall_ns() - from_ns > NTA_NS_PER_S / 20);
    assert_int_equal(nta_blacklist_save(set, saved, &err), -EAGAIN);
    nta_blacklist_free(&set);
    assert_int_equal(access(saved, F_OK), -1);
}

static void an_unsafe_file_is_not_opened(void **state)
{
    char linked[80];
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    save_set();
    assert_int_equal(chmod(saved, 0620), 0);
    assert_int_equal(nta_compiled_open(saved, &set, &err), -EPERM);
    assert_int_equal(chmod(saved, 0600), 0);
    (void)snprintf(linked, sizeof(linked), "%s.link", saved);
    assert_int_equal(symlink(saved, linked), 0);
    assert_int_equal(nta_compiled_open(linked, &set, &err), -ELOOP);
    assert_int_equal(unlink(linked), 0);
    assert_int_equal(nta_compiled_open(dir, &set, &err), -EINVAL);
    assert_int_equal(nta_compiled_open(deny, &set, &err), -EBADMSG);
    assert_null(set);
}

/** The compiled file's bytes, aligned as a mapping is; free() them. */
static uint8_t *read_saved(size_t *ret_len)
{
    NTA_AUTO_FILE FILE *file = fopen(saved, "re");
    struct stat stat;
    uint8_t *bytes;

    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &stat), 0);
    bytes = aligned_alloc(NTA_IMAGE_PAGE, (size_t)stat.st_size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)stat.st_size, file), stat.st_size);
    *ret_len = (size_t)stat.st_size;
    return bytes;
}

static void put_saved(const uint8_t *bytes, size_t len)
{
    NTA_AUTO_FILE FILE *file = fopen(saved, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
}

static void a_changed_byte_or_a_cut_is_found(void **state)
{
    struct nta_blacklist *set = NULL;
    size_t len, n_lists;
    NTA_AUTO_FREE uint8_t *bytes = NULL;

    (void)state;
    save_set();
    assert_int_equal(nta_blacklist_check_saved(saved, &n_lists, NULL), 0);
    assert_int_equal(n_lists, 3);
    bytes = read_saved(&len);
    for (size_t i = 0; i < len; i += i < sizeof(struct nta_image_header) ? 17 : 19997) {
        if (i >= sizeof(struct nta_image_header) && i < NTA_IMAGE_PAGE)
            continue; /* nothing is there */
        bytes[i] ^= 0x10;
        put_saved(bytes, len);
        assert_int_equal(nta_compiled_open(saved, &set, NULL), -EBADMSG);
        bytes[i] ^= 0x10;
    }
    for (size_t n = 0; n < len; n += 40001) {
        put_saved(bytes, n);
        assert_int_equal(nta_compiled_open(saved, &set, NULL), -EBADMSG);
    }
}

/** Ask a set everything; what it says does not matter. */
static void ask_all(struct nta_blacklist *set)
{
    (void)verdict(set, "www.example.com");
    (void)verdict(set, "x.subs.example.net");
    (void)verdict(set, "only.example.net");
    (void)verdict_url(set, "urls.example", "/a/b");
    for (unsigned i = 0; i < 256; i++) {
        struct nta_addr addr = nta_addr_v4((const uint8_t[]){198, 51, 100, (uint8_t)i});
        char buf[NTA_NAME_SIZE];
        struct nta_hit hit;

        (void)nta_blacklist_match_addr(set, &addr, buf, &hit);
    }
    for (size_t i = 0; i < nta_blacklist_n_lists(set); i++)
        assert_non_null(nta_blacklist_get_list(set, i)->path);
}

/** Attach bytes that have one changed, and ask. */
static void try_changed(uint8_t *bytes, size_t len, size_t i)
{
    const uint8_t was = bytes[i];

    for (unsigned turn = 0; turn < 2; turn++) {
        struct nta_blacklist *set = calloc(1, sizeof(*set));
        struct nta_image_header header;

        assert_non_null(set);
        bytes[i] = turn ? 0xff : (uint8_t)(was ^ 0x01);
        memcpy(&header, bytes, sizeof(header));
        header.bytes = len; /* the one number that is always compared */
        if (nta_image_attach(set, &header, bytes) == 0)
            ask_all(set);
        set->names = (struct nta_names){0}; /* the bytes are the test's own */
        set->addrs = (struct nta_addrs){0};
        set->urls = (struct nta_urls){0};
        set->marks = (struct nta_marks){0};
        nta_blacklist_free(&set);
    }
    bytes[i] = was;
}

/** Large sets are not held against their SHA-256: whatever is in them, look-ups stay inside. */
static void no_byte_of_an_unchecked_set_leads_outside(void **state)
{
    struct nta_image_header header;
    size_t len;
    NTA_AUTO_FREE uint8_t *bytes = NULL;

    (void)state;
    save_set();
    bytes = read_saved(&len);
    memcpy(&header, bytes, sizeof(header));
    for (size_t i = 0; i < sizeof(header); i += 3)
        try_changed(bytes, len, i);
    for (size_t part = 0; part < NTA_IMAGE_N_PARTS; part++) {
        size_t n = header.parts[part].bytes;

        for (size_t i = 0; i<n; i += n> NTA_IMAGE_PAGE ? n / 16 : 1)
            try_changed(bytes, len, header.parts[part].start + i);
    }
}

int main(void)
{
#define WITH_FILES(test) cmocka_unit_test_setup_teardown(test, make_files, remove_files)
    const struct CMUnitTest tests[] = {
        WITH_FILES(a_compiled_set_answers_as_the_one_it_was_made_of),
        WITH_FILES(a_compiled_set_knows_its_lists),
        WITH_FILES(a_set_of_something_else_is_stale),
        WITH_FILES(a_list_changed_a_moment_ago_is_not_kept),
        WITH_FILES(an_unsafe_file_is_not_opened),
        WITH_FILES(a_changed_byte_or_a_cut_is_found),
        WITH_FILES(no_byte_of_an_unchecked_set_leads_outside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
