/** What the phone remembers: JSON by name in localStorage, shared by the app's tabs. Without it, this tab's memory. */

const PREFIX = "smarts.";
const memory = new Map();

function localArea() {
  try {
    localStorage.getItem(PREFIX);
    return localStorage;
  } catch {
    return null; // the browser was told to keep nothing
  }
}

const area = localArea();

/** What is kept under a name, or null; what cannot be read is as if it were not there. */
export function kept(name) {
  const text = area ? area.getItem(PREFIX + name) : memory.get(name);
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

/** Keeps a value under a name; null forgets it. */
export function keep(name, value) {
  if (value === null) {
    memory.delete(name);
    area?.removeItem(PREFIX + name);
    return;
  }
  const text = JSON.stringify(value);
  if (area) area.setItem(PREFIX + name, text);
  else memory.set(name, text);
}

/** The names that begin so, in their order. */
export function namesOf(beginning) {
  const names = area
    ? Object.keys(area).filter((each) => each.startsWith(PREFIX)).map((each) => each.slice(PREFIX.length))
    : [...memory.keys()];
  return names.filter((name) => name.startsWith(beginning)).sort();
}

/** Calls back with a name whenever another tab has changed what is kept under it. */
export function onChangeElsewhere(callback) {
  addEventListener("storage", (event) => {
    if (event.key?.startsWith(PREFIX)) callback(event.key.slice(PREFIX.length));
  });
}
