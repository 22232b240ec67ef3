// Examples: of schemas, and of requests in curl, JavaScript and Python.
import {resolve} from "./schema.js";

const jsonType = "application/json";

/** A value that the schema describes. */
export function exampleOf(root, node, depth = 0) {
  const schema = resolve(root, node);
  if (schema.examples?.length > 0) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return exampleOf(root, alternatives[0], depth);
  if (schema.enum) return schema.enum[0];
  const type = [schema.type].flat().find((t) => t !== "null");
  if (type === "array") return depth > 5 ? [] : [exampleOf(root, schema.items ?? {}, depth + 1)];
  if (type === "integer" || type === "number") return Math.max(1, schema.minimum ?? 1);
  if (type === "boolean") return true;
  if (type === "string") return textExample(schema);
  const object = {};
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (depth < 5) object[name] = exampleOf(root, member, depth + 1);
  }
  return object;
}

function textExample(schema) {
  const known = {
    uuid: "0194f3a2-7c1e-7d55-a1b0-5a2f4c6d8e90",
    "date-time": "2026-03-14T09:26:53Z",
    email: "ada@example.com",
    uri: "https://example.com/radio.jpg",
  };
  if (known[schema.format]) return known[schema.format];
  return schema.pattern === "^[A-Z][A-Z][A-Z]$" ? "EUR" : schema.pattern === "^[A-Z][A-Z]$" ? "GB" : "text";
}

/** A random key for Idempotency-Key; crypto.randomUUID() exists on secure origins alone. */
export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * The request that an operation and the given values make.
 * values: {path: {}, query: {}, header: {}, body: text, type: of the body, token: text}
 */
export function requestOf(method, path, values) {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(values.path?.[name] ?? ""));
  const query = new URLSearchParams(Object.entries(values.query ?? {}).filter(([, v]) => v !== ""));
  const headers = Object.fromEntries(Object.entries(values.header ?? {}).filter(([, v]) => v !== ""));
  if (values.token) headers.Authorization = `Bearer ${values.token}`;
  const type = values.type ?? jsonType;
  if (values.body) headers["Content-Type"] = type;
  const search = query.toString();
  return {method: method.toUpperCase(), path: filled + (search ? `?${search}` : ""), headers, body: values.body || null,
          isJson: type === jsonType};
}

/** The values that an operation's own examples give: required ones alone. */
export function exampleValues(root, operation) {
  const values = {path: {}, query: {}, header: {}, body: "", token: ""};
  for (const parameter of (operation.parameters ?? []).map((p) => resolve(root, p))) {
    const example = parameter.example ?? exampleOf(root, parameter.schema ?? {});
    const key = parameter.name === "Idempotency-Key";
    if (parameter.required || key) values[parameter.in][parameter.name] = String(example);
  }
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (media) {
    const example = media.example ?? exampleOf(root, media.schema ?? {});
    values.type = type;
    values.body = type === jsonType ? JSON.stringify(example, null, 2) : String(example);
  }
  const needsToken = (operation.security ?? []).every((s) => Object.keys(s).length > 0);
  if (needsToken) values.token = "ACCESS_TOKEN";
  return values;
}

function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function curlExample(origin, r) {
  const lines = [`curl -i${r.method === "GET" ? "" : ` -X ${r.method}`} ${shellQuote(origin + r.path)}`];
  for (const [name, value] of Object.entries(r.headers)) lines.push(`-H ${shellQuote(`${name}: ${value}`)}`);
  if (r.body) lines.push(`--data ${shellQuote(r.body)}`);
  return lines.join(" \\\n  ");
}

export function javascriptExample(origin, r) {
  const lines = [`const answer = await fetch(${JSON.stringify(origin + r.path)}, {`,
                 `  method: ${JSON.stringify(r.method)},`,
                 `  headers: ${JSON.stringify(r.headers, null, 2).replaceAll("\n", "\n  ")},`];
  if (r.body && r.isJson) lines.push(`  body: JSON.stringify(${r.body.replaceAll("\n", "\n  ")}),`);
  if (r.body && !r.isJson) lines.push(`  body: ${JSON.stringify(r.body)},`);
  lines.push("});", "if (!answer.ok) throw new Error((await answer.json()).code);",
             answerUse(r, "console.log(await answer.json());"));
  return lines.filter((l) => l !== "").join("\n");
}

function answerUse(r, text) {
  return r.method === "DELETE" ? "" : text;
}

/** JSON as a literal of Python. */
function pythonLiteral(value, indent = "") {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const entries = Array.isArray(value) ? value.map((v) => inner + pythonLiteral(v, inner)) :
      Object.entries(value).map(([k, v]) => `${inner}${JSON.stringify(k)}: ${pythonLiteral(v, inner)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return entries.length === 0 ? open + close : `${open}\n${entries.join(",\n")},\n${indent}${close}`;
}

export function pythonExample(origin, r) {
  const headers = Object.fromEntries(Object.entries(r.headers).filter(
      ([name]) => name !== "Content-Type" || !r.isJson));
  const lines = ["import requests", "", "answer = requests.request(",
                 `    ${JSON.stringify(r.method)},`, `    ${JSON.stringify(origin + r.path)},`,
                 `    headers=${pythonLiteral(headers, "    ")},`];
  if (r.body && r.isJson) lines.push(`    json=${pythonLiteral(JSON.parse(r.body), "    ")},`);
  if (r.body && !r.isJson) lines.push(`    data=${JSON.stringify(r.body)},`);
  lines.push("    timeout=10,", ")", "answer.raise_for_status()", answerUse(r, "print(answer.json())"));
  return lines.join("\n").trimEnd();
}
