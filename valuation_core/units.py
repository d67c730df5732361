"""Units and argument types, stated once as annotations and read by every host.

A worksheet function annotates each argument and its result with one of the names below.
The unit and the number format travel with the annotation to help texts, templates and docs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any, Final, TypeAlias

import numpy as np

from valuation_core.book import Book
from valuation_core.result import ResultTable


class Takes(Enum):
    """What kind of cell value an argument accepts."""

    NUMBER = "number"
    TEXT = "text"
    NUMBER_OR_TEXT = "number or keyword"
    DATE = "date"
    FACTS = "rows of scope, metric, value"
    TABLE = "table with its header row"
    BOOK = "book"
    AXIS = "numbers along an axis"
    ARGUMENTS = "arguments of another function"


@dataclass(frozen=True, slots=True)
class Unit:
    """Unit of a figure and how a spreadsheet shows it."""

    name: str
    number_format: str = "General"
    takes: Takes = Takes.NUMBER


DAYS_A_YEAR: Final = 365.25

Number: TypeAlias = float | np.ndarray[Any, np.dtype[np.float64]]
"""A float or an array of them; what numpy.asarray takes, such as a list, will do too."""
Text: TypeAlias = Any
"""A text or an array of them."""

Probability = Annotated[Number, Unit("fraction", "0.0%")]
Fraction = Annotated[Number, Unit("fraction", "0.0%")]
Megawatts = Annotated[Number, Unit("MW", "#,##0.0")]
Months = Annotated[Number, Unit("months", "0.0")]
UsdPerBitcoin = Annotated[Number, Unit("USD", "#,##0")]
UsdPerPetahashDay = Annotated[Number, Unit("USD/PH/s-day", "0.00")]
UsdMillions = Annotated[Number, Unit("USD M", "#,##0.0")]
UsdPerMw = Annotated[Number, Unit("USD M/MW", "0.00")]
UsdPerMwOrLevel = Annotated[Any, Unit("USD M/MW or level", "0.00", Takes.NUMBER_OR_TEXT)]
Keyword = Annotated[Text, Unit("", takes=Takes.TEXT)]
Figure = Annotated[Any, Unit("", takes=Takes.NUMBER_OR_TEXT)]
Day = Annotated[date | str, Unit("date", "yyyy-mm-dd", Takes.DATE)]
BookTable = Annotated[Any, Unit("", takes=Takes.TABLE)]
Facts = Annotated[Any, Unit("", takes=Takes.FACTS)]
BookText = Annotated[Book, Unit("", takes=Takes.BOOK)]
Arguments = Annotated[Any, Unit("", takes=Takes.ARGUMENTS)]
Spill = Annotated[ResultTable, Unit("table")]
UsdPerShare = Annotated[Number, Unit("USD/share", "0.00")]
MillionShares = Annotated[Number, Unit("M shares", "#,##0.0")]
Days = Annotated[Number, Unit("days", "0")]
Years = Annotated[Number, Unit("years", "0")]
FractionPerYear = Annotated[Number, Unit("fraction/year", "0.00%")]
UsdMillionsPerMwYear = Annotated[Number, Unit("USD M/MW/year", "0.00")]
UsdPerGpu = Annotated[Number, Unit("USD/GPU", "#,##0")]
UsdPerGpuHour = Annotated[Number, Unit("USD/GPU/hour", "0.00")]
GpusPerMw = Annotated[Number, Unit("GPUs/MW", "#,##0")]
Axis = Annotated[Any, Unit("fraction or MW", "General", Takes.AXIS)]
Percentiles = Annotated[Any, Unit("fraction", "0.0%", Takes.AXIS)]
Edges = Annotated[Any, Unit("USD/share", "0.00", Takes.AXIS)]
Count = Annotated[Number, Unit("count", "#,##0")]
