# SPDX-License-Identifier: Apache-2.0
"""A whole store of format 2, checked and opened as docs/format.md says (sections 6 and 9), with
format2_reader.py.
"""
import format2_reader as form
from format_reader import is_signed, whole

COLUMNS = ("sensor", "number", "class", "day", "first_ns", "last_ns", "records", "bytes",
           "data_key", "marks")
NEXT, NOTES, INDEX = 1, 2, 4  # bits of `marks`


def marks_of(head):
    kinds = {note[0] for note in head["notes"]}
    return ((NEXT if head["next"] else 0) | (NOTES if kinds - {form.INDEX} else 0)
            | (INDEX if form.INDEX in kinds else 0))


class Chain:
    """What is known of one sensor's chain so far."""

    def __init__(self, identity, headers):
        self.timeline = form.Timeline(identity, headers)
        self.number, self.link, self.log = 0, form.NO_LINK, form.Log()
        self.gone = {}  # how many lack their contents, by class and day
        self.unproved = []  # headers that the key of their number did not sign


class Store2:
    def __init__(self, db, folder, sensors, auditor, wrong):
        """`sensors`: identities by id; `auditor`: the secret, or None; `wrong` is told what does
        not hold.
        """
        self.db, self.folder, self.auditor, self.wrong = db, folder, auditor, wrong
        self.keys, self.secrets = {}, {}
        self.n_indexes = 0
        for key_id, *columns, blob in db.execute(
            "SELECT id, sensor, class, day, wrapped FROM data_key"):
            try:
                key = form.read_data_key(blob)
                wrong([key["id"], key["sensor"], key["class"], key["day"]] == [key_id, *columns],
                      f"data key {key_id.hex()}: its row is another's")
                self.keys[key["id"]] = key
            except (ValueError, TypeError, IndexError) as error:
                wrong(False, f"data key {key_id!r}: {error}")
        self.heads, self.chains = {}, {}
        for *columns, header, signature in db.execute(
            f"SELECT {', '.join(COLUMNS)}, header, signature FROM head ORDER BY sensor, number"):
            row = dict(zip(COLUMNS, columns), header=header, signature=signature)
            try:
                row["fields"] = form.read_header(header)
                self.heads.setdefault(row["fields"]["sensor"], {})[row["fields"]["number"]] = row
            except Exception as error:
                wrong(False, f"batch {row['number']}: {type(error).__name__}: {error}")
        for sensor, rows in self.heads.items():
            wrong(sensor in sensors, f"sensor {sensor.hex()} is not trusted")
            if sensor in sensors:
                self.chains[sensor] = Chain(
                    sensors[sensor], {n: row["fields"] for n, row in rows.items()})

    def batches(self):
        """(header, its records as maps) of all that holds, in order of sensor and number."""
        for sensor, chain in self.chains.items():
            for number, row in sorted(self.heads[sensor].items()):
                try:
                    self.check_head(chain, row)
                    records = self.content(row)
                except Exception as error:
                    self.wrong(False, f"batch {number}: {type(error).__name__}: {error}")
                    continue
                yield row["fields"], records
            for number in sorted(self.heads[sensor]):
                self.check_indexes(sensor, number)
            for number in chain.unproved:
                self.wrong(False, f"batch {number}: nobody vouches for it")
            self.check_end(sensor, chain)
        for *_, number in self.orphans():
            self.wrong(False, f"content of batch {number} that no header names")

    def check_head(self, chain, row):
        """Sections 5 and 9: signature, place and columns; moves the chain on."""
        head, number, wrong = row["fields"], row["fields"]["number"], self.wrong
        name = f"batch {number}"
        content = self.parts(head) or (b"", b"")
        size = len(row["header"]) + len(row["signature"]) + sum(map(len, content))
        said = (head["sensor"], number, head["class"], form.day_of(head), head["first"],
                head["last"], head["records"], size if any(content) else row["bytes"],
                head["data_key"], marks_of(head))
        wrong(tuple(row[c] for c in COLUMNS) == said,
              f"{name}: columns are not those of the header")
        lost = next((n for n in head["notes"] if n[0] == form.LOST), None)
        if lost:
            wrong((lost[1], lost[2]) == (chain.number + 1, number - 1),
                  f"{name}: what it says is lost is not what is missing")
            chain.log.add_lost(number - 1 - chain.number)
        else:
            wrong(number == chain.number + 1, f"{name}: does not follow batch {chain.number}")
        wrong(head["previous"] == chain.link, f"{name}: its link is not that of the one before")
        wrong(chain.log.n != number - 1 or head["log"] == chain.log.root(),
              f"{name}: its log is not that of the batches before it")
        self.check_signature(chain, row)
        chain.number, chain.link = number, form.link_of(row["header"], row["signature"])
        chain.log.add(chain.link)

    def check_signature(self, chain, row):
        head, timeline, wrong = row["fields"], chain.timeline, self.wrong
        name = f"batch {head['number']}"
        if not is_signed(timeline.key_of(head["number"]), b"NTA batch header v2\0" + row["header"],
                         row["signature"]):
            chain.unproved.append(head["number"])
        for note in head["notes"]:
            wrong(note[0] != form.LOST or timeline.may_lose(note[1], head["number"]),
                  f"{name}: it says that what another key signed is lost")
        wrong(not timeline.is_revoked(head["number"]), f"{name}: its identity was revoked before")
        trouble = timeline.goes_on(head)
        wrong(not trouble, f"{name}: {trouble}")

    def parts(self, head):
        """Tokens and body, or None."""
        return self.db.execute(
            f"SELECT tokens, body FROM content_{head['class']} WHERE day = ? AND sensor = ? AND "
            f"number = ?", (form.day_of(head), head["sensor"], head["number"])).fetchone()

    def is_held(self, sensor, kind, day, before):
        """By the notes of headers before this number (section 5)."""
        holds = {}
        for number in sorted(n for n in self.heads[sensor] if n < before):
            for note in self.heads[sensor][number]["fields"]["notes"]:
                if note[0] == form.HOLD and note[5] == 1:
                    holds.setdefault(tuple(note[1:3]), []).append(range(note[3], note[4] + 1))
                elif note[0] == form.HOLD:
                    holds.pop(tuple(note[1:3]), None)
        return kind in (1, 4) and any(day in days for held in holds.values() for days in held)

    def n_deleted(self, sensor, kind, day, after):
        """How many contents of a class and day all notes name; 0: there is none behind `after`."""
        said = [(number, note[3]) for number, row in self.heads[sensor].items()
                for note in row["fields"]["notes"] if note[:3] == [form.DELETED, kind, day]
                and (note[4] > 2 or form.day_of(row["fields"]) > day)
                and not self.is_held(sensor, kind, day, number)]
        return sum(n for _, n in said) if any(number > after for number, _ in said) else 0

    def is_deleted(self, head):
        """Notes of later headers say so, and of no fewer."""
        sensor, kind, day = head["sensor"], head["class"], form.day_of(head)
        gone = self.chains[sensor].gone
        gone[kind, day] = gone.get((kind, day), 0) + 1
        return gone[kind, day] <= self.n_deleted(sensor, kind, day, head["number"])

    def content(self, row):
        """The records; none without the auditor's key, or where they were deleted."""
        head = row["fields"]
        name, parts = f"batch {head['number']}", self.parts(row["fields"])
        if not parts:
            self.wrong(self.is_deleted(head), f"{name}: its content is missing")
            return []
        tokens, body = parts
        self.wrong(
            form.sha256(tokens) == head["tokens"] and form.sha256(body) == head["body"],
            f"{name}: tokens or body are others")
        key = self.keys.get(head["data_key"])
        self.wrong(key, f"{name}: its data key is not there")
        if not key or not self.auditor:
            return []
        self.wrong((key["sensor"], key["class"], key["day"])
                   == (head["sensor"], head["class"], form.day_of(head)),
                   f"{name}: its data key is for another class or day")
        if key["id"] not in self.secrets:
            self.secrets[key["id"]] = form.open_data_key(key, self.auditor)
        secret = self.secrets[key["id"]]
        records = [whole(r) for r in form.open_body(row["header"], body, secret)]
        self.wrong((head["first"], head["last"]) == form.times(records),
                   f"{name}: times are not those of its records")
        self.wrong(tokens == form.tokens(secret, records),
                   f"{name}: tokens are not those of its records")
        return records

    def check_indexes(self, sensor, number):
        """Section 6: those that this header notes, made again where their batches are whole."""
        for note in self.heads[sensor][number]["fields"]["notes"]:
            if note[0] != form.INDEX:
                continue
            parts = dict(self.db.execute(
                f"SELECT part, bytes FROM index_{note[1]} WHERE day = ? AND sensor = ? AND "
                f"number = ?", (note[2], sensor, number)))
            if 0 not in parts:
                continue
            name, index = f"index of batch {number}", form.read_index(parts[0])
            self.wrong(form.sha256(parts[0]) == note[3], f"{name}: it is not the one noted")
            self.wrong((index["class"], index["day"]) == tuple(note[1:3]),
                       f"{name}: it is of another class or day")
            self.n_indexes += 1
            heads = [self.heads[sensor].get(n) for n, _ in index["batches"]]
            self.wrong(all(row and form.link_of(row["header"], row["signature"]) == link
                           and row["fields"]["data_key"] == index["data_key"]
                           for row, (_, link) in zip(heads, index["batches"])),
                       f"{name}: it names other batches")
            contents = [self.parts(row["fields"]) for row in heads if row]
            if not all(contents):
                continue
            pages = form.index_pages([tokens for tokens, _ in contents])
            self.wrong([(page[:4], form.sha256(page)) for page in pages] == index["pages"]
                       and [parts.get(i + 1) for i in range(len(pages))] == pages,
                       f"{name}: it is not that of its batches")

    def orphans(self):
        for kind in range(1, 5):
            yield from self.db.execute(
                f"SELECT day, sensor, number FROM content_{kind} AS c WHERE NOT EXISTS (SELECT 1 "
                f"FROM head WHERE head.sensor = c.sensor AND head.number = c.number AND head.day = "
                f"c.day AND head.class = {kind})")

    def check_end(self, sensor, chain):
        """The chain's row, and what the sensor remembers beside the store."""
        row = self.db.execute("SELECT number, link, frontier FROM chain WHERE sensor = ?",
                              (sensor,)).fetchone()
        before = form.Log()
        rows = self.heads[sensor]
        for number in range(1, chain.number):
            before.add(form.link_of(rows[number]["header"], rows[number]["signature"])
                       if number in rows else form.NO_LINK)
        self.wrong(row == (chain.number, chain.link, before.frontier()),
                   f"sensor {sensor.hex()}: the chain's row names another head")
        path = self.folder / "journal.state"
        if path.exists() and chain.timeline.checkpoint_key:
            try:
                self.check_state(path.read_text(), chain, sensor)
            except (ValueError, KeyError, IndexError) as error:
                self.wrong(False, f"journal.state: {error}")

    def check_state(self, text, chain, sensor):
        of, n, root, extra = form.read_checkpoint(text, chain.timeline.checkpoint_key)
        lines = dict(line.split(" ", 1) for line in extra)
        log = form.Log(n - 1, bytes.fromhex(lines["frontier"]))
        log.add(bytes.fromhex(lines["link"]))
        self.wrong(of == sensor and log.root() == root,
                   "journal.state: its hash is not that of frontier and link")
        row = self.heads[sensor].get(n)
        self.wrong(row and form.link_of(row["header"], row["signature"]).hex() == lines["link"],
                   "journal.state: its link is not in the chain")
        self.wrong(list(lines) == ["link", "signing", "frontier", "acknowledged", "kept"],
                   f"journal.state: its lines are {list(lines)}")
