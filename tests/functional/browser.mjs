// Headless Chromium by its DevTools protocol, for the tests of the pages.
import {spawn} from "node:child_process";

const limitMs = 200000;
const answerMs = 60000;

/**
 * One browser with one page, which shows what is below `base`; its profile lies in `folder`.
 * A browser that crashes or does not answer ends the script with the reason as `failure`.
 */
export async function startBrowser(chromium, base, folder) {
  const browser = spawn(chromium, [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions",
    "--no-default-browser-check", `--user-data-dir=${folder}/profile`, "--remote-debugging-pipe", "about:blank",
  ], {stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"]});
  function fail(reason) {
    console.log(JSON.stringify({failure: `${reason}; waiting for: ${[...waiting.values()].map((w) => w.what)}`}));
    browser.kill("SIGKILL");
    process.exit(3);
  }
  const limit = setTimeout(() => fail(`not done within ${limitMs} ms`), limitMs);
  browser.on("exit", (code, signal) => fail(`the browser has ended (${code ?? signal})`));

  let number = 0;
  const waiting = new Map();

  /** The promise of an answer to `what`; `begin` gets its functions. */
  function awaited(key, what, begin) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => fail(`no answer within ${answerMs} ms`), answerMs);
      const end = (finish) => (value) => { clearTimeout(late); waiting.delete(key); finish(value); };
      waiting.set(key, {what, resolve: end(resolve), reject: end(reject)});
      begin();
    });
  }
  const complaints = [];
  const hosts = new Set();
  let rest = "";

  browser.stdio[4].on("data", (bytes) => {
    const parts = (rest + bytes).split("\0");
    rest = parts.pop();
    for (const part of parts) take(JSON.parse(part));
  });

  function take(message) {
    if (message.id) {
      const {resolve, reject} = waiting.get(message.id);
      return message.error ? reject(new Error(message.error.message)) : resolve(message.result);
    }
    const {method, params} = message;
    if (method === "Page.loadEventFired") waiting.get("load")?.resolve();
    if (method === "Inspector.targetCrashed") fail("the page has crashed");
    if (method === "Network.requestWillBeSent") hosts.add(new URL(params.request.url).origin);
    if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? "thrown");
    if (method === "Runtime.consoleAPICalled" && params.type === "error") complaints.push(JSON.stringify(params.args));
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
      complaints.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    }
  }

  function send(method, params = {}, sessionId = undefined) {
    const id = ++number;
    const what = `${method} ${JSON.stringify(params).slice(0, 200)}`;
    return awaited(id, what, () => browser.stdio[3].write(`${JSON.stringify({id, method, params, sessionId})}\0`));
  }

  const {targetId} = await send("Target.createTarget", {url: "about:blank"});
  const {sessionId} = await send("Target.attachToTarget", {targetId, flatten: true});
  const page = (method, params) => send(method, params, sessionId);
  for (const domain of ["Page", "Network", "Runtime", "Log", "Inspector"]) await page(`${domain}.enable`);

  async function evaluate(expression) {
    const {result, exceptionDetails} =
        await page("Runtime.evaluate", {expression, awaitPromise: true, returnByValue: true});
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

  async function load(what, start) {
    const done = awaited("load", `the load of ${what}`, () => {});
    await start();
    await done;
  }

  async function open(path) {
    // Via an empty page: a change of the fragment alone would load nothing.
    for (const url of ["about:blank", base + path]) await load(url, () => page("Page.navigate", {url}));
  }

  async function size(width, height, scheme = "light") {
    await page("Emulation.setDeviceMetricsOverride", {width, height, deviceScaleFactor: 1, mobile: width < 600});
    await page("Emulation.setEmulatedMedia", {features: [{name: "prefers-color-scheme", value: scheme}]});
  }

  const codes = {Tab: 9, Enter: 13, Escape: 27, End: 35, Home: 36, ArrowLeft: 37, ArrowRight: 39};

  async function press(key, text = key === "Enter" ? "\r" : undefined) {
    const event = {key, code: key, windowsVirtualKeyCode: codes[key]};
    await page("Input.dispatchKeyEvent", {type: "keyDown", ...event, text});
    await page("Input.dispatchKeyEvent", {type: "keyUp", ...event});
  }

  function stop() {
    clearTimeout(limit);
    browser.removeAllListeners("exit");
    browser.kill("SIGKILL");
  }

  return {send, page, evaluate, until, open, reload: () => load("the page again", () => page("Page.reload")), size, press, stop,
          complaints, hosts: () => [...hosts].filter((h) => h !== "null")};
}
