#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What docs/threat-model.md says of the rights of the daemon, of who fetches lists and of who tells
people is what their units say: each line of [Service] that gives or takes a right stands here with
its value, and there is no line but such and those that concern how the service starts, stops and
logs.

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
    "RestrictNamespaces": ["yes"], "PrivateDevices": ["yes"], "PrivateMounts": ["yes"],
    "DevicePolicy": ["closed"], "RemoveIPC": ["yes"], "ProcSubset": ["pid"],
    "IPAddressDeny": ["any"], "IPAddressAllow": ["localhost"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6 AF_PACKET AF_NETLINK"],
    "SystemCallArchitectures": ["native"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
    "SystemCallErrorNumber": ["EPERM"],
    "LoadCredential": [f"{key}:%S/nta/keys/{key}"
                       for key in ("state.key", "sensor.pub", "auditors.pub")],
    "LimitCORE": ["0"],
    "ExecStart": ["@CMAKE_INSTALL_FULL_BINDIR@/ntad --config /etc/nta/ntad.conf"],
    "ExecStartPost": ["-+/usr/bin/chgrp -h nta-status /run/nta/control"],
    "ExecReload": ["@CMAKE_INSTALL_FULL_BINDIR@/nta reload"],
}
FETCHER = {
    "ExecStart": ["@CMAKE_INSTALL_FULL_BINDIR@/nta lists fetch --note %t/nta-lists/changed"],
    "ExecStopPost": ["+/bin/sh -c 'if [ -e %t/nta-lists/changed ]; then systemctl reload "
                     "ntad.service || :; fi'"],
    "User": ["nta-lists"], "Group": ["nta-lists"], "UMask": ["0022"],
    "StateDirectory": ["nta-lists"], "StateDirectoryMode": ["0755"],
    "RuntimeDirectory": ["nta-lists"], "InaccessiblePaths": ["-/var/lib/nta"],
    "CapabilityBoundingSet": [""],
    **{name: WANTED[name] for name in (
        "NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectClock",
        "ProtectHostname", "ProtectProc", "LockPersonality", "MemoryDenyWriteExecute",
        "RestrictRealtime", "RestrictSUIDSGID", "RestrictNamespaces", "SystemCallArchitectures",
        "SystemCallErrorNumber")},
    "PrivateDevices": ["yes"],
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6 AF_NETLINK"],
    "SystemCallFilter": ["@system-service", "~@privileged @resources"],
}
WITNESS = {
    **{name: value for name, value in FETCHER.items() if name not in (
        "ExecStopPost", "RuntimeDirectory", "InaccessiblePaths")},
    "ExecStart": ["@CMAKE_INSTALL_FULL_BINDIR@/nta witness post --list /etc/nta/witnesses --output "
                  "%S/nta-witness/heads"],
    "User": ["nta"], "Group": ["nta"], "StateDirectory": ["nta-witness"],
}
TELLER = {
    "ExecStart": ["@CMAKE_INSTALL_FULL_BINDIR@/nta-notify"],
    "DynamicUser": ["yes"], "SupplementaryGroups": ["systemd-journal"], "UMask": ["0077"],
    "LoadCredential": ["nta-notify.conf:/etc/nta/nta-notify.conf"],
    "StateDirectory": ["nta-notify"], "StateDirectoryMode": ["0700"], "LimitCORE": ["0"],
    "InaccessiblePaths": ["-/var/lib/nta -/etc/nta -/run/nta"],
    "CapabilityBoundingSet": [""], "PrivateUsers": ["yes"],
    **{name: WANTED[name] for name in (
        "NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices",
        "PrivateMounts", "DevicePolicy", "RemoveIPC", "ProtectKernelTunables",
        "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups", "ProtectClock",
        "ProtectHostname", "ProtectProc", "ProcSubset", "LockPersonality",
        "MemoryDenyWriteExecute", "RestrictRealtime", "RestrictSUIDSGID", "RestrictNamespaces",
        "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber")},
    "RestrictAddressFamilies": ["AF_UNIX AF_INET AF_INET6"],
}
UNITS = {"ntad.service.in": WANTED, "nta-lists.service.in": FETCHER,
         "nta-witness.service.in": WITNESS, "nta-notify.service.in": TELLER}
NO_RIGHT = {"Type", "Nice", "IOSchedulingClass", "TimeoutStartSec", "NotifyAccess", "Restart",
            "RestartSec", "RestartPreventExitStatus", "TimeoutStopSec", "WatchdogSec",
            "LimitMEMLOCK", "MemoryMax", "TasksMax", "LogRateLimitIntervalSec", "LogRateLimitBurst"}


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


def check(text, wanted=None):
    wanted, said = wanted or WANTED, rows_of(text)
    for name, values in wanted.items():
        if said.get(name) != values:
            yield f"{name}={said.get(name)}, not {values}"
    for name in sorted(said.keys() - wanted.keys() - NO_RIGHT):
        yield f"{name}={said[name]}: does it give a right?  Say so here and in the threat model"


def main():
    systemd = pathlib.Path(sys.argv[1]) / "systemd"
    wrong = [f"{unit}: {fault}" for unit, wanted in UNITS.items()
             for fault in check((systemd / unit).read_text(), wanted)]
    print("\n".join(wrong) or "the units are as the threat model says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
