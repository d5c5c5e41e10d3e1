/** Loyalty cards: link one, use it, let its bonus pay, unlink it. */

import { attempt } from "../attempt.js";
import { h } from "../dom.js";
import { toast } from "../feedback.js";
import { ask, failed, field, heading, loading, nothing } from "../parts.js";
import { act, beginCart, look, useCards } from "../shopping.js";
import { state } from "../state.js";
import { _, moment, money, named } from "../texts.js";
import { typedWords } from "../words.js";

/** The screen. */
export function cardsView() {
  const linked = h("div.cards", {}, loading());
  const offered = h("div.cards", {});

  async function refresh() {
    const [own, kinds] = await Promise.all([
      look("/loyalty-cards"),
      state.store ? look(`/stores/${state.store.institutionId}/loyalty-cards`) : [],
    ]);
    const here = new Set(kinds.map((kind) => kind.id));
    linked.replaceChildren(...own.map((card) => ownCard(card, here.has(card.id), refresh)));
    const others = kinds.filter((kind) => !kind.linked);
    offered.replaceChildren(...others.map((kind) => linking(kind, refresh)));
    if (!own.length && !others.length) linked.replaceChildren(nothing("card", _("This store has no loyalty cards.")));
  }

  attempt(null, refresh, (words) => linked.replaceChildren(failed(words)));
  const node = h("div.narrow-page", {}, heading(_("Loyalty cards")), linked, offered);
  return { title: _("Loyalty cards"), node };
}

function face(card, ...more) {
  const element = h("div.card-face", { "data-theme": card.colorTheme || "DARK" },
    card.imageId && h("img", { src: `/shop/v1/images/${encodeURIComponent(card.imageId)}`, alt: "" }),
    h("strong", {}, named(card.name)), ...more);
  const [from, upTo] = card.colors || [];
  if (from) element.style.setProperty("--card-start", from);
  if (from) element.style.setProperty("--card-end", upTo || from);
  return element;
}

function ownCard(card, counts, refresh) {
  const used = () => state.cart?.loyaltyCards.find((each) => each.id === card.id);
  const pays = h("input", { type: "checkbox", role: "switch", change: save });
  const uses = h("input", { type: "checkbox", role: "switch", change: save });
  const show = () => {
    uses.checked = Boolean(used());
    pays.checked = Boolean(used()?.useBonusOnPayment);
  };

  async function save(event) {
    const others = (state.cart?.loyaltyCards || []).filter((each) => each.id !== card.id);
    if (event.currentTarget === pays && pays.checked) uses.checked = true;
    if (!uses.checked) pays.checked = false;
    const mine = uses.checked ? [{ id: card.id, useBonusOnPayment: pays.checked }] : [];
    const wanted = [...others.map(({ id, useBonusOnPayment }) => ({ id, useBonusOnPayment })), ...mine];
    await attempt(event.currentTarget, async () => {
      await beginCart();
      await useCards(wanted);
    });
    show();
  }

  async function unlink(event) {
    const button = event.currentTarget;
    if (!(await ask(_("Unlink {card}?", { card: named(card.name) }), _("Unlink")))) return;
    await attempt(button, async () => {
      await act("DELETE", `/loyalty-cards/${encodeURIComponent(card.id)}`);
      await refresh();
    });
  }

  show();
  return h("article.loyalty", { "aria-label": named(card.name) },
    face(card, h("span.number", {}, card.cardNumber), h("span", {}, bonusWords(card))),
    counts && h("label.check", {}, uses, _("Use it for this purchase")),
    counts && card.canUseBonusPointsForPayment && h("label.check", {}, pays, _("Pay with its bonus")),
    h("button.quiet", { type: "button", click: unlink }, _("Unlink")));
}

function bonusWords(card) {
  if (card.bonus !== null && card.bonus !== undefined) {
    const sum = money(card.bonus, card.currency || state.store?.currency || "EUR");
    return card.expiresAt ? _("Bonus {sum}, until {time}", { sum, time: moment(card.expiresAt) }) : _("Bonus {sum}", { sum });
  }
  return card.bonusUnknown && card.bonusUnknown !== "feature-absent" ? _("The bonus is not known now") : "";
}

function linking(kind, refresh) {
  const label = kind.validationTypes.map(typedWords).join(" / ");
  const link = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const value = form.elements.value.value.trim();
    const body = { cardId: kind.id, institutionId: state.store.institutionId, value };
    const done = await attempt(form.querySelector("button"), () => act("POST", "/loyalty-cards", body), (words) => {
      form.querySelector(".field-error").textContent = words;
    });
    if (!done) return;
    toast(_("Linked: {card}", { card: named(kind.name) }));
    await useLinked(kind);
    await attempt(null, refresh);
  };
  return h("article.loyalty", { "aria-label": named(kind.name) },
    face(kind, h("span", {}, named(kind.description))),
    h("form", { submit: link },
      field("value", label, { required: true, maxlength: "200", autocomplete: "off", id: `f-${kind.id}` }),
      h("p.field-error", { role: "alert" }),
      h("button.primary", {}, _("Link this card"))));
}

/** A card that was just linked counts for the purchase that is under way, too. */
async function useLinked(kind) {
  if (!state.cart) return;
  const others = state.cart.loyaltyCards.map(({ id, useBonusOnPayment }) => ({ id, useBonusOnPayment }));
  await attempt(null, () => useCards([...others, { id: kind.id, useBonusOnPayment: false }]));
}
