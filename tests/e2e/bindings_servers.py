#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has which address, as real servers say it: dnsmasq gives, renews and takes back a lease,
FreeRADIUS acknowledges a login and a logout, and the two stations ask for each other by ARP.

usage: bindings_servers.py NTA      77: a program is missing, or no network namespace can be made

A server and a client in two namespaces that end with the test; what passes between them is captured
and read.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from ntad import in_namespace  # noqa: E402

TOOLS = "dnsmasq freeradius radclient udhcpc tcpdump nsenter ip".split()
SERVER, CLIENT_MAC, SERVER_MAC = "10.77.0.1", "02:00:00:00:00:05", "02:00:00:00:00:01"
RADIUSD = """prefix = /usr
logdir = {0}
run_dir = {0}
db_dir = {0}
libdir = /usr/lib/freeradius
log {{
    destination = stdout
}}
client net {{
    ipaddr = 10.77.0.0/24
    secret = testing123
}}
modules {{
    always ok {{
        rcode = ok
    }}
}}
server default {{
    listen {{
        type = acct
        ipaddr = 10.77.0.1
        port = 1813
    }}
    preacct {{
        ok
    }}
    accounting {{
        ok
    }}
}}
"""
SCRIPT = """#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip address replace "$ip/24" dev "$interface"
echo "$1" >> {0}/bound
"""


def wait_for(what, condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{what} did not happen within {seconds} s")
        time.sleep(.05)


class Network:
    """The server here, the client in a namespace that a sleeping process holds."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "300"])
        self.running = [self.holder]
        wait_for("a second namespace", lambda: os.readlink(
            f"/proc/{self.holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
        for command in (
                f"ip link add name near address {SERVER_MAC} type veth peer name far",
                f"ip link set far address {CLIENT_MAC}", f"ip link set far netns {self.holder.pid}",
                f"ip address add {SERVER}/24 dev near", "ip link set lo up", "ip link set near up"):
            subprocess.run(command.split(), check=True)
        self.client("ip", "link", "set", "far", "up")

    def inside(self, *command):
        return ["nsenter", "-t", str(self.holder.pid), "-n", *command]

    def client(self, *command, text=None):
        return subprocess.run(self.inside(*command), check=True, timeout=60, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout

    def start(self, *command):
        # in a session of its own: some servers end all of theirs with themselves
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   start_new_session=True)
        self.running.append(process)
        return process

    def stop(self):
        for process in reversed(self.running):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def lease(network, folder):
    """Bound, renewed, released; gives the address."""
    bound, script = folder / "bound", folder / "script"
    script.write_text(SCRIPT.format(folder))
    script.chmod(0o755)
    client = network.start(*network.inside(
        "udhcpc", "-f", "-R", "-i", "far", "-s", str(script), "-x", "hostname:lap-7"))
    wait_for("a lease", bound.exists)
    address = json.loads(network.client("ip", "-json", "-4", "address", "show", "dev", "far"))
    client.send_signal(signal.SIGUSR1)
    wait_for("its renewal", lambda: "renew" in bound.read_text())
    accounting(network)
    client.send_signal(signal.SIGUSR2)
    wait_for("its release", lambda: CLIENT_MAC not in (folder / "leases").read_text())
    return address[0]["addr_info"][0]["local"]


def accounting(network):
    for status in ("Start", "Stop"):
        said = network.client(
            "radclient", "-x", f"{SERVER}:1813", "acct", "testing123", text=(
                f"User-Name=ann\nAcct-Status-Type={status}\nFramed-IP-Address=10.77.1.9\n"
                f"Calling-Station-Id=02-00-00-00-00-09\nAcct-Session-Id=s1\n"))
        if "Accounting-Response" not in said:
            sys.exit(f"FreeRADIUS did not answer: {said}")


def play(network, folder):
    capture = folder / "capture.pcap"
    (folder / "radiusd.conf").write_text(RADIUSD.format(folder))
    sniffer = network.start("tcpdump", "-i", "near", "--immediate-mode", "-U", "-w", str(capture))
    wait_for("a capture", lambda: capture.exists() and capture.stat().st_size >= 24)
    network.start("dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0",
                  "--interface=near", "--bind-interfaces", "--user=root",
                  "--dhcp-range=10.77.0.50,10.77.0.60,1h", f"--dhcp-leasefile={folder}/leases",
                  f"--pid-file={folder}/pid")
    network.start("freeradius", "-f", "-d", str(folder), "-n", "radiusd")
    wait_for("FreeRADIUS", lambda: b":1813 " in subprocess.run(
        ["ss", "-Hlun"], stdout=subprocess.PIPE, check=True).stdout)
    address = lease(network, folder)
    sniffer.send_signal(signal.SIGINT)
    sniffer.wait(10)
    return capture, address


def facts(nta, capture, *more):
    """(source, state, address, MAC, name, login) of what is a fact, and more of its binding."""
    out = subprocess.run([nta, "read", "--json", str(capture)], stdout=subprocess.PIPE, check=False,
                         stderr=subprocess.DEVNULL, timeout=60).stdout.decode()
    for line in out.splitlines():
        record = json.loads(line)
        state, user = record.get("binding", {}).get("state"), record.get("user", {})
        if record["event"] == "lease" and state != "claimed":
            yield tuple([user.get("source"), state] + [
                user.get(key) for key in ("ip", "mac", "name", "login")] + [
                    record["binding"].get(key) for key in more])


def main():
    missing = [tool for tool in TOOLS + ["ss"] if not shutil.which(tool)]
    if missing:
        print(f"skipped: {', '.join(missing)} is not installed")
        return 77
    if not in_namespace():
        return 77
    with tempfile.TemporaryDirectory() as name:
        folder, network = pathlib.Path(name), Network()
        try:
            capture, address = play(network, folder)
        finally:
            network.stop()
        seen = set(facts(sys.argv[1], capture))
    wanted = {("dhcp", state, address, CLIENT_MAC, name, None)
              for state, name in (("begin", "lap-7"), ("renew", "lap-7"), ("end", None))}
    wanted |= {("radius", state, "10.77.1.9", "02:00:00:00:00:09", None, "ann")
               for state in ("begin", "end")}
    wanted |= {("arp", "begin", SERVER, SERVER_MAC, None, None),
               ("arp", "begin", address, CLIENT_MAC, None, None)}
    for fact in sorted(wanted - seen, key=str):
        print("missing:", *fact)
    for fact in sorted(seen - wanted, key=str):
        print("also:", *fact)
    return 1 if wanted - seen else 0


if __name__ == "__main__":
    sys.exit(main())
