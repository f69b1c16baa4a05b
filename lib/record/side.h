/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * One end of what a record tells: who, where, and by which frames it came.  Values whose texts are
 * borrowed.
 */

#include "base/addr.h"
#include "base/bytes.h"
#include "geo/place.h"
#include "record/types.h"

#include <stdbool.h>
#include <stdint.h>

/** VLAN tags of a frame, outer first. */
struct nta_record_tags
{
    uint16_t ids[2];
    uint8_t n;
};

/**
 * `name`, `login` and `source` are users' only, `vlan` peers' only: if their frames have others
 * than the user's.
 */
struct nta_record_side
{
#define SIDE_FIELD(key, type, member, ...) NTA_MEMBER_##type(member)
#define SIDE_GROUP(key, type, ...)         NTA_MEMBERS_##type
#include "record/fields.inc"
};
