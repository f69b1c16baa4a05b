#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A case of what a running ntad sees is sealed by it, unasked; while its chain goes on, what was
made before stays proved.

usage: evidence_live.py NTA NTAD      77 without a network namespace
"""
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import wire  # noqa: E402
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402

NTA, NTAD = sys.argv[1:3]


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True, check=False)


def ask_for(name, n):
    question = struct.pack("!HHHHHH", n, 0x0100, 1, 0, 0, 0) + wire.wire_name(name) + b"\0\1\0\1"
    subprocess.run([sys.executable, "-c", f"""
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({question!r}, ("127.0.0.1", 53))
"""], check=True)


def wait_for_incident(config):
    for _ in range(200):
        found = run("incidents", "-c", config, "--json", "--quiet").stdout.splitlines()
        if found:
            return json.loads(found[0])
        time.sleep(.1)
    return None


def check_case(path, key):
    done = run("verify", path, "--key", key, "--json")
    told = json.loads(done.stdout)
    states = {one["step"]: one["state"] for one in told["steps"]}
    ok("it holds, seal and all", (done.returncode, told["result"], states["seal"])
       == (0, "HOLDS", "holds"), told)


def main():
    if not in_namespace():
        return 77
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="nta-evidence-") as name:
        work = pathlib.Path(name)
        with Ntad(NTA, NTAD, work / "d", ["lo"]) as ntad:
            config = work / "d/conf"
            key = (work / "d/store/keys/sensor.pub").read_text().strip()
            ask_for("www.bad.example", 7)
            incident = wait_for_incident(config)
            ok("the daemon sees an incident", incident)
            done = run("evidence", incident["id"], "-c", config, "-o", work / "case.zip")
            ok("a case is made, and nothing is amiss", done.returncode == 0
               and "not sealed" not in done.stderr, done)
            check_case(work / "case.zip", key)
            audit = [one for one in ntad.records("--event", "audit")
                     if not one["log"]["question"].startswith(("incidents ", "evidence "))]
            ok("the daemon noted who made it", len(audit) == 1 and incident["id"]
               in audit[0]["log"]["question"] and audit[0]["log"]["actor"] == "root", audit)
            ask_for("more.bad.example", 8)
            time.sleep(2)
        check_case(work / "case.zip", key)
        done = run("evidence", incident["id"], "-c", config, "-o", work / "later.zip")
        ok("without a daemon it is sealed by whoever may write", done.returncode == 0, done)
        check_case(work / "later.zip", key)
    return ok.conclude()


sys.exit(main())
