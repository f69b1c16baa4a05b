/* The table of incidents: filtered, sorted, and of the rows only those drawn that can be seen. */
"use strict";
nta.incidents = (() => {
  const { el, get } = nta;
  const ROW = matchMedia("(max-width: 640px)").matches ? 151 : 55, EXTRA = 4, PRINTED = 200;
  const severities = { critical: 4, high: 3, medium: 2, low: 1 };
  const columns = [
    { id: "act", name: "Did", key: (row) => -row.order },
    { id: "who", name: "User", key: (row) => row.who.toLowerCase() },
    { id: "site", name: "Site", key: (row) => row.site || "" },
    { id: "files", name: "Files", key: (row) => row.n_files },
    { id: "bytes", name: "Bytes", key: (row) => row.down + row.up, num: true },
    { id: "where", name: "Where", key: (row) => row.where || "" },
    { id: "time", name: "When", key: (row) => row.first },
    { id: "grade", name: "Evidence", key: (row) => nta.rank[row.grade] },
    { id: "status", name: "Status", key: (row) => row.status },
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

  function cell(row, column) {
    const { record } = row, user = record.user || {};
    switch (column.id) {
      case "act": return two(nta.badge(row.act || "?", row.grade === "weak" ? "" : row.act === "downloaded" || row.act === "uploaded" ? "bad" : ""), row.grade === "weak" ? "a hint only" : row.severity && el("span", { class: `severity ${row.severity}` }, row.severity));
      case "who": return two(user.person || user.login || user.name || user.ip || row.who, [user.person || user.login ? user.name : "", user.person || user.login || user.name ? user.ip : user.mac].filter(Boolean).join(" · "));
      case "site": return two(el("button", { type: "button", class: "open", tabindex: "-1", title: [record.url, ...row.names].filter(Boolean).join("\n") }, row.site || (record.peer && record.peer.ip) || "?"), row.lists.join(", "));
      case "files": return el("span", { title: row.files.slice(0, 40).map(nta.fileLine).join("\n") }, ...two(nta.fileNames(row, 2), row.files.length > 0 && nta.kinds(row)));
      case "where": return row.asked_only ? el("span", { class: "muted" }, "asked only") : two(...place(row.where || ""));
      case "bytes": return row.up > row.down ? two(el("b", {}, nta.bytes(row.up)), "sent") : row.n_files ? el("b", {}, nta.bytes(row.down)) : row.down ? nta.bytes(row.down) : "";
      case "time": return el("time", { datetime: row.first, title: `${nta.time(row.first)} to ${nta.time(row.last)} (${nta.zone})` }, ...two(nta.minute(row.first), row.lastMs - row.ms > 1000 && `for ${nta.lasting(row.lastMs - row.ms)}`));
      case "grade": return nta.badge(row.grade, row.grade, nta.grades[row.grade]);
      case "status": { const [tone, word, title] = nta.proofs[row.proof]; return two(row.status, row.proof !== "holds" && nta.badge(word, tone, title)); }
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
        plain ? column.name : el("button", { type: "button", onclick: () => sortBy(column.id) }, column.name));
    }));
  }

  function sortBy(id) {
    state.sort = { id, down: state.sort.id === id ? !state.sort.down : ["time", "act", "files", "bytes", "grade"].includes(id) };
    apply();
    const button = get("head").querySelector(`.c-${id} button`);
    if (button) button.focus();
  }

  function chip(text, key) {
    return el("button", { type: "button", title: "Take this filter off", onclick: () => set({ [key]: undefined }) }, `${text}  ✕`);
  }

  /** Filter, sort, draw, and tell the rest of the page. */
  function apply(keepPlace = false, soon = false) {
    const before = keepPlace && state.shown[state.active];
    const column = columns.find((one) => one.id === state.sort.id), sign = state.sort.down ? -1 : 1;
    const words = (state.filter.text || "").toLowerCase().split(/\s+/).filter(Boolean);
    state.shown = state.all.filter((row) => fits(row, words)).map((row) => [column.key(row), row])
      .sort(([a, x], [b, y]) => (a < b ? -sign : a > b ? sign : x.order - y.order)).map(([, row]) => row);
    const all = state.data.incidents.all, folded = state.data.incidents.folded;
    get("count").textContent = `${nta.number(state.shown.length)} of ${nta.count(state.all.length, "incident")}` +
      (all > state.all.length || folded ? `; the weightiest ${nta.number(state.all.length)} of ${folded ? "more than " : ""}${nta.number(all + folded)} are in this file` : "");
    get("none").hidden = state.shown.length > 0;
    get("rows").hidden = state.shown.length === 0;
    get("table").setAttribute("aria-rowcount", state.shown.length + 1);
    const { range, at } = state.filter;
    get("chips").replaceChildren(...[range && chip([Number.isFinite(range.from) && `from ${nta.time(range.from)}`, Number.isFinite(range.to) && `to ${nta.time(range.to)}`].filter(Boolean).join(" "), "range"), at && chip(at.name, "at")].filter(Boolean));
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
    options(get("f-user"), new Map(state.all.map((row) => [row.who, row.who])), "all");
    options(get("f-list"), new Map(state.all.flatMap((row) => row.lists.map((list) => [list, list]))), "all");
    options(get("f-country"), new Map(state.all.filter((row) => row.country).map((row) => [row.country, (row.record.peer.geo.country || row.country)])), "all");
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
      get("body").replaceChildren(...rows, ...(rest > 0 ? [el("tr", {}, el("td", { colspan: columns.length }, `and ${nta.number(rest)} more, in the file`))] : []));
    });
    window.addEventListener("afterprint", () => { header(); draw(); });
  }

  return { start, load, set, draw, shown: () => state.shown };
})();

/** "tool.exe, 1.2 MiB, application/zip". */
nta.fileLine = (file) => [file.name || "(no name was seen)", nta.bytes(file.bytes || (file.act === "uploaded" ? file.up : file.down)) + (file.act === "uploaded" ? " sent" : ""), file.type, file.sha256 && `SHA-256 ${file.sha256}`].filter(Boolean).join(", ");

/** "program, archive": what kinds of files they are. */
nta.kinds = (row) => {
  const kinds = [...new Set(row.files.map((file) => file.kind || "unknown"))];
  return kinds.length === 1 && kinds[0] === "unknown" ? (row.files[0].no_hash === "encrypted" ? "encrypted" : "") : kinds.join(", ");
};

/** "tool.exe, a.zip and 6 more". */
nta.fileNames = (row, most) => {
  const names = row.files.slice(0, most).map((file) => file.name || "(no name)"), more = row.n_files - names.length;
  return names.join(", ") + (more > 0 ? ` and ${nta.number(more)} more` : "");
};

/** All that is known of one incident. */
nta.detail = (row) => {
  const { el, get } = nta, { record } = row, peer = record.peer || {}, geo = peer.geo || {}, match = record.match;
  const facts = (pairs) => el("dl", { class: "facts" }, ...pairs.filter(([, value]) => value !== undefined && value !== "" && value !== null && value !== false)
    .flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, ...(Array.isArray(value) ? value : [value]))]));
  const [tone, word, sentence] = nta.proofs[row.proof], words = (list) => (list || []).join(", ");
  const flat = (value, path, out) => {
    if (value !== null && typeof value === "object") for (const [key, inner] of Object.entries(value)) flat(inner, path ? `${path}.${key}` : key, out);
    else out.push([path, el("code", {}, String(value))]);
    return out;
  };
  const seen = [record.one_way && "packets of one direction only", record.gaps && "parts of the stream were never seen", record.mid_stream && "the beginning was not seen"].filter(Boolean).join("; ");
  get("detail-title").textContent = `${row.who} and ${row.site || peer.ip || "?"}`;
  get("detail-body").replaceChildren(
    facts([["When", row.n > 1 ? `${nta.time(row.first)} to ${nta.time(row.last)} (${nta.zone}), ${nta.count(row.n, "record")}` : `${nta.time(row.first)} (${nta.zone})`],
      ["User", [record.user && record.user.person, record.user && record.user.department, record.user && record.user.ip, record.user && record.user.name, record.user && record.user.login, record.user && record.user.mac, record.user && record.user.place].filter(Boolean).join(", ")],
      ["Did", [row.act, row.severity && `severity ${row.severity}`, row.status].filter(Boolean).join(", ")], ["Note", row.note],
      ["Site", row.site], ["As", row.names.slice(0, 20).join(", ") + (row.names.length > 20 || row.names_more ? " and more" : "")], ["Address", record.url && el("code", {}, `${record.method || ""} ${record.url}`)],
      [nta.count(row.n_files, "file"), row.n_files > 0 && el("ul", { class: "files" }, ...row.files.map((file) => el("li", {}, nta.fileLine(file))), row.n_files > row.files.length && el("li", {}, `and ${nta.number(row.n_files - row.files.length)} more`))],
      ["Bytes", `${nta.bytes(row.down)} received, ${nta.bytes(row.up)} sent`],
      ["Server", row.asked_only ? "" : [`${peer.ip || ""}${peer.port ? ` port ${peer.port}` : ""}`, geo.as_org && `AS${geo.asn} ${geo.as_org}`].filter(Boolean).join(", ")],
      ["Where", row.asked_only ? "asked only: the name was looked up, no connection was seen" : row.where], ["", row.at && row.at[2] === "point" && nta.map.links(row.at)],
      ["Forbidden by", [match.list, match.category, match.entry && `entry "${match.entry}"`, match.line && `line ${match.line}`, match.kind].filter(Boolean).join(", ")]]),
    el("h3", {}, "Evidence"),
    facts([["Grade", [nta.badge(row.grade, row.grade), ` ${nta.grades[row.grade]}`]], ["Known by", nta.bases[record.basis] || record.basis], ["Agrees", words(record.agrees)],
      ["Disagrees", record.disagrees && el("b", { class: "hot" }, words(record.disagrees))], ["Weak", match.weak && "the match is marked weak"], ["Hidden", record.hidden && "the hello was encrypted (ECH): the name comes from elsewhere"],
      ["Not seen", seen], ["Chain", [nta.badge(word, tone), ` ${sentence}`]], ["List's SHA-256", match.list_sha256 && el("code", {}, match.list_sha256)], ["Record", record.id && el("code", {}, record.id)], ["Incident", row.id && el("code", {}, row.id)], ["Alerts", nta.number(row.alerts)],
      ["Packets", row.packets > 0 && el("code", {}, `nta packets --incident ${row.id} -o proof.pcapng`)]]),
    el("details", {}, el("summary", {}, "The whole record"), facts(flat(record, "", []))));
  get("detail").showModal();
};
