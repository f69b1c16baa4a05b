/* SPDX-License-Identifier: Apache-2.0 */
#include "record/called.h"

struct nta_span nta_record_called(const struct nta_record_side *side)
{
    if (side->person.len)
        return side->person;
    return side->login.len ? side->login : side->name;
}
