"""Addresses of the grid worker's pages."""

from django.urls import path

from linli.web.field import pages

urlpatterns = [
    path("field", pages.tasks, name="field"),
    path("field/list", pages.tasks_part, name="field-list"),
    path("field/t/<str:code>", pages.task, name="field-task"),
    path("field/t/<str:code>/now", pages.task_part, name="field-task-now"),
    path("field/t/<str:code>/map.json", pages.task_map, name="field-task-map"),
    path("field/t/<str:code>/step/<slug:step>", pages.step, name="field-step"),
]
