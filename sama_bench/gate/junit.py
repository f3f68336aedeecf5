"""The decision as JUnit XML, which CI servers show as tests."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from sama_bench.control_characters import escape_controls
from sama_bench.gate.decision import Decision, Outcome
from sama_bench.gate.table import moved


def junit(decision: Decision) -> bytes:
    """One test case a rule: failed, skipped where nothing can be told, else passed. UTF-8, ends with a newline."""
    outcomes = [finding.outcome for finding in decision.findings]
    suite = ET.Element(
        "testsuite",
        name="sama-bench gate",
        tests=str(len(outcomes)),
        failures=str(outcomes.count(Outcome.FAIL)),
        skipped=str(outcomes.count(Outcome.CANNOT_TELL)),
        errors="0",
    )
    for finding in decision.findings:
        case = ET.SubElement(suite, "testcase", classname="gate", name=escape_controls(finding.evidence.rule.name))
        if finding.outcome is not Outcome.PASS:
            kind = "failure" if finding.outcome is Outcome.FAIL else "skipped"
            ET.SubElement(case, kind, message=escape_controls(f"{moved(finding)}: {finding.why}"))
    ET.indent(suite)
    return bytes(ET.tostring(suite, encoding="utf-8", xml_declaration=True)) + b"\n"
