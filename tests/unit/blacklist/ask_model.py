#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask the matcher and the slow model (model.py) the same random questions: every answer must be the
same.

ask_model.py ASK_PROGRAM       small made-up lists in which everything overlaps with everything
ask_model.py ASK_PROGRAM small N    N times 2,000 questions over such lists
ask_model.py ASK_PROGRAM N     N questions over the lists in
$NTA_SHARED/lists/{domains,ipv4,cidr4,urls}.*, with signs, ranges and
                               exceptions drawn from them
"""
import glob, ipaddress, os, random, re, subprocess, sys, tempfile
from model import Model


def read(model, path, number, allow):
    name = os.path.basename(path).rsplit(".", 1)[0]
    meaning = path + ".meaning"  # line by line what is written in other formats
    with open(meaning if os.path.exists(meaning) else path, encoding="utf-8") as file:
        for line, text in enumerate(file, 1):
            text = text.strip()
            if text and not text.startswith("#"):
                for one in text.split(" & "):  # one line may give several
                    model.add(one, allow, number, line, name)


def compare(ask, deny, allow, questions):
    model = Model()
    for number, path in enumerate(deny + allow):
        read(model, path, number, path in allow)
    done = subprocess.run([ask, "-f", *deny, "+", *allow], input="\n".join(questions) + "\n",
                          encoding="utf-8",
                          stdout=subprocess.PIPE, check=True)
    wrong = hits = 0
    for question, answer in zip(questions, done.stdout.splitlines(), strict=True):
        expected = "?" if max(map(len,
                                  question.split("/")[0].split("."))) > 63 else model.ask(question)
        hits += answer != "-"
        if answer != expected:
            wrong += 1
            if wrong < 20:
                print(f"{question}: {answer}, the model says {expected}")
    print(f"{len(questions)} questions, {hits} denied, {wrong} answered wrongly")
    return wrong + (hits == 0 or hits == len(questions))


def write(folder, name, entries):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(entry + "\n" for entry in entries)
    return path


def written(rng, entry):
    """An entry in a format of others that means the same."""
    v4, pick = re.fullmatch(r"(\d+\.\d+\.\d+\.\d+)(?:/(\d+))?",
                            entry), lambda *forms: rng.choice([entry, *forms])
    name, dot = entry.removeprefix("=").removeprefix("*."), rng.choice(["", "."])
    if v4 and v4[2]:
        mask = ".".join(str(byte)
                        for byte in (0xFFFFFFFF << 32 - int(v4[2]) & 0xFFFFFFFF).to_bytes(4, "big"))
        return pick(f"{v4[1]}/{mask}", f"{v4[1]} {mask}", f"{entry}#c", f"{entry} ; SBL1",
                    f"alert ip any any -> [{entry}] any (sid:1;)")
    if v4:
        octets = [int(part) for part in entry.split(".")]
        return pick("0x%02x%02x%02x%02x" % tuple(octets), "%03d.%03d.%03d.%03d" % tuple(octets),
                    "%d.%d.%d" % (*octets[:2], octets[2] << 8 | octets[3] or 256),
                    f"0.0.0.0 {entry}#c", f"{entry}$network", f"||{entry}^", f"{entry} 5",
                    f"{entry},1,127",
                    f"32.{'.'.join(map(str, reversed(octets)))}.rpz-ip CNAME .",
                    f"alert ip any any -> {entry} any (sid:1;)")
    if re.fullmatch(r"[0-9.]+-[0-9.]+", entry):
        first, last = entry.split("-")
        return pick(f"{first} - {last} , 000 , x", f"A name, #1: with - signs:{entry}",
                    f"Spy:{first} - {last}")
    if "*" in name and "/" not in entry:  # behind rules for pages a plain one is not taken
        return rng.choice([f"||{entry}^", f"||{entry}|", f"address=/{entry}/0.0.0.0",
                           f"local=/{entry.upper()}/", f"||{entry}^$third-party"])
    if "/" in entry or ":" in entry or not re.fullmatch(r"[a-z0-9.-]+", name):
        return entry
    if entry[0] == "=":
        return pick(f"{name} CNAME .", f"{name} 60 IN CNAME garden.example.", f"{name} A 192.0.2.1",
                    f"{name} AAAA ::1", f'local-data: "{name} A 0.0.0.0"',
                    f'alert dns any any -> any any (dns.query; content:"{name}"; '
                    f'depth:{len(name)}; endswith; sid:1;)',
                    f'alert tls any any -> any any (tls.sni; content:"{name}"; bsize:{len(name)}; '
                    f'sid:1;)', f"http://{name}/", f"http://u@{name}:80")
    if entry[0] == "*":
        return pick(f"*.{name} CNAME .",
                    f'alert dns any any -> any any '
                    f'(dns.query; content:".{name}"; endswith; sid:1;)')
    return pick(f"0.0.0.0 {name}{dot}#c", f"||{name}^", f"||{name}^$third-party",
                f"address=/{name}/0.0.0.0", f"local=/{name}/",
                f'local-zone: "{name}{dot}" always_nxdomain',
                f'zone "{name}" {{ type master; }};',
                f'alert dns any any -> any any (dns.query; dotprefix; content:".{name}"; endswith; '
                f'sid:1;)', f".{name}", f'"{name}"', f"{name}#c")


def with_hole(rng, entry):
    """A network or range of IPv4 less one address or network in it, as Suricata writes it, and the
    ranges that are left.
    """
    first, last = (ipaddress.ip_network(entry, strict=False)[i] for i in (0, -1))
    at = ipaddress.ip_address(rng.randint(int(first), int(last)))
    hole = ipaddress.ip_network(f"{at}/{rng.choice([32, 32, 31, 30])}", strict=False)
    left = [(first, hole[0] - 1)] if hole[0] > first else []
    left += [(hole[-1] + 1, last)] if hole[-1] < last else []
    group = rng.choice([f"[{entry},!{hole}]", f"[!{hole}, {entry}]", f"[[{entry}],![{hole}]]"])
    return (f"alert ip any any -> {group} any (sid:1;)",
            " & ".join(f"{a}-{b}" for a, b in left)) if left else (entry, entry)


def take_back(rng, lists):
    """Some AdGuard rules are taken back by another line, in whatever list of the same kind; the
    lines that gave them mean nothing then.
    """
    rules = [text for kind in lists for text, _ in kind if re.fullmatch(r"\|\|[^$]+\^", text)]
    for rule in rng.sample(rules, min(len(rules), rng.randint(0, 2))):
        owner = next(kind for kind in lists if any(text == rule for text, _ in kind))
        same = lists[:2] if owner is not lists[2] else lists[2:]
        for kind in same:
            kind[:] = [(text, "" if text == rule else meaning) for text, meaning in kind]
        same[rng.randrange(len(same))].append((rule + "$badfilter", ""))


def small(ask, folder, seed):
    rng = random.Random(seed)
    word = lambda: rng.choice(["a", "b", "cc", "longer-label-than-eight"])
    name = lambda: ".".join([word() for _ in range(rng.randint(1, 4))]
                            + [rng.choice(["example", "test.example"])])
    def wild():
        """A name with one to three wildcards, each in place of some of its bytes or of none."""
        text = name()
        for _ in range(rng.randint(1, 3)):
            at = rng.randint(0, max(0, len(text) - 6))
            text = text[:at] + "*" + text[min(len(text) - 5, at + rng.randint(0, 4)):]
        text = re.sub(r"^\.|\*+", lambda m: m[0][:1].strip("."), re.sub(r"\.+", ".", text))
        return text if text[0] == "*" else rng.choice(["", "", "=", "*."]) + text

    v4 = lambda: f"192.0.{rng.randint(2, 3)}.{rng.randint(0, 40)}"
    v6 = lambda: rng.choice(["2001:db8::", "2001:db8::", "::", "::fffe:ffff:ff",
                             "::1:0:0:"]) + f"{rng.randint(0, 40):x}"
    addr = lambda: rng.choice([v4, v6])()
    short = lambda: f"::/{rng.randint(4, 79)}"
    net = lambda: rng.choice([short, lambda: f"{v4()}/{rng.randint(20, 32)}",
                              lambda: f"{v6()}/{rng.randint(100, 128)}"])()
    span = lambda: "192.0.%d.%d-192.0.%d.%d" % (2, rng.randint(0, 40), rng.randint(2, 3),
                                                rng.randint(40, 60))
    path = lambda: "/" + "".join(
        rng.choice(["a", "b", "/", "?", ".", "/../", "%61", "%2f", "%2E", "\"", "\u00fc", "\\"])
        for _ in range(rng.randint(1, 5)))
    url = lambda: rng.choice(["", "http://", "https://"]) + rng.choice([name, v4])() + path()
    port = lambda: f"{v4()}:{rng.choice([53, 80])}"
    entry = lambda: rng.choice([lambda: rng.choice(["", "=", "*."]) + name(), addr, net, span,
                                url, port, wild])()
    lists = []
    for _ in range(3):
        entries = [entry() for _ in range(rng.randint(1, 60))]
        lists.append([with_hole(rng, text) if re.fullmatch(r"192[0-9.]+/2.", text)
                      and rng.random() < 0.3 else (written(rng, text), text) for text in entries])
    take_back(rng, lists)
    for label, lines in zip(("one", "two", "good"), lists):
        write(folder, label + ".txt", (text for text, _ in lines))
        write(folder, label + ".txt.meaning", (meaning for _, meaning in lines))
    lists = [os.path.join(folder, label + ".txt") for label in ("one", "two", "good")]
    target = lambda: rng.choice([name,
                                 v4])() + path() + rng.choice(["", "a", "/b", "/./", "/..", "%62"])
    questions = [rng.choice([name, name, lambda: name().upper() + ".", addr, target, port])()
                 for _ in range(2000)]
    return compare(ask, lists[:2], lists[2:], questions)


def is_addr(text):
    return "." in text and text.replace(".", "").replace("/", "").isdigit()


def shift(rng, text):
    """An address near the one in a text."""
    octets = [int(part) for part in text.split("/")[0].split(".")]
    number = (int.from_bytes(octets) + rng.choice([0, 0, 1, -1, 255, 4096])) % 2**32
    return ".".join(map(str, number.to_bytes(4)))


def drawn(rng, known, n):
    """Entries of other kinds about the same names and addresses."""
    for text in rng.choices(known, k=n):
        if is_addr(text):
            base = shift(rng, text)
            near = f"{base}/{rng.randint(16, 31)}"
            yield rng.choice([base, base, base, near, near, near,
                              f"{base}-{base.rsplit('.', 1)[0]}.255"])
        elif "/" in text:
            yield text[: rng.randint(text.index("/") + 2,
                                     len(text))] if text.index("/") + 2 < len(text) else text
        else:
            yield rng.choice(["", "=",
                              "*."]) + rng.choice([text, text, text.split(".", 1)[1],
                                                   "www." + text])


def question(rng, text):
    if is_addr(text):
        return shift(rng, text)
    if "/" in text:
        text = re.sub(r":\d+/", "/", text, count=1)
        host = text.split("/")[0]
        return rng.choice([text, text + "x", text + "/x", text[:-1], host,
                           text if is_addr(host) else "www." + text])
    return rng.choice(["", "www.", "a.b.", "x",
                       "x-"]) + rng.choice([text, text, text.split(".", 1)[1], text + ".com"])


def real(ask, folder, lists, n):
    rng = random.Random(n)
    paths = sorted(
        sum((glob.glob(f"{lists}/{kind}.*") for kind in ("domains", "ipv4", "cidr4", "urls")), []))
    known = [text for path in paths for line in open(path, encoding="utf-8")
             if (text := line.strip()) and text[0] != "#"]
    kinds = [text for text in known if is_addr(text)], [text for text in known if "/" in text
                                                        and not is_addr(text)]
    known_and_rare = lambda: rng.choice(rng.choices([known, *kinds], [6, 2, 2])[0])
    sample = [known_and_rare() for _ in range(40000)]
    signs, good = (write(folder, name, drawn(rng, sample, m))
                   for name, m in (("signs.txt", 3000), ("good.txt", 3000)))
    return compare(ask, [*paths, signs], [good],
                   [question(rng, known_and_rare()) for _ in range(n)])


def main():
    lists = os.path.join(os.environ.get("NTA_SHARED", ""), "lists")
    if len(sys.argv) == 3 and not os.path.isdir(lists):
        print("skipped: NTA_SHARED names no folder of lists")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) == 3:
            wrong = real(sys.argv[1], folder, lists, int(sys.argv[2]))
        else:
            rounds = int(sys.argv[3]) if len(sys.argv) == 4 else 25
            wrong = sum(small(sys.argv[1], folder, seed) for seed in range(rounds))
    sys.exit(1 if wrong else 0)


main()
