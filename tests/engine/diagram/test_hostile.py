"""Whatever is uploaded: a drawing, or a sentence that says why not, and soon."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.diagram import lint, refusals, xml
from engine.diagram.limits import MOST_BYTES, MOST_ELEMENTS
from engine.diagram.owners import owner_of, owners
from engine.diagram.read import read
from engine.diagram.refusals import NotADrawing
from engine.diagram.shape import Diagram
from tests.thorough import examples

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
LONGEST = 15.0


def definitions(body: str) -> str:
    return f'<definitions xmlns="{BPMN}" targetNamespace="urn:t">\n<process id="p">{body}</process></definitions>'


GOOD = (
    DECLARED
    + definitions(
        '<laneSet id="l"><lane id="a" name="经办人"><flowNodeRef>t</flowNodeRef></lane></laneSet>'
        '<startEvent id="s"/><userTask id="t" name="审图"/><endEvent id="e"/>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="t"/><sequenceFlow id="g" sourceRef="t" targetRef="e">'
        "<conditionExpression>${x == 1}</conditionExpression></sequenceFlow>"
        '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeDuration>P1D</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
    )
).encode()


@contextmanager
def soon() -> Iterator[None]:
    began = time.thread_time()
    yield
    assert time.thread_time() - began < LONGEST


def bombs(entities: str, used: str) -> str:
    return f"{DECLARED}<!DOCTYPE definitions [{entities}]>\n" + definitions(f'<task id="t" name="{used}"/>')


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
NESTED = "".join(f'<subProcess id="s{n}">' for n in range(400)) + "</subProcess>" * 400

REFUSED: dict[str, tuple[bytes, type[NotADrawing], int | None]] = {
    "nothing": (b"", refusals.EmptyFile, None),
    "only white space": (b" \r\n\t", refusals.EmptyFile, None),
    "only a byte order mark": (b"\xef\xbb\xbf", refusals.EmptyFile, None),
    "too many bytes": (b" " * (MOST_BYTES + 1), refusals.TooLarge, None),
    "plain words": (b"Dear colleague,\nplease find attached", refusals.NotXml, 1),
    "cut off": (GOOD[:-30], refusals.NotXml, 3),
    "tags that cross": ((DECLARED + definitions("\n<a><b></a></b>")).encode(), refusals.NotXml, 4),
    "an HTML entity": ((DECLARED + definitions('\n\n<task name="a&nbsp;b"/>')).encode(), refusals.NotXml, 5),
    "a prefix nobody declares": ((DECLARED + definitions("<x:y/>")).encode(), refusals.NotXml, 3),
    "a web page": (b"\n<!DOCTYPE html>\n<html><body>Sign in", refusals.HtmlPage, 2),
    "a web page without a doctype": (b"<HTML><head>", refusals.HtmlPage, 1),
    "a web page in XML": (b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml"/>', refusals.HtmlPage, 2),
    "a ZIP archive": (b"PK\x03\x04\x14\x00\x06\x00", refusals.ZipFile, None),
    "a PDF": (b"%PDF-1.7\n", refusals.NotText, None),
    "a picture": (b"\x89PNG\r\n\x1a\n", refusals.NotText, None),
    "a harmless doctype": ((DECLARED + "<!DOCTYPE definitions>\n" + definitions("")).encode(), refusals.HasDoctype, 2),
    "a billion laughs": (bombs(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;").encode(), refusals.HasDoctype, 2),
    "quadratic blow-up": (bombs(f'<!ENTITY a "{"a" * 90_000}">', "&a;" * 9_000).encode(), refusals.HasDoctype, 2),
    "a file of the server": (bombs('<!ENTITY x SYSTEM "file:///etc/passwd">', "&x;").encode(), refusals.HasDoctype, 2),
    "a page of the network": (
        bombs('<!ENTITY % x SYSTEM "http://localhost/x"> %x;', "").encode(),
        refusals.HasDoctype,
        2,
    ),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', refusals.UnknownEncoding, 1),
    "an encoding that is none": (b'<?xml version="1.0" encoding="rot13"?><a/>', refusals.UnknownEncoding, 1),
    "broken UTF-8": ((DECLARED + definitions("\n@")).encode().replace(b"@", b"\xc9\xf3"), refusals.WrongEncoding, 4),
    "half a UTF-16 character": (definitions("").encode("utf-16") + b"\x00", refusals.WrongEncoding, 2),
    "a control character": ((DECLARED + definitions("\n\x08")).encode(), refusals.ControlCharacters, 4),
    "a control character written as a number": (definitions("&#8;").encode(), refusals.ControlCharacters, 2),
    "a zero byte": (b"<a>\x00</a>", refusals.ControlCharacters, 1),
    "400 sub-processes in each other": (definitions(NESTED).encode(), refusals.TooDeep, 2),
    "300,000 tags in each other": (("<a>" * 300_000).encode(), refusals.TooDeep, 1),
    "too many elements": (definitions("<task/>" * (MOST_ELEMENTS + 1)).encode(), refusals.TooManyElements, 2),
    "too many things that are not BPMN": (
        definitions('<x xmlns="urn:x">' + "<y/>" * 200_000 + "</x>").encode(),
        refusals.TooManyElements,
        2,
    ),
    "a picture in XML": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', refusals.NotBpmn, 1),
    "BPMN 1": (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>', refusals.NotBpmn, 1),
    "a decision table": (
        b'\n<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
        refusals.NotBpmn,
        2,
    ),
    "no process": (
        f'<definitions xmlns="{BPMN}"><collaboration id="c"/></definitions>'.encode(),
        refusals.NoProcess,
        1,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_by_name_and_line_in_both_languages_and_soon(what: str) -> None:
    source, refusal, line = REFUSED[what]
    with soon(), pytest.raises(refusal) as refused:
        read(source, "the file.bpmn")
    assert type(refused.value) is refusal
    assert refused.value.line == line
    for language in ("en", "zh"):
        sentence = refused.value.say(language)
        assert "the file.bpmn" in sentence
        assert line is None or str(line) in sentence
        assert "{" not in sentence
        assert "\n" not in sentence


def test_every_refusal_has_a_sentence_of_its_own_and_a_code() -> None:
    kinds = [one for one in vars(refusals).values() if isinstance(one, type) and issubclass(one, NotADrawing)]
    assert len({one.text().en for one in kinds}) == len({one.zh for one in kinds}) == len(kinds)
    tried = {refusal for _, refusal, _ in REFUSED.values()} | {NotADrawing}
    assert tried == set(kinds)
    assert refusals.EmptyFile(file="f").rule == "empty-file"


def test_a_zip_archive_is_told_how_to_become_a_diagram() -> None:
    with pytest.raises(refusals.ZipFile) as refused:
        read(b"PK\x03\x04", "plan.bpmn")
    assert "BPMN 2.0 XML" in refused.value.say("en")
    assert "BPMN 2.0 XML" in refused.value.say("zh")


def test_another_root_element_is_named() -> None:
    with pytest.raises(refusals.NotBpmn) as refused:
        read(b"<package/>", "plan.bpmn")
    assert "<package>" in refused.value.say("en")


def test_a_file_name_is_not_taken_for_a_pattern() -> None:
    with pytest.raises(refusals.NotBpmn) as refused:
        read(b"<a/>", "{element} {line!r} {0}.bpmn")
    assert "{element} {line!r} {0}.bpmn" in refused.value.say("en")


@pytest.mark.parametrize(
    "inner",
    [
        " ".join(f'a{n}="1"' for n in range(100_000)),
        " ".join(f'xmlns:a{n}="urn:{n}"' for n in range(60_000)),
        'name="' + "&lt;" * 400_000 + '"',
        'name="' + "字" * 600_000 + '"',
    ],
    ids=["attributes", "namespaces", "references", "a long name"],
)
def test_a_swollen_element_is_read_or_refused_soon(inner: str) -> None:
    with soon():
        outcome(definitions(f"<task id='t' {inner}/>").encode())


def test_nothing_outside_the_file_is_kept_of_comments_and_instructions_to_programs() -> None:
    source = definitions('<!-- note --><?php echo 1 ?><task id="t"/>').encode()
    assert [str(one.tag).rpartition("}")[2] for one in xml.parse(source).iter()] == ["definitions", "process", "task"]


def outcome(source: bytes) -> Diagram | NotADrawing:
    """A drawing is checked as well: no file may break what comes after reading."""
    try:
        diagram = read(source, "f.bpmn")
    except NotADrawing as refusal:
        return refusal
    for finding in lint.findings(diagram):
        assert finding.sentence("zh")
        assert finding.remedy("en")
    assert set(owner_of(diagram)) >= {step for one in owners(diagram) for step in one.steps}
    return diagram


@given(st.binary(max_size=400))
@example(b"\xff\xfe<\x00")
@example(b"\xfe\xff")
@example(b"\x00\x00\x00<")
@example(b'<?xml version="1.0" encoding="utf-8"')
def test_random_bytes_are_a_drawing_or_refused(source: bytes) -> None:
    assert isinstance(outcome(source), Diagram | NotADrawing)


@given(st.text(max_size=200), st.sampled_from(["utf-8", "utf-16", "gb18030", "latin-1"]))
def test_random_text_is_a_drawing_or_refused(text: str, encoding: str) -> None:
    assert isinstance(outcome(text.encode(encoding, "replace")), Diagram | NotADrawing)


PIECES = [
    b"",
    b"\x00",
    b"<",
    b">",
    b'"',
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"<task/>",
    b'id="t"',
    b"tns:",
    b"\xe5",
    b"{",
    b"=",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    source = GOOD
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(source)))
        end = draw(st.integers(begin, min(len(source), begin + 40)))
        piece = draw(st.sampled_from(PIECES) | st.just(source[end : end + 30]))
        source = source[:begin] + piece + source[end:]
    return source


@settings(max_examples=examples(200))
@given(mutated())
def test_a_good_file_that_was_tampered_with_is_a_drawing_or_refused(source: bytes) -> None:
    assert isinstance(outcome(source), Diagram | NotADrawing)


IDS = st.sampled_from(["a", "b", "c", "p", "tns:a", "", " a ", "gone"])
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "name",
            "sourceRef",
            "targetRef",
            "attachedToRef",
            "default",
            "calledElement",
            "messageRef",
            "processRef",
        ]
    ),
    IDS,
    max_size=5,
)


@st.composite
def tangled(draw: st.DrawFn) -> str:
    """Well-formed BPMN in which anything may stand in, refer to and be called like anything."""
    tag = draw(
        st.sampled_from([*sorted(xml.NAMED), "laneSet", "childLaneSet", "flowNodeRef", "messageEventDefinition"])
    )
    attributes = "".join(f' {name}="{value}"' for name, value in draw(ATTRIBUTES).items())
    inner = "".join(draw(st.lists(tangled(), max_size=3))) if draw(st.booleans()) else draw(IDS)
    return f"<{tag}{attributes}>{inner}</{tag}>"


@settings(max_examples=examples(150))
@given(st.lists(tangled(), max_size=6).map("".join))
def test_any_tangle_of_elements_is_read(body: str) -> None:
    outcome_of = outcome(definitions(body).encode())
    assert isinstance(outcome_of, Diagram)
    for flow in outcome_of.flows.values():
        assert {flow.source, flow.target} <= set(outcome_of.elements)
