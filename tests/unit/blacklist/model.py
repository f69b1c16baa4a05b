# SPDX-License-Identifier: Apache-2.0
"""What lists mean, said as plainly and slowly as can be; it shares nothing with lib/blacklist
but the rules.
"""
import ipaddress, re


def normal(name):
    return n if (n := name.lower().removesuffix(".")).isascii() else n.encode("idna").decode()


def escaped(text, unsafe):
    """Escapes of letters and the like are taken out, other ones in capitals, what clients escape
    is escaped.
    """
    text = re.sub("%([0-9A-Fa-f]{2})",
                  lambda m: chr(int(m[1], 16)) if re.match(r"[A-Za-z0-9._~-]", chr(int(m[1], 16)))
                  else m[0].upper(), text)
    return "".join(c if "!" <= c <= "~" and c not in unsafe
                   else "".join(f"%{byte:02X}" for byte in c.encode()) for c in text)


def target(text):
    """Path and query as clients send them (URL Standard): no dot segments, one spelling of each
    byte; and no empty segments, which servers pass over.
    """
    path, mark, query = text.partition("?")
    kept, parts = [], escaped(path, '"<>^`{}').replace("\\", "/").split("/")[1:]
    for number, part in enumerate(parts, 1):
        kept = kept[:-1] if part == ".." else kept if part in ("", ".") else [*kept, part]
        kept += [""] if part in ("", ".", "..") and number == len(parts) else []
    return "/" + "/".join(kept) + mark + escaped(query, "\"<>'")


class Model:
    """Every entry under what it names: of the most specific ones an allowing one decides, then
    the first line.
    """

    def __init__(self):
        self.names, self.nets, self.lengths, self.ranges, self.paths = {}, {}, set(), [], {}
        self.patterns, self.ports = [], {}

    def add(self, text, allow, n_list, line, name):
        said = lambda entry: (not allow, n_list, line, f"{entry} {line} {name}")
        if port := re.fullmatch(r"([0-9.]+|\[[0-9a-f:]+\]):([0-9]+)", text):
            key = ipaddress.ip_address(port[1].strip("[]")), int(port[2])
            return self.ports.setdefault(key, []).append(said(text))
        if "*" in text.removeprefix("*.") and "/" not in text:
            letters = len(re.sub("[*=]", "", text))
            return self.patterns.append((self.looks(text), letters, said(text)))
        start = text.find("://") + 3 if "://" in text[:19] else 0
        host, slash, path = text[start:].partition("#")[0].partition("/")
        path = target("/" + path)[1:] if slash else ""
        if (slash or start) and not path:  # all of a host
            text = host.partition(":")[0]
        if text[0].isdigit() or ":" in host:
            try:
                ends = [ipaddress.ip_address(end) for end in text.split("-")] if "-" in text else []
                if not ends and ":" in host and (cut
                                                 := self.around_v4(
                                                     ipaddress.ip_network(text, strict=False))):
                    return [self.add(f"{a}-{b}", allow, n_list, line, name) for a, b in cut]
                net, *more = ipaddress.summarize_address_range(*ends) if ends else [
                    ipaddress.ip_network(text, strict=False)]
                if more:
                    return self.ranges.append((int(ends[1]) - int(ends[0]), *ends, said(text)))
                self.lengths.add((net.version, net.prefixlen))
                key = net.version, net.prefixlen, int(net.network_address) >> (
                    net.max_prefixlen - net.prefixlen)
                return self.nets.setdefault(key,
                                            []).append(
                                                said(
                                                    str(net).removesuffix(f"/{net.max_prefixlen}")))
            except (ValueError, TypeError):
                host = host.partition(":")[0]  # of a URL
        if path:
            return self.paths.setdefault(normal(host),
                                         []).append(("/" + path, said(normal(host) + "/" + path)))
        sign = "=" if slash or start or text[0] == "=" else "*." if text[:2] == "*." else ""
        host = normal(host.removeprefix(sign))
        self.names.setdefault(host, []).append(said(sign + host))

    @staticmethod
    def around_v4(net):
        """Parts of a network of IPv6 that holds ::ffff:0:0/96, before and behind it."""
        before, behind = (ipaddress.ip_address(text) for text in ("::fffe:ffff:ffff", "::1:0:0:0"))
        return net.prefixlen < 96 and before in net and [(net[0], before), (behind, net[-1])]

    @staticmethod
    def looks(pattern):
        """A pattern as an expression over whole names: without a sign, names below it too."""
        below = "" if pattern[0] in "=*" else r"(.*\.)?"
        return re.compile(below + re.escape(pattern.removeprefix("=")).replace(r"\*", ".*"))

    def ask_port(self, addr, port):
        """An entry with the port, or an exception for exactly the address; else as without one."""
        key = addr.version, addr.max_prefixlen, int(addr)
        found = self.ports.get((addr, port), [])
        found = found and found + [e for e in self.nets.get(key, ()) if not e[0]]
        return self.ask(str(addr)) if not found else min(found)[3] if min(found)[0] else "-"

    def ask(self, question):
        host, slash, path = question.partition("/")
        if not slash and (port := re.fullmatch(r"([0-9.]+|\[[0-9a-f:]+\]):([0-9]+)", host)):
            return self.ask_port(ipaddress.ip_address(port[1].strip("[]")), int(port[2]))
        if slash:
            path = target("/" + path)[1:]
            cuts_word = lambda p: p[-1].isalnum() and (path + "/")[len(p) - 1].isalnum()
            found = [(-len(p), e) for p, e in self.paths.get(normal(host), ())
                     if ("/" + path).startswith(p) and not cuts_word(p)]
        elif host[0].isdigit() and host[-1].isdigit() or ":" in host:
            addr, size = ipaddress.ip_address(host), ipaddress.ip_address(host).max_prefixlen
            keys = [(v, bits, int(addr) >> (size - bits)) for v, bits in self.lengths
                    if v == addr.version]
            found = [(2 ** (size - key[1]) - 1, e) for key in keys for e in self.nets.get(key, ())]
            found += [(n, e) for n, first, last, e in self.ranges if first.version == addr.version
                      and first <= addr <= last]
        else:
            labels = normal(host).split(".")
            above = [(i, self.names.get(".".join(labels[i:]), ())) for i in range(len(labels))]
            found = [(-len(".".join(labels[i:])), e) for i, entries in above for e in entries
                     if not e[3].startswith("=" if i else "*.")]
            found += [(-letters, e) for looks, letters, e in self.patterns
                      if looks.fullmatch(".".join(labels))]
        return min(found)[1][3] if found and min(found)[1][0] else "-"
