#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Captures of others as incidents: who, which machine, which account, which files with their
SHA-256, from where and when, as `nta incidents ID` tells it, against what tshark reads there.

usage: incidents_shared.py NTA      NTA_SHARED names the folder with corpora/; 77 without it or
tshark.

The forbidden site of each capture is the address of one of its servers, named below; everything
else is asked of tshark: the users are who talks to it, their MACs are those of their frames, files
are the objects that it exports, whole, hashed here.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "lib"))
from checks import ok  # noqa: E402

# capture, the forbidden server (None: of the first request), how tshark exports its files (None: it
# cuts them, has them in parts, or they are pages and too small to be downloads)
CASES = [
    ("zeek/pe/pe-single.pcap", None, "ftp-data"),
    ("zeek/http/iso-download.pcap", None, "http"),
    ("zeek/http/zeek-image-1080-80-x.pcapng", None, None),
    ("zeek/http/206_example_a.pcap", None, None),
    ("zeek/smb/smb1.pcap", None, "smb"),
    ("zeek/smb/smb2.pcap", "10.0.0.12", None),
    ("zeek/smb/smb3_multichannel.pcap", "172.17.0.189", None),
    ("zeek/krb/kerberos_tso.pcapng", "172.16.0.100", None),
    ("zeek/ldap/aduser1.pcap", "192.168.226.136", None),
    ("arkime/http-content-zip.pcap", None, None),
    ("arkime/tftp_rrq.pcap", None, "tftp"),
    ("arkime/v6-http.pcap", None, None),
    ("ndpi/mpeg-dash.pcap", None, None),
    ("suricata/smb2-async-read/input.pcap", None, "smb"),
    ("suricata/filestore-v2.1-forced/suricata-update-pdf.pcap", None, "http"),
]
FIELDS = ("frame.time_epoch eth.src eth.dst ip.src ip.dst ipv6.src ipv6.dst http.request.method "
          "smb.cmd smb2.cmd ftp.request.command udp.dstport kerberos.CNameString kerberos.msg_type "
          "ntlmssp.auth.username ntlmssp.auth.hostname").split()


def tshark(path, *words):
    return subprocess.run(["tshark", "-r", str(path), *words], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False, timeout=120).stdout.decode(
                              "utf-8", "replace")


def frames(path):
    words = ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=f"]
    for field in FIELDS:
        words += ["-e", field]
    for line in tshark(path, *words).splitlines():
        values = line.split("\t")
        frame = dict(zip(FIELDS, values + [""] * (len(FIELDS) - len(values))))
        frame["src"] = frame["ip.src"] or frame["ipv6.src"]
        frame["dst"] = frame["ip.dst"] or frame["ipv6.dst"]
        yield frame


def exported(path, kind, folder):
    """The SHA-256 of each object that is not empty."""
    folder.mkdir()
    tshark(path, "-q", "--export-objects", f"{kind},{folder}")
    return {hashlib.sha256(file.read_bytes()).hexdigest(): file.name for file in folder.iterdir()
            if file.stat().st_size}


def wire(path, server):
    """What tshark tells of those who go to the server."""
    said = {"ips": set(), "macs": set(), "logins": set(), "names": set(), "times": []}
    seen = list(frames(path))
    if not server:
        server = next(f for f in seen if f["http.request.method"] or f["smb.cmd"] or
                      f["smb2.cmd"] or f["ftp.request.command"] or f["udp.dstport"] == "69")["dst"]
    for frame in seen:
        if server in (frame["src"], frame["dst"]):
            said["times"].append(float(frame["frame.time_epoch"]))
        if frame["dst"] != server:
            continue
        said["ips"].add(frame["src"])
        said["macs"].add(frame["eth.src"])
        if frame["ntlmssp.auth.username"] not in ("", "NULL"):
            said["logins"].add(frame["ntlmssp.auth.username"].lower())
        if "" not in (frame["ntlmssp.auth.username"], frame["ntlmssp.auth.hostname"]) and \
                frame["ntlmssp.auth.username"] != "NULL":
            said["names"].add(frame["ntlmssp.auth.hostname"].lower())
    for frame in seen:  # a ticket that was given, to whom
        account = frame["kerberos.CNameString"]
        if frame["src"] == server and account and frame["kerberos.msg_type"] in ("11", "13"):
            which = "names" if account.endswith("$") else "logins"
            said[which].add(account.rstrip("$").lower())
    return server, said


def incidents(nta, path, server, work):
    (work / "list").write_text(server + "\n")
    read = subprocess.run([nta, "read", "--store", work / "store", "--list", work / "list", path],
                          capture_output=True, check=False)
    if read.returncode not in (0, 1):
        raise SystemExit(f"{path}: {read.stderr.decode()}")
    words = [nta, "incidents", "--store", work / "store", "--since", "1990-01-01", "--utc"]
    found = subprocess.run([*words, "--json"], capture_output=True, check=False)
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    return rows, {row["id"]: subprocess.run([*words, row["id"]], capture_output=True, check=False)
                  .stdout.decode("utf-8", "replace") for row in rows}


def seconds(text):
    return subprocess.run(["date", "-u", "-d", text, "+%s.%N"], stdout=subprocess.PIPE,
                          check=True).stdout.decode().strip()


def check_files(name, rows, pages, wanted):
    files = {file["sha256"]: file for row in rows for file in row.get("files", ())
             if "sha256" in file}
    missing = {sha: what for sha, what in wanted.items() if sha not in files}
    ok(f"{name}: every file that tshark exports has its SHA-256", wanted and not missing,
       (missing, sorted(files)))
    ok(f"{name}: and it stands on the page", any(sha in page for page in pages.values()
                                                for sha in wanted), list(pages.values())[:1])


def check(nta, root, case):
    name, server, kind = case
    path = root / name
    with tempfile.TemporaryDirectory(prefix="nta-incidents-") as folder:
        work = pathlib.Path(folder)
        server, said = wire(path, server)
        rows, pages = incidents(nta, path, server, work)
        ok(f"{name}: there is an incident with {server}", rows, rows)
        if not rows:
            return
        users = [row["user"] for row in rows]
        ok(f"{name}: who: the addresses", {user["ip"] for user in users} <= said["ips"],
           (users, said["ips"]))
        macs = {user["mac"] for user in users if "mac" in user}
        ok(f"{name}: the machine: MACs of their frames", macs <= said["macs"] and
           (macs or said["macs"] == {""}), (macs, said["macs"]))
        for what, key in (("login", "logins"), ("name", "names")):
            told = {user[what].lower() for user in users if what in user}
            ok(f"{name}: {what}s, of those that the wire names", told <= said[key] and
               bool(told) == bool(said[key]), (told, said[key]))
            ok(f"{name}: on the page", all(any(word in page.lower() for page in pages.values())
                                          for word in told), told)
        ok(f"{name}: from where", all(server in page for page in pages.values()), server)
        begin = min(float(seconds(row["begin"])) for row in rows)
        end = max(float(seconds(row["end"])) for row in rows)
        ok(f"{name}: when", min(said["times"]) - 1 <= begin <= end <= max(said["times"]) + 1,
           (begin, end, min(said["times"]), max(said["times"])))
        if kind:
            check_files(name, rows, pages, exported(path, kind, work / "objects"))


def main():
    shared = os.environ.get("NTA_SHARED", "")
    root = pathlib.Path(shared) / "corpora"
    if not shared or not root.is_dir() or not shutil.which("tshark"):
        print("skipped: NTA_SHARED does not name a folder with corpora, or there is no tshark")
        return 77
    for case in CASES:
        check(sys.argv[1], root, case)
    return ok.conclude()


if __name__ == "__main__":
    sys.exit(main())
