#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/threat-model.md says of the daemon's rights is what its unit says.

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
KEYS = {"sensor.key", "sensor.pub", "token.key", "auditors.pub"}


def main():
    lines = (pathlib.Path(sys.argv[1]) / "systemd/ntad.service.in").read_text().splitlines()
    rows = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    said = {}
    for name, value in rows:
        said.setdefault(name, []).append(value)
    wrong = [f"{name}={said.get(name)}, not {value}" for name, value in WANTED.items()
             if said.get(name) != [value]]
    given = {value.split(":")[0] for value in said.get("LoadCredential", [])}
    if given != KEYS:
        wrong.append(f"the daemon is given {sorted(given)}")
    if said.get("SystemCallFilter",
                [""])[0] != "@system-service" or "~@privileged @resources" not in said.get(
                    "SystemCallFilter", []):
        wrong.append(f"system calls: {said.get('SystemCallFilter')}")
    print("\n".join(wrong) or "the unit is as the threat model says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
