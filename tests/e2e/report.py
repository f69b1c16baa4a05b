#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta report in a real browser: what it shows, that it fetches nothing, and that no name in it
runs.

usage: report.py NTA MAKE_STORE [FOLDER_FOR_PICTURES]

Incidents are counted a second time here, from `nta incidents --json`.
"""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402
from chrome import Chrome  # noqa: E402

LIBS = pathlib.Path("/usr/share/javascript/leaflet")
NTA, MAKE_STORE = sys.argv[1:3]
PICTURES = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True)


def incidents_of(store):
    """As the terminal has them, by id."""
    lines = run("incidents", "--store", store, "--json").stdout.splitlines()
    return {one["id"]: one for one in map(json.loads, lines)}


def forbidden_by(one):
    return {entry["list"] for entry in one["lists"]}


def rows(page):
    """Cells of the rows that are drawn."""
    return page.js(
        "[...document.querySelectorAll('#body tr.row')].map(r => [...r.cells].map(c => "
        "c.textContent))")


def shown_count(page):
    return int(page.js("document.getElementById('count').textContent").split()[0].replace(",", ""))


def check_hostile(page, work):
    store, file = work / "hostile", work / "hostile.html"
    subprocess.run([MAKE_STORE, store, "1200", "hostile"], check=True)
    made = run("report", "--store", store, "-o", file, "-t",
               "</title><script>document.title='owned'</script>")
    ok("a report is made of hostile names", made.returncode == 0 and file.stat().st_size > 100000,
       made.stderr)
    text = file.read_text(encoding="utf-8")
    ok("it is for its owner only", file.stat().st_mode & 0o077 == 0)
    ok("no control character but line ends is in it",
       not any(ord(c) < 32 and c not in "\n\r\t" for c in text))
    page.open(f"file://{file}", 1)
    ok("as many scripts as were put in", page.js("document.scripts.length") == 13,
       page.js("document.scripts.length"))
    ok("no element came out of a name",
       page.js("document.querySelectorAll('main img, main script, main iframe, main b b').length")
       == 0)
    ok("the title is text",
       page.js("document.title") == "</title><script>document.title='owned'</script>",
       page.js("document.title"))
    cells = " ".join(sum(rows(page),
                         [])) + page.js("document.getElementById('top-cards').textContent")
    ok("names are shown as they are",
       "<script>document.title='owned'</script>" in cells and "onerror=alert(1)" in cells)
    for what in "nul", "xe2", "x1b":
        page.js(f"nta.incidents.set({{text: '{what}'}})")
        cells += " ".join(sum(rows(page), []))
    page.js("nta.incidents.set({text: ''})")
    ok("what could steer the page is shown escaped",
       "nul\\x00byte.example" in cells and "\\xe2\\x80\\xae" in cells and "\\x1b[31m" in cells)
    wanted = incidents_of(store)
    ok("all incidents, as counted by hand", shown_count(page) == len(wanted),
       f"{shown_count(page)}, not {len(wanted)}")
    page.js("nta.incidents.set({text: 'onerror'})")
    page.click("#body .open")
    ok("the detail of a hostile name is text",
       "onerror" in page.js("document.getElementById('detail').textContent")
       and page.js("document.querySelectorAll('#detail img').length") == 0)
    page.key("Escape")
    ok("not one request", page.requests == [], page.requests)
    ok("nothing on the console", page.messages == [], page.messages)
    # an inline script that a mistake might let through is stopped by the page's policy; this writes
    # to the console
    page.js(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: "
        "'window.ran = 1'}))")
    ok("a script that is not the page's own does not run", page.js("window.ran") is None)
    page.js("new Image().src = 'https://192.0.2.1/x.png'; 0")
    page.wait(0.3)
    ok("a picture from elsewhere is refused by the policy",
       any("Content Security Policy" in m for m in page.messages), page.messages)
    page.requests.clear()
    page.messages.clear()


def check_answer(page, store, wanted):
    """A sentence first, then incidents, then the map, where nothing covers an incident."""
    said = page.js("document.getElementById('said').textContent")
    known = [one for one in wanted.values() if one["grade"] != "weak"]
    moved = [one for one in known if one["act"] == "downloaded"]
    users = {one["user"].get("login") or one["user"].get("device") or one["user"]["ip"]
             for one in moved}
    ok("the sentence counts who downloaded what from where", said.startswith(
        f"{len(users)} users downloaded {sum(one['n_files'] for one in moved):,} files from "
        f"{len({one['site'] for one in moved}):,} forbidden sites between "), said)
    ok("and how many are hints only",
       f"{len(wanted) - len(known):,} more incidents are hints only" in said, said)
    tops = page.js("['said', 'incidents', 'map-part', 'when', 'tops'].map("
                   "id => document.getElementById(id).getBoundingClientRect().top)")
    ok("the answer is first, then incidents, map, time", tops == sorted(tops), tops)
    ok("incidents can be seen without scrolling", page.js(
        "document.querySelector('#body tr.row').getBoundingClientRect().bottom < innerHeight"))
    page.js("document.getElementById('map-part').scrollIntoView()")
    page.wait(0.5)
    ok("each mark of incidents can be seen whole, and nothing lies over it", page.js(
        "(() => { const box = document.getElementById('map').getBoundingClientRect();"
        "const marks = [...document.querySelectorAll('.spot:not(.plain)')];"
        "return marks.length > 5 && marks.every(m => { const r = m.getBoundingClientRect();"
        "const at = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);"
        "return r.left >= box.left && r.right <= box.right && r.top >= box.top && "
        "r.bottom <= box.bottom && (at === m || m.contains(at) || at.contains(m) || "
        "at.closest('.leaflet-marker-icon')?.querySelector('.spot:not(.plain)')); }); })()"))
    ok("other traffic is not drawn until somebody asks",
       page.js("document.querySelectorAll('.spot.plain').length") == 0)
    page.js("nta.incidents.set({text: 'singapore'})")
    page.click("#layer-all")
    page.wait(0.3)
    ok("then it is, in the places of none that is shown",
       page.js("document.querySelectorAll('.spot.plain').length") > 5)
    page.click("#layer-all")
    page.click("#f-reset")
    page.js("document.querySelector('.leaflet-control-zoom-in').click()")
    page.js("document.querySelector('.leaflet-control-zoom-in').click()")
    page.wait(0.5)
    ok("countries and towns have names", page.js(
        "document.querySelectorAll('.name.country').length") > 0)
    page.click("#map-whole")
    page.wait(0.3)
    page.js("scrollTo(0, 0)")
    page.call("Performance.enable", timeDomain="threadTicks")  # not what others take meanwhile
    took = []
    for text in "s", "si", "sin", "sing", "":
        before = page.processor_ms()
        page.js("{ const field = document.getElementById('f-text'); field.value = '%s';"
                "field.dispatchEvent(new Event('input', {bubbles: true})); }" % text)
        took.append(page.processor_ms() - before)
    ok("a key in the search field answers in less than 50 ms", min(took) < 50, took)


def check_use(page, work):
    store, file = work / "plain", work / "plain.html"
    subprocess.run([MAKE_STORE, store, "6000", "plain"], check=True)
    run("report", "--store", store, "-o", file, "-t", "Campus")
    page.open(f"file://{file}", 1)
    page.key("Tab")
    ok("the first stop of Tab is the skip link",
       page.js("document.activeElement.className") == "skip")
    wanted = incidents_of(store)
    check_answer(page, store, wanted)
    ok("the figures",
       page.js("document.querySelector('#figures dd').textContent") == f"{len(wanted):,}")
    downloads = sum(one["act"] == "downloaded" and one["grade"] != "weak"
                    for one in wanted.values())
    ok("downloads among them, without hints",
       page.js("document.querySelectorAll('#figures dd')[1].textContent") == f"{downloads:,}")
    ok("and files",
       page.js("document.querySelectorAll('#figures dd')[2].textContent")
       == f"{sum(one['n_files'] for one in wanted.values()):,}")
    ok("of many rows, those in sight are drawn",
       5 < len(rows(page)) < 60
       and page.js("document.getElementById('table').ariaRowCount") == str(len(wanted) + 1))
    page.js(
        "{ const s = document.getElementById('f-list'); s.value = 'phishing'; s.dispatchEvent(new "
        "Event('input', {bubbles: true})); }")
    ok("a list chosen leaves its incidents",
       shown_count(page) == sum("phishing" in forbidden_by(one) for one in wanted.values()))
    page.click("#f-download")
    ok("downloads only",
       shown_count(page) == sum("phishing" in forbidden_by(one) and one["act"] == "downloaded"
                                for one in wanted.values()))
    page.click("#f-reset")
    ok("reset shows all", shown_count(page) == len(wanted))
    page.click("#f-text")
    page.type("singapore example-video")
    page.wait(0.3)
    cells = rows(page)
    ok("search finds in all columns",
       cells and all("Singapore" in r[5] and "example-video" in r[2] for r in cells), cells[:2])
    check_address(page, file)
    page.click("#f-reset")
    check_sort(page)
    check_keys(page)
    check_elsewhere(page)
    check_axe(page)
    check_forms(page, work, len(wanted))
    check_languages(page, work, len(wanted))


def check_address(page, file):
    """Filters are in the address, and numbers, map and CSV follow them."""
    page.wait(0.5)
    shown, figures = rows(page), page.js("document.querySelector('#figures').textContent")
    address = page.js("location.href")
    ok("filters are in the address", "#?text=singapore+example-video" in address, address)
    ok("the figures follow them", page.js("document.querySelector('#figures dd').textContent")
       == f"{shown_count(page):,}", figures)
    csv_rows = list(csv.DictReader(io.StringIO(page.js(
        "nta.csv(JSON.parse(document.getElementById('data').textContent).incidents.rows.slice(0, 0)"
        ".concat(nta.incidents.shown()))"))))
    ok("and the CSV", len(csv_rows) == shown_count(page)
       and all("Singapore" in row["where"] for row in csv_rows), csv_rows[:1])
    page.open("about:blank")
    page.open(address, 1)
    ok("who opens that address sees the same", rows(page) == shown and page.js(
        "document.getElementById('f-text').value") == "singapore example-video")
    page.js("document.querySelector(\"nav a[href='#map-part']\").click()")
    ok("going to a part of the page leaves them there", page.js("location.href") == address)
    page.open("about:blank")
    page.open(f"{address.split('#')[0]}#?grade=nonsense&from=never&user=nobody&x=<b>", 1)
    ok("an address of somebody else's breaks nothing", shown_count(page) == 0
       and page.messages == [], page.messages)
    page.open("about:blank")
    page.open(f"file://{file}", 1)


def check_sort(page):
    units = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    page.click("th.c-bytes button")
    texts = [c[4].replace("sent", "").split() for c in rows(page) if c[4]]
    sizes = [float(number) * units[unit] for number, unit in texts]
    ok("sorted by bytes, the most first", sizes == sorted(sizes, reverse=True) and sizes[0] > 2**21,
       sizes[:4])
    ok("the head says how",
       page.js("document.querySelector('th.c-bytes').ariaSort") == "descending")
    page.click("th.c-who button")
    users = [c[1].lower() for c in rows(page)]
    ok("sorted by user",
       users == sorted(users)
       and page.js("document.querySelector('th.c-who').ariaSort") == "ascending")
    page.click("th.c-who button")
    users = [c[1].lower() for c in rows(page)]
    ok("and the other way round", users == sorted(users, reverse=True))


def check_keys(page):
    page.js("document.getElementById('rows').focus()")
    page.key("ArrowUp")
    page.key("ArrowDown")
    page.key("ArrowDown")
    ok("arrow keys move between rows",
       page.js("document.activeElement.closest('tr').dataset.i") == "2")
    page.key("End")
    page.wait(0.2)
    ok("End goes to the last",
       page.js("document.activeElement.closest('tr').dataset.i") == str(shown_count(page) - 1))
    page.key("Enter")
    page.wait(0.2)
    ok("Enter opens the detail", page.js("document.getElementById('detail').open")
       and "Chain" in page.js("document.getElementById('detail').textContent"))
    ok("which says that the chain holds",
       "verified" in page.js("document.getElementById('detail').textContent"))
    page.key("Escape")
    ok("Escape closes it", not page.js("document.getElementById('detail').open"))


def check_elsewhere(page):
    """Map, timeline and tables filter, too."""
    n = shown_count(page)
    page.js(
        "[...document.querySelectorAll('#timeline .hit')].find(h => !/^0 "
        "alerts/m.test(h.textContent)).dispatchEvent(new MouseEvent('click'))")
    ok("a bar of the timeline narrows to its time", 0 < shown_count(page) < n)
    page.click("#chips button")
    ok("and its chip takes that off", shown_count(page) == n)
    ok("countries known only are areas, with a label",
       page.js("document.querySelectorAll('path.area').length") >= 3
       and "Russia" in page.js("document.querySelector('.leaflet-tooltip-pane').textContent"))
    ok("lines go to the users' places",
       page.js("document.querySelectorAll('path.arc').length") >= 10)
    page.js("document.querySelector('.spot:not(.cluster)').parentElement.click()")
    page.wait(0.3)
    links = page.js("[...document.querySelectorAll('.leaflet-popup a[target]')].map(a => a.href)")
    ok("a place links to public maps by its coordinates",
       len(links) == 2 and "openstreetmap.org/?mlat=" in links[0] and "google.com/maps" in links[1],
       links)
    page.js("document.querySelector('.leaflet-popup button')?.click()")
    page.wait(0.3)
    ok("and shows its incidents",
       0 < shown_count(page) < n and len({row[5] for row in rows(page)}) == 1)
    page.click("#f-reset")


def check_axe(page):
    """Where NTA_AXE names axe.min.js (npm package axe-core): what it finds, in light and dark."""
    if not os.environ.get("NTA_AXE"):
        print("skipped: axe-core, as NTA_AXE does not name axe.min.js")
        return
    page.call("Runtime.evaluate", expression=pathlib.Path(os.environ["NTA_AXE"]).read_text())
    for dark in False, True:
        page.dark(dark)
        told = page.call("Runtime.evaluate", awaitPromise=True, returnByValue=True, expression=
                         "axe.run({resultTypes: ['violations']}).then(r => r.violations.map("
                         "v => [v.impact, v.id, v.nodes[0].target.join(' ')]))")
        found = told["result"]["value"]
        ok(f"axe-core has nothing to say ({'dark' if dark else 'light'})", found == [], found)
    page.dark(False)


def check_forms(page, work, n):
    """Paper, phone, dark."""
    page.pdf(work / "out.pdf")
    text = subprocess.run(["pdftotext", "-layout", work / "out.pdf", "-"], capture_output=True,
                          text=True).stdout
    ok("the PDF has title, figures and rows",
       "Campus" in text and f"{n:,}" in text and text.count("2026-10-") > 150, text[:300])
    ok("and numbers of pages", "1 / " in text, text[:300])
    for width in 320, 390, 768, 1360:
        page.resize(width, 900, width < 500)
        page.wait(0.3)
        ok(f"no sideways scrolling at {width}",
           page.js("document.documentElement.scrollWidth") <= width)
        ok(f"names of users have space at {width}", page.js(
            "Math.min(...[...document.querySelectorAll('.cards td:first-child')]"
            ".map((cell) => cell.clientWidth))") >= 80)
        ok(f"times stand beside each other at {width}", page.js(
            "[...document.querySelectorAll('.axis span')]"
            ".filter((one) => one.style.top === '146px').every("
            "(one, i, all) => !i || all[i - 1].getBoundingClientRect().right"
            " <= one.getBoundingClientRect().left)"))
        ok(f"what was found is on the map at {width}, whatever it was before", page.js(
            "[...document.querySelectorAll('#map .leaflet-marker-icon .spot,"
            " #map .leaflet-marker-icon .mark')].every((one) => {"
            " const a = one.getBoundingClientRect(), b = document.getElementById('map')"
            ".getBoundingClientRect(); return a.left >= b.left && a.right <= b.right; })"))
        if PICTURES:
            page.screenshot(PICTURES / f"report-{width}.png")
    ink = "getComputedStyle(document.body).color"
    page.dark(False)
    light = page.js(ink)
    page.dark()
    page.wait(0.2)
    ok("dark by the system's wish", page.js(ink) != light)
    page.click("#theme")
    ok("light by the switch", page.js(ink) == light)
    page.dark(False)
    ok("not one request", page.requests == [], page.requests)
    ok("nothing on the console", page.messages == [], page.messages)


# of each language: what the sentence of none begins with, how numbers are written, a country
LANGUAGES = {"en": (" users downloaded ", ",", "Germany"),
             "de": (" Benutzer haben zwischen ", ".", "Deutschland"),
             "fr": (" utilisateurs ont téléchargé ", "\u202f", "Allemagne"),
             "nl": (" gebruikers hebben tussen ", ".", "Duitsland")}


def choose(page, code):
    page.js("{ const s = document.getElementById('lang'); s.value = '%s';"
            "s.dispatchEvent(new Event('change', {bubbles: true})); }" % code)
    page.wait(0.3)


def check_languages(page, work, n):
    """In each language all of it, by the option, by the terminal, by the reader's choice."""
    store, file = work / "plain", work / "lang.html"
    for env, args, code in (({"LANG": "de_DE.UTF-8"}, [], "de"), ({"LANG": "de_DE.UTF-8"},
                            ["--lang", "nl"], "nl"), ({"LC_ALL": "C", "LANG": "de"}, [], "en")):
        subprocess.run([NTA, "report", "--store", store, "-o", file, *args], capture_output=True,
                       env={"PATH": os.environ["PATH"], **env})
        page.open(f"file://{file}", 1)
        ok(f"{env} {args}: {code}", page.js("document.documentElement.lang") == code
           and page.js("document.getElementById('lang').value") == code)
    english = page.js("document.body.innerText")
    words = page.js("JSON.parse(document.getElementById('words').textContent).words")
    for at, (code, (begin, comma, country)) in enumerate(LANGUAGES.items()):
        choose(page, code)
        said = page.js("document.getElementById('said').textContent")
        ok(f"{code}: the sentence", begin in said, said)
        ok(f"{code}: numbers", page.js("document.querySelector('#figures dd').textContent")
           == f"{n:,}".replace(",", comma))
        ok(f"{code}: a country", country in page.js(
            "[...document.getElementById('f-country').options].map(o => o.textContent).join()"))
        ok(f"{code}: the document says so", page.js("document.documentElement.lang") == code)
        ok(f"{code}: title", page.js("document.title") == words["TITLE"][at])
        text = page.js("document.body.innerText")
        left = [forms[0] for forms in words.values() if at and "{" not in forms[0]
                and len(forms[0]) > 12 and forms[0] != forms[at] and forms[0] in text]
        ok(f"{code}: nothing is left in English", not left and (at == 0 or text != english), left)
        for width in 320, 390, 640:  # 640 is half of 1280: 200 %
            page.resize(width, 900, width < 500)
            page.wait(0.3)
            ok(f"{code}: no sideways scrolling at {width}",
               page.js("document.documentElement.scrollWidth") <= width)
        page.resize(1360, 900)
        page.js("document.querySelector('#body .open').click()")
        ok(f"{code}: all of one incident", words["FORBIDDEN_BY"][at]
           in page.js("document.getElementById('detail').innerText"))
        page.key("Escape")
    choose(page, "de")
    page.open(f"file://{file}", 1)
    ok("what somebody chose stays", page.js("document.documentElement.lang") == "de")
    choose(page, "en")
    page.js("localStorage.removeItem('nta-language')")
    ok("nothing on the console", page.messages == [], page.messages)
    wrong = run("report", "--store", store, "-o", file, "--lang", "tlh")
    ok("a language without words is wrong usage, which names those there are",
       wrong.returncode == 2 and "en, de, fr, nl" in wrong.stderr, wrong.stderr)


def check_pdf(work):
    """-o X.pdf: sheets with numbers, the sentences first, heads on each sheet of the table."""
    store, file = work / "plain", work / "made.pdf"
    made = run("report", "--store", store, "-o", file, "--lang", "de", "-t", "Campus")
    ok("a PDF is made, for its owner only", made.returncode == 0 and file.exists()
       and file.stat().st_mode & 0o077 == 0, made.stderr)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True,
                          text=True).stdout
    sheets = text.split("\f")[:-1]
    ok("the first sheet is the answer", "Campus" in sheets[0]
       and "Benutzer haben" in sheets[0] and "Wann" in sheets[0], sheets[0])
    ok("each has its number", all(re.search(rf"\b{i + 1} ?/ ?{len(sheets)}\b", sheet)
                                  for i, sheet in enumerate(sheets)),
       [sheet[-200:] for sheet in sheets])
    tables = [sheet for sheet in sheets if sheet.count("2026-10-") > 15]
    ok("each sheet of the table has its heads", len(tables) > 2
       and all("Benutzer" in sheet and "Dateien" in sheet and "Wann" in sheet
               for sheet in tables), [sheet[:300] for sheet in tables])
    ok("nothing is left behind", not list(pathlib.Path(tempfile.gettempdir()).glob("nta-pdf-*")))


def check_chain(page, work):
    store, file = work / "plain", work / "bad.html"
    database = sqlite3.connect(store / "journal.db")
    number, signature = database.execute(
        "SELECT number, signature FROM head WHERE class = 1 ORDER BY number LIMIT 1").fetchone()
    changed = bytearray(signature)
    changed[5] ^= 1
    database.execute("UPDATE head SET signature = ? WHERE number = ?", (bytes(changed), number))
    database.commit()
    database.close()
    run("report", "--store", store, "-o", file)
    page.open(f"file://{file}", 1)
    ok("a changed signature is said at the top",
       "The chain is broken" in page.js("document.getElementById('notices').textContent"))
    chains = page.js(
        "(() => { const n = {}; for (const i of "
        "JSON.parse(document.getElementById('data').textContent).incidents.rows) n[i.proof] = "
        "(n[i.proof] || 0) + 1; return n; })()")
    ok("and none of its incidents is in it",
       chains.get("broken", 0) == 0 and chains.get("holds", 0) > 10, chains)
    done = run("report", "--store", store, "-o", file, "--unverified")
    ok("the terminal says so, and the status",
       done.returncode == 1 and "the signature is not the sensor's" in done.stderr, done.stderr)
    page.open(f"file://{file}", 1)
    chains = page.js(
        "(() => { const n = {}; for (const i of "
        "JSON.parse(document.getElementById('data').textContent).incidents.rows) n[i.proof] = "
        "(n[i.proof] || 0) + 1; return n; })()")
    ok("--unverified shows them, and marks them only",
       chains.get("broken", 0) > 10 and chains.get("holds", 0) > 10, chains)


def check_errors(work):
    missing = run("report", "--store", work / "plain", "-o", work / "no.html", "--libs", work)
    ok("without Leaflet: status 3, and the packages are named",
       missing.returncode == 3 and "libjs-leaflet.markercluster" in missing.stderr
       and not (work / "no.html").exists() and not list(work.glob("no.html*")), missing.stderr)
    path = os.environ["PATH"]
    os.environ["PATH"] = str(work)
    no_browser = run("report", "--store", work / "plain", "-o", work / "no.pdf")
    os.environ["PATH"] = path
    ok("without Chromium no PDF: status 3, and what to do", no_browser.returncode == 3
       and "-o FILE.html" in no_browser.stderr and not list(work.glob("*no.pdf*")), no_browser)
    none = run("report", "--store", work / "plain", "-o", work / "none.html", "--site",
               "nowhere.invalid")
    ok("nothing found is a report, too",
       none.returncode == 1 and "Nothing found" in none.stdout and (work / "none.html").exists(),
       none.stderr)
    ok("no file named is wrong usage", run("report", "--store", work / "plain").returncode == 2)


def main():
    needs = [name for name in ("chromium", "pdftotext")
             if not shutil.which(name)] + ([] if LIBS.exists() else [str(LIBS)])
    if needs:
        print(f"skipped: this needs {', '.join(needs)}")
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-report-") as folder, Chrome() as page:
        work = pathlib.Path(folder)
        check_hostile(page, work)
        check_use(page, work)
        check_pdf(work)
        check_chain(page, work)
        check_errors(work)
        page.open(f"file://{work}/none.html")
        ok("and an empty one says so",
           "No incident fits" in page.js("document.getElementById('incidents').innerText")
           and page.messages == [], page.messages)
    return ok.conclude()


sys.exit(main())
