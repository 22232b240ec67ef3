// /docs: the OpenAPI document as a page.
import {codeBlock, h, inlineText, richText, tabs} from "./dom.js";
import {foldedEntry, headOf, schemaGroup} from "./entry.js";
import {answerKind, curlExample, exampleValues, isJson, javascriptExample, pythonExample, requestOf}
  from "./example.js";
import {resolve, rulesView, schemaView, typeName, wordsOf} from "./schema.js";
import {load, showFailure, startPage} from "./shell.js";
import {accessPanel, tryPanel} from "./try.js";

const places = {path: "Path", query: "Query", header: "Header fields"};

function parameterRow(root, parameter) {
  return h("li", {}, h("div", {class: "line"},
                       h("code", {class: "name"}, parameter.name),
                       h("span", {class: "type"}, typeName(root, parameter.schema ?? {})),
                       parameter.required ? h("span", {class: "required"}, "required") : null),
           parameter.description ? h("div", {class: "about"}, inlineText(parameter.description)) : null,
           rulesView(resolve(root, parameter.schema ?? {})));
}

/** References to parameters of nearly all operations, and error codes of most operations. */
let commonParameters = new Set();
let commonCodes = new Set();

/** The names that more than this share of the operations have. */
function commonNames(root, namesOf, share) {
  const operations = Object.values(root.paths).flatMap((item) => Object.values(item));
  const counts = new Map();
  for (const name of operations.flatMap((o) => [...new Set(namesOf(o))])) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Set([...counts].filter(([, count]) => count > share * operations.length).map(([name]) => name));
}

function referencesOf(operation) {
  return (operation.parameters ?? []).map((p) => p.$ref).filter((r) => r);
}

function codesOf(root, operation) {
  return Object.values(operation.responses ?? {}).flatMap(
      (node) => Object.keys(resolve(root, node).content?.["application/problem+json"]?.examples ?? {}));
}

function parametersView(root, operation) {
  const all = (operation.parameters ?? []).map((p) => ({...resolve(root, p), common: commonParameters.has(p.$ref)}));
  const list = (rows) => h("ul", {class: "fields"}, rows.map((p) => parameterRow(root, p)));
  const own = Object.entries(places).map(([place, title]) => {
    const here = all.filter((p) => p.in === place && !p.common);
    return here.length === 0 ? null : [h("h4", {}, title), list(here)];
  });
  const common = all.filter((p) => p.common);
  return [own, common.length === 0 ? null :
      h("details", {class: "more"}, h("summary", {}, "Header fields of all operations"), list(common))];
}

function bodyView(root, operation) {
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  if (!media) return null;
  return [h("h4", {}, "Body ", h("span", {class: "type"}, type), " ",
            operation.requestBody.required ? h("span", {class: "required"}, "required") : null),
          isJson(type) ? schemaView(root, media.schema) : null];
}

function codeTable(rows, title = "Code") {
  return h("table", {}, h("thead", {}, h("tr", {}, h("th", {scope: "col"}, title), h("th", {scope: "col"}, "Meaning"))),
           h("tbody", {}, rows.map(([code, meaning]) => h("tr", {}, h("th", {scope: "row"}, code),
                                                          h("td", {}, inlineText(meaning))))));
}

function problemTable(root, examples) {
  const kinds = new Map(root["x-problem-codes"].map((k) => [k.code, k]));
  return codeTable(Object.keys(examples).map(
      (code) => [h("a", {href: `#error/${code}`}, h("code", {}, code)), kinds.get(code)?.meaning]));
}

function answerView(root, status, node) {
  const answer = resolve(root, node);
  const [type, media] = Object.entries(answer.content ?? {})[0] ?? [];
  const problems = type === "application/problem+json";
  const headers = Object.entries(answer.headers ?? {}).map(
      ([name, header]) => parameterRow(root, {name, ...resolve(root, header)}));
  return h("div", {},
           media ? h("p", {class: "about"}, type) : h("p", {class: "about"}, "No body."),
           problems ? problemTable(root, media.examples ?? {}) : null,
           media && !problems && isJson(type) ? schemaView(root, media.schema) : null,
           media?.example !== undefined ? codeBlock(JSON.stringify(media.example, null, 2), "Example") : null,
           headers.length > 0 ?
               h("details", {class: "more"}, h("summary", {}, "Header fields"), h("ul", {class: "fields"}, headers)) : null);
}

function answersView(root, operation) {
  const entries = Object.entries(operation.responses ?? {}).map(
      ([status, node]) => ({name: status, make: () => answerView(root, status, node)}));
  return [h("h4", {}, "Responses"), tabs("Responses by status", entries)];
}

function examplesView(root, method, path, operation) {
  const request = requestOf(method, path, exampleValues(root, operation));
  const kind = answerKind(root, operation);
  const code = (name, make) => ({name, make: () => codeBlock(make(location.origin, request, kind), name)});
  return [h("h4", {}, "Request"), tabs("Examples", [
    code("curl", curlExample),
    code("JavaScript", javascriptExample),
    code("Python", pythonExample),
    {name: "Try it", make: () => tryPanel(root, method, path, operation)},
  ])];
}

/** The role that the operation requires, "logged in" for any user; empty if guests may call it. */
function callersOf(operation) {
  if (operation["x-role"]) return operation["x-role"];
  return (operation.security ?? []).some((s) => Object.keys(s).length === 0) ? "" : "logged in";
}

/** The searchable text of an operation: what distinguishes it from most others. */
function wordsOfOperation(root, method, path, operation) {
  const successes = Object.entries(operation.responses ?? {}).filter(([status]) => status < "3");
  const codes = codesOf(root, operation).filter((code) => !commonCodes.has(code));
  const contents = [operation.requestBody, ...successes.map(([, node]) => resolve(root, node))];
  const schemas = contents.flatMap((c) => Object.values(c?.content ?? {})).map((media) => media.schema);
  const parameters = (operation.parameters ?? []).filter((p) => !commonParameters.has(p.$ref))
      .map((p) => resolve(root, p));
  return [method, path, operation.operationId, operation.tags, operation.summary, operation.description, codes,
          parameters.map((p) => `${p.name} ${wordsOf(root, [p.schema])}`), wordsOf(root, schemas)].join(" ");
}

function operationEntry(root, method, path, operation) {
  const id = `operation/${operation.operationId}`;
  const callers = callersOf(operation);
  const head = [h("span", {class: `method ${method}`}, method.toUpperCase()), headOf(path, operation.summary),
                callers ? h("span", {class: "callers"}, callers) : null];
  return {
    id,
    title: operation.operationId.replace(/^admin_/, "").replaceAll("_", " "),
    label: h("span", {class: `method ${method}`}, method === "delete" ? "DEL" : method.toUpperCase()),
    words: () => wordsOfOperation(root, method, path, operation),
    element: foldedEntry(id, head, () => [
      h("div", {class: "described"}, richText(operation.description),
        h("p", {class: "about"}, "Operation ", h("code", {}, operation.operationId)),
        parametersView(root, operation), bodyView(root, operation), answersView(root, operation)),
      h("div", {class: "shown"}, examplesView(root, method, path, operation)),
    ]),
  };
}

/** The example of a request that Stoa sends: header fields and body. */
function receivedExample(root, operation) {
  const [type, media] = Object.entries(operation.requestBody.content)[0];
  const fields = operation.parameters.map((p) => resolve(root, p)).map((p) => `${p.name}: ${p.example}\n`);
  return `content-type: ${type}\n${fields.join("")}\n${JSON.stringify(media.example, null, 2)}`;
}

/** A request of the section webhooks: an endpoint receives it, so there is nothing to try. */
function webhookEntry(root, type, operation) {
  const id = `webhook/${type}`;
  const head = [h("span", {class: "method post"}, "POST"), headOf(type, operation.summary)];
  const parameters = operation.parameters.map((p) => resolve(root, p));
  const schemas = Object.values(operation.requestBody.content).map((media) => media.schema);
  return {
    id, title: type, label: h("span", {class: "method post"}, "POST"),
    words: () => ["webhook", operation.summary, parameters.map((p) => p.name), wordsOf(root, schemas)].join(" "),
    element: foldedEntry(id, head, () => [
      h("div", {class: "described"}, parametersView(root, operation), bodyView(root, operation),
        h("h4", {}, "Responses of the endpoint"),
        codeTable(Object.entries(operation.responses).map(([status, r]) => [status, r.description]), "Status")),
      h("div", {class: "shown"}, h("h4", {}, "Example"), codeBlock(receivedExample(root, operation), "Request")),
    ]),
  };
}

function webhookGroup(root) {
  return {
    id: "outgoing-webhooks", title: "Outgoing webhooks",
    description: h("p", {}, "Signed requests that Stoa sends to the endpoints of ",
      h("a", {href: "#operation/admin_create_webhook"}, inlineText("`POST /admin/v1/webhooks`")), "."),
    entries: Object.entries(root.webhooks).map(([type, item]) => webhookEntry(root, type, item.post)),
  };
}

function errorEntry(kind) {
  const id = `error/${kind.code}`;
  const head = [h("span", {class: "method status"}, String(kind.status)), headOf(kind.code, inlineText(kind.meaning))];
  return {id, title: kind.code, words: () => `error ${kind.status} ${kind.meaning} ${kind.remedy}`,
          label: h("span", {class: "method status"}, String(kind.status)),
          element: foldedEntry(id, head, () => h("p", {}, inlineText(kind.remedy)))};
}

function groupsOf(root) {
  const groups = root.tags.map((tag) => ({
    id: `tag/${tag.name}`, title: tag.name, description: h("p", {}, inlineText(tag.description)), entries: [],
  }));
  for (const [path, item] of Object.entries(root.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      groups.find((g) => g.title === operation.tags[0])?.entries.push(operationEntry(root, method, path, operation));
    }
  }
  groups.push(webhookGroup(root), {
    id: "errors", title: "Errors",
    description: [h("p", {}, inlineText("Programs should branch on `code`. `errors` lists the invalid fields.")),
                  h("details", {class: "more"}, h("summary", {}, "Codes of single fields, in errors"),
                    codeTable(root["x-field-codes"].map((k) => [h("code", {}, k.code), k.meaning])))],
    entries: root["x-problem-codes"].map(errorEntry),
  }, schemaGroup(root, "The schemas of requests and responses."));
  return groups;
}

function introduction(root) {
  return h("section", {class: "intro"}, h("h1", {}, `${root.info.title} API`),
           h("p", {class: "about"}, `Version ${root.info.version}, OpenAPI ${root.openapi}, `,
             h("a", {href: "/openapi.json"}, "openapi.json")),
           richText(root.info.description), accessPanel());
}

load("/openapi.json").then((root) => {
  commonParameters = commonNames(root, referencesOf, 0.9);
  commonCodes = commonNames(root, (o) => codesOf(root, o), 0.5);
  startPage(introduction(root), groupsOf(root));
}).catch(showFailure);
