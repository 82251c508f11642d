"""A period as one HTML file: charts and tables, no script, nothing from anywhere else."""

from bot.report.html.page import report_html

__all__ = ["report_html"]
