/** What the store offers: to this shopper, and to everybody. Its pictures stay on its own servers. */

import { attempt } from "../attempt.js";
import { h, icon } from "../dom.js";
import { to } from "../moving.js";
import { failed, heading, iconLink, loading, nothing } from "../parts.js";
import { look } from "../shopping.js";
import { state } from "../state.js";
import { _, day, money, named, number } from "../texts.js";
import { productRow } from "./product.js";

/** The screen. */
export function offersView() {
  const place = h("div", {}, loading());

  async function fill() {
    const asked = ["PERSONAL", "GENERAL"].map((kind) => look(`/stores/${state.store.institutionId}/offers?classification=${kind}`));
    const [own, general] = await Promise.all(asked);
    const known = new Set(own.map((each) => each.id));
    const others = general.filter((each) => !known.has(each.id));
    place.replaceChildren(...[part(_("For you"), own), part(own.length ? _("For everybody") : "", others)].filter(Boolean));
    if (!place.children.length) place.replaceChildren(nothing("offer", _("This store has no offers today.")));
  }

  attempt(null, fill, (words) => place.replaceChildren(failed(words)));
  const top = heading(_("Offers"));
  top.prepend(iconLink("back", _("Back"), to("search")));
  return { title: _("Offers"), node: h("div.narrow-page", {}, top, place) };
}

function part(words, offers) {
  if (!offers.length) return null;
  return h("section.offers", {}, words ? h("h2", {}, words) : null, h("ul.lines", {}, offers.map((each) => KINDS[each.type](each))));
}

const KINDS = {
  DISCOUNT: (offer) => h("li.offer", {},
    h("strong.offer-mark", {}, `−${number(offer.discountPercentage)} %`),
    h("div.line-text", {}, h("strong", {}, named(offer.title)), untilWords(offer)),
    h("div.line-price", {},
      h("s", {}, h("span.hidden-text", {}, _("before")), " ", money(offer.defaultPrice, state.store.currency)),
      h("strong", {}, money(offer.offerPrice, state.store.currency)))),
  PRODUCT_RELATED: (offer) => h("li.offer.of-product", {},
    h("span.offer-mark", {}, icon("offer")),
    h("div.line-text", {}, h("strong", {}, named(offer.title)), untilWords(offer)),
    h("ul.lines", {}, productRow(offer.relatedProduct))),
  DEFAULT: (offer) => h("li.offer", {},
    h("span.offer-mark", {}, icon("offer")),
    h("div.line-text", {}, h("strong", {}, named(offer.title)), h("span", {}, named(offer.description)), untilWords(offer))),
};

function untilWords({ endDate }) {
  return endDate ? h("small", {}, _("until {day}", { day: day(endDate) })) : null;
}
