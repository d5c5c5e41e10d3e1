/** Elements that several screens show. */

import { h, icon } from "./dom.js";
import { _, money } from "./texts.js";

/** A screen's heading, which takes the focus when the screen is opened. */
export function heading(words, ...more) {
  return h("div.heading", {}, h("h1", { tabindex: "-1" }, words), ...more);
}

/** A button that shows a picture only; its words are for screen readers. */
export function iconButton(picture, words, attributes = {}, kind = "quiet") {
  return h(`button.${kind}.icon-button`, { type: "button", "aria-label": words, title: words, ...attributes }, icon(picture));
}

/** A link that shows a picture only; its words are for screen readers. */
export function iconLink(picture, words, address) {
  return h("a.button.quiet.icon-button", { href: address, "aria-label": words, title: words }, icon(picture));
}

/** A labelled input. */
export function field(name, label, attributes = {}, hint = "") {
  const described = hint ? { "aria-describedby": `h-${name}` } : {};
  return h("div.field", {},
    h("label", { for: attributes.id || `f-${name}` }, label),
    h("input", { id: `f-${name}`, name, ...described, ...attributes }),
    hint && h("p.hint", { id: `h-${name}` }, hint));
}

/** A place that says that there is nothing yet. */
export function nothing(picture, words, ...more) {
  return h("div.nothing", {}, icon(picture), h("p", {}, words), ...more);
}

/** A place that says why its content did not come; it is asked for again by the button, or when the connection is back. */
export function failed(words) {
  const again = () => dispatchEvent(new Event("hashchange"));
  return h("div.nothing", { "data-failed": true }, icon("alert"), h("p", {}, words), h("button", { type: "button", click: again }, _("Try again")));
}

/** A note: `kind` is good, warn or bad. */
export function notice(kind, ...words) {
  return h(`div.notice.${kind}`, {}, icon(kind === "good" ? "check" : "alert"), h("div", {}, ...words));
}

/** The word that something is on its way. */
export function loading() {
  return h("p.loading", { role: "status" }, _("One moment…"));
}

/** A row of a list of sums. */
export function sumRow(words, amount, currency, kind = "") {
  return h(`div.sum${kind && `.${kind}`}`, {}, h("dt", {}, words), h("dd", {}, money(amount, currency)));
}

/** A big code to be scanned from the screen. */
export function bigCode(text, words) {
  const address = `/shop/code.svg?text=${encodeURIComponent(text)}`;
  return h("img.big-code", { src: address, alt: words, width: "240", height: "240" });
}

/** Asks in a dialog of the browser's own; gives whether the shopper agreed. */
export async function ask(question, yes) {
  return (await answerTo(question, [h("button", { value: "" }, _("No")), h("button.primary", { value: "yes" }, yes)])) === "yes";
}

/** Asks in a dialog with these buttons, and `more` above them; gives the value of the button that was pressed. */
export function answerTo(question, buttons, ...more) {
  return new Promise((resolve) => {
    const dialog = h("dialog.ask", { "aria-labelledby": "question" },
      h("form", { method: "dialog" }, h("p", { id: "question" }, question), more, h("div.actions", {}, buttons)));
    dialog.addEventListener("close", () => (dialog.remove(), resolve(dialog.returnValue)));
    document.body.append(dialog);
    dialog.showModal();
  });
}
