"""Whether an answer is what the SDK's typed models expect: no unknown field, no unknown enum value, no other type.

The SDK itself is lenient. It leaves out fields that it does not know, and turns enum values that it does not know into
"outdated_sdk_version". So the JSON is walked beside the model.
"""

import ast
import functools
import inspect
import re
import textwrap

from dateutil.parser import isoparse
from PureCloudPlatformClientV2 import models

LIST = re.compile(r"list\[(.*)\]\Z")
DICT = re.compile(r"dict\(([^,]*), (.*)\)\Z")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})\Z")


def faults(kind, value, path="$"):
    """Every place at which `value` is no `kind`, with the value found there. `kind` is written as the SDK writes types."""
    if value is None or kind == "object":
        return []
    if kind in PRIMITIVES:
        return [] if PRIMITIVES[kind](value) else [f"{path}: {value!r} is no {kind}"]
    if match := LIST.match(kind):
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [fault for at, item in enumerate(value) for fault in faults(match[1], item, f"{path}[{at}]")]
    if match := DICT.match(kind):
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no object"]
        return [fault for name, item in value.items() for fault in faults(match[2], item, f"{path}.{name}")]
    return model_faults(getattr(models, kind), value, path)


def model_faults(model, value, path):
    """The same for one of the SDK's classes."""
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {model.__name__}"]
    fields, found = members(model), []
    for name, item in value.items():
        if name not in fields:
            found.append(f"{path}.{name}: {model.__name__} has no such field (value {item!r})")
            continue
        kind, allowed = fields[name]
        found += faults(kind, item, f"{path}.{name}")
        for one in item if isinstance(item, list) else [item]:
            if allowed and one is not None and one not in allowed:
                found.append(f"{path}.{name}: {one!r} is none of {allowed}")
    return found


@functools.cache
def members(model):
    """For each JSON name of a class its type, and the values that its setter allows."""
    instance, enums = model(), {}
    tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "allowed_values":
                enums[function.name] = ast.literal_eval(node.value)
    names = instance.attribute_map
    return {names[own]: (kind, enums.get(own)) for own, kind in instance.swagger_types.items()}


def is_instant(value):
    """RFC 3339, with seconds and an offset."""
    if not isinstance(value, str) or not INSTANT.match(value):
        return False
    try:
        isoparse(value)
    except ValueError:
        return False
    return True


PRIMITIVES = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and bool(DATE.match(value)),
    "datetime": is_instant,
}
