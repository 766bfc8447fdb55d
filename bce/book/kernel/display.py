"""A checked cell's report for a plain notebook or a terminal: HTML with ``$…$`` for MathJax, LaTeX, text."""

from __future__ import annotations

from html import escape

from bce.book.words.text import plain_text
from bce.book.words.verdict_labels import verdict_label
from bce.reporting.phrases import conditions, counterexample
from bce.reporting.report import Report, StepReport


def as_html(report: Report) -> str:
    """Return a table of the steps; Jupyter typesets the formulas in it.

    Parameters
    ----------
    report : Report
        What a checked definition or derivation reports.

    Returns
    -------
    str
        An HTML fragment whose text is escaped and whose formulas stand between dollar signs.
    """
    kind = report["kind"].capitalize()
    lines = [
        "<div>",
        f"<p><strong>{kind}: {_html(report['title'])}</strong> <code>{escape(report['id'])}</code></p>",
    ]
    if text := conditions(report):
        lines.append(f"<p>{_html(text)}</p>")
    lines.append("<table>")
    lines += [_html_row("" if number else report["head"], step) for number, step in enumerate(report["steps"])]
    lines += ["</table>", "</div>"]
    return "\n".join(lines)


def as_text(report: Report) -> str:
    """Return the derivation as lines for a terminal, with the author's LaTeX as it is.

    Parameters
    ----------
    report : Report
        What a checked definition or derivation reports.
    """
    lines = [f"{report['kind'].capitalize()} {report['id']}: {plain_text(report['title'])}"]
    if text := conditions(report):
        lines.append(plain_text(text))
    lines.append(f"    {report['head']}")
    for step in report["steps"]:
        label = verdict_label(step)
        reason = f"  ({plain_text(step['reason'])})" if step["reason"] else ""
        lines.append(f"{step['step']:>3} {step['relation']} {step['right']}{reason}  [{label.sign} {label.words}]")
        lines += [f"      {line}" for line in _findings(step)]
    return "\n".join(lines)


def as_latex(report: Report) -> str:
    """Return the rows as an ``align*`` environment with their reasons, to paste into a paper.

    Parameters
    ----------
    report : Report
        What a checked definition or derivation reports.
    """
    rows: list[str] = []
    for step in report["steps"]:
        head = report["head"] if not rows else ""
        remark = "; ".join(filter(None, [step["reason"], verdict_label(step).words]))
        rows.append(rf"{head} &{step['relation']} {step['right']} && \text{{{remark}}}".strip())
    body = " \\\\\n  ".join(rows)
    return f"\\begin{{align*}}\n  {body}\n\\end{{align*}}"


def _html_row(head: str, step: StepReport) -> str:
    label = verdict_label(step)
    findings = "".join(f"<br>{_html(line)}" for line in _findings(step))
    cells = [
        f"${_html(head)}$" if head else "",
        rf"$\displaystyle {escape(step['relation'])} {escape(step['right'])}$",
        _html(step["reason"]),
        f"{label.sign} {label.words}{findings}",
    ]
    return (
        "<tr>"
        + f'<td style="text-align: right">{cells[0]}</td>'
        + "".join(f'<td style="text-align: left">{cell}</td>' for cell in cells[1:])
        + "</tr>"
    )


def _findings(step: StepReport) -> list[str]:
    """Say what a reader must know about a step that was not proved."""
    found = [f"open: {text}" for text in step["open"]]
    if example := step["counterexample"]:
        found.append(counterexample(example["point"], example["values"]))
    return found


def _html(text: str) -> str:
    return escape(text, quote=False)
