// What the pages share: theme, menu, search, contents, deep links.
import {h} from "./dom.js";

function storedTheme() {
  try {
    return localStorage.getItem("stoa-theme");
  } catch {
    return null;
  }
}

/** Light, dark, or as the system says. */
export function startTheme() {
  const button = document.getElementById("theme");
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme ?? "auto";
    button?.setAttribute("aria-label", `Theme: ${theme ?? "as the system"}`);
  };
  apply(storedTheme());
  button?.addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme === "dark" ||
        (document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    apply(dark ? "light" : "dark");
    try {
      localStorage.setItem("stoa-theme", dark ? "light" : "dark");
    } catch {
      // Without storage the choice holds for this page.
    }
  });
}

function startMenu() {
  const button = document.getElementById("menu");
  const nav = document.getElementById("nav");
  const set = (open) => {
    button.setAttribute("aria-expanded", String(open));
    nav.classList.toggle("open", open);
  };
  button.addEventListener("click", () => set(button.getAttribute("aria-expanded") !== "true"));
  nav.addEventListener("click", (event) => { if (event.target.closest("a")) set(false); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") set(false); });
}

/** Marks the current page among the links of the header. */
function markPage() {
  for (const link of document.querySelectorAll(".pages a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
  }
}

/** Opens and shows what the fragment names. */
function follow() {
  let id = "";
  try {
    id = decodeURIComponent(location.hash.slice(1));
  } catch {
    return;  // a fragment that is not percent-encoded names nothing
  }
  const target = document.getElementById(id);
  if (!target) return;
  for (let e = target; e; e = e.parentElement) {
    if (e.tagName === "DETAILS") e.open = true;
  }
  for (const link of document.querySelectorAll("#nav a")) {
    link.toggleAttribute("data-current", link.getAttribute("href") === location.hash);
  }
  target.scrollIntoView();
  (target.querySelector("summary, h2, h3") ?? target).focus({preventScroll: true});
}

/**
 * Shows groups of entries, with contents and search.
 * groups: [{id, title, description, entries: [{id, title, label, words, element}]}]
 */
export function startPage(intro, groups) {
  const nav = document.getElementById("nav");
  const content = document.getElementById("content");
  const count = h("p", {class: "count", role: "status", "aria-live": "polite"});
  const parts = groups.map((group) => {
    const items = group.entries.map((entry) => ({
      entry,
      words: `${entry.title} ${entry.words}`.toLowerCase(),
      link: h("li", {}, h("a", {href: `#${entry.id}`}, entry.label ?? null, h("span", {}, entry.title))),
    }));
    const links = h("details", {open: true},
                    h("summary", {}, group.title, h("span", {class: "number"}, group.entries.length)),
                    h("ul", {}, items.map((i) => i.link)));
    const section = h("section", {id: group.id, "aria-label": group.title},
                      h("h2", {tabindex: "-1"}, group.title), group.description,
                      items.map((i) => i.entry.element));
    return {items, links, section};
  });
  nav.replaceChildren(count, ...parts.map((p) => p.links));
  content.replaceChildren(intro, ...parts.map((p) => p.section));
  startMenu();
  markPage();
  startSearch(parts, count, intro);
  window.addEventListener("hashchange", follow);
  follow();
}

function startSearch(parts, count, intro) {
  const field = document.getElementById("search");
  const filter = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter((w) => w !== "");
    let found = 0;
    for (const part of parts) {
      let here = 0;
      for (const item of part.items) {
        const hit = words.every((w) => item.words.includes(w));
        item.link.hidden = !hit;
        item.entry.element.hidden = !hit;
        here += hit ? 1 : 0;
      }
      part.links.hidden = here === 0;
      part.section.hidden = here === 0;
      found += here;
    }
    intro.hidden = words.length > 0;
    count.textContent = words.length > 0 ? `${found} found` : "";
    document.body.dataset.found = String(found);
  };
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      field.value = "";
      filter();
    }
    if (event.key !== "Enter") return;
    const first = document.querySelector("#nav li:not([hidden]) a");
    if (first) location.hash = first.getAttribute("href");
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  filter();
}

/** The document at the path, or an error on the page. */
export async function load(path) {
  const answer = await fetch(path, {headers: {Accept: "application/json"}});
  if (!answer.ok) throw new Error(`${path} was answered with status ${answer.status}`);
  return answer.json();
}

export function showFailure(error) {
  document.getElementById("content").replaceChildren(
      h("p", {role: "alert", class: "failure"}, `The page cannot be shown: ${error.message}`));
}
