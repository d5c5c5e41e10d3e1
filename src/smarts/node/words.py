"""What stores say to shoppers when they refuse something, in the languages that their shoppers read."""

from smarts.wire.text import Translatable

PAID_ALREADY = Translatable.of(
    "See ost on juba makstud.", EN="This purchase is paid already.", RU="Эта покупка уже оплачена."
)
# Who links a card is not asked in which language, so these are in all of them.
NO_SUCH_CARD = (
    "Sellist kaarti me ei leidnud, kontrollige sisestatut. "
    "We found no such card, please check what you typed. "
    "Мы не нашли такой карты, проверьте введённое."
)
CARD_TAKEN = (
    "See kaart on juba seotud teise kliendiga. "
    "This card is already linked to somebody else. "
    "Эта карта уже привязана к другому покупателю."
)
