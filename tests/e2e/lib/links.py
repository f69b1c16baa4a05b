# SPDX-License-Identifier: Apache-2.0
"""Links in a network namespace of the test's own."""
import pathlib
import socket
import subprocess
import time


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def quiet(name):
    """The kernel itself says nothing on it."""
    path = pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
    if path.exists():
        path.write_text("1")


def make_pair(one, other):
    """Two ends of a cable, up, on which the kernel itself says nothing."""
    ip("link", "set", "lo", "up")
    ip("link", "add", one, "type", "veth", "peer", "name", other)
    for name in (one, other):
        quiet(name)
        ip("link", "set", name, "up")


def send(interface, frame, n=1):
    """The same frame so often; of several each a millisecond after the one before."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as port:
        port.bind((interface, 0))
        for _ in range(n):
            port.send(frame)
            time.sleep(.001 if n > 1 else 0)


def until(condition, seconds):
    """How long it took; None: too long."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(.05)
    return None
