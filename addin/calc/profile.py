"""A throw-away LibreOffice profile in which our functions are declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from addin.calc.names import INTERFACE, MODULE, SERVICE, method_of
from valuation_core.catalogue.cards import Card
from valuation_core.catalogue.catalogue import catalogue

COMPONENT: Final = Path(__file__).with_name("component.py")

_REGISTRY: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" \
xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" \
oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Misc"><prop oor:name="FirstRun" \
oor:op="fuse"><value>false</value></prop></item>
<item oor:path="/org.openoffice.Office.CalcAddIns/AddInInfo">{functions}</item>
</oor:items>
"""

_SERVICES: Final = """<?xml version="1.0" encoding="UTF-8"?>
<components xmlns="http://openoffice.org/2010/uno-components">
<component loader="com.sun.star.loader.Python" uri={uri}>
<implementation name="{service}"><service name="{service}"/></implementation>
</component>
</components>
"""


def write_profile(folder: Path) -> None:
    """Write the profile: interface, component registration, settings and function texts."""
    user = folder / "user"
    user.mkdir(parents=True)
    (folder / "XHpc.idl").write_text(interface_text(), encoding="utf-8")
    services = _SERVICES.format(uri=quoteattr(COMPONENT.as_uri()), service=SERVICE)
    (folder / "services.rdb").write_text(services, encoding="utf-8")
    registry = _REGISTRY.format(functions=function_texts())
    (user / "registrymodifications.xcu").write_text(registry, encoding="utf-8")


def interface_text() -> str:
    """Declare the functions in UNO's interface language; each gives rows of cells."""
    modules = MODULE.split(".")
    methods = "".join(
        f"  sequence< sequence< any > > {method_of(card.name)}({_parameters(card)});\n"
        for card in catalogue().values()
    )
    opening = " ".join(f"module {module} {{" for module in modules)
    closing = "}; " * len(modules)
    return f"{opening}\ninterface {INTERFACE} {{\n{methods}}};\n{closing}\n"


def _parameters(card: Card) -> str:
    return ", ".join(
        f"[in] {'sequence< any >' if argument.repeats else 'any'} argument{number}"
        for number, argument in enumerate(card.arguments, start=1)
    )


def function_texts() -> str:
    """Give the names and help texts for the function wizard."""
    functions = "".join(
        _node(
            method_of(card.name),
            _text("DisplayName", card.name)
            + _text("CompatibilityName", card.name)
            + _text("Description", card.summary)
            + '<prop oor:name="Category"><value>Add-In</value></prop>'
            + '<node oor:name="Parameters">'
            + "".join(
                _node(
                    f"argument{number}",
                    _text("DisplayName", argument.name) + _text("Description", argument.help),
                )
                for number, argument in enumerate(card.arguments, start=1)
            )
            + "</node>",
        )
        for card in catalogue().values()
    )
    return _node(SERVICE, f'<node oor:name="AddInFunctions">{functions}</node>')


def _node(name: str, content: Any) -> str:
    return f'<node oor:name={quoteattr(name)} oor:op="replace">{content}</node>'


def _text(name: str, text: str) -> str:
    return f'<prop oor:name="{name}"><value xml:lang="en-US">{escape(text)}</value></prop>'
