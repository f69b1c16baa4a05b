#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a machine can capture over veth, `tcpdump -w /dev/null` and ntad with the same buffer.

usage: bench_veth.py NTA NTAD BENCH_SEND [LIST...]

The highest rate at which tcpdump loses nothing is looked for, then ntad is given that rate: cold,
which is its first packets, with little and with much memory beforehand (memory.warm); with a reload
each second, with one elephant flow; and 1.5 times that rate, with what tcpdump loses of it
beside.  Sender, kernel and whoever captures share the processors, so on two of them the
sender is what limits.  Prints, never fails; needs root and tcpdump.
"""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e/lib"))
from links import make_pair  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

BUFFER_M, SECONDS = 64, 4
WARM = ["32M", "1G"]  # the default, and what holds all that this load touches
RATES = [25, 50, 75, 100, 150, 200, 300, 400, 600, 800, 1200]  # thousand packets a second


def send(sender, rate, *words):
    """(packets, seconds)"""
    run = subprocess.run([sender, "a0", str(rate), str(SECONDS), *words], capture_output=True,
                         text=True, check=True)
    n, seconds = run.stdout.split()
    return int(n), float(seconds)


def lost_by_tcpdump(sender, rate):
    """(packets, seconds, lost)"""
    with subprocess.Popen(["tcpdump", "-i", "b0", "-w", "/dev/null", "-B", str(BUFFER_M << 10)],
                          stderr=subprocess.PIPE, text=True) as tcpdump:
        time.sleep(1)
        n, seconds = send(sender, rate)
        time.sleep(1)
        tcpdump.send_signal(signal.SIGINT)
        said = tcpdump.stderr.read()
    return n, seconds, n - int(re.search(r"(\d+) packets captured", said)[1])


def highest(sender):
    best = 0
    for rate in RATES:
        n, seconds, lost = lost_by_tcpdump(sender, rate * 1000)
        print(f"    tcpdump at {n / seconds:8.0f} packets/s: {lost} of {n} lost", flush=True)
        if lost or n / seconds < rate * 900:
            break
        best = rate * 1000
    return best


def seen(running):
    """Packets that came as far as the workers."""
    counters = running.status()["counters"]
    return counters["capture.received"] - counters.get("capture.drop.ring", 0)


def lost_by_ntad(running, sender, rate, *words, reloads=False):
    before = seen(running)
    if reloads:
        subprocess.Popen(["sh", "-c", f"for i in 1 2 3; do kill -HUP {running.process.pid}; "
                                      "sleep 1; done"])
    n, seconds = send(sender, rate, *words)
    time.sleep(2)
    return n, seconds, n - (seen(running) - before)


def started(nta, ntad, folder, lists, warm):
    """With those lists from its start on; the first packets meet tables that nobody touched yet."""
    names = ", ".join(f'"{pathlib.Path(path).resolve()}"' for path in lists)

    class Listed(Ntad):
        def launch(self):
            if names:
                text = (self.folder / "conf").read_text()
                (self.folder / "conf").write_text(re.sub(
                    r"blacklist = .*;\n",
                    f'blacklist = {{ files = [ {names} ]; canary = "0s"; }};\n', text))
            super().launch()

    return Listed(nta, ntad, folder, ["b0"], canary_s=0, more=f'memory = {{ warm = "{warm}"; }};')


def main():
    nta, ntad, sender, *lists = sys.argv[1:]
    if not in_namespace():
        return
    make_pair("a0", "b0")
    best = highest(sender)
    if not best:
        print("    tcpdump loses at any rate here: nothing to compare with")
        return
    for warm in WARM:
        with tempfile.TemporaryDirectory(prefix="nta-veth-") as name, \
                started(nta, ntad, pathlib.Path(name) / "run", lists, warm) as running:
            for what, rate, words, reloads in (
                    ("cold", best, [], False), ("a reload each second", best, [], True),
                    ("one elephant flow", best, ["elephant"], False),
                    ("1.5 times the rate", best * 1.5, [], False)):
                n, seconds, lost = lost_by_ntad(running, sender, rate, *words, reloads=reloads)
                print(f"    ntad, memory.warm {warm}, {what}, at {n / seconds:8.0f} packets/s: "
                      f"{lost} of {n} lost", flush=True)
            running.may_end_with = {0, 1}
    n, seconds, lost = lost_by_tcpdump(sender, best * 1.5)
    print(f"    tcpdump at {n / seconds:8.0f} packets/s: {lost} of {n} lost")


if __name__ == "__main__":
    main()
