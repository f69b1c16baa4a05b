#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who has which address, as more real servers say it: ISC's and Kea's DHCP for IPv4 and IPv6, the
tickets of a Kerberos KDC over UDP and TCP, a login at Samba, a station's name by Avahi.

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

TOOLS = ("dhcpd dhclient kea-dhcp4 kea-dhcp6 krb5kdc kdb5_util kadmin.local kinit smbd pdbedit "
         "smbclient avahi-daemon tcpdump nsenter ip ss").split()
CLIENT = "10.77.0.5"
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


def six(network):
    subprocess.run("ip -6 address add fd00:77::1/64 dev near nodad".split(), check=True)

    def ready(text):
        return "fe80" in text and "tentative" not in text

    wait_for("link-local addresses", lambda: ready(network.client(
        "ip", "-6", "address", "show", "dev", "far")) and ready(subprocess.run(
            "ip -6 address show dev near".split(), stdout=subprocess.PIPE,
            check=True).stdout.decode()))


def dhclient(network, folder, version):
    """A lease asked for and given back."""
    files = ["-lf", str(folder / f"client{version}"), "-pf", str(folder / f"client{version}.pid"),
             "-sf", str(folder / "script"), "-cf", str(folder / "dhclient.conf")]
    (folder / "script").write_text(SCRIPT)
    (folder / "script").chmod(0o755)
    (folder / "dhclient.conf").write_text('send host-name "lap-7";\n'
                                          'send fqdn.fqdn "lap-7.example";\n')
    network.client("dhclient", f"-{version}", "-1", *files, "far")
    network.client("dhclient", f"-{version}", "-r", *files, "far")
    source = "dhcp" if version == 4 else "dhcpv6"
    return {(source, "begin", CLIENT_MAC), (source, "end", CLIENT_MAC)}


def isc4(network, folder):
    (folder / "dhcpd.conf").write_text(
        "subnet 10.77.0.0 netmask 255.255.255.0 { range 10.77.0.50 10.77.0.60; }\n")
    (folder / "leases").touch()
    network.start("dhcpd", "-4", "-f", "-cf", str(folder / "dhcpd.conf"), "-lf",
                  str(folder / "leases"), "-pf", str(folder / "pid"), "near")
    wait_for("dhcpd", lambda: listens(67))
    return dhclient(network, folder, 4)


def isc6(network, folder):
    six(network)
    (folder / "dhcpd.conf").write_text(
        "subnet6 fd00:77::/64 { range6 fd00:77::50 fd00:77::60; }\n")
    (folder / "leases").touch()
    network.start("dhcpd", "-6", "-f", "-cf", str(folder / "dhcpd.conf"), "-lf",
                  str(folder / "leases"), "-pf", str(folder / "pid"), "near")
    wait_for("dhcpd", lambda: listens(547))
    return dhclient(network, folder, 6)


def kea(network, folder, version, subnet, pool):
    os.environ["KEA_LOCKFILE_DIR"] = os.environ["KEA_PIDFILE_DIR"] = str(folder)
    name = f"Dhcp{version}"
    identity = "" if version == 4 else '"server-id": {"type": "LL", "persist": false},'
    (folder / "kea.conf").write_text(f"""{{"{name}": {{
        "interfaces-config": {{"interfaces": ["near"]}},
        "lease-database": {{"type": "memfile", "persist": false}},
        "valid-lifetime": 3600,{identity}
        "subnet{version}": [{{"subnet": "{subnet}", "interface": "near",
                              "pools": [{{"pool": "{pool}"}}]}}]}}}}""")
    network.start(f"kea-dhcp{version}", "-c", str(folder / "kea.conf"))
    wait_for("Kea", lambda: listens(67 if version == 4 else 547) or subprocess.run(
        ["ss", "-Hlnw"], stdout=subprocess.PIPE, check=True).stdout)
    return dhclient(network, folder, version)


def kea4(network, folder):
    return kea(network, folder, 4, "10.77.0.0/24", "10.77.0.50 - 10.77.0.60")


def kea6(network, folder):
    six(network)
    return kea(network, folder, 6, "fd00:77::/64", "fd00:77::50 - fd00:77::60")


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
         for function in (isc4, isc6, kea4, kea6, kerberos, samba, avahi)}


def run(nta, name):
    """What is not told within 20 s is missing."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        network, capture, missing = Network(), folder / "capture.pcap", None

        def lacks():
            seen = set()
            for fact in facts(nta, capture):
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
