#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Hold what `nta read --json` says against the rows that other analyzers logged over the same
captures.

usage: rows.py NTA [--show N] [--kind KIND]...     NTA_SHARED names the folder with corpora/; 77 if
it is not there.

A row is one line of another program's log: a connection, a lookup, a request, a hello.  It agrees
if a record of ours has the same ends and says what the row says: names, URL, status, version, and
for connections packets, bytes and tags.  Rows that do not agree are listed in rows.known, each with
its reason, under one of two heads: those that say nothing about the capture (the other program was
given a filter, keys, another file), and those where ours or theirs is at fault, which count as not
agreeing.  Prints agreement by source and kind, then by source and in all; fails below the least
share, for a row that is not listed, and for a line of rows.known that no row needs.
"""
import collections
import concurrent.futures
import fnmatch
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

LEAST = 0.99
SOURCES = (("zeek", "truth_zeek_flows.jsonl"), ("zeek", "truth_tshark_zeek_flows.jsonl"),
           ("ndpi", "truth_ndpi_flows.jsonl"), ("arkime", "truth_arkime_flows.jsonl"))
PORTS = ["tcp", "udp", "sctp"]
KNOWN = ("tcp", "udp", 132, "icmp", "icmpv6")
ICMP = ("1", "58", "icmp", "icmpv6", "icmp6", "ipv6-icmp")


def ip(text):
    """An address; none for the unspecified one, which records leave out."""
    try:
        addr = ipaddress.ip_address(text or "")
    except ValueError:
        return ""
    return "" if addr.is_unspecified else str(addr)


def transport(text):
    text = str(text or "")
    return "icmp" if text in ICMP else "sctp" if text == "132" else text


def raw(text):
    """A name as bytes, whatever the escapes of who shows it; without case, port and last dot."""
    if text is None:
        return b""
    data = text.encode("utf-8", "surrogateescape")
    data = re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), data)
    data = re.sub(rb"\\([0-9]{3})", lambda m: bytes([int(m[1]) & 255]), data)
    return data.replace(b"\\", b"").strip().lower().rstrip(b".")


def site(text):
    """A host name or address: no brackets, no port, A-labels."""
    text = (text or "").strip()
    if text.startswith("["):
        text = text[1:].split("]")[0]
    elif text.count(":") == 1:
        text = text.split(":")[0]
    if any(ord(c) > 127 for c in text):
        try:
            text = text.encode("idna").decode()
        except UnicodeError:
            pass
    return ip(text) or raw(text)


class Capture:
    """The records of one capture, found by their ends."""

    def __init__(self, nta, path):
        run = subprocess.run([nta, "read", "--json", path], capture_output=True, timeout=60,
                             check=False)
        records = [json.loads(line) for line in run.stdout.splitlines()]
        self.all = [dict({"user": {}, "peer": {}}, **r) for r in records]
        self.others = sorted({transport(r.get("transport")) for r in self.all} - set(PORTS))
        self.by_addrs = collections.defaultdict(list)
        self.by_ends = collections.defaultdict(list)
        for record in self.all:
            self.by_ends[self.ends(record["user"], record["peer"],
                                   record.get("transport"))].append(record)
            self.by_addrs[self.addrs(record["user"], record["peer"])].append(record)

    @staticmethod
    def addrs(one, other):
        return tuple(sorted((ip(one.get("ip")), ip(other.get("ip")))))

    @staticmethod
    def ends(one, other, proto):
        proto = transport(proto)
        sides = [(ip(s.get("ip")), int(s.get("port") or 0)) for s in (one, other)]
        if proto not in PORTS:
            sides = [(addr, 0) for addr, _ in sides]
        return tuple(sorted(sides)), proto

    def of(self, row):
        """Records between the ends of a row; of any protocol if the row says none."""
        one = {"ip": row.get("src"), "port": row.get("sport")}
        other = {"ip": row.get("dst"), "port": row.get("dport")}
        if row.get("sport") is None:
            return self.by_addrs.get(self.addrs(one, other), [])
        if row.get("l4") == "unknown_transport": # SCTP, too, without its ports
            return [r for r in self.by_addrs.get(self.addrs(one, other), [])
                    if transport(r.get("transport")) not in ("tcp", "udp", "icmp")]
        protos = [row["l4"]] if row.get("l4") in KNOWN else PORTS + self.others
        return [r for p in protos for r in self.by_ends.get(self.ends(one, other, p), [])]

    def sent(self, row, what):
        """Packets or bytes each end sent, by flow records; None if only lookups or requests
        speak of it.
        """
        flows = [r for r in self.of(row) if r["event"] == "flow"]
        if not flows:
            return None
        sent = collections.Counter()
        ports = transport(row.get("l4")) in PORTS
        for r in flows:
            for side, way in (("user", "up"), ("peer", "down")):
                sent[ip(r[side].get("ip")),
                     int(r[side].get("port") or 0) if ports else 0] += r[way][what]
        return [sent[ip(row.get(a)), int(row.get(p) or 0) if ports else 0]
                for a, p in (("src", "sport"), ("dst", "dport"))]


def path_of(url):
    """Path and query of what a row or a record says, percent-codes as bytes."""
    url = url or ""
    match = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*(.*)", url)
    path = match[1] if match else url
    if not path.startswith(("/", "?")):
        path = "" # "*", what CONNECT asks for, a version where a target should be
    return urllib.parse.unquote_to_bytes(raw_text(path)).strip() or b"/"


def raw_text(text):
    data = text.encode("utf-8", "surrogateescape")
    return re.sub(rb"\\(?:x([0-9a-fA-F]{2})|\\)",
                  lambda m: bytes([int(m[1], 16)]) if m[1] else b"\\", data)


def is_same_name(ours, theirs):
    """Names that are the same, or that the other shows cut or with a mark for each byte it
    cannot show.
    """
    one, other = site(ours), site(theirs)
    if one == other:
        return True
    if isinstance(one, str):
        one = one.encode()
    if isinstance(other, str):
        other = other.encode()
    shown = one.decode("utf-8", "replace").lower()
    marked = re.sub(r"[^\x20-\x7e]", "?", shown)
    theirs = other.decode("utf-8", "replace")
    return shown == theirs or marked == re.sub(r"[^\x20-\x7e]", "?", theirs) or \
        (len(theirs) >= 79 and shown.endswith(theirs))


def is_same_path(ours, theirs):
    """The same, or the other cut it after some 200 bytes or at a blank; or we after 2 KiB."""
    if len(ours) > 1900 and theirs.startswith(ours):
        return True
    return ours == theirs or ours.startswith(theirs) and (
        len(theirs) >= 200 or ours[len(theirs):][:1] == b" ")


APPS = {"http": {"http"}, "tls": {"tls", "quic", "dtls"}, "ssl": {"tls", "quic", "dtls"},
        "quic": {"quic"},
        "dns": {"dns", "mdns", "llmnr", "netbios"}, "mdns": {"mdns"}, "llmnr": {"llmnr"},
        "other:NetBIOS": {"netbios"}}


def says_name(capture, row, kind, name):
    found = capture.of(row) if row.get("src") else capture.all
    return any(r.get("app") in APPS[kind] and is_same_name(r.get("site"), name) for r in found)


def says_request(capture, row, name=None, uri=None, method=None, status=None):
    found = capture.of(row) if row.get("src") else capture.all
    for r in found:
        if r["event"] != "request" or (name and not is_same_name(r.get("site"), name)):
            continue
        if method and r.get("method", "").upper() != re.split("[^A-Za-z_-]", method)[0].upper():
            continue
        if status and status != "0" and str(r.get("status", "")) != str(status):
            continue
        if uri and r.get("url") and not is_same_path(path_of(r["url"]), path_of(uri)):
            continue
        return True
    return False


def check_packets(capture, row, packets, size):
    """Packets of each end, and its bytes: ours are those of the payload, theirs have headers
    around them.
    """
    sent = capture.sent(row, "packets")
    if sent is None:
        return None if capture.of(row) else "no record has its ends"
    if sent != packets:
        return f"packets {sent}, not {packets}"
    if any(r.get("gaps") for r in capture.of(row)):
        return None # bytes that acknowledgements tell of count, too
    payload = capture.sent(row, "bytes")
    if any(p > s for p, s in zip(payload, size)):
        return f"bytes {payload}, more than {size}"
    header = 28 if "." in row["src"] else 48
    if row["of"] == "truth_zeek_flows.jsonl" and row.get("l4") == "udp":
        with_headers = [p + n * header for p, n in zip(payload, packets)]
        if with_headers != size:
            return f"bytes with headers {with_headers}, not {size}"
    return None


def tags_of(capture, row):
    """VLAN tags of both directions."""
    return {tag for r in capture.of(row) for tag in r.get("vlan", []) + r["peer"].get("vlan", [])}


def check_zeek(capture, row):
    kind = row["kind"]
    if kind == "conn":
        if not capture.of(row):
            return "no record has its ends"
        tags = tags_of(capture, row)
        if row.get("vlan") and int(row["vlan"]) not in tags:
            return f"tags {tags}, not {row['vlan']}"
        return None
    if kind == "http":
        ok = says_request(capture, row, row.get("name"), row.get("uri"), row.get("method"),
                          row.get("status"))
        return None if ok else "no such request"
    if kind == "dhcp":
        return check_dhcp(capture, row)
    name = row.get("name")
    if name:
        return None if says_name(capture, row, kind, name) else "no such name between these ends"
    found = [r for r in (capture.of(row) if row.get("src") else capture.all)
             if r.get("app") in APPS[kind]]
    return None if found else "not recognised"


def check_dhcp(capture, row):
    """What messages of DHCP say of a station, all of them together."""
    said = [r["user"] for r in capture.all if r.get("app") == "dhcp"
            and r["user"].get("mac") == row.get("mac")]
    if not said:
        return "no such station"
    if row.get("name") and not any(is_same_name(u.get("name"), row["name"]) for u in said):
        return "no such name"
    for key in ("assigned_addr", "client_addr", "requested_addr"):
        if ip(row.get(key)) and not any(ip(u.get("ip")) == ip(row[key]) for u in said):
            return f"no such {key}"
    return None


def check_tshark(capture, row):
    kind, name = row["kind"], row["name"]
    if kind == "dhcp":
        mac, host = name.split("|")[:2]
        return check_dhcp(capture, {"mac": mac, "name": host})
    if kind == "ssdp":
        return SKIP
    if kind == "http":
        ok = says_request(capture, row, name, row.get("uri"), row.get("method"))
        return None if ok else "no such request"
    return None if says_name(capture, row, kind, name) else "no such name between these ends"


def check_ndpi(capture, row):
    kind, name = row["kind"], row.get("name")
    if kind == "other:NetBIOS" and row.get("dport") == "138":
        said = [r["user"].get("name") for r in capture.of(row) if r["event"] == "lease"]
        return None if any(is_same_name(n, name) for n in said) else "no such station"
    if kind == "dhcp":
        said = [r["user"].get("name") for r in capture.all if r.get("app") == "dhcp"]
        return None if any(is_same_name(n, name) for n in said) else "no such name"
    if kind == "http" and row.get("url"):
        _, slash, path = re.sub("^[a-z]+://", "", row["url"]).partition("/")
        ok = says_request(capture, row, name, slash + path)
        return None if ok else "no such request"
    if kind not in APPS:
        return SKIP
    if name is None:
        return None if capture.of(row) else "no record has its ends"
    if not says_name(capture, row, kind, name):
        return "no such name between these ends"
    return None


def check_arkime(capture, row):
    for kind in ("dns", "tls", "quic"):
        for name in row.get(kind, ()):
            if not says_name(capture, row, kind, name):
                return f"{kind} name {name}"
    for name in row.get("http", ()):
        if name and not says_name(capture, row, "http", name):
            return f"http name {name}"
    for url in row.get("url", ()):
        if url == "*": # of OPTIONS: no URL of its own
            if not says_request(capture, row, method="OPTIONS"):
                return f"url {url}"
            continue
        host, slash, rest = url.partition("/")
        if not says_request(capture, row, host, slash + rest if slash else None):
            return f"url {url}"
    for mac, name in zip(row.get("dhcp_mac", ()), row.get("dhcp_host", ())):
        why = check_dhcp(capture, {"mac": mac, "name": name})
        if why:
            return why
    for tag in row.get("vlan", ()):
        if tag not in tags_of(capture, row):
            return f"tag {tag}"
    return None


SKIP = "skip"
CHECKS = {"truth_zeek_flows.jsonl": check_zeek, "truth_tshark_zeek_flows.jsonl": check_tshark,
          "truth_ndpi_flows.jsonl": check_ndpi, "truth_arkime_flows.jsonl": check_arkime}


def counted(row):
    """Packets and bytes of each end, if a row says them."""
    if "pkts" in row:
        return row["pkts"], row["bytes"]
    if row.get("kind") == "conn" and "orig_ip_bytes" in row and "src" in row and "l4" in row:
        return [[int(row[f"{side}_{what}"]) for side in ("orig", "resp")]
                for what in ("pkts", "ip_bytes")]
    return None


def load(corpora, folder, name):
    """Rows of a truth file; packets of rows with the same ends are added up, since programs part
    them differently.
    """
    rows, sums = [], {}
    for line in open(corpora / name, encoding="utf-8"):
        row = json.loads(line)
        row.setdefault("kind", "session")
        row["of"], row["pcaps"] = name, row.get("pcaps") or [row["pcap"]]
        row["pcaps"] = [f"{folder}/{p}" for p in row["pcaps"]]
        counts = counted(row)
        if counts:
            one = {"ip": row["src"], "port": row["sport"]}
            other = {"ip": row["dst"], "port": row["dport"]}
            key = (row.get("test"), row.get("file"), row["pcaps"][0],
                   Capture.ends(one, other, row["l4"]))
            first = sums.setdefault(key, dict(row, kind="packets", sums=[[0, 0], [0, 0]]))
            turned = (row["src"], row["sport"]) != (first["src"], first["sport"])
            first["sums"] = [[a + b for a, b in zip(total, more[::-1] if turned else more)]
                             for total, more in zip(first["sums"], counts)]
        rows.append(row)
    return rows + list(sums.values())


def judge(captures, row):
    """None: agrees; SKIP: says nothing that we could say; else why not."""
    why = SKIP
    for path in row["pcaps"]:
        if path not in captures:
            continue
        if row["kind"] == "packets":
            why = check_packets(captures[path], row, *row["sums"])
        elif row.get("kind") == "conn" and not row.get("src"):
            return SKIP
        else:
            why = CHECKS[row["of"]](captures[path], row)
        if why is None:
            return None
    return why


def read_all(nta, corpora, rows):
    paths = sorted({p for row in rows for p in row["pcaps"] if (corpora / p).is_file()})
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(paths, pool.map(lambda p: Capture(nta, corpora / p), paths)))


def text_of(row, why):
    ends = (
        f"{row.get('src', '')}:{row.get('sport', '')} {row.get('dst', '')}:{row.get('dport', '')}")
    said = row.get("name") or row.get("uri") or ""
    return f"{ends} {said}: {why} ({row.get('test', '')})"


HEADS = {"[elsewhere]": "elsewhere", "[listed]": "listed"}


def load_known(path):
    """Lines: source, kind, capture and a part of the complaint (* for any of it), a tab, the
    reason; heads among them.
    """
    known, head = [], None
    for line in open(path, encoding="utf-8"):
        if line.strip() in HEADS:
            head = HEADS[line.strip()]
        elif line.strip() and not line.startswith("#"):
            what, _, reason = line.rstrip("\n").partition("\t")
            if not reason or not head:
                raise SystemExit(f"{path}: no reason, or no head before: {line}")
            known.append([*what.split(None, 3), head, 0])
    return known


def known_head(known, row, why):
    """Under which head the row is listed, or "new"."""
    for entry in known:
        source, kind, capture, text = entry[:4]
        if source in ("*",
                      row["of"][len("truth_"):-len("_flows.jsonl")]) and kind in (
                          "*", row["kind"]) and \
                any(fnmatch.fnmatch(p, "*/" + capture) for p in row["pcaps"]) and \
                (text == "*" or text in text_of(row, why)):
            entry[-1] += 1
            return entry[-2]
    return "new"


def share(count):
    """Of the rows that say something about the capture."""
    n = count["agree"] + count["listed"] + count["new"]
    return count["agree"] / n if n else 1


def print_counts(counts):
    """By source and kind, then by source and in all.  Gives the sum."""
    sums = collections.defaultdict(collections.Counter)
    print(f"  {'':30} {'':15} agree  listed  new  elsewhere  silent   share")
    for (of, kind), count in sorted(counts.items()):
        sums[of] += count
        sums["all"] += count
        show(of, kind, count)
    for of, count in sums.items():
        if of != "all":
            show(of, "", count)
    show("all", "", sums["all"])
    return sums["all"]


def show(of, kind, c):
    print(
        f"  {of:30} {kind:15} {c['agree']:5}  {c['listed']:6}  {c['new']:3}  {c['elsewhere']:9}  "
        f"{c['silent']:6}  {share(c):.4f}")


def main():
    shared = os.environ.get("NTA_SHARED", "")
    corpora = pathlib.Path(shared) / "corpora"
    if not shared or not corpora.is_dir():
        print("skipped: NTA_SHARED does not name a folder with corpora")
        return 77
    args = sys.argv[1:]
    show_at_most = int(args[args.index("--show") + 1]) if "--show" in args else 20
    rows = [row for folder, name in SOURCES for row in load(corpora, folder, name)]
    rows = [r for r in rows if r.get("kind") != "packets" or r["pcaps"]]
    captures = read_all(args[0], corpora, rows)
    known = load_known(pathlib.Path(__file__).with_name("rows.known"))
    counts = collections.defaultdict(collections.Counter)
    shown = 0
    for row in rows:
        why = judge(captures, row)
        count = counts[row["of"], row["kind"]]
        verdict = "agree" if why is None else "silent" if why is SKIP else known_head(
            known, row, why)
        count[verdict] += 1
        if verdict == "new" and shown < show_at_most:
            shown += 1
            print(f"{row['of']} {row['kind']} {row['pcaps'][0]} {text_of(row, why)}")
    total = print_counts(counts)
    idle = [entry for entry in known if entry[-1] == 0]
    for entry in idle:
        print("known without need:", *entry[:4])
    return 1 if idle or total["new"] or share(total) < LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
