/* The world map: Leaflet on the screen, one plain drawing in print. */
"use strict";
nta.map = (() => {
  const { el, get } = nta;
  const state = { map: null, layers: {}, world: [], byCode: new Map() };

  const toneOf = (place) => place.grade || "plain";
  const nameOf = (place) => nta.placeName(place.key, place.country_code);
  const positionKey = (at) => at && `${at[0]},${at[1]},${at[2]}`;

  /** Best grade and incidents of each spot. */
  function bySpot(incidents) {
    const spots = new Map();
    for (const incident of incidents) {
      const key = positionKey(incident.at);
      if (!key) continue;
      const spot = spots.get(key) || { n: 0, grade: "weak", users: new Set() };
      spot.n++;
      spot.users.add(incident.who);
      if (nta.rank[incident.grade] > nta.rank[spot.grade]) spot.grade = incident.grade;
      spots.set(key, spot);
    }
    return spots;
  }

  function links([lat, lon]) {
    const outside = (text, href) => el("a", { href, target: "_blank", rel: "noopener noreferrer" }, text);
    return el("p", { class: "links" },
      outside("OpenStreetMap", `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=10/${lat}/${lon}`),
      outside("Google Maps", `https://www.google.com/maps/search/?api=1&query=${lat},${lon}`));
  }

  function popup(place, onFilter) {
    const spot = place.spot;
    return () => el("div", {}, el("h3", {}, nameOf(place)),
      spot && el("p", {}, el("b", { class: "hot" }, nta.w("N_INCIDENTS", { n: spot.n })), ` · ${nta.w("OF_USERS", { n: spot.users.size })}`),
      el("p", {}, nta.w("RECEIVED", { records: nta.w("RECORDS", { n: place.n }), bytes: nta.bytes(place.down) })),
      place.as_org && el("p", { class: "muted" }, place.as_org),
      place.accuracy_km > 0 && el("p", { class: "muted" }, nta.w("WITHIN", { km: place.accuracy_km })),
      place.at[2] === "country" && el("p", { class: "muted" }, nta.w("COUNTRY_ONLY")),
      place.at[2] === "point" && links(place.at),
      spot && el("button", { type: "button", onclick: () => onFilter(place) }, nta.w("SHOW_THESE")));
  }

  function icon(size, tone, text, extra = "") {
    const node = el("div", { class: `spot ${tone} ${extra}` }, text);
    node.style.width = node.style.height = `${size}px`;
    return L.divIcon({ html: node, className: "", iconSize: [size, size] });
  }

  function cluster(group) {
    const places = group.getAllChildMarkers().map((marker) => marker.options.place);
    const hot = places.filter((place) => place.spot);
    const tone = hot.map(toneOf).sort((a, b) => nta.rank[b] - nta.rank[a])[0] || "plain";
    const n = hot.length ? hot.reduce((sum, place) => sum + place.spot.n, 0) : places.length;
    return icon(26 + Math.min(22, 5 * Math.log2(n + 1)), tone, nta.number(n), "cluster");
  }

  function addPoint(place, onFilter) {
    const n = place.spot ? place.spot.n : 0;
    const size = place.spot ? 20 + Math.min(20, 4 * Math.log2(n + 1)) : 13;
    const marker = L.marker(place.at.slice(0, 2), {
      icon: icon(size, toneOf(place), n ? nta.number(n) : ""), place, keyboard: true,
      title: `${nameOf(place)}: ${n ? nta.w("N_INCIDENTS", { n }) : nta.w("RECORDS", { n: place.n })}`,
    });
    marker.bindPopup(popup(place, onFilter), { autoPanPadding: [24, 24] });
    if (n) marker.setZIndexOffset(1000); // nothing covers an incident
    (place.spot ? state.layers.hot : state.layers.all).addLayer(marker);
    if (place.spot && place.accuracy_km > 0)
      L.circle(place.at.slice(0, 2), { radius: place.accuracy_km * 1000, className: `ring ${toneOf(place)}`, interactive: false }).addTo(state.layers.under);
  }

  function addArea(place, onFilter) {
    const country = state.byCode.get(place.country_code);
    const layer = place.spot ? state.layers.under : state.layers.allAreas;
    const shape = country && country.rings.length
      ? L.polygon(country.rings, { className: `area ${toneOf(place)}` })
      : L.circle(place.at.slice(0, 2), { radius: 150000, className: `area ${toneOf(place)}` });
    shape.bindPopup(popup(place, onFilter)).addTo(layer);
    if (place.spot)
      L.tooltip({ permanent: true, direction: "center", className: `area-label ${toneOf(place)}` })
        .setContent(el("span", {}, `${country ? nta.country(country.code, country.name) : place.key}: ${nta.number(place.spot.n)}`)).setLatLng(place.at.slice(0, 2)).addTo(layer);
  }

  function arcsOf(incidents) {
    const arcs = new Map();
    for (const { home, at, grade } of incidents) {
      if (!home || !at) continue;
      const key = `${home[0]},${home[1]}>${at[0]},${at[1]}`;
      const arc = arcs.get(key) || { home, at, n: 0, grade };
      arc.n++;
      if (nta.rank[grade] > nta.rank[arc.grade]) arc.grade = grade;
      arcs.set(key, arc);
    }
    return [...arcs.values()].sort((a, b) => b.n - a.n).slice(0, 400);
  }

  /** Names of countries and towns, as many as there is space for: larger ones first, none over another. */
  function names() {
    const map = state.map, zoom = map.getZoom(), size = map.getSize(), taken = [], shown = [];
    const put = (text, at, kind) => {
      const point = map.latLngToContainerPoint(at), half = text.length * (kind === "country" ? 4 : 3.2) + 6;
      const box = [point.x - half, point.y - 10, point.x + half, point.y + 10];
      if (box[0] < 0 || box[1] < 0 || box[2] > size.x || box[3] > size.y || taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) return;
      taken.push(box);
      shown.push(L.marker(at, { icon: L.divIcon({ html: el("span", {}, text), className: `name ${kind}`, iconSize: [2 * half, 18] }), interactive: false, keyboard: false, zIndexOffset: -2000 }));
    };
    for (const place of state.places || []) if (place.spot) { const { x, y } = map.latLngToContainerPoint(place.at.slice(0, 2)); taken.push([x - 16, y - 16, x + 16, y + 16]); }
    state.layers.names.clearLayers();
    const least = zoom < 2 ? 900 : zoom < 3 ? 250 : zoom < 4 ? 40 : 0;
    for (const country of state.countries) if (country.size > least) put(country.code === "AQ" ? country.name : nta.country(country.code, country.name), country.label, "country");
    if (zoom >= 3.5) for (const town of state.towns.slice(0, zoom < 5 ? 150 : 500)) put(town.name, town.at, "town");
    shown.slice(0, 60).forEach((marker) => marker.addTo(state.layers.names));
  }

  function create(world, towns) {
    state.world = world;
    state.towns = towns;
    const extent = ({ rings }) => Math.max(0, ...rings.map((ring) => { const side = (i) => { const all = ring.map((point) => point[i]); return Math.max(...all) - Math.min(...all); }; return side(0) * side(1); }));
    state.countries = world.filter((country) => country.label && country.code !== "AQ").map((country) => ({ ...country, size: extent(country) })).sort((a, b) => b.size - a.size);
    state.byCode = new Map(world.map((country) => [country.code, country]));
    const map = L.map("map", { minZoom: 0, maxZoom: 9, zoomSnap: 0.25, zoomControl: false, maxBounds: [[-85, -230], [85, 230]], worldCopyJump: false, attributionControl: false });
    L.control.attribution({ prefix: false }).addAttribution("Natural Earth, GeoNames").addTo(map);
    for (const country of world)
      if (country.rings.length && country.code !== "AQ")
        L.polygon(country.rings, { className: "land", interactive: false, smoothFactor: 0.6 }).addTo(map);
    const group = () => L.markerClusterGroup({ iconCreateFunction: cluster, maxClusterRadius: 34, showCoverageOnHover: false, spiderfyOnMaxZoom: true, animate: false, chunkedLoading: true });
    state.layers = { allAreas: L.layerGroup(), under: L.layerGroup(), arcs: L.layerGroup(), all: group(), hot: group(), homes: L.layerGroup(), names: L.layerGroup() };
    for (const [name, layer] of Object.entries(state.layers)) if (!name.startsWith("all")) layer.addTo(map);
    map.setView([28, 8], Math.max(1, Math.log2(map.getSize().x / 256)));
    state.map = map;
    speak();
    const toggle = (box, ...names) => box.addEventListener("change", () => names.forEach((name) => (box.checked ? map.addLayer(state.layers[name]) : map.removeLayer(state.layers[name]))));
    toggle(get("layer-arcs"), "arcs");
    toggle(get("layer-all"), "all", "allAreas");
    get("map-whole").addEventListener("click", frame);
    map.on("zoomend moveend resize", names);
    map.on("dragstart zoomstart", () => { state.moved = true; });
    map.on("resize", () => { if (state.framed && !state.moved) frame(); }); // a phone that is turned
  }

  /** What Leaflet says itself. */
  function speak() {
    if (state.zoom) state.zoom.remove();
    state.zoom = L.control.zoom({ zoomInTitle: nta.w("ZOOM_IN"), zoomOutTitle: nta.w("ZOOM_OUT") }).addTo(state.map);
  }

  /** Draw what is there.  Shown incidents only get marks of their own; the rest is other traffic. */
  function update(data, incidents, onFilter) {
    const spots = bySpot(incidents), known = new Set();
    for (const [name, layer] of Object.entries(state.layers)) if (name !== "names") layer.clearLayers();
    state.places = data.places.rows.filter((place) => place.at).map((place) => {
      const key = positionKey(place.at), spot = known.has(key) ? undefined : spots.get(key);
      known.add(key);
      return { ...place, spot, grade: spot && spot.grade };
    });
    state.arcs = arcsOf(incidents);
    state.homes = data.homes.rows.filter((home) => home.at && home.at[2] === "point");
    for (const place of state.places) (place.at[2] === "point" ? addPoint : addArea)(place, onFilter);
    for (const arc of state.arcs)
      for (const part of nta.arc(arc.home, arc.at))
        L.polyline(part, { className: `arc ${arc.grade}`, weight: 1.2 + Math.min(1.6, Math.log2(arc.n) / 4), smoothFactor: 0.4, interactive: false }).addTo(state.layers.arcs);
    for (const home of state.homes) {
      const node = el("div", { class: "home" });
      node.style.width = node.style.height = "13px";
      L.marker(home.at.slice(0, 2), { icon: L.divIcon({ html: node, className: "", iconSize: [13, 13] }), title: nta.w("USERS_AT", { place: nta.placeName(home.key, home.country_code) }), zIndexOffset: -1000 }).addTo(state.layers.homes);
    }
    drawPrint();
    if (!state.framed) frame(); else names();
  }

  /** What was found and whose it is, all of it and with space around it, not nearer than a continent. */
  function frame() {
    const points = state.places.filter((place) => place.spot).concat(state.arcs.map((arc) => ({ at: arc.home }))).map((place) => place.at.slice(0, 2));
    const map = state.map, world = Math.max(1, Math.log2(map.getSize().x / 256));
    state.framed = true;
    if (points.length) map.fitBounds(L.latLngBounds(points), { padding: [44, 44], maxZoom: 4.5, animate: false });
    else map.setView([28, 8], world, { animate: false });
    state.moved = false;
    names();
  }

  /** For paper: equirectangular, scales with the page. */
  function drawPrint() {
    const x = (lon) => ((lon + 180) * 1000) / 360, y = (lat) => ((84 - lat) * 1000) / 360;
    const path = (points) => "M" + points.map(([lat, lon]) => `${x(lon).toFixed(1)} ${y(lat).toFixed(1)}`).join("L");
    const svg = el("svg", { viewBox: "0 0 1000 390" });
    for (const country of state.world)
      if (country.code !== "AQ") svg.append(el("path", { class: "land", d: country.rings.map((ring) => path(ring) + "Z").join("") }));
    for (const place of state.places.filter((one) => one.at[2] === "country")) {
      const country = state.byCode.get(place.country_code);
      if (country) svg.append(el("path", { class: `area ${toneOf(place)}`, d: country.rings.map((ring) => path(ring) + "Z").join("") }));
    }
    for (const arc of state.arcs)
      for (const part of nta.arc(arc.home, arc.at)) svg.append(el("path", { class: `arc ${arc.grade}`, d: path(part), "stroke-width": 1.2 }));
    for (const home of state.homes) svg.append(el("rect", { x: x(home.at[1]) - 3.5, y: y(home.at[0]) - 3.5, width: 7, height: 7 }));
    for (const place of [...state.places].sort((a, b) => !!a.spot - !!b.spot).filter((one) => one.at[2] === "point")) {
      const dot = el("circle", { cx: x(place.at[1]).toFixed(1), cy: y(place.at[0]).toFixed(1), r: place.spot ? 5 : 2.5, class: toneOf(place) });
      dot.style.fill = "var(--tone)";
      svg.append(dot);
    }
    get("print-map").replaceChildren(svg);
  }

  return { create, update, speak, positionKey, links };
})();
