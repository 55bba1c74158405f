"""How a book is laid over the layers below it.

Decides whether the layers fit together. Invariants: a key is declared once; every value belongs to a
declared key, has its kind and names its citation; the layers together leave no hole in what is known
about a rule. All faults are found at once.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from dcss_core.errors import Fault, RuleFileError
from dcss_core.rules.book import DatedValue, Declaration, RuleBook, WrittenValue
from dcss_core.rules.files.reading import read_value
from dcss_core.rules.files.schema import nearest
from dcss_core.rules.timeline import Segment, Timeline, lay_over


def compose(layer: str, book: RuleBook, below: Mapping[str, Timeline]) -> Mapping[str, Timeline]:
    """The timeline of every rule declared so far, with this book on top; raises RuleFileError."""
    faults: list[Fault] = []
    declarations = _declarations(book.declarations, below, faults)
    own: dict[str, list[Segment]] = {}
    for value in book.values:
        segment = _segment(layer, value, declarations, faults)
        if segment is not None:
            own.setdefault(value.key, []).append(segment)
    timelines = {}
    for key, declaration in declarations.items():
        known = below[key].segments if key in below else ()
        segments = lay_over(known, tuple(own.get(key, ())))
        _check_no_hole(key, segments, faults)
        timelines[key] = Timeline(declaration, segments)
    if faults:
        raise RuleFileError(f"the rules of '{layer}', from {book.source}, can't be used", faults=faults)
    return timelines


def _declarations(
    own: Iterable[Declaration], below: Mapping[str, Timeline], faults: list[Fault]
) -> dict[str, Declaration]:
    declarations = {key: timeline.declaration for key, timeline in below.items()}
    for declaration in own:
        if declaration.key in declarations:
            where = f"{declaration.file}, {declaration.key}"
            faults.append(Fault(where, "a second declaration", "only values for what a layer below declares"))
        else:
            declarations[declaration.key] = declaration
    return declarations


def _segment(
    layer: str, value: WrittenValue, declarations: Mapping[str, Declaration], faults: list[Fault]
) -> Segment | None:
    where = f"{value.file}, {value.key}"
    if not value.citation.strip():
        faults.append(Fault(where, "a blank citation", "who enacts or proposes the value"))
    if value.key not in declarations:
        faults.append(
            Fault(where, "a value for a rule that isn't declared", nearest(value.key, declarations))
        )
        return None
    read = read_value(declarations[value.key], value.written, where, faults)
    if read is None:
        return None
    rule = DatedValue(read, value.in_force, value.citation, value.confidence, value.note, value.file)
    return Segment(value.in_force, rule, layer)


def _check_no_hole(key: str, segments: tuple[Segment, ...], faults: list[Fault]) -> None:
    for earlier, later in pairwise(segments):
        if earlier.days.end != later.days.start:
            found = f"nothing from {earlier.days.end} to before {later.days.start}"
            expected = f"values without a hole from '{earlier.layer}' to '{later.layer}'"
            faults.append(Fault(key, found, expected))
