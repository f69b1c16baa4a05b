/* Puts the parts together: the data from the page, or from the server that the page came from. */
"use strict";
(() => {
  const { el, get } = nta;
  let data = null;

  /** In words; the counters are for whoever asks. */
  function losses(notice) {
    const rows = data.losses.rows.filter((row) => row.n > 0), times = (key) => rows.map((row) => row[key]).filter(Boolean).sort();
    const first = times("first")[0], last = times("last").pop(), lost = rows.reduce((sum, row) => sum + row.n, 0);
    const when = !first ? "" : last - first < 60000 || first === last ? ` at ${nta.minute(first)}` : ` from ${nta.minute(first)} to ${nta.minute(last)}`;
    const node = notice("warn", "The sensor did not see everything.", `${nta.count(lost, "loss", "losses")} (packets, records or seconds)${when}: something may be missing here.`);
    node.append(el("details", { class: "counters" }, el("summary", {}, "What was lost"), el("ul", {}, ...rows.map((row) => el("li", {}, `${row.key}: ${nta.number(row.n)}`)))));
    return node;
  }

  function notices() {
    const lost = data.losses.rows.reduce((sum, row) => sum + row.n, 0);
    const tone = { holds: "good", unchecked: "plain", broken: "bad" }[data.proof];
    const title = { holds: "Chain verified.", unchecked: "Chain not checked.", broken: "The chain is broken." }[data.proof];
    const notice = (kind, head, text) => el("p", { class: `notice ${kind}` }, el("b", {}, head), text);
    get("notices").replaceChildren(...[
      notice(tone, title, data.proof_text || ""),
      data.unreadable > 0 && notice("bad", "Not everything could be read.", `${nta.count(data.unreadable, "batch", "batches")} could not be opened.`),
      data.interrupted && notice("warn", "Incomplete.", "Making this was interrupted: later records are missing."),
      data.lacks && notice("warn", "Not all bytes are counted.", data.lacks),
      lost > 0 && losses(notice),
    ].filter(Boolean));
    get("losses").textContent = lost > 0 ? "" : "The sensor recorded no loss in this time.";
  }

  /** What happened, in a sentence; the days are those of the reader's clock. */
  function said() {
    const rows = data.incidents.rows, [before, behind] = data.said || ["", ""];
    const times = rows.map((row) => row.ms).concat(rows.map((row) => row.lastMs)), first = Math.min(...times), last = Math.max(...times);
    const when = rows.length ? nta.period(first, last) : data.all.first ? nta.period(data.all.first, data.all.last) : "";
    get("said").textContent = before + when + behind;
  }

  function head() {
    document.title = data.title || "Network report";
    get("title").textContent = data.title || "Network report";
    get("subtitle").textContent = [data.all.first && `${nta.minute(data.all.first)} to ${nta.minute(data.all.last)}`, data.question].filter(Boolean).join(" · ") || "no records";
    get("made").textContent = `Made ${nta.time(data.made)} (${nta.zone}) by nta ${data.version || ""}.`;
    get("unplaced").textContent = data.unplaced ? `Not on the map: ${nta.count(data.unplaced, "record")} of servers whose place is not known.` : "";
  }

  const pickTime = (range) => nta.incidents.set({ range: range || undefined }, true);
  const pickPlace = (place) => nta.incidents.set({ at: { key: nta.map.positionKey(place.at), name: place.key } }, true);
  const pickTop = (key, value) => nta.incidents.set({ [key]: value }, true);

  function show(fresh) {
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
      button.setAttribute("aria-label", `Colours: ${name || "as the system"}`);
      button.title = button.getAttribute("aria-label");
    };
    let at = Math.max(0, names.indexOf(kept.get()));
    put(names[at]);
    button.addEventListener("click", () => { at = (at + 1) % names.length; put(names[at]); kept.set(names[at]); });
  }

  /** From a server: everything once, then again whenever it says that something is new. */
  function follow({ data: address, events }) {
    const status = get("live");
    let waiting = false, before = null, last = "";
    status.hidden = false;
    const load = async () => {
      waiting = false;
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      const fresh = await answer.json(), key = JSON.stringify({ ...fresh, made: "" });
      if (key !== last) show(fresh); // else leave open what is open
      last = key;
      const n = data.incidents.all;
      status.textContent = before !== null && n > before ? `${nta.count(n - before, "new incident")}` : "live";
      status.classList.remove("off");
      before = n;
    };
    const fail = () => { status.textContent = "no connection"; status.classList.add("off"); };
    const soon = () => { if (!waiting) { waiting = true; setTimeout(() => load().catch(fail), 300); } };
    load().catch(fail);
    /* a browser tries again by itself, but not after an answer as 503, when it closes the stream */
    const listen = () => {
      const source = new EventSource(events);
      source.onmessage = soon;
      source.onopen = () => { if (status.classList.contains("off")) soon(); };
      source.onerror = () => { fail(); if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000); };
    };
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

  themes();
  get("print").addEventListener("click", () => window.print());
  nta.map.create(nta.readWorld(get("world").textContent), nta.readTowns(get("towns").textContent));
  nta.incidents.start(onFiltered);
  const inside = JSON.parse(get("data").textContent);
  if (inside.live) follow(inside.live); else show(inside);
})();
