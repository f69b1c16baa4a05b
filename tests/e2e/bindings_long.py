#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has which address, as more real servers say it: ISC's and Kea's DHCP for IPv4 and IPv6, on
the link and through a relay, the tickets of a Kerberos KDC over UDP and TCP, a login at Samba, a
station's name by Avahi.

usage: bindings_long.py NTA [NAME...]      77: a program is missing, or no network namespace

Each part is a server and a client in two namespaces that end with the test; without names all.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from bindings_servers import CLIENT_MAC, SERVER, Network, facts, wait_for  # noqa: E402
from ntad import in_namespace  # noqa: E402

TOOLS = ("dhcpd dhclient dhcrelay kea-dhcp4 kea-dhcp6 krb5kdc kdb5_util kadmin.local kinit smbd "
         "pdbedit smbclient avahi-daemon tcpdump nsenter ip ss").split()
CLIENT = "10.77.0.5"
STATION_MAC, CIRCUIT = "02:00:00:00:00:06", "line7"
SCRIPT = """#!/bin/sh
[ -z "$new_ip_address" ] || ip address replace "$new_ip_address/24" dev "$interface"
"""


def listens(port, protocol="u"):
    out = subprocess.run(["ss", f"-Hln{protocol}"], stdout=subprocess.PIPE, check=True).stdout
    return f":{port} ".encode() in out


def own_addresses(network):
    """Addresses of their own for those who need some, as soon as they may be used."""
    network.client("ip", "address", "add", f"{CLIENT}/24", "dev", "far")
    network.client("ip", "link", "set", "lo", "up")


def is_ready(addresses):
    return "fe80" in addresses and "tentative" not in addresses


def six(network):
    subprocess.run("ip -6 address add fd00:77::1/64 dev near nodad".split(), check=True)

    wait_for("link-local addresses", lambda: is_ready(network.client(
        "ip", "-6", "address", "show", "dev", "far")) and is_ready(subprocess.run(
            "ip -6 address show dev near".split(), stdout=subprocess.PIPE,
            check=True).stdout.decode()))


class Station:
    """A namespace behind the client's, which is a relay's: between server and relay is the wire
    that is captured, and nobody's frames there are the station's.
    """

    def __init__(self, network):
        self.holder = network.start("unshare", "--net", "sleep", "300")
        wait_for("a third namespace", lambda: os.readlink(
            f"/proc/{self.holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
        for command in (f"ip link add {CIRCUIT} type veth peer name eth0",
                        f"ip link set eth0 address {STATION_MAC}",
                        f"ip link set eth0 netns {self.holder.pid}",
                        "ip address add 10.77.0.2/24 dev far",
                        "ip -6 address add fd00:77::2/64 dev far nodad",
                        f"ip address add 10.78.0.1/24 dev {CIRCUIT}",
                        f"ip -6 address add fd00:78::1/64 dev {CIRCUIT} nodad",
                        f"ip link set {CIRCUIT} up"):
            network.client(*command.split())
        self.client("ip", "link", "set", "eth0", "up")
        subprocess.run("ip route add 10.78.0.0/24 via 10.77.0.2".split(), check=True)
        wait_for("its link-local address", lambda: is_ready(self.client(
            "ip", "-6", "address", "show", "dev", "eth0")))

    def client(self, *command):
        return subprocess.run(["nsenter", "-t", str(self.holder.pid), "-n", *command], check=True,
                              timeout=60, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True).stdout


def relayed(network, folder, version):
    """A lease through a relay that says on which line the station is (option 82; RFC 8415's
    Interface-Id).
    """
    station = Station(network)
    lines = (["-4", "-a", "-id", CIRCUIT, "-iu", "far", SERVER] if version == 4 else
             ["-6", "-I", "-l", CIRCUIT, "-u", "fd00:77::1%far"])
    network.start(*network.inside("dhcrelay", "-d", "--no-pid", *lines))
    port = 67 if version == 4 else 547
    wait_for("a relay", lambda: f":{port} " in network.client("ss", "-Hlnu"))
    dhclient(station, folder, version, "eth0")
    if version == 4:
        return {("dhcp", "begin", STATION_MAC), ("dhcp", "begin", CIRCUIT.encode().hex())}
    line = (1).to_bytes(4, sys.byteorder).hex()  # the relay counts those that it listens at
    return {("dhcpv6", "begin", STATION_MAC), ("dhcpv6", "begin", "lap-7.example"),
            ("dhcpv6", "begin", line)}


def dhclient(network, folder, version, interface="far"):
    """A lease asked for and given back."""
    files = ["-lf", str(folder / f"client{version}"), "-pf", str(folder / f"client{version}.pid"),
             "-sf", str(folder / "script"), "-cf", str(folder / "dhclient.conf")]
    (folder / "script").write_text(SCRIPT)
    (folder / "script").chmod(0o755)
    (folder / "dhclient.conf").write_text('send host-name "lap-7";\n'
                                          'send fqdn.fqdn "lap-7.example";\n')
    network.client("dhclient", f"-{version}", "-1", *files, interface)
    network.client("dhclient", f"-{version}", "-r", *files, interface)
    source = "dhcp" if version == 4 else "dhcpv6"
    return {(source, "begin", CLIENT_MAC), (source, "end", CLIENT_MAC)}


def isc4(network, folder, play=dhclient):
    (folder / "dhcpd.conf").write_text(
        "subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.50 10.77.0.60; }\n"
        "subnet 10.78.0.0 netmask 255.255.255.0 { range 10.78.0.50 10.78.0.60; }\n")
    (folder / "leases").touch()
    network.start("dhcpd", "-4", "-f", "-cf", str(folder / "dhcpd.conf"), "-lf",
                  str(folder / "leases"), "-pf", str(folder / "pid"), "near")
    wait_for("dhcpd", lambda: listens(67))
    return play(network, folder, 4)


def isc6(network, folder, play=dhclient):
    six(network)
    (folder / "dhcpd.conf").write_text(
        "subnet6 fd00:77::/64 { range6 fd00:77::50 fd00:77::60; }\n"
        "subnet6 fd00:78::/64 { range6 fd00:78::50 fd00:78::60; }\n")
    (folder / "leases").touch()
    network.start("dhcpd", "-6", "-f", "-cf", str(folder / "dhcpd.conf"), "-lf",
                  str(folder / "leases"), "-pf", str(folder / "pid"), "near")
    wait_for("dhcpd", lambda: listens(547))
    return play(network, folder, 6)


def kea(network, folder, version, prefix, play):
    """`prefix`: of both networks, 7 and 8 behind it."""
    end, bits = (".0.", 24) if version == 4 else ("::", 64)
    unicast = "" if version == 4 else ', "near/fd00:77::1"'  # relays ask there
    os.environ["KEA_LOCKFILE_DIR"] = os.environ["KEA_PIDFILE_DIR"] = str(folder)
    name = f"Dhcp{version}"
    identity = "" if version == 4 else '"server-id": {"type": "LL", "persist": false},'
    (folder / "kea.conf").write_text(f"""{{"{name}": {{
        "interfaces-config": {{"interfaces": ["near"{unicast}]}},
        "lease-database": {{"type": "memfile", "persist": false}},
        "valid-lifetime": 3600,{identity}
        "subnet{version}": [
            {{"subnet": "{prefix}7{end}0/{bits}", "interface": "near",
              "pools": [{{"pool": "{prefix}7{end}50 - {prefix}7{end}60"}}]}},
            {{"subnet": "{prefix}8{end}0/{bits}",
              "pools": [{{"pool": "{prefix}8{end}50 - {prefix}8{end}60"}}]}}]}}}}""")
    network.start(f"kea-dhcp{version}", "-c", str(folder / "kea.conf"))
    wait_for("Kea", lambda: listens(67 if version == 4 else 547) or subprocess.run(
        ["ss", "-Hlnw"], stdout=subprocess.PIPE, check=True).stdout)
    return play(network, folder, version)


def kea4(network, folder, play=dhclient):
    return kea(network, folder, 4, "10.7", play)


def kea6(network, folder, play=dhclient):
    six(network)
    return kea(network, folder, 6, "fd00:7", play)


def isc4_relay(network, folder):
    return isc4(network, folder, relayed)


def isc6_relay(network, folder):
    return isc6(network, folder, relayed)


def kea4_relay(network, folder):
    return kea4(network, folder, relayed)


def kea6_relay(network, folder):
    return kea6(network, folder, relayed)


def kerberos(network, folder):
    own_addresses(network)
    os.environ["KRB5_CONFIG"] = str(folder / "krb5.conf")
    os.environ["KRB5_KDC_PROFILE"] = str(folder / "kdc.conf")
    os.environ["KRB5CCNAME"] = str(folder / "tickets")
    (folder / "krb5.conf").write_text(f"""[libdefaults]
default_realm = EXAMPLE.ORG
dns_lookup_kdc = false
[realms]
EXAMPLE.ORG = {{
    kdc = {SERVER}
}}
""")
    (folder / "kdc.conf").write_text(f"""[realms]
EXAMPLE.ORG = {{
    database_name = {folder}/principal
    key_stash_file = {folder}/stash
    acl_file = {folder}/acl
    kdc_listen = {SERVER}:88
    kdc_tcp_listen = {SERVER}:88
}}
""")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run(["kdb5_util", "create", "-s", "-P", "master", "-r", "EXAMPLE.ORG"], **quiet)
    subprocess.run(["kadmin.local", "addprinc", "-pw", "secret", "ann"], **quiet)
    network.start("krb5kdc", "-n", "-P", str(folder / "pid"))
    wait_for("the KDC", lambda: listens(88) and listens(88, "t"))
    network.client("kinit", "ann", text="secret\n")
    with (folder / "krb5.conf").open("a") as file:
        file.write("[libdefaults]\nudp_preference_limit = 1\n")
    network.client("kinit", "ann", text="secret\n")
    wrong = subprocess.run(network.inside("kinit", "ann"), input=b"wrong\n", check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if wrong.returncode == 0:
        sys.exit("the KDC takes any password")
    return {("kerberos", "begin", "ann")}


def samba(network, folder):
    own_addresses(network)
    for name in ("state", "cache", "lock", "private", "pid", "ncalrpc", "share"):
        (folder / name).mkdir()
    (folder / "smb.conf").write_text(f"""[global]
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
private dir = {folder}/private
pid directory = {folder}/pid
ncalrpc dir = {folder}/ncalrpc
passdb backend = tdbsam:{folder}/private/passdb.tdb
log file = {folder}/log
disable netbios = yes
smb ports = 445
[share]
path = {folder}/share
read only = yes
""")
    conf = f"--configfile={folder}/smb.conf"
    subprocess.run(["pdbedit", conf, "-a", "-t", "-u", "nobody"], input=b"secret\nsecret\n",
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    network.start("smbd", "--foreground", "--no-process-group", conf)
    wait_for("smbd", lambda: listens(445, "t"))
    network.client("smbclient", conf, "-m", "SMB2", "-U", "nobody%secret", f"//{SERVER}/share",
                   "-c", "ls")
    return {("ntlm", "begin", "nobody")}


def avahi(network, folder):
    own_addresses(network)
    (folder / "avahi.conf").write_text(
        "[server]\nhost-name=lap-7\nenable-dbus=no\nallow-interfaces=far\nuse-ipv6=yes\n")
    network.start(*network.inside("avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits",
                                  "-f", str(folder / "avahi.conf")))
    return {("mdns", "begin", "lap-7")}


PARTS = {function.__name__: function
         for function in (isc4, isc6, kea4, kea6, isc4_relay, isc6_relay, kea4_relay, kea6_relay,
                          kerberos, samba, avahi)}


def run(nta, name):
    """What is not told within 20 s is missing."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        network, capture, missing = Network(), folder / "capture.pcap", None

        def lacks():
            seen = set()
            for fact in facts(nta, capture, "circuit"):
                seen |= {(fact[0], fact[1], value) for value in fact[2:]}
            return wanted - seen

        try:
            network.start("tcpdump", "-i", "near", "--immediate-mode", "-U", "-w", str(capture))
            wait_for("a capture", lambda: capture.exists() and capture.stat().st_size >= 24)
            wanted = PARTS[name](network, folder)
            try:
                wait_for("all facts", lambda: not lacks(), 20)
            except SystemExit:
                missing = lacks()
        finally:
            network.stop()
            subprocess.run("ip link del near".split(), stderr=subprocess.DEVNULL, check=False)
    print(f"{name}: {'as expected' if not missing else f'missing {sorted(missing)}'}", flush=True)
    return not missing


def main():
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        print(f"skipped: {', '.join(missing)} is not installed")
        return 77
    if not in_namespace():
        return 77
    return 0 if all([run(sys.argv[1], name) for name in sys.argv[2:] or PARTS]) else 1


if __name__ == "__main__":
    sys.exit(main())
