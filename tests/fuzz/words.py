"""A source of chance in; the words of a command line as a slip, or malice, would type them, out.

Nothing that is named to be written lies outside the folder of the case, whatever the command makes of it.
"""

from __future__ import annotations

from random import Random

from fuzz.bases import LOOM
from fuzz.hostile import BY_KEY, DATES, NUMBERS, TEXTS, TIMES, ZONES

RECORD = "p.yaml"
_SITE = ("--settings", "site.yaml")
# fmt: off
COMMANDS: list[tuple[str, ...]] = [
    ("check", RECORD, "--format", "json"),
    ("check", RECORD, "--revision", "4", *_SITE),
    ("plan", RECORD, "--format", "json", "--course", "warp", "--route", "IT", "--agent", "umbrate"),
    ("plan", RECORD, "--format", "csv", "--from", "2026-12-01", "--to", "2026-12-31", *_SITE),
    ("plan", RECORD, "--course", "weft", "--revision", "9"),
    ("why", RECORD, "2026-12-09", "--agent", "umbrate", "--revision", "20"),
    ("diff", RECORD, "--from", "6", "--to", "12", "--format", "json"),
    ("diff", RECORD, "--from", "1"),
    ("log", RECORD),
    ("drugs", RECORD, "--format", "csv", "--course", "warp", "--agent", "vinbane", "--from", "2026-12-01"),
    ("drugs", RECORD, "--format", "json", "--revision", "3", "--to", "2026-12-31"),
    ("drugs", "--on", "2026-12-01", RECORD, "--format", "csv"),
    ("feed", RECORD, "-o", "out.ics", *_SITE, "--doses", "--unverified-doses"),
    ("feed", RECORD, "-o", "out.ics", "--despite", "S23", "--reason", "as told", "--force"),
    ("lint", "loom", "tiny"),
    ("show", "loom", "--course", "weft", "--schedules", "shelf"),
    ("schema", "record"),
    ("protocols", "--schedules", "shelf"),
    ("new", "new.yaml", *LOOM, "--measured", "2026-11-30", "--name", "Made Up", "--diagnostic-it",
    "2026-11-30:umbrate"),
    ("new", "new.yaml", *LOOM, "--by", "nurse 7", "--protocol-version", "1"),
    ("start", RECORD, "heddle", "2027-01-29", "--anc", "800", "--reason", "reached", "--by", "nurse 7"),
    ("assign", RECORD, "L", "2026-12-01", "--risk", "low", "--cns", "clear", "--reason", "x"),
    ("delay", RECORD, "heddle", "--days", "6", "--reason", "ANC 320", "--dry-run"),
    ("delay", RECORD, "heddle", "--to", "2027-02-03", "--only", "--reason", "x"),
    ("delay", RECORD, "shuttle", "--days", "2", "--from-day", "9", *_SITE),
    ("hold", RECORD, "heddle", "--from", "2027-02-03", "--days", "7", "--skip"),
    ("fail", RECORD, "2027-01-25"),
    ("transplant", RECORD, "2027-04-20"),
    ("stop", RECORD, "2027-01-21", "--at", "09:00", "--reason", "withdrawn"),
    ("end", RECORD, "2027-10-31", "--reason", "as told"),
    ("note", RECORD, "nothing new", "--by", "nurse 7"),
    ("note", RECORD, "penicillin: rash", "--allergy"),
    ("prior", RECORD, "vinbane", "--amount", "20 mg/m2"),
    ("undo", RECORD, "22", "--reason", "slip"),
    ("undo", RECORD),
    ("give", RECORD, "warp/vin/9", "2026-12-09", "--at", "09:00", "--dose", "0.78", "--reason", "x"),
    ("dispense", RECORD, "mercadol", "--tablets", "60 of 5 mg", "2027-01-28", "--by", "pharmacist 2"),
    ("dispense", RECORD, "mercadol", "--liquid", "100 mL of 20 mg/mL", "2027-01-28", "--reason", "x", "--dry-run"),
    ("omit", RECORD, "heddle/asp/4", "heddle/weekly/8", "--alone", "--reason", "mucositis"),
    ("move", RECORD, "weft/it/8", "2026-12-23", "--reason", "no theatre"),
    ("adjust", RECORD, "mercadol", "--percent", "50", "--from", "2027-02-03", "--to", "2027-02-20"),
    ("adjust", RECORD, "mercadol", "--percent", "50", "--from", "2027-02-03", "--until-further-notice"),
    ("substitute", RECORD, "aspanol", "rusta-48-h", "--from", "2027-02-01"),
    ("measure", RECORD, "--date", "2027-01-28", "--height", "113", "--weight", "20", "--again", "2027-01-30"),
    ("bags", RECORD, "drippumab", "--hours", "24,48", "--from", "2027-01-08"),
    ("interrupt", RECORD, "shuttle", "--at", "2027-01-09 04:00", "--reason", "fever"),
    ("resume", RECORD, "shuttle", "--at", "2027-01-09 10:00", "--dose", "9.5", "--reason", "afebrile"),
    ("link", RECORD, "--for", "family", "--language", "es", "--site-key", "site.key", *_SITE),
    ("link", RECORD, "--for", "pharmacy", "--site-key", "site.key", "--qr", "out.svg", "--by", "nurse 7"),
    ("site", "init", "new.key"),
    ("clear", RECORD, "weft", "umbrate", "--at", "2026-12-20 09:00", "--level", "0.08 micromol/L"),
]
_PRESSED: list[tuple[str, ...]] = [  # which take a second and more
    ("roadmap", RECORD, "-o", "out.pdf", "--course", "warp", *_SITE),
    ("roadmap", RECORD, "-o", "out.pdf", "--overview", "--name-in-title", "--paper", "a4", *_SITE),
    ("calendar", RECORD, "-o", "out.pdf", "--pocket", "--from", "2026-12-15", "--unverified-doses", *_SITE),
    ("calendar", RECORD, "-o", "out.pdf", "--from", "2026-12-01", "--to", "2026-12-20", *_SITE),
    ("drugs", RECORD, "--format", "pdf", "-o", "out.pdf", "--course", "warp", *_SITE),
    ("drugs", RECORD, "--format", "xlsx", "-o", "out.xlsx", "--course", "warp"),
]
_FILES = [
    "", ".", "..", "none.yaml", "loom", "loom/protocol.yaml", "none/x.yaml", "p.yaml/x", "p.yaml", "site.yaml",
    "own.txt",
    "a\nb.yaml", "a\u202eb.yaml", "a\x1b[31mb.yaml", "a\udcffb.yaml", "x" * 300, "a b'\"$(x).yaml", "{0}", "%s", "-",
    "~", "*",
    "p.yaml.last", ".p.yaml.lock", "p.yaml ", "link.yaml", "loop", "fifo", "a\u2028b", "\u00e9", "\U0001faa8.yaml",
    "[red]x[/red]",
]
_WORDS = [
    "", " ", "-", "--", "-x", "--x", "--help", "-h", "--version", "-o", "--format", "--on", "--from=", "--to=x",
    "--=", "-1",
    "\u2028", "a\nb", "a\u202eb", "a\x1b[31mb", "a\udcffb", "\ud800", "x" * 5000, "9" * 30, "{0}", "{braces}", "%s",
    "[bold]x[/bold]",
    "[/]", "\u0663", "\uff12", "\u00bd", "\u0301" * 40, "a\tb", "a\rb", "\u200b", "warp", "loom", "2026-12-01", "1",
    "csv", "json",
    "--schedules=none", "--settings=none", "--dry-run", "--reason=", "--revision=0", "--revision=-1",
    "--revision=" + "9" * 30,
]
# fmt: on
_HOURS = [
    "09:00",
    "9:00",
    "24:00",
    "02:30",
    "-1:00",
    "\u0660\u0669:\u0660\u0660",
    "09:00:00",
    "9",
    "09.00",
    "09:00-05:00",
    "x",
    "",
]
_OPTIONS = {
    **{f"--{key}": pool for key, pool in BY_KEY.items()},
    **dict.fromkeys(("--settings", "--output", "-o", "--schedules", "--site-key", "--qr"), _FILES),
    **dict.fromkeys(("--to", "--on", "--again", "--start", "--born", "--measured", "--date", "--from"), DATES),
    **dict.fromkeys(("--revision", "--days", "--height", "--weight", "--percent", "--dose", "--anc"), NUMBERS),
    "--at": [*_HOURS, *TIMES],
    "--hours": [
        "24,48",
        "24,,48",
        ",",
        "\u0662\u0664",
        "24;48",
        "9" * 5000,
        "-24",
        "24.5",
        "\u00b2\u2074",
        "",
        "0x18",
        "1" * 30,
    ],
    "--amount": [
        "20 mg/m2",
        "20",
        " mg/m2",
        "1e3 mg/m2",
        "\u0662 mg/m2",
        "-1 mg/m2",
        "9" * 40 + " mg/m2",
        "20  mg/m2",
        "20 mg",
        "nan mg/m2",
    ],
    "--timezone": ZONES,
    "--diagnostic-it": [
        "2026-11-30:umbrate",
        ":",
        "x:y",
        "2026-11-30:",
        ":umbrate",
        "0001-01-01:umbrate",
        "2026-11-30:umbrate:x",
    ],
    "--despite": ["S23", "s23", "S0", "", "x", "S22", "{0}"],
    "--level": BY_KEY["level"],
}


def commands(rng: Random, *, pressed: bool) -> tuple[str, ...]:
    """The words of one command, with what nobody would type among them."""
    words = list(rng.choice(_PRESSED if pressed else COMMANDS))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(1, len(words)) if len(words) > 1 else 0
        option = words[at - 1]
        match rng.randrange(9):
            case 0:
                words.insert(at, rng.choice(_WORDS))
            case 1 if len(words) > 1:
                del words[at]
            case 2:
                words.insert(at, words[at])
            case 3:
                words[at] = rng.choice(_WORDS)
            case 4 if words[at] == RECORD:
                words[at] = rng.choice(_FILES)
            case _ if option.startswith("-") and option in _OPTIONS:
                words[at] = rng.choice(_OPTIONS[option])
            case _ if not words[at].startswith("-"):
                words[at] = rng.choice(_plain(words[at]))
    return tuple(each.replace("\x00", "") for each in words)


def _plain(word: str) -> list[str]:
    """Others of the kind of an argument."""
    if word.startswith("20"):
        return DATES
    if word.isdigit():
        return NUMBERS
    if "/" in word:
        return BY_KEY["id"]
    if "." in word:
        return _FILES
    return [*BY_KEY["course"], *BY_KEY["agent"], *TEXTS]
