// Requests to this server from the page. The token is kept in the page's memory alone.
import {codeBlock, h} from "./dom.js";
import {exampleValues, randomKey, requestOf} from "./example.js";
import {resolve} from "./schema.js";

const timeoutMs = 30000;
let token = "";

/** A token for all requests of the page: typed in, or got by a login. */
export function accessPanel() {
  const field = h("input", {type: "text", id: "token", autocomplete: "off", spellcheck: "false",
                            oninput: (event) => { token = event.target.value.trim(); }});
  const login = h("input", {type: "text", id: "login", autocomplete: "username"});
  const password = h("input", {type: "password", id: "password", autocomplete: "current-password"});
  const said = h("span", {role: "status", class: "about"});
  const form = h("form", {class: "access", onsubmit: async (event) => {
    event.preventDefault();
    said.textContent = "Asking...";
    const body = JSON.stringify({login: login.value, password: password.value});
    const answer = await send({method: "POST", path: "/store/v1/auth/login", body,
                               headers: {"Content-Type": "application/json"}});
    const content = answer.error ? {} : JSON.parse(answer.text || "{}");
    token = content.access_token ?? token;
    field.value = token;
    password.value = "";
    said.textContent = content.access_token ? "Signed in: the token is set." :
        answer.error ?? `${answer.status}: ${content.detail ?? ""}`;
  }},
  h("label", {for: "login"}, "Login"), login, h("label", {for: "password"}, "Password"), password,
  h("button", {type: "submit"}, "Sign in"), said);
  return h("details", {class: "panel"}, h("summary", {}, "Access token for Try it"),
           h("p", {}, h("label", {for: "token"}, "Access token, or the token of a guest's order"), field), form,
           h("p", {class: "about"}, "The token is kept until the page is left."));
}

/** Sends the request; never throws. */
async function send(request) {
  const began = performance.now();
  try {
    const answer = await fetch(request.path, {
      method: request.method, headers: request.headers, body: request.body ?? undefined, cache: "no-store",
      credentials: "omit", redirect: "manual", signal: AbortSignal.timeout(timeoutMs),
    });
    return {status: answer.status, statusText: answer.statusText, headers: [...answer.headers],
            text: await answer.text(), took: Math.round(performance.now() - began)};
  } catch (error) {
    return {error: error.name === "TimeoutError" ? "No answer in time." : `Not sent: ${error.message}`};
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function answerOf(request, answer) {
  if (answer.error) return h("p", {role: "alert", class: "failure"}, answer.error);
  const good = answer.status < 400;
  return h("div", {},
           h("p", {class: good ? "state good" : "state bad"},
             `${answer.status} ${answer.statusText} in ${answer.took} ms`),
           h("p", {class: "about"}, `${request.method} ${request.path}`),
           answer.text ? codeBlock(pretty(answer.text)) : h("p", {class: "about"}, "No body."),
           h("details", {}, h("summary", {}, "Header fields"),
             codeBlock(answer.headers.map(([name, value]) => `${name}: ${value}`).join("\n"))));
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

/** A form with the operation's parameters and body, and the answer below. */
export function tryPanel(root, method, path, operation) {
  const given = exampleValues(root, operation);
  const parameters = (operation.parameters ?? []).map((p) => resolve(root, p))
      .map((p) => ({...p, schema: resolve(root, p.schema ?? {})}));
  const rows = parameters.map((p) => inputFor(
      p, p.name === "Idempotency-Key" ? randomKey() : p.in === "path" ? "" : given[p.in][p.name] ?? ""));
  const id = `body-${++fields}`;
  const body = !operation.requestBody ? null :
      h("textarea", {id, rows: String(Math.min(18, given.body.split("\n").length + 1)), spellcheck: "false"},
        given.body);
  const result = h("div", {role: "status", "aria-live": "polite"});
  const button = h("button", {type: "submit", class: "send"}, `Send ${method.toUpperCase()}`);
  const form = h("form", {class: "try", onsubmit: async (event) => {
    event.preventDefault();
    const values = {path: {}, query: {}, header: {}, body: body?.value.trim() ?? "", type: given.type, token};
    for (const input of form.querySelectorAll("[data-in]")) values[input.dataset.in][input.name] = input.value;
    const request = requestOf(method, path, values);
    button.disabled = true;
    result.textContent = "Waiting for the answer...";
    const answer = await send(request);
    button.disabled = false;
    result.replaceChildren(answerOf(request, answer));
  }}, rows, body ? [h("label", {for: id}, "Body"), body] : null, button, result);
  return form;
}
