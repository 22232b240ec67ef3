// DOM elements. Text from documents and responses becomes text nodes, never markup.

/** h("a", {class: "x", href: "/", onclick: f}, "text", element, [more]): an element. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null));
  return element;
}

/** Text with `code`, **strong** and empty lines between paragraphs. */
export function richText(text) {
  return String(text ?? "").split(/\n\s*\n/).filter((p) => p.trim() !== "").map((p) => h("p", {}, inlineText(p)));
}

/** The same within one line. */
export function inlineText(text) {
  return String(text ?? "").split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`") && part.length > 2) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**") && part.length > 4) return h("strong", {}, part.slice(2, -2));
    return part;
  });
}

function copyButton(text) {
  const button = h("button", {type: "button", class: "copy"}, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Copy failed";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  return button;
}

/** A block of code with a label and a copy button. */
export function codeBlock(text, label) {
  return h("div", {class: "code"}, h("div", {class: "code-head"}, h("span", {}, label), copyButton(text)),
           h("pre", {tabindex: "0", role: "region", "aria-label": label}, h("code", {}, text)));
}

let tabGroups = 0;

/** Tabs (ARIA pattern): [{name, make}], where make() returns a panel's content when it is first shown. */
export function tabs(label, entries) {
  const group = ++tabGroups;
  const list = h("div", {class: "tabs", role: "tablist", "aria-label": label});
  const panel = h("div", {class: "tabpanel", role: "tabpanel", id: `panel-${group}`});
  const made = new Map();
  const buttons = entries.map((entry, i) => h("button", {
    type: "button", role: "tab", "aria-controls": `panel-${group}`, id: `tab-${group}-${i}`,
    onclick: () => show(i),
  }, entry.name));
  function show(index) {
    buttons.forEach((b, i) => {
      b.setAttribute("aria-selected", String(i === index));
      b.tabIndex = i === index ? 0 : -1;
    });
    if (!made.has(index)) made.set(index, entries[index].make());
    panel.replaceChildren(made.get(index));
    panel.setAttribute("aria-labelledby", `tab-${group}-${index}`);
  }
  list.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(document.activeElement);
    const last = buttons.length - 1;
    const next = {ArrowRight: here < last ? here + 1 : 0, ArrowLeft: here > 0 ? here - 1 : last,
                  Home: 0, End: last}[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[next].focus();
    show(next);
  });
  list.append(...buttons);
  show(0);
  return h("div", {}, list, panel);
}
