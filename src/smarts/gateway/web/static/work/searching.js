/** Goods by name, for those whose barcode cannot be read. */

import { words, rows, nameOf, replacesOf } from "./goods.js";

const place = document.getElementById("found");

/** Whether what was typed is a name rather than a code. */
export const isName = (text) => /\p{L}{2}/u.test(text) && !/\d{4}|:\/\//u.test(text);

/** Asks the gateway; gives its answer, or null without a connection. */
export async function ask(path, fields) {
  const headers = { "X-CSRF-Token": words.csrf, Accept: "application/json" };
  return fetch(`${words.place}/${path}`, { method: "POST", body: new URLSearchParams(fields), headers }).catch(() => null);
}

/** The rows on the page whose name holds what was typed, as goods. */
export function rowsNamed(name) {
  const wanted = name.toLocaleLowerCase();
  return rows()
    .filter((row) => !replacesOf(row) && nameOf(row).toLocaleLowerCase().includes(wanted))
    .map((row) => ({ barcode: row.dataset.barcode, name: nameOf(row), weighed: Boolean(row.dataset.weighed) }));
}

/** What the store sells under a name; null without a connection. */
export async function goodsNamed(name) {
  const answer = await ask("search", { name });
  return answer?.ok ? answer.json() : null;
}

/** Lets one of some goods be chosen. */
export function offer(found, onChoose) {
  const known = new Map(found.map((goods) => [goods.barcode, goods]));
  place.replaceChildren(...[...known.values()].map((goods) => entry(goods, onChoose)));
  place.hidden = known.size === 0;
  place.querySelector("button")?.focus();
}

function entry(goods, onChoose) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "row row-button" });
  const names = document.createElement("span");
  const strong = Object.assign(document.createElement("strong"), { textContent: goods.name });
  names.append(strong, Object.assign(document.createElement("small"), { textContent: goods.barcode }));
  button.append(names);
  button.addEventListener("click", () => (close(), onChoose(goods)));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

/** Puts the choice away. */
export function close() {
  place.hidden = true;
  place.replaceChildren();
}

place.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  close();
  document.getElementById("code").focus();
});
