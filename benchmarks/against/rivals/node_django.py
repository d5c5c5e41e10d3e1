"""Two endpoints of a node in Django REST framework, without what they have no use for (sessions, pages, a database).

Run by the rivals' own interpreter: `gunicorn node_django:application`, `uvicorn node_django:asgi_application`.
"""

import hmac
import json
import os
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.urls import path

TOKEN = os.environ["NODE_TOKEN"]
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # which tells how long answers are
    ROOT_URLCONF=__name__,
    SECRET_KEY=TOKEN,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
application = get_wsgi_application()
asgi_application = get_asgi_application()

# Only after the settings are there.
from rest_framework import serializers  # noqa: E402
from rest_framework.decorators import api_view, permission_classes  # noqa: E402
from rest_framework.permissions import BasePermission  # noqa: E402
from rest_framework.request import Request  # noqa: E402
from rest_framework.response import Response  # noqa: E402


def exact() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=None, decimal_places=None)


class CategoryOfLine(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class Line(serializers.Serializer):
    id = serializers.CharField()
    barcode = serializers.CharField()
    productName = serializers.CharField()  # noqa: N815 - as the contract has it
    amount = exact()
    rowPrice = exact()  # noqa: N815
    categories = CategoryOfLine(many=True, default=())


class Card(serializers.Serializer):
    id = serializers.CharField()
    cardNumber = serializers.CharField()  # noqa: N815
    useBonusOnPayment = serializers.BooleanField(default=False)  # noqa: N815


class Check(serializers.Serializer):
    invoiceId = serializers.CharField()  # noqa: N815
    langCode = serializers.CharField()  # noqa: N815
    personId = serializers.CharField()  # noqa: N815
    institutionId = serializers.CharField()  # noqa: N815
    products = Line(many=True)
    loyaltyCards = Card(many=True, default=())  # noqa: N815


class Search(serializers.Serializer):
    type = serializers.CharField(default="SELF_SERVICE")
    name = serializers.CharField()
    langCode = serializers.CharField(required=False)  # noqa: N815
    personId = serializers.CharField(required=False)  # noqa: N815
    institutionId = serializers.CharField(required=False)  # noqa: N815
    loyaltyCards = Card(many=True, default=())  # noqa: N815


class Translatable(serializers.Serializer):
    originalText = serializers.CharField()  # noqa: N815
    translations = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class Vat(serializers.Serializer):
    # The contract has numbers in JSON, where a DecimalField would write text.
    sumWithoutVAT = serializers.FloatField()  # noqa: N815
    VATSum = serializers.FloatField()
    sumWithVAT = serializers.FloatField()  # noqa: N815
    VATRate = serializers.FloatField()


class Price(serializers.Serializer):
    vat = Vat()
    total = serializers.FloatField()


class Quantity(serializers.Serializer):
    unit = serializers.CharField()
    value = serializers.FloatField()


class Information(serializers.Serializer):
    imageUrl = serializers.CharField()  # noqa: N815


class Campaign(serializers.Serializer):
    name = serializers.CharField()
    code = serializers.CharField()
    operation = serializers.CharField()


class Category(serializers.Serializer):
    id = serializers.CharField()
    translatableName = Translatable()  # noqa: N815
    parentId = serializers.CharField(required=False)  # noqa: N815


class Product(serializers.Serializer):
    id = serializers.CharField()
    barcode = serializers.CharField()
    translatableName = Translatable()  # noqa: N815
    price = Price()
    type = serializers.CharField()
    translatableDescription = Translatable()  # noqa: N815
    quantity = Quantity()
    weightItem = serializers.BooleanField()  # noqa: N815
    information = Information()
    inspections = serializers.ListField()
    campaigns = Campaign(many=True)
    categories = Category(many=True)


class FromGateway(BasePermission):
    def has_permission(self, request: Request, view: object) -> bool:
        return hmac.compare_digest(request.headers.get("accessToken", ""), TOKEN)


PRODUCTS = json.loads(Path(os.environ["NODE_PRODUCTS"]).read_text(), parse_float=Decimal)


@api_view(["POST"])
@permission_classes([FromGateway])
def check(request: Request) -> Response:
    read = Check(data=request.data)
    read.is_valid(raise_exception=True)
    return Response({"decision": "FULL" if len(read.validated_data["products"]) > 100 else "NO"})


@api_view(["POST"])
@permission_classes([FromGateway])
def by_name(request: Request) -> Response:
    read = Search(data=request.data)
    read.is_valid(raise_exception=True)
    return Response(Product(PRODUCTS.get(read.validated_data["name"], []), many=True).data)


urlpatterns = [path("control/check", check), path("product/search/name", by_name)]
