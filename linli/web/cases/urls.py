"""Addresses of matters of declared kinds."""

from django.urls import path

from linli.web.cases import pages, party

urlpatterns = [
    path("services", pages.services, name="services"),
    path("open/<slug:procedure>", pages.open_form, name="open"),
    path("case/<str:code>", pages.case, name="case"),
    path("case/<str:code>/step/<slug:step>", pages.step, name="case-step"),
    path("p/<str:code>", party.page, name="party"),
    path("p/<str:code>/step/<slug:step>", party.step, name="party-step"),
]
