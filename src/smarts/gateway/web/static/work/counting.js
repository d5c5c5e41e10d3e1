/** Counting goods by scanning them: each scan is a piece; what is missing or too many shows at once. */

import { counted as felt, refused } from "../shop/feedback.js";
import { addRow, counted, countOf, fill, gapOf, isStarted, later, list, nameOf, replacesOf, rowOf, rows, setCount, setOut, sum, wantedOf, words } from "./goods.js";
import { isReplacing, onReplacementCode, replace } from "./replacing.js";
import { grow, isGrown, isPart, isPartDone, rescanned, rescanning, wordsOfPart } from "./rescan.js";
import { focusField, scanning } from "./scanning.js";
import { ask, close, goodsNamed, isName, offer, rowsNamed } from "./searching.js";

const form = document.getElementById("result");
const scan = document.getElementById("scan");
const code = scan.elements.code;
const difference = document.getElementById("difference");
const MOST_WEIGHT = 10_000;

function showSum() {
  const { missing, many, struck } = sum();
  const started = isStarted();
  const wrong = [many && fill(words.many, { count: many }), missing && fill(words.missing, { count: missing })].filter(Boolean);
  difference.textContent = !started ? words.none : wrong.length ? wrong.join(" · ") : struck ? words.settled : words.all;
  difference.className = `difference ${started ? (wrong.length ? "bad" : "good") : ""}`;
  const correct = document.getElementById("correct");
  if (correct) correct.hidden = !started || !wrong.length;
  const pass = document.getElementById("pass");
  const isOpen = (isPart() && !isPartDone()) || (isGrown() && (missing > 0 || !started));
  if (pass) pass.hidden = many > 0 || isOpen; // what was not paid for never passes; what was not looked at may, otherwise
  if (isPart()) showPart(many);
}

/** One piece more than in the basket makes a part grow; what is missing may still turn up. */
function showPart(many) {
  if (many) return grow();
  document.getElementById("correct").hidden = true;
  if (isPartDone()) return;
  difference.textContent = [wordsOfPart(), isStarted() ? difference.textContent : ""].filter(Boolean).join(" · ") || words.none;
  difference.className = "difference";
}

/** One more of a row's goods: a piece, or all the weight that is missing. */
function onePiece(row) {
  if (!row.dataset.weighed) return 1;
  return Math.max(gapOf(row), 0) || wantedOf(row) || 1;
}

function tick(row, by = onePiece(row)) {
  if (words.order && !replacesOf(row) && gapOf(row) < by) return tooMany(row);
  setCount(row, countOf(row) + by);
  showSum();
  row.scrollIntoView({ block: "nearest" });
  const told = fill(words.one, { name: nameOf(row), count: countOf(row), wanted: wantedOf(row) });
  (gapOf(row) < 0 ? refused : felt)(told);
}

/** More than was ordered goes out only in place of something else. */
function tooMany(row) {
  const other = rows().find((each) => each.dataset.barcode === row.dataset.barcode && replacesOf(each));
  if (other) return tick(other);
  row.scrollIntoView({ block: "nearest" });
  refused(say(`${nameOf(row)}: ${fill(words.many, { count: 1 })}`));
}

function say(sentence) {
  difference.textContent = sentence;
  difference.className = "difference bad";
  return sentence;
}

async function lookUp(barcode) {
  if (words.order) return refused(say(fill(words.unknown, { code: barcode })));
  const answer = await ask("products", { barcode });
  if (answer?.status === 404) return refused(say(fill(words.unknown, { code: barcode })));
  if (!answer?.ok) return refused(say(words.lost));
  choose(await answer.json());
}

function choose(goods) {
  const row = rowOf(goods.barcode);
  if (row && goods.quantity === undefined) tick(row);
  else tick(row || addRow(goods), goods.weighed ? goods.quantity : 1);
  focusField();
}

function onCode(barcode) {
  close();
  if (isReplacing()) return onReplacementCode(barcode, told);
  const found = (barcode) => rows().filter((row) => row.dataset.barcode === barcode);
  const [row] = [...found(barcode), ...found(barcode.padStart(13, "0"))];
  const others = later().map((each) => each.dataset.barcode);
  if (row) tick(row);
  else if (others.includes(barcode) || others.includes(barcode.padStart(13, "0"))) refused(say(words.later));
  else lookUp(barcode);
}

/** What became of a code that was to replace something. */
function told(row, sentence) {
  showSum();
  if (sentence) return refused(say(sentence));
  row.scrollIntoView({ block: "nearest" });
  felt(fill(words.one, { name: nameOf(row), count: countOf(row), wanted: countOf(row) }));
}

/** In a check all goods of the store can be found by name; in an order its own, and others to replace them. */
async function onName(name) {
  const own = isReplacing() ? [] : rowsNamed(name);
  const others = words.order && !isReplacing() ? [] : await goodsNamed(name);
  if (others === null && !own.length) return refused(say(words.lost));
  const found = [...own, ...(others || [])];
  if (!found.length) return refused(say(fill(words.nothing, { name })));
  offer(found, isReplacing() ? (goods) => onReplacementCode(goods.barcode, told) : choose);
}

function onTyped(event) {
  event.preventDefault();
  const typed = code.value.trim();
  code.value = "";
  if (!typed) return;
  if (isName(typed)) onName(typed);
  else onCode(typed);
}

function onPress({ target }) {
  const button = target.closest("button");
  const row = target.closest(".goods");
  if (!button || !row) return;
  const is = (name) => button.classList.contains(name);
  if (is("more") && (!words.order || replacesOf(row) || gapOf(row) > 0)) setCount(row, countOf(row) + onePiece(row));
  if (is("less")) setCount(row, row.dataset.weighed ? 0 : countOf(row) - 1);
  if (is("out")) setOut(row, true);
  if (is("back")) setOut(row, false);
  if (is("replace")) replace(row);
  showSum();
  if (button.hidden) row.querySelector(".goods-out button:not([hidden])")?.focus();
}

/** A weight that was typed; a scanner types codes wherever the cursor stands. */
function onWeight({ target }) {
  const row = target.closest(".goods");
  const typed = target.value.trim().replace(",", ".");
  const weight = Number(typed);
  target.blur();
  if (/^\d{6,}$/.test(typed)) onCode(typed);
  else if (typed && weight >= 0 && weight <= MOST_WEIGHT) setCount(row, weight);
  else target.value = countOf(row);
  showSum();
}

function onSend(event) {
  const { missing, many } = sum();
  const picks = words.order && event.submitter?.dataset.picks;
  const sends = event.submitter?.id === "correct" || (picks && isStarted());
  if (sends && missing && !confirm(words.remove)) return event.preventDefault();
  if (picks && many) return (event.preventDefault(), refused(fill(words.many, { count: many })));
  document.getElementById("counted-goods").value = sends ? JSON.stringify(counted()) : "";
  const field = document.getElementById("rescanned");
  const isWhole = event.submitter?.id === "correct" || (!missing && !many);
  if (field) field.value = isWhole || event.submitter?.id === "fail" ? rescanned(isWhole) : "";
}

list.addEventListener("click", onPress);
list.addEventListener("change", onWeight);
list.addEventListener("focusin", ({ target }) => target.matches(".weight") && target.select());
list.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || !event.target.matches(".weight")) return;
  event.preventDefault();
  event.target.blur();
  focusField();
});
scan.addEventListener("submit", onTyped);
form.addEventListener("submit", onSend);
rescanning(onCode, showSum);
showSum();
scanning(words.csrf, onCode);
