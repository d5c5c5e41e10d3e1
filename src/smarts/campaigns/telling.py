"""What shoppers are told of campaigns, in their own languages; English is what the sentences are written in."""

import re
from collections.abc import Mapping

from smarts.campaigns.effects import CampaignEffect, Reason
from smarts.campaigns.hints import Hint, Nudge

_NUMBER = re.compile(r"-?\d+\.\d+")
_DIRECTIONS = {"ET": {"less": "vähem", "more": "rohkem"}, "RU": {"less": "меньше", "more": "больше"}}

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "ET": {
        Reason.CHANGED_AMOUNT: "Maksate {newAmount} eest, kogus on {amount}: {change} {currency} {direction}.",
        Reason.CHANGED_UNIT_PRICE: (
            "Üks maksab {newUnitPrice} {currency}, muidu {unitPrice} {currency}: {change} {currency} {direction}."
        ),
        Reason.CHANGED_ROW: (
            "See maksab {after} {currency}, muidu {before} {currency}: {change} {currency} {direction}."
        ),
        Reason.CHANGED_TOTAL: (
            "Ost maksab {after} {currency}, muidu {before} {currency}: {change} {currency} {direction}."
        ),
        Reason.UNCHANGED: "Seekord see midagi ei muuda.",
        "amount": "Kehtib alates kogusest {from}.",
        "total": "Kehtib umbes alates summast {fromWithVat} {currency}.",
        Nudge.EACH_CHEAPER: "Võtke veel {more} ja igaüks maksab {eachLess} {currency} vähem.",
        Nudge.PAY_FOR_FEWER: "Võtke veel {more} ja maksate {payFor} eest, kogus on {quantity}.",
        Nudge.ROW_CHEAPER: (
            "Võtke veel {more} ja kõik {quantity} maksavad {rowTotal} {currency}: säästate {saving} {currency}."
        ),
        Nudge.PURCHASE_CHEAPER: (
            "Võtke veel {more} ja kogu ost maksab {total} {currency}: säästate {saving} {currency}."
        ),
    },
    "RU": {
        Reason.CHANGED_AMOUNT: "Вы платите за {newAmount}, количество {amount}: на {change} {currency} {direction}.",
        Reason.CHANGED_UNIT_PRICE: (
            "Цена за единицу {newUnitPrice} {currency} вместо {unitPrice} {currency}:"
            " на {change} {currency} {direction}."
        ),
        Reason.CHANGED_ROW: (
            "Это стоит {after} {currency} вместо {before} {currency}: на {change} {currency} {direction}."
        ),
        Reason.CHANGED_TOTAL: (
            "Покупка стоит {after} {currency} вместо {before} {currency}: на {change} {currency} {direction}."
        ),
        Reason.UNCHANGED: "На этот раз ничего не меняется.",
        "amount": "Действует от количества {from}.",
        "total": "Действует примерно от суммы {fromWithVat} {currency}.",
        Nudge.EACH_CHEAPER: "Возьмите ещё {more}, и каждая единица станет дешевле на {eachLess} {currency}.",
        Nudge.PAY_FOR_FEWER: "Возьмите ещё {more}, и вы заплатите за {payFor}, количество {quantity}.",
        Nudge.ROW_CHEAPER: (
            "Возьмите ещё {more}, и все {quantity} будут стоить {rowTotal} {currency}:"
            " вы сэкономите {saving} {currency}."
        ),
        Nudge.PURCHASE_CHEAPER: (
            "Возьмите ещё {more}, и вся покупка будет стоить {total} {currency}: вы сэкономите {saving} {currency}."
        ),
    },
}


def effect_words(effect: CampaignEffect, language: str) -> str:
    """What a campaign did to a shopper's purchase, by the contract's code of the language."""
    what = effect.needs[0] if effect.needs else effect.reason
    return _told(what, effect.parameters, language) or effect.words


def hint_words(hint: Hint, parameters: Mapping[str, str], language: str) -> str:
    """What a little more would save; `parameters` are the hint's, or those that the whole purchase makes of them."""
    return _told(hint.nudge, parameters, language) or hint.told(parameters)


def _told(what: str, parameters: Mapping[str, str], language: str) -> str | None:
    sentence = _SENTENCES.get(language, {}).get(what)
    if sentence is None:
        return None
    written = {name: _written(value) for name, value in parameters.items()}
    direction = _DIRECTIONS[language].get(parameters.get("direction", ""), "")
    return sentence.format_map(written | {"direction": direction})


def _written(value: str) -> str:
    """A number as it is written where these languages are spoken."""
    return value.replace(".", ",") if _NUMBER.fullmatch(value) else value
