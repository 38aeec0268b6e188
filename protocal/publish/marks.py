"""A file -> whether it is a sheet, feed, workbook or code that we made, or a patient's record."""

from __future__ import annotations

import re
from pathlib import Path

_MARK_WITHIN = 64_000_000
_PDF_END = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF\s*\Z")
_PDF_MARK = re.compile(rb"/ID \[\(protocal [^()]*\) \([0-9a-f]+\)\]")
_FEED_MARK = re.compile(rb"BEGIN:VCALENDAR\r\n(?:(?!BEGIN:).*\r\n)*?PRODID:-//protocal//")
_WORKBOOK_MARK = re.compile(rb"PK\x03\x04.{26}docProps/core\.xml<\?xml [^\0]*?<dc:creator>protocal ", re.DOTALL)
_WORKBOOK_MARK_WITHIN = 64_000
_CODE_MARK = re.compile(rb"<\?xml [^>]*\?>\n<!-- protocal [^>]* -->\n<svg ")

_RECORD_HEAD, _RECORD_TAIL = 64_000, 8_000  # of a log of megabytes
_BEFORE_KEY = rb"(?:^|[\r\n{,])[ \t]*[\"']?"
_RECORD_MARK = re.compile(
    _BEFORE_KEY + rb"(?:key|seal)[\"']?[ \t]*:\s*[\"']?[0-9a-f]{32}\b"  # a header's key, an entry's seal
    rb"|^# A patient's record of protocal"
)
_PATIENTS = re.compile(rb"(?:^|[\r\n]|[{,][ \t]*)[\"']?(key|created|born|sex|timezone|log)[\"']?[ \t]*:", re.IGNORECASE)
_ENOUGH = 3  # different keys of a header, of one whose own marks are broken
_STARTS = b"\xef\xbb\xbf\xff\xfe"  # what other encodings put before the first key


def is_ours(target: Path) -> bool:
    """Whether a file is a sheet, feed, workbook or code as we wrote it: it bears our mark at the mark's own place.

    What another program saved again is the user's own. An empty file is nobody's, and may be replaced. Raises OSError.
    """
    with target.open("rb") as stream:
        data = stream.read(_MARK_WITHIN)
    if data.startswith(b"%PDF-"):
        end = _PDF_END.search(data, max(0, len(data) - 64))
        return bool(end and data.count(b"%%EOF") == 1 and _PDF_MARK.search(data, int(end[1])))
    if data.startswith(b"PK"):
        return bool(_WORKBOOK_MARK.search(data, 0, _WORKBOOK_MARK_WITHIN))
    return not data or bool(_FEED_MARK.match(data) or _CODE_MARK.match(data))


def is_record(target: Path) -> bool:
    """Whether a file is a patient's record, or what is left of one: by the keys of its header, or a seal at its end.

    However it is named and laid out, and broken ones too. Raises OSError.
    """
    with target.open("rb") as stream:
        head = stream.read(_RECORD_HEAD)
        stream.seek(max(0, stream.seek(0, 2) - _RECORD_TAIL))
        data = (head + b"\n" + stream.read()).replace(b"\0", b"").lstrip(_STARTS)  # UTF-16, too
    keys = {found.lower() for found in _PATIENTS.findall(data)}
    return bool(_RECORD_MARK.search(data)) or len(keys) >= _ENOUGH
