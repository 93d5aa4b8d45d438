r"""How a record that does not fit the catalog becomes a line that the scan of landing files can read.

DuckDB fails a whole scan if one line has a field that the catalog does not declare, text where an object or a list must be, or
a field that occurs twice. Where text must be, it turns a list into text. Such lines are rare. `Regular` finds them, and moves
everything that the catalog has no place for into the key `_extra` of the object that becomes a table row:

    {"id": "5f…", "name": {"first": "Ann", "suffix": "Jr."}, "email": ["a", "b"]}
    {"id": "5f…", "name": {"first": "Ann"}, "_extra": "{\"name\":{\"suffix\":\"Jr.\"},\"email\":[\"a\",\"b\"]}"}

The value of `_extra` is text that holds a JSON object, in which numbers and text are exactly as Clever sent them. A field that
is null there held a value that was too large to keep.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from pipelines.records import Kind, Stream
from pipelines.warehouse.errors import RecordError
from pipelines.warehouse.json_text import (
    compact,
    fields_of,
    has_fraction,
    has_repeated_names,
    items_of,
    kind_of,
    object_in,
    quoted,
    repeated_fields_of,
    with_whole_characters,
)

EXTRA: Final = "_extra"
"""The name of the text, in each object that becomes a table row, that holds what the catalog has no place for."""

LINE: Final = "_line"
"""The name of the text that landing writes as the first key of each line."""

LARGEST: Final = 16 << 20
"""Bytes per line that DuckDB reads in any case: its `maximum_object_size`."""

_SHOWN_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""An ID that a message may show. Any other text in its place may be personal data."""

_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,20}")
_WHOLE_NUMBERS: Final = range(-(1 << 63), 1 << 64)
"""Whole numbers that DuckDB keeps exactly, whatever its version and the function that reads them."""

_BEGINNINGS: Final = {
    Kind.TEXT: '"tfn',
    Kind.DATE: '"tfn',
    Kind.ID: '"n',
    Kind.INSTANT: '"n',
    Kind.BOOLEAN: "tfn",
    Kind.JSON: "n",
}
"""With what a JSON value begins that a column of a kind takes as it is."""


# What is known of the records of a stream


@dataclass(slots=True)
class _Leaf:
    """The place of a value that is neither a list nor an object of known names."""

    kind: Kind
    is_identity: bool = False


@dataclass(slots=True)
class _Object:
    """The place of an object of known names."""

    names: "dict[str, _Node | None]" = field(default_factory=dict)
    """The place that each known name stands for; None for a field that is documented and not kept."""
    is_row: bool = False
    """Whether the object becomes a table row, and so has an `_extra` of its own."""
    is_identity: bool = False
    is_kept: bool = True
    """Whether a line may have the object: False if there is nothing to keep in it."""

    @property
    def is_record(self) -> bool:
        """Whether it is the record itself."""
        return LINE in self.names

    @property
    def kept(self) -> "Iterator[tuple[str, _Node]]":
        """What a line may have in the object."""
        for name, node in self.names.items():
            if node is not None and not (isinstance(node, _Object) and not node.is_kept):
                yield name, node


@dataclass(slots=True)
class _List:
    """The place of a list."""

    item: _Leaf | _Object
    is_identity: bool = False


_Node: TypeAlias = _Leaf | _Object | _List


def _known(stream: Stream) -> _Object:
    """Return what the catalog knows of the records of a stream."""
    record = _Object(is_row=True)
    record.names = {
        LINE: _Leaf(Kind.ID),
        "id": _Leaf(Kind.ID, is_identity=True),
        "district": _Leaf(Kind.ID, is_identity=True),
    }
    for table in stream.tables:
        if table.path and not table.is_of_texts:
            _add(record, table.path, _Object(is_row=True))
        for declared in table.fields:
            path = table.full_path(declared)
            if declared.kind is Kind.NAMED:
                pass  # the field that it is named in is declared by itself
            elif declared.kind is Kind.KEYS:
                _add(record, path, _Object(is_identity=True))
                for name in declared.values:
                    _add(record, f"{path}.{name}", _Object(is_row=True, is_identity=True))
            elif declared.kind.is_list:
                _add(record, f"{path}[]", _Leaf(Kind.ID if declared.kind is Kind.IDS else Kind.TEXT))
            else:
                _add(record, path, _Leaf(declared.kind, is_identity=declared.path == "legacy_id"))
    for path in stream.not_kept:
        _add(record, path, None)
    _mark(record)
    return record


def _add(record: _Object, path: str, node: _Leaf | _Object | None) -> None:
    *parents, last = path.split(".")
    at = record
    for name in parents:
        inner = at.names.setdefault(
            name.removesuffix("[]"), _List(_Object(is_row=True)) if name.endswith("[]") else _Object()
        )
        inner = inner.item if isinstance(inner, _List) else inner
        if not isinstance(inner, _Object):
            raise ValueError(f"{path} is below a field")  # noqa: TRY004 - of declarations
        at = inner
    added = _List(node) if node is not None and last.endswith("[]") else node
    there = at.names.setdefault(last.removesuffix("[]"), added)
    if isinstance(there, _List) and isinstance(added, _List):
        there, added = there.item, added.item
    if isinstance(there, _Object) and isinstance(added, _Object):
        there.is_row |= added.is_row
        there.is_identity |= added.is_identity
    elif there != added:
        raise ValueError(f"{path} is declared twice, as different kinds")


def _mark(node: _Node) -> None:
    """Mark what holds identity, and objects in which there is nothing to keep."""
    match node:
        case _List(item=item):
            _mark(item)
            node.is_identity |= item.is_identity
        case _Object(names=names):
            inner = [inner for inner in names.values() if inner is not None]
            for each in inner:
                _mark(each)
            node.is_identity |= not node.is_record and any(each.is_identity for each in inner)
            node.is_kept = node.is_row or any(True for _ in node.kept)
        case _:
            pass


# The fast check

_Number: TypeAlias = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
_Flat: TypeAlias = str | bool | int | None
_Nested: TypeAlias = _Flat | list[_Flat] | dict[str, _Flat]
_TYPES: Final[dict[Kind, Any]] = {
    Kind.TEXT: str | bool | _Number,
    Kind.DATE: str | bool | _Number,
    Kind.ID: str,
    Kind.INSTANT: str,
    Kind.BOOLEAN: bool,
    Kind.JSON: dict[str, _Flat | list[_Nested] | dict[str, _Nested]],
}
"""The msgspec type of most of the values that are regular. The others, which are rare, only take the slow way."""


def _type(node: _Node, types: Mapping[Kind, Any] = _TYPES) -> Any:
    match node:
        case _Leaf(kind=kind):
            return types[kind]
        case _List(item=item):
            return list[_type(item, types)]  # type: ignore[misc]
        case _Object():
            return msgspec.defstruct(
                "Known",
                [
                    ("id", Annotated[str, msgspec.Meta(min_length=1)])
                    if node.is_record and name == "id"
                    else (f"f{number}", *_optional(_type(inner, types)))
                    for number, (name, inner) in enumerate(node.kept)
                ],
                rename={f"f{number}": name for number, (name, _) in enumerate(node.kept)},
                forbid_unknown_fields=True,
                kw_only=True,
                gc=False,
            )


def _optional(type_: Any) -> tuple[Any, Any]:
    """The type of a field that may be missing or null, and its default. What stays undecoded is never part of a union."""
    return (type_, msgspec.Raw(b"null")) if type_ is msgspec.Raw else (type_ | None, None)


# What the catalog has no place for

_Extra: TypeAlias = "list[tuple[str, str | _Extra]]"
"""The names of an `_extra` and their values: JSON text, or what was found within an object that is known."""


def _put(extra: _Extra, path: tuple[str, ...], value: str) -> None:
    """Add a value to an `_extra`."""
    *parents, last = path
    for name in parents:
        extra = _within(extra, name)
    extra.append((last, value))


def _within(extra: _Extra, name: str) -> _Extra:
    """The one object of a name, made if there is none."""
    found = [position for position, (other, _) in enumerate(extra) if other == name]
    if len(found) == 1:
        value = extra[found[0]][1]
        if isinstance(value, str) and value[0] == "{":
            value = list(repeated_fields_of(value))
            extra[found[0]] = (name, value)
        if isinstance(value, list):
            return value
    inner: _Extra = []
    extra.append((name, inner))
    return inner


def _extra_text(extra: _Extra) -> str:
    values = (f"{quoted(name)}:{value if isinstance(value, str) else _extra_text(value)}" for name, value in extra)
    return "{" + ",".join(values) + "}"


# The rewrite


class _UnusableError(Exception):
    """Why a record cannot be used."""


_Value: TypeAlias = "str | _Kept | list[_Kept]"
"""What is regular in a value: JSON text, or the objects that an `_extra` may be within."""


@dataclass(slots=True)
class _Kept:
    """An object of a line, in which everything is regular."""

    node: _Object
    extra: _Extra
    """The `_extra` of the table row that the object is or belongs to."""
    within: tuple[str, ...] = ()
    """The names that lead from the table row to the object."""
    fields: dict[str, _Value] = field(default_factory=dict)

    def __str__(self) -> str:
        fields = [f'"{name}":{_text(value)}' for name, value in self.fields.items()]
        if self.extra and self.node.is_row:
            fields.append(f'"{EXTRA}":{quoted(_extra_text(self.extra))}')
        return "{" + ",".join(fields) + "}"

    def removables(self) -> "Iterator[_Removable]":
        """What may be removed from a line that is too large."""
        if self.node.is_row:
            yield from _removables_of(self.extra)
        for name, value in self.fields.items():
            if isinstance(value, _Kept):
                yield from value.removables()
            elif name != LINE and not ((node := self.node.names[name]) and node.is_identity):
                marker: _Extra = []
                _put(marker, (*self.within, name), "null")
                saved = _size(_text(value)) - _size(f',"{EXTRA}":{quoted(_extra_text(marker))}')
                yield _Removable(saved, partial(self._remove, name))

    def _remove(self, name: str) -> None:
        del self.fields[name]
        extra = self.extra
        for parent in self.within:
            extra = _within(extra, parent)
        if all(other != name for other, _ in extra):  # unless all of a list is there, because some of it is irregular
            extra.append((name, "null"))


@dataclass(slots=True)
class _Removable:
    """A value that may be removed from a line that is too large."""

    saved: int
    """By how many bytes the line is shorter without it, at the least."""
    remove: Callable[[], None]


def _removables_of(extra: _Extra) -> Iterator[_Removable]:
    for position, (name, value) in enumerate(extra):
        if isinstance(value, list):
            yield from _removables_of(value)
        else:
            saved = _size(quoted(value)) - len('"null"')
            yield _Removable(saved, partial(extra.__setitem__, position, (name, "null")))


def _text(value: _Value) -> str:
    return "[" + ",".join(map(str, value)) + "]" if isinstance(value, list) else str(value)


def _size(text: str) -> int:
    return len(text.encode())


def _is_empty(text: str) -> bool:
    return text in {"null", '""'}


class _Rewrite:
    """The rewrite of one line."""

    def __init__(self, text: str, known: _Object) -> None:
        self._has_repeated_names = has_repeated_names(text)
        if text[0] != "{":
            raise _UnusableError(f"it is {kind_of(text)} instead of an object")
        self.is_changed = False
        self.record = _Kept(known, [])
        self._fill(self.record, text, ())
        if _is_empty(str(self.record.fields.get("id", "null"))):
            raise _UnusableError("it has no `id`")

    def fitted(self, room: int) -> str | None:
        """Return the record without its largest values, as few as possible; None if there is no room even then."""
        text = str(self.record)
        excess = _size(text) - room
        if excess <= 0:
            return text
        for removable in sorted(self.record.removables(), key=lambda removable: -removable.saved):
            if excess <= 0 or removable.saved <= 0:
                break
            removable.remove()
            excess -= removable.saved
        return str(self.record) if excess <= 0 else None

    def _fill(self, kept: _Kept, text: str, path: tuple[str, ...]) -> _Kept:
        """Add to an object what is regular in the object that was sent, and to its `_extra` what is not."""
        known = kept.node.names
        fields = repeated_fields_of(text) if self._has_repeated_names else fields_of(text)
        counts = Counter(name for name, _ in fields) if self._has_repeated_names else {}
        earlier = _earlier(fields) if kept.node.is_row and EXTRA in text else None
        kept.extra.extend(earlier or ())
        for position, (name, value) in enumerate(fields):
            node = known.get(name)
            if isinstance(node, _Leaf) and not counts and value[0] in _BEGINNINGS[node.kind]:
                kept.fields[name] = value
            elif node is None:
                if earlier is None or name != EXTRA:
                    self.is_changed = True
                    if name not in known and not _is_empty(value):
                        _put(kept.extra, (*kept.within, name), compact(value))
            elif counts.get(name, 1) > 1 and not (kept.node.is_record and name == LINE and position == 0):
                self._move(value, node, (*path, name), kept, "occurs more than once")
            else:
                self._add(value, node, (*path, name), kept)
        return kept

    def _add(self, text: str, node: _Node, path: tuple[str, ...], parent: _Kept) -> None:
        """Add to an object what is regular in a value."""
        name = path[-1]
        match node, text[0]:
            case _Leaf(kind=kind), _ if (value := _regular(kind, text)) is not None:
                parent.fields[name] = value
                self.is_changed |= value is not text
            case _Leaf(), _:
                self._move(text, node, path, parent, f"holds {kind_of(text)} instead of text")
            case _Object(is_kept=False), "n":
                self.is_changed = True
            case _, "n":
                parent.fields[name] = text
            case _Object(), "{":
                within = _Kept(node, []) if node.is_row else _Kept(node, parent.extra, (*parent.within, name))
                self._fill(within, text, path)
                if node.is_kept:
                    parent.fields[name] = within
                else:
                    self.is_changed = True
            case _List(), "[":
                self._add_list(text, node, path, parent)
            case _:
                expected = "an object" if isinstance(node, _Object) else "a list"
                self._move(text, node, path, parent, f"holds {kind_of(text)} instead of {expected}")

    def _add_list(self, text: str, node: _List, path: tuple[str, ...], parent: _Kept) -> None:
        """Add to an object the items of a list that are regular. If there are others, the whole list moves, too."""
        objects: list[_Kept] = []
        values: list[str] = []
        others: list[str] = []
        for item in items_of(text):
            if item == "null":
                self.is_changed = True
            elif isinstance(node.item, _Object):
                if item[0] == "{":
                    objects.append(self._fill(_Kept(node.item, []), item, path))
                else:
                    others.append(item)
            elif (value := _regular(node.item.kind, item)) is not None:
                values.append(value)
            else:
                others.append(item)
        if others:
            self._move(text, node, path, parent, f"has {kind_of(others[0])} as an item")
        parent.fields[path[-1]] = objects if isinstance(node.item, _Object) else f"[{','.join(values)}]"

    def _move(self, value: str, node: _Node, path: tuple[str, ...], parent: _Kept, fault: str) -> None:
        """Move the value of a known name into `_extra`."""
        if node.is_identity:
            raise _UnusableError(f"`{'.'.join(path)}` {fault}")
        self.is_changed = True
        if not _is_empty(value):
            _put(parent.extra, (*parent.within, path[-1]), compact(value))


def _regular(kind: Kind, text: str) -> str | None:
    """Return a value as a column of a kind takes it; None if it cannot."""
    if text[0] in _BEGINNINGS[kind]:
        return text
    match kind:
        case Kind.TEXT | Kind.DATE if _WHOLE_NUMBER.fullmatch(text) and int(text) in _WHOLE_NUMBERS:
            return text
        case Kind.JSON if text[0] == "{":
            # DuckDB would make 1.1 of 1.10. It does not touch what is within text.
            return quoted(compact(text)) if has_fraction(text) else text
        case Kind.JSON:
            content = object_in(text)
            return text if content is not None and has_fraction(content) else None
        case _:
            return None


def _earlier(fields: list[tuple[str, str]]) -> "_Extra | None":
    """What an earlier rewrite has moved; None if there was none, even if Clever has sent an `_extra`."""
    sent = [value for name, value in fields if name == EXTRA]
    content = object_in(sent[0]) if len(sent) == 1 else None
    return None if content is None else [(name, compact(value)) for name, value in repeated_fields_of(content)]


def _name(line: bytes) -> str:
    """How a message names a record."""
    try:
        record = json.loads(line, object_pairs_hook=tuple)
    except (RecursionError, ValueError):
        return "A record"
    ids = [value for name, value in record if name == "id"] if isinstance(record, tuple) else []
    is_shown = len(ids) == 1 and isinstance(ids[0], str) and _SHOWN_ID.fullmatch(ids[0])
    return f"Record {ids[0]}" if is_shown else "A record"


_FRACTION: Final = re.compile(rb"[0-9][.eE]")
"""What a number with a fraction or an exponent has; some text has it too."""


def _raws(value: object) -> Iterator[msgspec.Raw]:
    """Yield what was left undecoded."""
    if isinstance(value, msgspec.Raw):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _raws(getattr(value, name))


class Regular:
    """Makes regular lines of the records of a stream."""

    def __init__(self, stream: Stream) -> None:
        self._known = _known(stream)
        self._decoder = msgspec.json.Decoder(_type(self._known))
        self._lenient = msgspec.json.Decoder(_type(self._known, {**_TYPES, Kind.JSON: msgspec.Raw}))

    def is_regular(self, line: bytes) -> bool:
        """Whether the scan can read a line as it is, which is not checked for fields that occur twice.

        False also for a few lines that are regular after all: `rewrite` returns them as they are.
        """
        try:
            self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return len(line) <= LARGEST

    def with_json_as_text(self, line: bytes) -> bytes | None:
        """Return a line in which nothing is irregular but fractions in the district's own objects: each of these as JSON text.

        This is what `rewrite` returns, in a quarter of the time. None if there is more to it; fields that occur twice are not seen.
        """
        try:
            record = self._lenient.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        rewritten = line
        for raw in _raws(record):
            content = bytes(raw)
            if _FRACTION.search(content):
                if content[:1] != b"{" or b"\\u" in content or line.count(content) != 1:
                    return None
                text = msgspec.json.format(content, indent=-1).decode()
                rewritten = rewritten.replace(content, msgspec.json.encode(text))
        return None if rewritten == line or len(rewritten) > LARGEST else rewritten

    def rewrite(self, line: bytes) -> bytes:
        """Return a line with everything that the catalog has no place for moved into `_extra`.

        A regular line is returned as it is. Fields that are documented and not kept are removed, and items that are null.

        Raises:
            RecordError: The line is not JSON, or what is irregular in it says whose record it is. The message names the record
                by its ID if it has one that may be shown, and never holds a value.
        """
        content = line.rstrip(b"\r\n")
        ending = line[len(content) :]
        try:
            sent = content.decode()
            text = with_whole_characters(sent).strip(" \t\n\r")
            rewrite = _Rewrite(text, self._known)
            if not rewrite.is_changed and text in sent and len(line) <= LARGEST:
                return line
            fitted = rewrite.fitted(LARGEST - len(ending))
        except _UnusableError as error:
            fault = str(error)
        except RecursionError:
            fault = "it is nested too deeply to be read"
        except (ValueError, msgspec.DecodeError):
            fault = "it is not valid JSON"
        else:
            if fitted is not None:
                return fitted.encode() + ending
            fault = f"it has {len(line) / (1 << 20):,.0f} MB, and {LARGEST >> 20} MB are the most"
        raise RecordError(f"{_name(content)} cannot be loaded: {fault}.")  # outside `try`: no cause that holds values
