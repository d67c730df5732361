"""The one error of this package: a file that we cannot use, with the reason in a sentence."""


class WorkbookError(ValueError):
    """A file is not a workbook we can read or change; the message says why and what to do."""
