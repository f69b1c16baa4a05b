#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Credentials are kept nowhere: planted wherever protocols carry them, then looked for in all that
nta gives.

usage: credentials.py NTA

Each secret of the capture begins with "s3cret".  What is searched: records, alerts and tables on
the terminal, and everything that can be read back from a sealed store.  With record.url = "path"
queries must not be there either, with "site" no paths.
"""
import base64
import pathlib
import struct
import subprocess
import sys
import tempfile

ANN, SITE = bytes([10, 0, 0, 5]), bytes([198, 51, 100, 7])

HTTP = b"""GET http://ann:s3cret1@files.bad.example/path0/a.exe?token=query0 HTTP/1.1
Host: ann:s3cret2@files.bad.example
Authorization: Basic s3cret3
Proxy-Authorization: Digest username="ann",
\tresponse="s3cret4"
Cookie: sid=s3cret5; other=s3cret6
X-Api-Key: s3cret7
Referer: http://ann:s3cret8@other.example/?s3cret9

POST /path0/login?next=query0 HTTP/1.1
Host: files.bad.example
Content-Type: application/x-www-form-urlencoded
Content-Length: 24

user=ann&password=s3cretAPUT ftp://ann:s3cretB@files.bad.example/path0/b HTTP/1.1
Host: files.bad.example
Content-Length: 0

CONNECT ann:s3cretC@files.bad.example:443 HTTP/1.1
Host: ann:s3cretD@files.bad.example:443

"""
ANSWER = b"""HTTP/1.1 200 OK
Set-Cookie: sid=s3cretE
Location: http://ann:s3cretF@files.bad.example/
Content-Length: 9

s3cretG!!"""
TALKS = (  # port, what is said by turns: client first, or server first with an empty text
    (80, (HTTP, ANSWER * 4)),
    (8080,
     (b"GET /path0/half HTTP/1.1\r\nHost: ann:s3cretH@files.bad.example\r\nAuthorization: Bearer "
      b"s3cretI",)),
    (21, (b"", b"220 ready\r\n", b"USER ann\r\nPASS s3cretJ\r\nACCT s3cretK\r\n", b"230 in\r\n",
          b"RETR path0/c.zip\r\n", b"150 here\r\n")),
    (25, (b"", b"220 ready\r\n", b"EHLO x\r\nAUTH PLAIN s3cretL\r\n", b"235 ok\r\n")),
    (143, (b"", b"* OK\r\n", b"a LOGIN ann s3cretM\r\n", b"a OK\r\n")),
    (110, (b"", b"+OK\r\n", b"USER ann\r\nPASS s3cretN\r\n", b"+OK\r\n")),
    (1080,
     (b"\5\1\2", b"\5\2", b"\1\3ann\7s3cretO", b"\1\0", b"\5\1\0\3\x11files.bad.example\0\x50",
            b"\5\0\0\1\0\0\0\0\0\0",
            b"GET /path0/ HTTP/1.1\r\nHost: files.bad.example\r\nCookie: s3cretP\r\n\r\n")),
)


def segment(sport, dport, up, seq, ack, flags, data):
    tcp = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0) + data
    src, dst = (ANN, SITE) if up else (SITE, ANN)
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, src, dst) + tcp


def conversation(number, port, texts):
    client, seq, packets = 40000 + number, [1000, 2000], []

    def say(up, flags, data=b""):
        side = 0 if up else 1
        ports = (client, port) if up else (port, client)
        packets.append(segment(*ports, up, seq[side], seq[1 - side] if flags & 16 else 0, flags,
                               data))
        seq[side] += len(data) + (flags & 3 != 0)

    say(True, 2)
    say(False, 18)
    for i, text in enumerate(texts):
        for at in range(0, len(text), 1400):
            say(i % 2 == 0, 16, text[at:at + 1400])
    say(True, 17)
    say(False, 17)
    return packets


def write_capture(path):
    crlf = [(port, [t if port != 80 else t.replace(b"\n", b"\r\n") for t in texts])
            for port, texts in TALKS]
    frames = [f for i, (port, texts) in enumerate(crlf) for f in conversation(i, port, texts)]
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 1770000000 + i, 0, len(frame), len(frame)) + frame)


def unpack(text):
    """What a record holds in base64 (packets), too."""
    more = [base64.b64decode(word) for word in text.replace(b'"', b" ").split()
            if len(word) > 200 and len(word) % 4 == 0
            and word.replace(b"+", b"").replace(b"/", b"").rstrip(b"=").isalnum()]
    return b"\n".join([text, *more])


def outputs(nta, folder, url):
    """Everything that nta gives of the capture, by how it was asked."""
    config, lists, store = folder / "ntad.conf", folder / "list.txt", folder / f"store-{url}"
    lists.write_text("bad.example\n")
    config.write_text(f'record = {{ url = "{url}"; }};\n')
    capture = folder / "capture.pcap"
    write_capture(capture)
    common = ["--config", config, "--list", lists, capture]
    for args in (["read", *common], ["read", "--json", *common],
                 ["read", "--store", store, *common],
                 ["records", "--store", store, "--json"], ["records", "--store", store, "--csv"],
                 ["records", "--store", store, "--wide"], ["alerts", "--store", store, "--json"],
                 ["alerts", "--store", store], ["packets", "--store", store, "-o", "-"]):
        run = subprocess.run([nta, *args], capture_output=True, timeout=60, check=False)
        if run.returncode != 0:
            raise SystemExit(
                f"nta {' '.join(map(str, args))}: exit {run.returncode}: {run.stderr.decode()}")
        yield " ".join(str(a) for a in args
                       if not str(a).startswith("/")), unpack(run.stdout) + run.stderr


def check(nta, folder, url):
    wrong = []
    hidden = {"full": [b"s3cret"], "path": [b"s3cret", b"query0"],
              "site": [b"s3cret", b"query0", b"path0", b"a.exe", b"c.zip"]}[url]
    shown = {"full": [b"path0/a.exe?token=query0"], "path": [b"path0/a.exe"],
             "site": [b"files.bad.example"]}[url]
    for asked, text in outputs(nta, folder, url):
        for word in hidden:
            at = text.find(word)
            if at >= 0:
                wrong.append(
                    f"record.url {url}: nta {asked} shows {text[max(0, at - 60):at + 30]!r}")
        if "--json" in asked and not asked.startswith("alerts"):
            for word in shown:
                if word not in text:
                    wrong.append(
                        f"record.url {url}: nta {asked} does not show {word!r}: is the capture "
                        f"read at all?")
    return wrong


def main():
    with tempfile.TemporaryDirectory() as name:
        wrong = [line for url in ("full", "path", "site")
                 for line in check(sys.argv[1], pathlib.Path(name), url)]
    print("\n".join(wrong) or "no secret is anywhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
