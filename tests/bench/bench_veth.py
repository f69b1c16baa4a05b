#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a machine can capture over veth, `tcpdump -w /dev/null` and ntad with the same buffer.

usage: bench_veth.py NTA NTAD BENCH_SEND [LIST...]

The highest rate at which tcpdump loses nothing is looked for, then ntad is given that rate: alone,
with a reload each second, with one elephant flow; and 1.5 times that rate, with what tcpdump loses
of it beside.  Sender, kernel and whoever captures share the processors, so on two of them the
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


def main():
    nta, ntad, sender, *lists = sys.argv[1:]
    if not in_namespace():
        return
    make_pair("a0", "b0")
    best = highest(sender)
    if not best:
        print("    tcpdump loses at any rate here: nothing to compare with")
        return
    with tempfile.TemporaryDirectory(prefix="nta-veth-") as name:
        names = ", ".join(f'"{pathlib.Path(path).resolve()}"' for path in lists)
        more = f'blacklist = {{ files = [ {names} ]; canary = "0s"; }};' if lists else ""
        with Ntad(nta, ntad, pathlib.Path(name) / "run", ["b0"], canary_s=0) as running:
            if more:
                text = (running.folder / "conf").read_text()
                (running.folder / "conf").write_text(
                    re.sub(r"blacklist = .*;\n", more + "\n", text))
                running.process.send_signal(signal.SIGHUP)
                time.sleep(10)
            for what, rate, words, reloads in (
                    ("alone", best, [], False), ("a reload each second", best, [], True),
                    ("one elephant flow", best, ["elephant"], False),
                    ("1.5 times the rate", best * 1.5, [], False)):
                n, seconds, lost = lost_by_ntad(running, sender, rate, *words, reloads=reloads)
                print(f"    ntad, {what}, at {n / seconds:8.0f} packets/s: {lost} of {n} lost",
                      flush=True)
            running.may_end_with = {0, 1}
    n, seconds, lost = lost_by_tcpdump(sender, best * 1.5)
    print(f"    tcpdump at {n / seconds:8.0f} packets/s: {lost} of {n} lost")


if __name__ == "__main__":
    main()
