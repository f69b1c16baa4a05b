#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/threat-model.md says of the daemon's rights is what its unit says: each line of
[Service] that gives or takes a right stands here with its value, and there is no line but such and
those that concern how the service starts, stops and logs.

usage: unit_file.py SOURCE_DIR
"""
import pathlib
import re
import sys

WANTED = {
    "User": ["nta"], "Group": ["nta"], "UMask": ["0077"],
    "StateDirectory": ["nta"], "StateDirectoryMode": ["0750"], "RuntimeDirectory": ["nta"],
    "LogsDirectory": ["nta"],
    "AmbientCapabilities": ["CAP_NET_RAW"], "CapabilityBoundingSet": ["CAP_NET_RAW"],
    "NoNewPrivileges": ["yes"], "ProtectSystem": ["strict"], "ProtectHome": ["yes"],
    "PrivateTmp": ["yes"], "ProtectKernelTunables": ["yes"], "ProtectKernelModules": ["yes"],
    "ProtectKernelLogs": ["yes"], "ProtectControlGroups": ["yes"], "ProtectClock": ["yes"],
    "ProtectHostname": ["yes"], "ProtectProc": ["invisible"], "LockPersonality": ["yes"],
    "MemoryDenyWriteExecute": ["yes"], "RestrictRealtime": ["yes"], "RestrictSUIDSGID": ["yes"],
    "RestrictNamespaces": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6 AF_PACKET AF_NETLINK"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources", "setpriority"],
    "SystemCallErrorNumber": ["EPERM"],
    "LoadCredential": [f"{key}:%S/nta/keys/{key}"
                       for key in ("sensor.key", "sensor.pub", "token.key", "auditors.pub")],
    "ExecStart": ["@CMAKE_INSTALL_FULL_BINDIR@/ntad --config /etc/nta/ntad.conf"],
    "ExecReload": ["/bin/kill -HUP $MAINPID"],
}
NO_RIGHT = {"Type", "NotifyAccess", "Restart", "RestartSec", "TimeoutStopSec", "LimitMEMLOCK",
            "LogRateLimitIntervalSec", "LogRateLimitBurst"}


def rows_of(text):
    """Name to values of the section [Service], as systemd reads it."""
    said, section = {}, ""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and line[:1] not in "#;":
            name, _, value = line.partition("=")
            said.setdefault(name.strip(), []).append(value.strip())
    return said


def check(text):
    said = rows_of(text)
    for name, values in WANTED.items():
        if said.get(name) != values:
            yield f"{name}={said.get(name)}, not {values}"
    for name in sorted(said.keys() - WANTED.keys() - NO_RIGHT):
        yield f"{name}={said[name]}: does it give a right?  Say so here and in the threat model"


def main():
    text = (pathlib.Path(sys.argv[1]) / "systemd/ntad.service.in").read_text()
    wrong = list(check(text))
    print("\n".join(wrong) or "the unit is as the threat model says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
