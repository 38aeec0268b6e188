"""The options of `protocal new` -> a checked record, its text, and problems that name the option."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from protocal.model.entries import Sex
from protocal.model.frozen import frozen
from protocal.model.problems import Problem, ProtocalError, Where
from protocal.model.protocol import Protocol
from protocal.model.record import Record
from protocal.read.definition.build import load_protocol
from protocal.read.library import find_definition, is_path
from protocal.read.record.read import FORMAT, number_or_text, record_from
from protocal.read.record.read_again import difference
from protocal.read.record.seals import sealed
from protocal.read.record.text import record_text
from protocal.read.yaml_tree import Source
from protocal.text.suggest import known_as


@frozen(kw_only=True)
class NewPatient:
    """What was typed, as text; empty where nothing was."""

    protocol: str
    protocol_version: str = ""
    id: str
    name: str = ""
    born: str
    sex: str
    height: str
    weight: str
    measured: str = ""
    cns: str = ""
    risk: str = ""
    arm: str = ""
    start: str
    timezone: str
    diagnostic_it: tuple[str, ...] = ()
    by: str = ""


@dataclass(slots=True)
class Composed:
    """A record as it would be written, and what is wrong with it."""

    protocol: Protocol | None
    record: Record | None
    text: str
    problems: list[Problem] = field(default_factory=list)


def compose(patient: NewPatient, file: Path, shelves: Sequence[Path], now: datetime, key: str) -> Composed:
    """Put a new record together for `file`.

    Raises UsageError where there is no such protocol, ProtocalError where its definition has mistakes.
    """
    folder = find_definition(patient.protocol, patient.protocol_version, shelves)
    protocol = load_protocol(folder)
    elsewhere = is_path(patient.protocol)
    if not elsewhere and (protocol.id, protocol.version) != (folder.parent.name, folder.name):
        raise ProtocalError([_misplaced(protocol, folder)])
    header: dict[str, Any] = {
        "format": FORMAT,
        "id": patient.id,
        "key": key,
        "created": now.date().isoformat(),
        "born": patient.born,
        "sex": known_as(patient.sex, (sex.value for sex in Sex)),
        **({"name": patient.name} if patient.name else {}),
        "timezone": patient.timezone,
        "protocol": protocol.id,
        "version": protocol.version,
        **({"definition": os.path.relpath(folder, file.parent)} if elsewhere else {}),
    }
    source = Source("")
    entries = list(_entries(patient, protocol, source))
    recorded = {"recorded": now.isoformat(), **({"by": patient.by} if patient.by else {})}
    log = [{"entry": entry["entry"], **recorded, **entry} for entry, _options in entries]
    source.tree = sealed({**header, "log": log})
    _place(source, header, [options for _entry, options in entries])
    record = record_from(source)
    text = record_text(source.tree)
    if record and not source.problems and (differs := difference(text.encode(), source.tree, str(file))):
        message = f"the record would not read as it was meant, and nothing was written: {differs}"
        source.problems.append(Problem("not-as-meant", message, Where("new"), "Write what differs in another way."))
    return Composed(protocol, record, text, source.problems)


def _misplaced(protocol: Protocol, folder: Path) -> Problem:
    return Problem(
        "misplaced",
        f"this is {protocol.id} {protocol.version}, but stands in the folder {folder.parent.name}/{folder.name}",
        protocol.where,
        "Correct the one or the other: a record finds its definition again by this name.",
    )


def _entries(patient: NewPatient, protocol: Protocol, source: Source) -> Any:
    """Each first entry of the log, with the option that each of its values comes from."""
    measured = "measured" if patient.measured else "start"
    yield {"entry": "definition", "version": protocol.version, "digest": protocol.digest}, {}
    yield (
        {
            "entry": "measure",
            "date": patient.measured or patient.start,
            "height": number_or_text(patient.height),
            "weight": number_or_text(patient.weight),
        },
        {"": measured, "date": measured, "height": "height", "weight": "weight"},
    )
    for fact, known in (("cns", protocol.cns), ("risk", protocol.risk)):
        if value := getattr(patient, fact):
            yield {"entry": "state", "fact": fact, "value": known_as(value, known)}, {"": fact}
    if protocol.cns and not patient.cns:
        source.problems.append(
            Problem(
                "missing",
                f"{protocol.id} needs the CNS status",
                Where.at_option("cns"),
                f"Write one of {', '.join(protocol.cns)}.",
            )
        )
    for text in patient.diagnostic_it:
        day, colon, agent = text.partition(":")
        if not colon:
            remedy = "Write DATE:AGENT, as in 2026-11-30:AGENT."
            place = Where.at_option("diagnostic-it")
            source.problems.append(Problem("value", f"'{text}' is not a date and an agent", place, remedy))
            continue
        agent = known_as(agent, protocol.agents)
        yield {"entry": "diagnostic-it", "date": day, "agent": agent}, {"": "diagnostic-it"}
    first = protocol.unassigned.route[0].course
    yield {"entry": "start", "course": first, "date": patient.start}, {"": "start"}
    if patient.arm:
        yield (
            {"entry": "assign", "arm": known_as(patient.arm, protocol.arms), "date": patient.start},
            {"": "arm", "date": "start"},
        )


def _place(source: Source, header: dict[str, Any], options: list[dict[str, str]]) -> None:
    """Let each value's place be the option it was typed at, so that problems name the option."""
    source.places[()] = Where.at_argument("new")
    for name in header:
        source.places[(name,)] = Where.at_option(name)
    source.places[("log",)] = Where.at_argument("new")
    for index, names in enumerate(options):
        source.places[("log", index)] = Where.at_option(names[""]) if "" in names else Where.at_argument("new")
        for key in ("entry", "date", "height", "weight", "value", "arm", "agent", "course"):
            option = names.get(key, names.get("", ""))
            if option:
                source.places[("log", index, key)] = Where.at_option(option)
        source.places[("log", index, "by")] = Where.at_option("by")
