// One entry of a reference: a heading with collapsible content.
import {h} from "./dom.js";
import {fieldList, wordsOf} from "./schema.js";

/** make() returns the content when it is first shown. */
export function foldedEntry(id, head, make) {
  const element = h("details", {class: "entry", id}, h("summary", {}, head));
  element.addEventListener("toggle", () => {
    if (element.open && element.children.length === 1) element.append(h("div", {class: "entry-body"}, make()));
  });
  return element;
}

/** The name as code, with a description in the line below. */
export function headOf(name, about) {
  return h("div", {class: "head"}, h("h3", {class: "path"}, name), about ? h("span", {class: "about"}, about) : null);
}

/** A group with the named schemas of the document. */
export function schemaGroup(root, description) {
  const entries = Object.entries(root.components.schemas ?? {}).sort().map(([name, schema]) => ({
    id: `schema/${name}`, title: name, words: () => `schema ${wordsOf(root, [schema])}`,
    element: foldedEntry(`schema/${name}`, headOf(name), () => fieldList(root, schema)),
  }));
  return {id: "schemas", title: "Schemas", description: h("p", {}, description), entries};
}
