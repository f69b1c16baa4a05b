# SPDX-License-Identifier: Apache-2.0
"""Packets of made-up connections, as classic capture files."""
import ipaddress
import struct

START = 1764370000.0
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
USER_MAC, GATE_MAC = b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(src, dst, proto, payload, ident=0, fragment=0):
    a, b = ipaddress.ip_address(src), ipaddress.ip_address(dst)
    if a.version == 6:
        head = struct.pack("!IHBB", 6 << 28, len(payload), proto, 64)
        return head + a.packed + b.packed + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, fragment, 64, proto, 0)
    head += a.packed + b.packed
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def frame(packet, src_mac=USER_MAC, dst_mac=GATE_MAC):
    kind = 0x86dd if packet[0] >> 4 == 6 else 0x0800
    return dst_mac + src_mac + struct.pack("!H", kind) + packet


def transport(src, dst, proto, rest):
    """With the checksum, which stands at 16 of TCP and 6 of UDP."""
    a, b = ipaddress.ip_address(src).packed, ipaddress.ip_address(dst).packed
    at = 16 if proto == 6 else 6
    total = checksum(a + b + struct.pack("!II", len(rest), proto) + rest) or 0xffff
    return rest[:at] + struct.pack("!H", total) + rest[at + 2:]


def tcp(src, dst, sport, dport, seq, ack, flags, payload=b""):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags, 65535, 0, 0)
    return ip(src, dst, 6, transport(src, dst, 6, head + payload))


def udp(src, dst, sport, dport, payload):
    head = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    return ip(src, dst, 17, transport(src, dst, 17, head + payload))


def wire_name(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"


def question(name, number=1):
    """What DNS is asked for an address."""
    head = struct.pack("!6H", number, 0x100, 1, 0, 0, 0)
    return head + wire_name(name) + struct.pack("!2H", 1, 1)


def write_frames(path, packets):
    """A capture of (time, frame) of each, in the order of time."""
    with open(path, "wb", 1 << 20) as file:
        file.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for time, data in sorted(packets, key=lambda p: p[0]):
            micros = round(time * 1e6)
            file.write(struct.pack("<IIII", micros // 1000000, micros % 1000000, len(data),
                                   len(data)) + data)
    return path


class Wire:
    """Packets with their times; `up` are those of the users."""

    def __init__(self):
        self.packets = []

    def put(self, time, packet, up, mac=USER_MAC):
        macs = (mac, GATE_MAC) if up else (GATE_MAC, mac)
        self.packets.append((time, up, frame(packet, *macs)))

    def connection(self, time, user, server, port, service, request, response, mac=USER_MAC):
        """From SYN to FIN: what it asks, and what it is given."""
        a, b = 1000, 5000

        def send(when, up, seq, ack, flags, payload=b""):
            ends = (user, server, port, service) if up else (server, user, service, port)
            self.put(when, tcp(*ends, seq, ack, flags, payload), up, mac)

        send(time, True, a, 0, SYN)
        send(time + .005, False, b, a + 1, SYN | ACK)
        send(time + .0051, True, a + 1, b + 1, ACK)
        send(time + .0052, True, a + 1, b + 1, ACK | PSH, request)
        a, b, time = a + 1 + len(request), b + 1, time + .012
        for at in range(0, len(response), 1460):
            part = response[at:at + 1460]
            send(time, False, b, a, ACK | PSH, part)
            b, time = b + len(part), time + .0001
        send(time + .01, True, a, b, ACK | FIN)
        send(time + .02, False, b, a + 1, ACK | FIN)
        send(time + .021, True, a + 1, b + 1, ACK)

    def lookup(self, time, user, port, name, address, number, resolver, mac=USER_MAC, alias=None,
               is_asked=True):
        """A question, and 10 ms later its answer, by way of an alias or straight on."""
        question = wire_name(name)
        packed = ipaddress.ip_address(address).packed
        kind = 1 if len(packed) == 4 else 28
        question += struct.pack("!HH", kind, 1)
        ask = struct.pack("!HHHHHH", number, 0x100, 1, 0, 0, 0) + question
        tell = struct.pack("!HHHHHH", number, 0x8180, 1, 2 if alias else 1, 0, 0) + question
        owner = b"\xc0\x0c"
        if alias:
            target = wire_name(alias)
            tell += owner + struct.pack("!HHIH", 5, 1, 60, len(target)) + target
            owner = target
        tell += owner + struct.pack("!HHIH", kind, 1, 60, len(packed)) + packed
        if is_asked:
            self.put(time, udp(user, resolver, port, 53, ask), True, mac)
        self.put(time + .01, udp(resolver, user, 53, port, tell), False, mac)

    def write(self, path, only=None):
        return write_frames(path, [(time, data) for time, up, data in self.packets
                                   if only is None or up == only])


def hello(name, encrypted=False):
    """A ClientHello; `encrypted`: with an encrypted one inside."""
    host = name.encode()
    more = struct.pack("!HHHBH", 0, len(host) + 5, len(host) + 3, 0, len(host)) + host
    more += struct.pack("!HHBH", 43, 3, 2, 0x0304)
    if encrypted:
        inner = struct.pack("!BHHBH", 0, 1, 1, 7, 32) + b"\x11" * 32 + struct.pack("!H", 64)
        inner += b"\x22" * 64
        more += struct.pack("!HH", 0xfe0d, len(inner)) + inner
    body = struct.pack("!H", 0x0303) + b"\x5a" * 32 + b"\0" + struct.pack("!HH", 2, 0x1301)
    body += b"\1\0" + struct.pack("!H", len(more)) + more
    message = b"\1" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\3\1" + struct.pack("!H", len(message)) + message
