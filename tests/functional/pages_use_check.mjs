// Uses the pages of a running server by keyboard, by address and by forms, and runs axe on them:
// node pages_use_check.mjs CHROMIUM URL FOLDER [AXE.js], prints the results as JSON.
import {readFileSync} from "node:fs";
import {startBrowser} from "./browser.mjs";

const [chromium, base, folder, axe] = process.argv.slice(2);
const browser = await startBrowser(chromium, base, folder);
const {send, page, evaluate, until, open, reload, size, press} = browser;

const entry = (id) => `document.getElementById('${id}')`;
const opened = (id) => until(`${entry(id)}?.open && ${entry(id)}.children.length > 1`);
const inEntry = (id, selector) => `${entry(id)}.querySelector(${JSON.stringify(selector)})`;

/** What has the focus, and whether that can be seen. */
const focused = `(() => {
  const e = document.activeElement;
  const style = getComputedStyle(e);
  return {what: e.id || e.textContent.trim().slice(0, 40), outline: style.outlineStyle !== "none"};
})()`;

async function byKeyboard() {
  await open("/docs");
  await until("document.querySelector('.entry')");
  const stops = [];
  for (let i = 0; i < 7; ++i) {
    await press("Tab");
    stops.push(await evaluate(focused));
  }
  await open("/docs");
  await until("document.querySelector('.entry')");
  await press("Tab");
  await press("Enter");
  await until("document.activeElement.id === 'content'");
  for (let i = 0; i < 3; ++i) await press("Tab");  // openapi.json, the access token, the first operation
  await press("Enter");
  await opened(await evaluate("document.querySelector('.entry').id"));
  await evaluate("document.querySelector('.entry[open] .shown [role=tab]').focus()");
  await press("ArrowRight");
  const second = await evaluate("document.activeElement.textContent");
  await press("End");
  const last = await evaluate("document.activeElement.textContent");
  await press("Tab");
  return {stops, tabs: [second, last], into: await evaluate("document.activeElement.closest('[role=tabpanel]') !== null")};
}

async function byAddress() {
  await open("/docs#operation/get_cart");
  await opened("operation/get_cart");
  await evaluate(`${inEntry("operation/checkout", "summary")}.click()`);
  const kept = await evaluate("location.hash");
  await reload();
  await opened("operation/checkout");
  await page("Emulation.setEmulatedMedia", {media: "print"});
  const printed = await evaluate("[...document.querySelectorAll('.entry, .top, .side, h1')].filter((e) => e.offsetHeight > 0).map((e) => e.id || e.textContent)");
  await page("Emulation.setEmulatedMedia", {media: ""});
  await evaluate("document.querySelector('#nav a[href=\"#operation/get_order\"]').click()");
  await opened("operation/get_order");
  await evaluate("history.back()");
  await until("location.hash === '#operation/checkout'");
  await until("document.activeElement.closest('.entry')?.id === 'operation/checkout'");
  const current = await evaluate("[...document.querySelectorAll('#nav [aria-current]')].map((a) => a.hash)");
  await evaluate("document.getElementById('search').value = 'webhook nothing'; " +
                 "document.getElementById('search').dispatchEvent(new Event('input'))");
  await evaluate("location.hash = '#error/not_found'");
  await opened("error/not_found");
  return {kept, printed, current, shown: await evaluate(`${entry("error/not_found")}.offsetHeight > 0`)};
}

async function tryPanel(id, fill) {
  await open(`/docs#operation/${id}`);
  await opened(`operation/${id}`);
  await evaluate(`${inEntry(`operation/${id}`, ".shown [role=tab]:last-child")}.click()`);
  await evaluate(fill(inEntry(`operation/${id}`, "form.try")));
}

async function byForm() {
  await tryPanel("register", (form) => `(() => {
    const form = ${form};
    form.querySelector("textarea").value = JSON.stringify({email: "none", first_name: 1});
    form.requestSubmit();
  })()`);
  const answer = inEntry("operation/register", "form.try [role=status]");
  await until(`${answer}.querySelector("table")`);
  const problem = await evaluate(`${answer}.innerText`);
  const offered = await evaluate("[...document.querySelectorAll('form.try [data-in=header]')].map((i) => i.name)");

  await evaluate("document.querySelector('.panel').open = true");
  await evaluate(`(() => {
    document.getElementById("login").value = "root";
    document.getElementById("password").value = "correct horse";
    document.querySelector("form.access").requestSubmit();
  })()`);
  await until("document.getElementById('token').value !== ''");
  const stored = await evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])");

  await page("Network.emulateNetworkConditions", {offline: false, latency: 20000, downloadThroughput: -1, uploadThroughput: -1});
  const send = `${inEntry("operation/register", "form.try")}.requestSubmit()`;
  await evaluate(send);
  await until("[...document.querySelectorAll('.actions button')].at(-1).hidden === false");
  await evaluate("[...document.querySelectorAll('.actions button')].at(-1).click()");
  await until(`${answer}.querySelector(".failure")`);
  const cancelled = await evaluate(`${answer}.innerText`);
  await page("Network.emulateNetworkConditions", {offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1});
  await evaluate(send);
  await until(`${answer}.innerText.includes("unreachable")`);
  const offline = await evaluate(`${answer}.innerText`);
  await page("Network.emulateNetworkConditions", {offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1});
  browser.complaints.splice(0);  // Chromium logs the failure to send

  await tryPanel("metrics", (form) => `${form}.requestSubmit()`);
  await until("document.querySelector('form.try pre')?.textContent.includes('# HELP')");
  await tryPanel("admin_create_import", () => "0");
  const csv = await evaluate("document.querySelector('form.try textarea').value");
  const file = await evaluate("document.querySelectorAll('form.try input[type=file]').length");
  return {problem, offered, stored, cancelled, offline, csv, file};
}

async function copied() {
  await send("Browser.grantPermissions", {origin: base, permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"]});
  await open("/docs#operation/list_products");
  await opened("operation/list_products");
  await page("Page.bringToFront");
  await evaluate("document.querySelector('.entry[open] .shown .copy').click()");
  await until("document.querySelector('.entry[open] .shown .copy').textContent === 'Copied'");
  return evaluate("navigator.clipboard.readText()");
}

async function themes() {
  await open("/docs");
  const seen = [];
  for (let i = 0; i < 3; ++i) {
    await evaluate("document.getElementById('theme').click()");
    seen.push(await evaluate("document.getElementById('theme').getAttribute('aria-label') + ' ' + getComputedStyle(document.body).backgroundColor"));
    if (i === 1) await reload();
  }
  return seen;
}

async function judged() {
  const source = readFileSync(axe, "utf8");
  const found = [];
  let passes = 0;
  const some = ["/", "/docs#operation/checkout", "/docs#webhook/order.refunded"];
  const all = [...some, "/docs", "/docs?q=there-is-none", "/docs/events#event/order_placed"];
  const views = [[1280, "light", some], [385, "dark", all]];
  for (const [width, scheme, paths] of views) {
    await size(width, 900, scheme);
    for (const path of paths) {
      await open(path);
      await until("document.querySelector('.entry, .services li')");
      await evaluate("document.querySelectorAll('.entry[open] details').forEach((d) => { d.open = true; })");
      await evaluate("document.querySelector('.entry[open] .shown [role=tab]:last-child')?.click()");
      await evaluate(`${source};0`);
      const result = await evaluate(`axe.run(document).then((r) => ({passes: r.passes.length, violations:
          r.violations.map((v) => v.id + ": " + v.nodes[0].html.slice(0, 200))}))`);
      passes += result.passes;
      found.push(...result.violations.map((v) => `${path} ${width} ${scheme} ${v}`));
    }
  }
  return {found, passes};
}

const seen = {};
try {
  await size(1280, 900);
  seen.keyboard = await byKeyboard();
  seen.address = await byAddress();
  seen.form = await byForm();
  seen.copied = await copied();
  seen.themes = await themes();
  if (axe) seen.axe = await judged();
} catch (error) {
  seen.failure = error.message;
}
console.log(JSON.stringify({...seen, complaints: browser.complaints, hosts: browser.hosts()}));
browser.stop();
