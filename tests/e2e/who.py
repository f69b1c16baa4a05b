#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who it was, live: two machines swap their addresses within a minute, given by dnsmasq, and no
record of one is given to the other; nor to a third that has one of these addresses in another VLAN;
nor after a restart, before which all was learnt.  Logins come by a file that grows.

usage: who.py NTA NTAD     77: no network namespace can be made here, or there is no dnsmasq
"""
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
from checks import ok  # noqa: E402
from ntad import Ntad, in_namespace  # noqa: E402
from wire import Wire  # noqa: E402

CLIENT = HERE / "lib/dhcp_client.py"
SERVER, FIRST, SECOND = "10.9.0.1", "10.9.0.5", "10.9.0.6"
WEB = """
import http.server, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2048")
        self.end_headers()
        self.wfile.write(b"MZ" + bytes(2046))
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer((sys.argv[1], 80), Page).serve_forever()
"""
VISIT = """
import http.client, sys
page = http.client.HTTPConnection(sys.argv[1], 80, timeout=5)
page.request("GET", sys.argv[2], headers={"Host": "files.bad.example"})
page.getresponse().read()
"""
SEND = """
import socket, sys, time
raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
raw.bind(("eth0", 0))
for line in sys.stdin:
    raw.send(bytes.fromhex(line))
    time.sleep(.002)
"""
VLAN = 20


def run(*words, **options):
    return subprocess.run([str(w) for w in words], check=True, text=True, stdout=subprocess.PIPE,
                          **options).stdout.strip()


class Machine:
    """A namespace with one interface on the bridge."""

    def __init__(self, name, last):
        self.name, self.space = name, f"nta-who-{os.getpid()}-{name}"
        self.mac = f"02:00:00:00:09:{last:02x}"
        self.interface = "eth0"
        run("ip", "netns", "add", self.space)
        run("ip", "link", "add", f"v-{name}", "type", "veth", "peer", "name", "eth0", "address",
            self.mac, "netns", self.space)
        run("ip", "link", "set", f"v-{name}", "master", "br0", "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "link", "set", "eth0", "up")

    def run(self, *words):
        return run("ip", "netns", "exec", self.space, *words)

    def lease(self, wanted):
        return self.run(sys.executable, CLIENT, self.interface, f"{self.name}-pc", wanted)

    def release(self, address, server_mac):
        self.run(sys.executable, CLIENT, "--release", self.interface, address, server_mac, SERVER)

    def visit(self, what):
        self.run(sys.executable, "-c", VISIT, SERVER, f"/{self.name}/{what}")

    def send(self, frames):
        """As they are, by a machine that needs no kernel's help."""
        subprocess.run(["ip", "netns", "exec", self.space, sys.executable, "-c", SEND],
                       input="\n".join(frame.hex() for frame in frames), text=True, check=True)

    def end(self):
        subprocess.run(["ip", "link", "delete", f"v-{self.name}"], check=False)
        subprocess.run(["ip", "netns", "delete", self.space], check=False)


def make_bridge():
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "br0", "address", "02:00:00:00:09:01", "type", "bridge")
    run("ip", "address", "add", f"{SERVER}/24", "dev", "br0")
    run("ip", "link", "set", "br0", "up")


def start(processes, *words):
    processes.append(subprocess.Popen([str(w) for w in words], stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL))


def visit_tagged(machine, what):
    """The same as a visit, both its sides made up, in the other VLAN."""
    wire = Wire()
    asked = f"GET /{machine.name}/{what} HTTP/1.1\r\nHost: files.bad.example\r\n\r\n"
    wire.connection(0, FIRST, SERVER, random.randrange(20000, 60000), 80, asked.encode(),
                    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nMZab")
    mine, others = bytes.fromhex(machine.mac.replace(":", "")), bytes.fromhex("020000000908")
    tag = struct.pack("!HH", 0x8100, VLAN)
    machine.send([(others + mine if up else mine + others) + tag + data[12:]
                  for _, up, data in wire.packets])


def serve(processes, folder):
    """dnsmasq and a web server."""
    start(processes, "dnsmasq", "--keep-in-foreground", "--port=0", "--interface=br0",
          "--bind-interfaces", f"--dhcp-range={FIRST},10.9.0.20,1h", "--no-ping",
          f"--dhcp-leasefile={folder}/leases", "--conf-file=/dev/null", "--user=root")
    start(processes, sys.executable, "-c", WEB, SERVER)
    time.sleep(1)


def swap(machines, folder):
    """Leases, visits, and the same with the addresses changed."""
    ann, bob, cyd = machines["ann"], machines["bob"], machines["cyd"]
    ok("dnsmasq gives what is asked for",
       ann.lease(FIRST) == FIRST and bob.lease(SECOND) == SECOND)
    login = {"ip": FIRST, "mac": ann.mac, "login": "ann", "source": "portal"}
    with open(folder / "logins", "a", encoding="ascii") as logins:
        logins.write(json.dumps(login) + "\n")
    time.sleep(2.5)
    for machine in (ann, bob):
        machine.visit("before")
    visit_tagged(cyd, "before")
    ann.release(FIRST, "02:00:00:00:09:01")
    bob.release(SECOND, "02:00:00:00:09:01")
    time.sleep(.5)
    ok("and again, changed", bob.lease(FIRST) == FIRST and ann.lease(SECOND) == SECOND)
    for machine in (ann, bob):
        machine.visit("after")
    visit_tagged(cyd, "after")


def check_records(rows, machines, when):
    for machine in machines:
        mine = [r for r in rows if r["event"] in ("request", "alert", "flow") and
                r.get("user", {}).get("mac") == machine.mac and r.get("app") == "http"]
        asked = {r["url"].rsplit("/", 1)[1] for r in mine if r["event"] == "request"}
        ok(f"{machine.name}: its visits are recorded ({when})", set(when.split()) <= asked, asked)
        names = {r["user"].get("name") for r in mine}
        devices = {r["user"].get("device") for r in mine}
        if machine.name == "cyd":
            ok("cyd, in another VLAN, has nobody's name", names == {None}, names)
        else:
            ok(f"{machine.name}: each record has its name", names == {f"{machine.name}-pc"}, names)
            ok(f"{machine.name}: and its device", devices == {machine.mac}, devices)
        logins = {r["user"].get("login") for r in mine}
        ok(f"{machine.name}: and its login", logins == {"ann" if machine.name == "ann" else None},
           logins)


def check_times(rows):
    """No record's binding excludes its time."""
    wrong = [r for r in rows if r.get("user", {}).get("since", r["time"]) > r["time"]]
    ok("no record has its user since later", not wrong, wrong[:1])


def ask(nta, folder, *words):
    run_ = subprocess.run([nta, "who", "--store", folder / "store", "--json", *words],
                          capture_output=True, check=False)
    return [json.loads(line) for line in run_.stdout.splitlines()]


def forget_early(running, folder):
    """More logins than there is room for."""
    with open(folder / "logins", "a", encoding="ascii") as logins:
        for i in range(3000):
            logins.write(f'{{"ip":"10.77.{i // 250}.{i % 250 + 1}","login":"u{i}"}}\n')
    for _ in range(100):
        n_evicted = running.status()["counters"]["who.evicted"]
        if n_evicted:
            break
        time.sleep(.1)
    ok("so are bindings that are forgotten early", n_evicted > 0, n_evicted)


def play(nta, ntad, folder, machines, workers):
    people = [machines[name] for name in ("ann", "bob", "cyd")]
    more = (f'who = {{ files = [ "{folder}/logins" ]; users = "{folder}/users.conf";'
            ' bindings = 1024; };\n'
            'flow = { udp_idle = "2s"; };')
    (folder).mkdir()
    (folder / "logins").write_text("")
    (folder / "users.conf").write_text("login:ann, Ann Example, class 7b\n")
    running = Ntad(nta, ntad, folder, ["br0"], workers, more=more)
    with running:
        swap(machines, folder)
        with open(folder / "logins", "a", encoding="ascii") as logins:
            logins.write("this says nothing\n" * 3)
        time.sleep(2)
        counters = running.status()["counters"]
        ok("lines that say nothing are counted in the status",
           (counters["who.bad_lines"], counters["who.evicted"]) == (3, 0), counters)
    rows = running.records()
    check_records(rows, people, "before after")
    check_times(rows)
    persons = {r["user"].get("person") for r in rows if r.get("user", {}).get("login") == "ann"}
    ok("who is logged in is a person of users.conf", "Ann Example" in persons, persons)
    alerts = [r for r in rows if r["event"] == "alert"]
    proved = {r.get("about") for r in rows if r["event"] == "lease" and r.get("about")}
    ok("alerts have the bindings that they rely on",
       proved and proved <= {r["about"] for r in alerts}, proved)
    stays = ask(nta, folder, FIRST)
    ok("nta who names both, and that the first has ended",
       {s.get("name") for s in stays if not s.get("vlan")} >= {"ann-pc", "bob-pc"} and
       any(s.get("name") == "ann-pc" and s["ended"] for s in stays), stays)
    log = open(folder / "log2", "wb")
    again = subprocess.Popen([ntad, "--foreground", "-c", folder / "conf"], stdout=log, stderr=log)
    running.process = again
    with running:
        time.sleep(.5)
        for machine in people[:2]:
            machine.visit("restarted")
        visit_tagged(people[2], "restarted")
        time.sleep(1)
        forget_early(running, folder)
    check_records([r for r in running.records() if r.get("url", "restarted").endswith("restarted")
                   and r["event"] == "request"], people, "restarted")
    ok("a restart knows what was known", "are known from before" in
       (folder / "log2").read_text(), (folder / "log2").read_text()[-300:])
    ok("and what it keeps is sealed", b"ann-pc" not in
       next((folder / "store").rglob("who.state")).read_bytes())


def main():
    nta, ntad = sys.argv[1:]
    if not shutil.which("dnsmasq"):
        print("skipped: there is no dnsmasq")
        return 77
    if not in_namespace():
        return 77
    make_bridge()
    processes, machines = [], {}
    try:
        with tempfile.TemporaryDirectory() as folder:
            for workers in (1, 2):
                for name, last in (("ann", 5), ("bob", 6), ("cyd", 7)):
                    machines[name] = Machine(name, last)
                serve(processes, pathlib.Path(folder))
                play(nta, ntad, pathlib.Path(folder) / str(workers), machines, workers)
                for process in processes:
                    process.terminate()
                    process.wait(10)
                processes.clear()
                for name in list(machines):
                    machines.pop(name).end()
                pathlib.Path(folder, "leases").unlink(missing_ok=True)
    finally:
        for process in processes:
            process.kill()
        for machine in machines.values():
            machine.end()
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
