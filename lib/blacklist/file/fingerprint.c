/* SPDX-License-Identifier: Apache-2.0 */
#include "blacklist/file/fingerprint.h"

#include "base/version.h"
#include "blacklist/table/set.h"

#include <idn2.h>
#include <libpsl.h>

/** Raised with each change of how lines are read or of how a set lies in memory. */
enum
{
    RULES = 8
};

static void put_text(struct nta_buf *fingerprint, const char *text)
{
    nta_buf_put_u8(fingerprint, text != NULL);
    if (text)
        nta_buf_put(fingerprint, text, strlen(text) + 1);
}

void nta_list_fingerprint(const struct nta_list_source *source,
                          const struct nta_list_identity *identity, struct nta_buf *fingerprint)
{
    put_text(fingerprint, source->path);
    put_text(fingerprint, source->name);
    put_text(fingerprint, source->category);
    put_text(fingerprint, source->column);
    nta_buf_printf(fingerprint, "%d %d%d%d%d%d %llu ", (int)source->severity, source->allow,
                   source->force, source->any_owner, source->internal, source->narrowed,
                   (unsigned long long)source->unpack_limit);
    if (!source->text)
        nta_buf_printf(fingerprint, "%llu %llu %llu %lld %lld",
                       (unsigned long long)identity->device, (unsigned long long)identity->inode,
                       (unsigned long long)identity->bytes, (long long)identity->modified_ns,
                       (long long)identity->changed_ns);
}

void nta_list_fingerprint_common(struct nta_buf *fingerprint)
{
    put_text(fingerprint, nta_version());
    put_text(fingerprint, idn2_check_version(NULL));
    put_text(fingerprint, psl_get_version());
    put_text(fingerprint, psl_builtin_sha1sum());
    nta_buf_printf(fingerprint, "%d %zu %zu %zu %zu %zu", (int)RULES,
                   sizeof(struct nta_name_bucket), sizeof(struct nta_addr_range),
                   sizeof(struct nta_addr_segment), sizeof(struct nta_url),
                   sizeof(struct nta_mark));
}
