"""Gateways that are broken towards merchants, in the reversed direction."""

from dataclasses import replace
from typing import Any

from kit.gateway.broken.bends import (
    RESEND,
    RESULT,
    STATUS,
    Bend,
    Broken,
    from_gateway,
    having,
    refusing,
    status,
    to_gateway,
    where,
    with_headers,
    within,
    without,
)
from kit.gateway.checked import Checked
from kit.gateway.proxies import Answered, Asked, AskedOften


def _unauthorised(*, with_token: bool, after: int) -> Bend:
    def bend(checked: Checked) -> None:
        def answer(asked: Asked, answered: Answered) -> Answered:
            shown = "accesstoken" in {name.lower() for name in asked.headers}
            wrong = answered.status == 401 and shown is with_token
            return replace(answered, status=after) if wrong else answered

        checked.front.answer = answer

    return bend


def _whoever_asks(checked: Checked) -> None:
    """Finds orders for any token."""

    def request(asked: Asked) -> Asked:
        if asked.method != "GET" or not asked.path.startswith("/v1/"):
            return asked
        return replace(
            asked, headers=dict(asked.headers) | {"accessToken": checked.subject.store.access_token}
        )

    checked.front.request = request


def _typed(part: str, statuses: tuple[int, ...], content_type: str) -> Bend:
    def bend(checked: Checked) -> None:
        def answer(asked: Asked, answered: Answered) -> Answered:
            if part not in asked.path or answered.status not in statuses:
                return answered
            return replace(answered, headers={"Content-Type": content_type})

        checked.front.answer = answer

    return bend


def _strict_about_charsets(headers: dict[str, str]) -> None:
    if (
        headers.get("content-type", "").startswith("application/json;")
        and "UTF-8" not in headers["content-type"]
    ):
        headers["content-type"] = "text/plain"


def _keyless(headers: dict[str, str]) -> None:
    headers.pop("idempotency-key", None)


def _passing_along(checked: Checked) -> None:
    """Takes the question for a check's document for its result."""

    def request(asked: Asked) -> AskedOften:
        if asked.path != RESEND:
            return asked
        passed = replace(asked, path=RESULT).with_json(asked.json() | {"status": "PASSED"})
        return passed, asked

    checked.front.request = request


def _forgetting_with_the_result(checked: Checked) -> None:
    closed = []

    def answer(asked: Asked, answered: Answered) -> Answered:
        if asked.path == RESULT:
            closed.append(asked)
        gone = asked.path == RESEND and closed
        return replace(answered, status=404) if gone else answered

    checked.front.answer = answer


def _one_more(document: Any) -> Any:
    first, *others = document["products"]
    return document | {"products": [first | {"amount": first["amount"] + 1}, *others]}


def _read_as(before: str, after: str) -> Bend:
    return to_gateway(RESULT, where(lambda told: told.get("status") == before, having(status=after)))


# fmt: off
BROKEN = (
    Broken("gateway.token.missing", "answers 403 where there is no token", _unauthorised(with_token=False, after=403)),
    Broken("gateway.token.unknown", "answers 403 to an unknown token", _unauthorised(with_token=True, after=403)),
    Broken("gateway.token.other-store", "answers 404 to another store's token", status("/v1/", 403, 404)),
    Broken("gateway.token.isolation", "finds another store's orders", _whoever_asks),
    Broken("gateway.token.isolation", "answers 403 to what is another store's", status(RESULT, 404, 403)),
    Broken("gateway.problem.document", "calls its errors plain JSON",
           _typed(RESEND, (400, 401, 404, 422), "application/json")),
    Broken("gateway.problem.document", "tells no detail", from_gateway(RESEND, without("detail"))),
    Broken("gateway.problem.not-json", "answers 422 to what is not JSON", status(RESULT, 400, 422)),
    Broken("gateway.problem.not-utf8", "answers 500 to Latin-1", status(RESEND, 400, 500)),
    Broken("gateway.problem.content-type", "answers 400 to other content types", status(RESEND, 415, 400)),
    Broken("gateway.problem.shape", "names no fields", from_gateway(RESULT, without("errors"))),
    Broken("gateway.problem.shape", "names fields without their place",
           from_gateway(RESULT, within("errors", having(path="$")))),
    Broken("gateway.problem.missing-field", "takes a result without a status for PASSED",
           to_gateway(RESULT, lambda told: {"status": "PASSED"} | told)),
    Broken("gateway.problem.too-large", "answers 500 to 16 MB", status(RESEND, 413, 500)),
    Broken("gateway.problem.nested", "answers 500 to deep documents", status(RESULT, (400, 422), 500)),
    Broken("gateway.problem.path", "answers 200 under any path", status("/control/nonsense", 404, 200)),
    Broken("gateway.problem.method", "answers 500 to other methods", status(RESEND, 405, 500)),
    Broken("gateway.content.charset", "knows one spelling", with_headers("front", _strict_about_charsets)),
    Broken("gateway.content.answers", "answers text", _typed(RESEND, (200,), "text/plain")),
    Broken("gateway.content.unknown-fields", "refuses unknown fields", refusing('"shelf"')),
    Broken("gateway.result.passed", "keeps the cart locked after PASSED", _read_as("PASSED", "PENDING")),
    Broken("gateway.result.failed", "lets the shopper pay after FAILED", _read_as("FAILED", "PASSED")),
    Broken("gateway.result.failed-allow-payment", "lets nobody pay after FAILED_ALLOW_PAYMENT",
           _read_as("FAILED_ALLOW_PAYMENT", "FAILED")),
    Broken("gateway.result.pending", "unlocks after PENDING", _read_as("PENDING", "PASSED")),
    Broken("gateway.result.exipred", "does not know EXIPRED", _read_as("EXIPRED", "NONSENSE")),
    Broken("gateway.result.exipred", "lets the shopper pay after EXIPRED", _read_as("EXIPRED", "PASSED")),
    Broken("gateway.result.expired", "does not know EXPIRED", _read_as("EXPIRED", "NONSENSE")),
    Broken("gateway.result.products", "forgets the changed products", to_gateway(RESULT, without("products"))),
    Broken("gateway.result.strings", "refuses amounts in strings", refusing('"amount": "')),
    Broken("gateway.result.closed", "takes a second result", status(RESULT, 409, 204)),
    Broken("gateway.result.unknown", "takes a result for nothing", status(RESULT, 404, 204)),
    Broken("gateway.result.repeated", "knows no keys", with_headers("front", _keyless)),
    Broken("gateway.result.key-reused", "knows no keys", with_headers("front", _keyless)),
    Broken("gateway.resend.document", "answers another document", from_gateway(RESEND, _one_more)),
    Broken("gateway.resend.document", "answers a part of the document", from_gateway(RESEND, without("loyaltyCards"))),
    Broken("gateway.resend.harmless", "takes resend for a result", _passing_along),
    Broken("gateway.resend.after-result", "forgets the document with the result", _forgetting_with_the_result),
    Broken("gateway.resend.unknown", "answers 409 for nothing", status(RESEND, 404, 409)),
    Broken("gateway.find.id", "leaves a field out", from_gateway("/v1/pickup/order/", without("institutionId"))),
    Broken("gateway.find.invoice", "does not find by invoice", status("/v1/pickup/order/invoice/", 200, 404)),
    Broken("gateway.find.institution-invoice", "does not find by the store's invoice",
           status("/v1/pickup/order/institution-invoice/", 200, 404)),
    Broken("gateway.find.unknown", "answers 500 to unknown orders", status("/v1/pickup/order/", 404, 500)),
    Broken("gateway.status.changed", "answers the order as it was",
           from_gateway(STATUS, within("shipment", having(status="WAITING_FOR_CONFIRMATION")))),
    Broken("gateway.status.log", "forgets who changed the order", to_gateway(STATUS, without("personName"))),
    Broken("gateway.status.log", "logs moments instead of days",
           from_gateway("/v1/pickup/order/", within("statusChangelogs", having(created="2026-11-23T12:30:00Z")))),
    Broken("gateway.status.refused", "completes whatever it is told to", status(STATUS, 409, 200)),
    Broken("gateway.status.shape", "answers 500 to an unknown status", status(STATUS, 422, 500)),
    Broken("gateway.status.unknown", "answers 422 for nothing", status(STATUS, 404, 422)),
    Broken("gateway.status.repeated", "knows no keys", with_headers("front", _keyless)),
    Broken("gateway.status.key-reused", "knows no keys", with_headers("front", _keyless)),
)
# fmt: on
