#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets in kept packets: planted wherever some thirty protocols carry them, each in a connection
of its own to a listed address, cut in several ways; none of their bytes may be in what is kept.

usage: placements.py NTA

Each secret is made of its placement's number, so that what shows one names where it stood.  That
the capture is read at all, and what must be shown beside the secrets, is checked, too.
"""
import base64
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

LEAST = 300


class Secret:
    """One placement's secret, in the forms in which protocols carry it."""

    def __init__(self, number):
        self.text = f"Zq{number:03d}hunter2"
        self.raw = self.text.encode()
        self.b64 = base64.b64encode(self.raw)
        self.login = base64.b64encode(b"\0ann\0" + self.raw)
        self.basic = base64.b64encode(b"ann:" + self.raw)
        self.hex = self.raw.hex().encode()
        self.md5 = hashlib.md5(self.raw).hexdigest().encode()
        self.wide = self.text.encode("utf-16-le")
        self.escaped = b"".join(b"%%%02X" % c for c in self.raw)

    def traces(self):
        """What shows it; of base64 no more than what no text around it changes."""
        return (self.raw, self.b64[:-4], self.login[4:-4], self.basic[8:-4], self.hex, self.md5,
                self.wide, self.escaped, self.raw[::-1])


def lines(*texts):
    return b"".join(t + b"\r\n" for t in texts)


def head(first, *fields, body=b""):
    return lines(first, *fields, b"") + body


def asked(*fields, target=b"/shown.bin", method=b"GET", body=b""):
    return head(method + b" " + target + b" HTTP/1.1", b"Host: shown.example", *fields, body=body)


def answered(*fields, body=b"", status=b"200 OK"):
    return head(b"HTTP/1.1 " + status, b"Server: nginx", *fields, body=body)


SECRET_FIELDS = (
    "Authorization", "Proxy-Authorization", "Cookie", "Cookie2", "X-Api-Key", "Api_Key", "X-JWT",
    "X-Pass", "X-SID", "X-OTP", "Private", "X-Access-Code", "X-Auth-Token", "X-CSRF-Token",
    "X-Amz-Security-Token", "X-Goog-Api-Key", "X-Vault-Token", "Private-Token", "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol", "X-Plex-Token", "PRIVATE", "apikey", "From", "X-User", "Forwarded",
    "X-Session", "X-Custom", "Authentication-Info", "X-Hub-Signature", "DPoP", "Signature",
    "Date-Secret", "If-Match", "If-None-Match", "Accept-Language", "Via", "Warning", "Link")
HARMLESS_FIELDS = (
    "User-Agent", "Accept", "Accept-Encoding", "Connection", "Cache-Control", "Range",
    "Content-Type", "Content-Length", "Upgrade-Insecure-Requests", "DNT", "If-Modified-Since",
    "X-Forwarded-For", "X-Requested-With", "Pragma", "TE", "Expect", "Sec-Fetch-Mode", "Purpose",
    "Max-Forwards", "Keep-Alive", "Origin")
SERVER_FIELDS = (
    "Set-Cookie", "Set-Cookie2", "WWW-Authenticate", "Proxy-Authenticate", "ETag", "X-Token",
    "Authentication-Info", "Access-Control-Allow-Headers", "Content-Security-Policy", "Link",
    "Server", "Date", "Expires", "Retry-After", "Content-Type", "Vary", "Allow", "Alt-Svc",
    "Content-Encoding", "Transfer-Encoding-X", "Age", "Last-Modified", "X-Powered-By",
    "Content-Range")
PARAMETERS = ("token", "access_token", "q", "id", "password", "sig", "x", "user[pw]", "p%61ss",
              "next", "code", "state", "key2", "SAMLResponse")


def http_requests(s):
    """Placements in what a client of HTTP says."""
    for name in SECRET_FIELDS:
        yield [asked(name.encode() + b": " + s().raw)]
    yield [asked(b"Authorization: Basic " + s().basic)]
    yield [asked(b"Authorization: Digest username=\"ann\", response=\"" + s().md5 + b"\"")]
    yield [asked(b"Cookie: a=1;", b" sid=" + s().raw)]
    yield [asked(b"Cookie : sid=" + s().raw)]
    for name in HARMLESS_FIELDS:
        yield [asked(name.encode() + b": " + s().raw)]
        yield [asked(name.encode() + b": token=" + s().raw)]
    yield [asked(b"User-Agent: Mozilla/5.0 (X11; Linux x86_64) token=" + s().raw)]
    yield [asked(b"User-Agent: curl/" + s().raw)]
    yield [asked(b"Host: h token=" + s().raw)]
    yield [asked(b"Host: ann:" + s().raw + b"@h")]
    yield [asked(b"Referer: https://ann:" + s().raw + b"@h/p")]
    yield [asked(b"Referer: https://h/p#" + s().raw)]
    yield [asked(b"Origin: https://" + s().raw + b"@h")]
    for name in PARAMETERS:
        yield [asked(target=b"/shown.bin?a=1&" + name.encode() + b"=" + s().raw)]
        yield [asked(b"Referer: http://h/p?" + name.encode() + b"=" + s().raw)]
    for value in (b"http://ann:%s@h/", b"a?%s", b"a;%s", b"a %s", b"%%20%s", b"=%s", b"a=%s&"):
        yield [asked(target=b"/shown.bin?to=" + value % s().raw)]
    yield [asked(target=b"/shown.bin?" + s().raw)]
    yield [asked(target=b"/shown.bin?q=" + s().escaped)]
    yield [asked(target=b"/shown.bin;jsessionid=" + s().raw)]
    yield [asked(target=b"/shown.bin;a/;sid=" + s().raw + b"/x")]
    yield [asked(target=b"/shown.bin%3Bsid%3D" + s().raw)]
    yield [asked(target=b"/shown.bin/key=" + s().raw)]
    yield [asked(target=b"/shown.bin#" + s().raw)]
    yield [asked(target=b"http://ann:" + s().raw + b"@shown.example/shown.bin")]
    yield [asked(target=b"/shown.bin/http://ann:" + s().raw + b"@h/")]
    yield [asked(target=b"/shown.bin/http%3A%2F%2Fann:" + s().raw + b"%40h/")]
    yield [asked(target=b"ann:" + s().raw + b"@h:443", method=b"CONNECT")]
    for kind in (b"application/x-www-form-urlencoded", b"application/json", b"text/xml",
                 b"multipart/form-data; boundary=b", b"application/octet-stream", b"image/png"):
        body = b"user=ann&password=" + s().raw
        yield [asked(b"Content-Type: " + kind, b"Content-Length: %d" % len(body), method=b"POST",
                     body=body)]
    for length in (0, 2, 9):
        yield [asked(b"Content-Length: %d" % length, method=b"POST",
                     body=b"user=ann&password=" + s().raw + b"\r\n")]
    for field in (b"Content-Length : 60", b" Content-Length: 60", b"content-length\t: 60"):
        yield [asked(field, method=b"POST", body=b"GET /" + s().raw + b" HTTP/1.1\r\n\r\n")]
    yield [b"GET /a HTTP/1.1 Cookie: " + s().raw + b" HTTP/1.1\r\n\r\n"]
    yield [asked(b"Transfer-Encoding: chunked", method=b"POST",
                 body=b"20\r\npassword=" + s().raw + b"\r\n0\r\n\r\n")]
    yield [asked(b"Upgrade: websocket", body=b"\x81\x10" + s().raw)]
    yield [asked(b"Expect: 100-continue", b"Content-Length: 30", method=b"PUT"),
           b"HTTP/1.1 100 Continue\r\n\r\n", b"password=" + s().raw]
    yield [b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x20\1\5\0\0\0\1" + s().raw]


def http_answers(s):
    """Placements in what a server of HTTP says."""
    for name in SERVER_FIELDS:
        yield [asked(), answered(name.encode() + b": " + s().raw)]
    yield [asked(), answered(b"Location: /cb?code=" + s().raw, status=b"302 Found")]
    yield [asked(), answered(b"Location: /cb#token=" + s().raw, status=b"302 Found")]
    yield [asked(), answered(b"Location: http://a:" + s().raw + b"@h/", status=b"302 Found")]
    yield [asked(), answered(b"Content-Location: /a;k=" + s().raw)]
    yield [asked(), answered(b"Content-Disposition: attachment; key=" + s().raw)]
    yield [asked(), answered(status=b"401 wrong password " + s().raw)]
    for body in (b'{"access_token":"%s"}', b"<SecretAccessKey>%s</SecretAccessKey>",
                 b"<html><input name=csrf value=%s>", b"GIF8 is %s", b"token=%s", b"[\"%s\"]",
                 b"\xef\xbb\xbf{\"a\":\"%s\"}", b")]}',\n{\"a\":\"%s\"}", b"--BEGIN KEY--\n%s",
                 b"#!/bin/sh\nexport KEY=%s\n", b"d8:announce40:http://t.example/%s/announce",
                 b"SQLite format 3\0 cookies %s", b"\n\n\n%s"):
        for kind, framing in ((b"text/plain", b"Content-Length: 3"), (b"image/png", b"X: y"),
                              (b"application/json", b"Content-Length: 999")):
            yield [asked(), answered(b"Content-Type: " + kind, framing, body=body % s().raw)]
    yield [asked(), answered(b"Transfer-Encoding: chunked",
                             body=b"5\r\n{\"a\":\r\n40\r\n\"" + s().raw + b"\"}\r\n0\r\n\r\n")]
    for chunk in (b"0\r\nX-T: %s\r\n\r\n", b"2;k=%s\r\nab\r\n"):
        yield [asked(), answered(b"Transfer-Encoding: chunked", body=chunk % s().raw)]
    yield [asked(), answered(b"Content-Length: 8", body=b"GIF89a\1\2" + answered(
        b"Set-Cookie: sid=" + s().raw))]
    yield [asked(), answered(b"Content-Length: 900", body=b"GIF89a\1\2" + answered(
        b"Set-Cookie: sid=" + s().raw))]
    yield [asked(), answered(body=b"GIF89a\1\2" + answered(b"Set-Cookie: sid=" + s().raw))]
    yield [asked(b"Upgrade: websocket"), answered(status=b"101 Switching Protocols",
                                                  body=b"\x81\x20" + s().raw)]


def talk(greeting, *turns):
    """The server speaks first."""
    return [b"", greeting + b"\r\n", *turns]


def mail_and_files(s):
    """FTP, SMTP, IMAP, POP3."""
    ok = b"220 ready"
    for word in (b"USER", b"PASS", b"ACCT", b"pass", b"SITE PSWD", b"XCRC", b"FEAT", b"QUIT",
                 b"NOOP"):
        yield talk(ok, word + b" " + s().raw + b"\r\n", b"230 in\r\n")
    for reply in (b"331 user %s", b"230-%s", b"500 '%s' not understood", b"421 %s", b"250 %s",
                  b"530 login %s incorrect", b"200 %s", b"227 (%s)", b"%s"):
        yield talk(ok, b"NOOP\r\n", reply % s().raw + b"\r\n")
    yield talk(ok, b"AUTH PLAIN " + s().login + b"\r\n")
    yield talk(ok, b"EHLO h\r\nAUTH LOGIN\r\n", b"334 VXNlcm5hbWU6\r\n", s().b64 + b"\r\n",
               b"334 UGFzc3dvcmQ6\r\n", s().b64 + b"\r\n", b"235 ok\r\n")
    yield talk(ok, b"MAIL FROM:<a@b> AUTH=" + s().raw + b"\r\n")
    for line in (b"%s", b"LIST %s", b"250 %s", b"RETR %s", b"..%s"):
        yield talk(ok, b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n", b"354 go\r\n",
                   b"Subject: x\r\n\r\n" + line % s().raw + b"\r\n.\r\n")
    yield talk(ok, b"BDAT 40 LAST\r\nRETR " + s().raw + b"\r\n")
    for line in (b"USER %s", b"PASS %s", b"APOP ann %s", b"AUTH PLAIN %s", b"UIDL %s", b"TOP %s"):
        yield talk(b"+OK pop", line % s().raw + b"\r\n", b"+OK\r\n")
    for line in (b"+OK %s", b"-ERR %s", b"From: %s", b"220 %s", b"* OK %s", b"%s OK x", b"%s"):
        yield talk(b"+OK pop", b"RETR 1\r\n", b"+OK 120 octets\r\n" + line % s().raw + b"\r\n.\r\n")
    for line in (b"a LOGIN ann %s", b"a AUTHENTICATE PLAIN %s", b"%s LOGIN", b"a NOOP %s",
                 b"a ID (\"k\" \"%s\")", b"a SEARCH BODY %s", b"a FETCH 1 %s"):
        yield talk(b"* OK imap", line % s().raw + b"\r\n", b"a OK\r\n")
    yield talk(b"* OK imap", b"a LOGIN ann {12}\r\n", b"+ go\r\n", s().raw + b"\r\n")
    yield talk(b"* OK imap", b"a APPEND in {40+}\r\nLIST " + s().raw + b"\r\n")
    for line in (b"%s", b"* %s", b"a OK %s", b"%s OK thanks", b"* 1 FETCH (X %s)", b"+ %s",
                 b"* LIST %s", b"* OK %s"):
        yield talk(b"* OK imap", b"a FETCH 1 BODY[]\r\n",
                   b"* 1 FETCH (BODY[] {99}\r\n" + line % s().raw + b"\r\n)\r\na OK\r\n")


def ber(tag, body):
    return bytes([tag, len(body)]) + body


def others(s):
    """Streams of which nothing is shown."""
    yield [b"\5\1\2", b"\5\2", b"\1\3ann\x0c" + s().raw, b"\1\0", b"\5\1\0\1\1\2\3\4\0\x50"]
    yield [b"\5\1\2\1\3ann\x0c" + s().raw + b"\5\1\0\1\1\2\3\4\0\x50"]
    yield [b"\4\1\0\x50\1\2\3\4" + s().raw + b"\0"]
    yield [b"\4\1\0\x50\0\0\0\1ann\0" + s().raw + b"\0"]
    yield [b"\5\1\1", b"\5\1", b"\1\1\0\x20" + s().raw * 3]
    yield [b"\5\x0c" + s().raw]
    yield [b"x", b"\0\x5a" + s().raw]
    yield talk(b"200 news", b"AUTHINFO USER ann\r\n", b"381 go\r\n",
               b"AUTHINFO PASS " + s().raw + b"\r\n")
    yield [b"PASS " + s().raw + b"\r\nNICK a\r\nUSER a 0 * :b\r\n"]
    yield [b"NICK a\r\nUSER a 0 * :b\r\nPRIVMSG NickServ :IDENTIFY " + s().raw + b"\r\n"]
    yield [b"NICK a\r\nAUTHENTICATE " + s().login + b"\r\nOPER a " + s().raw + b"\r\n"]
    yield [ber(0x30, b"\2\1\1" + ber(0x60, b"\2\1\3" + ber(4, b"cn=ann") + ber(0x80, s().raw)))]
    for method in (b"REGISTER", b"OPTIONS", b"INVITE"):
        yield [lines(method + b" sip:h SIP/2.0", b"Authorization: Digest response=" + s().md5,
                     b"X-Pass: " + s().raw, b"")]
    yield [lines(b"DESCRIBE rtsp://ann:" + s().raw + b"@h/a RTSP/1.0", b"CSeq: 1",
                 b"Authorization: Basic " + s().basic, b"")]
    yield [b"\x10\x20\0\4MQTT\4\xc2\0\x3c\0\1c\0\3ann\0\x0c" + s().raw]
    yield [b"*2\r\n$4\r\nAUTH\r\n$12\r\n" + s().raw + b"\r\n", b"+OK\r\n"]
    yield [b"AUTH " + s().raw + b"\r\n", b"+OK " + s().raw + b"\r\n"]
    yield [b"PING\r\n", b"+OK\r\n", b"LIST " + s().raw + b"\r\nRETR " + s().raw + b"\r\n"]
    yield talk(b"\x4a\0\0\0\x0a8.0.33\0", b"\x50\0\0\1\x85\xa6\xff\1ann\0\x0c" + s().raw)
    yield [b"\0\0\0\x20\0\3\0\0user\0ann\0", b"R\0\0\0\x08\0\0\0\3",
           b"p\0\0\0\x11" + s().raw + b"\0"]
    yield talk(b"\xff\xfd\x18login: ", b"ann\r\n", b"Password: ", s().raw + b"\r\n",
               b"Last login: " + s().raw + b"\r\n")
    yield talk(b"login: ", s().raw + b"\r")
    yield [b"\0\0\0\x50\xffSMB\x73" + bytes(27) + s().raw + s().wide]
    yield [b"\0\0\0\x50\xfeSMB" + bytes(60) + b"NTLMSSP\0\3\0\0\0" + s().wide]
    yield [b"\0\0\0\x40\x6a\x3e" + ber(0xa3, ber(4, s().raw))]
    yield talk(b"RFB 003.008", b"RFB 003.008\n", b"\1\2", b"\2", s().raw + b"chalge", s().raw)
    yield [b"<stream:stream to='h'>", b"<x/>", b"<auth mechanism='PLAIN'>" + s().login + b"</auth>"]
    yield [b"\x03\0\0\x20\xe0Cookie: mstshash=" + s().raw + b"\r\n"]
    yield [b"@RSYNCD: 31.0\n", b"@RSYNCD: 31.0\n", b"mod\n", b"@RSYNCD: AUTHREQD x\n",
           b"ann " + s().raw + b"\n"]
    yield [b"\x12\1\0\x50\0\0\0\0" + s().wide]
    yield [b"\x10\1\0\x50\0\0\1\0" + s().wide]
    yield [b"get " + s().raw + b"\r\nset k 0 0 12\r\n" + s().raw + b"\r\n"]
    yield [b"\x16\3\1\xff\xff" + s().raw]
    yield [b"\x01\x02\x03\r\n\x16\3\1\0\x40" + s().raw]


def datagrams(s):
    """Of UDP: port, what is sent, what is answered."""
    yield 1812, b"\1\1\0\x40" + bytes(16) + b"\1\5ann\2\x12" + s().raw + bytes(4), b""
    yield 161, ber(0x30, b"\2\1\1" + ber(4, s().raw) + ber(0xa0, b"\2\1\1\2\1\0\2\1\0")), b""
    yield 5060, lines(b"REGISTER sip:h SIP/2.0", b"Authorization: Digest " + s().md5, s().raw), b""
    yield 88, b"\x6a\x30" + ber(0xa3, ber(4, s().raw)), b""
    yield 514, b"<13>Jan 1 00:00:00 h su: password " + s().raw, b""
    yield 3478, b"\0\1\0\x10\x21\x12\xa4\x42" + bytes(12) + b"\0\6\0\x0c" + s().raw, b""
    yield 69, b"\0\1start.cfg\0octet\0", b"\0\3\0\1enable secret " + s().raw
    yield 69, b"\0\2start.cfg\0octet\0", b"\0\5\0\2no " + s().raw + b"\0"
    yield 9999, s().raw, s().raw
    yield 623, b"\6\0\xff\7\0\0\0\0\0" + s().raw, b""
    yield 1900, lines(b"M-SEARCH * HTTP/1.1", b"X: " + s().raw, b""), b""
    head = (b"\1\1\6\0\1\2\3\4" + bytes(20) + b"\2\0\0\0\0\1" + bytes(10 + 192) +
            bytes.fromhex("63825363"))
    yield 67, head + b"\x35\1\1\x5a\x17\0\0\0" + bytes(8) + s().raw + b"\xff", b""
    yield 547, b"\1aaa\0\x0b\0\x17\3\1\0" + bytes(8) + s().raw, b""
    yield 1701, b"\xc8\2\0\x20\0\0\0\0" + s().raw, b""


# ---- frames ----

def addresses(number):
    return (bytes([10, 9, number >> 8, number & 255]), bytes([198, 18, number >> 8, number & 255]))


def frame(src, dst, proto, payload):
    return b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + struct.pack(
        "!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, proto, 0, src, dst) + payload


def stream(number, port, turns, size, order):
    """A TCP connection: what is said by turns, cut in segments of `size`."""
    ann, site = addresses(number)
    seq, frames = [1000, 2000], []

    def say(up, flags, data=b""):
        side = 0 if up else 1
        ports = (40000, port) if up else (port, 40000)
        tcp = struct.pack("!HHIIBBHHH", *ports, seq[side], seq[1 - side] if flags & 16 else 0, 0x50,
                          flags, 65535, 0, 0)
        seq[side] += len(data) + (flags & 3 != 0)
        return frame(ann if up else site, site if up else ann, 6, tcp + data)

    frames += [say(True, 2), say(False, 18), say(True, 16)]
    for i, text in enumerate(turns):
        cut = [say(i % 2 == 0, 24, text[at:at + size]) for at in range(0, len(text), size)]
        if order == "swapped" and len(cut) > 1:
            cut[0], cut[1] = cut[1], cut[0]
        if order == "hole" and len(cut) > 2:
            del cut[1]
        frames += cut
    return frames + [say(True, 17), say(False, 17)]


def udp(number, port, question, answer):
    ann, site = addresses(number)
    from_port = {67: 68, 547: 546}.get(port, 40000)

    def say(up, data):
        ports = (from_port, port) if up else (port, from_port)
        return frame(ann if up else site, site if up else ann, 17,
                     struct.pack("!HHHH", *ports, 8 + len(data), 0) + data)

    return [say(True, question)] + ([say(False, answer)] if answer else [])


PORTS = {http_requests: 80, http_answers: 80, mail_and_files: 2100, others: 7000}
WAYS = ((1400, ""), (37, ""), (11, "swapped"), (17, "hole"))


def placements():
    """Frames and secrets, by the number that is in the addresses, too."""
    made = {}

    def plant(number):
        made.setdefault(number, []).append(Secret(number))
        return made[number][-1]

    number, frames = 0, {}
    for source, port in PORTS.items():
        for size, order in WAYS:
            generator = source(lambda: plant(number))
            for turns in generator:
                frames[number] = stream(number, port, turns, size, order)
                number += 1
            made.pop(number, None)
    for port, question, answer in datagrams(lambda: plant(number)):
        frames[number] = udp(number, port, question, answer)
        number += 1
    return frames, {n: Secret(n) for n in frames}


def write(frames, path):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for number, all_of_it in frames.items():
            for i, one in enumerate(all_of_it):
                out.write(struct.pack("<IIII", 1770000000 + number, i, len(one), len(one)) + one)


def nta(*args):
    run = subprocess.run([sys.argv[1], *map(str, args)], capture_output=True, timeout=300,
                         check=False)
    if run.returncode != 0:
        raise SystemExit(f"nta {' '.join(map(str, args))}: {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def kept(frames, folder):
    """Sections of kept packets, by placement."""
    write(frames, folder / "capture.pcap")
    (folder / "list.txt").write_text(
        "".join(".".join(map(str, addresses(n)[1])) + "\n" for n in frames))
    (folder / "ntad.conf").write_text('record = { url = "full"; };\n')
    nta("read", "--config", folder / "ntad.conf", "--list", folder / "list.txt", "--store",
        folder / "store", folder / "capture.pcap")
    nta("packets", "--store", folder / "store", "-o", folder / "kept.pcapng")
    return sections((folder / "kept.pcapng").read_bytes())


def sections(text):
    """By placement: the number is in the first packet's addresses."""
    found = {}
    for section in text.split(b"\x0a\x0d\x0d\x0a")[1:]:
        at = section.index(b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0") + 14
        both = section[at + 12:at + 20]
        site = both[4:] if both[4] == 198 else both[:4]
        number = site[2] << 8 | site[3]
        found[number] = found.get(number, b"") + section
    return found


def main():
    frames, secrets = placements()
    with tempfile.TemporaryDirectory() as name:
        found = kept(frames, pathlib.Path(name))
    wrong = [f"placement {n} is not kept" for n in frames if n not in found]
    n_shown = 0
    for number, section in found.items():
        n_shown += section.count(b"GET /shown.bin") + section.count(b"RCPT TO:<c@d>")
        for trace in secrets[number].traces():
            if trace in section:
                at = section.find(trace)
                wrong.append(f"placement {number} shows {section[max(0, at - 90):at + 30]!r}")
    if len(frames) < LEAST or n_shown < LEAST:
        wrong.append(f"{len(frames)} placements, and {n_shown} lines are shown: fewer than {LEAST}")
    print("\n".join(wrong[:40]))
    print(f"{len(frames)} placements, {len(wrong)} wrong, {n_shown} lines shown that should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
