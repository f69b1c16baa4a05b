#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The watchdog hears of ntad while each of its threads moves, and only then; `nta reload` waits for
what becomes of it.  systemd itself is in booted.sh.

usage: watchdog.py NTA NTAD FREEZE      77: no network namespace, or no ptrace
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok as check  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

INTERVAL_S = 3


class Listener:
    """What systemd would hear."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.beats, self.said = [], []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(65536).decode()
            if text == "WATCHDOG=1":
                self.beats.append(time.monotonic())
            else:
                self.said.append(text)

    def beats_in(self, seconds):
        time.sleep(seconds)
        return sum(beat > time.monotonic() - seconds for beat in self.beats)


def hang(freeze, running, listener, thread):
    """The thread stands still: nothing is told until it moves again."""
    frozen = subprocess.Popen([freeze, str(running.process.pid), thread], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    if frozen.stdout.readline() != b"frozen\n":
        print("skipped: no ptrace here")
        frozen.wait()
        return False
    time.sleep(INTERVAL_S)  # until it counts as one that hangs
    n = listener.beats_in(INTERVAL_S)
    check(f"nothing is told while {thread} hangs", n == 0, n)
    if thread != "ntad":
        check("and the log names it", f"the thread {thread} has not moved" in running.log(),
              running.log()[-300:])
    frozen.kill()
    frozen.wait()
    time.sleep(1)
    n = listener.beats_in(INTERVAL_S)
    check("and again when it moves", n >= 3, n)
    return True


def reload(nta, folder, name):
    run = subprocess.run([nta, "reload", "--socket", folder / "control"], capture_output=True,
                         text=True, check=False)
    return run.returncode, run.stdout, run.stderr, name


def run_reloads(nta, folder):
    status, out, err, _ = reload(nta, folder, "good")
    check("a good reload is waited for", status == 0 and out.startswith("policy 2 is in force"),
          (status, out, err))
    conf = (folder / "conf").read_text()
    (folder / "conf").write_text(conf + "nonsense = 1;\n")
    status, out, err, _ = reload(nta, folder, "bad")
    check("a wrong configuration is refused", status == 1 and "refused:" in err and
          "nonsense" in err and not out, (status, out, err))
    (folder / "conf").write_text(conf.replace(f"{folder}/list", f"{folder}/away"))
    status, out, err, _ = reload(nta, folder, "bad")
    check("so is a list that is not there", status == 1 and "away" in err, (status, out, err))
    (folder / "conf").write_text(conf)
    began = [subprocess.Popen([nta, "reload", "--socket", folder / "control"],
                              stdout=subprocess.PIPE, text=True) for _ in range(5)]
    ended = [(process.communicate()[0], process.returncode) for process in began]
    check("of five at once each is answered", all(
        status == 0 and "is in force" in out for out, status in ended), ended)
    run = subprocess.run([nta, "reload", "--socket", folder / "nobody"], capture_output=True,
                         text=True, check=False)
    check("without ntad it says so", run.returncode == 3 and "does not answer" in run.stderr, run)


def main():
    nta, ntad, freeze = sys.argv[1:4]
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-watchdog-") as name:
        folder = pathlib.Path(name)
        listener = Listener(folder / "notify")
        os.environ.update(NOTIFY_SOCKET=str(folder / "notify"),
                          WATCHDOG_USEC=str(INTERVAL_S * 1000000))
        with Ntad(nta, ntad, folder / "one", ["lo"], canary_s=300) as running:
            n = listener.beats_in(2 * INTERVAL_S)
            check(f"it is told again and again ({n} in {2 * INTERVAL_S} s)", n >= 4, n)
            for thread in ("nta-worker", "nta-capture", "nta-recorder", "ntad"):
                if not hang(freeze, running, listener, thread):
                    return 77
            run_reloads(nta, folder / "one")
        check("READY=1, RELOADING=1 with its time, STOPPING=1 are said", "READY=1" in listener.said
              and any(text.startswith("RELOADING=1\nMONOTONIC_USEC=") for text in listener.said)
              and "STOPPING=1" in listener.said, listener.said[:5])
        del os.environ["WATCHDOG_USEC"]
        n = len(listener.beats)
        with Ntad(nta, ntad, folder / "two", ["lo"], canary_s=300):
            time.sleep(2)
        check("nothing is told where nobody waits for it", len(listener.beats) == n)
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
