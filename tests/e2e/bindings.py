#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who had which address and who logged in, in captures of others, against what tshark reads there.

usage: bindings.py NTA      NTA_SHARED names the folder with corpora/; 77 without it or tshark.

tshark shows fields of single messages; what makes a fact of them (the answer to a question that
was asked) is put together here, from these fields alone.
"""
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys

FOLDERS = ("arkime", "suricata", "zeek", "ndpi", "tcpdump")
WORDS = ("dhcp", "krb", "kerberos", "radius", "ntlm", "smb2", "smb3", "dce")
FIELDS = ("tcp.stream udp.stream dhcp.option.dhcp dhcp.hw.mac_addr dhcp.ip.your dhcp.id "
          "radius.code radius.id radius.User_Name radius.Acct_Status_Type radius.Framed-IP-Address "
          "kerberos.msg_type kerberos.CNameString smb2.cmd smb2.msg_id smb2.nt_status "
          "smb2.session_flags ntlmssp.messagetype ntlmssp.auth.username smb.cmd smb.mid "
          "smb.nt_status smb.flags.response smb.setup.action.guest http.response.code").split()

# what tshark does not read: a message of NTLM whose blob ends before its last field
KNOWN = {("arkime/smbtorture-ntlmssp-moloch-crash.pcap", "ntlm", "administrator")}


def messages(path):
    """What tshark says of each frame: a field's values, in order."""
    command = ["tshark", "-r", str(path), "-T", "fields", "-E", "separator=/t", "-E",
               "occurrence=a", "-E", "aggregator=|", "-o", "tcp.reassemble_out_of_order:TRUE"]
    for field in FIELDS:
        command += ["-e", field]
    out = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                         timeout=120).stdout.decode("utf-8", "replace")
    for line in out.splitlines():
        values = [value.split("|") if value else [] for value in line.split("\t")]
        values += [[]] * (len(FIELDS) - len(values))
        yield dict(zip(FIELDS, values))


def leases(frame, asked, facts):
    """An ACK that gives an address, to a REQUEST or a DISCOVER with this transaction."""
    kind, key = frame["dhcp.option.dhcp"], tuple(frame["dhcp.id"] + frame["dhcp.hw.mac_addr"][:1])
    if kind and kind[0] in ("1", "3"):
        asked.add(("dhcp", key))
    if kind == ["5"] and ("dhcp", key) in asked and frame["dhcp.ip.your"] not in ([], ["0.0.0.0"]):
        facts["dhcp"].add(frame["dhcp.ip.your"][0])


def accounting(frame, asked, facts):
    stream = tuple(frame["udp.stream"] + frame["radius.id"])
    if frame["radius.code"] == ["4"] and frame["radius.Acct_Status_Type"] in (["1"], ["2"], ["3"]):
        asked.add(("radius", stream, tuple(frame["radius.User_Name"])))
    if frame["radius.code"] == ["5"]:
        facts["radius"].update(key[2][0] for key in asked if key[:2] == ("radius", stream)
                               and key[2])


def tickets(frame, asked, facts):
    stream = tuple(frame["tcp.stream"] or ["u"] + frame["udp.stream"])
    kinds = frame["kerberos.msg_type"]
    if kinds and kinds[0] in ("10", "12") and "smb2.cmd" not in frame["smb2.cmd"]:
        asked.add(("krb", stream, kinds[0]))
    if kinds and kinds[0] in ("11", "13") and ("krb", stream, str(int(kinds[0]) - 1)) in asked:
        facts["kerberos"].add("/".join(frame["kerberos.CNameString"][:2]).rstrip("$"))


def logins(frame, asked, facts):
    """A login that the server took for what it says, and no guest's."""
    stream, number = tuple(frame["tcp.stream"]), tuple(frame["smb2.msg_id"])
    if frame["smb2.cmd"] != ["1"]:
        return
    # NULL is what tshark says of a name that is empty
    user = tuple(frame["ntlmssp.auth.username"])
    if frame["ntlmssp.messagetype"] == ["0x00000003"] and "NULL" not in user:
        asked.add(("ntlm", stream, number, user))
    if frame["smb2.nt_status"] == ["0x00000000"] and frame["smb2.session_flags"]:
        if int(frame["smb2.session_flags"][0], 16) & 3 == 0:
            facts["ntlm"].update(key[3][0] for key in asked
                                 if key[:3] == ("ntlm", stream, number) and key[3])


def older_logins(frame, asked, facts):
    """The same over SMB 1 and HTTP, where the server had sent a challenge."""
    stream, user = tuple(frame["tcp.stream"]), tuple(frame["ntlmssp.auth.username"])
    is_old, number = frame["smb.cmd"][:1] == ["0x73"], tuple(frame["smb.mid"])
    if frame["ntlmssp.messagetype"] == ["0x00000002"]:
        asked.add(("challenge", stream))
    if (frame["ntlmssp.messagetype"] == ["0x00000003"] and user and "NULL" not in user
            and frame["smb2.cmd"] != ["1"] and ("challenge", stream) in asked):
        asked.add(("smb1" if is_old else "web", stream, number, user))
    accepts = set()
    if is_old and frame["smb.flags.response"] == ["1"] and frame["smb.nt_status"] == [
            "0x00000000"] and frame["smb.setup.action.guest"] != ["1"]:
        accepts.add("smb1")
    if frame["http.response.code"] and int(frame["http.response.code"][0]) < 400:
        accepts.add("web")
    facts["ntlm"].update(key[3][0] for key in asked if key[0] in accepts
                         and key[1:3] == (stream, number))


def expected(path):
    asked, facts = set(), collections.defaultdict(set)
    for frame in messages(path):
        for take in (leases, accounting, tickets, logins, older_logins):
            take(frame, asked, facts)
    return facts


def told(nta, path):
    """The same from our records: addresses of leases, names of logins."""
    run = subprocess.run([nta, "read", "--json", str(path)], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False, timeout=120)
    facts = collections.defaultdict(set)
    for line in run.stdout.decode("utf-8", "replace").splitlines():
        record = json.loads(line)
        state = record.get("binding", {}).get("state")
        if record["event"] != "lease" or state not in ("begin", "renew", "end"):
            continue
        user = record["user"]
        source = user.get("source")
        if source == "dhcp" and state != "end":
            facts["dhcp"].add(user["ip"])
        elif source in ("radius", "kerberos", "ntlm"):
            facts[source].add(user.get("login") or user.get("name", ""))
    return facts


def main():
    root = pathlib.Path(os.environ.get("NTA_SHARED", "")) / "corpora"
    if not os.environ.get("NTA_SHARED") or not root.is_dir() or not shutil.which("tshark"):
        print("skipped: NTA_SHARED does not name a folder with corpora, or there is no tshark")
        return 77
    counts, wrong = collections.Counter(), []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.pcap*")):
            if not any(word in str(path.relative_to(root)).lower() for word in WORDS):
                continue
            want, have = expected(path), told(sys.argv[1], path)
            for source in set(want) | set(have):
                counts[source] += len(want[source] & have[source])
                for name in sorted(want[source] ^ have[source]):
                    if (str(path.relative_to(root)), source, name) in KNOWN:
                        continue
                    wrong.append((str(path.relative_to(root)), source, name,
                                  "missing" if name in want[source] else "not expected"))
    for line in wrong:
        print(*line)
    print(dict(counts), f"{len(wrong)} differ")
    return 1 if wrong or min(counts[s] for s in ("dhcp", "radius", "kerberos", "ntlm")) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
