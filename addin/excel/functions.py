"""The module that Excel's xlwings server imports: one bound function per card of the catalogue."""

from addin.boundary.desk import Desk
from addin.excel.bind import bind

globals().update(bind(Desk()))
