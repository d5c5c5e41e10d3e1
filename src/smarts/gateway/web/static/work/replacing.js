/** Goods of the store in place of ordered ones that are out: the next scan, or what is found by name. */

import { addRow, countOf, fill, nameOf, rowOf, setCount, words } from "./goods.js";
import { focusField } from "./scanning.js";
import { ask } from "./searching.js";

const bar = document.getElementById("replacing");
const label = document.getElementById("scan-label");
let gap = null;

/** Whether the next scan replaces something. */
export const isReplacing = () => gap !== null;

/** The next scan goes out in place of this row's goods. */
export function replace(row) {
  gap = row;
  document.getElementById("replacing-words").textContent = fill(words.instead, { name: nameOf(row) });
  label.textContent = words.replace;
  bar.hidden = false;
  focusField();
}

function end() {
  gap = null;
  bar.hidden = true;
  label.textContent = words.scan;
  focusField();
}

/** Looks up what shall replace what is out; tells `told` of its row, or of why it may not. */
export async function onReplacementCode(barcode, told) {
  const row = gap;
  const answer = await ask("products", { barcode, replaces: row.dataset.barcode });
  if (answer?.status === 404) return told(row, fill(words.unsold, { code: barcode }));
  if (answer?.status === 422) return told(row, (await answer.json()).words);
  if (!answer?.ok) return told(row, words.lost);
  const goods = await answer.json();
  const other = rowOf(goods.barcode, row.dataset.barcode) || addRow(goods, row);
  setCount(other, countOf(other) + (goods.weighed ? goods.quantity : 1));
  end();
  told(other);
}

document.getElementById("replacing-off")?.addEventListener("click", end);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isReplacing() || event.defaultPrevented) return;
  event.preventDefault();
  end();
});
