"""The weighted rules of a topic in topics.yml: entities, what is required, groups, zones."""

from collections.abc import Collection
from difflib import get_close_matches
from math import isfinite

from worker.config_files.query_places import add_mistake
from worker.config_files.yaml_lines import Located, Mistakes, refuse_unknown, shown
from worker.errors import QueryError
from worker.topics import ZONES, Group, Require, Rules, Zone, Zones, read_term

_KEYS = ("entities", "require", "groups", "minus", "zones", "threshold")
_REQUIRE_KEYS, _GROUP_KEYS = ("any_of", "in"), ("name", "weight", "any", "any_of", "near", "within")
_LANGUAGES = "en: [Syria, Syrian], ar: [سوريا]"
_MOST, _MOST_BETWEEN, _DEFAULT_BETWEEN = 1_000.0, 100, 15


def read_rules(item: Located, source: str, mistakes: Mistakes) -> Rules | None:
    """The rules under `rules:`; None, and mistakes, where they are not as they should be."""
    before = len(mistakes.found)
    if item.kind != "mapping":
        remedy = "Write groups: and threshold: below it, as docs/topics.md shows."
        mistakes.add("rules must be a mapping", remedy, line=item.line, key=item.key)
        return None
    refuse_unknown(item, _KEYS, mistakes)
    reader = _Reader(source, mistakes)
    entities = reader.entities(item.entries.get("entities"))
    rules = Rules(
        groups=reader.groups(item, "groups", entities),
        threshold=reader.number(item, "threshold", above=0.0) or 1.0,
        entities=entities,
        require=reader.required(item.entries.get("require"), entities),
        minus=reader.groups(item, "minus", entities),
        zones=reader.zones(item.entries.get("zones")),
    )
    if len(mistakes.found) > before:
        return None
    _refuse_unreachable(rules, item.entries["threshold"], mistakes)
    return rules


def _refuse_unreachable(rules: Rules, threshold: Located, mistakes: Mistakes) -> None:
    most = sum(group.weight for group in rules.groups) * max(rules.zones)
    if most < rules.threshold:
        problem = f"no article can reach {threshold.text}: all groups together give {most:g}"
        remedy = f"Write at most threshold: {most:g}, or give groups more weight."
        mistakes.add(problem, remedy, line=threshold.line, key=threshold.key)


class _Reader:
    """Reads the parts of one topic's rules; each notes its mistakes and goes on."""

    def __init__(self, source: str, mistakes: Mistakes) -> None:
        self._source, self._mistakes = source, mistakes

    def entities(self, value: Located | None) -> dict[str, tuple[str, ...]]:
        if value is None:
            return {}
        if value.kind != "mapping":
            self._wrong(value, "entities must be a mapping", f"Write a name: {{{_LANGUAGES}}}")
            return {}
        return {name: self._aliases(entity) for name, entity in value.entries.items()}

    def _aliases(self, entity: Located) -> tuple[str, ...]:
        """The aliases of an entity, a list, or a list for each language."""
        if entity.kind != "mapping":
            return self._terms(entity)
        return tuple(
            dict.fromkeys(alias for one in entity.entries.values() for alias in self._terms(one))
        )

    def _terms(self, value: Located) -> tuple[str, ...]:
        terms: list[str] = []
        for one in self._texts(value, "[Syria, peace talks, negotiat*]"):
            try:
                read_term(one.text)
            except QueryError as error:
                add_mistake(error, one, self._source, self._mistakes)
            else:
                terms.append(" ".join(one.text.split()))
        return tuple(terms)

    def _texts(self, value: Located, example: str) -> list[Located]:
        """The texts of a list that has some."""
        name = value.key.rpartition(".")[2]
        if value.kind != "list" or not value.items:
            problem = f"{name} must be a list" if value.kind != "list" else f"{name} is empty"
            self._wrong(value, problem, f"Write {name}: {example}")
            return []
        for one in value.items:
            if one.kind != "text":
                self._wrong(one, "it must be text", "Put it into quotes.")
        return [one for one in value.items if one.kind == "text"]

    def required(self, value: Located | None, entities: Collection[str]) -> tuple[Require, ...]:
        if value is None:
            return ()
        found = []
        for one in value.items if value.kind == "list" else (value,):
            if one.kind != "mapping":
                self._wrong(one, "it must be a mapping", "Write {any_of: [syria], in: [title]}")
                continue
            refuse_unknown(one, _REQUIRE_KEYS, self._mistakes)
            if "any_of" not in one.entries:
                self._missing(one, "any_of", "Add any_of: and names of entities.")
                continue
            zones = self._zones_of(one.entries.get("in"))
            found.append(Require(self._names(one.entries["any_of"], entities), zones))
        return tuple(found)

    def _zones_of(self, value: Located | None) -> tuple[Zone, ...]:
        if value is None:
            return ZONES
        texts = self._texts(value, "[title, lead]")
        for one in texts:
            if one.text not in ZONES:
                self._wrong(one, f"there is no zone {shown(one.text)}", "Write title, lead, body.")
        return tuple(zone for zone in ZONES if zone in {one.text for one in texts})

    def _names(self, value: Located | None, entities: Collection[str]) -> tuple[str, ...]:
        """Names of entities that are there."""
        if value is None:
            return ()
        texts = self._texts(value, "[syria]")
        for one in texts:
            if one.text not in entities:
                near = get_close_matches(one.text, entities, n=1)
                guess = f"Did you mean {near[0]}? " if near else ""
                remedy = f"{guess}Terms stand under any:, names of entities here."
                self._wrong(one, f"there is no entity {shown(one.text)!r}", remedy)
        return tuple(one.text for one in texts)

    def groups(self, item: Located, name: str, entities: Collection[str]) -> tuple[Group, ...]:
        value = item.entries.get(name)
        if value is None:
            if name == "groups":
                self._missing(item, "groups", "Add groups: and what gives points.")
            return ()
        if value.kind != "list" or not value.items:
            remedy = "Write items with name, weight and any, as docs/topics.md shows."
            self._wrong(value, f"{name} must be a list that holds some", remedy)
            return ()
        found = [self._group(one, entities) for one in value.items]
        names: set[str] = set()
        for one, group in zip(value.items, found, strict=True):
            if group is not None and group.name in names:
                self._wrong(one, f"{shown(group.name)} is named twice", "Give it another name.")
            names.add(group.name if group else "")
        return tuple(group for group in found if group is not None)

    def _group(self, item: Located, entities: Collection[str]) -> Group | None:
        if item.kind != "mapping":
            self._wrong(item, "it must be a mapping", "Write an item with name, weight and any.")
            return None
        refuse_unknown(item, _GROUP_KEYS, self._mistakes)
        name = item.entries.get("name")
        if name is None:
            self._missing(item, "name", "Add name: talks")
        elif name.kind != "text":
            self._wrong(name, "name must be text", "Write name: talks")
        weight = self.number(item, "weight", above=0.0)
        listed, entry = item.entries.get("any"), item.entries
        if listed is None and "any_of" not in entry:
            remedy = "Add any: and a list of terms, or any_of: and names of entities."
            self._missing(item, "any", remedy)
        near = self._names(entry.get("near"), entities)
        if "within" in entry and not near:
            self._wrong(entry["within"], "within stands without near", "Add near: [syria].")
        within = self.number(item, "within", most=_MOST_BETWEEN) if "within" in entry else None
        if within is not None and within != int(within):
            self._wrong(entry["within"], "within must be a whole number", "Write within: 15")
        return Group(
            name=name.text if name else "",
            weight=weight or 0.0,
            terms=() if listed is None else self._terms(listed),
            any_of=self._names(entry.get("any_of"), entities),
            near=near,
            within=_DEFAULT_BETWEEN if within is None else int(within),
        )

    def zones(self, value: Located | None) -> Zones:
        default = Zones()
        if value is None:
            return default
        if value.kind != "mapping":
            self._wrong(value, "zones must be a mapping", "Write {title: 3, lead: 2, body: 1}")
            return default
        refuse_unknown(value, ZONES, self._mistakes)
        told = {zone: self.number(value, zone) for zone in ZONES if zone in value.entries}
        return default._replace(
            **{zone: worth for zone, worth in told.items() if worth is not None}
        )

    def number(
        self, item: Located, name: str, *, above: float | None = None, most: float = _MOST
    ) -> float | None:
        """A number from 0, or above `above`, to `most`; None, and a mistake, where it is none."""
        value = item.entries.get(name)
        if value is None:
            self._missing(item, name, f"Add {name}: 3")
            return None
        try:
            number = float(value.text) if value.kind == "other" else float("nan")
        except ValueError:
            number = float("nan")
        low_enough = isfinite(number) and number <= most
        if low_enough and (number >= 0 if above is None else number > above):
            return number
        floor = "from 0" if above is None else f"above {above:g}"
        problem = f"{name} must be a number {floor} to {most:g}"
        self._wrong(value, problem, f"Write {name}: 3")
        return None

    def _wrong(self, value: Located, problem: str, remedy: str) -> None:
        self._mistakes.add(problem, remedy, line=value.line, key=value.key)

    def _missing(self, item: Located, name: str, remedy: str) -> None:
        key = f"{item.key}.{name}"
        self._mistakes.add(f"{name} is missing", remedy, line=item.line, key=key)
