// Requests to this server from the page. The token is kept only in the page's memory.
import {codeBlock, h} from "./dom.js";
import {exampleValues, isJson, isText, randomKey, requestOf} from "./example.js";
import {resolve} from "./schema.js";

const timeoutMs = 30000;
const shownMax = 200000;  // characters of a response
let token = "";

/** The header fields that a page may not set (Fetch standard, "forbidden request-header"). */
const forbidden = new Set([
  "accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
  "access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt",
  "expect", "host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade",
  "via",
]);

function mayBeSet(parameter) {
  const name = parameter.name.toLowerCase();
  return parameter.in !== "header" || !(forbidden.has(name) || name.startsWith("proxy-") || name.startsWith("sec-"));
}

/** The token of all requests of the page: entered, or obtained by a login. */
export function accessPanel() {
  const field = h("input", {type: "text", id: "token", autocomplete: "off", spellcheck: "false",
                            oninput: (event) => { token = event.target.value.trim(); }});
  const login = h("input", {type: "text", id: "login", autocomplete: "username", required: true});
  const password = h("input", {type: "password", id: "password", autocomplete: "current-password", required: true});
  const said = h("p", {role: "status", class: "about"});
  const form = h("form", {class: "access", onsubmit: async (event) => {
    event.preventDefault();
    said.textContent = "Logging in...";
    const answer = await send({method: "POST", path: "/store/v1/auth/login",
                               body: JSON.stringify({login: login.value, password: password.value}),
                               headers: {"Content-Type": "application/json"}}, new AbortController().signal);
    const content = parsed(answer.text) ?? {};
    token = content.access_token ?? token;
    field.value = token;
    password.value = "";
    said.textContent = content.access_token ? "Logged in. The access token is set." :
        answer.error ?? `${answer.status}: ${content.detail ?? ""}`;
  }},
  h("label", {for: "login"}, "Login"), login, h("label", {for: "password"}, "Password"), password,
  h("button", {type: "submit"}, "Log in"), said, h("label", {for: "token"}, "Token"), field,
  h("p", {class: "about"}, "An access token, or the token of a guest's order. It is kept until the page is closed."));
  return h("details", {class: "panel"}, h("summary", {}, "Access token for Try it"), form);
}

/** Sends the request; never throws. */
async function send(request, signal) {
  const began = performance.now();
  try {
    const answer = await fetch(request.path, {
      method: request.method, headers: request.headers, body: request.file ?? request.body ?? undefined,
      cache: "no-store", credentials: "omit", redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const bytes = await answer.arrayBuffer();
    const type = answer.headers.get("Content-Type") ?? "";
    return {status: answer.status, statusText: answer.statusText, headers: [...answer.headers], type,
            size: bytes.byteLength, text: isText(type) ? new TextDecoder().decode(bytes) : "",
            took: Math.round(performance.now() - began)};
  } catch (error) {
    if (error.name === "TimeoutError") return {error: `No response within ${timeoutMs / 1000} s.`};
    if (error.name === "AbortError") return {error: "Cancelled. The server may have executed the request."};
    return {error: `The server is unreachable: ${error.message}`};
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** A problem document (RFC 9457): its code and the invalid fields. */
function problemView(problem) {
  const rows = (problem.errors ?? []).map((e) => h("tr", {}, h("th", {scope: "row"}, h("code", {}, e.pointer)),
                                                   h("td", {}, h("code", {}, e.code)), h("td", {}, e.detail)));
  return [h("p", {}, h("a", {href: `#error/${problem.code}`}, h("code", {}, problem.code)), ` ${problem.detail}`),
          rows.length === 0 ? null : h("table", {}, h("thead", {}, h("tr", {}, ["Field", "Code", "Detail"].map(
              (name) => h("th", {scope: "col"}, name)))), h("tbody", {}, rows))];
}

function contentView(answer) {
  if (answer.size === 0) return h("p", {class: "about"}, "No body.");
  if (!isText(answer.type)) return h("p", {class: "about"}, `${answer.size} bytes of ${answer.type || "unknown type"}`);
  const content = isJson(answer.type) ? parsed(answer.text) : null;
  const text = content === null ? answer.text : JSON.stringify(content, null, 2);
  return [content?.code && answer.status >= 400 ? problemView(content) : null,
          codeBlock(text.slice(0, shownMax), answer.type),
          text.length > shownMax ? h("p", {class: "about"}, `The first ${shownMax} of ${text.length} characters.`) : null];
}

function answerOf(request, answer) {
  if (answer.error) return h("p", {role: "alert", class: "failure"}, answer.error);
  return h("div", {},
           h("p", {}, h("span", {class: answer.status < 400 ? "state good" : "state bad"},
                        `${answer.status} ${answer.statusText}`), ` in ${answer.took} ms`),
           h("p", {class: "about"}, `${request.method} ${request.path}`), contentView(answer),
           codeBlock(answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n"), "Header fields"));
}

let fields = 0;

function inputFor(parameter, value) {
  const id = `field-${++fields}`;
  const schema = parameter.schema ?? {};
  const attributes = {id, name: parameter.name, "data-in": parameter.in, required: parameter.required};
  let input;
  if (schema.enum || schema.type === "boolean") {
    const options = ["", ...(schema.enum ?? ["true", "false"])].filter((v) => v !== null);
    input = h("select", attributes, options.map((v) => h("option", {value: v, selected: v === value}, v)));
  } else {
    input = h("input", {...attributes, type: "text", value, spellcheck: "false", autocomplete: "off",
                        placeholder: parameter.required ? null : String(parameter.example ?? "")});
  }
  const fresh = parameter.name !== "Idempotency-Key" ? null :
      h("button", {type: "button", onclick: () => { input.value = randomKey(); }}, "New key");
  return h("div", {class: "field"}, h("label", {for: id}, parameter.name), input, fresh);
}

/** The body as text, or from a file if it is not JSON: {element, values()}. */
function bodyInput(operation, given) {
  if (!operation.requestBody) return {element: null, values: () => ({})};
  const id = `body-${++fields}`;
  const area = h("textarea", {id, rows: String(Math.min(18, given.body.split("\n").length + 1)), spellcheck: "false"},
                 given.body);
  const file = isJson(given.type) ? null : h("input", {type: "file", id: `${id}-file`});
  return {
    element: [h("label", {for: id}, `Body, ${given.type}`), area,
              file ? [h("label", {for: `${id}-file`}, "or a file"), file] : null],
    values: () => file?.files[0] ? {file: file.files[0]} :
        {body: isJson(given.type) ? area.value.trim() : area.value},
  };
}

/** A form with the operation's parameters and body, and the response below. */
export function tryPanel(root, method, path, operation) {
  const given = exampleValues(root, operation);
  const rows = (operation.parameters ?? []).map((p) => resolve(root, p)).filter(mayBeSet)
      .map((p) => ({...p, schema: resolve(root, p.schema ?? {})}))
      .map((p) => inputFor(p, p.in === "path" ? "" : given[p.in][p.name] ?? ""));
  const body = bodyInput(operation, given);
  const result = h("div", {role: "status"});
  const button = h("button", {type: "submit", class: "send"}, `Send ${method.toUpperCase()}`);
  let running = null;
  const cancel = h("button", {type: "button", hidden: true, onclick: () => running?.abort()}, "Cancel");
  const form = h("form", {class: "try", onsubmit: async (event) => {
    event.preventDefault();
    if (running) return;
    const values = {path: {}, query: {}, header: {}, type: given.type, token, ...body.values()};
    for (const input of form.querySelectorAll("[data-in]")) values[input.dataset.in][input.name] = input.value;
    const request = requestOf(method, path, values);
    running = new AbortController();
    button.setAttribute("aria-disabled", "true");  // disabled would remove the focus
    cancel.hidden = false;
    result.textContent = "Waiting for the response...";
    const answer = await send(request, running.signal);
    running = null;
    button.removeAttribute("aria-disabled");
    if (document.activeElement === cancel) button.focus();
    cancel.hidden = true;
    result.replaceChildren(answerOf(request, answer));
  }}, rows, body.element, h("div", {class: "actions"}, button, cancel), result);
  return form;
}
