"""A course -> the sentences below its orders and grids: warnings, comments and open questions."""

from __future__ import annotations

from collections.abc import Iterator

from protocal.model.course import Hold
from protocal.model.entries import Remark
from protocal.model.plan import CoursePlan
from protocal.render.roadmap.content.context import Context
from protocal.render.roadmap.content.phrases import first_dose_agent, routes_text


def comments_of(context: Context, each: CoursePlan) -> tuple[str, ...]:
    """What the record and the definition say of the course as a whole."""
    _ = context.text.gettext
    remarks_of, definition = context.plan.facts.remarks_of, each.course.definition
    return (
        *(_("Result: {text}").format(text=text) for text in remarks_of(Remark.GENE)),
        *(_("Interacts: {text}").format(text=text) for text in remarks_of(Remark.INTERACTION)),
        *definition.comments,
        *(event.comment for event in definition.procedures if event.comment),
        *_clocks(context, each),
        *_substitutions(context, each),
        _hold(context, definition.hold),
    )


def questions_of(context: Context, each: CoursePlan) -> tuple[str, ...]:
    """The open questions of the course, its events and its drugs, each once."""
    definition = each.course.definition
    criteria = definition.may_start
    events = (*definition.procedures, *definition.evaluations)
    backings = [definition.backing, *(event.backing for event in events), *([criteria.backing] if criteria else [])]
    questions = [question for backing in backings for question in backing.questions]
    for line in each.administrations:
        names = ", ".join(context.written(agent) for agent in line.order_line.agents)
        questions += (context.words.with_more(names, question) for question in line.order_line.backing.questions)
    return tuple(dict.fromkeys(questions))


def _clocks(context: Context, each: CoursePlan) -> Iterator[str]:
    """What the hours of drugs that follow another are counted from."""
    for order in dict.fromkeys(line.order_line for line in each.administrations):
        if order.first_dose and not order.first_dose.before:
            names = ", ".join(context.written(agent) for agent in order.agents)
            yield context.text.gettext("{drug}: +{hours} h and so on are hours after the start of {other}.").format(
                drug=names, hours=order.first_dose.span.least // 60, other=first_dose_agent(context, order)
            )


def _substitutions(context: Context, each: CoursePlan) -> Iterator[str]:
    """What may take the place of the course's drugs."""
    _, ngettext, words = context.text.gettext, context.text.ngettext, context.words
    agents = {line.agent: context.plan.agent_of(line) for line in each.administrations}
    for agent in agents.values():
        for instead in agent.substitutions:
            doses = ngettext("{count} dose", "{count} doses", instead.count).format(count=instead.count)
            questions = " ".join(instead.backing.questions)
            text = _("{reason} {agent} {dose}, {routes}, {doses}, {days} {mark}").format(
                reason=instead.reason,
                agent=context.written(instead.agent),
                dose=words.said(instead.dose),
                routes=routes_text(context, instead.routes),
                doses=doses,
                days=words.said(instead.series_days),
                mark=instead.backing.evidence.mark,
            )
            yield " ".join(part for part in (text, instead.comment, questions) if part)


def _hold(context: Context, hold: Hold) -> str:
    """What a hold does to the days left."""
    _ = context.text.gettext
    return {
        Hold.SKIP: _("Held doses are not made up; the calendar runs on."),
        Hold.SLIP: _("A hold moves the days left."),
        Hold.ASK: _("On a hold, ask the prescriber whether the days left move."),
    }[hold]
