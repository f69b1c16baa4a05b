# SPDX-License-Identifier: Apache-2.0
"""A reader of NTA's stored form, written from docs/format.md and nothing else; section numbers are
that page's.

What it needs beside Python's standard library, to open bodies only: python3-cryptography and the
program zstd.
"""
import hashlib
import hmac
import json
import socket
import subprocess
import time


def sha256(data):
    return hashlib.sha256(data).digest()


# Ed25519 verification, RFC 8032 section 5.1.7, on affine points: slow and short.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or (x == 0 and sign):
        raise ValueError("not a point")
    return (P - x if x & 1 != sign else x), y


def add(a, b):
    t = D * a[0] * b[0] * a[1] * b[1] % P
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + t, -1, P) % P,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P)


def times(n, a):
    total = (0, 1)
    while n:
        if n & 1:
            total = add(total, a)
        a, n = add(a, a), n >> 1
    return total


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(public_key, message, signature):
    r, s, a = signature[:32], int.from_bytes(signature[32:], "little"), point(public_key)
    # a key of small order signs anything
    if len(signature) != 64 or s >= L or times(8, a) == (0, 1):
        return False
    h = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % L
    return times(s, BASE) == add(point(r), times(h, a))


# CBOR (section 1).  Text and bytes are both Python bytes; a map is a dict.

def item(data, at=0):
    """One item: its value and where the next one begins."""
    first, at = data[at], at + 1
    major, n = first >> 5, first & 31
    if major == 7 and n in (20, 21):
        return n == 21, at
    if n >= 28 or major in (6, 7):
        raise ValueError("not of the format")
    if n >= 24:
        size = 1 << (n - 24)
        n, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major < 2:
        return (n if major == 0 else -1 - n), at
    if major < 4:
        if at + n > len(data):
            raise ValueError("cut off")
        return data[at:at + n], at + n
    items = []
    for _ in range(n * (major - 3)):
        value, at = item(data, at)
        items.append(value)
    if major == 4:
        return items, at
    if items[::2] != sorted(set(items[::2])):
        raise ValueError("keys out of order")
    return dict(zip(items[::2], items[1::2])), at


def whole(data):
    value, end = item(data)
    if end != len(data):
        raise ValueError("bytes behind the end")
    return value


def encoded(value):
    """Integers, byte strings and arrays of them, with shortest heads."""
    major, n = (4, len(value)) if isinstance(value,
                                             list) else (2, len(value)) if isinstance(
                                                 value,
                                                 bytes) else (0, value) if value >= 0 else (
                                                     1, -1 - value)
    size = next(s for s in (0, 1, 2, 4, 8) if n < (24 if s == 0 else 1 << 8 * s))
    head = bytes([major << 5 | (n if size == 0 else 24 + size.bit_length() - 1)]) + (
        n.to_bytes(size, "big") if size else b"")
    return head + (b"".join(map(encoded, value)) if major == 4 else value if major == 2 else b"")


# Headers and data keys (sections 5 and 7)

HEADER = ("version", "sensor", "number", "previous", "first", "last", "records", "data_key",
          "nonce", "tokens", "root", "body")
SIZES = {"sensor": 16, "previous": 32, "data_key": 16, "nonce": 12, "tokens": 32, "root": 32,
         "body": 32}


def read_header(data):
    fields = whole(data)
    header = dict(zip(HEADER, fields))
    if len(fields) != 12 or header["version"] != 1 or encoded(fields) != data or any(
        len(header[n]) != size for n, size in SIZES.items()):
        raise ValueError("not a header")
    return header


def read_data_key(blob, sensors):
    """Payload's fields of a blob that a sensor of `sensors` (id: public key) has signed."""
    outer = whole(blob)
    payload, signature = outer
    version, sensor, key_id, made, wraps = fields = whole(payload)
    if encoded(outer) != blob or encoded(fields) != payload or version != 1 or len(
        key_id) != 16 or not 1 <= len(wraps) <= 8:
        raise ValueError("not a data key")
    if sensor not in sensors or not is_signed(sensors[sensor], b"NTA data key v1\0" + payload,
                                              signature):
        raise ValueError("not signed")
    return {"sensor": sensor, "id": key_id, "made": made,
            "wraps": {w[0]: (w[1], w[2]) for w in wraps}}


def open_data_key(key, auditor_secret):
    """The data key's 32 bytes."""
    return hpke_open(key["wraps"], auditor_secret, b"NTA data key v1", key["sensor"] + key["id"])


def hpke_open(wraps, auditor_secret, info, aad):
    """What is wrapped to this auditor: HPKE, RFC 9180 section 6.1, mode 0."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    mine = X25519PrivateKey.from_private_bytes(auditor_secret)
    public = mine.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    enc, ciphertext = wraps[sha256(public)[:16]]

    def extract(suite, salt, label, ikm):
        return hmac.digest(salt, b"HPKE-v1" + suite + label + ikm, "sha256")

    def expand(suite, secret, label, info, size):
        return hmac.digest(secret,
                           size.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info + b"\x01",
                           "sha256")[:size]

    kem, suite = b"KEM" + bytes.fromhex("0020"), b"HPKE" + bytes.fromhex("002000010002")
    shared = extract(kem, b"", b"eae_prk", mine.exchange(X25519PublicKey.from_public_bytes(enc)))
    shared = expand(kem, shared, b"shared_secret", enc + public, 32)
    context = b"\0" + extract(suite, b"", b"psk_id_hash",
                              b"") + extract(suite, b"", b"info_hash", info)
    secret = extract(suite, shared, b"secret", b"")
    return AESGCM(expand(suite, secret, b"key", context,
                         32)).decrypt(expand(suite, secret, b"base_nonce", context, 12), ciphertext,
                                      aad)


# Bodies (section 4)

def merkle(leaves):
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + merkle(leaves[:split]) + merkle(leaves[split:]))


def open_body(header_bytes, body, data_key):
    """The records' bytes, held against number and root of the header."""
    return open_packed(read_header(header_bytes), b"\x8b" + header_bytes[1:-34], body, data_key)


def open_packed(header, aad, body, body_key):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    packed = AESGCM(body_key).decrypt(header["nonce"], body, aad)
    if packed[:4] != b"\x28\xb5\x2f\xfd" or not packed[4] & 0xe0:  # RFC 8878 section 3.1.1.1.1
        raise ValueError("not a frame that says its content's size")
    plain = subprocess.run(["zstd", "-q", "-d", "-c"], input=packed, stdout=subprocess.PIPE,
                           check=True).stdout
    salt_key, records = plain[:32], whole(plain[32:])
    salts = Cipher(algorithms.AES(salt_key),
                   modes.CTR(bytes(16))).encryptor().update(bytes(16 * len(records)))
    root = merkle([salts[16 * i:16 * i + 16] + r for i, r in enumerate(records)])
    if len(records) != header["records"] or root != header["root"]:
        raise ValueError("records are not those of the root")
    return records


# Values and tokens (section 3)

def fold(text):
    return bytes(c | 0x20 if 65 <= c <= 90 else c for c in text[:255])


def mapped(ip):
    return bytes(10) + b"\xff\xff" + ip if len(ip) == 4 else ip


def values(record):
    """(kind, bytes) of a record that was read."""
    user, peer = record.get(3, {}), record.get(4, {})
    file, more = record.get(14, {}), record.get(23, {})
    found = {(1, mapped(user.get(0, b""))), (2, user.get(2, b"")), (3, fold(user.get(3, b""))),
             (4, fold(user.get(4, b""))),
             (6, mapped(peer.get(0, b""))), (7, fold(record.get(16, {}).get(0, b""))),
             (8, fold(peer.get(6, {}).get(4, b""))), (9, fold(user.get(8, b""))),
             (10, fold(user.get(9, b""))), (11, fold(user.get(11, b""))),
             (12, file.get(3, b"")), (13, fold(file.get(0, b""))),
             (15, fold(record.get(16, {}).get(1, b"")))}
    if 4 in more:
        found.add((17, bytes([more[4][0]]) + more[4][1].to_bytes(8, "big")))
    if record[0] in (4, 5) or 16 in record:  # evidence
        found |= {(14, bytes([file[4]])) for _ in (0,) if 4 in file}
        found |= {(16, bytes([more[2]])) for _ in (0,) if 2 in more}
    site = fold(record.get(8, b""))
    site = site[:-1] if site.endswith(b".") else site
    labels = site.split(b".")
    is_address = b":" in site or site[-1:].isdigit()
    found |= {(5, site)} | {(5, b".".join(labels[i:])) for i in range(1, len(labels) - 1)
                            if not is_address}
    return {(kind, value) for kind, value in found if value}


def tokens(token_key, records):
    found = set().union(*map(values, records))
    return b"".join(
        sorted({hmac.digest(token_key, bytes([kind]) + value, "sha256")[:8]
                for kind, value in found}))


# Records as JSON (sections 2 and 12)

EVENTS = dict(
    enumerate(("flow lookup request alert packets loss lease canary download policy start stop gap "
               "audit note pseudonym").split(), 1))
# What the sensor says of itself: shown where it is asked for.
OWN_EVENTS = {8, 10, 11, 12, 13, 14, 15, 16}
APPS = dict(
    enumerate(
        "tls quic http dns mdns llmnr netbios dhcp ftp tftp smb smtp imap pop3 socks bittorrent "
        "http2 dtls dot doh doq websocket stun"
                      " openvpn ssh wireguard arp ndp dhcpv6 radius kerberos "
                      "ipsec rsync git svn rtsp rtmp nntp irc xmpp vnc zerotier "
         "unknown".split(), 1))
APPS |= dict(
    enumerate(
        ("vxlan geneve gtp gre erspan pptp teredo ayiya l2tp tzsp mpls etherip ipip 6in4 4in6 "
         "6in6 capwap lisp gue fou lwapp").split(), 64))
BASES = ["", "address", "dns", "cert", "sni", "url"]
TYPES = dict(
    zip((1, 2, 5, 6, 12, 13, 15, 16, 28, 33, 35, 39, 41, 43, 44, 46, 47, 48, 50, 52, 64, 65, 99,
         251, 252, 255, 256, 257),
                 "A NS CNAME SOA PTR HINFO MX TXT AAAA SRV NAPTR DNAME OPT DS SSHFP RRSIG NSEC "
                 "DNSKEY NSEC3 TLSA SVCB HTTPS SPF IXFR AXFR ANY URI CAA".split()))
RCODES = dict(
    enumerate(("NOERROR FORMERR SERVFAIL NXDOMAIN NOTIMP REFUSED YXDOMAIN YXRRSET NXRRSET "
                         "NOTAUTH NOTZONE").split())) | {16: "BADVERS"}
HIDDEN, ONE_WAY, GAPS, MID_STREAM, DOWNLOAD, ANSWERED, SHARED, CARRIER, TOLD = (
    1, 2, 4, 8, 16, 32, 64, 128, 256)
# Words of numbers from 1 on (section 2).
OPENED_BY = "user peer".split()
SEEN = "claimed answered delivered".split()
ACTS = "asked contacted downloaded uploaded".split()
RULES = "bytes kind file".split()
INITIATORS = "navigation prefetch subresource".split()
STRENGTHS = "address arp announced lease login".split()
FILE_KINDS = "program archive document video audio image disk torrent script other".split()
NO_HASHES = "encrypted lost cut memory off unread overlap".split()
NETWORKS = "vni teid gre erspan mpls l2tp vsid".split()
CONFLICTS = "dns cert sni host overlap device name login".split()
GAPS_OF = ["stopped", "killed", "interface gone", "store not writable", "interface down",
           "interface renamed", "no carrier"]
STATUSES = "new open closed false".split()
DOUBTS = "forged prefetch shared nat moved server decoy hidden unasked limited".split()
GRADED = (1, 2, 3, 4, 5, 9)
UNSHOWN = [(0, 0x1f), (0x7f, 0x9f), (0xad, 0xad), (0x34f, 0x34f), (0x61c, 0x61c),
           (0x115f, 0x1160), (0x17b4, 0x17b5), (0x180b, 0x180f), (0x200b, 0x200f),
           (0x2028, 0x202e), (0x2060, 0x206f), (0x2800, 0x2800), (0x3164, 0x3164),
           (0xfe00, 0xfe0f), (0xfeff, 0xfeff), (0xffa0, 0xffa0), (0xfff0, 0xfffb),
           (0x1bca0, 0x1bca3), (0x1d173, 0x1d17a), (0xe0000, 0xe0fff)]


def shown(text):
    """The shown form of bytes."""
    out, at = "", 0
    while at < len(text):
        for n in 1, 2, 3, 4:
            try:
                char = text[at:at + n].decode()
                break
            except UnicodeDecodeError:
                char = ""
        code = ord(char) if char else 0
        if char == "\\":
            out += "\\\\"
        elif char and code & 0xfffe != 0xfffe and not any(a <= code <= b for a, b in UNSHOWN):
            out += char
        else:
            out += "".join(f"\\x{b:02x}" for b in text[at:at + (n if char else 1)])
        at += n if char else 1
    return out


def moment(ns):
    """RFC 3339 with nine decimals."""
    seconds, fraction = divmod(ns, 10**9)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{fraction:09d}Z"


def address(ip):
    ip = mapped(ip)
    return socket.inet_ntop(socket.AF_INET,
                            ip[12:]) if ip[:12] == mapped(b"\0" * 4)[:12] else socket.inet_ntop(
                                socket.AF_INET6, ip)


class Always(list):
    """An array that is shown though it is empty."""


class Number(str):
    """A number as text, written without quotes."""


def degrees(micro):
    whole_part, rest = divmod(abs(micro), 10**6)
    return Number(f"{'-' if micro < 0 else ''}{whole_part}.{f'{rest:06d}'.rstrip('0') or '0'}")


def pick(source, rows):
    """Fields of a map by (key, name, how it is shown); those that are not there are left out."""
    return {name: show(source[key]) for key, name, show in rows if key in source}


def word_of(words):
    return lambda n: words[n - 1] if 0 < n <= len(words) else ""


def network(of):
    return {"kind": word_of(NETWORKS)(of[0]), "id": of[1]}


def prefix(of):
    ip, bits = of
    return f"{address(ip)}/{bits - 96 if len(ip) == 4 else bits}"


def items(rows):
    return lambda of: [pick(item_of, rows) for item_of in of]


def log(of):
    clock = of.get(7)
    return pick(of,
                ((0, "version", shown), (1, "build", shown), (2, "config", bytes.hex),
                 (3, "interfaces", items(((0, "name", shown), (1, "link", shown),
                                          (2, "filter", shown)))),
                 (4, "lists", items(((0, "name", shown), (1, "category", shown),
                                     (2, "entries", int), (3, "sha256", bytes.hex),
                                     (4, "tree", bytes.hex), (5, "lines", int),
                                     (6, "allow", bool)))),
                 (5, "geo", items(((0, "type", shown), (1, "built", moment),
                                   (2, "sha256", bytes.hex)))),
                 (6, "home", lambda h: [prefix(p) for p in h]))) | (
        {"clock": {"synchronised": clock[0], "error_ms": clock[1]}} if clock else {}) | pick(
        of, ((8, "files", items(((0, "name", shown), (1, "size", int),
                                 (2, "sha256", bytes.hex)))),
             (9, "from", moment), (10, "to", moment), (11, "reason", word_of(GAPS_OF)),
             (12, "interface", shown), (13, "blind", lambda b: {shown(i): n for i, n in b}),
             (14, "actor", shown), (15, "question", shown), (16, "records", int),
             (17, "incident", shown), (18, "status", word_of(STATUSES)), (19, "note", shown),
             (20, "worst_second", lambda w: {shown(r): {"n": n, "time": moment(t)}
                                             for r, n, t in w})))


PREFETCH = 2  # an initiator
OVERLAP = 16  # in what disagrees
ONE_SITE = (9, 10, 11)  # apps without names of sites: ftp, tftp, smb


def grade(record):
    """How well the site is known (section 12)."""
    basis, _, disagrees = record.get(9, (0, 0, 0))
    more = record.get(23, {})
    explains = sum(1 << DOUBTS.index(d) + 1
                   for d in ("forged", "prefetch", "nat", "moved", "server", "decoy"))
    program = record.get(16, {}).get(4, 0) == 8
    level = 2 if basis >= 3 or program else 1 if basis == 2 else 0
    if record.get(16, {}).get(5, False):
        return "weak"
    if 16 in record and basis == 1 and record.get(6) in ONE_SITE:
        level = 2
    if (record.get(10, 0) & HIDDEN or more.get(1, 0) < 2 or more.get(12) == PREFETCH or
            more.get(14, 0) & explains or (not more.get(14, 0) and disagrees & OVERLAP)):
        level = min(level, 1)
    return ("weak", "likely", "strong")[max(0, level - bool(disagrees & ~OVERLAP))]


def more_of(record):
    more = record.get(23, {})
    marks, doubts = more.get(13, 0), more.get(14, 0)
    out = pick(more, ((0, "opened_by", word_of(OPENED_BY)), (1, "seen", word_of(SEEN)),
                      (2, "act", word_of(ACTS))))
    if record[0] in GRADED:
        out["grade"] = grade(record)
    out |= pick(more, ((3, "via", lambda v: [shown(t) for t in v]), (4, "network", network),
                       (5, "conflict", lambda c: [{"kind": word_of(CONFLICTS)(k),
                                                   "value": shown(v)} for k, v in c]),
                       (6, "rule", word_of(RULES)), (7, "policy", bytes.hex),
                       (8, "binding", lambda b: pick(b, ((0, "until", moment), (1, "how", shown),
                                                         (2, "client_id", bytes.hex),
                                                         (3, "circuit", bytes.hex),
                                                         (4, "state", shown)))),
                       (9, "log", log), (10, "requests", list),
                       (12, "initiator", word_of(INITIATORS))))
    out |= {name: True for name, bit in (("unasked", 1), ("limited", 2)) if marks & bit}
    if doubts:
        out["doubts"] = Always(d for i, d in enumerate(DOUBTS, 1) if doubts >> i & 1)
    return out | pick(more, ((15, "count", int),))


def geo(place):
    position = place.get(5)
    return pick(place,
                ((0, "city", shown), (1, "region", shown), (2, "postal", shown),
                 (3, "country", shown), (4, "country_code", shown))) | (
        {"lat": degrees(position[0]), "lon": degrees(position[1])} if position else {}) | pick(
        place, ((6, "accuracy_km", int), (7, "asn", int), (8, "as_org", shown)))


def side(of):
    place = of.get(6, {})
    return pick(of,
                ((0, "ip", address), (1, "port", int), (2, "mac", lambda m: m.hex(":")),
                 (7, "vlan", list), (3, "name", shown), (4, "login", shown),
                     (5, "source", shown))) | pick(place,
                                                   ((9, "place", shown),)) | {
                                                       "geo": geo(place)} | pick(
                         of, ((14, "software", shown), (8, "person", shown),
                              (9, "department", shown), (10, "since", moment),
                              (11, "device", shown), (12, "strength", word_of(STRENGTHS)),
                              (13, "ipv4", address)))


def agreeing(bits):
    words = ("dns", "cert", "sni", "host", "overlap")
    return [word for i, word in enumerate(words) if bits >> i & 1]


def match(of):
    kind = ("domain", "address", "cidr", "url", "hash", "ja4", "certificate",
            "pattern", "program")
    severity = ("", "low", "medium", "high", "critical")
    return pick(of,
                ((0, "list", shown), (1, "category", shown), (2, "entry", shown),
                 (3, "line", int))) | {
        "kind": kind[of.get(4, 0)] if of.get(4, 0) < len(kind) else "",
        "severity": severity[of.get(7, 0)] if of.get(7, 0) < len(severity) else "",
        "weak": of.get(5, False)} | pick(of, ((8, "shared", shown), (6, "list_sha256", bytes.hex)))


def answer(of):
    kind, ttl, data = of
    return {"type": TYPES.get(kind, f"TYPE{kind}"),
            "ttl": ttl} | ({"addr": address(data)} if kind in (1, 28) else {"target": shown(data)})


def as_json(record, record_id):
    """One line."""
    event, flags = EVENTS[record[0]], record.get(10, 0)
    basis, agrees, disagrees = record.get(9, (0, 0, 0))
    tls = record.get(19, {})
    out = {"id": record_id,
           "time": moment(record[1])} | pick(record, ((2, "end", moment),)) | {"event": event}
    out |= {"user": side(record.get(3, {})), "peer": side(record.get(4, {}))}
    out |= pick(record,
                ((5, "transport", lambda p: {6: "tcp", 17: "udp", 132: "sctp"}.get(p, str(p))),
                 (6, "app", lambda n: APPS.get(n, "")), (7, "vlan", list),
                         (8, "site", shown)))
    out |= {"basis": BASES[basis], "agrees": agreeing(agrees), "disagrees": agreeing(disagrees)}
    if event in ("flow", "request", "alert") or flags & HIDDEN:
        out["hidden"] = bool(flags & HIDDEN)
    out |= {name: True
            for name, bit in (("one_way", ONE_WAY), ("gaps", GAPS), ("mid_stream", MID_STREAM),
                              ("carrier", CARRIER), ("shared", SHARED))
            if flags & bit}
    out |= pick(record, ((11, "url", shown), (12, "method", shown), (13, "status", int)))
    file = record.get(14, {})
    if {5, 9} <= file.keys():
        file = {8: False} | file
    out["file"] = pick(file,
                       ((0, "name", shown), (1, "type", shown), (2, "bytes", int),
                        (3, "sha256", bytes.hex), (4, "kind", word_of(FILE_KINDS)),
                        (5, "expected", int), (6, "seen", int), (7, "lost", int),
                        (8, "complete", bool), (9, "parts", int),
                        (10, "no_hash", word_of(NO_HASHES)), (11, "said", shown)))
    if event == "flow" or 15 in record:
        counts = record.get(15, (0, 0, 0, 0))
        out |= {"up": {"bytes": counts[0], "packets": counts[1]},
                "down": {"bytes": counts[2], "packets": counts[3]}}
    if 16 in record:
        out["match"] = match(record[16])
    if 16 in record or flags & DOWNLOAD:
        out["download"] = bool(flags & DOWNLOAD)
    if event == "lookup":
        kind, rcode = record.get(17, (0, 0))
        out["query"] = {"type": TYPES.get(kind, f"TYPE{kind}"),
                        "rcode": RCODES.get(rcode, f"RCODE{rcode}") if flags & ANSWERED else "",
                        "answered": bool(flags & ANSWERED)}
        out["answers"] = [answer(a) for a in record.get(18, [])]
    out |= pick(tls,
                ((0, "alpn", shown), (4, "service", lambda n: APPS.get(n, "")),
                 (1, "tls_version", shown), (2, "ja4", shown), (3, "issuer", shown)))
    out |= pick(record, ((21, "about", int), (20, "packets_bytes", len)))
    out["losses"] = {shown(reason): n for reason, n in record.get(22, [])}
    out |= more_of(record)
    if flags & TOLD:
        out["told"] = True
    return written(out)


def written(value):
    """JSON without spaces; in an object what is empty is left out."""
    if isinstance(value, dict):
        fields = ((name, v, written(v)) for name, v in value.items())
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{text}"
                              for name, v, text in fields
                              if isinstance(v, Always) or text not in ('""', "{}", "[]")) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
