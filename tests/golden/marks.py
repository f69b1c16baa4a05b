#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hashes of files, JA4 of hellos and fingerprints of certificates as entries of lists: what they
find in captures, by `nta read` and `nta lists explain`.

The hashes are made here, of the streams in the captures, by Python's hashlib: HTTP and FTP bodies,
and the first certificate behind a server's hello.

usage: marks.py NTA
"""
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

NTA = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
faults = []


def streams(capture):
    """Payload of each direction of TCP over IPv4, by (source, port, destination, port)."""
    data, pieces, at = (HERE / capture).read_bytes(), {}, 24
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    while at < len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame, at = data[at + 16:at + 16 + size], at + 16 + size
        if frame[12:14] != b"\x08\x00" or frame[23] != 6:
            continue
        ip = frame[14:14 + struct.unpack(">H", frame[16:18])[0]]
        tcp = ip[(ip[0] & 15) * 4:]
        ports, sequence = struct.unpack(">HH", tcp[:4]), struct.unpack(">I", tcp[4:8])[0]
        payload = tcp[(tcp[12] >> 4) * 4:]
        if payload:
            key = (ip[12:16], ports[0], ip[16:20], ports[1])
            pieces.setdefault(key, {})[sequence] = payload
    return {key: joined(parts) for key, parts in pieces.items()}


def joined(parts):
    text, due = b"", min(parts)
    for sequence in sorted(parts):
        text += parts[sequence][max(0, due - sequence):]
        due = max(due, sequence + len(parts[sequence]))
    return text


def http_body(capture, port):
    """The one body sent to this client's port."""
    answer = next(text for key, text in streams(capture).items()
                  if key[3] == port and text.startswith(b"HTTP/1.1 200"))
    return answer.split(b"\r\n\r\n", 1)[1]


def leaf(capture):
    """The first certificate that a server sends in clear."""
    for text in streams(capture).values():
        messages = b""
        while text[:1] == b"\x16":
            size = struct.unpack(">H", text[3:5])[0]
            messages, text = messages + text[5:5 + size], text[5 + size:]
        while len(messages) >= 4:
            size = int.from_bytes(messages[1:4], "big")
            if messages[0] == 11 and len(messages) >= 4 + size:
                return messages[10:10 + int.from_bytes(messages[7:10], "big")]
            messages = messages[4 + size:]
    raise SystemExit(f"{capture}: no certificate")


def run(*arguments):
    done = subprocess.run([NTA, *arguments], capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def with_lists(entries, allowed, arguments):
    with tempfile.TemporaryDirectory() as folder:
        deny, allow = pathlib.Path(folder, "deny.txt"), pathlib.Path(folder, "allow.txt")
        deny.write_text("# marks\n" + "".join(entry + "\n" for entry in entries))
        allow.write_text("".join(entry + "\n" for entry in allowed) + "nothing.invalid\n")
        return run(*(part.format(deny=deny, allow=allow) for part in arguments))


def read(capture, entries, allowed=()):
    return with_lists(entries, allowed, ["read", "--json", "--list", "{deny}", "--allow", "{allow}",
                                         str(HERE / capture)])


def expect(what, records, event, kind, entry, number):
    """So many records of an event have this match and no other, and the entry's line."""
    found = [r["match"] for r in records if r["event"] == event and
             r.get("match", {}).get("list", "evasion") != "evasion"]
    right = [m for m in found if (m["kind"], m["entry"], m["line"], m["list"], m["weak"]) ==
             (kind, entry, 2, "deny", False)]
    if len(right) != number or len(found) != number:
        faults.append(f"{what}: {len(right)} records of event {event}, expected {number}: {found}")


def expect_explained(entry, question, verdict, kind):
    said = with_lists([entry], [], ["lists", "explain", "--json", "--list", "{deny}", question])[0]
    if said["verdict"] != verdict or (kind and said["by"]["kind"] != kind):
        faults.append(f"explain {question}: {said}")


FILE = hashlib.sha256(http_body("http.pcap", 47372)).hexdigest()
FTP = next(text for key, text in streams("ftp.pcap").items() if len(text) == 3000)
DER = leaf("dns_then_tls.pcap")
CERTS = [hashlib.sha256(DER).hexdigest(), hashlib.sha1(DER).hexdigest()]
JA4 = "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6"
OTHER = hashlib.sha256(b"something else").hexdigest()

records = read("http.pcap", [FILE])
expect("a file of HTTP", records, "alert", "hash", FILE, 1)
expect("a file of HTTP", records, "request", "hash", FILE, 1)
hashes = {r["file"].get("sha256") for r in records if r["event"] == "request"}
if FILE not in hashes or len(hashes) != 3:
    faults.append(f"each whole file has its hash: {hashes}")
expect("another file", read("http.pcap", [OTHER]), "alert", "hash", OTHER, 0)
expect("an exception", read("http.pcap", [FILE], [FILE]), "alert", "hash", FILE, 0)
expect("a spared URL", read("http.pcap", [FILE], ["http://files.bad.example/tool.exe"]), "alert",
       "hash", FILE, 0)
if not any("sha256" in r.get("file", {}) for r in read("http.pcap", ["bad.example"])):
    faults.append("a file from a forbidden site has a hash")
if any("sha256" in r.get("file", {}) for r in read("http.pcap", ["unheard.example"])):
    faults.append("without a list of hashes those of other sites have none")

entry = hashlib.sha256(FTP).hexdigest()
expect("a file of FTP", read("ftp.pcap", [entry]), "alert", "hash", entry, 2)
expect("a file of FTP", read("ftp.pcap", [entry]), "request", "hash", entry, 2)

expect("a JA4", read("tls.pcap", [JA4]), "alert", "ja4", JA4,
       sum(r.get("ja4") == JA4 for r in read("tls.pcap", [OTHER]) if r["event"] == "flow"))
for path in sorted(HERE.glob("*.json")):
    for ja4 in {json.loads(line).get("ja4") for line in path.open()} - {None}:
        found = read(path.stem + ".pcap", [ja4])
        # a long connection has several records
        number = len({r["about"] for r in found if r["event"] == "flow" and r.get("ja4") == ja4})
        # and two alerts, where it was claimed first and answered then
        once = list({(r["event"], r.get("about")): r for r in found}.values())
        expect(f"the JA4 of {path.stem}", once, "alert", "ja4", ja4, number)
expect("a JA4, excepted", read("tls.pcap", [JA4], [JA4]), "alert", "ja4", JA4, 0)
expect("an exception for the site", read("tls.pcap", [JA4], ["good.example"]), "flow", "ja4", JA4,
       1)
for cert in CERTS:
    records = read("dns_then_tls.pcap", ["cert:" + cert])
    expect("a certificate", records, "alert", "certificate", cert, 1)
    expect("a certificate", records, "flow", "certificate", cert, 1)
    records = read("dns_then_tls.pcap", ["cert:" + cert], ["cert:" + CERTS[0]])
    expect("a certificate, excepted", records, "alert", "certificate", cert, 0)
    expect_explained("cert:" + cert, "cert:" + cert.upper(), "forbidden", "certificate")
expect_explained(FILE, FILE.upper(), "forbidden", "hash")
expect_explained(FILE, OTHER, "in no list", None)
expect_explained(JA4, JA4, "forbidden", "ja4")
expect_explained("cert:" + CERTS[0], CERTS[0], "in no list", None)

print("\n".join(faults) or "all found")
sys.exit(1 if faults else 0)
