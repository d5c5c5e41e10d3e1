"""Every field of the contract, typed from its sections 3 and 4: its exact name and whether it must be there."""

import msgspec
import pytest

from smarts.wire.codec import decode, encode
from smarts.wire.errors import MalformedError
from wire.documents import EXACT, STRUCTS, kind_of, plain, written

# struct: what must be there | what may be there
FIELDS = {
    "Product": "id barcode translatableName price | type translatableDescription quantity weightItem information "
    "inspections campaigns subProducts categories",
    "Translatable": "originalText | translations",
    "Quantity": "unit value",
    "Price": "vat total | addition",
    "VAT": "sumWithoutVAT VATSum sumWithVAT VATRate",
    "Addition": "| type sum rate",
    "Category": "id translatableName | numberOfProducts parentId",
    "Information": "| imageUrl",
    "BetweenTime": "type start end | action timezone",
    "MinTime": "type time | action timezone",
    "MaxTime": "type time | action timezone",
    "MinAge": "type age | action",
    "MinAmount": "type amount | action",
    "MaxAmount": "type amount | action",
    "Campaign": "| name code operation",
    "Address": "level1 | level2 level3 level4 level5 level6 level7 level8 postalCode",
    "Shipment": "method | parcelId name status price currency expectedDeliveryUTCTime createdUTCTime contactEmail "
    "contactPhone address",
    "Order": "id customerId institutionId shipment products currency orderTotalPrice created closed statusChangelogs "
    "| institutionInvoiceId invoiceId resolverId replacementsWelcome",
    "OrderProduct": "id barcode productName amount rowPrice | categories replaces replacedName",
    "OrderStatusChangeLog": "newStatus | personName previousStatus created",
    "Invoice": "id seller buyer status createdAt products currency total "
    "| closedAt institutionCampaigns institutionInvoiceId shipment",
    "SellerParty": "uniqueCode | sellerName vatNumber regNumber address",
    "BuyerParty": "uniqueCode | loyaltyCards",
    "ClientCard": "id cardNumber | useBonusOnPayment",
    "Total": "vat totalToPay",
    "TotalVAT": "sumWithVAT sumWithoutVAT VATSum",
    "Receipt": "institutionInvoiceId invoiceId institutionId customerId products currency totalWithoutAddition "
    "additionSum totalWithoutVAT vatSum total | loyaltyCards shipment",
    "ReceiptProduct": "id barcode productName amount rowPrice | categories",
    "ReceiptCategory": "| id name",
    "ReceiptLoyaltyCard": "id cardNumber | bonusUsed bonusEarned",
    "LoyaltyCard": "id type name | validationTypes imageId description colorTheme primary colors "
    "canUseBonusPointsForPayment",
    "DiscountOffer": "type id title imageUri discountPercentage offerPrice defaultPrice | startDate endDate",
    "ProductRelatedOffer": "type id title relatedProduct | startDate endDate",
    "DefaultOffer": "type id title | startDate endDate imageUri description",
    "ProductSearchRequest": "| type barcode name categoryName langCode personId institutionId loyaltyCards",
    "PageRequest": "request | page limit orderBy orderFieldName loyaltyCards",
    "Pageable": "result | lastPage totalCount",
    "CreateReceiptRequest": "invoiceId products langCode personId institutionId | shipment loyaltyCards",
    "ReceiptPaymentConfirmationRequest": "invoiceId institutionInvoiceId institutionId paidAt total currency "
    "paymentMethod",
    "PurchaseControlCheckRequest": "invoiceId langCode personId institutionId products | shipment loyaltyCards",
    "PurchaseControlCheckResponse": "decision",
    "PurchaseControlResult": "invoiceId institutionId status | products",
    "PurchaseControlCheckResendRequest": "invoiceId institutionId",
    "InstitutionRequest": "institutionId | langCode",
    "OfferSearchRequest": "institutionId | personId langCode loyaltyCards classification",
    "PickupOrderStatusChangeRequest": "orderId institutionId status | resolverId personName products",
    "LoyaltyCardRegistrationRequest": "loyaltyCard value personId | personEmail personName",
    "LoyaltyCardRegistrationResponse": "cardNumber | machineReadableCode bonus",
    "LoyaltyCardBonusRequest": "institutionId personId card",
    "LoyaltyCardBonusResponse": "bonus | currency expiresAt",
    "NodeVersionResponse": "name version contract features",
    "NodeHealthResponse": "status | checks",
    "PartHealth": "status | detail",
    "Problem": "type title status | detail retryable errors",
    "FieldError": "path message",
}
ENUM_VALUES = {
    "Quantity.unit": "PIECE LITER DECILITER KILOGRAM GRAM TON METER CENTIMETER DECIMETER PINT FOOT YARD MILE CUP QUART "
    "GALLON POUND STONE INCH",
    "Product.type": "SINGLE PACKAGE",
    "Addition.type": "DSC MRK",
    "MinAge.action": "INSPECT RESTRICT RESTICT",
    "Shipment.method": "PARCEL COURIER PICKUP",
    "Shipment.status": "DRAFT PAYMENT_FAILED WAITING_FOR_CONFIRMATION CONFIRMED ASSEMBLE_READY SHIPPING "
    "READY_TO_PICKUP CANCELLED_BY_CLIENT CANCELLED_BY_INSTITUTION COMPLETED MISSED",
    "Invoice.status": "PAYED",
    "Invoice.currency": "EUR USD",
    "LoyaltyCard.type": "DEFAULT BONUS",
    "LoyaltyCard.validationTypes.0": "CARD_NUMER CARD_NUMBER IDCODE PHONE EMAIL",
    "LoyaltyCard.colorTheme": "DARK LIGHT",
    "ProductSearchRequest.type": "SELF_SERVICE E_SHOP",
    "PageRequest.orderBy": "ACS ASC DESC",
    "PurchaseControlCheckResponse.decision": "NO AGE FULL",
    "PurchaseControlResult.status": "PASSED FAILED PENDING EXIPRED EXPIRED FAILED_ALLOW_PAYMENT",
    "OfferSearchRequest.classification": "GENERAL PERSONAL",
    "NodeHealthResponse.status": "UP DEGRADED DOWN",
}
NOT_WORDS = ["", "PAID", "EXPIRE", "RESTRCT", "asc", "passed", "Piece", "CANCELED", "CARD NUMBER", "COPPER"]


def required(name: str) -> list[str]:
    return FIELDS[name].partition("|")[0].split()


def optional(name: str) -> list[str]:
    return FIELDS[name].partition("|")[2].split()


def documents_of(name: str) -> list[str]:
    return [each for each in EXACT if each.partition(".")[0] == name]


def test_the_table_is_whole() -> None:
    """The table of this file names each struct of the wire."""
    assert FIELDS.keys() == STRUCTS.keys()


@pytest.mark.parametrize("name", FIELDS)
def test_documents_hold_the_fields(name: str) -> None:
    """The golden documents of a struct hold together every field that the contract gives it, and no other."""
    held = {field for document in documents_of(name) for field in plain(document)}
    if name in ("Product", "Receipt", "CreateReceiptRequest", "PurchaseControlCheckRequest"):
        held |= {"subProducts", "shipment"} & set(optional(name))  # shown in other documents
    assert held == {*required(name), *optional(name)}


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in FIELDS for field in required(name)])
def test_required_fields_are_missed(name: str, field: str) -> None:
    """A document that lacks a required field is refused, and the message names the field."""
    document = plain(name)
    del document[field]
    with pytest.raises(MalformedError) as caught:
        decode(written(document), kind_of(name))
    assert caught.value.is_json
    assert caught.value.error.path == "$"
    assert f"`{field}`" in caught.value.error.message


@pytest.mark.parametrize("name", FIELDS)
def test_optional_fields_may_be_absent(name: str) -> None:
    """A document with the required fields alone is read."""
    document = {field: value for field, value in plain(name).items() if field in required(name)}
    assert decode(written(document), kind_of(name)) is not None


@pytest.mark.parametrize("name", FIELDS)
def test_what_is_absent_is_not_written(name: str) -> None:
    """Optional fields that are absent are not written as null; only `closed` of an open order is."""
    document = {field: value for field, value in plain(name).items() if field in required(name)}
    again = msgspec.json.decode(encode(decode(written(document), kind_of(name))))
    assert [field for field, value in again.items() if value is None] == (
        ["closed"] if name == "Order" else []
    )


@pytest.mark.parametrize("name", EXACT)
def test_unknown_fields_are_ignored(name: str) -> None:
    """A field that the contract does not know changes nothing, wherever it stands."""
    document = plain(name)
    more = {"zzz": {"id": [1.5, None, "x" * 50]}, **document, "Id": 10**30, "": -0.0}
    assert decode(written(more), kind_of(name)) == decode(written(document), kind_of(name))


@pytest.mark.parametrize("place", ENUM_VALUES)
def test_words_are_exactly_the_contracts(place: str) -> None:
    """Each fixed word of the contract is read, and a word that only looks like one is refused with its path."""
    name, field, *inner = place.split(".")
    path = f"$.{field}" + "".join(f"[{index}]" for index in inner)

    def with_word(word: str) -> bytes:
        return written(plain(name) | {field: [word] if inner else word})

    for word in ENUM_VALUES[place].split():
        decode(with_word(word), STRUCTS[name])
    for word in NOT_WORDS:
        with pytest.raises(MalformedError) as caught:
            decode(with_word(word), STRUCTS[name])
        assert (caught.value.is_json, caught.value.error.path) == (True, path)


def test_names_are_case_sensitive() -> None:
    """A field in other capitals is another field, so a required one is missed."""
    document = plain("VAT")
    document["vatSum"] = document.pop("VATSum")
    with pytest.raises(MalformedError, match="VATSum"):
        decode(written(document), STRUCTS["VAT"])


def test_null_is_read_where_the_contract_has_it() -> None:
    """`subProducts` and the `closed` of an open order may be null; a list that is not there may not."""
    assert decode(written(plain("Product") | {"subProducts": None}), STRUCTS["Product"]).sub_products is None
    assert decode(written(plain("Order") | {"closed": None}), STRUCTS["Order"]).closed is None
    with pytest.raises(MalformedError) as caught:
        decode(written(plain("Receipt") | {"products": None}), STRUCTS["Receipt"])
    assert caught.value.error.path == "$.products"


def test_what_is_sent_names_its_defaults() -> None:
    """Defaults that the other side relies on are written; what is absent is not."""
    search = STRUCTS["ProductSearchRequest"]()
    assert msgspec.json.decode(encode(search)) == {"type": "SELF_SERVICE", "loyaltyCards": []}
    page = STRUCTS["PageRequest"](request=search)
    assert msgspec.json.decode(encode(page)).items() >= {"page": 1, "limit": 20}.items()
    card = STRUCTS["ClientCard"]("1", "2")
    assert msgspec.json.decode(encode(card))["useBonusOnPayment"] is False
