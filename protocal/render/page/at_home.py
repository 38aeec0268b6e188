"""An entry of a family's feed -> what is taken at home of it, on the date that each hour is of.

A feed has a day's doses in one entry, those after midnight too. A page has them on their own date, for that is what its
"today" is; each stands once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from protocal.model.account import Dose
from protocal.render.feed.days import FeedDay
from protocal.render.feed.family_words import FamilyDayWords
from protocal.render.page.values import HomeDose
from protocal.render.wording.family import FamilyWords, first_up

_TWICE = ("morning", "evening")  # for programs; people read the words of the boxes


def taken_at_home(words: FamilyDayWords, entry: FeedDay) -> Iterator[tuple[date, HomeDose]]:
    """The doses of an entry, each on its date."""
    for dose in entry.given:
        hours: dict[date, list[str]] = {}
        if len(dose.line.times) == dose.line.per_day:
            for time in dose.line.times:
                hours.setdefault(time.date(), []).append(f"{time:%H:%M}")
        if hours:
            for day, at in hours.items():
                yield day, _dose(words, entry, dose, tuple(at))
        else:
            yield entry.date, _dose(words, entry, dose, ())
    for agent in entry.may_go_on:
        drug = words.said.drug(words.protocol.agents[agent])
        yield entry.date, HomeDose(drug, notes=(first_up(words.going_on()),))


def joined_doses(doses: Iterable[HomeDose], said: FamilyWords) -> Iterator[HomeDose]:
    """The doses of a date, the same dose of one drug once with all its hours, by the first of them."""
    alike: dict[HomeDose, list[str]] = {}
    for dose in doses:
        bare = replace(dose, at=(), when="", each=("", "")) if dose.hours else dose
        alike.setdefault(bare, []).extend(dose.at)
    found = [_with_hours(bare, sorted(hours), said) if not bare.at and hours else bare for bare, hours in alike.items()]
    return iter(sorted(found, key=lambda dose: dose.at))


def _with_hours(dose: HomeDose, hours: Sequence[str], said: FamilyWords) -> HomeDose:
    when = said.text.gettext("at {hours}").format(hours=said.joined(hours))
    return replace(dose, at=tuple(hours), when=when, each=_each(said) if len(hours) > 1 else ("", ""))


def _each(said: FamilyWords) -> tuple[str, str]:
    before, _mark, behind = said.text.gettext("each time {dose}").format(dose="\0").partition("\0")
    return before, behind


def _dose(words: FamilyDayWords, entry: FeedDay, dose: Dose, hours: tuple[str, ...]) -> HomeDose:
    """A dose; with `hours` those of one date."""
    _ = words.words.gettext
    said = words.home.dose(entry.definition, dose, in_place=str(dose.line.id) in entry.instead)
    told, notes = words.is_dosed(dose), list(said.notes)
    named = [box for box in said.boxes if box and not box.endswith(".")]
    if hours and dose.line.per_day > 1:  # the hours say how often
        notes = [_("goes on until your team says stop")] if dose.awaits else []
    if not told:
        notes.insert(0, _("how much: see the pharmacy label, or ask your team"))
    bare = HomeDose(
        drug=said.drug,
        named=said.named,
        dose=words.home.one(dose.line).replace("\N{NO-BREAK SPACE}", " ") if told else "",
        unsure=_("{dose} (unverified)").format(dose="").strip() if told and said.unsure else "",
        given=said.given,
        notes=tuple(first_up(note.replace("\N{NO-BREAK SPACE}", " ")) for note in notes),
    )
    if hours:
        return _with_hours(bare, hours, words.said)
    several = _each(words.said) if dose.line.per_day > 1 else ("", "")
    return replace(bare, each=several, at=_TWICE if named else (), when=words.said.joined(named) if named else "")
