// The state of the server on the home page.
import {h} from "./dom.js";

const refreshMs = 15000;

function show(ready, version) {
  const state = document.getElementById("state");
  state.textContent = ready.status === "ready" ? "Ready" : ready.status.replace(/^./, (c) => c.toUpperCase());
  state.className = ["ready", "degraded"].includes(ready.status) ? "state good" : "state bad";
  document.getElementById("version").textContent = `Version ${version}`;
  document.getElementById("services").replaceChildren(...ready.services.map(
      (s) => h("li", {class: s.ready ? "good" : "bad"}, h("span", {class: "name"}, s.service), " ",
               h("span", {class: "about"}, s.ready ? "ready" : s.missing ?? "not ready"))));
}

async function refresh() {
  try {
    const signal = AbortSignal.timeout(refreshMs);
    const [ready, live] = await Promise.all(["/readyz", "/livez"].map(
        async (path) => (await fetch(path, {signal})).json()));
    show(ready, live.version);
  } catch {
    const state = document.getElementById("state");
    state.textContent = "No response";
    state.className = "state bad";
  }
}

refresh();
setInterval(() => { if (!document.hidden) refresh(); }, refreshMs);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
