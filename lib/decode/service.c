/* SPDX-License-Identifier: Apache-2.0 */
#include "decode/service.h"

bool nta_port_is_service(uint16_t port)
{
    /* above 1023, the ones that clients' own ports would be mistaken for */
    switch (port) {
    case 1080:
    case 1194:
    case 1883:
    case 3128:
    case 3306:
    case 3389:
    case 5060:
    case 5222:
    case 5228:
    case 5432:
    case 6667:
    case 8000:
    case 8008:
    case 8080:
    case 8081:
    case 8443:
    case 8883:
    case 8888: return true;
    default: return port < 1024;
    }
}
