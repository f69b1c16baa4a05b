# SPDX-License-Identifier: Apache-2.0
"""A store that gets one capture more, and somebody who reads it."""
import os
import subprocess

import wire
from checks import ok


class User:
    """Somebody with a state folder, in which nta remembers things."""

    def __init__(self, nta, state):
        self.nta, self.state = nta, state

    def run(self, *args, **more):
        return subprocess.run([self.nta, *map(str, args)], capture_output=True, text=True,
                              check=False, timeout=60,
                              env={**os.environ, "XDG_STATE_HOME": str(self.state), **more})


def grow(run, work, store, n, host="a.example", apart=1):
    """Capture `n`, a lookup of this name, held against work/list.txt if that is there; so many
    seconds behind the one before."""
    frame = wire.frame(wire.udp("10.5.0.6", "10.5.0.1", 40000 + n, 53, wire.question(host, n)))
    path = wire.write_frames(work / f"{n}.pcap", [(1790812800 + n * apart, frame)])
    listed = ["--list", work / "list.txt"] if (work / "list.txt").exists() else []
    done = run("read", path, *listed, "--store", store)
    ok(f"capture {n} is in {store.name}", done.returncode == 0, done)
