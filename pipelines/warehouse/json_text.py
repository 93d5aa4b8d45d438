"""How JSON text is taken apart and put together so that every value stays exactly as it was sent.

A decoder would turn 1.10 into 1.1 and keep one of two fields with the same name. Here, a value is the text that was sent.
"""

import json
import re
from typing import Any, Final, NoReturn

import msgspec

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_SPACE_OR_TEXT: Final = re.compile(r'[ \t\n\r]+|("[^"\\]*(?:\\.[^"\\]*)*")')
_TEXT_OR_FRACTION: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|(?P<fraction>[0-9][.eE])')
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""An escape in JSON text; `half` if it is half of a surrogate pair without the other half, which is no character."""

_KINDS: Final = {"{": "an object", "[": "a list", '"': "text", "t": "a boolean", "f": "a boolean", "n": "null"}

_raw_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raw_items = msgspec.json.Decoder(list[msgspec.Raw])


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_one_value = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)

quoted: Final = json.JSONEncoder(ensure_ascii=False).encode
"""Return a text as a JSON value."""


def has_repeated_names(text: str) -> bool:
    """Whether a name occurs twice in an object, at any depth. Raises ValueError if the text is not JSON."""
    is_found = False

    def fields(pairs: list[tuple[str, Any]]) -> None:
        nonlocal is_found
        is_found = is_found or len(dict(pairs)) < len(pairs)

    json.JSONDecoder(object_pairs_hook=fields, parse_int=str, parse_float=str, parse_constant=_refuse).decode(text)
    return is_found


def fields_of(text: str) -> list[tuple[str, str]]:
    """The names and values of a JSON object, in order. Of values with the same name, only the last is there."""
    return [(name, str(value, "utf-8")) for name, value in _raw_fields.decode(text).items()]


def repeated_fields_of(text: str) -> list[tuple[str, str]]:
    """The names and values of a JSON object, in order. A name may occur twice; slower than `fields_of`."""
    fields = []
    at = _after_space(text, 1)
    while text[at] != "}":
        name, at = _one_value.raw_decode(text, at)
        start = _after_space(text, _after_space(text, at) + 1)
        _, at = _one_value.raw_decode(text, start)
        fields.append((name, text[start:at]))
        at = _after_space(text, at)
        at = _after_space(text, at + 1) if text[at] == "," else at
    return fields


def _after_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def items_of(text: str) -> list[str]:
    """The items of a JSON list, in order."""
    return [str(item, "utf-8") for item in _raw_items.decode(text)]


def kind_of(text: str) -> str:
    """Say what a JSON value is, with its article."""
    return _KINDS.get(text[0], "a number")


def compact(text: str) -> str:
    """The same JSON value without white space between its parts."""
    return _SPACE_OR_TEXT.sub(r"\1", text) if text[0] in "{[" else text


def has_fraction(text: str) -> bool:
    """Whether a number with a fraction or an exponent is anywhere in a JSON value."""
    return any(found["fraction"] for found in _TEXT_OR_FRACTION.finditer(text))


def with_whole_characters(text: str) -> str:
    """The same JSON text, as long as it was, with U+FFFD for each half of a surrogate pair."""
    if _SURROGATE.search(text) is None:
        return text
    return _ESCAPE.sub(lambda escape: r"\ufffd" if escape["half"] else escape[0], text)


def object_in(text: str) -> str | None:
    """The JSON object that is the content of a JSON value that is text; None if it has another content."""
    if text[0] != '"':
        return None
    content: str = json.loads(text)
    try:
        has_repeated_names(content)
    except (ValueError, RecursionError):
        return None
    return content if content[0] == "{" and with_whole_characters(content) == content else None
