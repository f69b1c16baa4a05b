#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of DHCP (RFC 2131) by raw frames: what it is given it puts on its interface.

usage: dhcp_client.py INTERFACE NAME [ADDRESS]      asks for ADDRESS, prints what it was given
       dhcp_client.py --release INTERFACE ADDRESS SERVER_MAC SERVER
"""
import pathlib
import random
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from wire import ip  # noqa: E402

ANY, ALL = "0.0.0.0", "255.255.255.255"
DISCOVER, REQUEST, RELEASE, OFFER, ACK = 1, 3, 7, 2, 5
MAGIC = bytes.fromhex("63825363")


def option(code, data):
    return bytes([code, len(data)]) + data


def udp(src_port, dst_port, payload):
    return struct.pack("!HHHH", src_port, dst_port, 8 + len(payload), 0) + payload


class Client:
    def __init__(self, interface):
        self.interface = interface
        self.raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.raw.bind((interface, 0x0800))
        self.raw.settimeout(1)
        self.mac = self.raw.getsockname()[4]
        self.xid = struct.pack("!I", random.randrange(1 << 32))

    def send(self, kind, options, had=ANY, to=ALL, to_mac=b"\xff" * 6):
        message = (struct.pack("!BBBB", 1, 1, 6, 0) + self.xid + struct.pack("!HH", 0, 0x8000) +
                   socket.inet_aton(had) + bytes(12) + self.mac + bytes(10 + 192) + MAGIC +
                   option(53, bytes([kind])) + options + b"\xff")
        self.raw.send(to_mac + self.mac + b"\x08\x00" +
                      ip(had, to, 17, udp(68, 67, message)))

    def receive(self, kind):
        """The address that a message of this kind gives, and who sent it."""
        until = time.monotonic() + 2
        while time.monotonic() < until:
            try:
                frame = self.raw.recv(4096)
            except TimeoutError:
                break
            data = frame[14 + 20 + 8:]
            if frame[23] != 17 or frame[34:38] != b"\0\x43\0\x44" or data[4:8] != self.xid:
                continue
            options = data[240:]
            if options[:3] == bytes([53, 1, kind]):
                return socket.inet_ntoa(data[16:20]), socket.inet_ntoa(frame[26:30])
        return None, None

    def lease(self, name, wanted):
        called = option(12, name.encode())
        asked = option(50, socket.inet_aton(wanted)) if wanted else b""
        for _ in range(8):
            self.send(DISCOVER, called + asked)
            given, server = self.receive(OFFER)
            if not given or (wanted and given != wanted):
                continue
            self.send(REQUEST, called + option(50, socket.inet_aton(given)) +
                      option(54, socket.inet_aton(server)))
            given, server = self.receive(ACK)
            if given:
                return given
        sys.exit("nothing is given")


def main():
    if sys.argv[1] == "--release":
        interface, address, server_mac, server = sys.argv[2:]
        Client(interface).send(RELEASE, option(54, socket.inet_aton(server)), address, server,
                               bytes.fromhex(server_mac.replace(":", "")))
        subprocess.run(["ip", "address", "flush", "dev", interface], check=True)
        return
    client = Client(sys.argv[1])
    address = client.lease(sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else "")
    subprocess.run(["ip", "address", "add", f"{address}/24", "dev", sys.argv[1]], check=True)
    print(address)


if __name__ == "__main__":
    main()
