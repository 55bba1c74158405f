"""The reference of the report views, docs/reference/report-views.md.

`python docs/report_views.py` draws the tables anew; tests/command/schema/test_views.py says when that is due.
"""

from pathlib import Path

from dcss_core_sql.reports.views import REPORT_VIEWS, ReportView

PAGE = Path(__file__).with_name("reference") / "report-views.md"
MARK = "<!-- drawn from here on by docs/report_views.py -->\n"


def page_text() -> str:
    """The page as it has to be."""
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    return head + MARK + "".join(map(_drawn, REPORT_VIEWS))


def _drawn(view: ReportView) -> str:
    rows = "".join(f"| `{column.name}` | {column.meaning} |\n" for column in view.columns)
    return f"\n## {view.name}\n\n{view.meaning}.\n\n| column | is |\n| --- | --- |\n{rows}"


if __name__ == "__main__":
    PAGE.write_text(page_text(), encoding="utf-8")
