"""A single page, which links to the style sheet by its hashed name."""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import path


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f'<link rel="stylesheet" href="{static("shop.css")}">Welcome')


urlpatterns = [path("", home)]
