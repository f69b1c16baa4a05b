/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

#include <errno.h>

/**
 * Load one text; gives what nta_blacklist_builder_add() gave and, if good, the set's only report.
 */
static int load(const char *text, struct nta_blacklist **ret_set, struct nta_buf *complaints,
                struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    int r;

    assert_int_equal(nta_blacklist_builder_new(&builder, err), 0);
    r = add_text(builder, text, false, complaints, err);
    if (r == 0)
        assert_int_equal(nta_blacklist_builder_build(builder, ret_set, err), 0);
    else
        assert_true(nta_blacklist_builder_build(builder, ret_set, &(struct nta_err){0}) < 0);
    return r;
}

static int add_path(const char *path, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_list_source source = {.path = path};

    assert_int_equal(nta_blacklist_builder_new(&builder, err), 0);
    return nta_blacklist_builder_add(builder, &source, NULL, err);
}

static void comments_and_line_ends_do_not_matter(void **state)
{
    NTA_AUTO(nta_blacklist_free)
    struct nta_blacklist *set =
        set_of("\xef\xbb\xbf"
               "first.example\r\n# c\r\n; c\n! c\n// c\n\n  second.example  # why\n"
               "\tthird.example ; why\nfourth.example // why\nlast.example",
               NULL);

    (void)state;
    assert_string_equal(verdict(set, "first.example"), "first.example@1");
    assert_string_equal(verdict(set, "second.example"), "second.example@7");
    assert_string_equal(verdict(set, "third.example"), "third.example@8");
    assert_string_equal(verdict(set, "fourth.example"), "fourth.example@9");
    assert_string_equal(verdict(set, "last.example"), "last.example@10");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 0);
    assert_int_equal(nta_blacklist_get_list(set, 0)->lines, 10);
}

static void hosts_lines_name_hosts_but_not_the_machine(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(load("127.0.0.1 localhost\n::1 localhost ip6-localhost\n0.0.0.0 0.0.0.0\n"
                          "fe80::1%lo0 localhost\n0.0.0.0 one.example two.example # both\n"
                          "127.0.0.1\tthree.example\n192.0.2.1 router.example\n192.0.2.9\t5\n",
                          &set, NULL, &err),
                     0);
    assert_string_equal(verdict(set, "one.example"), "one.example@5");
    assert_string_equal(verdict(set, "www.two.example"), "two.example@5");
    assert_string_equal(verdict(set, "three.example"), "three.example@6");
    assert_string_equal(verdict(set, "router.example"), "-");
    assert_string_equal(verdict(set, "localhost"), "-");
    assert_string_equal(verdict_addr(set, "192.0.2.9"), "192.0.2.9@8");
    assert_string_equal(verdict_addr(set, "127.0.0.1"), "-");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 3);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_addresses, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 5);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 0);
}

static void public_suffixes_are_refused_unless_forced(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_buf complaints = {0};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(
        load("com\nco.uk\n*.co.uk\nwww.ck\nanything.ck\nbad.co.uk\n=uk\nblogspot.com\n", &set,
             &complaints, &err),
        0);
    assert_string_equal(verdict(set, "example.com"), "-");
    assert_string_equal(verdict(set, "example.co.uk"), "-");
    assert_string_equal(verdict(set, "www.bad.co.uk"), "bad.co.uk@6");
    assert_string_equal(verdict(set, "www.ck"), "www.ck@4");
    assert_string_equal(verdict(set, "x.anything.ck"), "-");
    assert_string_equal(verdict(set, "uk"), "=uk@7");
    assert_string_equal(verdict(set, "x.blogspot.com"), "blogspot.com@8");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_skipped, 4);
    nta_buf_put_u8(&complaints, 0);
    assert_non_null(strstr((const char *)complaints.ptr, ":2: a public suffix"));
    assert_non_null(strstr((const char *)complaints.ptr, "4 refused"));
    nta_buf_done(&complaints);
}

static void force_takes_a_whole_top_level_domain(void **state)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    const char *path = list_file("zip\n0.0.0.0/0\n", 14);
    struct nta_list_source source = {.path = path, .force = true};
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(nta_blacklist_builder_add(builder, &source, NULL, &err), 0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    assert_string_equal(verdict(set, "invoice.zip"), "zip@1");
    assert_string_equal(verdict(set, "zip"), "zip@1");
    assert_string_equal(verdict_addr(set, "192.0.2.1"), "0.0.0.0/0@2");
    assert_string_equal(verdict_addr(set, "2001:db8::1"), "-");
    assert_int_equal(unlink(path), 0);
}

static void the_first_ten_bad_lines_are_named_and_all_are_counted(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_buf text = {0}, complaints = {0};
    struct nta_err err = {0};
    size_t n_lines = 0;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        nta_buf_printf(&text, "good%u.example\nbad name%u\x1b[31m\n", i, i);
    nta_buf_put_u8(&text, 0);
    assert_int_equal(load((const char *)text.ptr, &set, &complaints, &err), 0);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 20);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 20);
    for (size_t i = 0; i < complaints.len; i++)
        n_lines += complaints.ptr[i] == '\n';
    assert_int_equal(n_lines, 11);
    assert_null(memchr(complaints.ptr, '\x1b', complaints.len));
    nta_buf_put_u8(&complaints, 0);
    assert_non_null(strstr((const char *)complaints.ptr, ":2: "));
    assert_non_null(strstr((const char *)complaints.ptr, "20 lines not understood"));
    nta_buf_done(&text);
    nta_buf_done(&complaints);
}

static void a_file_that_is_no_list_is_refused(void **state)
{
    struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(load("", &set, NULL, &err), -ENODATA);
    assert_int_equal(load("# nothing but\n# comments\n", &set, NULL, &err), -ENODATA);
    assert_int_equal(load("127.0.0.1 localhost\n", &set, NULL, &err), -ENODATA);
    assert_int_equal(load("<html><head>\n<title>404 not found</title>\nexample.com\n</html>\n",
                          &set, NULL, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "3 lines are not understood, 1 are"));
    assert_null(set);
}

static void only_safe_files_are_opened(void **state)
{
    char link_path[80];
    const char *path = list_file("example.com\n", 12);
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(add_path(path, &err), 0);
    (void)snprintf(link_path, sizeof(link_path), "%s-link", path);
    assert_int_equal(symlink(path, link_path), 0);
    assert_int_equal(add_path(link_path, &err), -ELOOP);
    assert_non_null(strstr(err.text, "symbolic link"));
    assert_int_equal(unlink(link_path), 0);
    assert_int_equal(mkfifo(link_path, 0600), 0);
    assert_int_equal(add_path(link_path, &err), -EINVAL);
    assert_int_equal(unlink(link_path), 0);
    assert_int_equal(add_path("/tmp", &err), -EPERM); /* everybody may write it */
    assert_int_equal(add_path("/dev/null", &err), -EINVAL);
    assert_int_equal(add_path("/nowhere/at all", &err), -ENOENT);
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(add_path(path, &err), -EPERM);
    assert_int_equal(unlink(path), 0);
}

static void what_is_said_twice_is_counted_and_the_first_stays(void **state)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};

    (void)state;
    assert_int_equal(nta_blacklist_builder_new(&builder, &err), 0);
    assert_int_equal(add_text(builder,
                              "a.example\nb.example\n192.0.2.1\n192.0.2.0/24\n"
                              "x.example/y\nA.EXAMPLE.\n192.0.2.1\n",
                              false, NULL, &err),
                     0);
    assert_int_equal(add_text(builder,
                              "b.example\nc.example\n192.0.2.0/24\nhttp://x.example/y\n"
                              "192.0.2.2\n=c.example\n",
                              false, NULL, &err),
                     0);
    assert_int_equal(nta_blacklist_builder_build(builder, &set, &err), 0);
    assert_int_equal(nta_blacklist_n_lists(set), 2);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_domains, 2);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_addresses, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_cidrs, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_urls, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_duplicates, 2);
    assert_int_equal(nta_blacklist_get_list(set, 1)->n_domains, 2);
    assert_int_equal(nta_blacklist_get_list(set, 1)->n_addresses, 1);
    assert_int_equal(nta_blacklist_get_list(set, 1)->n_duplicates, 3);
    assert_string_equal(verdict(set, "c.example"), "c.example@2");
    assert_string_equal(verdict_url(set, "x.example", "/y"), "x.example/y@5");
}

static void a_report_has_the_hash_of_the_bytes(void **state)
{
    /* printf 'example.com\n' | sha256sum */
    static const uint8_t expected[4] = {0x39, 0x11, 0x96, 0x68};
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = set_of("example.com\n", NULL);
    const struct nta_list_report *report = nta_blacklist_get_list(set, 0);

    (void)state;
    assert_memory_equal(report->sha256, expected, sizeof(expected));
    assert_int_equal(report->bytes, 12);
    assert_int_equal(report->lines, 1);
    assert_string_equal(report->name, "deny");
    assert_string_equal(report->category, "test");
}

static void lines_of_any_length_are_read(void **state)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_buf text = {0};
    struct nta_err err = {0};

    (void)state;
    nta_buf_puts(&text, "first.example\n");
    for (size_t i = 0; i < 1000000; i++)
        nta_buf_put_u8(&text, 'x');
    nta_buf_puts(&text, "\nlast.example");
    for (size_t i = 0; i < 60000; i++)
        nta_buf_put_u8(&text, ' ');
    nta_buf_puts(&text, "# end\nmore.example\n");
    nta_buf_put_u8(&text, 0);
    assert_int_equal(load((const char *)text.ptr, &set, NULL, &err), 0);
    assert_string_equal(verdict(set, "last.example"), "last.example@3");
    assert_string_equal(verdict(set, "more.example"), "more.example@4");
    assert_int_equal(nta_blacklist_get_list(set, 0)->n_bad, 1);
    assert_int_equal(nta_blacklist_get_list(set, 0)->lines, 4);
    nta_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_and_line_ends_do_not_matter),
        cmocka_unit_test(hosts_lines_name_hosts_but_not_the_machine),
        cmocka_unit_test(public_suffixes_are_refused_unless_forced),
        cmocka_unit_test(force_takes_a_whole_top_level_domain),
        cmocka_unit_test(the_first_ten_bad_lines_are_named_and_all_are_counted),
        cmocka_unit_test(a_file_that_is_no_list_is_refused),
        cmocka_unit_test(only_safe_files_are_opened),
        cmocka_unit_test(what_is_said_twice_is_counted_and_the_first_stays),
        cmocka_unit_test(a_report_has_the_hash_of_the_bytes),
        cmocka_unit_test(lines_of_any_length_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
