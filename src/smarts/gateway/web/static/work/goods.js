/** The rows of goods, and how many of each are counted. A reload must not make anybody scan a full trolley again. */

export const words = JSON.parse(document.getElementById("words").textContent);
export const list = document.getElementById("goods");

const place = `counted ${words.id}`;
const kept = (name, empty) => JSON.parse(sessionStorage.getItem(place + name) || empty);
const counts = new Map(Object.entries(kept("", "{}")));
const out = new Set(kept(" out", "[]"));
const extras = new Map(kept(" more", "[]"));

export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
export const thousandths = (amount) => Math.round(amount * 1000) / 1000;
export const rows = () => [...list.querySelectorAll(".goods:not([data-later])")];
export const later = () => [...list.querySelectorAll(".goods[data-later]")];
export const replacesOf = (row) => row.dataset.replaces || "";
export const rowOf = (barcode, replaces = "") => rows().find((row) => row.dataset.barcode === barcode && replacesOf(row) === replaces);
export const replacementsOf = (row) => rows().filter((each) => replacesOf(each) === row.dataset.barcode);
export const countOf = (row) => counts.get(keyOf(row)) || 0;
export const wantedOf = (row) => (replacesOf(row) ? countOf(row) : Number(row.dataset.wanted));
export const gapOf = (row) => thousandths(wantedOf(row) - countOf(row));
export const nameOf = (row) => row.querySelector("strong").textContent;
export const isOut = (row) => out.has(row.dataset.barcode) && !replacesOf(row) && gapOf(row) > 0;
export const isStarted = () => counts.size > 0 || out.size > 0;

const keyOf = (row) => (replacesOf(row) ? `${row.dataset.barcode} for ${replacesOf(row)}` : row.dataset.barcode);

function keep() {
  sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(counts)));
  sessionStorage.setItem(`${place} out`, JSON.stringify([...out]));
  sessionStorage.setItem(`${place} more`, JSON.stringify([...extras]));
}

function stateOf(row) {
  const [gap, count] = [gapOf(row), countOf(row)];
  if (isOut(row)) return "struck";
  if (gap < 0) return "many";
  if (gap === 0) return count || wantedOf(row) ? "complete" : "";
  return count > 0 ? "missing" : "";
}

function wordsOf(row, state) {
  if (replacesOf(row)) return fill(words.instead, { name: row.dataset.instead });
  const count = Math.abs(gapOf(row));
  if (state === "struck") return fill(replacementsOf(row).length ? words.replaced : words.struck, { count });
  if (state === "many" && wantedOf(row) === 0) return words.another;
  return state === "many" || state === "missing" ? fill(words[state], { count }) : "";
}

/** Shows how a row stands. */
export function show(row) {
  const state = stateOf(row);
  row.classList.remove("many", "complete", "missing", "struck");
  if (state) row.classList.add(state);
  row.querySelector(".counted").textContent = countOf(row);
  const weight = row.querySelector(".weight");
  if (weight !== document.activeElement) weight.value = countOf(row);
  row.querySelector(".goods-words").textContent = wordsOf(row, state);
  showDoors(row, state);
}

/** What can be done about goods that are not there. */
function showDoors(row, state) {
  const door = (name) => row.querySelector(`.${name}`);
  if (!door("out")) return;
  door("out").hidden = state === "struck" || state === "complete" || state === "many";
  row.querySelector(".less").hidden = !door("out").hidden && countOf(row) === 0;
  door("back").hidden = state !== "struck";
  if (door("replace")) door("replace").hidden = state !== "struck";
}

/** So many of a row's goods are counted. */
export function setCount(row, count) {
  counts.set(keyOf(row), Math.max(0, thousandths(count)));
  for (const each of list.querySelectorAll(".last")) each.classList.remove("last");
  row.classList.add("last");
  if (replacesOf(row) && !countOf(row)) remove(row);
  else if (gapOf(row) <= 0) setOut(row, false);
  rows().forEach(show);
  keep();
}

/** What is missing of a row's goods is out, or is there after all: then nothing replaces it. */
export function setOut(row, isOutNow) {
  if (replacesOf(row)) return;
  if (isOutNow) out.add(row.dataset.barcode);
  else {
    out.delete(row.dataset.barcode);
    replacementsOf(row).forEach(remove);
  }
  rows().forEach(show);
  keep();
}

function remove(row) {
  counts.delete(keyOf(row));
  extras.delete(keyOf(row));
  row.remove();
}

/** A row of goods that were not expected, or that go out in place of others. */
export function addRow({ barcode, name, weighed }, replaced = null) {
  const row = document.getElementById("another").content.firstElementChild.cloneNode(true);
  Object.assign(row.dataset, { barcode, weighed: weighed ? "1" : "" });
  row.querySelector("strong").textContent = name;
  row.querySelector("small").textContent = barcode;
  row.querySelector(".counted").hidden = weighed;
  row.querySelector(".weight").hidden = !weighed;
  for (const each of row.querySelectorAll("button, input")) each.setAttribute("aria-label", `${each.getAttribute("aria-label").trim()} ${name}`);
  if (replaced) {
    Object.assign(row.dataset, { replaces: replaced.dataset.barcode, instead: nameOf(replaced) });
    row.classList.add("instead");
    row.querySelector(".of-wanted").remove();
    replaced.after(row);
  } else list.prepend(row);
  extras.set(keyOf(row), { barcode, name, weighed, replaces: replacesOf(row) });
  return row;
}

/** How much is missing that nobody has dealt with, and how much is too many; what is weighed is one. */
export function sum() {
  const missing = rows().filter((row) => gapOf(row) > 0 && !isOut(row));
  const many = rows().filter((row) => gapOf(row) < 0);
  const pieces = (found) => found.reduce((total, row) => total + (row.dataset.weighed ? 1 : Math.abs(gapOf(row))), 0);
  return { missing: pieces(missing), many: pieces(many), struck: rows().some(isOut) };
}

/** How much of each product was counted, as it is sent. */
export const amounts = (found) => found.map((row) => ({ barcode: row.dataset.barcode, amount: countOf(row) }));

/** What was counted, as it is sent. */
export function counted() {
  return rows()
    .filter((row) => countOf(row) > 0)
    .map((row) => ({ barcode: row.dataset.barcode, amount: countOf(row), replaces: replacesOf(row) || undefined }));
}

for (const { replaces, ...goods } of extras.values()) {
  const replaced = replaces ? rowOf(replaces) : null;
  if (!rowOf(goods.barcode, replaces) && (replaced || !replaces)) addRow(goods, replaced);
}
rows().forEach(show);
