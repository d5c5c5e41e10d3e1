"""A proof of purchase as a PDF of A5 size, in the shopper's language."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import segno
from font_roboto import Roboto, RobotoBold
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from smarts.edge.problems import NOT_FOUND
from smarts.edge.routes import Answer, Call, Route
from smarts.edge.security import Authenticate
from smarts.gateway.journeys.proof_of_purchase import Proof, Proofs, SoldRow
from smarts.gateway.parties import Shopper
from smarts.gateway.web import languages
from smarts.wire.products import Unit
from smarts.wire.shipments import Address

_A5 = (148.0, 210.0)  # millimetres
_MARGIN, _LEADING, _GAP = 14.0, 5.2, 4.0  # millimetres
_CODE = 27.0  # millimetres, the side of the code
_SUMS = 28.0  # millimetres, the width of a column of sums
_INK, _QUIET, _LINE = 26, 95, 205  # grey, from black to white
_UNITS = {
    Unit.LITER: "l", Unit.DECILITER: "dl", Unit.KILOGRAM: "kg", Unit.GRAM: "g", Unit.TON: "t", Unit.METER: "m",
    Unit.CENTIMETER: "cm", Unit.DECIMETER: "dm",
}  # fmt: skip


def routes(proofs: Proofs, shopper: Authenticate[Shopper]) -> Sequence[Route]:
    """The shopper's row."""

    async def receipt(call: Call[None, Shopper]) -> Answer:
        invoice_id, lang_code = call.path["invoiceId"], call.who.lang_code
        proof = await proofs.of(call.who.person_id, invoice_id, lang_code)
        # Fonts are packed meanwhile, which takes a tenth of a second.
        content = await asyncio.to_thread(drawn, proof, lang_code.lower())
        named = {"Content-Disposition": 'attachment; filename="receipt.pdf"'}
        return Answer(200, content, "application/pdf", named)

    return (
        Route("GET", "/shop/v1/purchases/{invoiceId}/receipt.pdf", receipt, None, bytes,
              "One purchase as a PDF, in the shopper's language", "shopper", shopper, problems=(NOT_FOUND,)),
    )  # fmt: skip


def drawn(proof: Proof, language: str) -> bytes:
    """The PDF of a proof, in a language of the site, or else in English."""
    paper = _Paper(proof, language if language in languages.LANGUAGES else "en")
    paper.head()
    paper.rows()
    paper.sums()
    paper.vat()
    paper.foot()
    return bytes(paper.output())


class _Paper(FPDF):
    """A5 pages that are filled from above."""

    def __init__(self, proof: Proof, language: str) -> None:
        super().__init__(format=_A5)
        self._proof = proof
        self._language = language
        self._gettext = languages.translations(language).gettext
        self.set_margin(_MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, _MARGIN)
        self.add_font("Roboto", "", Roboto)
        self.add_font("Roboto", "B", RobotoBold)
        self.set_lang(language)
        self.set_title(f"{self._gettext('Receipt')} {proof.invoice_id}")
        self.set_creation_date(proof.paid_at)
        self.add_page()

    def head(self) -> None:
        """Who sold it, when, and the code of the purchase."""
        proof, seller = self._proof, self._proof.seller
        self._draw_code(proof.invoice_id, self.w - _MARGIN - _CODE, self.get_y())
        beside = self.epw - _CODE - _GAP
        top = self.get_y()
        self._write(proof.store_name, 15, bold=True, width=beside, leading=6.5)
        if seller.seller_name and seller.seller_name != proof.store_name:
            self._write(seller.seller_name, 9, grey=_QUIET, width=beside)
        self._write(_one_line(seller.address), 9, grey=_QUIET, width=beside)
        if seller.reg_number:
            self._write(
                self._say("Registry code {number}", number=seller.reg_number), 9, grey=_QUIET, width=beside
            )
        if seller.vat_number:
            self._write(
                self._say("VAT number {number}", number=seller.vat_number), 9, grey=_QUIET, width=beside
            )
        self.set_y(max(self.get_y(), top + _CODE) + _GAP)
        self._write(self._gettext("Receipt"), 13, bold=True, leading=6.5)
        self._write(languages.moment(proof.paid_at, self._language, proof.zone), 9, grey=_QUIET)
        if proof.number:
            self._write(self._say("Number {number}", number=proof.number), 9, grey=_QUIET)
        self._rule()

    def rows(self) -> None:
        """What was bought, or that it is known no more."""
        for row in self._proof.rows:
            self._row(row)
        if not self._proof.rows:
            told = self._gettext("What was bought is kept for two months; the sums remain.")
            self._write(told, 9, grey=_QUIET)
        self._rule()

    def _row(self, row: SoldRow) -> None:
        unit = _UNITS.get(row.unit, "") if row.unit else ""
        amount = " ".join(
            filter(None, (languages.number(row.amount, self._language), self._gettext(unit) if unit else ""))
        )
        self._pair(f"{amount} × {row.name}", self._money(row.price))
        if row.change:
            self._pair(", ".join(filter(None, row.campaigns)), self._money(row.change), 8, grey=_QUIET)

    def sums(self) -> None:
        """Delivery, bonus and the total, and how it was paid."""
        proof = self._proof
        if proof.delivery:
            self._pair(self._gettext("Delivery"), self._money(proof.delivery))
        if proof.bonus_used:
            self._pair(self._gettext("Paid with bonus"), self._money(-proof.bonus_used))
        self._pair(self._gettext("Total"), self._money(proof.total), 13, bold=True)
        self._pair(self._paid_words(), self._money(proof.total), 9, grey=_QUIET)
        if proof.charged < proof.total:
            self._pair(self._gettext("Given back"), self._money(proof.charged - proof.total), 9, grey=_QUIET)
        if proof.bonus_earned:
            self._pair(self._gettext("Bonus earned"), self._money(proof.bonus_earned), 9, grey=_QUIET)
        if proof.cards:
            self._write(f"{self._gettext('Loyalty cards')}: {', '.join(proof.cards)}", 9, grey=_QUIET)
        self._rule()

    def _paid_words(self) -> str:
        if self._proof.method == "SANDBOX":
            return self._gettext("Paid with a test card")
        return self._gettext("Paid by card") if self._proof.method else self._gettext("Paid")

    def vat(self) -> None:
        """The sums by VAT rate."""
        said = (
            self._gettext("VAT rate"),
            self._gettext("Without VAT"),
            self._gettext("VAT sum"),
            self._gettext("With VAT"),
        )
        self._columns(*said, grey=_QUIET)
        for part in self._proof.vat:
            rate = f"{languages.number(part.rate, self._language)} %" if part.rate is not None else ""
            amounts = (part.without_vat, part.vat, part.without_vat + part.vat)
            self._columns(rate, *(self._money(amount) for amount in amounts))
        self._rule()

    def foot(self) -> None:
        """The purchase's id, for those who cannot scan the code."""
        self._write(self._say("Purchase {id}", id=self._proof.invoice_id), 8, grey=_QUIET)

    def _say(self, sentence: str, **about: str) -> str:
        return self._gettext(sentence).format(**about)

    def _money(self, amount: Decimal) -> str:
        return languages.money(amount, self._proof.currency, self._language).replace("-", "−")

    def _font(self, size: float, grey: int, *, bold: bool) -> None:
        self.set_font("Roboto", "B" if bold else "", size)
        self.set_text_color(grey)

    def _write(
        self,
        text: str,
        size: float = 10,
        *,
        grey: int = _INK,
        bold: bool = False,
        width: float = 0,
        leading: float = _LEADING,
    ) -> None:
        if not text:
            return
        self._font(size, grey, bold=bold)
        self.multi_cell(width, leading, _plain(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _pair(self, words: str, sum_: str, size: float = 10, *, grey: int = _INK, bold: bool = False) -> None:
        """Words to the left, which may need several lines, and a sum to the right of the last of them."""
        self._font(size, grey, bold=bold)
        leading = max(_LEADING, size * 0.5)
        place: Any = {"new_x": XPos.RIGHT, "new_y": YPos.LAST}
        self.multi_cell(self.epw - _SUMS, leading, _plain(words), align="L", **place)
        self.set_x(self.w - _MARGIN - _SUMS)
        self.cell(_SUMS, leading, sum_, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _columns(self, *cells: str, grey: int = _INK) -> None:
        self._font(9, grey, bold=False)
        width = self.epw / len(cells)
        for cell in cells:
            self.cell(width, _LEADING, cell, align="L" if cell is cells[0] else "R")
        self.ln(_LEADING)

    def _rule(self) -> None:
        y = self.get_y() + _GAP / 2
        self.set_draw_color(_LINE)
        self.line(_MARGIN, y, self.w - _MARGIN, y)
        self.set_y(y + _GAP / 2)

    def _draw_code(self, text: str, x: float, y: float) -> None:
        rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=0)]
        side = _CODE / len(rows)
        self.set_fill_color(0)
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    # A little overlap, so that viewers show no seams.
                    self.rect(x + across * side, y + down * side, side * 1.02, side * 1.02, style="F")


def _plain(text: str) -> str:
    return " ".join(text.split())


def _one_line(address: Address | None) -> str:
    """An address, the house first."""
    if address is None:
        return ""
    *near, country = (getattr(address, f"level{level}") for level in range(8, 0, -1))
    levels = [level for level in near if level]
    if len(levels) > 1 and levels[0][0].isdigit():
        levels[:2] = [f"{levels[1]} {levels[0]}"]  # a house's number follows its street
    return ", ".join(filter(None, (*levels, address.postal_code, country)))
