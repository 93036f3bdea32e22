"""Times of the day, durations and dates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Clock, Date, Duration, Ordinal, Span, Year

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .customs import Customs
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

_DASH: Final = re.compile(r"[ \u00a0]?[-‐‑–—~〜～][ \u00a0]?")
_ISO: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?![0-9]|[-/.][0-9])")
_SHORT: Final = re.compile(
    r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})"
    r"(?![0-9]|[/.:][0-9]|-(?![0-9]{1,2}[/.][0-9]{1,2}[/.][0-9])[0-9])"
)
_ISO_TIME: Final = re.compile(r"T(?=[0-9]{2}:[0-9]{2})")
_DECADE: Final = re.compile(r"['’]?([0-9]{1,3}0)['’]?s(?!\w)")
_MONTHS: Final = 12
_DAYS: Final = 31
_HOURS: Final = 24
_MINUTES: Final = 60
_LAST_WORD: Final = re.compile(r"([^\W\d_]+)\s\Z")
_DURATION: Final = re.compile(
    r"(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{2})(?![0-9:])(?:[.,][0-9]+)?(?:\s?(?:h|hrs?|Std)\b\.?)?"
)
_CLOSING_HOUR: Final = re.compile(r"(?:1[0-2]|[1-9])(?![\w%]|[.,:/-][0-9]|\s?(?:min|hour|%))")
_NO_CLOCK: Final = re.compile(r"[0-9]|:[0-9]|\.[0-9]|,[0-9]{3}|[ \u00a0\u202f][0-9]{3}(?![0-9])")


class Times:
    """The rules, made for a language's customs.

    Attributes:
        heads: words at which a rule may hold.
    """

    def __init__(self, customs: Customs) -> None:
        self._customs = customs
        edge = r"(?!\w)" if customs.is_spaced else ""
        self.heads = {*customs.months, *customs.halves, "t"}
        halves = _any_of(customs.halves)
        self._half = re.compile(rf"\s?({halves}){edge}", re.IGNORECASE) if halves else None
        self._half_first = re.compile(rf"({halves})\s?(?=[0-9])", re.IGNORECASE) if halves else None
        marks = re.escape(customs.clock_marks)
        letters = "".join(mark for mark in customs.clock_marks if mark.isalpha())
        blank = r"[ \u00a0\u202f]?"
        self._clock = re.compile(
            rf"(?P<hour>[0-9]{{1,2}})(?:(?P<mark>{blank}[{letters}]{blank}|[{marks}])(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}))?)"
            if letters
            else rf"(?P<hour>[0-9]{{1,2}})(?P<mark>[{marks}])(?P<minute>[0-9]{{2}})(?::(?P<second>[0-9]{{2}}))?"
        )
        self._bare = re.compile(rf"(?P<hour>[0-9]{{1,2}}){blank}[{letters}]{edge}") if letters else None
        self._hour = re.compile(r"[0-9]{1,2}(?![0-9])")
        self._clock_words = re.compile(rf"(?:{customs.clock_words}){edge}") if customs.clock_words else None
        names = _any_of(customs.months)
        between = customs.between_date
        day = "(?P<day>[0-9]{1,2})"
        year = rf"(?:(?P<comma>,?\s|{between}|-)(?P<year>[0-9]{{4}})(?![0-9]|[.,:][0-9]))?"
        if names:
            # The stop of an abbreviated month; elsewhere it may end the sentence.
            dot = r"(?:\.(?=\s(?:[0-9a-z]|(?-i:[ß-ÿа-яё]))|[,;)]))?"
            dash, marked = r"\s?[-–—]\s?", rf"(?:{customs.day_marks or '(?!)'})?"
            self._day_first = re.compile(
                rf"(?:(?P<from>[0-9]{{1,2}}){marked}{dash})?{day}{marked}(?:{between}|-)(?P<month>{names}){dot}(?!\w){year}",
                re.IGNORECASE,
            )
            until = rf"(?:{dash}(?P<until>[0-9]{{1,2}}){marked}(?![0-9\w]))?"
            self._month_first = re.compile(
                rf"(?P<month>{names})\.?\s{day}{marked}(?![0-9\w]|[:.,][0-9]){until}{year}",
                re.IGNORECASE,
            )
            self._month = re.compile(
                rf"(?P<month>{names})\.?(?:,?\s|{between})(?P<year>[0-9]{{4}})(?![0-9\w]|[.,:][0-9])", re.IGNORECASE
            )
        self._has_months = bool(names)

    def read(self, text: str, at: int) -> Match:
        """Read a date or a time of the day."""
        first = text[at]
        if first.isdigit():
            if at and (text[at - 1].isdigit() or (text[at - 1] in ".,:" and text[at - 2 : at - 1].isdigit())):
                return None
            return (
                self._read_decade(text, at)
                or self._read_dates(text, at)
                or self._read_worded(text, at)
                or self._read_clocks(text, at)
            )
        if first.isalpha():
            return self._read_half_first(text, at) or self._read_month(text, at) or self._read_iso_time(text, at)
        return self._read_decade(text, at) if first in "'’" else None

    def _read_decade(self, text: str, at: int) -> Match:
        if not self._customs.has_decades or text[at - 1 : at].isalnum():
            return None
        found = _DECADE.match(text, at)
        if found is None or (len(found[1]) == 3 or (len(found[1]) == 2 and text[at].isdigit() and found[1] < "20")):
            return None
        return found.end(), Year(found[1], is_decade=True)

    def _read_dates(self, text: str, at: int) -> Match:
        """Read a date, or two with a dash between them: "6/1/2025–5/31/2026"."""
        first = self._read_date(text, at)
        dash = _DASH.match(text, first[0]) if first is not None else None
        last = self._read_date(text, dash.end()) if dash is not None else None
        return first if first is None or last is None else (last[0], Span(first[1], last[1]))

    def _read_date(self, text: str, at: int) -> Match:
        found = _ISO.match(text, at)
        if found is not None:
            year, mark, month, day = found.groups()
            if _is_day(int(month), int(day)):
                end = found.end()
                if (
                    mark == "."
                    and text[end : end + 1] == "."
                    and text[end + 1 : end + 2].isspace()
                    and not self._customs.is_spaced
                ):
                    end += 1
                return end, Date(year, int(month), int(day), "ymd")
            return None
        found = _SHORT.match(text, at)
        if found is None:
            return None
        first, mark, second, year = found.groups()
        order = "dmy" if mark == "." or self._customs.date_order != "mdy" else "mdy"
        if len(year) == 2 and mark == "-":
            return None  # a code, or a score in sets
        day, month = (first, second) if order == "dmy" else (second, first)
        if not _is_day(int(month), int(day)):
            day, month, order = month, day, order[1::-1] + "y"
        if not _is_day(int(month), int(day)):
            return None
        return found.end(), Date(year, int(month), int(day), order)

    def _read_worded(self, text: str, at: int) -> Match:
        if not self._has_months:
            return None
        found = self._day_first.match(text, at)
        if found is None or not _is_day(1, int(found["day"])):
            return None
        year = found["year"] or ""
        order = "dmy" if year else "dm"
        date = Date(year, self._customs.months[found["month"].lower()], int(found["day"]), order, is_worded=True)
        if found["from"]:
            return found.end(), Span(Ordinal(found["from"]), date)
        return found.end(), date

    def _read_month(self, text: str, at: int) -> Match:
        if not self._has_months or text[at - 1 : at].isalnum():
            return None
        if self._customs.months_first and (found := self._month_first.match(text, at)) is not None:
            day, year = found["day"], found["year"] or ""
            month = self._customs.months[found["month"].lower()]
            if _is_day(month, int(day)):
                order = "mdy" if year else "md"
                if not found["until"]:
                    return found.end(), Date(year, month, int(day), order, is_worded=True)
                start = Date("", month, int(day), "md", is_worded=True)
                end = found.start("comma") if year else found.end()  # a year behind two days is read by itself
                return end, Span(start, Ordinal(found["until"]))
        found = self._month.match(text, at)
        if found is None:
            return None
        month = self._customs.months[found["month"].lower()]
        return found.end(), Date(found["year"], month, None, "my", is_worded=True)

    def _read_half_first(self, text: str, at: int) -> Match:
        found = self._half_first.match(text, at) if self._half_first is not None else None
        if found is None:
            return None
        clock = self._read_clock(text, found.end())
        if clock is None:
            return None
        end, token = clock
        half = self._customs.halves[found[1].lower()]
        return end, Clock(token.hour, token.minute, token.second, half, found[1])

    def _read_iso_time(self, text: str, at: int) -> Match:
        if not text[at - 1 : at].isdigit():
            return None
        found = _ISO_TIME.match(text, at)
        return self._read_clock(text, found.end()) if found is not None else None

    def _read_clocks(self, text: str, at: int) -> Match:
        duration = self._read_duration(text, at)
        if duration is not None:
            return duration
        first = self._read_clock(text, at)
        start = first if first is not None else self._read_hour(text, at)
        if start is None:
            return None
        dash = _DASH.match(text, start[0])
        if dash is not None:
            last = self._read_clock(text, dash.end())
            if last is not None:
                return last[0], Span(start[1], last[1])
            closing = _CLOSING_HOUR.match(text, dash.end()) if self._customs.months_first and first else None
            if closing is not None:  # "8:30–4"
                return closing.end(), Span(start[1], Clock(int(closing[0])))
        return first

    def _read_duration(self, text: str, at: int) -> Match:
        found = _DURATION.match(text, at)
        if found is None or found[0][-3] in ".,":
            return None
        before = _LAST_WORD.search(text, max(0, at - 40), at)
        if before is None or before[1].lower() not in self._customs.duration_cues:
            return None
        if self._half is not None and self._half.match(text, found.end()):
            return None
        hours, minutes, seconds = found.groups()
        if int(seconds) >= _MINUTES or (hours and int(minutes) >= _MINUTES):
            return None
        if not hours and before[1].lower() == "in" and int(minutes) <= _HOURS:
            return None  # "in 4:05" may be a time of the day, "in 42:15" cannot
        return found.end(), Duration(int(hours) if hours else None, int(minutes), int(seconds))

    def _read_hour(self, text: str, at: int) -> tuple[int, Clock] | None:
        """Read the first hour of "9–17 Uhr": what tells that it is one stands at the last."""
        found = self._hour.match(text, at)
        if found is None or int(found[0]) > _HOURS:
            return None
        return found.end(), Clock(int(found[0]))

    def _read_clock(self, text: str, at: int) -> tuple[int, Clock] | None:
        found = self._clock.match(text, at)
        minute = second = None
        is_told = False
        mark = ""
        if found is not None:
            minute, mark = int(found["minute"]), found["mark"].strip()
            second = int(found["second"]) if found["second"] else None
            is_told = mark != "."
        elif self._bare is not None:
            found = self._bare.match(text, at)
            is_told = found is not None
        if found is None:
            found = self._hour.match(text, at)
        if found is None:
            return None
        hour, end = int(found["hour"] if "hour" in found.groupdict() else found[0]), found.end()
        if hour > _HOURS or (minute or 0) >= _MINUTES or (second or 0) >= _MINUTES or _NO_CLOCK.match(text, end):
            return None
        half = ""
        if self._half is not None and (behind := self._half.match(text, end)) is not None and hour <= 12:
            half, end, is_told = behind[1], behind.end(), True
        if self._clock_words is not None and (words := self._clock_words.match(text, end)) is not None:
            end, is_told = words.end(), True
        if not is_told:
            return None
        return end, Clock(hour, minute, second, self._customs.halves[half.lower()] if half else "", half)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _is_day(month: int, day: int) -> bool:
    return 1 <= month <= _MONTHS and 1 <= day <= _DAYS
