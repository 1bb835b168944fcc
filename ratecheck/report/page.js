// What the page can do besides being read: open what a link points at, find, filter and sort, and
// go through the catalogue by the arrow keys, so that it is one stop of the tabulator.
(() => {
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const get = id => document.getElementById(id);

  const reveal = () => {
    const at = get(decodeURIComponent(location.hash.slice(1)));
    if (!at) return;
    for (let e = at; e; e = e.parentElement) if (e.tagName === "DETAILS") e.open = true;
    at.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details.claim:not([open])");
    folded.forEach(e => { e.open = true; });
  });
  addEventListener("afterprint", () => folded.forEach(e => { e.open = false; }));

  const tools = document.querySelector(".tools"), table = document.querySelector("table.catalogue");
  if (!tools || !table) return;
  tools.hidden = false;
  const bodies = all("tbody", table), rows = all("tr[data-verdicts]", table);
  const titles = new Map(all("tr.claim", table).map(row => [row.dataset.claim, row]));
  const chapter = new Map(bodies.flatMap(body => all("tr", body).map(row => [row, body])));
  const order = bodies.map(body => all("tr", body));
  const words = row => [
    row.textContent, titles.get(row.dataset.claim).textContent,
    chapter.get(row).querySelector(".chapter").textContent, row.dataset.claim,
  ].join(" ").toLowerCase();
  const texts = new Map(rows.map(row => [row, words(row)]));

  const lines = () => all("a", table).filter(link => !link.closest("tr").hidden);
  let here = null;
  const stop = link => {
    if (here) here.tabIndex = -1;
    if (link) link.tabIndex = 0;
    here = link || null;
  };
  all("a", table).forEach(link => { link.tabIndex = -1; });
  stop(lines()[0]);
  table.addEventListener("focusin", event => { if (event.target.closest("a")) stop(event.target); });
  table.addEventListener("keydown", event => {
    const links = lines(), at = links.indexOf(here);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (at < 0 || !links[to] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    links[to].focus();
  });

  const show = () => {
    const wanted = get("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    const only = get("only").value, near = get("order").value === "near";
    let count = 0;
    for (const row of rows) {
      const fits = wanted.every(word => texts.get(row).includes(word))
        && (!only || row.dataset.verdicts.split(" ").includes(only));
      row.hidden = !fits;
      count += fits;
    }
    const seen = new Set(rows.filter(row => !row.hidden).map(row => row.dataset.claim));
    titles.forEach((row, claim) => { row.hidden = near || !seen.has(claim); });
    bodies.forEach((body, i) => {
      body.append(...order[i]);
      all(".chapter", body)[0].hidden = near || order[i].every(row =>
        row.hidden || row.classList.contains("chapter"));
    });
    if (near) bodies[0].append(...[...rows].sort((a, b) => b.dataset.reach - a.dataset.reach));
    get("found").textContent = count === rows.length ? "" : `${count} of ${rows.length} lines`;
    if (!lines().includes(here)) stop(lines()[0]);
  };
  for (const id of ["find", "only", "order"]) get(id).addEventListener("input", show);
})();
