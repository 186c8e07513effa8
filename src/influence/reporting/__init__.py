"""The report: one page that stands alone, in several languages, with what to do first."""

from influence.reporting.evaluated import Evaluated
from influence.reporting.report import write_report

__all__ = ["Evaluated", "write_report"]
