"""A generator of pointers: one workbook for each way in which a file can point at cells."""

from __future__ import annotations

from dataclasses import dataclass

from workbook.opc.package import sheet_parts
from workbook.opc.relations import add_relation, set_content_type
from workbook.opc.xml import MAIN, RELATION

X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
XDR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CHARTEX = "http://schemas.microsoft.com/office/drawing/2014/chartex"
MAIN_NAMES = f'xmlns="{MAIN}" xmlns:r="{RELATION}"'
DRAWING_NAMES = f'xmlns:xdr="{XDR}" xmlns:a="{DRAWING}" xmlns:c="{CHART}" xmlns:r="{RELATION}"'
TYPE = "application/vnd.openxmlformats-officedocument."
MS_RELATION = "http://schemas.microsoft.com/office"


@dataclass(frozen=True)
class Kind:
    """A way to point at cells: where it must be said to stand, and how it comes into a file.

    A text of XML goes into the sheet, a list of parts goes beside it: name, kind of relationship,
    content type and XML. `{ref}` is a reference, `{sheet}` the name of a sheet.
    """

    name: str
    place: str
    xml: str | tuple[tuple[str, str, str, str], ...]


def in_cell(formula):
    return f'<sheetData><row r="5"><c r="C5">{formula}<v>1</v></c></row></sheetData>'


def extension(inner):
    return f'<extLst><ext xmlns:x14="{X14}" xmlns:xm="{XM}" uri="x">{inner}</ext></extLst>'


def drawing(inner, *more, anchored="graphicFrame"):
    xml = f"<xdr:wsDr {DRAWING_NAMES}><xdr:twoCellAnchor>{inner}</xdr:twoCellAnchor></xdr:wsDr>"
    return (("drawings/drawing9.xml", "drawing", f"{TYPE}drawing+xml", xml), *more)


def named(name, kind):
    return f'<xdr:nv{kind}Pr><xdr:cNvPr id="2" name="{name}"/></xdr:nv{kind}Pr>'


def frame(inner):
    head = named("Chart 1", "GraphicFrame")
    return f"<xdr:graphicFrame>{head}<a:graphic>{inner}</a:graphic></xdr:graphicFrame>"


def chart(inner):
    xml = f'<c:chartSpace xmlns:c="{CHART}" xmlns:c15="urn:c15">{inner}</c:chartSpace>'
    return drawing(
        frame('<c:chart r:id="rId1"/>'),
        ("charts/chart9.xml", "chart", f"{TYPE}drawingml.chart+xml", xml),
    )


def chartex(inner):
    xml = f'<cx:chartSpace xmlns:cx="{CHARTEX}">{inner}</cx:chartSpace>'
    return drawing(
        frame('<c:chart r:id="rId1"/>'),
        (
            "charts/chartEx1.xml",
            f"{MS_RELATION}/2014/relationships/chartEx",
            "application/vnd.ms-office.chartex+xml",
            xml,
        ),
    )


def vml(inner):
    xml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="_x0000_s1025">'
        f"<v:textbox><div>Run<br></div></v:textbox>{inner}</v:shape></xml>"
    )
    kind = f"{TYPE}vmlDrawing"
    return (("drawings/vmlDrawing9.vml", "vmlDrawing", kind, xml),)


def table(inner):
    xml = (
        f'<table {MAIN_NAMES} id="9" name="Facts" displayName="Facts" ref="A1:B3"><tableColumns count="1">'
        f'<tableColumn id="1" name="a">{inner}</tableColumn></tableColumns></table>'
    )
    return (("tables/table9.xml", "table", f"{TYPE}spreadsheetml.table+xml", xml),)


def pivot(source):
    xml = f"<pivotCacheDefinition {MAIN_NAMES}>{source}</pivotCacheDefinition>"
    pivot_table = f'<pivotTableDefinition {MAIN_NAMES} name="Pivot 1"/>'
    return (
        ("pivotTables/pivotTable9.xml", "pivotTable", f"{TYPE}spreadsheetml.pivotTable+xml",
         pivot_table),
        ("pivotCache/pivotCacheDefinition9.xml", "pivotCacheDefinition",
         f"{TYPE}spreadsheetml.pivotCacheDefinition+xml", xml),
    )  # fmt: skip


def control(attributes):
    xml = f'<formControlPr xmlns="{X14}" objectType="CheckBox" {attributes}/>'
    return (
        ("ctrlProps/ctrlProp9.xml", "ctrlProp", "application/vnd.ms-excel.controlproperties+xml",
         xml),
    )  # fmt: skip


RULE = '<conditionalFormatting sqref="C5:C6"><cfRule type="{0}" priority="1">{1}</cfRule></conditionalFormatting>'
RULE14 = (
    '<x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type="dataBar">{0}'
    "</x14:cfRule><xm:sqref>C5:C6</xm:sqref></x14:conditionalFormatting>"
    "</x14:conditionalFormattings>"
)
SPARKLINE = (
    "<x14:sparklineGroups><x14:sparklineGroup>{0}<x14:sparklines><x14:sparkline><xm:f>{1}</xm:f>"
    "<xm:sqref>C5</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
    "</x14:sparklineGroups>"
)
BOX = f'<xdr:sp macro="" textlink="{{ref}}">{named("Box 1", "Sp")}</xdr:sp>'
CAMERA = (
    f'<xdr:pic>{named("Photo", "Pic")}<a:ext uri="x"><a14:cameraTool '
    'xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" cellRange="{ref}"/></a:ext>'
    "</xdr:pic>"
)
CLICK = (
    '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="Photo"><a:hlinkClick r:id="rId1"/></xdr:cNvPr>'
    "</xdr:nvPicPr></xdr:pic>"
)

KINDS = [
    Kind("formula", "Sheet1!C5", in_cell("<f>SUM({ref})+A1</f>")),
    Kind("shared formula", "Sheet1!C5", in_cell('<f t="shared" si="0" ref="C5:C6">{ref}</f>')),
    Kind("array formula", "Sheet1!C5", in_cell('<f t="array" ref="C5:C6">{ref}</f>')),
    Kind("data table", "Sheet1!C5", in_cell('<f t="dataTable" ref="C5:C6" r1="{ref}"/>')),
    Kind("text read by INDIRECT", "Sheet1!C5", in_cell('<f>INDIRECT("{ref}")</f>')),
    Kind("text read by HYPERLINK", "Sheet1!C5", in_cell('<f>HYPERLINK("#{ref}","x")</f>')),
    Kind("sum through sheets", "Sheet1!C5", in_cell("<f>SUM({sheet}:{sheet}!C10)</f>")),
    Kind("conditional format", "Sheet1!C5:C6 (conditional format)",
         RULE.format("expression", "<formula>{ref}&gt;1</formula>")),
    Kind("colour scale", "Sheet1!C5:C6 (conditional format)",
         RULE.format("colorScale", '<colorScale><cfvo type="num" val="{ref}"/></colorScale>')),
    Kind("conditional format kept apart", "Sheet1!C5:C6 (conditional format)",
         extension(RULE14.format("<xm:f>{ref}</xm:f>"))),
    Kind("data bar kept apart", "Sheet1!C5:C6 (conditional format)",
         extension(RULE14.format('<x14:dataBar><x14:cfvo type="num"><xm:f>{ref}</xm:f></x14:cfvo>'
                                 "</x14:dataBar>"))),
    Kind("validation", "Sheet1!C5:C6 (validation)",
         '<dataValidations><dataValidation type="list" sqref="C5:C6"><formula1>{ref}</formula1>'
         "</dataValidation></dataValidations>"),
    Kind("upper limit of a validation", "Sheet1!C5 (validation)",
         '<dataValidations><dataValidation type="whole" sqref="C5"><formula1>1</formula1>'
         "<formula2>{ref}</formula2></dataValidation></dataValidations>"),
    Kind("validation kept apart", "Sheet1!C5 (validation)",
         extension("<x14:dataValidations><x14:dataValidation><x14:formula1><xm:f>{ref}</xm:f>"
                   "</x14:formula1><xm:sqref>C5</xm:sqref></x14:dataValidation>"
                   "</x14:dataValidations>")),
    Kind("sparkline", "Sheet1!C5 (sparkline)", extension(SPARKLINE.format("", "{ref}"))),
    Kind("dates of sparklines", "dates of sparklines on Sheet1",
         extension(SPARKLINE.format("<xm:f>{ref}</xm:f>", "A1:B1"))),
    Kind("hyperlink", "Sheet1!C5 (hyperlink)",
         '<hyperlinks><hyperlink ref="C5" display="x" location="{ref}"/></hyperlinks>'),
    Kind("scenario", "scenario Bull on Sheet1",
         '<scenarios><scenario name="Bull"><inputCells r="{ref}" val="1"/></scenario></scenarios>'),
    Kind("consolidation", "consolidation on Sheet1",
         '<dataConsolidate><dataRefs><dataRef ref="A1:C10" sheet="{sheet}"/></dataRefs>'
         "</dataConsolidate>"),
    Kind("control in the sheet", "form control Box 2 on Sheet1",
         '<controls><control shapeId="3" name="Box 2"><controlPr linkedCell="{ref}"/></control>'
         "</controls>"),
    Kind("list of a control in the sheet", "form control Box 2 on Sheet1",
         '<controls><control shapeId="3" name="Box 2"><controlPr listFillRange="{ref}"/></control>'
         "</controls>"),
    Kind("macro of an embedded object", "embedded object on Sheet1",
         '<oleObjects><oleObject shapeId="3"><objectPr macro="{ref}"/></oleObject></oleObjects>'),
    Kind("web page", "web page on Sheet1",
         '<webPublishItems><webPublishItem id="1" sourceType="range" sourceObject="{ref}"/>'
         "</webPublishItems>"),
    Kind("cell watch", "cell watch on Sheet1",
         '<cellWatches><cellWatch r="{ref}"/></cellWatches>'),
    Kind("web add-in", "web add-in on Sheet1",
         extension('<x15:webExtension xmlns:x15="urn:x15"><xm:f>{ref}</xm:f></x15:webExtension>')),
    Kind("chart", "chart Chart 1 on Sheet1",
         chart("<c:ser><c:val><c:numRef><c:f>{ref}</c:f></c:numRef></c:val></c:ser>")),
    Kind("title of a chart", "chart Chart 1 on Sheet1",
         chart("<c:title><c:tx><c:strRef><c:f>{ref}</c:f></c:strRef></c:tx></c:title>")),
    Kind("filtered series", "chart Chart 1 on Sheet1",
         chart("<c15:fullRef><c15:sqref>{ref}</c15:sqref></c15:fullRef>")),
    Kind("pivot chart", "chart Chart 1 on Sheet1",
         chart("<c:pivotSource><c:name>[model.xlsx]{sheet}!Pivot 1</c:name></c:pivotSource>")),
    Kind("new chart", "chart Chart 1 on Sheet1",
         chartex('<cx:numDim type="val"><cx:f dir="row">{ref}</cx:f></cx:numDim>')),
    Kind("name of a new chart", "chart Chart 1 on Sheet1",
         chartex('<cx:strDim type="cat"><cx:f>A1</cx:f><cx:nf>{ref}</cx:nf></cx:strDim>')),
    Kind("text box", "text box Box 1 on Sheet1", drawing(BOX)),
    Kind("text box in a group", "text box Box 1 on Sheet1",
         drawing(f"<xdr:grpSp>{BOX}</xdr:grpSp>")),
    Kind("macro of a picture", "picture Photo on Sheet1",
         drawing(f'<xdr:pic macro="{{ref}}">{named("Photo", "Pic")}</xdr:pic>')),
    Kind("macro of a connector", "connector Arrow on Sheet1",
         drawing(f'<xdr:cxnSp macro="{{ref}}">{named("Arrow", "CxnSp")}</xdr:cxnSp>')),
    Kind("macro of a frame", "frame Chart 1 on Sheet1",
         drawing(frame("").replace("<xdr:graphicFrame>", '<xdr:graphicFrame macro="{ref}">'))),
    Kind("linked picture", "picture Photo on Sheet1", drawing(CAMERA)),
    Kind("link of a picture", "picture Photo on Sheet1",
         (*drawing(CLICK), ("", "hyperlink", "", "#{ref}"))),
    Kind("link under the pointer", "picture Photo on Sheet1",
         (*drawing(CLICK.replace("Click", "Hover")), ("", "hyperlink", "", "#{ref}"))),
    Kind("macro in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Button"><x:FmlaMacro>{ref}</x:FmlaMacro></x:ClientData>')),
    Kind("group in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Radio"><x:FmlaGroup>{ref}</x:FmlaGroup></x:ClientData>')),
    Kind("picture in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Pict"><x:FmlaPict>{ref}</x:FmlaPict></x:ClientData>')),
    Kind("control in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Scroll"><x:FmlaLink>{ref}</x:FmlaLink></x:ClientData>')),
    Kind("list in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Drop"><x:FmlaRange>{ref}</x:FmlaRange></x:ClientData>')),
    Kind("text of a control in an old drawing", "drawn control _x0000_s1025 on Sheet1",
         vml('<x:ClientData ObjectType="Label"><x:FmlaTxbx>{ref}</x:FmlaTxbx></x:ClientData>')),
    Kind("link of a shape in an old drawing", "drawn control s2 on Sheet1",
         vml('<v:shape id="s2" href="#{ref}"/>')),
    Kind("form control", "form control ctrlProp9.xml on Sheet1", control('fmlaLink="{ref}"')),
    Kind("list of a form control", "form control ctrlProp9.xml on Sheet1",
         control('fmlaRange="{ref}"')),
    Kind("text of a form control", "form control ctrlProp9.xml on Sheet1",
         control('fmlaTxbx="{ref}"')),
    Kind("calculated column", "column a of table Facts on Sheet1",
         table("<calculatedColumnFormula>{ref}*2</calculatedColumnFormula>")),
    Kind("total of a table", "column a of table Facts on Sheet1",
         table("<totalsRowFormula>SUM({ref})</totalsRowFormula>")),
    Kind("pivot source", "pivot table Pivot 1 on Sheet1",
         pivot('<cacheSource type="worksheet"><worksheetSource sheet="{sheet}" ref="A1:C10"/>'
               "</cacheSource>")),
    Kind("pivot source of several ranges", "pivot table Pivot 1 on Sheet1",
         pivot('<consolidation><rangeSets><rangeSet ref="A1:C10" sheet="{sheet}"/></rangeSets>'
               "</consolidation>")),
    Kind("cell of a query", "connection Prices on Sheet1",
         (("connections.xml", "connections", f"{TYPE}spreadsheetml.connections+xml",
           f'<connections {MAIN_NAMES}><connection id="1" name="Prices"><parameters>'
           '<parameter parameterType="cell" cell="{ref}"/></parameters></connection>'
           "</connections>"),)),
    Kind("range of a data model", "connection Model on Sheet1",
         (("connections.xml", "connections", f"{TYPE}spreadsheetml.connections+xml",
           f'<connections {MAIN_NAMES} xmlns:x15="urn:x15"><connection id="1" name="Model">'
           '<x15:rangePr sourceName="{ref}"/></connection></connections>'),)),
    Kind("document property", "document property Total on Sheet1",
         (("docProps/custom9.xml", "custom-properties", f"{TYPE}custom-properties+xml",
           '<Properties xmlns="urn:p"><property name="Total" linkTarget="{ref}"/></Properties>'),)),
    Kind("dynamic data exchange", "link through DDE on Sheet1",
         (("externalLinks/externalLink9.xml", "externalLink",
           f"{TYPE}spreadsheetml.externalLink+xml",
           f'<externalLink {MAIN_NAMES}><ddeLink ddeService="Excel" ddeTopic="C:\\desk\\model.xlsx">'
           '<ddeItems><ddeItem name="{sheet}!R10C3"/></ddeItems></ddeLink></externalLink>'),)),
    Kind("link of an embedded object", "link through OLE on Sheet1",
         (("externalLinks/externalLink9.xml", "externalLink",
           f"{TYPE}spreadsheetml.externalLink+xml",
           f'<externalLink {MAIN_NAMES}><oleLink r:id="rId1" progId="Excel.Sheet.12"><oleItems>'
           '<oleItem name="!{sheet}!R10C3"/></oleItems></oleLink></externalLink>'),
          ("", "oleObject", "", "model.xlsx"))),
    Kind("range that a connection reads", "connection Own on Sheet1",
         (("connections.xml", "connections", f"{TYPE}spreadsheetml.connections+xml",
           f'<connections {MAIN_NAMES}><connection id="1" type="100" name="Own">'
           r'<dbPr connection="WORKSHEET;C:\desk\model.xlsx" command="{ref}"/></connection>'
           "</connections>"),)),
]  # fmt: skip


def point(parts, kind, ref="Inputs!$C$10", sheet="Inputs", on="Sheet1"):
    """Give the parts of a workbook with a pointer of a kind on one of its sheets."""
    parts = dict(parts)
    part = sheet_parts(parts)[on]

    def filled(text):
        return text.replace("{ref}", ref).replace("{sheet}", sheet)

    if isinstance(kind.xml, str):
        xml = filled(kind.xml)
        data = "" if "<sheetData>" in xml else "<sheetData/>"
        return {**parts, part: f"<worksheet {MAIN_NAMES}>{data}{xml}</worksheet>".encode()}
    source = part
    for name, relation, content, xml in kind.xml:
        way = relation if ":" in relation else f"{RELATION}/{relation}"
        if not content:
            target = filled(xml)
            add_relation(parts, source, way, target)
            rels = next(one for one in parts if one.endswith(f"{source.rpartition('/')[2]}.rels"))
            old = f'Target="/{target}"'.encode()
            new = f'Target="{target}" TargetMode="External"'.encode()
            parts[rels] = parts[rels].replace(old, new)
            continue
        target = f"xl/{name}"
        parts[target] = filled(xml).encode()
        add_relation(parts, source, way, target)
        set_content_type(parts, target, content)
        source = target
    return parts
