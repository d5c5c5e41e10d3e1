/** The store's goods: by name while typing, or by category; a category has an address of its own. */

import { attempt } from "../attempt.js";
import { categoriesOf } from "../categories.js";
import { h, icon } from "../dom.js";
import { announce } from "../feedback.js";
import { to } from "../moving.js";
import { failed, heading, iconLink, loading, nothing } from "../parts.js";
import { look } from "../shopping.js";
import { state } from "../state.js";
import { _, named, number } from "../texts.js";
import { productRow } from "./product.js";

const RESTS = 250; // milliseconds after the last key, after which the store is asked
const PAGE = 30;

/** The screen; of one category where it is named. */
export function searchView(categoryId) {
  const store = state.store.institutionId;
  const title = h("h1", { tabindex: "-1" }, categoryId ? _("One moment…") : _("Search"));
  const top = h("div.heading", {}, title);
  const shelves = h("nav.shelves", { "aria-label": _("Categories") });
  const found = h("ul.lines.found", { "aria-label": _("Found") });
  const place = h("div", {});
  const more = h("button.wide-button.more", { type: "button", hidden: true, click: () => next() }, _("Show more"));
  let timer = 0;
  let turn = 0;
  let shown = {};

  /** Asks for the first page of what is wanted now; an answer that comes after another question is dropped. */
  async function search() {
    shown = { turn: (turn += 1), page: 0, name: input.value.trim(), category: shown.category };
    shelves.hidden = Boolean(shown.name);
    place.replaceChildren(loading());
    await next((words) => (found.replaceChildren(), place.replaceChildren(failed(words))));
  }

  async function next(tell) {
    const asking = shown;
    await attempt(more.hidden ? null : more, async () => {
      const page = await look(address(store, { ...asking, page: asking.page + 1 }));
      if (asking.turn === turn) present(asking, page);
    }, tell && ((words) => asking.turn === turn && tell(words)));
  }

  function present(asking, { result, lastPage, totalCount }) {
    asking.page += 1;
    const rows = result.map(productRow);
    if (asking.page > 1) found.append(...rows);
    else found.replaceChildren(...rows);
    more.hidden = !result.length || asking.page >= (lastPage || 1);
    place.replaceChildren(...(found.children.length ? [] : [nothing("search", emptyWords(asking.name))]));
    announce(_("Found: {count}", { count: totalCount ?? found.children.length }));
  }

  async function begin() {
    const asked = categoriesOf(store);
    if (!categoryId) search();
    const categories = await asked.catch(() => []); // goods are found by name all the same
    const category = categories.find((each) => each.id === categoryId);
    const below = categories.filter((each) => (each.parentId || undefined) === category?.id);
    shelves.replaceChildren(...below.map(shelf));
    if (!categoryId) return;
    title.textContent = category ? named(category.translatableName) : _("Search");
    top.prepend(iconLink("back", _("Back"), to("search", category?.parentId)));
    shown.category = category?.translatableName.originalText;
    search();
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(search, RESTS);
  };
  const input = h("input", { id: "f-name", type: "search", autocomplete: "off", enterkeyhint: "search", input: soon });
  const node = h("div.narrow-page", {}, top,
    h("div.field", {}, h("label", { for: "f-name" }, _("What are you looking for?")), input),
    categoryId ? null : offersLink(), shelves, place, found, more);
  begin();
  return { title: _("Search"), node, leave: () => clearTimeout(timer) };
}

function address(store, { name, category, page }) {
  const query = new URLSearchParams({ limit: PAGE, page });
  if (name) query.set("name", name);
  if (category) query.set("category", category);
  return `/stores/${store}/products?${query}`;
}

const emptyWords = (name) => (name ? _("Nothing by this name") : _("Nothing here"));

function shelf(category) {
  return h("a.chip", { href: to("search", category.id) }, named(category.translatableName),
    category.numberOfProducts ? h("small", {}, number(category.numberOfProducts)) : null);
}

/** The way to the store's offers. */
export function offersLink() {
  return h("a.row.link-card", { href: to("offers") }, icon("offer"),
    h("span", {}, h("strong", {}, _("Offers")), h("small", {}, _("what is cheaper today"))), icon("next"));
}
