/* The table of incidents: filtered, sorted, and of the rows only those drawn that can be seen. */
"use strict";
nta.incidents = (() => {
  const { el, get } = nta;
  const ROW = matchMedia("(max-width: 640px)").matches ? 151 : 55, EXTRA = 4, PRINTED = 200;
  const severities = { critical: 4, high: 3, medium: 2, low: 1 };
  const columns = [
    { id: "act", name: "COL_DID", key: (row) => -row.order },
    { id: "who", name: "USER", key: (row) => row.who.toLowerCase() },
    { id: "site", name: "SITE", key: (row) => row.site || "" },
    { id: "files", name: "COL_FILES", key: (row) => row.n_files },
    { id: "bytes", name: "COL_BYTES", key: (row) => row.down + row.up, num: true },
    { id: "where", name: "WHERE", key: (row) => row.where || "" },
    { id: "time", name: "WHEN", key: (row) => row.first },
    { id: "grade", name: "EVIDENCE", key: (row) => nta.rank[row.grade] },
    { id: "status", name: "COL_STATUS", key: (row) => row.status },
  ];
  const state = { all: [], shown: [], sort: { id: "act", down: true }, filter: {}, active: 0, later: 0, onChange: () => {}, data: null };

  function hayOf(row) {
    const { record } = row, peer = record.peer || {}, geo = peer.geo || {}, user = record.user || {};
    return [row.who, user.person, user.name, user.login, user.department, user.ip, user.mac, user.place, row.severity, row.site, ...row.names, record.url, ...row.lists, record.match.category, record.match.entry, ...row.files.flatMap((file) => [file.name, file.type, file.sha256]),
      row.act, row.status, row.note, peer.ip, geo.city, geo.country, geo.as_org, row.id, record.app].filter(Boolean).join("\n").toLowerCase();
  }

  function fits(row, words) {
    const { user, list, country, grade, download, range, at } = state.filter;
    return words.every((word) => row.hay.includes(word)) && (!user || row.who === user) && (!list || row.lists.includes(list)) &&
      (!country || (row.country || "") === country) && (!grade || nta.rank[row.grade] >= nta.rank[grade]) && (!download || row.act === "downloaded") &&
      (!range || (row.ms <= range.to && row.lastMs >= range.from)) && (!at || nta.map.positionKey(row.at) === at.key);
  }

  /** A first line, and a second one that says more. */
  const two = (first, second) => [el("div", { class: "first" }, first), second && el("div", { class: "second" }, second)].filter(Boolean);

  /** "Ghent, Belgium" in two lines; "Singapore, Singapore" in one. */
  function place(where) {
    const at = where.lastIndexOf(", "), [town, country] = at < 0 ? [where, ""] : [where.slice(0, at), where.slice(at + 2)];
    return [town, country !== town && country];
  }

  /** Where its server is, in the reader's language. */
  const whereOf = (row) => nta.placeName(row.where || "", row.country);

  function cell(row, column) {
    const { record } = row, user = record.user || {};
    switch (column.id) {
      case "act": return two(nta.badge(nta.wordOf("ACT", row.act) || "?", row.grade === "weak" ? "" : row.act === "downloaded" || row.act === "uploaded" ? "bad" : ""), row.grade === "weak" ? nta.w("HINT_ONLY") : row.severity && el("span", { class: `severity ${row.severity}` }, nta.wordOf("SEVERITY", row.severity)));
      case "who": return two(user.person || user.login || user.name || user.ip || row.who, [user.person || user.login ? user.name : "", user.person || user.login || user.name ? user.ip : user.mac].filter(Boolean).join(" · "));
      case "site": return two(el("button", { type: "button", class: "open", tabindex: "-1", title: [record.url, ...row.names].filter(Boolean).join("\n") }, row.site || (record.peer && record.peer.ip) || "?"), row.lists.join(", "));
      case "files": return el("span", { title: row.files.slice(0, 40).map(nta.fileLine).join("\n") }, ...two(nta.fileNames(row, 2), row.files.length > 0 && nta.kinds(row)));
      case "where": return row.asked_only ? el("span", { class: "muted" }, nta.w("ASKED_ONLY")) : two(...place(whereOf(row)));
      case "bytes": return row.up > row.down ? two(el("b", {}, nta.bytes(row.up)), nta.w("SENT")) : row.n_files ? el("b", {}, nta.bytes(row.down)) : row.down ? nta.bytes(row.down) : "";
      case "time": return el("time", { datetime: row.first, title: `${nta.w("SPAN", { from: nta.time(row.first), to: nta.time(row.last) })} (${nta.zone()})` }, ...two(nta.minute(row.first), row.lastMs - row.ms > 1000 && nta.w("LASTED", { time: nta.lasting(row.lastMs - row.ms) })));
      case "grade": return nta.badge(nta.wordOf("GRADE", row.grade), row.grade, nta.grades(row.grade));
      case "status": { const [tone, word, title] = nta.proofs(row.proof); return two(nta.wordOf("STATUS", row.status), row.proof !== "holds" && nta.badge(word, tone, title)); }
      default: return "";
    }
  }

  function line(row, i) {
    return el("tr", { class: "row", "aria-rowindex": i + 2, "data-i": i, onclick: () => open(i) },
      ...columns.map((column) => el("td", { class: `c-${column.id}${column.num ? " num" : ""}` }, ...[cell(row, column)].flat())));
  }

  const spacer = (rows) => {
    const td = el("td"); // of one column, so that hidden columns stay hidden
    td.style.height = `${rows * ROW}px`;
    return el("tr", { class: "space", "aria-hidden": "true" }, td);
  };

  /** Rows in sight and a few around them, between two spacers. */
  function draw() {
    const box = get("rows"), n = state.shown.length, had = document.activeElement && document.activeElement.classList.contains("open");
    const from = Math.max(0, Math.floor(box.scrollTop / ROW) - EXTRA), to = Math.min(n, from + Math.ceil(Math.max(box.clientHeight, 560) / ROW) + 2 * EXTRA); // empty, it has no height yet
    get("body").replaceChildren(...(from ? [spacer(from)] : []), ...state.shown.slice(from, to).map((row, i) => line(row, from + i)), ...(to < n ? [spacer(n - to)] : []));
    if (had) focus(false);
  }

  function focus(scroll = true) {
    const box = get("rows"), top = state.active * ROW;
    if (scroll && (top < box.scrollTop || top + 2 * ROW > box.scrollTop + box.clientHeight)) { box.scrollTop = Math.max(0, top - box.clientHeight / 2); draw(); }
    const button = get("body").querySelector(`tr[data-i="${state.active}"] .open`);
    if (button) { button.tabIndex = 0; button.focus({ preventScroll: true }); }
  }

  function onKey(event) {
    const page = Math.max(1, Math.floor(get("rows").clientHeight / ROW) - 2), last = state.shown.length - 1;
    const inside = event.target.classList.contains("open");
    const step = { ArrowDown: inside ? 1 : 0, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -last, End: last }[event.key];
    if (step === undefined || last < 0 || event.target.closest("thead")) return;
    event.preventDefault();
    state.active = Math.min(last, Math.max(0, state.active + step));
    focus();
  }

  function header(plain) {
    get("head").replaceChildren(...columns.map((column) => {
      const on = state.sort.id === column.id;
      return el("th", { scope: "col", class: `c-${column.id}${column.num ? " num" : ""}`, "aria-sort": on ? (state.sort.down ? "descending" : "ascending") : "none" },
        plain ? nta.w(column.name) : el("button", { type: "button", onclick: () => sortBy(column.id) }, nta.w(column.name)));
    }));
  }

  function sortBy(id) {
    state.sort = { id, down: state.sort.id === id ? !state.sort.down : ["time", "act", "files", "bytes", "grade"].includes(id) };
    apply();
    const button = get("head").querySelector(`.c-${id} button`);
    if (button) button.focus();
  }

  function chip(text, key) {
    return el("button", { type: "button", title: nta.w("CHIP_OFF"), onclick: () => set({ [key]: undefined }) }, `${text}  ✕`);
  }

  /** Filter, sort, draw, and tell the rest of the page. */
  function apply(keepPlace = false, soon = false) {
    const before = keepPlace && state.shown[state.active];
    const column = columns.find((one) => one.id === state.sort.id), sign = state.sort.down ? -1 : 1;
    const words = (state.filter.text || "").toLowerCase().split(/\s+/).filter(Boolean);
    state.shown = state.all.filter((row) => fits(row, words)).map((row) => [column.key(row), row])
      .sort(([a, x], [b, y]) => (a < b ? -sign : a > b ? sign : x.order - y.order)).map(([, row]) => row);
    const all = state.data.incidents.all, folded = state.data.incidents.folded;
    get("count").textContent = nta.w("COUNT", { shown: nta.number(state.shown.length), n: state.all.length }) +
      (all > state.all.length || folded ? nta.w("COUNT_REST", { shown: nta.number(state.all.length), all: folded ? nta.w("MORE_THAN", { number: nta.number(all + folded) }) : nta.number(all + folded) }) : "");
    get("none").hidden = state.shown.length > 0;
    get("rows").hidden = state.shown.length === 0;
    get("table").setAttribute("aria-rowcount", state.shown.length + 1);
    const { range, at } = state.filter;
    get("chips").replaceChildren(...[range && chip([Number.isFinite(range.from) && nta.w("CHIP_FROM", { time: nta.time(range.from) }), Number.isFinite(range.to) && nta.w("CHIP_TO", { time: nta.time(range.to) })].filter(Boolean).join(" "), "range"), at && chip(at.name, "at")].filter(Boolean));
    state.active = before ? Math.max(0, state.shown.findIndex((row) => row.id === before.id)) : 0;
    if (!keepPlace) get("rows").scrollTop = 0;
    header();
    draw();
    /* the map and the timeline take longer than a key: they follow when no other key comes */
    clearTimeout(state.later);
    const follow = () => { nta.address.write(state.filter); state.onChange(state.shown, state.filter); };
    if (soon) state.later = setTimeout(follow, 250); else follow();
  }

  /** Change some of the filters, from the form or from elsewhere on the page. */
  function set(change, show = false) {
    Object.assign(state.filter, change);
    put();
    apply();
    if (show) get("incidents").scrollIntoView();
  }

  /** What is filtered by, into the form. */
  function put() {
    for (const key of ["text", "user", "list", "country", "grade"]) get(`f-${key}`).value = state.filter[key] || "";
    get("f-download").checked = !!state.filter.download;
    get("f-from").value = local(state.filter.range && state.filter.range.from);
    get("f-to").value = local(state.filter.range && state.filter.range.to);
  }

  /** As a field for local time has it. */
  const local = (ms) => (Number.isFinite(ms) ? new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 19) : "");

  function readRange() {
    const from = Date.parse(get("f-from").value), to = Date.parse(get("f-to").value);
    if (Number.isNaN(from) && Number.isNaN(to)) return undefined;
    return { from: Number.isNaN(from) ? -Infinity : from, to: Number.isNaN(to) ? Infinity : to };
  }

  function options(select, values, any) {
    const kept = select.value;
    select.replaceChildren(el("option", { value: "" }, any), ...[...values].sort((a, b) => (a[1] < b[1] ? -1 : 1)).map(([value, text]) => el("option", { value }, text)));
    select.value = kept;
    if (select.selectedIndex < 0) select.value = "";
  }

  function load(data) {
    state.data = data;
    state.all = data.incidents.rows;
    state.all.forEach((row, order) => {
      const geo = (row.record.peer && row.record.peer.geo) || {};
      row.record.match = row.record.match || { list: "" };
      row.order = order;
      row.id = row.id || row.record.id || "";
      row.ms = Date.parse(row.first);
      row.lastMs = Date.parse(row.last);
      row.country = row.asked_only ? "" : geo.country_code || "";
      row.hay = hayOf(row);
    });
    const wanted = state.filter; // chosen before its row was there: by the address
    options(get("f-user"), new Map(state.all.map((row) => [row.who, row.who])), nta.w("ALL"));
    options(get("f-list"), new Map(state.all.flatMap((row) => row.lists.map((list) => [list, list]))), nta.w("ALL"));
    options(get("f-country"), new Map(state.all.filter((row) => row.country).map((row) => [row.country, nta.country(row.country, row.record.peer.geo.country)])), nta.w("ALL"));
    for (const key of ["user", "list", "country"]) get(`f-${key}`).value = wanted[key] || "";
    apply(true); // of a page that follows, readers stay where they are
  }

  function open(i) {
    state.active = i;
    nta.detail(state.shown[i]);
  }

  function start(onChange) {
    const read = { text: () => get("f-text").value.trim(), user: () => get("f-user").value, list: () => get("f-list").value, country: () => get("f-country").value, grade: () => get("f-grade").value, download: () => get("f-download").checked, range: readRange };
    state.onChange = onChange;
    state.filter = nta.address.read();
    put();
    get("csv").addEventListener("click", () => nta.save("incidents.csv", nta.csv(state.shown)));
    get("filters").addEventListener("input", () => { for (const key of Object.keys(read)) state.filter[key] = read[key](); apply(false, true); });
    get("f-more").addEventListener("click", () => get("f-more").setAttribute("aria-expanded", get("filters").classList.toggle("open")));
    get("filters").addEventListener("submit", (event) => event.preventDefault());
    get("filters").addEventListener("reset", (event) => { event.preventDefault(); state.filter = {}; set({}); });
    get("none-reset").addEventListener("click", () => { state.filter = {}; set({}); });
    get("rows").addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
    get("rows").addEventListener("keydown", onKey);
    window.addEventListener("resize", () => requestAnimationFrame(draw));
    window.addEventListener("beforeprint", () => {
      const rows = state.shown.slice(0, PRINTED).map(line), rest = state.shown.length - rows.length;
      header(true);
      get("body").replaceChildren(...rows, ...(rest > 0 ? [el("tr", {}, el("td", { colspan: columns.length }, nta.w("MORE_IN_FILE", { n: rest })))] : []));
    });
    window.addEventListener("afterprint", () => { header(); draw(); });
  }

  return { start, load, set, draw, shown: () => state.shown };
})();

/** "tool.exe, 1.2 MiB, application/zip". */
nta.fileLine = (file) => [file.name || nta.w("UNSEEN_NAME"), nta.bytes(file.bytes || (file.act === "uploaded" ? file.up : file.down)) + (file.act === "uploaded" ? ` ${nta.w("SENT")}` : ""), file.type, file.sha256 && `SHA-256 ${file.sha256}`].filter(Boolean).join(", ");

/** "program, archive": what kinds of files they are. */
nta.kinds = (row) => {
  const kinds = [...new Set(row.files.map((file) => file.kind || "unknown"))];
  if (kinds.length === 1 && kinds[0] === "unknown") return row.files[0].no_hash === "encrypted" ? nta.w("KIND_ENCRYPTED") : "";
  return kinds.map((kind) => nta.wordOf("KIND", kind)).join(", ");
};

/** "tool.exe, a.zip and 6 more". */
nta.fileNames = (row, most) => {
  const names = row.files.slice(0, most).map((file) => file.name || nta.w("NO_NAME")), more = row.n_files - names.length;
  return more > 0 ? nta.w("AND_MORE", { names: names.join(", "), n: more }) : names.join(", ");
};

/** All that is known of one incident. */
nta.detail = (row) => {
  const { el, get, w } = nta, { record } = row, user = record.user || {}, peer = record.peer || {}, geo = peer.geo || {}, match = record.match;
  const facts = (pairs) => el("dl", { class: "facts" }, ...pairs.filter(([, value]) => value !== undefined && value !== "" && value !== null && value !== false)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, ...(Array.isArray(value) ? value : [value]))]));
  const [tone, word, sentence] = nta.proofs(row.proof), words = (list) => (list || []).join(", "), some = (parts, by = ", ") => parts.filter(Boolean).join(by);
  const flat = (value, path, out) => {
    if (value !== null && typeof value === "object") for (const [key, inner] of Object.entries(value)) flat(inner, path ? `${path}.${key}` : key, out);
    else out.push([path, el("code", {}, String(value))]);
    return out;
  };
  const names = row.names.slice(0, 20).join(", "), hasMore = row.names.length > 20 || row.names_more;
  get("detail-title").textContent = w("WHO_AND_SITE", { who: row.who, site: row.site || peer.ip || "?" });
  get("detail-body").replaceChildren(
    facts([[w("WHEN"), row.n > 1 ? `${w("SPAN", { from: nta.time(row.first), to: nta.time(row.last) })} (${nta.zone()}), ${w("RECORDS", { n: row.n })}` : `${nta.time(row.first)} (${nta.zone()})`],
      [w("USER"), some([user.person, user.department, user.ip, user.name, user.login, user.mac, user.place])],
      [w("DID"), some([nta.wordOf("ACT", row.act), row.severity && w("SEVERITY_IS", { severity: nta.wordOf("SEVERITY", row.severity) }), nta.wordOf("STATUS", row.status)])], [w("NOTE"), row.note],
      [w("SITE"), row.site], [w("AS"), hasMore ? w("AND_OTHERS", { names }) : names], [w("ADDRESS"), record.url && el("code", {}, `${record.method || ""} ${record.url}`)],
      [w("FILES", { n: row.n_files }), row.n_files > 0 && el("ul", { class: "files" }, ...row.files.map((file) => el("li", {}, nta.fileLine(file))), row.n_files > row.files.length && el("li", {}, w("AND_MORE", { names: "…", n: row.n_files - row.files.length })))],
      [w("BYTES"), w("BYTES_BOTH", { down: nta.bytes(row.down), up: nta.bytes(row.up) })],
      [w("SERVER"), row.asked_only ? "" : some([peer.port ? w("PORT", { ip: peer.ip || "", port: peer.port }) : peer.ip, geo.as_org && `AS${geo.asn} ${geo.as_org}`])],
      [w("WHERE"), row.asked_only ? w("ASKED_WHY") : nta.placeName(row.where || "", row.country)], ["", row.at && row.at[2] === "point" && nta.map.links(row.at)],
      [w("FORBIDDEN_BY"), some([match.list, match.category, match.entry && w("ENTRY", { entry: match.entry }), match.line && w("LINE", { line: match.line }), match.kind])]]),
    el("h3", {}, w("EVIDENCE")),
    facts([[w("GRADE"), [nta.badge(nta.wordOf("GRADE", row.grade), row.grade), ` ${nta.grades(row.grade)}`]], [w("KNOWN_BY"), nta.wordOf("BASIS", record.basis)], [w("AGREES"), words(record.agrees)],
      [w("DISAGREES"), record.disagrees && el("b", { class: "hot" }, words(record.disagrees))], [w("WEAK"), match.weak && w("WEAK_WHY")], [w("HIDDEN"), record.hidden && w("HIDDEN_WHY")],
      [w("NOT_SEEN"), some([record.one_way && w("ONE_WAY"), record.gaps && w("GAPS"), record.mid_stream && w("MID_STREAM")], "; ")], [w("CHAIN"), [nta.badge(word, tone), ` ${sentence}`]], [w("LIST_HASH"), match.list_sha256 && el("code", {}, match.list_sha256)], [w("RECORD"), record.id && el("code", {}, record.id)], [w("INCIDENT"), row.id && el("code", {}, row.id)], [w("COUNT_ALERTS"), nta.number(row.alerts)],
      [w("PACKETS"), row.packets > 0 && el("code", {}, `nta packets --incident ${row.id} -o proof.pcapng`)]]),
    el("details", {}, el("summary", {}, w("WHOLE_RECORD")), facts(flat(record, "", []))));
  get("detail").showModal();
};
