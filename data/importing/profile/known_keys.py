"""Which keys a checked file may have at a place, so that the nearest one to a misspelt key can be named."""

from collections.abc import Iterable
from typing import Any, get_args, get_origin

from pydantic import AliasChoices, BaseModel


def known_keys(model: type[BaseModel], steps: Iterable[object]) -> list[str]:
    """Keys of the model that is found by walking from ``model`` along keys and numbers; none where no model is there."""
    found = _walk(model, steps)
    return _keys(found) if found is not None else []


def _walk(model: type[BaseModel], steps: Iterable[object]) -> type[BaseModel] | None:
    place: Any = model
    for step in steps:
        inner = _model_of(place)
        if get_origin(place) in (dict, list):
            place = get_args(place)[-1]
        elif inner is not None:
            name = next((n for n, field in inner.model_fields.items() if step in _written(n, field)), None)
            if name is None:
                return None
            place = _plain(inner.model_fields[name].annotation)
        else:
            return None
    return _model_of(place)


def _plain(annotation: Any) -> Any:
    """The part of a union or an annotated type that may hold a model."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation
    if get_origin(annotation) in (dict, list):
        key, *rest = get_args(annotation)
        return dict[key, _plain(rest[0])] if rest else list[_plain(key)]  # type: ignore[misc,valid-type]
    inner = [_plain(one) for one in get_args(annotation)]
    return next((one for one in inner if _model_of(one) is not None or get_origin(one) in (dict, list)), None)


def model_inside(annotation: Any) -> type[BaseModel] | None:
    """The model of which a field holds one or several, as ``list[Model]``, ``dict[str, Model]`` or ``Model | None``."""
    place = _plain(annotation)
    while get_origin(place) in (dict, list):
        place = _plain(get_args(place)[-1])
    return _model_of(place)


def _model_of(place: Any) -> type[BaseModel] | None:
    return place if isinstance(place, type) and not get_args(place) and issubclass(place, BaseModel) else None


def _written(name: str, field: Any) -> list[str]:
    """How a field is written in a file."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return [str(choice) for choice in alias.choices]
    return [str(alias or name)]


def _keys(model: type[BaseModel]) -> list[str]:
    return [_written(name, field)[0] for name, field in model.model_fields.items()]
