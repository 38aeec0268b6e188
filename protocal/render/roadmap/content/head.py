"""A plan and a page's titles -> the head that stands on every page, and the legend of evidence."""

from __future__ import annotations

from dataclasses import replace

from protocal.model.evidence import Evidence
from protocal.model.plan import DatedCourse
from protocal.model.settings import Settings
from protocal.render.issue_box import IssueBox
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.sheets import Head
from protocal.render.wording.catalogues import messages


def make_head(
    context: Context,
    title: str,
    subtitle: str,
    measures: str,
    *,
    provisional: str = "",
    only: str = "",
    verified: bool,
    course: str = "",
) -> Head:
    """The head of a page, which does not say its issue yet (`with_issue`).

    A course's page names the version of the definition that the course is planned by, any other all in force.
    """
    _ = context.text.gettext
    record, traits, protocol = context.plan.record, context.plan.facts.traits, context.protocol
    versions = [each.version for each in ([protocol.of(course)] if course else protocol.in_force)]
    arm = _("Arm {arm}").format(arm=traits.arm) if traits.arm else _("no arm assigned yet")
    facts = ", ".join(
        part
        for part in (
            arm,
            traits.cns.upper(),
            traits.risk and _("{risk} risk").format(risk=context.words.own(traits.risk)),
        )
        if part
    )
    whose = _("ID {id}, born {born}").format(id=record.id, born=context.words.short_date(record.born))
    return Head(
        title=title,
        subtitle=subtitle,
        name="" if context.published else record.name,
        identifiers="" if context.published else whose,
        therapy=f"{protocol.id.upper()}, {facts}",
        measures=measures,
        unverified=not verified,
        signed=protocol.has_verified_lines,
        provisional=provisional,
        definition=_("definition {id} {version}").format(id=protocol.id, version=", ".join(versions)),
        as_of="",
        only=only,
    )


def with_issue(head: Head, box: IssueBox) -> Head:
    """A head with the issue of its sheet."""
    return replace(head, as_of=box.issue, draft=box.draft, replaces=box.replaces)


def why_provisional(context: Context, course: DatedCourse) -> str:
    """Why the dates and doses of a course may still change."""
    _ = context.text.gettext
    if not course.provisional:
        return ""
    return _("counts not recorded") if course.started else _("not started")


def evidence_legend(settings: Settings, *, signed: bool) -> tuple[tuple[str, str], ...]:
    """Each mark of evidence with what it means; that of signed lines only where there are any."""
    _ = messages(settings.language).gettext
    meanings = {
        **({Evidence.SIGNED: _("held against the trial protocol, and signed")} if signed else {}),
        Evidence.REGISTRY: _("stated by the trial's registry record"),
        Evidence.PUBLISHED: _("read in a publication of this trial"),
        Evidence.CORROBORATED: _("read in a published source of the same backbone"),
        Evidence.UNVERIFIED: _("from memory: no source that was read confirms it"),
    }
    return tuple((level.mark, meaning) for level, meaning in meanings.items())


def evidence_sentence(settings: Settings, *, signed: bool) -> str:
    """The legend of evidence as one paragraph, in which no meaning is broken."""
    _, legend = messages(settings.language).gettext, evidence_legend(settings, signed=signed)
    marks = (f"{mark} {meaning}.".replace(" ", "\N{NO-BREAK SPACE}") for mark, meaning in legend)
    return " ".join((_("Evidence (Ev.):"), *marks, _("A line bears the mark of its weakest part.")))


def grid_legend(context: Context, *, provisional: bool, infused: bool, bags: bool) -> str:
    """How to read the day grids of a sheet and sign on them; of one with an infusion, and its bags."""
    _ = context.text.gettext
    sentences = (
        _("One line is one dose and one signature; a week at home is signed for at its end."),
        _("Grey: Saturday, Sunday. Heavy rule: a new week."),
        _("Black bar: the infusion runs.") if infused else "",
        _("A gap in it: a new bag. Bags are signed for; what runs in 24 h is the same drug, not one more dose.")
        if bags
        else "",
        _("Dashed line under a dose: provisional, worked out again with the measurement at Day 1.")
        if provisional
        else "",
        _("The second check is left blank: work the dose out again without looking at the working."),
    )
    return " ".join(filter(None, sentences))
