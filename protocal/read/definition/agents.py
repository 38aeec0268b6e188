"""An agent as it was read -> an `Agent` with its substitutes, its label's doses and what a family is told of it."""

from __future__ import annotations

from typing import Any

from protocal.model.agent import Agent, Glossary, LabelDose, Substitution
from protocal.model.problems import Problem
from protocal.read.definition.fields import parse_series, parse_weekdays
from protocal.read.definition.parts import TreePath, backing_of
from protocal.read.definition.shapes import AgentShape, GlossaryShape, SubstitutionShape
from protocal.read.yaml_tree import Source


def agent_of(name: str, shape: AgentShape, source: Source) -> Agent:
    """The agent; what is wrong with it is added to the source's problems."""
    path: TreePath = ("agents", name)
    rules = shape.rounding.items() if isinstance(shape.rounding, dict) else [(None, shape.rounding)]
    return Agent(
        id=name,
        written=shape.written,
        unit=shape.unit,
        routes=tuple(shape.routes),
        only_route=shape.fatal_unless,
        cap_required=shape.cap == "required",
        minimum_interval=shape.minimum_interval,
        abbreviation=shape.abbreviation,
        bags=tuple(shape.bags),
        interruptions=shape.interruptions,
        bag_weights=tuple((hours, least) for hours, least in shape.bags.items() if least is not None),
        rounding=tuple(rules),
        tablets=shape.tablets.values if shape.tablets else (),
        tablet_unit=shape.tablets.unit if shape.tablets else "",
        halves=shape.halves == "yes",
        label_doses=tuple(
            LabelDose(*each.from_, each.dose, backing_of(each), source.where((*path, "label doses", index)))
            for index, each in enumerate(shape.label_doses)
        ),
        asks_for=tuple(shape.asks_for),
        notes=tuple(
            (route, note)
            for route, notes in (shape.notes.items() if isinstance(shape.notes, dict) else [(None, shape.notes)])
            for note in notes
        ),
        substitutions=tuple(
            _substitution(each, source, (*path, "substitutions", index))
            for index, each in enumerate(shape.substitutions)
        ),
        glossary=_glossary(shape.glossary) if shape.glossary else None,
        backing=backing_of(shape),
        where=source.where_key(path),
    )


def _glossary(shape: GlossaryShape) -> Glossary:
    gloves = None if shape.gloves is None else shape.gloves == "yes"
    return Glossary(shape.brand, shape.for_, shape.taken, gloves, backing_of(shape))


def _substitution(shape: SubstitutionShape, source: Source, path: TreePath) -> Substitution:
    tree: Any = source.tree
    for part in path:
        tree = tree[part]
    doses = []
    for names, amount in shape.dose.items() if isinstance(shape.dose, dict) else [("", shape.dose)]:
        text = str(tree["dose"][names] if names else tree["dose"])
        try:
            doses.append((frozenset(parse_weekdays(names)) if names else frozenset[int](), amount, text))
        except ValueError as error:
            message, _, remedy = str(error).partition("; ")
            where = source.where_key((*path, "dose", names))
            source.problems.append(Problem("value", message, where, f"{remedy.capitalize()}."))
    weekdays, interval = parse_series(shape.on)
    return Substitution(
        key=shape.key,
        reason=shape.reason,
        agent=shape.agent,
        doses=tuple(doses),
        routes=shape.route,
        count=shape.doses,
        on=shape.on,
        weekdays=weekdays,
        interval=interval,
        comment=shape.comment,
        backing=backing_of(shape),
        where=source.where(path),
    )
