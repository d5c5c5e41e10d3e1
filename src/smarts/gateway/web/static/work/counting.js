/** Counting goods by scanning them: each scan is a piece; what is missing or too many shows at once. */

import { counted, refused } from "../shop/feedback.js";
import { scanning } from "./scanning.js";

const words = JSON.parse(document.getElementById("words").textContent);
const list = document.getElementById("goods");
const form = document.getElementById("result");
const scan = document.getElementById("scan");
const difference = document.getElementById("difference");
const place = `counted ${words.id}`; // a reload must not make anybody scan a full trolley again
const counts = new Map(Object.entries(JSON.parse(sessionStorage.getItem(place) || "{}")));
const extras = new Map(JSON.parse(sessionStorage.getItem(`${place} more`) || "[]"));

const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const thousandths = (amount) => Math.round(amount * 1000) / 1000;
const rows = () => [...list.querySelectorAll(".goods")];
const rowOf = (barcode) => rows().find((row) => row.dataset.barcode === barcode);
const countOf = (row) => counts.get(row.dataset.barcode) || 0;
const wantedOf = (row) => Number(row.dataset.wanted);
const nameOf = (row) => row.querySelector("strong").textContent;

function show(row) {
  const [count, wanted] = [countOf(row), wantedOf(row)];
  const state = count > wanted ? "many" : count === wanted ? "complete" : count > 0 ? "missing" : "";
  row.classList.remove("many", "complete", "missing");
  if (state) row.classList.add(state);
  row.querySelector(".counted").textContent = count;
  const told = { many: fill(words.many, { count: thousandths(count - wanted) }), missing: fill(words.missing, { count: thousandths(wanted - count) }) };
  row.querySelector(".goods-words").textContent = wanted === 0 && count ? words.another : told[state] || "";
}

function sum() {
  const all = rows().map((row) => ({ gap: thousandths(wantedOf(row) - countOf(row)), pieces: row.dataset.weighed ? 1 : null }));
  const pieces = ({ gap, pieces: one }) => one ?? Math.abs(gap);
  const missing = all.filter(({ gap }) => gap > 0).reduce((total, each) => total + pieces(each), 0);
  const many = all.filter(({ gap }) => gap < 0).reduce((total, each) => total + pieces(each), 0);
  return { missing, many, started: counts.size > 0 };
}

function showSum() {
  const { missing, many, started } = sum();
  const wrong = [many && fill(words.many, { count: many }), missing && fill(words.missing, { count: missing })].filter(Boolean);
  difference.textContent = !started ? words.none : wrong.length ? wrong.join(" · ") : words.all;
  difference.className = `difference ${started ? (wrong.length ? "bad" : "good") : ""}`;
  const correct = document.getElementById("correct");
  if (correct) correct.hidden = !started || !wrong.length;
  const pass = document.getElementById("pass");
  if (pass) pass.hidden = many > 0; // what was not paid for never passes; what was not looked at may
}

function keep() {
  sessionStorage.setItem(place, JSON.stringify(Object.fromEntries(counts)));
  sessionStorage.setItem(`${place} more`, JSON.stringify([...extras]));
}

function change(row, by) {
  const count = Math.max(0, thousandths(countOf(row) + by));
  counts.set(row.dataset.barcode, count);
  for (const each of list.querySelectorAll(".last")) each.classList.remove("last");
  row.classList.add("last");
  show(row);
  showSum();
  keep();
  return count;
}

/** One more of a row's goods: a piece, or all the weight that is missing. */
function onePiece(row) {
  if (!row.dataset.weighed) return 1;
  return Math.max(wantedOf(row) - countOf(row), 0) || wantedOf(row) || 1;
}

function tick(row, by = onePiece(row)) {
  const count = change(row, by);
  row.scrollIntoView({ block: "nearest" });
  const told = fill(words.one, { name: nameOf(row), count, wanted: wantedOf(row) });
  (count > wantedOf(row) ? refused : counted)(told);
}

function addRow({ barcode, name, weighed }) {
  const row = document.getElementById("another").content.firstElementChild.cloneNode(true);
  Object.assign(row.dataset, { barcode, weighed: weighed ? "1" : "" });
  row.querySelector("strong").textContent = name;
  row.querySelector("small").textContent = barcode;
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", `${button.getAttribute("aria-label")} ${name}`);
  list.prepend(row);
  extras.set(barcode, { barcode, name, weighed });
  return row;
}

async function lookUp(code) {
  if (!words.products) return refused(say(fill(words.unknown, { code })));
  const body = new URLSearchParams({ barcode: code });
  const headers = { "X-CSRF-Token": words.csrf, Accept: "application/json" };
  const answer = await fetch(words.products, { method: "POST", body, headers }).catch(() => null);
  if (answer?.status === 404) return refused(say(fill(words.unknown, { code })));
  if (!answer?.ok) return refused(say(words.lost));
  const goods = await answer.json();
  tick(rowOf(goods.barcode) || addRow(goods), goods.weighed ? goods.quantity : 1);
}

function say(sentence) {
  difference.textContent = sentence;
  difference.className = "difference bad";
  return sentence;
}

function onCode(code) {
  const row = rowOf(code) || rowOf(code.padStart(13, "0"));
  if (row) tick(row);
  else lookUp(code);
}

list.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  const row = target.closest(".goods");
  if (button?.classList.contains("more")) change(row, onePiece(row));
  if (button?.classList.contains("less")) change(row, row.dataset.weighed ? -countOf(row) : -1);
});
scan.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = scan.elements.code.value.trim();
  scan.elements.code.value = "";
  if (code) onCode(code);
});
form.addEventListener("submit", (event) => {
  const { missing, many, started } = sum();
  const counts_ = event.submitter?.id === "correct" || (event.submitter?.dataset.picks && started && (missing || many));
  if (counts_ && missing && !confirm(words.remove)) return event.preventDefault();
  const goods = rows().filter((row) => countOf(row) > 0).map((row) => ({ barcode: row.dataset.barcode, amount: countOf(row) }));
  document.getElementById("counted-goods").value = counts_ ? JSON.stringify(goods) : "";
});

for (const goods of extras.values()) if (!rowOf(goods.barcode)) addRow(goods);
rows().forEach(show);
showSum();
scanning(words.csrf, onCode);
scan.elements.code.focus({ preventScroll: true });
