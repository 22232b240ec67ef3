// The state of the server on its first page.
import {startTheme} from "./shell.js";

async function showState() {
  const state = document.getElementById("state");
  try {
    const [live, ready] = await Promise.all([fetch("/livez"), fetch("/readyz")]);
    const {version} = await live.json();
    const {status, services} = await ready.json();
    const missing = services.filter((s) => !s.ready).map((s) => s.service);
    state.textContent = `Version ${version}: ${status}` + (missing.length > 0 ? ` (${missing.join(", ")})` : "") + ".";
    state.classList.add(status === "ready" ? "good" : "bad");
  } catch {
    state.textContent = "The server does not answer.";
    state.classList.add("bad");
  }
}

startTheme();
showState();
