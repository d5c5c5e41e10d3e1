"""A run told to CI: JUnit's XML, a suite an area."""

import re
from collections.abc import Callable, Iterable
from itertools import groupby
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from smarts.kit.examination import Examination
from smarts.kit.requirement import Level
from smarts.kit.runner import Outcome, Result

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(examination: Examination, curl: Callable[[Result], str], *, strict: bool = False) -> bytes:
    """The document; what should be and is not counts as left out, unless `strict`."""
    suites = Element("testsuites", name=f"smarts {examination.side} check")
    for area, group in groupby(examination.results, lambda result: result.requirement.area):
        _add_suite(suites, area, list(group), curl, strict=strict)
    _count(suites, suites.iter("testcase"))
    ElementTree.indent(suites)
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return document


def _add_suite(
    suites: Element, area: str, results: Iterable[Result], curl: Callable[[Result], str], *, strict: bool
) -> None:
    suite = SubElement(suites, "testsuite", name=area)
    for result in results:
        requirement = result.requirement
        case = SubElement(
            suite, "testcase", name=requirement.id, classname=f"smarts.{area}", time=f"{result.seconds:.3f}"
        )
        if result.outcome is not Outcome.PASSED:
            _add_outcome(case, result, curl(result), strict=strict)
    _count(suite, suite.iter("testcase"))


def _add_outcome(case: Element, result: Result, line: str, *, strict: bool) -> None:
    requirement = result.requirement
    counts = strict or requirement.level is Level.MUST
    if result.outcome is Outcome.UNFINISHED or (result.outcome is Outcome.FAILED and counts):
        message = result.reason or f"expected {result.expected}, seen {result.seen}"
        failure = SubElement(case, "failure", type=requirement.level, message=_clean(message))
        failure.text = _clean(f"{requirement.text} (section {requirement.clause})\n{message}\n{line}\n")
    else:
        told = result.reason or f"should: expected {result.expected}, seen {result.seen}"
        SubElement(case, "skipped", message=_clean(told))


def _count(suite: Element, cases: Iterable[Element]) -> None:
    cases = list(cases)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("errors", "0")
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
