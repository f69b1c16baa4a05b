/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Inside the module: networks as numbers. */

#include <stdint.h>

/**
 * The network in which a MAC is one device: that of a tunnel, whatever the VLAN, since a machine
 * may be in several.
 */
uint64_t nta_who_device_network(uint64_t network);

/** A network of which that is the one of devices. */
uint64_t nta_who_network_of_device(uint64_t network);
