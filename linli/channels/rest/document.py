"""The OpenAPI document: what django-ninja makes, completed with what it cannot know."""

from typing import Any

from linli.channels.intake_door import NewMatter
from linli.channels.problems import MEDIA_TYPE
from linli.channels.rest import forms

REF = "#/components/schemas/{model}"
SECURITY: list[dict[str, list[str]]] = [{"token": []}, {"session": []}]
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "a token of Linli: linli_…"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "linli_session",
        "description": "staff signed in with both factors; changes send X-CSRFToken",
    },
}


def complete(schema: Any) -> Any:
    """Name problem details by their media type, the two ways to sign in, and the body of the intake door."""
    for path in schema["paths"].values():
        for operation in path.values():
            _operation(operation)
    schema["components"]["securitySchemes"] = SCHEMES
    _intake(schema)
    schema["servers"] = [{"url": "/"}]
    return schema


def _operation(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        content = response.get("content")
        if content and int(status) >= 400:
            response["content"] = {MEDIA_TYPE: content["application/json"]}
    if "security" in operation:
        operation["security"] = SECURITY


def _intake(schema: dict[str, Any]) -> None:
    body = NewMatter.model_json_schema(ref_template=REF)
    schema["components"]["schemas"].update(body.pop("$defs", {}))
    schema["components"]["schemas"]["NewMatter"] = body
    operation = schema["paths"]["/api/v1/matters"]["post"]
    files = {"type": "array", "items": {"type": "string", "format": "binary"}, "maxItems": forms.MOST}
    form = {**body, "title": "NewMatterForm", "properties": body["properties"] | {"files": files}}
    schema["components"]["schemas"]["NewMatterForm"] = form
    kinds = {"application/json": "NewMatter", forms.FORM: "NewMatterForm"}
    content = {kind: {"schema": {"$ref": REF.format(model=model)}} for kind, model in kinds.items()}
    operation["requestBody"] = {"required": True, "content": content}
    operation["security"] = [{}, {"token": []}]
