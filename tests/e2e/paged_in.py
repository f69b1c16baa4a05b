#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever a packet may need is in memory before ntad says that it is ready: the lists, read and
compiled, the program's own code, and as much of the tables as memory.warm says.  Then, while
nothing comes, it hardly wakes.

usage: paged_in.py NTA NTAD      77: no network namespace can be made here
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok as check  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

# compiled, up to 64 MiB are copied, and in memory for that reason (NTA_COMPILED_CHECKED)
COPIED = 64 << 20
NAMES = 4_500_000 if os.environ.get("NTA_LONG") == "1" else 100_000


def mappings(pid, ending):
    """Of files whose name ends so, what is only read: KiB mapped, KiB in memory."""
    size = resident = 0
    is_it = False
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if head := re.match(r"[0-9a-f]+-[0-9a-f]+ (\S+) \S+ \S+ \S+ *(.*)", line):
            is_it = "w" not in head[1] and head[2].endswith(ending)
        elif is_it and line.startswith("Size:"):
            size += int(line.split()[1])
        elif is_it and line.startswith("Rss:"):
            resident += int(line.split()[1])
    return size, resident


def faults(pid):
    """Small ones and those that waited for a disk, of the whole process."""
    words = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(words[7]), int(words[9])


def wakes(pid):
    """How often the thread that captures has slept and woken."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().startswith("nta-capture"):
            return int(re.search(r"^voluntary_ctxt_switches:\s*(\d+)",
                                 (task / "status").read_text(), re.M)[1])
    return None


def ready(running):
    end = time.monotonic() + 120
    while running.log().count("ntad listens") < running.n_starts and time.monotonic() < end:
        time.sleep(.05)


def resident(pid):
    """KiB of memory."""
    return int(re.search(r"^VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(),
                         re.M)[1])


def is_warm(nta, ntad, folder):
    """memory.warm is memory before the first packet."""
    sizes = {}
    for warm in ("0", "128M"):
        (folder / warm).mkdir()
        with Ntad(nta, ntad, folder / warm, ["lo"], canary_s=0,
                  more=f'memory = {{ warm = "{warm}"; }};') as running:
            running.n_starts = 1
            ready(running)
            sizes[warm] = resident(running.process.pid)
    more = sizes["128M"] - sizes["0"] >> 10
    check(f"of memory.warm 128M there are {more} MiB before the first packet", 64 <= more <= 160,
          sizes)


def main():
    nta, ntad = sys.argv[1:3]
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-paged-") as name:
        folder = pathlib.Path(name) / "one"
        folder.mkdir()
        names = pathlib.Path(name) / "names"
        with open(names, "w", encoding="ascii") as file:
            file.writelines(f"name-{i}.bad.example\n" for i in range(NAMES))
        time.sleep(.2)  # one that was changed a moment ago is not compiled
        # a copy, which the system has not in memory yet but for what was just written
        program = pathlib.Path(name) / "ntad"
        shutil.copy(ntad, program)
        with Ntad(nta, program, folder, ["lo"], canary_s=0) as running:
            running.n_starts = 1
            ready(running)
            conf = folder / "conf"
            conf.write_text(conf.read_text().replace(f"{folder}/list", str(names)))
            running.__exit__()
            for i in range(2):
                running.launch()
                running.n_starts += 1
                ready(running)
                pid = running.process.pid
                size, resident = mappings(pid, "/ntad")
                check(f"start {i + 1}: the program is in memory ({resident} of {size} KiB)",
                      0 < size <= resident, (size, resident))
                compiled = folder / "store/lists/compiled.ntaset"
                if i:
                    check("the lists are compiled", compiled.exists(), folder)
                if i and compiled.stat().st_size > COPIED:
                    size, resident = mappings(pid, "/compiled.ntaset")
                    check(f"start {i + 1}: the lists are in memory ({resident} of {size} KiB)",
                          COPIED >> 10 < size <= resident, (size, resident))
                before, before_n = faults(pid), wakes(pid)
                time.sleep(3)
                after, n = faults(pid), (wakes(pid) - before_n) / 3
                check(f"start {i + 1}: a quiet interface costs little: it is looked at {n:.0f} "
                      "times a second", n < 50, n)
                print(f"start {i + 1}: page faults in 3 s after: {after[0] - before[0]}, of which "
                      f"{after[1] - before[1]} waited for a disk")
                if not i:
                    running.process.terminate()
                    running.process.wait(60)
        is_warm(nta, ntad, pathlib.Path(name))
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
