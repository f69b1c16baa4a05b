/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions on standard input, verdicts on standard output; for comparison with a slow model
 * (model.py).
 *
 *     ask [-f] FILE... [+ ALLOW_FILE...]      -f: public suffixes too
 *
 * A line is a name as seen on the wire, an address, one with a port, or a URL "host/path"; the
 * answer is "entry line list", "-" if nothing is denied, or "?" if it is no name.
 */
#include "base/own.h"
#include "base/text.h"
#include "blacklist/blacklist.h"

#include <stdlib.h>

static int load(char *const *paths, struct nta_blacklist **ret_set, struct nta_err *err)
{
    NTA_AUTO(nta_blacklist_builder_free) struct nta_blacklist_builder *builder = NULL;
    struct nta_buf complaints = {0};
    bool allow = false, force = false;
    int r = nta_blacklist_builder_new(&builder, err);

    for (; *paths && r == 0; paths++) {
        struct nta_list_source source = {
            .path = *paths, .allow = allow, .force = force, .any_owner = true};

        if (strcmp(*paths, "-f") == 0)
            force = true;
        else if (strcmp(*paths, "+") == 0)
            allow = true;
        else
            r = nta_blacklist_builder_add(builder, &source, &complaints, err);
    }
    if (complaints.len > 0)
        (void)fwrite(complaints.ptr, 1, complaints.len, stderr);
    nta_buf_done(&complaints);
    return r == 0 ? nta_blacklist_builder_build(builder, ret_set, err) : r;
}

/** True for "192.0.2.66:80" and "[2001:db8::1]:443". */
static bool has_port(struct nta_span question, struct nta_addr *ret_addr, uint16_t *ret_port)
{
    size_t colon = nta_span_find_last(question, ':');
    struct nta_span host = nta_span_first(question, colon);
    bool bracket = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';

    if (colon == question.len || (!bracket && nta_span_has(host, ':')))
        return false;
    if (bracket)
        host = (struct nta_span){.ptr = host.ptr + 1, .len = host.len - 2};
    *ret_port = (uint16_t)strtoul((const char *)question.ptr + colon + 1, NULL, 10);
    return nta_addr_parse((const char *)host.ptr, host.len, ret_addr) == 0;
}

static void print(bool denied, const struct nta_hit *hit)
{
    if (denied)
        printf("%.*s %u %s\n", (int)hit->entry.len, (const char *)hit->entry.ptr,
               (unsigned)hit->line, hit->list->name);
    else
        puts("-");
}

static void answer(const struct nta_blacklist *set, struct nta_span question)
{
    const uint8_t *slash = question.len ? memchr(question.ptr, '/', question.len) : NULL;
    char name[NTA_NAME_SIZE], buf[NTA_NAME_SIZE];
    struct nta_span host = question;
    struct nta_hit hit;
    struct nta_addr addr;
    uint16_t port;
    bool denied;

    if (!slash && has_port(question, &addr, &port)) {
        denied = nta_blacklist_match_server(set, &addr, port, buf, &hit);
        print(denied, &hit);
        return;
    }
    host.len = slash ? (size_t)(slash - question.ptr) : question.len;
    host.len = nta_blacklist_name(host, name);
    host.ptr = (const uint8_t *)name;
    if (host.len == 0) {
        puts("?");
        return;
    }
    if (slash)
        denied = nta_blacklist_match_url(
            set, host,
            (struct nta_span){.ptr = slash, .len = question.len - (size_t)(slash - question.ptr)},
            &hit);
    else if (nta_addr_parse(name, host.len, &addr) == 0)
        denied = nta_blacklist_match_addr(set, &addr, buf, &hit);
    else
        denied = nta_blacklist_match_name(set, name, host.len, buf, &hit);
    print(denied, &hit);
}

int main(int argc, char **argv)
{
    NTA_AUTO(nta_blacklist_free) struct nta_blacklist *set = NULL;
    struct nta_err err = {0};
    char line[8192];

    if (argc < 2 || load(argv + 1, &set, &err) < 0) {
        (void)fprintf(stderr, "%s\n", argc < 2 ? "usage: ask FILE... [+ FILE...]" : err.text);
        return 2;
    }
    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = '\0';
        answer(set, nta_span_of(line));
    }
    return 0;
}
