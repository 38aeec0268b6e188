"""Commands about the patient's record: `new`, `measure`."""

from __future__ import annotations

from typing import Annotated

import typer

from protocal.cli.options import RecordFile, Shelves, SiteFile, echo, site_settings, warn
from protocal.cli.root import app
from protocal.words.problems import ProtocalError, Severity, UsageError, has_errors


@app.command()
def new(
    file: RecordFile,
    protocol: Annotated[str, typer.Option("--protocol", metavar="ID", help="An id such as aall1331, or a folder.")],
    id_: Annotated[str, typer.Option("--id", metavar="ID", help="Your own number for the patient; it is printed.")],
    born: Annotated[str, typer.Option("--born", metavar="DATE", help="As in 2019-05-12.")],
    sex: Annotated[str, typer.Option("--sex", metavar="female|male")],
    height: Annotated[str, typer.Option("--height", metavar="CM")],
    weight: Annotated[str, typer.Option("--weight", metavar="KG")],
    start: Annotated[str, typer.Option("--start", metavar="DATE", help="Day 1 of the first course.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Printed on sheets, never in feeds.")] = "",
    measured: Annotated[
        str, typer.Option("--measured", metavar="DATE", help="Of height and weight; the start if left out.")
    ] = "",
    cns: Annotated[str, typer.Option("--cns", metavar="STATUS", help="As in cns2.")] = "",
    risk: Annotated[str, typer.Option("--risk", metavar="GROUP", help="As in low.")] = "",
    arm: Annotated[str, typer.Option("--arm", metavar="ARM", help="As in D; leave out before assignment.")] = "",
    diagnostic_it: Annotated[
        list[str],
        typer.Option("--diagnostic-it", metavar="DATE:AGENT", help="Given with the diagnostic lumbar puncture."),
    ] = [],
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="As in America/New_York; this machine's if left out.")
    ] = "",
    version: Annotated[str, typer.Option("--protocol-version", metavar="V", help="The newest if left out.")] = "",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who writes this.")] = "",
    schedules: Shelves = [],
) -> None:
    """Begin a patient's record.

    Example: `protocal new p001.yaml --protocol aall1331 --id P001 --born 2019-05-12 --sex female --height 112
    --weight 19.4 --cns cns2 --risk low --arm D --start 2026-12-01 --timezone America/New_York`
    """
    from protocal.cli.clock import now, random_key, zone_here
    from protocal.plan.fit import check_fit
    from protocal.publish.files import write_new
    from protocal.read.new import NewPatient, compose

    patient = NewPatient(
        protocol=protocol,
        protocol_version=version,
        id=id_,
        name=name,
        born=born,
        sex=sex,
        height=height,
        weight=weight,
        measured=measured,
        cns=cns,
        risk=risk,
        arm=arm,
        start=start,
        timezone=timezone or zone_here(),
        diagnostic_it=tuple(diagnostic_it),
        by=by,
    )
    composed = compose(patient, file, schedules, now(), random_key())
    problems = list(composed.problems)
    if composed.record and composed.protocol:
        problems += check_fit(composed.protocol, composed.record)
    if has_errors(problems):
        raise UsageError.at_options(each for each in problems if each.severity is Severity.ERROR)
    write_new(file, composed.text.encode())
    warn(problems)
    typer.echo(f"{file}: {protocol}, {f'arm {arm}' if arm else 'no arm assigned yet'}, Day 1 on {start}", err=True)


@app.command()
def measure(
    file: RecordFile,
    height: Annotated[str, typer.Option("--height", metavar="CM")],
    weight: Annotated[str, typer.Option("--weight", metavar="KG")],
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="Of the measurement, as in 2026-12-28.")],
    again: Annotated[
        str, typer.Option("--again", metavar="DATE", help="Work the running course out again from this day on.")
    ] = "",
    keep: Annotated[bool, typer.Option("--keep", help="Leave the doses of the running course as they are.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")] = False,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who writes this.")] = "",
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")] = "",
    site: SiteFile = None,
    schedules: Shelves = [],
) -> None:
    """Record a new height and weight. Courses that start on or after the day take their doses from it.

    A weight more than 10 % off the one that the running course was worked out for asks: `--again DATE` or `--keep`.

    Example: `protocal measure p001.yaml --date 2026-12-28 --height 112.5 --weight 19.9`
    """
    from protocal.cli.clock import now
    from protocal.pipeline import plan_of
    from protocal.plan.growth import outgrown
    from protocal.publish.files import replace_record
    from protocal.read.append import append_entry
    from protocal.read.record import number_or_text
    from protocal.render.changes import changes

    entry = {
        "entry": "measure",
        "date": date,
        "height": number_or_text(height),
        "weight": number_or_text(weight),
        "again": again,
        "why": reason,
    }
    options = {name: name for name in ("date", "height", "weight", "again", "by")} | {"why": "reason"}
    added = append_entry(file, entry, options, now(), by)
    if added.record is None:
        raise ProtocalError(added.problems)
    settings = site_settings(site)
    after = plan_of(added.record, file, settings, schedules, problems=added.problems)
    if not keep and (found := outgrown(after, settings)):
        course, dosing, change = found
        raise UsageError(
            f"{course.title} runs on doses for {dosing.weight} kg; {weight} kg is {change:+.0f} % of that",
            "Ask the prescriber: --again DATE works its doses out again from that day, --keep leaves them as they are.",
        )
    before = plan_of(added.record, file, settings, schedules, added.record.revision - 1)
    if not dry_run:  # before anything is printed: nobody who stops reading may stop the writing
        replace_record(file, added.before, added.after)
    echo("\n".join([*changes(before, after), ""]))
    typer.echo(
        "nothing was written" if dry_run else f"{file}: {height} cm and {weight} kg of {date} recorded", err=True
    )
