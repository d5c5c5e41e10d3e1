/** What waits, live: the list renews itself, and says so when somebody new waits. */

import { allowSounds, announce, chime } from "./telling.js";
import { listenAnywhere } from "./events.js";
import { scanning } from "./scanning.js";

const words = JSON.parse(document.getElementById("words").textContent);
const place = document.getElementById("waiting");
const connection = document.getElementById("connection");
const scan = document.getElementById("scan");
const sound = document.getElementById("sound");
const title = document.title;
const KEPT = "smarts.work.sound";
let loud = localStorage.getItem(KEPT) !== "off";

function open(code) {
  scan.elements.code.value = code;
  scan.requestSubmit();
}

function showSound() {
  sound.setAttribute("aria-pressed", String(loud));
  const state = sound.querySelector("span");
  state.textContent = loud ? state.dataset.on : state.dataset.off;
}

function turnSound() {
  loud = !loud;
  localStorage.setItem(KEPT, loud ? "on" : "off");
  showSound();
  if (!loud) return;
  allowSounds();
  chime();
}

const waiting = () => [...place.querySelectorAll("[data-new]")].map((row) => row.dataset.new);
let known = new Set(waiting());

function showCount() {
  const count = place.querySelectorAll(".list > li").length;
  document.title = count ? `(${count}) ${title}` : title;
}

/** Tells of what was not there before; what a colleague let go of again is not new. */
function tellNew() {
  const now = waiting();
  const fresh = now.some((id) => !known.has(id));
  known = new Set([...known, ...now]);
  if (!fresh) return;
  announce(words.new);
  if (loud) chime();
}

function replaceList(html) {
  const focused = place.contains(document.activeElement) && addressOf(document.activeElement);
  place.replaceChildren(document.createRange().createContextualFragment(html));
  if (focused) [...place.querySelectorAll("a, button")].find((each) => addressOf(each) === focused)?.focus();
}

const addressOf = (element) => element.form?.elements.code?.value || element.getAttribute("href");

async function renew() {
  const answer = await fetch("/work/list", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 401) return location.reload();
  if (!answer?.ok) return;
  replaceList(await answer.text());
  showCount();
  tellNew();
}

const csrf = document.createElement("input");
Object.assign(csrf, { type: "hidden", name: "csrf", value: words.csrf });
scan.append(csrf);
listenAnywhere(() => ((connection.hidden = true), renew()), () => (connection.hidden = false));
document.getElementById("store")?.addEventListener("change", ({ target }) => target.form.requestSubmit());
sound.hidden = false;
sound.addEventListener("click", turnSound);
showSound();
showCount();
scanning(words.csrf, open);
setInterval(renew, 60_000); // how long somebody waits is told in minutes
