#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""nta map: KML, KMZ and GeoJSON as GDAL reads them, and as their standards have them.

usage: map.py NTA MAKE_STORE [--large]      --large: a million records, their time and size

The schema of KML is in no Debian package.  Where the environment variable NTA_KML_XSD names it
(ogckml23.xsd), files are held against it; here its rules are checked that these files can break:
order of elements, types, ranges, references.
"""
import html
import json
import math
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
from checks import ok  # noqa: E402

NTA, MAKE_STORE = sys.argv[1:3]
KML, GX = "{http://www.opengis.net/kml/2.3}", "{http://www.google.com/kml/ext/2.2}"
FEATURE = ["name", "visibility", "open", "description", "LookAt", "TimeSpan", "styleUrl", "Style"]
ORDER = {
    "Document": FEATURE + ["Folder", "Placemark", "gx:Tour"],
    "Folder": FEATURE + ["Folder", "Placemark"],
    "Placemark": FEATURE + ["MultiGeometry", "gx:balloonVisibility"],
    "Polygon": ["tessellate", "outerBoundaryIs"], "LineString": ["altitudeMode", "coordinates"],
    "Style": ["IconStyle", "LabelStyle", "LineStyle", "PolyStyle", "BalloonStyle"],
    "IconStyle": ["color", "scale", "Icon"],
    "LabelStyle": ["color", "scale"], "LineStyle": ["color", "width"], "PolyStyle": ["color"],
    "BalloonStyle": ["text"],
    "TimeSpan": ["begin", "end"],
    "LookAt": ["longitude", "latitude", "altitude", "heading", "tilt", "range"],
    "kml": ["Document", "NetworkLink"], "NetworkLink": ["name", "open", "Link"],
    "Link": ["href", "refreshMode", "refreshInterval"],
    "gx:Tour": ["name", "gx:Playlist"], "gx:FlyTo": ["gx:duration", "gx:flyToMode", "LookAt"],
    "Update": ["targetHref", "Change"],
    "MultiGeometry": None, "gx:Playlist": None, "gx:AnimatedUpdate": ["Update"],
    "gx:Wait": ["gx:duration"], "Change": ["Placemark"],
    "Point": ["coordinates"], "outerBoundaryIs": ["LinearRing"], "LinearRing": ["coordinates"],
}


def run(*args):
    return subprocess.run([NTA, *map(str, args)], capture_output=True, text=True,
                          env={**os.environ, "TZ": "IST-5:30"})


def short(tag):
    return tag.replace(KML, "").replace(GX, "gx:")


def order_faults(element):
    """Children that are unknown, or not in the schema's order."""
    tag, faults = short(element.tag), []
    children = [short(child.tag) for child in element]
    allowed = ORDER.get(tag, [])
    if allowed is not None:
        faults += [f"{tag} has a {child}" for child in children if child not in allowed]
        at = [allowed.index(child) for child in children if child in allowed]
        if tag not in ("Document", "Folder") and at != sorted(at):
            faults.append(f"{tag}: {children}")
        if tag in ("Document", "Folder"):  # features may come in any order, but after the rest
            n = len([child for child in children if child in FEATURE])
            if at[:n] != sorted(at[:n]) or any(child in FEATURE for child in children[n:]):
                faults.append(f"{tag}: {children[:12]}")
    for child in element:
        faults += order_faults(child)
    return faults


def points_of(text):
    return [tuple(map(float, point.split(","))) for point in text.split()]


def to_vector(lon, lat):
    a, b = math.radians(lat), math.radians(lon)
    return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)


def off_circle(line):
    """How far (degrees) points lie from the great circle through the line's ends."""
    a, b = to_vector(*line[0][:2]), to_vector(*line[-1][:2])
    normal = a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
    size = math.hypot(*normal)
    return max(
        abs(math.degrees(
            math.asin(max(-1,
                          min(1, sum(n * p for n, p in zip(normal, to_vector(*q[:2]))) / size)))))
        for q in line) if size > 1e-6 else 0


def check_kml(path, title):
    tree = ET.parse(path)
    root = tree.getroot()
    ok(f"{title}: the root is kml of 2.3", root.tag == KML + "kml", root.tag)
    faults = order_faults(root)
    ok(f"{title}: elements are known and in order", not faults, faults[:3])
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    ok(f"{title}: ids are names, each once",
       len(ids) == len(set(ids)) and all(re.fullmatch(r"[A-Za-z_][\w.-]*", i) for i in ids))
    links = {e.text for e in root.iter(KML + "styleUrl")}
    ok(f"{title}: styles that are used are there", links and all(link[1:] in ids for link in links),
       links)
    targets = {e.get("targetId") for e in root.iter(KML + "Placemark") if e.get("targetId")}
    ok(f"{title}: the tour goes to placemarks that are there", targets and targets <= set(ids))
    ok(f"{title}: it flies and waits",
       len(list(root.iter(GX + "FlyTo"))) == len(list(root.iter(GX + "Wait"))) == len(targets))
    spans = [(e.find(KML + "begin").text, e.find(KML + "end").text)
             for e in root.iter(KML + "TimeSpan")]
    ok(f"{title}: time spans run forward",
       spans
       and all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", t) for s in spans for t in s)
       and all(a <= b for a, b in spans))
    every = [points_of(e.text) for e in root.iter(KML + "coordinates")]
    ok(f"{title}: coordinates are on the globe",
       all(-180 <= p[0] <= 180 and -90 <= p[1] <= 90 for line in every for p in line))
    ok(f"{title}: nothing jumps over the date line",
       all(abs(a[0] - b[0]) <= 180 for line in every for a, b in zip(line, line[1:])))
    rings = [points_of(e.find(KML + "coordinates").text) for e in root.iter(KML + "LinearRing")]
    ok(f"{title}: rings are closed", rings and all(len(r) >= 4 and r[0] == r[-1] for r in rings))
    lines = [points_of(e.find(KML + "coordinates").text) for e in root.iter(KML + "LineString")]
    ok(f"{title}: lines are great circles", lines and max(map(off_circle, lines)) < 0.01,
       max(map(off_circle, lines), default=0))
    return root


def check_by_site(root, by_user, store):
    """Below each user a folder a site; balloons have files and local times; the tour's order."""
    kept = [json.loads(line)
            for line in run("incidents", "--store", store, "--json").stdout.splitlines()]
    kept = {"i" + incident["id"]: incident for incident in kept}
    wrong, seen = [], 0
    for user in by_user.findall(KML + "Folder"):
        sites = [site.findtext(KML + "name") for site in user.findall(KML + "Folder")]
        wrong += [sites] if len(sites) != len(set(sites)) else []
        for site in user.findall(KML + "Folder"):
            for mark in site.findall(KML + "Placemark"):
                text, one, seen = mark.findtext(KML + "description"), kept[mark.get("id")], seen + 1
                names = [file["name"] for file in one.get("files", []) if file.get("name")]
                if (one["site"] != site.findtext(KML + "name")
                        or not all(html.escape(name, quote=True) in text for name in names)
                        or not re.search(r"<td>time</td><td>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
                                         r"\+05:30", text)):
                    wrong.append((one["site"], site.findtext(KML + "name"), names, text[:300]))
    ok("a folder for each site of a user, files and local times in balloons", seen and not wrong,
       wrong[:2])
    stops = [mark.get("targetId") for mark in root.iter(KML + "Placemark") if mark.get("targetId")]
    stops = list(dict.fromkeys(stops))
    ok("the tour has the order of the incidents",
       stops == [key for key in kept if key in set(stops)], stops)


def check_shape(root, store):
    """What stands where, against the records."""
    folders = {e.find(KML + "name").text: e for e in root.iter(KML + "Folder")}
    top = [short(e.tag) + " " + e.find(KML + "name").text for e in root.find(KML + "Document")
           if short(e.tag) in ("Folder", "gx:Tour")]
    ok("folders: legend, by user, by list, places, users' places, without a place, and a tour",
       [t.split(" (")[0] for t in top] ==
       ["Folder Legend", "Folder By user", "Folder By list", "Folder Places",
        "Folder Users' places", "Folder Without a place",
        "gx:Tour Tour through the incidents"], top)
    records = [json.loads(line)
               for line in run("records", "--store", store, "--json").stdout.splitlines()]
    lists = {r["match"]["list"] for r in records if "match" in r
             and r["peer"].get("geo", {}).get("country_code")}
    ok("a folder for each list",
       {e.find(KML + "name").text for e in folders["By list"].findall(KML + "Folder")} == lists)
    users = {r["user"].get("login") or r["user"]["ip"] for r in records
             if r["peer"].get("geo", {}).get("country_code")}
    ok("a folder for each user", len(folders["By user"].findall(KML + "Folder")) == len(users),
       f"{len(folders['By user'].findall(KML + 'Folder'))} {len(users)}")
    check_by_site(root, folders["By user"], store)
    legend = folders["Legend"].findtext(KML + "description")
    ok("the legend has a swatch and words for each colour", all(
        f'bgcolor="#{red}"' in legend and any(words in p.findtext(KML + "name") for p
                                              in folders["Legend"].findall(KML + "Placemark"))
        for words, red in (("strong", "b3261e"), ("likely", "a35c00"), ("weak", "5d6b82"),
                           ("no list forbids", "2f7fa8"))), legend)
    unplaced = sum(1 for r in records if not r["peer"].get("geo", {}).get("country_code"))
    ok("records without a place are counted", f"Without a place ({unplaced} records)" in folders,
       [f for f in folders if "Without" in f])
    areas = [p for p in root.iter(KML + "Placemark")
             if p.findtext(KML + "styleUrl", "").endswith("-area")]
    ok("countries known only are areas",
       areas and all("somewhere in" in p.findtext(KML + "description") for p in areas))
    style = {s.get("id"): s for s in root.iter(KML + "Style")}
    ok("without a pin",
       all(s.find(f"{KML}IconStyle/{KML}scale").text == "0" for i, s in style.items()
           if i.endswith("-area")))
    russia = [p for p in folders["Places"].findall(KML + "Placemark")
              if "Russia" in p.findtext(KML + "name")]
    ok("Russia has its outline, once",
       len(russia) == 1 and len(list(russia[0].iter(KML + "Polygon"))) > 5)
    home = [p for p in folders["Places"].findall(KML + "Placemark")
            if "Amsterdam" in p.findtext(KML + "name")][0]
    centre = points_of(home.find(f".//{KML}Point/{KML}coordinates").text)[0]
    ring = points_of(home.find(f".//{KML}LinearRing/{KML}coordinates").text)
    size = [6371 * math.acos(sum(a * b for a, b in zip(to_vector(*centre[:2]), to_vector(*p[:2]))))
            for p in ring]
    ok("Amsterdam has a circle of 10 km", all(9.9 < s < 10.1 for s in size), size[:3])
    ok("and links to public maps",
       "openstreetmap.org/?mlat=52.37400&amp;mlon=4.88970" in home.findtext(KML + "description")
       and "google.com/maps" in home.findtext(KML + "description"))


def check_hostile(root):
    names = [p.findtext(KML + "name") for p in root.iter(KML + "Placemark")
             if p.find(KML + "name") is not None]
    ok("hostile: names are text",
       any("<script>" in n for n in names) and any(n == "]]><Placemark>" for n in names))
    text = "".join(e.text for e in root.iter(KML + "description"))
    ok("hostile: balloons hold no markup but ours",
       not re.search(r"<(?!/?(table|tr|td|p|a)[ >])", text),
       re.findall(r"<(?!/?(?:table|tr|td|p|a)[ >]).{20}", text)[:3])
    ok("hostile: control characters are shown escaped",
       "\\x1b[31m" in text and "nul\\x00byte" in text)


def check_hostile_sheet(path, done):
    """The same names in a spreadsheet: XML that is whole, and text."""
    book = zipfile.ZipFile(path)
    sheets = [ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xml")]
    text = book.read("xl/sharedStrings.xml").decode()
    ok("hostile: a spreadsheet has them as text, and no formula",
       done.returncode == 0 and "&lt;script&gt;" in text and "\\x1b[31m" in text
       and not any(e.tag.endswith("}f") for sheet in sheets for e in sheet.iter()), done.stderr)
    ok("and says what it counts", "records of downloads" in text and "found no space" not in text)


def rings_of(geometry):
    if geometry and geometry["type"] == "MultiPolygon":
        for polygon in geometry["coordinates"]:
            yield from polygon


def check_geojson(path, n_incidents):
    data = json.loads(path.read_text(encoding="utf-8"), parse_constant=lambda c: 1 / 0)
    features = data["features"]
    kinds = [f["properties"]["kind"] for f in features]
    ok("GeoJSON: a FeatureCollection with every kind",
       data["type"] == "FeatureCollection" and "crs" not in data and
       set(kinds) == {"incident", "arc", "place", "accuracy", "home"}, set(kinds))
    ok("GeoJSON: every incident", kinds.count("incident") == n_incidents,
       f"{kinds.count('incident')} {n_incidents}")
    ok("GeoJSON: types and members",
       all(f["type"] == "Feature" and set(f) == {"type", "properties", "geometry"}
           for f in features))
    rings = [r for f in features for r in rings_of(f["geometry"])]
    area = lambda r: sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(r, r[1:]))  # noqa: E731
    ok("GeoJSON: rings are closed and against the clock",
       rings and all(r[0] == r[-1] and len(r) >= 4 and area(r) > 0 for r in rings))
    lines = [line for f in features if f["geometry"] and f["geometry"]["type"] == "MultiLineString"
             for line in f["geometry"]["coordinates"]]
    ok("GeoJSON: nothing crosses the date line",
       lines
       and all(abs(a[0] - b[0]) <= 180 for line in lines + rings for a, b in zip(line, line[1:])))
    ok("GeoJSON: some arcs are cut there", any(line[-1][0] in (180, -180) for line in lines))
    ok("GeoJSON: countries known only are no points",
       all(f["geometry"]["type"] == "MultiPolygon" for f in features
           if f["properties"]["kind"] == "place"
           and f["properties"]["place"].startswith("somewhere")))
    ok("GeoJSON: incidents there have no geometry",
       all(f["geometry"] is None for f in features if f["properties"]["kind"] == "incident"
           and f["properties"]["place"].startswith(("somewhere", "place not"))))
    return len(features)


def gdal_count(path):
    out = subprocess.run(["ogrinfo", "-ro", "-so", "-al", str(path)], capture_output=True,
                         text=True)
    return sum(map(int,
                   re.findall(r"^Feature Count: (\d+)", out.stdout, re.M))), out.stdout + out.stderr


def check_gdal(work, root, n_features):
    """GDAL's KML reader is Google's own library: what it finds, Google Earth's relatives find."""
    n, out = gdal_count(work / "plain.kml")
    wanted = len([p for p in root.iter(KML + "Placemark") if not p.get("targetId")])
    ok("GDAL reads every placemark of the KML", n == wanted, f"{n} {wanted} {out[:200]}")
    ok("and of the KMZ", gdal_count(work / "plain.kmz")[0] == wanted)
    ok("GDAL reads every feature of the GeoJSON",
       gdal_count(work / "plain.geojson")[0] == n_features)
    sql = subprocess.run(["ogrinfo", "-ro", "-q", str(work / "plain.geojson"), "-sql",
                          "SELECT COUNT(*) AS n FROM plain WHERE kind = 'incident' AND list = "
                          "'phishing' AND grade = 'strong'"], capture_output=True, text=True)
    ok("and its properties", int(re.search(r"= (\d+)", sql.stdout).group(1)) > 5, sql.stdout)


def check_live(work):
    file = work / "live.kml"
    process = subprocess.Popen([NTA, "map", "--store", str(work / "plain"), "-o", str(file),
                                "--live", "--every", "1"], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    link = ET.parse(file).getroot()
    ok("--live: a network link, in order",
       link[0].tag == KML + "NetworkLink" and not order_faults(link), order_faults(link))
    data = work / link.find(f".//{KML}href").text
    first = data.stat().st_mtime_ns
    ok("which refreshes every second",
       link.find(f".//{KML}refreshMode").text == "onInterval"
       and link.find(f".//{KML}refreshInterval").text == "1")
    process.stdout.readline()
    ok("what it names is written again",
       data.stat().st_mtime_ns > first and zipfile.ZipFile(data).testzip() is None)
    process.send_signal(signal.SIGINT)
    ok("and Ctrl-C ends it well", process.wait(20) == 0)


def check_errors(work):
    ok("a name without a form is wrong usage",
       run("map", "--store", work / "plain", "-o", work / "x.txt").returncode == 2)
    nowhere = run("map", "--store", work / "plain", "-o", work / "no" / "x.kml")
    ok("a folder that is not there: status 3, named",
       nowhere.returncode == 3 and "x.kml" in nowhere.stderr, nowhere.stderr)
    packed = run("map", "--store", work / "plain", "-o", work / "no" / "x.kmz")
    ok("for a KMZ, too", packed.returncode == 3 and "x.kmz" in packed.stderr, packed.stderr)
    none = run("map", "--store", work / "plain", "-o", work / "none.kml", "--site",
               "nowhere.invalid")
    ok("nothing found is a map, too",
       none.returncode == 0 and "Nothing found" in none.stdout
       and not order_faults(ET.parse(work / "none.kml").getroot()))
    run("map", "--store", work / "plain", "-o", work / "old.kml", "--kml-2.2")
    ok("--kml-2.2 is in the namespace of 2.2",
       'xmlns="http://www.opengis.net/kml/2.2"' in (work / "old.kml").read_text())
    ok("no half file is left",
       not [p for p in work.iterdir() if re.search(r"\.(kml|kmz|geojson)\.", p.name)])


def check_bounds(work, n, limit_s=None):
    """Many records at thousands of places: the file stays small, and memory does not grow."""
    subprocess.run([MAKE_STORE, work / "many", str(n), "plain", "4500"], check=True)
    for form in "kml", "geojson":
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.time()
        made = run("map", "--store", work / "many", "-o", work / f"many.{form}")
        size = (work / f"many.{form}").stat().st_size
        took = time.time() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # the same on a machine that others use
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(
            f"      {n} records: {form} of {size / 1e6:.1f} MB in {took:.1f} s, {busy:.1f} s of "
            f"processor time")
        ok(f"{form} of {n} records is below 20 MB", made.returncode == 0 and size < 20e6,
           made.stderr)
        if limit_s:
            ok(f"and made in {limit_s} s of processor time", busy < limit_s)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"      largest resident size: {peak / 1024:.0f} MiB")
    ok("in less than 128 MiB", peak < 128 * 1024 or "asan" in NTA)


def main():
    needs = [name for name in ("ogrinfo", "xmllint") if not shutil.which(name)]
    if needs:
        print(f"skipped: this needs {', '.join(needs)}")
        return 77
    with tempfile.TemporaryDirectory(prefix="nta-map-") as folder:
        work = pathlib.Path(folder)
        if "--large" in sys.argv:
            check_bounds(work, 1000000, 10)
            return ok.conclude()
        for name, n in ("plain", "4000"), ("hostile", "1500"):
            subprocess.run([MAKE_STORE, work / name, n, name], check=True)
            for form in "kml", "kmz", "geojson":
                made = run("map", "--store", work / name, "-o", work / f"{name}.{form}", "-t",
                           "<b>&]]>", "-n", "8000")
                ok(f"{name}.{form} is made", made.returncode == 0, made.stderr)
            ok(f"{name}: the files are for their owner only",
               all((work / f"{name}.{form}").stat().st_mode & 0o077 == 0
                   for form in ("kml", "kmz", "geojson")))
            ok(f"{name}: xmllint agrees",
               subprocess.run(["xmllint", "--noout", work / f"{name}.kml"]).returncode == 0)
            if os.environ.get("NTA_KML_XSD"):
                ok(f"{name}: the schema agrees",
                   subprocess.run(["xmllint", "--noout", "--schema", os.environ["NTA_KML_XSD"],
                                   work / f"{name}.kml"]).returncode == 0)
        root = check_kml(work / "plain.kml", "plain")
        check_shape(root, work / "plain")
        check_hostile(check_kml(work / "hostile.kml", "hostile"))
        sheet = work / "hostile.xlsx"
        check_hostile_sheet(sheet, run("report", "--store", work / "hostile", "-o", sheet))
        archive = zipfile.ZipFile(work / "plain.kmz")
        ok("the KMZ holds the KML, packed",
           archive.namelist() == ["doc.kml"]
           and archive.read("doc.kml") == (work / "plain.kml").read_bytes()
           and archive.getinfo("doc.kml").compress_size * 3 < archive.getinfo("doc.kml").file_size)
        incidents = int(re.search(r"(\d+) incidents",
                                  run("map", "--store", work / "plain", "-o",
                                      work / "x.kml").stdout).group(1))
        n_features = check_geojson(work / "plain.geojson", incidents)
        check_geojson(work / "hostile.geojson",
                      int(re.search(r"(\d+) incidents",
                                    run("map", "--store", work / "hostile", "-o",
                                        work / "x.kml").stdout).group(1)))
        check_gdal(work, root, n_features)
        check_live(work)
        check_errors(work)
        check_bounds(work, 100000)
    return ok.conclude()


sys.exit(main())
