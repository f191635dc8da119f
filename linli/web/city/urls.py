"""Addresses of the city page."""

from django.urls import path

from linli.web.city import page, topics

urlpatterns = [
    path("city", page.page, name="city"),
    path("city.xlsx", page.workbook, name="city-workbook"),
    path("city/behind/<slug:ident>/<slug:part>", page.behind, name="city-behind"),
    path("topics", topics.page, name="topics"),
    path("topics/<uuid:topic>", topics.behind, name="topic"),
    path("topics/<uuid:topic>/decide", topics.decide, name="topic-decide"),
]
