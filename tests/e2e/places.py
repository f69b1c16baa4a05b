#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One secret in each of 200 places, in packets that are kept: it is in nothing that nta gives.

usage: places.py NTA

Each place is a connection of its own to a listed address, so that its packets are kept.  The
secrets differ in their last four digits, which tell the place.  What is searched: records, packets,
report, map and case files, and what is packed in them.  With record.url = "full" records have URLs
as they are, and packets alone are searched.  How streams may be cut: tests/golden/placements.py.
"""
import base64
import io
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

from credentials import ANN, SITE, conversation

PLACES_LEAST = 200

REQUEST_LINES = (
    'GET /a,k:{}@h HTTP/1.1', 'GET http://ann:{}@files.bad.example/ HTTP/1.1',
    'GET /?token={} HTTP/1.1', 'GET /?{} HTTP/1.1', 'GET /#{} HTTP/1.1',
    'GET /a;jsessionid={} HTTP/1.1', 'GET /token/{} HTTP/1.1',
    'GET /api/reset-password/{}/ HTTP/1.1', 'GET /x?a=b&c={}&d= HTTP/1.1',
    'GET /oauth/access_token/{}?x=y HTTP/1.1', 'GET /r/http://ann:{}@other.example/ HTTP/1.1',
    'GET /r/http%3a%2f%2fann%3a{}%40other.example/ HTTP/1.1', 'GET /a%3ftoken%3d{} HTTP/1.1',
    'GET ann:{}@files.bad.example HTTP/1.1', 'CONNECT ann:{}@files.bad.example:443 HTTP/1.1',
    'GET /a {} HTTP/1.1', 'GET //ann:{}@files.bad.example/ HTTP/1.1', '{} / HTTP/1.1',
    'GET /bot123456:{}/getUpdates HTTP/1.1', 'GET /key={}/x HTTP/1.1',
    'GET ftp://a:{}@h/f HTTP/1.1', 'GET /magic-link/{} HTTP/1.1',
    'GET /invite/{}/accept HTTP/1.1', 'GET /auth/verify/{} HTTP/1.1',
    'GET /signature/{} HTTP/1.1', 'GET /session/{} HTTP/1.1', 'GET /apikey/{}/v1 HTTP/1.1',
    'GET /secret/{} HTTP/1.1', 'GET /jwt/{} HTTP/1.1', 'GET /password/{} HTTP/1.1',
    'GET /\\ann:{}@h/ HTTP/1.1', 'GET /a@{}:b@h HTTP/1.1', 'GET /..;/token/{} HTTP/1.1',)
REQUEST_FIELDS = (
    'Authorization: Basic {}', 'Authorization: Bearer {}', 'Authorization: NTLM {}',
    'Authorization: Negotiate {}', 'Authorization: Digest username="a", response="{}"',
    'Authorization: AWS4-HMAC-SHA256 Credential={}', 'Authorization:{}', 'Authorization\t: {}',
    'Proxy-Authorization: Basic {}', 'Cookie: sid={}', 'Cookie: {}', 'Cookie2: $Version={}',
    'X-Api-Key: {}', 'X-Auth-Token: {}', 'Api_Key: {}', 'X-JWT: {}', 'X-CSRF-Token: {}',
    'Sec-WebSocket-Protocol: {}', 'Sec-WebSocket-Key: {}', 'Referer: http://a.example/?t={}',
    'Referer: http://ann:{}@a.example/', 'Referer: http://a.example/token/{}',
    'Origin: http://ann:{}@a.example', 'Host: ann:{}@files.bad.example', 'If-None-Match: "{}"',
    'If-Match: W/"{}"', 'Etag: {}', 'User-Agent: {}', 'User-Agent: Mozilla/5.0 ({})',
    'From: {}', 'Via: 1.1 {}', 'Forwarded: for={}', 'X-Forwarded-For: {}', 'X-{}: 1',
    'Accept: text/html;token={}', 'Accept-Language: {}',
    'Content-Type: text/plain; boundary={}',
    'Content-Disposition: attachment; filename=a; t={}', 'If-Modified-Since: {}',
    'Range: bytes={}', 'TE: {}', 'Connection: {}', 'Cache-Control: {}', 'Upgrade: {}',
    'Expect: {}', 'Pragma: {}', 'Accept-Encoding: {}', 'Folded: a\r\n {}', 'Accept: a\r\n\t{}',
    'no field at all {}', 'Traceparent: {}', 'DPoP: {}', 'SOAPAction: {}',
    'Destination: http://ann:{}@h/', 'Link: <http://h/?t={}>', 'Date: {}', 'Keep-Alive: {}',
    'Content-Encoding: {}', 'Alt-Used: {}', 'Ocp-Apim-Subscription-Key: {}',
    'Private-Token: {}',)
BODIES = (
    ('application/x-www-form-urlencoded', 'user=ann&password={}'),
    ('application/json', '{"password":"{}"}'),
    ('application/json', '{"query":"mutation { login(password: \\"{}\\") }"}'),
    ('multipart/form-data; boundary=b',
     '--b\r\nContent-Disposition: form-data; name="p"\r\n\r\n{}\r\n--b--\r\n'),
    ('text/xml', '<p>{}</p>'), ('image/png', '\x89PNG\r\n\x1a\n{}'),
    ('application/octet-stream', '{}'),
    ('application/http', 'GET / HTTP/1.1\r\nHost: {}\r\n\r\n'),)
ANSWER_FIELDS = (
    'Set-Cookie: sid={}; Secure', 'Set-Cookie2: {}', 'Location: http://ann:{}@a.example/',
    'Location: /?code={}', 'Location: /cb#access_token={}', 'Location: /token/{}',
    'Refresh: 0; url=/?t={}', 'WWW-Authenticate: NTLM {}',
    'WWW-Authenticate: Digest nonce="{}"', 'Proxy-Authenticate: {}', 'Authentication-Info: {}',
    'ETag: "{}"', 'Server: {}', 'X-Session: {}', 'Content-Location: /?t={}', 'Link: </?t={}>',
    'Warning: 199 {}', 'Via: {}', 'X-Powered-By: {}', 'Alt-Svc: h3="{}"',
    'Content-Security-Policy: report-uri /?t={}',
    'Content-Disposition: attachment; filename="a"; {}', 'Access-Control-Expose-Headers: {}',
    'Strict-Transport-Security: {}', 'Server-Timing: {}', 'Age: {}',)
ANSWER_BODIES = (
    '{}', '<html>{}</html>', '{"access_token":"{}"}', 'GIF87{}', 'PK{}', '%PDF{}',
    '#!/bin/sh {}', 'HTTP/1.1 {}',)
TALKS = (
    (21, '', '220 {} ready', '', '230 in'), (21, '', '220 ready', 'PASS {}', '230 in'),
    (21, '', '220 ready', 'PA|SS |{}', '230 in'), (21, '', '220 ready', 'ACCT {}', '230 in'),
    (21, '', '220 ready', 'USER {}', '331 pass'),
    (21, '', '220 ready', 'SITE PSWD {}', '200 ok'),
    (21, '', '220 ready', 'RETR token/{}', '550 {}'),
    (21, '', '220 ready', 'pass\t{}', '230 in {}'),
    (21, '', '220 ready', 'AUTH GSSAPI\r\nADAT {}', '335 ADAT={}'),
    (21, '', '220 ready', 'NOOP {}', '200 ok'),
    (25, '', '220 ready', 'AUTH PLAIN {}', '235 ok'),
    (25, '', '220 ready', 'AUTH PLAIN\r\n{}', '235 ok'),
    (25, '', '220 ready', 'AUTH LOGIN\r\nYW5u\r\n{}', '235 ok'),
    (25, '', '220 ready', 'AUTH XOAUTH2 {}', '235 ok'),
    (25, '', '220 ready', 'AUTH CRAM-MD5\r\nann {}', '334 {}'),
    (25, '', '220 ready', 'MAIL FROM:<a@b> AUTH={}', '250 ok'),
    (25, '', '220 ready', 'DATA\r\nSubject: {}\r\n.', '250 ok'),
    (25, '', '220 ready', 'BDAT 9 LAST\r\n{}', '250 ok'),
    (143, '', '* OK hi', 'a LOGIN ann {}', 'a OK'),
    (143, '', '* OK hi', 'a LOGIN {3}\r\nann {9}\r\n{}', 'a OK'),
    (143, '', '* OK hi', 'a AUTHENTICATE PLAIN {}', 'a OK'),
    (143, '', '* OK hi', 'a AUTHENTICATE PLAIN\r\n{}', 'a OK'),
    (143, '', '* OK hi', '{} NOOP', '{} OK'),
    (143, '', '* OK [CAPABILITY {}]', 'a NOOP', 'a OK {}'),
    (143, '', '* OK hi', 'a FETCH 1 {}', '* 1 FETCH (BODY {9}\r\n{})'),
    (110, '', '+OK <{}>', 'USER ann', '+OK'), (110, '', '+OK hi', 'PASS {}', '+OK'),
    (110, '', '+OK hi', 'APOP ann {}', '+OK'), (110, '', '+OK hi', 'AUTH PLAIN {}', '+OK'),
    (110, '', '+OK hi', 'USER {}', '-ERR {}'),
    (110, '', '+OK hi', 'RETR 1', '+OK {}\r\n{}\r\n.'),
    (389, '0 \x02\x01\x01`\x1b\x02\x01\x03\x04\x04cn=a\x80\x10{}',
     '0\x0c\x02\x01\x01a\x07\n\x01\x00\x04\x00\x04\x00'),
    (3306, '', 'J\x00\x00\x00\n5.7.1\x00{}', '1\x00\x00\x01{}'),
    (5432, '\x00\x00\x00)\x00\x03\x00\x00user\x00{}', 'R\x00\x00\x00\x0c',
     'p\x00\x00\x00 {}\x00'),
    (6379, '*2\r\n$4\r\nAUTH\r\n$9\r\n{}', '+OK'), (6379, 'AUTH {}', '+OK'),
    (1883, '\x10 \x00\x04MQTT\x04Â\x00<\x00\x01a\x00\x01b\x00\t{}', ' \x02\x00\x00'),
    (6667, 'PASS {}\r\nNICK a\r\nUSER a', ':s 001 a'), (6667, 'NICK a\r\nOPER a {}', ':s 381'),
    (6667, 'PRIVMSG NickServ :IDENTIFY {}', ':s ok'),
    (23, '', 'ÿý\x18login: ', 'ann', 'Password: ', '{}', '$ '),
    (23, '', 'login: {}', 'x', 'y'),
    (554, 'DESCRIBE rtsp://ann:{}@h/ RTSP/1.0\r\nCSeq: 1', 'RTSP/1.0 200 OK'),
    (554, 'OPTIONS * RTSP/1.0\r\nAuthorization: Basic {}', 'RTSP/1.0 200 OK\r\nSession: {}'),
    (5060, 'REGISTER sip:a SIP/2.0\r\nAuthorization: Digest response="{}"',
     'SIP/2.0 200 OK\r\nX: {}'),
    (119, '', '200 hi', 'AUTHINFO PASS {}', '281 ok'),
    (5222, '<auth>{}</auth>', '<success>{}</success>'),
    (4190, '', '"IMPLEMENTATION" "x"', 'AUTHENTICATE "PLAIN" "{}"', 'OK'),
    (873, '', '@RSYNCD: 31.0 md5', '@RSYNCD: 31.0\r\nm\r\nann {}', '@RSYNCD: AUTHREQD {}'),
    (9418, '003agit-upload-pack /token/{}\x00host=h\x00', '0000'),
    (1080, '\x05\x01\x02', '\x05\x02', '\x01\x03ann\t{}', '\x01\x00'),
    (1080, '\x04\x01\x00P\x01\x02\x03\x04{}\x00', '\x00Z\x00\x00\x00\x00\x00\x00'),
    (88, '\x00\x00\x000j{}', '\x00\x00\x000k{}'),
    (445, '\x00\x00\x00@ÿSMBs{}', '\x00\x00\x00@ÿSMBs{}'),
    (1433, '\x10\x01\x00@\x00\x00\x01\x00{}', '\x04\x01\x00 \x00\x00\x01\x00{}'),
    (5900, '', 'RFB 003.008\n', 'RFB 003.008\n', '\x01\x02', '\x02', '{}'),
    (11211, 'set a 0 0 9\r\n{}', 'STORED'),
    (27017, '`\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00Ý\x07\x00\x00{}', '`\x00\x00\x00{}'),
    (80,
     '\x00\x1d'
     '\x124\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03bad\x07example\x00\x00\x01\x00\x01POST '
     '/ HTTP/1.1\r\n'
     'Cookie: {}',
     ''),
    (80,
     'PRI * HTTP/2.0\r\n'
     '\r\n'
     'SM\r\n'
     '\r\n'
     '\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00 '
     '\x01\x05\x00\x00\x00\x01\x82\x84\x87A\x07bad.exa@\x06cookie\t{}',
     ''),
    (53,
     '\x00\x1d'
     '\x124\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03bad\x07example\x00\x00\x01\x00\x01GET '
     '/ HTTP/1.1\r\n'
     'Cookie: {}',
     ''),
    (6881,
     '\x13BitTorrent '
     'protocol<0*51> '
     '\x14\x00{}',
     '\x13BitTorrent '
     'protocol<1*48>{}'),
    (80,
     'GET / HTTP/1.1\r\n'
     'Host: files.bad.example\r\n'
     'Upgrade: websocket\r\n'
     'Connection: Upgrade\r\n'
     '\r\n',
     'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n', '\x81\t{}',
     '\x81\t{}'),)
DATAGRAMS = (
    (53,
     '\x124\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03bad\x07example\x00\x00\x01\x00\x01{}'),
    (53,
     '\x124\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00\x03bad\x07example\x00\x00\x10\x00\x01À\x0c'
     '\x00\x10\x00\x01\x00\x00\x00<\x00\n'
     '\t{}'),
    (53,
     '\x124\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01\x03bad\x07example\x00\x00\x01\x00\x01'
     '\x00\x00)\x10\x00\x00\x00\x00\x00\x00\r'
     '\x00\n'
     '\x00\t{}'),
    (5353,
     '\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x03bad\x05local\x00\x00\x01\x00\x01{}'),
    (6771,
     'BT-SEARCH * HTTP/1.1\r\n'
     'Host: 239.192.152.143:6771\r\n'
     'Port: 6881\r\n'
     'Infohash: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'
     'cookie: {}\r\n'
     '\r\n'
     '\r\n'),
    (6881, 'd1:ad2:id20:iiiiiiiiiiiiiiiiiiii5:token9:{}e1:q4:ping1:t2:aa1:v4:LT011:y1:qe'),
    (6881, 'd1:ad2:id20:iiiiiiiiiiiiiiiiiiii9:info_hash9:{}e1:q4:ping1:t2:aa1:y1:qe'),
    (161, '0)\x02\x01\x01\x04\t{}\xa0\x19\x02\x01\x01\x02\x01\x00\x02\x01\x000\x0e'),
    (1812, '\x01\x01\x00@aaaaaaaaaaaaaaaa\x02\x0b{}'),
    (69, '\x00\x01a\x00octet\x00tsize\x00{}\x00'), (69, '\x00\x03\x00\x01{}'),
    (5060, 'REGISTER sip:a SIP/2.0\r\nAuthorization: {}\r\n\r\n'),
    (3478, '\x00\x01\x00\x0c!\x12¤Btttttttttttt\x00\x06\x00\t{}\x00\x00\x00'),
    (514, '<13>password {}'),
    (443, '\x16þý\x00\x00\x00\x00\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00{}'),
    (443, '\x17þý\x00\x00\x00\x00\x00\x00\x00\x00\x00\t{}'),
    (67,
     '\x01\x01\x06<0*233>c\x82ScZ\x0b'
     '\x01\x00\x00{}ÿ'),
    (1900, 'M-SEARCH * HTTP/1.1\r\nCookie: {}\r\n\r\n'), (88, 'j{}'),
    (123,
     '#<0*47>{}'),)


def http(line, fields="", body="", kind=""):
    size = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n" if body else ""
    return (f"{line}\r\nHost: files.bad.example\r\n{fields}{size}\r\n{body}").encode("latin-1")


def spread(text, secret, end=""):
    """With the secret in its place; <0*9> are nine zeros."""
    text = re.sub(r"<(\d)\*(\d+)>", lambda m: chr(int(m[1])) * int(m[2]), text)
    return (text.replace("{}", secret) + end).encode("latin-1")


def places():
    """(port, over UDP, texts by turns) with {} where the secret is; each once."""
    get, done = "GET / HTTP/1.1", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    for line in REQUEST_LINES:
        yield 80, False, [lambda s, l=line: http(l.replace("{}", s)), lambda s: done]
    for field in REQUEST_FIELDS:
        yield 80, False, [lambda s, f=field: http(get, f.replace("{}", s) + "\r\n"), lambda s: done]
    for kind, body in BODIES:
        yield 80, False, [lambda s, k=kind, b=body: http("POST / HTTP/1.1", "",
                                                         b.replace("{}", s), k), lambda s: done]
    for field in ANSWER_FIELDS:
        yield 80, False, [lambda s: http(get), lambda s, f=field: http(
            "HTTP/1.1 302 Found", f.replace("{}", s) + "\r\nContent-Length: 0\r\n")]
    for body in ANSWER_BODIES:
        yield 80, False, [lambda s: http(get), lambda s, b=body: http(
            "HTTP/1.1 200 OK", "", b.replace("{}", s), "text/html")]
    for port, *texts in TALKS:
        binary = any(ord(c) < 9 or ord(c) > 126 for text in texts for c in text)
        end = "" if binary else "\r\n"
        yield port, False, [lambda s, t=text, e=end: spread(t, s, e if t else "")
                            for text in texts]
    for port, text in DATAGRAMS:
        yield port, True, [lambda s, t=text: spread(t, s)]


def datagram(number, port, data):
    udp = struct.pack("!HHHH", 50000 + number, port, 8 + len(data), 0) + data
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, ANN, SITE) + udp


def write_capture(path):
    """A connection a place; its number is in the secret.  Gives how many there are."""
    frames, number = [], 0
    for number, (port, over_udp, texts) in enumerate(places()):
        said = [text(f"s3cre{number:04d}") for text in texts]
        if over_udp:
            frames += [datagram(number, port, said[0])]
        else:
            frames += conversation(number, port, said)
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            out.write(struct.pack("<IIII", 1770000000 + i // 100, i % 100 * 1000, len(frame),
                                  len(frame)) + frame)
    return number + 1


def unpacked(data):
    """What is packed in it, too: base64 of records, members of a case file."""
    parts = [data]
    for word in re.findall(rb"[A-Za-z0-9+/]{200,}={0,2}", data):
        parts.append(base64.b64decode(word + b"=" * (-len(word) % 4)))
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts += [unpacked(archive.read(name)) for name in archive.namelist()]
    return b"\n".join(parts)


def run(nta, *args):
    done = subprocess.run([nta, *args], capture_output=True, timeout=300, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"nta {' '.join(map(str, args))}: {done.stderr.decode()}")
    return done.stdout + done.stderr


def outputs(nta, folder, url):
    """All that nta gives, by how it was asked."""
    config, listed, store = folder / "ntad.conf", folder / "list.txt", folder / f"store-{url}"
    listed.write_text("198.51.100.7\nbad.example\n")
    config.write_text(f'record = {{ url = "{url}"; hash = "all"; }};\n'
                      'alert = { window = "0s"; };\n')
    common = ["--config", config, "--list", listed, folder / "capture.pcap"]
    yield "read", run(nta, "read", "--store", store, *common)
    yield "read --json", run(nta, "read", "--json", *common)
    for args in (["records", "--json"], ["records", "--csv"], ["alerts", "--json"],
                 ["downloads", "--json"], ["incidents", "--json"], ["stats"]):
        yield " ".join(args), run(nta, *args, "--store", store)
    for args, name in ((["packets"], "p.pcapng"), (["report"], "r.html"), (["map"], "m.kml")):
        run(nta, *args, "--store", store, "-o", folder / f"{url}-{name}")
        yield " ".join(args), (folder / f"{url}-{name}").read_bytes()
    incidents = run(nta, "incidents", "--json", "--store", store)
    for found in set(re.findall(rb'"id":"(I-[^"]+)"', incidents)):
        case = folder / f"{url}.zip"
        case.unlink(missing_ok=True)
        run(nta, "evidence", found.decode(), "--store", store, "-o", case)
        yield "evidence", case.read_bytes()


def shown(nta, folder, url):
    """Lines that say which secret is where; with whole URLs in records, of packets alone."""
    ports, n_kept = [port for port, *_ in places()], 0
    for asked, data in outputs(nta, folder, url):
        if asked == "packets":
            n_kept = data.count(b"\x0a\x0d\x0d\x0a")
        elif url != "site":
            continue
        text = unpacked(data)
        for number in sorted(set(re.findall(rb"s3cre(\d{4})", text))):
            at = text.find(b"s3cre" + number)
            yield (f"record.url {url}: nta {asked}: place {number.decode()} (port "
                   f"{ports[int(number)]}): {text[max(0, at - 50):at + 12]!r}")
    if n_kept < PLACES_LEAST:
        yield f"record.url {url}: packets of {n_kept} connections are kept: is all of it read?"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        n_places = write_capture(folder / "capture.pcap")
        wrong = [line for url in ("site", "full") for line in shown(sys.argv[1], folder, url)]
    if n_places < PLACES_LEAST:
        wrong.append(f"only {n_places} places")
    print("\n".join(wrong) or f"{n_places} places, and no secret is anywhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
