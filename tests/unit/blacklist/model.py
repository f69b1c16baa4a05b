#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ask the matcher and a slow model the same random questions: model.py ASK_PROGRAM [N].

Always over small made-up lists; with NTA_SHARED set, N questions over the real lists there.
"""
import glob, ipaddress, os, random, subprocess, sys, tempfile


def normal(name):
    name = name.lower().rstrip(".")
    return name if name.isascii() else name.encode("idna").decode()


class Model:
    """Dictionaries of plain entries; the most specific decides, a tie allows, then the first line."""

    def __init__(self):
        self.names, self.nets = {}, {}

    def add(self, text, allow, where):
        try:
            net = ipaddress.ip_network(text, strict=False)
            key = (net.version, int(net.network_address) >> (net.max_prefixlen - net.prefixlen), net.prefixlen)
            self.nets.setdefault(key, []).append((not allow, where, str(net)))
            return
        except ValueError:
            pass
        sign = "=" if text[0] == "=" else "*." if text[:2] == "*." else ""
        name = normal(text[len(sign):])
        self.names.setdefault(name, []).append((not allow, where, sign + name))

    @staticmethod
    def best(entries):
        deny, where, entry = min(entries)
        return f"{entry} {where[1]} {where[2]}" if deny else "-"

    def ask(self, question):
        try:
            addr = ipaddress.ip_address(question)
        except ValueError:
            labels = normal(question).split(".")
            if max(map(len, labels)) > 63:
                return "?"
            for i in range(len(labels)):
                name = ".".join(labels[i:])
                found = [e for e in self.names.get(name, ()) if not e[2].startswith("*." if i == 0 else "=")]
                if found:
                    return self.best(found)
            return "-"
        for length in range(addr.max_prefixlen, -1, -1):
            found = self.nets.get((addr.version, int(addr) >> (addr.max_prefixlen - length), length))
            if found:
                return self.best([(d, w, e.split("/")[0] if length == addr.max_prefixlen else e) for d, w, e in found])
        return "-"


def compare(ask, deny, allow, questions):
    model = Model()
    for number, path in enumerate(deny + allow):
        name = os.path.basename(path).rsplit(".", 1)[0]
        with open(path, encoding="utf-8") as file:
            for line, text in enumerate(file, 1):
                if text.strip() and not text.startswith("#"):
                    model.add(text.strip(), path in allow, (number, line, name))
    done = subprocess.run([ask, "-f", *deny, "+", *allow], input="\n".join(questions) + "\n", encoding="utf-8",
                          stdout=subprocess.PIPE, check=True)
    wrong = hits = 0
    for question, answer in zip(questions, done.stdout.splitlines(), strict=True):
        expected = model.ask(question)
        hits += answer != "-"
        if answer != expected:
            wrong += 1
            print(f"{question}: {answer}, the model says {expected}")
    print(f"{len(questions)} questions, {hits} denied, {wrong} answered wrongly")
    return wrong


def small(ask, folder, seed):
    """Few labels and few addresses, so that everything overlaps with everything."""
    rng = random.Random(seed)
    word = lambda: rng.choice(["a", "b", "cc", "longer-label-than-eight"])
    name = lambda: ".".join([word() for _ in range(rng.randint(1, 4))] + [rng.choice(["example", "test.example"])])
    v4 = lambda: f"192.0.{rng.randint(2, 3)}.{rng.randint(0, 40)}"
    v6 = lambda: f"2001:db8::{rng.randint(0, 40):x}"
    addr = lambda: rng.choice([v4, v6])()
    net = lambda: rng.choice([lambda: f"{v4()}/{rng.randint(20, 32)}", lambda: f"{v6()}/{rng.randint(100, 128)}"])()
    entry = lambda: rng.choice([lambda: rng.choice(["", "=", "*."]) + name(), addr, net])()
    paths = []
    for label in ("one", "two", "good"):
        paths.append(os.path.join(folder, label + ".txt"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.writelines(entry() + "\n" for _ in range(rng.randint(1, 60)))
    questions = [rng.choice([name, name, lambda: name().upper() + ".", addr])() for _ in range(2000)]
    return compare(ask, paths[:2], paths[2:], questions)


def real(ask, folder, shared, n):
    """The real lists, and an allow list drawn from them."""
    rng = random.Random(n)
    paths = sorted(sum((glob.glob(f"{shared}/lists/{kind}.*") for kind in ("domains", "ipv4", "cidr4")), []))
    known = [line.strip() for path in paths for line in open(path, encoding="utf-8")]
    allow = os.path.join(folder, "good.txt")
    with open(allow, "w", encoding="utf-8") as file:
        file.writelines(text + "\n" for text in rng.sample(known, 2000))

    def question():
        text = rng.choice(known)
        if "/" in text or text.replace(".", "").isdigit():
            base = int(ipaddress.ip_address(text.split("/")[0]))
            return str(ipaddress.ip_address((base + rng.choice([0, 0, 1, -1, 255, 4096])) % 2**32))
        return rng.choice(["", "www.", "a.b.", "x", "x-"]) + rng.choice([text, text, text.split(".", 1)[1], text + ".com"])

    return compare(ask, paths, [allow], [question() for _ in range(n)])


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(25):
            wrong += small(sys.argv[1], folder, seed)
        if os.environ.get("NTA_SHARED"):
            wrong += real(sys.argv[1], folder, os.environ["NTA_SHARED"], int(sys.argv[2]) if len(sys.argv) > 2 else 1000000)
    sys.exit(1 if wrong else 0)


main()
