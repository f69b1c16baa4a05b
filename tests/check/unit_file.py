#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/threat-model.md says of the rights of the daemon, and of who fetches lists, is what
their units say.

usage: unit_file.py SOURCE_DIR
"""
import pathlib
import sys

WANTED = {
    "User": "nta", "AmbientCapabilities": "CAP_NET_RAW", "CapabilityBoundingSet": "CAP_NET_RAW",
    "NoNewPrivileges": "yes", "ProtectSystem": "strict",
    "ProtectHome": "yes", "PrivateTmp": "yes", "MemoryDenyWriteExecute": "yes",
    "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "UMask": "0077",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_PACKET AF_NETLINK",
    "SystemCallArchitectures": "native",
}
FETCHER = {
    "User": "nta-lists", "CapabilityBoundingSet": "", "NoNewPrivileges": "yes",
    "ProtectSystem": "strict", "StateDirectory": "nta-lists",
    "InaccessiblePaths": "-/var/lib/nta", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes", "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "SystemCallArchitectures": "native",
}
KEYS = {"sensor.key", "sensor.pub", "token.key", "auditors.pub"}


def read(unit, wanted, keys):
    """What the unit says otherwise."""
    lines = (pathlib.Path(sys.argv[1]) / f"systemd/{unit}.in").read_text().splitlines()
    rows = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    said = {}
    for name, value in rows:
        said.setdefault(name, []).append(value)
    wrong = [f"{unit}: {name}={said.get(name)}, not {value}" for name, value in wanted.items()
             if said.get(name) != [value]]
    given = {value.split(":")[0] for value in said.get("LoadCredential", [])}
    if given != keys:
        wrong.append(f"{unit} is given {sorted(given)}")
    if said.get("SystemCallFilter",
                [""])[0] != "@system-service" or "~@privileged @resources" not in said.get(
                    "SystemCallFilter", []):
        wrong.append(f"{unit}: system calls: {said.get('SystemCallFilter')}")
    return wrong


def main():
    wrong = read("ntad.service", WANTED, KEYS) + read("nta-lists.service", FETCHER, set())
    print("\n".join(wrong) or "the units are as the threat model says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
