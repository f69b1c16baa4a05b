# SPDX-License-Identifier: Apache-2.0
"""Scenes for alibi.py: conversations of a few machines, as frames in the order of their time."""
import struct

from make import ACK, FIN, PSH, SYN, TCP, UDP, addr, checksum, dns, ether, mac, pointer, question
from make import record, tcp, udp
from quic_seal import after, crypto, initial, retry

RST = 4
USER, OTHER, ROUTER = 5, 6, 1  # last bytes of MACs
BAD, FINE = "www.bad.example", "www.fine.example"
CLIENT, SERVER, RESOLVER, OUTSIDER = "10.9.0.5", "192.0.2.80", "192.0.2.53", "203.0.113.66"


def ip(src, dst, proto, payload, ttl=64):
    if ":" in src:
        return struct.pack(">IHBB", 0x60000000, len(payload), proto,
                           ttl) + addr(src) + addr(dst) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, ttl, proto, 0)
    head += addr(src) + addr(dst)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def summed(src, dst, segment):
    """A segment of TCP with its checksum, which is right."""
    pseudo = addr(src) + addr(dst) + struct.pack(">HH", TCP, len(segment))
    return segment[:16] + struct.pack(">H", checksum(pseudo + segment)) + segment[18:]


def with_options(segment, options):
    offset = 5 + len(options) // 4
    return segment[:12] + bytes([offset << 4]) + segment[13:20] + options + segment[20:]


def extension(kind, data):
    return struct.pack(">HH", kind, len(data)) + data


def hello(name=None, encrypted=False, padding=0):
    """A ClientHello, with a name, and with a part that may hide another one (RFC 9849)."""
    extensions = b""
    if name:
        host = name.encode()
        extensions += extension(0, struct.pack(">HBH", len(host) + 3, 0, len(host)) + host)
    if encrypted:
        extensions += extension(0xfe0d, b"\0\0\1\0\1\7" + struct.pack(">H", 32) + bytes(32) +
                                struct.pack(">H", 64) + bytes(64))
    if padding:
        extensions = extension(21, bytes(padding)) + extensions
    body = (b"\3\3" + bytes(32) + b"\0\0\2\x13\1\1\0" + struct.pack(">H", len(extensions)) +
            extensions)
    return b"\1" + struct.pack(">I", len(body))[1:] + body


def tls(*args, **how):
    message = hello(*args, **how)
    return b"\x16\3\1" + struct.pack(">H", len(message)) + message


def get(host, path="/tool.exe", fields=()):
    lines = [f"GET {path} HTTP/1.1"] + ([f"Host: {host}"] if host else []) + list(fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Scene:
    """Frames, a millisecond apart."""

    def __init__(self, vlan=None, snap_len=65535):
        self.frames, self.now, self.vlan, self.snap_len = [], 1770000000 * 1000, vlan, snap_len
        self.port = 40000

    def wait(self, seconds):
        self.now += int(seconds * 1000)
        return self

    def put(self, src, dst, proto, payload, macs, ttl=64, vlan=None):
        kind = 0x86dd if ":" in src else 0x0800
        payload = summed(src, dst, payload) if proto == TCP else payload
        self.frames.append((self.now, ether(mac(macs[0]), mac(macs[1]), ip(
            src, dst, proto, payload, ttl), kind, vlan or self.vlan)))
        self.now += 1

    def pcap(self):
        out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, self.snap_len, 1)
        for at, frame in self.frames:
            kept = frame[:self.snap_len]
            out += struct.pack("<IIII", at // 1000, at % 1000 * 1000, len(kept), len(frame)) + kept
        return out

    # ---- conversations ----

    def lookup(self, name, to, client=CLIENT, resolver=RESOLVER, who=USER, kind=1, **how):
        self.port += 1
        asked = dns(7, 0x100, (1, 0, 0, 0), question(name, kind))
        told = dns(7, 0x8180, (1, 1, 0, 0), question(name, kind),
                   record(pointer(12), 28 if ":" in to else 1, 1, 3600, addr(to)))
        for src, dst, ports, message, macs in (
                (client, resolver, (self.port, 53), asked, (who, ROUTER)),
                (resolver, client, (53, self.port), told, (ROUTER, who))):
            self.put(src, dst, UDP, udp(*ports, message, between=None if ":" not in src else
                                        (src, dst)), macs, **how)
        return self

    def tcp(self, asked, answer=ANSWER, client=CLIENT, server=SERVER, port=80, who=USER, ttl=64,
            until=None, macs=None, vlan=None, answers=True, joined=None):
        """A connection.  `until`: only so many steps of it; `answers`: the server's part is seen;
        `joined`: the MAC from which its request comes.
        """
        self.port += 1
        ours, theirs = 1000 * self.port, 3000 * self.port
        out, back = macs or ((who, ROUTER), (ROUTER, who))
        acked = theirs + 1 if answers else 4711
        size = 1400
        pieces = [asked[i:i + size] for i in range(0, len(asked), size)]
        steps = [(True, SYN, ours, 0, b""), (False, SYN | ACK, theirs, ours + 1, b"")]
        if answers:
            steps.append((True, ACK, ours + 1, acked, b""))
        at = ours + 1
        for piece in pieces:
            steps.append((True, PSH | ACK, at, acked, piece))
            at += len(piece)
        end = theirs + 1 + len(answer)
        steps += [(False, PSH | ACK, theirs + 1, at, answer), (True, FIN | ACK, at, end, b""),
                  (False, FIN | ACK, end, at + 1, b""), (True, ACK, at + 1, end + 1, b"")]
        for up, flags, seq, ack, payload in steps[:until]:
            src, dst = (client, server) if up else (server, client)
            ports = (self.port, port) if up else (port, self.port)
            way = out if up else back
            if up and payload and joined:
                way = (joined, ROUTER)
            self.put(src, dst, TCP, tcp(ports, (seq & 0xffffffff, ack & 0xffffffff), flags,
                                        payload), way, ttl if up else 64, vlan)
        return self

    def steps(self, steps, port=80, client=CLIENT, server=SERVER, who=USER, vlan=None,
              macs=None):
        """A connection, segment by segment: who, flags, what is said, and if they are not those of
        its place, the number and the acknowledgement, from its side's first one on; last a TTL.
        """
        self.port += 1
        firsts, said = (1000 * self.port, 3000 * self.port), [0, 0]
        for step in steps:
            me, flags, payload, seq, ack, ttl = (*step, None, None, None)[:6]
            at = said[me] if seq is None else seq
            if seq is None:
                said[me] += len(payload) + bool(flags & SYN) + bool(flags & FIN)
            numbers = (firsts[me] + at, firsts[1 - me] + (said[1 - me] if ack is None else ack))
            ends, ports = (client, server), (self.port, port)
            between = macs or (who, ROUTER)
            way = -1 if me else 1
            self.put(*ends[::way], TCP, tcp(ports[::way], (
                numbers[0] & 0xffffffff, numbers[1] & 0xffffffff if flags & ACK else 0), flags,
                payload), between[::way], ttl or 64, vlan)
        return self

    def decoyed(self, asked, decoy, how=None, port=80):
        """A connection before whose request its sender puts other bytes that never arrive; `how` he
        sees to that.  Unless it is said, nothing tells, and they come behind the request.
        """
        at = len(self.frames) + (3 if how else 4)
        self.tcp(asked, port=port)
        ours, theirs = 1000 * self.port + 1, 3000 * self.port + 1
        ack = theirs - 66000 if how == "acknowledgement" else theirs
        segment = tcp((self.port, port), (ours, ack), PSH | ACK, decoy)
        if how == "signature":
            segment = with_options(segment, b"\1\1\x13\x12" + bytes(16))
        segment = summed(CLIENT, SERVER, segment)
        if how == "checksum":
            segment = segment[:16] + bytes([segment[16] ^ 0x55]) + segment[17:]
        frame = ether(mac(USER), mac(ROUTER),
                      ip(CLIENT, SERVER, TCP, segment, 4 if how == "ttl" else 64), 0x0800)
        when = self.frames[at][0]
        self.frames[at:] = [(when, frame)] + [(then + 1, kept) for then, kept in self.frames[at:]]
        self.now += 1
        return self

    def blind(self, asked, reset=False, port=80, client=CLIENT, server=SERVER):
        """Somebody who does not see the answers sends in the user's name."""
        self.tcp(asked, until=2, port=port, client=client, server=server)
        ours = 1000 * self.port + 1
        if reset:
            self.put(client, server, TCP, tcp((self.port, port), (ours, 0), RST), (USER, ROUTER))
        self.put(client, server, TCP, tcp((self.port, port), (ours, 4711), PSH | ACK, asked),
                 (USER, ROUTER))
        return self

    def tunnelled(self, near, far, both=True):
        """All that was said, in VXLAN, from `near`; `both`: what comes back is from `far`."""
        frames, self.frames = self.frames, []
        for at, frame in frames:
            up = frame[6:12] != mac(ROUTER) or not both
            ends = (near, far) if up else (far, near)
            inside = struct.pack(">II", 0x08000000, 77 << 8) + frame
            outside = ip(*ends, UDP, udp(50000, 4789, inside))
            self.frames.append((at, ether(mac(8), mac(9), outside)))
        return self

    def early(self, asked, is_there=True):
        """A request in a SYN, which is answered; whose name it bears takes that, or resets it."""
        self.port += 1
        ours, theirs = 1000 * self.port, 3000 * self.port
        end = ours + 1 + len(asked)
        steps = [(True, SYN, ours, 0, asked), (False, SYN | ACK, theirs, end, b""),
                 (True, ACK, end, theirs + 1, b""), (False, PSH | ACK, theirs + 1, end, ANSWER),
                 (True, ACK, end, theirs + 1 + len(ANSWER), b"")]
        if not is_there:
            steps[2:] = [steps[3], (True, RST, ours + 1, 0, b"")]
        for up, flags, seq, ack, payload in steps:
            ends, ports = (CLIENT, SERVER), (self.port, 80)
            step, macs = (1 if up else -1), (USER, ROUTER)
            self.put(*ends[::step], TCP, tcp(ports[::step], (seq, ack), flags, payload),
                     macs[::step])
        return self

    def tftp(self, takes=True, client=CLIENT, server=OUTSIDER, macs=(USER, ROUTER), n_acked=2):
        """A file is asked for and sent, and who asked `takes` it: of its two blocks `n_acked` are
        acknowledged.
        """
        self.port += 1
        self.put(client, server, UDP, udp(self.port, 69, b"\0\1tool.exe\0octet\0"), macs)
        for number, size in ((1, 512), (2, 9)):
            self.put(server, client, UDP, udp(50000, self.port, struct.pack(
                ">HH", 3, number) + b"MZ" + bytes(size - 2)), macs[::-1])
            if takes and number <= n_acked:
                self.put(client, server, UDP, udp(self.port, 50000, struct.pack(
                    ">HH", 4, number)), macs)
        return self

    def quic(self, message, answers=True, sees=True, client=CLIENT, server=SERVER, who=USER,
             chosen=b"yours", token=b"", begun=b"clients-id", macs=None, **how):
        """A connection that the server `answers` with an id it has `chosen`, behind a Retry if
        there is a `token`; whose name the client's packet bears `sees` the answers and goes on.
        """
        self.port += 1
        out, back = macs or ((who, ROUTER), (ROUTER, who))

        def put(up, datagram):
            ends, ports = (client, server), (self.port, 443)
            step = 1 if up else -1
            self.put(*ends[::step], UDP, udp(*ports[::step], datagram, between=ends[::step]),
                     out if up else back, **(how if up else {}))

        put(True, initial(begun, crypto(message), source=b"mine"))
        if answers and token:
            put(False, retry(b"mine", b"again", token))
            begun = b"again"
            if sees:
                put(True, initial(begun, crypto(message), source=b"mine", token=token))
        if answers and (sees or not token):
            put(False, initial(b"mine", crypto(b"\2\0\0\0"), source=chosen, begun=begun) +
                after("handshake", b"mine", chosen))
            if sees:
                put(True, after("handshake", chosen, b"mine"))
                put(True, after("short", chosen))
                put(False, after("short", b"mine"))
        return self
