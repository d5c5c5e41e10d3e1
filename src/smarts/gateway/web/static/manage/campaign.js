/** The campaign editor: what is typed is tried at once on an example and, when asked, on past purchases. */

const WAIT = 250; // milliseconds without a keystroke
const form = document.getElementById("campaign");
const operation = document.getElementById("f-operation");
const effect = document.getElementById("effect");
const said = document.getElementById("said");
const past = document.getElementById("past");
const words = JSON.parse(document.getElementById("words").textContent);
const addresses = Object.fromEntries([...form.querySelectorAll("[formaction]")].map((button) => [button.getAttribute("formaction").split("/").pop(), button.getAttribute("formaction")]));
const running = new Map(); // place -> what stops the question that is under way there
let timer = null;

/** Puts what the server says of the form into a place; a newer question stops an older one. */
async function ask(address, place) {
  running.get(place)?.abort();
  const stop = new AbortController();
  running.set(place, stop);
  place.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" }, signal: stop.signal });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    place.replaceChildren(document.createRange().createContextualFragment(await answer.text()));
    place.removeAttribute("data-stale");
  } catch (error) {
    if (error.name === "AbortError") return;
    said.textContent = words.lost;
    place.setAttribute("data-stale", "");
  }
  place.setAttribute("aria-busy", "false");
}

async function show() {
  await ask(addresses.effect, effect);
  if (effect.getAttribute("aria-busy") === "false" && !effect.hasAttribute("data-stale")) tell();
}

/** Says the verdict aloud, marks the field that is to blame, offers the way to the place in it. */
function tell() {
  const verdict = effect.querySelector(".verdict");
  const told = verdict?.textContent.replace(/\s+/g, " ").trim() || "";
  if (said.textContent !== told) said.textContent = told;
  operation.toggleAttribute("data-checked", true);
  if (verdict?.dataset.flaw === "operation" && operation.value.trim()) operation.setAttribute("aria-invalid", "true");
  else operation.removeAttribute("aria-invalid");
  for (const button of effect.querySelectorAll("[data-position]")) button.hidden = false;
}

function soon() {
  past.replaceChildren();
  clearTimeout(timer);
  timer = setTimeout(show, WAIT);
}

/** Positions count characters; what lies outside the usual plane counts twice in a field. */
function goTo(position) {
  const start = [...operation.value].slice(0, position - 1).join("").length;
  operation.focus();
  operation.setSelectionRange(start, start + 1);
}

function begin({ kind, operation: source }, name) {
  operation.value = source;
  form.querySelector(`[name="kind"][value="${kind}"]`).checked = true;
  if (!form.elements.name.value) form.elements.name.value = name;
  soon();
  operation.focus();
}

function showChoices() {
  document.getElementById("goods").hidden = form.elements.example.value !== "typed";
  document.getElementById("with-card").hidden = form.elements.shopper.value !== "CARD";
}

form.addEventListener("input", ({ target }) => {
  showChoices();
  if (target.name === "limit") past.replaceChildren();
  else if (target.name !== "name") soon();
});
form.addEventListener("submit", (event) => {
  const address = event.submitter?.getAttribute("formaction");
  if (!address) return;
  event.preventDefault();
  if (address === addresses.trial) ask(address, past);
  else show();
});
form.addEventListener("click", (event) => {
  const beginning = event.target.closest("[data-operation]");
  if (beginning) {
    event.preventDefault();
    begin(beginning.dataset, beginning.textContent);
  }
  const place = event.target.closest("[data-position]");
  if (place) goTo(Number(place.dataset.position));
});
addEventListener("online", () => effect.hasAttribute("data-stale") && show());
for (const each of form.querySelectorAll(".no-scripts")) each.hidden = true;
showChoices();
tell();
