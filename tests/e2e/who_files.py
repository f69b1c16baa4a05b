#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is said beside the wire by whoever wants to do harm: huge lines, bytes of zero, text that is
none, intervals that end before they begin, a million lines, a FIFO that nobody writes to.  ntad
starts and answers all the same, and what each file says behind it is learnt.  users.conf is read
anew with a reload, and a wrong one changes nothing and is said with its line.

usage: who_files.py NTA NTAD     77: no network namespace can be made here
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

MANY = 1000000
GOOD_JSON = b'{"ip":"10.9.0.%d","login":"%s"}\n'
BAD_JSON = [
    b"\0\0\0\0\n", b'{"ip":"10.9.0.1","login":"a\0b"\n', b"\xff\xfe\xc3(\n", b"[" * 100000 + b"\n",
    b"{" * 100000 + b"\n", b'{"ip":"10.9.0.1","login":"' + b"A" * (8 << 20) + b'"}\n',
    b'{"ip":"999.1.1.1","login":"x"}\n', b'{"mac":"02:00:00","login":"x"}\n', b'{"login":"x"}\n',
    b'{"ip":"10.9.0.1"}\n', b'{"time":"yesterday","ip":"10.9.0.1","login":"x"}\n',
    b'{"time":99999999999999999999,"ip":"10.9.0.1","login":"x"}\n', b"\n", b'"\n', b"{}\n",
]
# over before it began: nobody had the address
BACKWARDS = (b'{"time":"2026-01-31T12:00:00Z","until":"2026-01-30T12:00:00Z","ip":"10.9.0.66",'
             b'"login":"mallory"}\n')
DNSMASQ = b"%d 02:00:00:00:00:%02x 10.9.1.%d %s *\n"
ISC = (b"lease 10.9.2.7 {\n  starts 4 2026/01/01 12:00:00;\n  ends 3 2025/01/01 12:00:00;\n"
       b"  binding state active;\n  hardware ethernet 02:00:00:00:00:27;\n"
       b"  client-hostname \"backwards\";\n}\nlease {{{{{ } \0 \xff\n" + b"}" * 4096 + b"\n"
       b"lease 10.9.2.8 {\n  starts 4 2026/01/01 12:00:00;\n  ends never;\n"
       b"  binding state active;\n  hardware ethernet 02:00:00:00:00:28;\n"
       b"  client-hostname \"isc-behind\";\n}\n")


def write_files(folder):
    """The files, and the logins and names that are in them."""
    (folder / "json").write_bytes(GOOD_JSON % (10, b"first") + b"".join(BAD_JSON) + BACKWARDS +
                                  GOOD_JSON % (11, b"behind"))
    soon = int(time.time()) + 3600
    (folder / "dnsmasq").write_bytes(DNSMASQ % (soon, 0x11, 7, b"dns-first") + b"\0\xff garbage\n" +
                                     b"9" * (1 << 20) + b"\n" +
                                     DNSMASQ % (soon, 0x12, 8, b"dns-behind"))
    (folder / "isc").write_bytes(ISC)
    with open(folder / "many", "wb") as file:
        for i in range(MANY):
            file.write(b'{"ip":"10.%d.%d.%d","login":"u%d"}\n' %
                       (64 + (i >> 16), i >> 8 & 255, i & 255, i))
    os.mkfifo(folder / "fifo")
    return {"first", "behind", "dns-first", "dns-behind", "isc-behind"}


def told(running, names):
    """Those of the logins and names that are recorded, each asked for alone, of a million."""
    return {name for name in names if running.records("--event", "lease", "--user", name)}


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(.2)
    return condition()


def check_users(nta, running, folder):
    """A reload takes a right file, and leaves what is in force for a wrong one."""
    def reload():
        return subprocess.run([nta, "reload", "--socket", folder / "control"], capture_output=True,
                              check=False, text=True)

    (folder / "users.conf").write_text("login:late, Late Example, class 7b\n")
    done = reload()
    ok("users.conf is read anew", done.returncode == 0, (done.stdout, done.stderr))
    (folder / "users.conf").write_text("# mine\n\nlogin:late, Another\nlate, Wrong\n")
    done = reload()
    ok("a wrong one is refused, with its line",
       done.returncode != 0 and "users.conf:4: " in done.stdout + done.stderr + running.log(),
       (done.returncode, done.stdout, done.stderr, running.log()[-500:]))


def play(nta, ntad, folder):
    wanted = write_files(folder)
    (folder / "users.conf").write_text("login:first, First Example\n")
    files = ", ".join(f'"{folder / name}"' for name in ("json", "dnsmasq", "isc", "fifo"))
    more = (f'who = {{ files = [ {files}, "{folder}/many" ]; users = "{folder}/users.conf"; '
            'bindings = 4096; };\nrecord = { batch_time = "1s"; };\n')
    began = time.monotonic()
    with Ntad(nta, ntad, folder, ["lo"], workers=2, more=more) as running:
        ok("ntad starts and answers", time.monotonic() - began < 60, time.monotonic() - began)
        ok("what stands behind what is wrong is learnt",
           wait_until(lambda: wanted <= told(running, wanted)), wanted - told(running, wanted))
        counters = running.status()["counters"]
        ok("what is wrong is counted", counters["who.bad_lines"] >= len(BAD_JSON) - 1,
           counters["who.bad_lines"])
        ok("a million lines are bounded, and that is said",
           wait_until(lambda: running.status()["counters"]["who.evicted"] > 0, 120),
           running.status()["counters"]["who.evicted"])
        seen = told(running, {"mallory", "backwards"})
        ok("nobody has an address over a time that ends before it begins", not seen, seen)
        check_users(nta, running, folder)
        with open(folder / "fifo", "wb") as fifo:
            fifo.write(BAD_JSON[0] + GOOD_JSON % (12, b"late"))
        ok("a FIFO is read when somebody writes to it at last",
           wait_until(lambda: told(running, {"late"})))
    ok("no sanitizer has anything to say", "Sanitizer" not in running.log() and
       "runtime error" not in running.log(), running.log()[-2000:])


def main():
    nta, ntad = sys.argv[1:]
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-who-files-") as folder:
        play(nta, ntad, pathlib.Path(folder))
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
