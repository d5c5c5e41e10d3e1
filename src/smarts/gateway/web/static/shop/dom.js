/** Making and renewing elements. */

/** An element: `attributes` of null or false are left out, functions listen to the event they are named after. */
export function h(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function set(element, key, value) {
  if (typeof value === "function") element.addEventListener(key, value);
  else if (value === true) element.setAttribute(key, "");
  else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
}

/** Shows other children, and touches nothing where they are what is there already. */
export function show(parent, ...children) {
  const wanted = children.flat().filter(Boolean);
  const same = wanted.length === parent.childNodes.length
    && wanted.every((child, place) => child === parent.childNodes[place]);
  if (!same) parent.replaceChildren(...wanted);
}

/**
 * Keeps a list's elements as long as what they show is the same, so that the focus stays where it is.
 * `make` makes the element of an item, `keyOf` names the item.
 */
export function keyed(parent, keyOf, make) {
  const shown = new Map();
  return (items) => {
    const wanted = items.map((item) => {
      const key = keyOf(item);
      const looks = JSON.stringify(item);
      const before = shown.get(key);
      if (before?.looks === looks) return [key, before];
      const node = make(item);
      if (before) keepFocus(before.node, node);
      return [key, { looks, node }];
    });
    shown.clear();
    for (const [key, entry] of wanted) shown.set(key, entry);
    arrange(parent, wanted.map(([, entry]) => entry.node));
  };
}

function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] || null);
  });
}

function keepFocus(before, after) {
  const name = before.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  before.replaceWith(after);
  if (name) after.querySelector(`[data-focus="${name}"]`)?.focus();
}

const ICONS = new URL("../icons.svg", import.meta.url);

/** A picture of the site's sheet, hidden from those who cannot see it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${ICONS.pathname}#${name}`);
  svg.append(use);
  return svg;
}
