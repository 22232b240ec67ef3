// Prints the content of a running server's pages in headless Chromium as JSON:
// node pages_check.mjs CHROMIUM URL FOLDER [screenshots]
import {mkdirSync, writeFileSync} from "node:fs";
import {startBrowser} from "./browser.mjs";

const [chromium, base, folder, wantsPictures] = process.argv.slice(2);
const browser = await startBrowser(chromium, base, folder);
const {page, evaluate, until, open, size, press} = browser;

async function picture(name) {
  if (!wantsPictures) return;
  mkdirSync(folder, {recursive: true});
  const {data} = await page("Page.captureScreenshot", {format: "png"});
  writeFileSync(`${folder}/${name}.png`, Buffer.from(data, "base64"));
}

const seen = {};
try {
  await size(1440, 1000);
  await open("/");
  await until("document.querySelector('#state').classList.contains('good')");
  seen.home = await evaluate("[...document.querySelectorAll('.cards a')].map((a) => a.getAttribute('href'))");
  seen.server = await evaluate("document.querySelector('.panel').innerText");
  await picture("home");

  await open("/docs");
  await until("document.querySelectorAll('details.entry').length > 20");
  seen.operations = await evaluate("[...document.querySelectorAll('[id^=\"operation/\"]')].map((e) => e.id.slice(10))");
  seen.webhooks = await evaluate("[...document.querySelectorAll('[id^=\"webhook/\"]')].map((e) => e.id.slice(8))");
  seen.errors = await evaluate("document.querySelectorAll('[id^=\"error/\"]').length");
  seen.namelessControls = await evaluate(`[...document.querySelectorAll('button, a, input, select, textarea')].filter(
      (e) => !(e.textContent || e.getAttribute('aria-label') || e.labels?.length)).length`);
  await picture("docs");
  // Everything expands without an error.
  await evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  await until("[...document.querySelectorAll('details.entry')].every((d) => d.children.length > 1)");
  seen.examples = await evaluate("document.querySelectorAll('.shown pre').length");
  seen.fields = await evaluate("document.querySelectorAll('.fields .name').length");
  for (let i = 1; i < 4; ++i) {
    await evaluate(`document.querySelectorAll('.shown [role=tab]:nth-child(${i + 1})').forEach((t) => t.click())`);
  }
  seen.forms = await evaluate("document.querySelectorAll('form.try').length");

  await open("/docs");
  await until("document.querySelectorAll('details.entry').length > 20");
  // The key / focuses the search, Enter opens the first result.
  await press("/", "/");
  seen.focused = await evaluate("document.activeElement.id");
  await page("Input.insertText", {text: "merge cart"});
  await until("document.getElementById('count').textContent.endsWith('found')");
  seen.found = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  await press("Enter", "\r");
  await until("document.getElementById('operation/merge_cart').open");
  seen.hash = await evaluate("location.hash");
  await evaluate("document.getElementById('search').value = 'no such thing'; " +
                 "document.getElementById('search').dispatchEvent(new Event('input'))");
  seen.nothing = await evaluate("document.querySelector('.nothing:not([hidden])').textContent");
  await evaluate("document.querySelector('.nothing button').click()");
  seen.reset = await evaluate("document.getElementById('count').textContent + document.activeElement.id");
  // Fields at any depth, codes of errors, values of lists; the numbers of the groups follow.
  await open("/docs?q=compare_at_price");
  await until("document.getElementById('count')?.textContent.endsWith('found')");
  seen.nested = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  seen.numbers = await evaluate("[...document.querySelectorAll('#nav > details:not([hidden]) .number')].map((n) => n.textContent)");
  await open("/docs?q=cart_full#error/cart_full");
  await until("document.getElementById('error/cart_full')?.open");
  seen.byCode = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  await open("/docs?q=webhook-signature");
  await until("document.getElementById('count')?.textContent.endsWith('found')");
  seen.byHeader = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  await open("/docs?q=internal_error");
  await until("document.getElementById('count')?.textContent.endsWith('found')");
  seen.byCommonCode = await evaluate("[...document.querySelectorAll('#nav li:not([hidden]) a')].map((a) => a.hash)");
  await open("/docs#operation/admin_list_orders");
  await until("document.getElementById('operation/admin_list_orders')?.children.length > 1");
  seen.listed = await evaluate("document.querySelector('#operation\\\\/admin_list_orders .rules').textContent");

  await open("/docs#operation/checkout");
  await until("document.getElementById('operation/checkout')?.children.length > 1");
  await picture("operation");
  seen.curl = await evaluate("document.querySelector('#operation\\\\/checkout .shown pre').textContent");
  seen.tabs = await evaluate("[...document.querySelectorAll('#operation\\\\/checkout .shown [role=tab]')].map((t) => t.textContent)");
  seen.covered = await evaluate(`[...document.querySelectorAll('.code')].filter((c) =>
      c.querySelector('.copy').getBoundingClientRect().bottom > c.querySelector('pre').getBoundingClientRect().top).length`);

  await open("/docs#webhook/order.refunded");
  await until("document.getElementById('webhook/order.refunded')?.children.length > 1");
  await picture("webhook");
  seen.webhook = await evaluate("document.getElementById('webhook/order.refunded').innerText");
  seen.webhookFields = await evaluate(`[...document.getElementById('webhook/order.refunded')
      .querySelectorAll(".described .fields .name")].map((n) => n.textContent)`);
  seen.webhookExample = await evaluate("document.getElementById('webhook/order.refunded').querySelector('pre').textContent");

  await open("/docs#operation/create_cart");
  await until("document.getElementById('operation/create_cart')?.children.length > 1");
  await evaluate("document.querySelector('#operation\\\\/create_cart .shown [role=tab]:nth-child(4)').click()");
  seen.key = await evaluate("document.querySelector('#operation\\\\/create_cart [name=Idempotency-Key]').value");
  await evaluate("document.querySelector('#operation\\\\/create_cart form.try').requestSubmit()");
  await until("/^20|^4|^5/.test(document.querySelector('#operation\\\\/create_cart form.try .state')?.textContent ?? '')");
  seen.tried = await evaluate("document.querySelector('#operation\\\\/create_cart form.try .state').textContent");
  await picture("tried");

  await open("/docs/events");
  await until("document.querySelectorAll('details.entry').length > 5");
  seen.events = await evaluate("[...document.querySelectorAll('[id^=\"event/\"]')].map((e) => e.id.slice(6))");
  await evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })");
  await until("[...document.querySelectorAll('details.entry')].every((d) => d.children.length > 1)");
  await open("/docs/events#event/order_placed");
  await until("document.getElementById('event/order_placed')?.children.length > 1");
  await picture("events");

  await size(385, 844, "dark");
  await open("/docs#operation/add_cart_item");
  await until("document.getElementById('operation/add_cart_item')?.children.length > 1");
  seen.overflow = await evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  seen.dark = await evaluate("getComputedStyle(document.body).backgroundColor");
  await picture("narrow");
  await evaluate("document.getElementById('menu').click()");
  seen.menu = await evaluate("getComputedStyle(document.getElementById('nav')).display");
  await picture("menu");
  await size(320, 640, "dark");
  for (const path of ["/", "/docs", "/docs/events"]) {
    await open(path);
    await until("document.querySelector('.entry, .services li')");
    seen.overflow += await evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    seen.overflow += await evaluate("document.querySelector('.top').scrollWidth - document.querySelector('.top').clientWidth");
    seen.headHeight = await evaluate("document.querySelector('.top').clientHeight");
  }
} catch (error) {
  seen.failure = error.message;
}
console.log(JSON.stringify({...seen, complaints: browser.complaints, hosts: browser.hosts()}));
browser.stop();
