#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`nta status` answers at once, whatever ntad is at, says so when it does not, and `nta selftest`
goes the whole way.

usage: status.py NTA NTAD FREEZE      77: no network namespace can be made here
"""
import grp
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok as check  # noqa: E402
from links import until  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402


def ask(nta, *words):
    began = time.monotonic()
    run = subprocess.run([nta, *words], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout, run.stderr, time.monotonic() - began


def bare(path, line):
    """An answer without the program that shows it."""
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(line)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer, time.monotonic() - began



def busy(seconds):
    """Two processes for each core."""
    code = f"import time\nt = time.monotonic()\nwhile time.monotonic() < t + {seconds}: pass"
    return [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2 * os.cpu_count())]


def start_cost(program, *words):
    """How many libraries it loads, and the least processor time of ten runs."""
    libraries = subprocess.run([program, *words], capture_output=True, text=True, check=False,
                               env=dict(os.environ, LD_TRACE_LOADED_OBJECTS="1")).stdout
    took = []
    for _ in range(10):
        with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as run:
            usage = os.wait4(run.pid, 0)[2]
            run.returncode = 0
        took.append(usage.ru_utime + usage.ru_stime)
    return len(libraries.splitlines()), 1000 * min(took)


def check_start(nta):
    quick, ms = start_cost(nta, "status", "--socket", "/nowhere")
    slow, full_ms = start_cost(nta + "-full", "status", "--socket", "/nowhere")
    check(f"status needs few libraries ({quick} of {slow}; {ms:.1f} of {full_ms:.1f} ms of "
          "processor time)", 0 < 3 * quick < slow, (quick, slow))
    run = subprocess.run([nta, "--version"], capture_output=True, text=True, check=False)
    check("everything else is nta-full's", run.returncode == 0 and run.stdout.startswith("nta "),
          run.stdout + run.stderr)


def ask_as_strangers(nta, control):
    """Who is in the group asks for the status and orders nothing; who is not is not heard."""
    code = ("import os, socket, sys\nos.setgroups([]); os.setgid(int(sys.argv[2]))\n"
            "os.setuid(12345)\nclient = socket.socket(socket.AF_UNIX)\n"
            "client.connect(sys.argv[1]); client.sendall(sys.argv[3].encode() + b'\\n')\n"
            "client.shutdown(socket.SHUT_WR)\nprint(client.recv(65536).decode())")

    def asked(group, line):
        done = subprocess.run([sys.executable, "-c", code, control, str(group), line],
                              capture_output=True, text=True, check=False)
        return done.stdout, done.stderr

    nogroup = grp.getgrnam("nogroup").gr_gid
    os.chown(control, -1, nogroup)
    control.chmod(0o660)
    out, err = asked(nogroup, "status text")
    check("who is in the socket's group may ask for the status", out.startswith("good "), out + err)
    for line in ("reload", "selftest", "note x", "audit 1 x", "prune all", "load", ""):
        out, err = asked(nogroup, line)
        check(f"and not for more: {line!r}", out.startswith("error: only root") or
              not line and not out.strip(), out + err)
    out, err = asked(12345, "status text")
    check("who is in no such group does not get in", "PermissionError" in err, out + err)


def run(nta, ntad, freeze, folder):
    control = folder / "control"
    check_start(nta)
    folder.parent.chmod(0o711)
    with Ntad(nta, ntad, folder, ["lo"], canary_s=300) as running:
        status, out, _, _ = ask(nta, "status", "--socket", control)
        lines = out.splitlines()
        check("one screen", status == 0 and len(lines) <= 24, out)
        for word in ("state      good", "running ", "interface  lo up", "lost       nothing",
                     "flows ", "memory ", "policy ", "canary ", "list ", "store ", "alerts "):
            check(f"it has \"{word.strip()}\"", any(x.startswith(word) for x in lines), out)

        def counters():
            return ask(nta, "status", "--counters", "--socket", control)[1]

        # the first batch may come later than the first answer
        check("--counters has each", until(lambda: "batch.committed" in counters(), 20) is not None,
              counters())
        answer = running.status()
        check("JSON: interfaces", answer["interfaces"][0]["name"] == "lo" and
              answer["interfaces"][0]["sight"] == "up", answer["interfaces"])
        check("JSON: memory", answer["memory_bytes"] > 1 << 20, answer)

        load = busy(4)
        took = sorted(bare(control, b"status json\n")[1] for _ in range(40))
        for process in load:
            process.wait()
        # the rest is what the machine makes of us, who run on it, too
        check(f"answers within 200 ms while the machine is busy ({took[20] * 1000:.0f} ms)",
              took[20] < .2, took)

        frozen = subprocess.Popen([freeze, str(running.process.pid), "ntad"],
                                  stdout=subprocess.PIPE)
        if frozen.stdout.readline() == b"frozen\n":
            took = sorted(bare(control, b"status text\n")[1] for _ in range(9))
            check(f"and while main stands still ({took[4] * 1000:.0f} ms)", took[4] < .2, took)
            time.sleep(5)
            status, out, _, _ = ask(nta, "status", "--socket", control)
            check("and says that it does", status == 1 and out.startswith(
                "state      BAD: ntad runs, but its main thread has said nothing for") and
                "interface  lo up" in out, (status, out))
            status, out, _, _ = ask(nta, "status", "--json", "--socket", control)
            check("in JSON, too", status == 1 and "said nothing" in json.loads(out)["reasons"][0],
                  (status, out))
        else:
            print("skipped: main cannot be frozen here")
        frozen.kill()
        frozen.wait()
        check("it goes on", any(running.status() or time.sleep(.2) for _ in range(50)))

        status, out, err, took = ask(nta, "selftest", "--socket", control)
        check(f"selftest finds what it must ({took:.1f} s)", status == 0 and
              out.startswith("found"), (status, out, err))
        told = len(running.records("--event", "canary"))
        check("and its way went through the store", told >= 2, told)

        ask_as_strangers(nta, control)
        (folder / "broken").write_text("capture = {")
        status, _, err, _ = ask(nta, "status", "--config", folder / "broken", "--socket", control)
        check("with --socket no configuration is needed", status == 0, err)
        status, _, err, _ = ask(nta, "status", "--config", folder / "broken")
        check("a broken one is said, and the default asked", "broken:" in err and
              "asking where ntad listens by default" in " ".join(err.split()), err)

        watch = subprocess.Popen([nta, "status", "--watch", "--socket", control],
                                 stdout=subprocess.PIPE, text=True)
        time.sleep(2.5)
        watch.terminate()
        shown = watch.communicate()[0].count("running ")
        check(f"--watch shows it again and again ({shown})", shown in (2, 3), shown)

        running.process.send_signal(signal.SIGSTOP)
        status, _, err, took = ask(nta, "status", "--socket", control)
        running.process.send_signal(signal.SIGCONT)
        check("one that is stopped is said not to answer", status == 3 and took < 10,
              (status, err, took))
        for _ in range(50):
            if running.status():
                break
            time.sleep(.1)
    status, _, err, took = ask(nta, "status", "--socket", control)
    check("after its end it does not answer", status == 3 and "does not answer" in err and took < 1,
          (status, err))
    status, _, err, _ = ask(nta, "selftest", "--socket", control)
    check("nor to selftest", status == 3 and "does not answer" in err, (status, err))


def main():
    nta, ntad, freeze = sys.argv[1:4]
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-status-") as name:
        run(nta, ntad, freeze, pathlib.Path(name) / "one")
    return check.conclude()


if __name__ == "__main__":
    sys.exit(main())
