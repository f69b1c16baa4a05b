/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Which ports are those of services: below 1024, and above that the ones that clients' own ports
 * would be mistaken for.
 */

#include <stdbool.h>
#include <stdint.h>

/** True if servers listen on this port of TCP or UDP, and clients hardly ever send from it. */
bool nta_port_is_service(uint16_t port);
