/** What waits, live: the list renews itself, and says so aloud when somebody new waits. */

import { allowSounds, counted } from "../shop/feedback.js";
import { scanning } from "./scanning.js";

const words = JSON.parse(document.getElementById("words").textContent);
const place = document.getElementById("waiting");
const connection = document.getElementById("connection");
const scan = document.getElementById("scan");
const sound = document.getElementById("sound");
let known = null;
let loud = false;

function open(code) {
  scan.elements.code.value = code;
  scan.requestSubmit();
}

function turnSound(on) {
  loud = on;
  sound.setAttribute("aria-pressed", String(on));
  const state = sound.querySelector("span");
  state.textContent = on ? state.dataset.on : state.dataset.off;
}

async function renew() {
  const answer = await fetch("/work/list", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer) return;
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const html = await answer.text();
  const focused = place.contains(document.activeElement) && document.activeElement.form?.elements.code?.value;
  place.replaceChildren(document.createRange().createContextualFragment(html));
  if (focused) place.querySelector(`input[value="${CSS.escape(focused)}"] ~ button`)?.focus();
}

function onWork({ data }) {
  connection.hidden = true;
  const { free, orders } = JSON.parse(data);
  const now = new Set([...free, ...orders]);
  const fresh = known && [...now].some((id) => !known.has(id));
  known = new Set([...(known || []), ...now]);
  renew();
  if (!fresh) return;
  document.title = `● ${document.title.replace("● ", "")}`;
  if (loud) counted(words.new);
}

const csrf = document.createElement("input");
Object.assign(csrf, { type: "hidden", name: "csrf", value: words.csrf });
scan.append(csrf);
const events = new EventSource("/work/v1/events");
events.addEventListener("work", onWork);
events.addEventListener("error", () => (connection.hidden = false));
addEventListener("offline", () => (connection.hidden = false));
addEventListener("focus", () => (document.title = document.title.replace("● ", "")));
addEventListener("pointerdown", () => loud || turnSound(true), { once: true });
sound.hidden = false;
sound.addEventListener("pointerdown", (event) => event.stopPropagation());
sound.addEventListener("click", () => (allowSounds(), turnSound(!loud)));
scanning(words.csrf, open);
setInterval(renew, 60_000); // how long somebody waits is told in minutes
