// JSON Schemas as lists of fields with types and rules.
import {h, inlineText} from "./dom.js";

const depthMax = 5;
const patternMax = 60;  // longer patterns are collapsed
const knownMax = 20;  // longer lists of values are omitted

export function nameOf(reference) {
  return reference.slice(reference.lastIndexOf("/") + 1);
}

/** Follows references within the document ("#/components/..."). */
export function resolve(root, node) {
  let found = node;
  for (let i = 0; found && found.$ref && i < 8; ++i) {
    const {$ref, ...own} = found;
    const target = $ref.slice(2).split("/").reduce((at, key) => at?.[key.replaceAll("~1", "/").replaceAll("~0", "~")],
                                                   root);
    found = {...target, ...own, properties: merged(target?.properties, own.properties)};
  }
  return found ?? {};
}

/** A reference may narrow members of its target. */
function merged(base, narrowed) {
  if (!base || !narrowed) return base ?? narrowed;
  const all = {...base};
  for (const [name, schema] of Object.entries(narrowed)) all[name] = {...all[name], ...schema};
  return all;
}

/** The alternatives other than null, and whether null is allowed. */
function withoutNull(schema) {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (!alternatives) return {schema, nullable: [schema.type].flat().includes("null")};
  const rest = alternatives.filter((a) => a.type !== "null");
  return {schema: rest[0] ?? {}, nullable: rest.length < alternatives.length};
}

/** "array of money", "string (uuid)", "integer or null". */
export function typeName(root, node) {
  const {schema, nullable} = withoutNull(node);
  const end = nullable ? " or null" : "";
  if (schema.$ref) return nameOf(schema.$ref) + end;
  if (schema.const !== undefined) return JSON.stringify(schema.const) + end;
  const type = [schema.type ?? "any JSON"].flat().filter((t) => t !== "null").join(" or ");
  if (type === "array") return `array of ${typeName(root, schema.items ?? {})}${end}`;
  return type + (schema.format ? ` (${schema.format})` : "") + end;
}

function listed(values) {
  return values.map((v) => JSON.stringify(v)).join(", ");
}

/** The rules of a value as text. */
function rulesOf(schema) {
  const rules = [];
  const add = (text, value) => { if (value !== undefined) rules.push(`${text} ${value}`); };
  add("at least", schema.minimum);
  add("at most", schema.maximum);
  add("min. length", schema.minLength);
  add("max. length", schema.maxLength);
  add("min. elements", schema.minItems);
  add("max. elements", schema.maxItems);
  add("max. members", schema.maxProperties);
  if (schema.pattern?.length <= patternMax) add("pattern", schema.pattern);
  const known = schema["x-extensible-enum"];
  if (schema.enum) rules.push(`one of ${listed(schema.enum)}`);
  if (known && known.length <= knownMax) rules.push(`one of ${listed(known)}, or values of later versions`);
  const ofEach = schema.items ? rulesOf(schema.items) : [];
  if (ofEach.length > 0) rules.push(`each element: ${ofEach.join(", ")}`);
  if (schema.default !== undefined) rules.push(`default ${JSON.stringify(schema.default)}`);
  return rules;
}

/** The rules of a value; a long pattern is collapsed. */
export function rulesView(schema) {
  const rules = rulesOf(schema);
  const pattern = schema.pattern?.length > patternMax ? schema.pattern : null;
  return [rules.length > 0 ? h("div", {class: "rules"}, rules.join("; ")) : null,
          pattern ? h("details", {class: "rules"}, h("summary", {}, "pattern"), pattern) : null];
}

function nested(root, schema) {
  const inner = withoutNull(schema).schema;
  const found = resolve(root, inner);
  if (found.type === "array" || [found.type].flat().includes("array")) return nested(root, found.items ?? {});
  if (found.properties) return found;
  if (typeof found.additionalProperties === "object") return nested(root, found.additionalProperties);
  return null;
}

/** One field: name, type, rules, description; nested fields are collapsed. */
export function fieldRow(root, name, node, required, depth = 0) {
  const schema = {...resolve(root, withoutNull(node).schema), ...node};
  const inner = depth < depthMax ? nested(root, node) : null;
  const line = [
    h("code", {class: "name"}, name),
    h("span", {class: "type"}, typeName(root, node)),
    required ? h("span", {class: "required"}, "required") : null,
    schema.deprecated ? h("span", {class: "deprecated"}, "deprecated") : null,
  ];
  const more = [
    node.description ? h("div", {class: "about"}, inlineText(node.description)) : null,
    rulesView(schema),
  ];
  if (!inner) return h("li", {}, h("div", {class: "line"}, line), more);
  const body = h("details", {}, h("summary", {class: "line"}, line));
  body.addEventListener("toggle", () => {
    if (body.open && body.children.length === 1) body.append(fieldList(root, inner, depth + 1));
  });
  return h("li", {}, body, more);
}

/** The fields of an object's schema. */
export function fieldList(root, node, depth = 0) {
  const schema = nested(root, node) ?? resolve(root, node);
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(
      ([name, member]) => fieldRow(root, name, member, required.has(name), depth));
  if (rows.length === 0) return [h("p", {class: "type"}, typeName(root, node)), rulesView(schema)];
  return h("ul", {class: "fields"}, rows);
}

/** The names of fields at any depth, and the values of enumerations. */
export function wordsOf(root, nodes) {
  const words = new Set();
  const seen = new Set();
  const visit = (node) => {
    if (!node || seen.has(node.$ref ?? node)) return;
    seen.add(node.$ref ?? node);
    const schema = resolve(root, node);
    for (const value of [...schema.enum ?? [], ...schema["x-extensible-enum"] ?? []]) words.add(value);
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      words.add(name);
      visit(member);
    }
    const {items, additionalProperties, anyOf = [], oneOf = []} = schema;
    for (const inner of [items, additionalProperties, ...anyOf, ...oneOf]) visit(inner);
  };
  nodes.forEach(visit);
  return [...words].join(" ");
}

/** A heading with the schema's name, and its fields. */
export function schemaView(root, node) {
  const closed = resolve(root, node).additionalProperties === false;
  return h("div", {},
           h("p", {class: "about"}, h("strong", {}, typeName(root, node)),
             closed ? ": other fields are rejected" : ""),
           fieldList(root, node));
}
