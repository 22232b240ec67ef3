// /docs/events: the AsyncAPI document for people.
import {codeBlock, h, inlineText, richText} from "./dom.js";
import {exampleOf} from "./example.js";
import {fieldList, nameOf, resolve} from "./schema.js";
import {load, showFailure, startPage, startTheme} from "./shell.js";

function eventEntry(root, key, channel) {
  const message = resolve(root, Object.values(channel.messages)[0]);
  const body = h("details", {class: "operation", id: `event/${key}`},
                 h("summary", {}, h("code", {class: "path"}, message.name),
                   h("span", {class: "about"}, message.summary ?? "")));
  body.addEventListener("toggle", () => {
    if (!body.open || body.children.length > 1) return;
    body.append(h("div", {class: "operation-body"},
                  h("p", {}, "Subject ", h("code", {}, channel.address)),
                  h("h4", {}, "Payload"), fieldList(root, message.payload ?? {}),
                  h("h4", {}, "Headers"), fieldList(root, message.headers ?? {}),
                  h("h4", {}, "Example"),
                  codeBlock(JSON.stringify(exampleOf(root, message.payload ?? {}), null, 2))));
  });
  return {
    id: `event/${key}`,
    title: message.name,
    words: `${message.summary} ${channel.address} ${Object.keys(resolve(root, message.payload).properties ?? {})}`,
    element: body,
  };
}

function schemaEntry(root, name) {
  const body = h("details", {class: "operation", id: `schema/${name}`},
                 h("summary", {}, h("code", {class: "path"}, name)));
  body.addEventListener("toggle", () => {
    if (!body.open || body.children.length > 1) return;
    body.append(h("div", {class: "operation-body"}, fieldList(root, root.components.schemas[name])));
  });
  return {id: `schema/${name}`, title: name, words: "schema", element: body};
}

function groupsOf(root) {
  const services = new Map();
  for (const [key, channel] of Object.entries(root.channels)) {
    const message = resolve(root, Object.values(channel.messages)[0]);
    const service = message.tags?.[0]?.name ?? "events";
    if (!services.has(service)) services.set(service, []);
    services.get(service).push(eventEntry(root, key, channel));
  }
  const groups = [...services].map(([service, entries]) => ({
    id: `service/${service}`, title: service, description: h("p", {}, `Events of the ${service} service.`), entries,
  }));
  groups.push({
    id: "schemas", title: "Schemas", description: h("p", {}, "What the payloads are made of."),
    entries: Object.keys(root.components.schemas ?? {}).sort().map((name) => schemaEntry(root, nameOf(name))),
  });
  return groups;
}

function introduction(root) {
  return h("section", {class: "intro"}, h("h1", {}, root.info.title),
           h("p", {class: "about"}, `Version ${root.info.version}, AsyncAPI ${root.asyncapi}, `,
             h("a", {href: "/asyncapi.json"}, "asyncapi.json")),
           richText(root.info.description),
           Object.values(root.servers ?? {}).map(
               (s) => h("p", {}, "Broker: ", inlineText(`${s.protocol}, \`${s.host}\``))));
}

startTheme();
load("/asyncapi.json").then((root) => startPage(introduction(root), groupsOf(root))).catch(showFailure);
