"""Charts of a plan as openpyxl draws them."""

from __future__ import annotations

from typing import Any, Final

from openpyxl.chart import BarChart, LineChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.legend import Legend, LegendEntry
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
from workbook.model.plan import Chart, ChartSeries, HistogramChart, RangeChart, Stroke
from workbook.style import FONT, GRID, INK, NAVY

TITLE_SIZE: Final = 1100
TEXT_SIZE: Final = 800
MARKER_SIZE: Final = 8
BAR_WIDTH, LINE_WIDTH = 127_000, 22_225
"""Of the football field: 10 and 1.75 points, in the units of drawings."""
COLUMN_WIDTH: Final = 190_500
"""Of a histogram, 15 points: two dozen stand beside each other on a page."""


def drawn(chart: Chart | RangeChart | HistogramChart) -> BarChart | ScatterChart:
    """Draw a chart."""
    if isinstance(chart, Chart):
        return _bar_chart(chart)
    return _range_chart(chart) if isinstance(chart, RangeChart) else _histogram(chart)


def _scatter(chart: RangeChart | HistogramChart) -> ScatterChart:
    made = ScatterChart()
    made.scatterStyle, made.style = "lineMarker", 10
    made.title = _title(chart.title, TITLE_SIZE, bold=True)
    made.x_axis.title = _title(chart.unit, TEXT_SIZE)
    made.x_axis.number_format = chart.number_format
    made.x_axis.txPr = _small_print()
    made.x_axis.delete = False
    made.anchor = _covering(chart.place)  # type: ignore[assignment]
    return made


def _histogram(chart: HistogramChart) -> ScatterChart:
    """Draw bars as thick upright lines: a bar chart takes no lines at figures."""
    made = _scatter(chart)
    made.x_axis.majorGridlines = None
    made.x_axis.tickLblPos = "low"
    made.y_axis.delete = False
    made.y_axis.number_format = "0%"
    made.y_axis.majorGridlines = _grid()
    made.y_axis.txPr = _small_print()
    made.y_axis.scaling.min = 0.0
    made.y_axis.crosses = "min"
    titles = [one.title for one in chart.bars]
    again = [place for place, title in enumerate(titles) if titles.index(title) < place]
    hidden = [LegendEntry(idx=index, delete=True) for index in again]
    made.legend = Legend(legendPos="b", legendEntry=hidden, txPr=_small_print())
    for bar in chart.bars:
        made.append(_stroke(bar, COLUMN_WIDTH, named=False))
    for line in chart.lines:
        made.append(_stroke(line, LINE_WIDTH, named=False))
    return made


def _range_chart(chart: RangeChart) -> ScatterChart:
    """Draw bars as thick lines between points: a bar chart on its side takes no upright lines."""
    made = _scatter(chart)
    made.x_axis.majorGridlines = _grid()
    made.y_axis.delete = True
    made.y_axis.majorGridlines = None
    made.y_axis.scaling.min, made.y_axis.scaling.max = 0.0, chart.top
    hidden = [LegendEntry(idx=index, delete=True) for index in range(len(chart.bars))]
    made.legend = Legend(legendPos="b", legendEntry=hidden, txPr=_small_print())
    for stroke in chart.bars:
        made.append(_stroke(stroke, BAR_WIDTH, named=True))
    for stroke in chart.lines:
        made.append(_stroke(stroke, LINE_WIDTH, named=False))
    return made


def _stroke(stroke: Stroke, width: int, *, named: bool) -> Any:
    across, up = (Reference(range_string=ref.there) for ref in (stroke.values, stroke.heights))
    made = Series(up, across, title=stroke.title)
    line = LineProperties(w=width, cap="flat", solidFill=stroke.color)
    made.graphicalProperties = GraphicalProperties(ln=line)
    made.smooth = False
    # A bar without width, such as a single figure, is seen by its ends.
    made.marker.symbol = "square" if named else "none"
    if named:
        made.marker.size = MARKER_SIZE
        made.marker.graphicalProperties = GraphicalProperties(solidFill=stroke.color)
        made.marker.graphicalProperties.line.noFill = True
        first = DataLabel(idx=0, dLblPos="t", showSerName=True)
        made.dLbls = DataLabelList(dLbl=[first])
        for label in (first, made.dLbls):
            label.txPr = _small_print()
            for shown in ("showVal", "showCatName", "showLegendKey", "showPercent"):
                setattr(label, shown, False)
        made.dLbls.showSerName = False
    return made


def _bar_chart(chart: Chart) -> BarChart:
    """Draw a bar chart, with points laid over the bars where it has any."""
    made = BarChart()
    made.type = "bar" if chart.horizontal else "col"
    stacked = chart.kind == "stacked"
    made.grouping, made.overlap, made.gapWidth = chart.kind, 100 if stacked else 0, 60
    made.title, made.style = _title(chart.title, TITLE_SIZE, bold=True), 10
    made.y_axis.title = _title(chart.unit, TEXT_SIZE)
    made.y_axis.number_format = chart.number_format
    made.y_axis.majorGridlines = _grid()
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
    if not chart.legend:
        made.legend = None
    return made


def _grid() -> ChartLines:
    return ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill=GRID)))


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
