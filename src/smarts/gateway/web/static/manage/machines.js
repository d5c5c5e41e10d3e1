/** Parcel machines as rows above the list that is sent; each changes with the other. */

const section = document.getElementById("machines");
const list = document.getElementById("f-parcelMachines");
const rows = section.querySelector(".machine-rows");
const buttons = section.querySelector(".buttons");
const MOST = 100; // more are easier to read as a list
const COLUMNS = ["id", "name", "address"];
const CELL = /\s*(?:"((?:[^"]|"")*)"|([^;]*))\s*(?:;|$)/y;

function cellsOf(line) {
  const cells = [];
  for (CELL.lastIndex = 0; CELL.lastIndex < line.length && cells.length < COLUMNS.length; ) {
    const [, quoted, plain] = CELL.exec(line);
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
  }
  return cells;
}

const quoted = (cell) => (/[;"\t]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

function lineOf(row) {
  const cells = [...row.querySelectorAll("input")].map((input) => quoted(input.value.trim()));
  while (cells.length && !cells.at(-1)) cells.pop();
  return cells.join("; ");
}

function writeList() {
  list.value = [...rows.children].map(lineOf).filter(Boolean).join("\n");
}

function rowOf(cells) {
  const row = document.createElement("div");
  row.className = "machine";
  COLUMNS.forEach((column, place) => {
    const input = document.createElement("input");
    input.value = cells[place] || "";
    input.maxLength = column === "address" ? 1000 : 200;
    input.placeholder = section.dataset[column];
    input.setAttribute("aria-label", section.dataset[column]);
    input.addEventListener("input", writeList);
    row.append(input);
  });
  const remove = document.createElement("button");
  remove.type = "button";
  remove.className = "quiet";
  remove.textContent = "×";
  remove.title = section.dataset.remove;
  remove.setAttribute("aria-label", section.dataset.remove);
  remove.addEventListener("click", () => {
    row.remove();
    writeList();
    buttons.querySelector("button").focus();
  });
  row.append(remove);
  return row;
}

function readList() {
  const lines = list.value.split("\n").filter((line) => line.trim());
  rows.hidden = lines.length > MOST || lines.some((line) => line.includes("\t"));
  buttons.hidden = rows.hidden;
  rows.replaceChildren(...(rows.hidden ? [] : lines.map((line) => rowOf(cellsOf(line)))));
}

buttons.addEventListener("click", () => {
  const row = rowOf([]);
  rows.append(row);
  row.querySelector("input").focus();
});
list.addEventListener("change", readList);
readList();
