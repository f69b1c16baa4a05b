/* Puts the parts together: the data from the page, or from the server that the page came from. */
"use strict";
(() => {
  const { el, get } = nta;
  const inside = JSON.parse(get("data").textContent);
  let data = null;

  /** In words; the counters are for whoever asks. */
  function losses(notice) {
    const rows = data.losses.rows.filter((row) => row.n > 0), times = (key) => rows.map((row) => row[key]).filter(Boolean).sort();
    const first = times("first")[0], last = times("last").pop(), n = rows.reduce((sum, row) => sum + row.n, 0);
    const isShort = first === last || Date.parse(last) - Date.parse(first) < 60000;
    const when = !first ? "" : isShort ? nta.w("LOST_AT", { time: nta.minute(first) }) : nta.w("LOST_FROM", { from: nta.minute(first), to: nta.minute(last) });
    const node = notice("warn", nta.w("LOST"), nta.w("LOST_N", { n, when }));
    node.append(el("details", { class: "counters" }, el("summary", {}, nta.w("LOST_WHAT")), el("ul", { lang: "en" }, ...rows.map((row) => el("li", {}, `${row.key}: ${nta.number(row.n)}`)))));
    return node;
  }

  function notices() {
    const lost = data.losses.rows.reduce((sum, row) => sum + row.n, 0);
    const tone = { holds: "good", unchecked: "plain", broken: "bad" }[data.proof];
    const notice = (kind, head, text) => el("div", { class: `notice ${kind}` }, el("b", {}, head), text);
    const english = (text) => el("span", { lang: "en" }, text); // as the terminal says it
    get("notices").replaceChildren(...[
      notice(tone, nta.wordOf("CHAIN", data.proof), english(data.proof_text || "")),
      data.role && notice("plain", nta.wordOf("ROLE", data.role), nta.wordOf("ROLE_SEES", data.role)),
      data.unreadable > 0 && notice("bad", nta.w("UNREADABLE"), nta.w("UNREADABLE_N", { n: data.unreadable })),
      data.interrupted && notice("warn", nta.w("INTERRUPTED"), nta.w("INTERRUPTED_WHY")),
      data.lacks && notice("warn", nta.w("LACKS"), english(data.lacks)),
      lost > 0 && losses(notice),
    ].filter(Boolean));
    get("losses").textContent = lost > 0 ? "" : nta.w("LOST_NONE");
  }

  /** What happened, in a sentence; the days are those of the reader's clock. */
  function said() {
    const rows = data.incidents.rows, [before, behind] = (data.said || {})[nta.language.one.code] || ["", ""];
    const times = rows.map((row) => row.ms).concat(rows.map((row) => row.lastMs)), first = Math.min(...times), last = Math.max(...times);
    const when = rows.length ? nta.period(first, last) : data.all.first ? nta.period(data.all.first, data.all.last) : "";
    get("said").textContent = before || behind ? before + when + behind : ""; // who only sees sums is told nothing
  }

  function head() {
    document.title = data.title || nta.w(inside.live ? "TITLE_LIVE" : "TITLE");
    get("title").textContent = document.title;
    get("subtitle").textContent = [data.all.first && nta.w("SPAN", { from: nta.minute(data.all.first), to: nta.minute(data.all.last) }), data.question].filter(Boolean).join(" · ") || nta.w("NO_RECORDS");
    get("made").textContent = nta.w("MADE", { time: nta.time(data.made), zone: nta.zone(), version: data.version || "" });
    get("unplaced").textContent = data.unplaced ? nta.w("UNPLACED", { n: data.unplaced }) : "";
  }

  const pickTime = (range) => nta.incidents.set({ range: range || undefined }, true);
  const pickPlace = (place) => nta.incidents.set({ at: { key: nta.map.positionKey(place.at), name: place.key } }, true);
  const pickTop = (key, value) => nta.incidents.set({ [key]: value }, true);

  /** Who sees sums only is shown no empty table of incidents, and traffic on the map. */
  function fit(isViewer) {
    for (const node of [get("incidents"), get("map-whole"), get("layer-arcs").parentElement, document.querySelector("nav a[href='#incidents']")]) node.hidden = isViewer;
    if (isViewer && !data && !get("layer-all").checked) get("layer-all").click();
  }

  function show(fresh) {
    fit(fresh.role === "viewer");
    data = fresh;
    head();
    notices();
    nta.charts.tops(data, pickTop);
    nta.incidents.load(data);
    said();
  }

  function onFiltered(shown, filter) {
    nta.map.update(data, shown, pickPlace);
    nta.charts.figures(data, shown);
    nta.charts.timeline(data, filter.range, pickTime);
  }

  function themes() {
    const names = ["", "light", "dark"], root = document.documentElement, button = get("theme");
    const kept = { get: () => { try { return localStorage.getItem("nta-theme") || ""; } catch { return ""; } }, set: (name) => { try { localStorage.setItem("nta-theme", name); } catch { /* a page from a file may not keep anything */ } } };
    const put = (name) => {
      if (name) root.dataset.theme = name; else delete root.dataset.theme;
      button.textContent = { "": "◐", light: "☀", dark: "☾" }[name];
      button.setAttribute("aria-label", nta.w({ "": "COLOURS", light: "COLOURS_LIGHT", dark: "COLOURS_DARK" }[name]));
      button.title = button.getAttribute("aria-label");
    };
    let at = Math.max(0, names.indexOf(kept.get()));
    put(names[at]);
    button.addEventListener("click", () => { at = (at + 1) % names.length; put(names[at]); kept.set(names[at]); });
    return () => put(names[at]);
  }

  /** From a server: everything once, then again whenever it says that something is new. */
  function follow({ data: address, events }) {
    const status = get("live");
    let waiting = false, before = null, last = "";
    status.hidden = false;
    const load = async () => {
      waiting = false;
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) throw new Error(answer.status === 503 ? await answer.text() : `status ${answer.status}`);
      const fresh = await answer.json(), key = JSON.stringify({ ...fresh, made: "" });
      if (key !== last) show(fresh); // else leave open what is open
      last = key;
      const n = data.incidents.all;
      status.textContent = before !== null && n > before ? nta.w("LIVE_NEW", { n: n - before }) : nta.w("LIVE");
      status.classList.remove("off");
      status.title = "";
      before = n;
    };
    const fail = (why) => { status.textContent = nta.w("LIVE_OFF"); status.classList.add("off"); status.title = why && why.message ? why.message : ""; };
    const soon = () => { if (!waiting) { waiting = true; setTimeout(() => load().catch(fail), 300); } };
    load().catch(fail);
    /* a browser tries again by itself, but not after an answer as 503, when it closes the stream */
    let source = null;
    const listen = () => {
      if (document.hidden || source) return; // a browser has six connections to a server, and tabs may be many
      const mine = source = new EventSource(events);
      source.onmessage = soon;
      source.onopen = () => { if (status.classList.contains("off")) soon(); };
      source.onerror = () => {
        fail();
        if (mine.readyState === EventSource.CLOSED && source === mine) { source = null; setTimeout(listen, 3000); }
      };
    };
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) { listen(); soon(); } else if (source) { source.close(); source = null; }
    });
    listen();
  }

  /** The address holds the filters: going to a part of the page leaves them there. */
  for (const link of document.querySelectorAll("a[href^='#']"))
    link.addEventListener("click", (event) => {
      const part = document.querySelector(link.getAttribute("href"));
      event.preventDefault();
      part.scrollIntoView();
      part.focus({ preventScroll: true });
    });

  nta.language.speak(nta.language.first);
  const named = themes();
  nta.language.offer(get("lang"), () => { named(); nta.map.speak(); if (data) show(data); });
  get("print").addEventListener("click", () => window.print());
  nta.map.create(nta.readWorld(get("world").textContent), nta.readTowns(get("towns").textContent));
  nta.incidents.start(onFiltered);
  if (inside.live) follow(inside.live); else show(inside);
})();
