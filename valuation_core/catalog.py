"""The catalogue by its earlier name, for one release: `valuation_core.catalogue.catalogue`."""

from valuation_core.catalogue.catalogue import card_named, catalogue, formula

__all__ = ["card_named", "catalogue", "formula"]
