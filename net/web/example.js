// Example requests from an OpenAPI document, as curl, JavaScript and Python code.
import {resolve} from "./schema.js";

/** Media types whose content is JSON: application/json and those of RFC 6839, section 3.1. */
export function isJson(type) {
  return /^application\/(.+\+)?json\s*(;|$)/.test(type);
}

export function isText(type) {
  return type.startsWith("text/") || isJson(type) || /^application\/x-ndjson\s*(;|$)/.test(type);
}

/** A random key for Idempotency-Key; crypto.randomUUID() exists only on secure origins. */
export function randomKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/**
 * The request for an operation with the given values.
 * values: {path: {}, query: {}, header: {}, body: text or Blob, type: of the body, token: text}
 */
export function requestOf(method, path, values) {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name) => encodeURIComponent(values.path?.[name] ?? ""));
  const query = new URLSearchParams(Object.entries(values.query ?? {}).filter(([, v]) => v !== "")).toString();
  const headers = Object.fromEntries(Object.entries(values.header ?? {}).filter(([, v]) => v !== ""));
  if (values.token) headers.Authorization = `Bearer ${values.token}`;
  const hasBody = Boolean(values.body || values.file);
  if (hasBody) headers["Content-Type"] = values.type;
  return {method: method.toUpperCase(), path: filled + (query ? `?${query}` : ""), headers,
          body: values.body || null, file: values.body ? null : values.file ?? null,
          isJson: hasBody && isJson(values.type)};
}

/** The values of an operation's examples, required ones only. */
export function exampleValues(root, operation) {
  const values = {path: {}, query: {}, header: {}, body: "", token: ""};
  for (const parameter of (operation.parameters ?? []).map((p) => resolve(root, p))) {
    const key = parameter.name === "Idempotency-Key";
    if (!parameter.required && !key) continue;
    values[parameter.in][parameter.name] =
        key ? randomKey() : String(parameter.example ?? "");
  }
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (media) {
    values.type = type === "image/*" ? "image/jpeg" : type;
    if (isJson(type)) values.body = JSON.stringify(media.example ?? {}, null, 2);
    else if (typeof media.example === "string") values.body = media.example;
    else values.file = `body.${values.type.split(/[/;+]/)[1]}`;
  }
  const needsToken = (operation.security ?? []).every((s) => Object.keys(s).length > 0);
  if (needsToken) values.token = "ACCESS_TOKEN";
  return values;
}

/** The content of successful responses: "json", "text", "bytes", "none"; "maybe json" if only some have it. */
export function answerKind(root, operation) {
  const kinds = new Set();
  for (const [status, node] of Object.entries(operation.responses ?? {})) {
    if (!status.startsWith("2")) continue;
    const types = Object.keys(resolve(root, node).content ?? {});
    if (types.length === 0) kinds.add("none");
    for (const type of types) kinds.add(isJson(type) ? "json" : isText(type) ? "text" : "bytes");
  }
  if (kinds.size === 2 && kinds.has("none") && kinds.has("json")) return "maybe json";
  return kinds.size === 1 ? [...kinds][0] : kinds.size === 0 ? "none" : "bytes";
}

function shellQuote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function curlExample(origin, r) {
  const lines = [`curl -i${r.method === "GET" ? "" : ` -X ${r.method}`} ${shellQuote(origin + r.path)}`];
  for (const [name, value] of Object.entries(r.headers)) lines.push(`-H ${shellQuote(`${name}: ${value}`)}`);
  // --data would read a text that begins with @ as a file name; --data-binary keeps a file's line ends.
  if (r.body) lines.push(`--data-raw ${shellQuote(r.body)}`);
  if (r.file) lines.push(`--data-binary ${shellQuote(`@${r.file}`)}`);
  return lines.join(" \\\n  ");
}

const javascriptAnswers = {
  json: ["console.log(await response.json());"],
  text: ["console.log(await response.text());"],
  bytes: ["const bytes = await response.arrayBuffer();", "console.log(`${bytes.byteLength} bytes`);"],
  none: ["console.log(response.status);"],
  "maybe json": ["const text = await response.text();", "console.log(text ? JSON.parse(text) : response.status);"],
};

export function javascriptExample(origin, r, kind) {
  const lines = r.file ? ['import {readFile} from "node:fs/promises";', ""] : [];
  lines.push(`const response = await fetch(${JSON.stringify(origin + r.path)}, {`, `  method: ${JSON.stringify(r.method)},`);
  if (Object.keys(r.headers).length > 0) {
    lines.push(`  headers: ${JSON.stringify(r.headers, null, 2).replaceAll("\n", "\n  ")},`);
  }
  if (r.body && r.isJson) lines.push(`  body: JSON.stringify(${r.body.replaceAll("\n", "\n  ")}),`);
  if (r.body && !r.isJson) lines.push(`  body: ${JSON.stringify(r.body)},`);
  if (r.file) lines.push(`  body: await readFile(${JSON.stringify(r.file)}),`);
  lines.push("});", "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);",
             ...javascriptAnswers[kind]);
  return lines.join("\n");
}

/** JSON as a Python literal. */
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

const pythonAnswers = {
  json: ["print(json.load(response))"],
  text: ["print(response.read().decode())"],
  bytes: ['print(len(response.read()), "bytes")'],
  none: ["print(response.status)"],
  "maybe json": ["text = response.read()", "print(json.loads(text) if text else response.status)"],
};

/** Uses only Python's standard library. */
export function pythonExample(origin, r, kind) {
  const lines = ["request = Request(", `    ${JSON.stringify(origin + r.path)},`, `    method=${JSON.stringify(r.method)},`];
  if (Object.keys(r.headers).length > 0) lines.push(`    headers=${pythonLiteral(r.headers, "    ")},`);
  if (r.body && r.isJson) lines.push(`    data=json.dumps(${pythonLiteral(JSON.parse(r.body), "    ")}).encode(),`);
  if (r.body && !r.isJson) lines.push(`    data=${JSON.stringify(r.body)}.encode(),`);
  if (r.file) lines.push(`    data=open(${JSON.stringify(r.file)}, "rb").read(),`);
  lines.push(")", "with urlopen(request, timeout=30) as response:", ...pythonAnswers[kind].map((l) => `    ${l}`));
  const imports = ["from urllib.request import Request, urlopen", ""];
  if (lines.some((l) => l.includes("json."))) imports.unshift("import json");
  return [...imports, ...lines].join("\n");
}
