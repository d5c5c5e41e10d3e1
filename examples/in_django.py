"""The corner shop's node beside a Django project, below /smarts: `uvicorn in_django:app --app-dir examples`.

In a project of your own only the last lines are new: they belong into its `asgi.py`.
"""

from corner_shop import PRODUCTS, TOKEN, CornerShop
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from starlette.applications import Starlette
from starlette.routing import Mount

from smarts.node import Node


def stock(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"products": len(PRODUCTS)})


urlpatterns = [path("stock", stock)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="only for trying things out")
django = get_asgi_application()

node = Node(CornerShop(), token=TOKEN, name="Corner shop", version="1.0")
app = Starlette(routes=[Mount("/smarts", node), Mount("/", django)])
