/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What nta-notify.conf says: who is told what, by which channel.  Values only. */

#include "base/runtime/hours.h"
#include "notify/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum
{
    NTA_NOTIFY_RECEIVERS = 16,
    NTA_NOTIFY_ITEMS = 32 ///< Of a list.
};

enum nta_notify_channel
{
    NTA_NOTIFY_MAIL,
    NTA_NOTIFY_SLACK,
    NTA_NOTIFY_TEAMS,
    NTA_NOTIFY_MATRIX,
    NTA_NOTIFY_JSON
};

struct nta_notify_texts
{
    char *item[NTA_NOTIFY_ITEMS]; ///< Owned.
    size_t n;
};

/** All texts are owned; NULL: not set. */
struct nta_notify_receiver
{
    char *name; ///< Of its state, too: letters, digits, "-", "_".
    enum nta_notify_channel channel;
    char *url, *ca, *tls; ///< "starttls", "implicit", "off".
    char *from, *user, *password, *password_file;
    struct nta_notify_texts to, departments, lists;
    char *severity, *content, *report; ///< Words; `at_least` is what the first says.
    enum nta_notify_severity at_least;
    bool health;
    char *quiet, *urgent;
    struct nta_hours quiet_hours;       ///< None: never quiet.
    enum nta_notify_severity loud_from; ///< What `urgent` says.
    char *subject, *text;
    int64_t gather_ns, window_ns, give_up_ns;
    uint64_t per_hour;
};

struct nta_notify_settings
{
    char *source; ///< "journal", or the path of alert.json.
    char *unit;   ///< Whose entries of the journal count; "": anybody's.
    char *state;  ///< Folder.
    char *host;   ///< Of message ids, and shown.
    struct nta_notify_receiver receivers[NTA_NOTIFY_RECEIVERS];
    size_t n_receivers;
};

/** May names of users, sites and files be in what it is sent? */
static inline bool nta_notify_tells_names(const struct nta_notify_receiver *receiver)
{
    return strcmp(receiver->content, "names") == 0;
}
