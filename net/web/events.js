// /docs/events: the AsyncAPI document as a page.
import {codeBlock, h, inlineText, richText} from "./dom.js";
import {foldedEntry, headOf, schemaGroup} from "./entry.js";
import {fieldList, resolve, wordsOf} from "./schema.js";
import {load, showFailure, startPage} from "./shell.js";

function eventEntry(root, key, channel) {
  const message = resolve(root, Object.values(channel.messages)[0]);
  const example = message.examples?.[0]?.payload;
  return {
    id: `event/${key}`,
    title: message.name,
    words: () => `${message.summary} ${channel.address} ${wordsOf(root, [message.payload, message.headers])}`,
    element: foldedEntry(`event/${key}`, headOf(message.name, message.summary), () => [
      h("div", {class: "described"}, h("p", {}, "Subject ", h("code", {}, channel.address)),
        h("h4", {}, "Payload"), fieldList(root, message.payload ?? {}),
        h("h4", {}, "Headers"), fieldList(root, message.headers ?? {})),
      example === undefined ? null : h("div", {class: "shown"}, h("h4", {}, "Example"), codeBlock(JSON.stringify(example, null, 2), "Payload")),
    ]),
  };
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
  groups.push(schemaGroup(root, "The schemas of payloads."));
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

load("/asyncapi.json").then((root) => startPage(introduction(root), groupsOf(root))).catch(showFailure);
