# SPDX-License-Identifier: Apache-2.0
"""What would take long is tried in full with `./bootstrap test --long`, else in samples."""
import os

IS_LONG = os.environ.get("NTA_LONG") == "1"


def sample(items, one_in):
    """All of them, or every so many."""
    return list(items)[::1 if IS_LONG else one_in]
