"""Charts of a plan as openpyxl draws them."""

from __future__ import annotations

from typing import Any, Final

from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabelList
from openpyxl.chart.legend import LegendEntry
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
)
from openpyxl.drawing.text import Font as ChartFont

from workbook.cells import Ref
from workbook.model.plan import Chart, ChartSeries
from workbook.style import FONT, GRID, INK, NAVY

TITLE_SIZE: Final = 1100
TEXT_SIZE: Final = 800
MARKER_SIZE: Final = 8


def bar_chart(chart: Chart) -> BarChart:
    """Draw a bar chart, with points laid over the bars where it has any."""
    made = BarChart()
    made.type = "bar" if chart.horizontal else "col"
    stacked = chart.kind == "stacked"
    made.grouping, made.overlap, made.gapWidth = chart.kind, 100 if stacked else 0, 60
    made.title, made.style = _title(chart.title, TITLE_SIZE, bold=True), 10
    made.y_axis.title = _title(chart.unit, TEXT_SIZE)
    made.y_axis.number_format = chart.number_format
    made.y_axis.majorGridlines = ChartLines(
        spPr=GraphicalProperties(ln=LineProperties(solidFill=GRID))
    )
    made.x_axis.delete = made.y_axis.delete = False
    made.x_axis.tickLblPos = "low"
    if chart.horizontal:
        made.x_axis.scaling.orientation = "maxMin"  # the first category on top
    for axis in (made.x_axis, made.y_axis):
        axis.txPr = _small_print()
    made.legend.position = "b"
    made.legend.txPr = _small_print()
    made.anchor = _covering(chart.place)  # type: ignore[assignment]
    for series in chart.series:
        made.append(_bars(series, labelled=not stacked))
    made.set_categories(Reference(range_string=chart.categories.there))
    if chart.markers:
        made += _points(chart)
    hidden = [index for index, series in enumerate(chart.series) if _unnamed(series, chart)]
    made.legend.legendEntry = [LegendEntry(idx=index, delete=True) for index in hidden]
    return made


def _covering(place: Ref) -> TwoCellAnchor:
    """Pin a chart to cells, whatever their width in the program that shows it."""
    anchor = TwoCellAnchor(editAs="twoCell")
    anchor._from = AnchorMarker(col=place.column - 1, row=place.row - 1)
    anchor.to = AnchorMarker(col=place.last_column, row=place.last_row)
    return anchor


def _unnamed(series: ChartSeries, chart: Chart) -> bool:
    """Whether a series has no place in the legend: it is blank, or named there already."""
    names = [one.color for one in chart.series]
    again = names.index(series.color) < chart.series.index(series)
    return series.color is None or again


def _points(chart: Chart) -> LineChart:
    made = LineChart()
    for one in chart.markers:
        series = Series(Reference(range_string=one.values.there), title=one.title)
        series.marker.symbol, series.marker.size = one.marker, MARKER_SIZE
        series.marker.graphicalProperties = GraphicalProperties(solidFill=one.color)
        series.marker.graphicalProperties.line.solidFill = one.color
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
        series.smooth = False
        made.append(series)
    made.set_categories(Reference(range_string=chart.categories.there))
    return made


def _bars(series: ChartSeries, *, labelled: bool) -> Any:
    made = Series(Reference(range_string=series.values.there), title=series.title)
    if series.color is None:
        made.graphicalProperties.noFill = True
    else:
        made.graphicalProperties.solidFill = series.color
    made.graphicalProperties.line.noFill = True
    made.invertIfNegative = False
    if labelled:
        made.dLbls = DataLabelList(numFmt=series.number_format, showVal=True)
        made.dLbls.txPr = _small_print()
        for shown in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
            setattr(made.dLbls, shown, False)
    return made


def _title(text: str, size: int, *, bold: bool = False) -> Title:
    font = CharacterProperties(
        sz=size, b=bold, solidFill=NAVY if bold else INK, latin=ChartFont(typeface=FONT)
    )
    run = RegularTextRun(rPr=font, t=text)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=font), r=[run])
    return Title(tx=Text(rich=RichText(p=[paragraph])), overlay=False)


def _small_print() -> RichText:
    font = CharacterProperties(sz=TEXT_SIZE, solidFill=INK, latin=ChartFont(typeface=FONT))
    return RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=font), endParaRPr=font)])
