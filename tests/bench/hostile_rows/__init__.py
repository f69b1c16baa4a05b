# SPDX-License-Identifier: Apache-2.0
"""Rows of hostile.py: inputs, and the ordinary traffic that they are measured against."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "golden"))
ROWS = []


class Row:
    """An input: `frames()` gives its frames.  `against`: the name of an ordinary row.  `listed`:
    entries of a list that is in force.  `unbound`: why it may cost more than the bars.
    """

    def __init__(self, function, protocol, against, listed, unbound):
        self.name = f"{protocol}.{function.__name__}"
        self.protocol = protocol
        self.frames = function
        self.listed = listed
        self.unbound = unbound
        self.is_ordinary = against is None
        self.against = self.name if against is None else f"{protocol}.{against}"


def row(protocol, against=None, listed=(), unbound=""):
    """The function gives the frames of a row; without `against` it is ordinary traffic, which must
    stand before what is measured against it.
    """
    def take(function):
        ROWS.append(Row(function, protocol, against, listed, unbound))
        return function
    return take
