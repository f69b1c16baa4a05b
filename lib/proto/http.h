/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "proto/proto.h"

extern const struct nta_proto nta_proto_http;
