// /docs: the OpenAPI document for people.
import {codeBlock, h, inlineText, richText, tabs} from "./dom.js";
import {answerKind, curlExample, exampleValues, javascriptExample, pythonExample, requestOf} from "./example.js";
import {fieldList, resolve, rulesOf, schemaView, typeName} from "./schema.js";
import {load, showFailure, startPage, startTheme} from "./shell.js";
import {accessPanel, tryPanel} from "./try.js";

const places = {path: "Path", query: "Query", header: "Header fields"};

function parameterRow(root, parameter) {
  const schema = resolve(root, parameter.schema ?? {});
  const rules = rulesOf(schema);
  return h("li", {}, h("div", {class: "line"},
                       h("code", {class: "name"}, parameter.name),
                       h("span", {class: "type"}, typeName(root, parameter.schema ?? {})),
                       parameter.required ? h("span", {class: "required"}, "required") : null),
           parameter.description ? h("div", {class: "about"}, inlineText(parameter.description)) : null,
           rules.length > 0 ? h("div", {class: "rules"}, rules.join("; ")) : null);
}

function parametersView(root, operation) {
  const all = (operation.parameters ?? []).map((p) => resolve(root, p));
  return Object.entries(places).map(([place, title]) => {
    const here = all.filter((p) => p.in === place);
    if (here.length === 0) return null;
    return [h("h4", {}, title), h("ul", {class: "fields"}, here.map((p) => parameterRow(root, p)))];
  });
}

function bodyView(root, operation) {
  const media = Object.values(operation.requestBody?.content ?? {})[0];
  if (!media) return null;
  return [h("h4", {}, "Body", operation.requestBody.required ? h("span", {class: "required"}, "required") : null),
          schemaView(root, media.schema)];
}

function problemTable(root, examples) {
  const kinds = new Map(root["x-problem-codes"].map((k) => [k.code, k]));
  return h("table", {}, h("tbody", {}, Object.keys(examples).map(
      (code) => h("tr", {}, h("th", {scope: "row"}, h("a", {href: `#error/${code}`}, h("code", {}, code))),
                  h("td", {}, inlineText(kinds.get(code)?.meaning))))));
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
           media && !problems ? schemaView(root, media.schema) : null,
           media?.example !== undefined ? codeBlock(JSON.stringify(media.example, null, 2)) : null,
           headers.length > 0 ?
               h("details", {}, h("summary", {}, "Header fields"), h("ul", {class: "fields"}, headers)) : null);
}

function answersView(root, operation) {
  const entries = Object.entries(operation.responses ?? {}).map(
      ([status, node]) => ({name: status, make: () => answerView(root, status, node)}));
  return [h("h4", {}, "Answers"), tabs("Answers by status", entries)];
}

function examplesView(root, method, path, operation) {
  const request = requestOf(method, path, exampleValues(root, operation));
  const kind = answerKind(root, operation);
  const code = (make) => () => codeBlock(make(location.origin, request, kind));
  return [h("h4", {}, "Request"), tabs("Examples", [
    {name: "curl", make: code(curlExample)},
    {name: "JavaScript", make: code(javascriptExample)},
    {name: "Python", make: code(pythonExample)},
    {name: "Try it", make: () => tryPanel(root, method, path, operation)},
  ])];
}

/** "guests", "staff"... */
function callersOf(operation) {
  if (operation["x-role"]) return operation["x-role"];
  return (operation.security ?? []).some((s) => Object.keys(s).length === 0) ? "" : "signed in";
}

function operationEntry(root, method, path, operation) {
  const id = `operation/${operation.operationId}`;
  const callers = callersOf(operation);
  const element = h("details", {class: "operation", id},
                    h("summary", {}, h("span", {class: `method ${method}`}, method.toUpperCase()),
                      h("code", {class: "path"}, path), h("span", {class: "about"}, operation.summary),
                      callers ? h("span", {class: "callers"}, callers) : null));
  element.addEventListener("toggle", () => {
    if (!element.open || element.children.length > 1) return;
    element.append(h("div", {class: "operation-body"},
                     h("div", {class: "described"}, richText(operation.description),
                       h("p", {class: "about"}, "Operation ", h("code", {}, operation.operationId), " ",
                         h("a", {href: `#${id}`}, "link")),
                       parametersView(root, operation), bodyView(root, operation), answersView(root, operation)),
                     h("div", {class: "shown"}, examplesView(root, method, path, operation))));
  });
  const body = Object.values(operation.requestBody?.content ?? {})[0]?.schema;
  const fields = Object.keys(resolve(root, body ?? {}).properties ?? {});
  const parameters = (operation.parameters ?? []).map((p) => resolve(root, p).name);
  return {
    id,
    title: operation.operationId.replace(/^admin_/, "").replaceAll("_", " "),
    label: h("span", {class: `method ${method}`}, method === "delete" ? "DEL" : method.toUpperCase()),
    words: [method, path, operation.operationId, operation.tags, operation.summary, operation.description,
            fields, parameters].join(" "),
    element,
  };
}

function schemaEntry(root, name) {
  const element = h("details", {class: "operation", id: `schema/${name}`},
                    h("summary", {}, h("code", {class: "path"}, name)));
  element.addEventListener("toggle", () => {
    if (!element.open || element.children.length > 1) return;
    element.append(h("div", {class: "operation-body"}, fieldList(root, root.components.schemas[name])));
  });
  const fields = Object.keys(root.components.schemas[name].properties ?? {});
  return {id: `schema/${name}`, title: name, words: `schema ${fields.join(" ")}`, element};
}

function errorEntry(kind) {
  const element = h("details", {class: "operation", id: `error/${kind.code}`, open: true},
                    h("summary", {}, h("span", {class: "method status"}, String(kind.status)),
                      h("code", {class: "path"}, kind.code), h("span", {class: "about"}, inlineText(kind.meaning))),
                    h("div", {class: "operation-body"}, h("p", {}, inlineText(kind.remedy))));
  return {id: `error/${kind.code}`, title: kind.code, words: `error ${kind.status} ${kind.meaning}`, element,
          label: h("span", {class: "method status"}, String(kind.status))};
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
  groups.push({
    id: "errors", title: "Errors",
    description: [h("p", {}, "Programs branch on the code. Codes of single fields:"),
                  h("table", {}, h("tbody", {}, root["x-field-codes"].map(
                      (k) => h("tr", {}, h("th", {scope: "row"}, h("code", {}, k.code)), h("td", {}, k.meaning)))))],
    entries: root["x-problem-codes"].map(errorEntry),
  }, {
    id: "schemas", title: "Schemas", description: h("p", {}, "What requests and answers are made of."),
    entries: Object.keys(root.components.schemas).sort().map((name) => schemaEntry(root, name)),
  });
  return groups;
}

function introduction(root) {
  return h("section", {class: "intro"}, h("h1", {}, `${root.info.title} API`),
           h("p", {class: "about"}, `Version ${root.info.version}, OpenAPI ${root.openapi}, `,
             h("a", {href: "/openapi.json"}, "openapi.json")),
           richText(root.info.description), accessPanel());
}

startTheme();
load("/openapi.json").then((root) => startPage(introduction(root), groupsOf(root))).catch(showFailure);
