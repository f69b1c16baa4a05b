# SPDX-License-Identifier: Apache-2.0
"""Links in a network namespace of the test's own."""
import pathlib
import subprocess


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def make_pair(one, other):
    """Two ends of a cable, up, on which the kernel itself says nothing."""
    ip("link", "set", "lo", "up")
    ip("link", "add", one, "type", "veth", "peer", "name", other)
    for name in (one, other):
        path = pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        if path.exists():
            path.write_text("1")
        ip("link", "set", name, "up")
