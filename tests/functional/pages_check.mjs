// Drives the pages of a running server in headless Chromium over its DevTools protocol, and prints
// what it has seen as JSON: node pages_check.mjs CHROMIUM URL FOLDER [screenshots]
import {spawn} from "node:child_process";
import {mkdirSync, writeFileSync} from "node:fs";

const [chromium, base, folder, wantsPictures] = process.argv.slice(2);
const browser = spawn(chromium, [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--disable-extensions", "--no-default-browser-check",
  `--user-data-dir=${folder}/profile`, "--remote-debugging-pipe", "about:blank",
], {stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"]});
const stop = setTimeout(() => { browser.kill("SIGKILL"); process.exit(3); }, 100000);

let number = 0;
const waiting = new Map();
const complaints = [];
const hosts = new Set();
let loaded = () => {};
let rest = "";

browser.stdio[4].on("data", (bytes) => {
  const parts = (rest + bytes).split("\0");
  rest = parts.pop();
  for (const part of parts) take(JSON.parse(part));
});

function take(message) {
  if (message.id) {
    const {resolve, reject} = waiting.get(message.id);
    waiting.delete(message.id);
    return message.error ? reject(new Error(message.error.message)) : resolve(message.result);
  }
  const {method, params} = message;
  if (method === "Page.loadEventFired") loaded();
  if (method === "Network.requestWillBeSent") hosts.add(new URL(params.request.url).origin);
  if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? "thrown");
  if (method === "Runtime.consoleAPICalled" && params.type === "error") complaints.push(JSON.stringify(params.args));
  if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
    complaints.push(params.entry.text);
  }
}

function send(method, params = {}, sessionId = undefined) {
  const id = ++number;
  browser.stdio[3].write(`${JSON.stringify({id, method, params, sessionId})}\0`);
  return new Promise((resolve, reject) => waiting.set(id, {resolve, reject}));
}

const {targetId} = await send("Target.createTarget", {url: "about:blank"});
const {sessionId} = await send("Target.attachToTarget", {targetId, flatten: true});
const page = (method, params) => send(method, params, sessionId);
for (const domain of ["Page", "Network", "Runtime", "Log"]) await page(`${domain}.enable`);

async function evaluate(expression) {
  const {result, exceptionDetails} = await page("Runtime.evaluate", {expression, awaitPromise: true, returnByValue: true});
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
  return result.value;
}

/** Until the expression is true, 10 s at most. */
async function until(expression) {
  for (let i = 0; i < 200; ++i) {
    if (await evaluate(expression)) return true;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`not within 10 s: ${expression}`);
}

async function open(path) {
  // By way of an empty page: else a change of the fragment alone would load nothing.
  for (const url of ["about:blank", base + path]) {
    const done = new Promise((r) => { loaded = r; });
    await page("Page.navigate", {url});
    await done;
  }
}

async function size(width, height, scheme = "light") {
  await page("Emulation.setDeviceMetricsOverride", {width, height, deviceScaleFactor: 1, mobile: width < 600});
  await page("Emulation.setEmulatedMedia", {features: [{name: "prefers-color-scheme", value: scheme}]});
}

async function picture(name) {
  if (!wantsPictures) return;
  mkdirSync(folder, {recursive: true});
  const {data} = await page("Page.captureScreenshot", {format: "png"});
  writeFileSync(`${folder}/${name}.png`, Buffer.from(data, "base64"));
}

async function press(key, text = undefined) {
  await page("Input.dispatchKeyEvent", {type: "keyDown", key, text});
  await page("Input.dispatchKeyEvent", {type: "keyUp", key});
}

const seen = {};
try {
  await size(1440, 1000);
  await open("/");
  await until("document.querySelector('#state').classList.contains('good')");
  seen.home = await evaluate("document.querySelectorAll('.cards a').length");
  await picture("home");

  await open("/docs");
  await until("document.querySelectorAll('details.operation').length > 20");
  seen.operations = await evaluate("[...document.querySelectorAll('[id^=\"operation/\"]')].map((e) => e.id.slice(10))");
  seen.errors = await evaluate("document.querySelectorAll('[id^=\"error/\"]').length");
  seen.namelessControls = await evaluate(`[...document.querySelectorAll('button, a, input, select, textarea')].filter(
      (e) => !(e.textContent || e.getAttribute('aria-label') || e.labels?.length)).length`);
  await picture("docs");
  // Everything unfolds without an error.
  await evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  await until("[...document.querySelectorAll('details.operation')].every((d) => d.children.length > 1)");
  seen.examples = await evaluate("document.querySelectorAll('.shown pre').length");
  seen.fields = await evaluate("document.querySelectorAll('.fields .name').length");
  for (let i = 1; i < 4; ++i) {
    await evaluate(`document.querySelectorAll('.shown [role=tab]:nth-child(${i + 1})').forEach((t) => t.click())`);
  }
  seen.forms = await evaluate("document.querySelectorAll('form.try').length");

  await open("/docs");
  await until("document.querySelectorAll('details.operation').length > 20");
  // The key / leads to the search, Enter to the first hit.
  await press("/", "/");
  seen.focused = await evaluate("document.activeElement.id");
  await page("Input.insertText", {text: "merge cart"});
  await until("document.querySelector('.count').textContent.endsWith('found')");
  seen.found = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  await press("Enter", "\r");
  await until("document.getElementById('operation/merge_cart').open");
  seen.hash = await evaluate("location.hash");
  await evaluate("document.getElementById('search').value = 'no such thing'; " +
                 "document.getElementById('search').dispatchEvent(new Event('input'))");
  seen.nothing = await evaluate("document.body.dataset.found");

  await open("/docs#operation/checkout");
  await until("document.getElementById('operation/checkout')?.children.length > 1");
  await picture("operation");
  seen.curl = await evaluate("document.querySelector('#operation\\\\/checkout .shown pre').textContent");
  seen.tabs = await evaluate("[...document.querySelectorAll('#operation\\\\/checkout .shown [role=tab]')].map((t) => t.textContent)");

  await open("/docs#operation/create_cart");
  await until("document.getElementById('operation/create_cart')?.children.length > 1");
  await evaluate("document.querySelector('#operation\\\\/create_cart .shown [role=tab]:nth-child(4)').click()");
  seen.key = await evaluate("document.querySelector('#operation\\\\/create_cart [name=Idempotency-Key]').value");
  await evaluate("document.querySelector('#operation\\\\/create_cart form.try').requestSubmit()");
  await until("/^20|^4|^5/.test(document.querySelector('#operation\\\\/create_cart form.try .state')?.textContent ?? '')");
  seen.tried = await evaluate("document.querySelector('#operation\\\\/create_cart form.try .state').textContent");
  await picture("tried");

  await open("/docs/events");
  await until("document.querySelectorAll('details.operation').length > 5");
  seen.events = await evaluate("[...document.querySelectorAll('[id^=\"event/\"]')].map((e) => e.id.slice(6))");
  await evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  await until("[...document.querySelectorAll('details.operation')].every((d) => d.children.length > 1)");
  await open("/docs/events#event/order_placed");
  await until("document.getElementById('event/order_placed')?.children.length > 1");
  await picture("events");

  await size(390, 844, "dark");
  await open("/docs#operation/add_cart_item");
  await until("document.getElementById('operation/add_cart_item')?.children.length > 1");
  seen.overflow = await evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  seen.dark = await evaluate("getComputedStyle(document.body).backgroundColor");
  await picture("narrow");
  await evaluate("document.getElementById('menu').click()");
  seen.menu = await evaluate("getComputedStyle(document.getElementById('nav')).display");
  await picture("menu");
} catch (error) {
  seen.failure = error.message;
}
console.log(JSON.stringify({...seen, complaints, hosts: [...hosts].filter((h) => h !== "null")}));
clearTimeout(stop);
browser.kill("SIGKILL");
