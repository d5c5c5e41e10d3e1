/** A check's or an order's page: what colleagues change shows, forms are sent once, keys do what buttons do. */

import { listen } from "./events.js";

const LIST = "/work";
const form = document.getElementById("result");
const news = document.getElementById("news");
const stateOf = (page) => page.getElementById("state")?.dataset.state;
let sending = false;

async function lookForNews() {
  if (sending || !news.hidden) return;
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || sending) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (stateOf(page) !== stateOf(document)) news.hidden = false;
}

/** Sends what was pressed; where there is no answer the page stays as it is, and pressing again does nothing twice. */
async function send(event) {
  if (event.defaultPrevented) return;
  event.preventDefault();
  const { submitter } = event;
  if (sending || (submitter.dataset.ask && !confirm(submitter.dataset.ask))) return;
  const body = new URLSearchParams(new FormData(form, submitter));
  setSending(true);
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.redirected) return location.assign(answer.url);
  if (answer) return show(submitter);
  setSending(false);
  document.getElementById("no-answer").hidden = false;
}

function setSending(now) {
  sending = now;
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", String(now));
  document.getElementById("no-answer").hidden = true;
}

/** What was refused is shown as the page that says why: the same form again, which is refused again. */
function show(submitter) {
  form.removeEventListener("submit", send);
  const status = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
  form.append(status);
  form.submit();
}

function onKey(event) {
  if (event.key === "Enter" && event.ctrlKey) {
    event.preventDefault();
    const primary = form && [...form.querySelectorAll("button.primary")].find((button) => !button.hidden);
    if (primary) form.requestSubmit(primary);
    else document.getElementById("onward")?.click();
  }
  if (event.key === "Escape" && !event.defaultPrevented) goBack();
}

function goBack() {
  const field = document.getElementById("code");
  if (field?.value) field.value = "";
  else location.assign(LIST);
}

form?.addEventListener("submit", send);
document.addEventListener("keydown", onKey);
if (stateOf(document)) listen(lookForNews);
document.getElementById("onward")?.focus({ preventScroll: true });
