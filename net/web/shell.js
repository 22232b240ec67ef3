// Shared by the references: contents, search, deep links.
import {h} from "./dom.js";

const addressDelayMs = 300;  // browsers limit how often a page may change its address

function startMenu() {
  const button = document.getElementById("menu");
  const nav = document.getElementById("nav");
  const set = (open) => {
    button.setAttribute("aria-expanded", String(open));
    nav.classList.toggle("open", open);
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  nav.addEventListener("click", (event) => { if (event.target.closest("a")) set(false); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || button.getAttribute("aria-expanded") !== "true") return;
    set(false);
    button.focus();
  });
}

/** Marks the current page among the links of the header. */
function markPage() {
  for (const link of document.querySelectorAll(".pages a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
  }
}

function markEntry() {
  for (const link of document.querySelectorAll("#nav a")) {
    const here = link.getAttribute("href") === location.hash;
    if (here) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
    if (here && link.offsetParent) link.scrollIntoView({block: "nearest"});
  }
}

/** Opens and shows the fragment's target, even when a search hides it. */
function follow(search) {
  let id = "";
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;  // a malformed fragment has no target
  }
  const target = document.getElementById(id);
  if (!target) return;
  if (target.closest("[hidden]")) search.reset();
  for (let e = target; e; e = e.parentElement) {
    if (e.tagName === "DETAILS") e.open = true;
  }
  markEntry();
  target.scrollIntoView();
  (target.querySelector(":scope > summary, :scope > h2") ?? target).focus({preventScroll: true});
}

/** Sets the fragment to an entry that the user opens, so that a reload shows it again. */
function keepOpened(content) {
  content.addEventListener("click", (event) => {
    const entry = event.target.closest("summary")?.parentElement;
    if (!entry?.matches(".entry:not([open])")) return;
    history.replaceState(null, "", `#${entry.id}`);
    markEntry();
  });
}

/**
 * Shows groups of entries, with contents and search.
 * groups: [{id, title, description, entries: [{id, title, label, words, element}]}], where words() returns
 * the searchable text of the entry in addition to its title.
 */
export function startPage(intro, groups) {
  const nav = document.getElementById("nav");
  const content = document.getElementById("content");
  const parts = groups.map((group) => {
    const items = group.entries.map((entry) => ({
      entry, link: h("li", {}, h("a", {href: `#${entry.id}`}, entry.label ?? null, h("span", {}, entry.title))),
    }));
    const number = h("span", {class: "number"});
    const links = h("details", {open: true}, h("summary", {}, group.title, number),
                    h("ul", {}, items.map((i) => i.link)));
    const section = h("section", {id: group.id, "aria-labelledby": `${group.id}-title`},
                      h("h2", {tabindex: "-1", id: `${group.id}-title`}, group.title),
                      h("div", {class: "intro"}, group.description), items.map((i) => i.entry.element));
    return {items, number, links, section};
  });
  const nothing = h("div", {class: "nothing", hidden: true});
  nav.replaceChildren(...parts.map((p) => p.links));
  content.replaceChildren(intro, ...parts.map((p) => p.section), nothing);
  startMenu();
  markPage();
  keepOpened(content);
  const search = startSearch(parts, intro, nothing);
  window.addEventListener("hashchange", () => follow(search));
  follow(search);
}

/** Shows the entries that contain all words; returns their number and the one that Enter opens. */
function filter(parts, words) {
  const result = {found: 0, best: null};
  for (const {items, number, links, section} of parts) {
    let here = 0;
    for (const {entry, link} of items) {
      const title = entry.title.toLowerCase();
      let hit = true;
      if (words.length > 0) {
        entry.text ??= `${title} ${entry.words()}`.toLowerCase();
        hit = words.every((w) => entry.text.includes(w));
      }
      link.hidden = entry.element.hidden = !hit;
      here += hit ? 1 : 0;
      const named = words.every((w) => title.includes(w));
      if (hit && (!result.best || (named && !result.named))) Object.assign(result, {best: entry, named});
    }
    number.textContent = here === items.length ? `${here}` : `${here} of ${items.length}`;
    links.hidden = section.hidden = here === 0;
    result.found += here;
  }
  return result;
}

/** Stores the search in the address, so that it can be shared and survives a reload. */
function keepSearch(text) {
  const address = new URL(location);
  if (text.trim() === "") address.searchParams.delete("q");
  else address.searchParams.set("q", text);
  if (address.href !== location.href) history.replaceState(null, "", address);
}

function startSearch(parts, intro, nothing) {
  const field = document.getElementById("search");
  let result = null;
  let addressTimer = 0;
  const update = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter((w) => w !== "");
    result = filter(parts, words);
    intro.hidden = words.length > 0;
    nothing.hidden = result.found > 0;
    if (result.found === 0) {
      nothing.replaceChildren(h("h1", {}, "Nothing found"), h("p", {}, `No entry contains all of: ${words.join(", ")}.`),
                              h("button", {type: "button", onclick: () => { reset(); field.focus(); }}, "Clear the search"));
    }
    document.getElementById("count").textContent = words.length > 0 ? `${result.found} found` : "";
    clearTimeout(addressTimer);
    addressTimer = setTimeout(() => keepSearch(field.value), addressDelayMs);
  };
  const reset = () => {
    field.value = "";
    update();
  };
  field.addEventListener("input", update);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") reset();
    if (event.key === "Enter" && result.best) {
      location.hash = result.best.id;
      window.dispatchEvent(new HashChangeEvent("hashchange"));  // not sent when the fragment does not change
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  update();
  return {reset};
}

/** The document at the path. */
export async function load(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} returned status ${answer.status}`);
  return answer.json();
}

export function showFailure(error) {
  document.getElementById("content").replaceChildren(
      h("h1", {}, "The page cannot be displayed"), h("p", {role: "alert", class: "failure"}, error.message),
      h("button", {type: "button", onclick: () => location.reload()}, "Reload"));
}
