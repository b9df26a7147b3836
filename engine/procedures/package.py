"""A whole procedure as one ZIP: diagram, forms, decisions, scenarios, instructions and who owns what.

The folder inside is the one procedures are kept in under version control (see processes/README.md), so that what one
installation gives another takes, and so that a folder can be packed by hand. Pure: no database.
"""

from __future__ import annotations

import io
import json
import tomllib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import PurePosixPath
from typing import Any, Final

from engine.base.errors import Refusal
from engine.base.frozen import frozen
from engine.base.text import Name, Text, one_line
from engine.diagram.limits import MOST_BYTES
from engine.diagram.shape import Diagram
from engine.procedures.rules import MOST_ATTACHED_BYTES, MOST_ATTACHMENTS

DIAGRAM: Final = "procedure.bpmn"
TOLD: Final = "procedure.toml"
MANUAL: Final = "instructions/manual.md"
_DIAGRAMS: Final = (".bpmn", ".bpmn20.xml")
_FOLDERS: Final = {".dmn": "decisions", ".form": "forms", ".json": "forms", ".docx": "documents", ".toml": "documents"}
MOST_UNPACKED: Final = MOST_BYTES + MOST_ATTACHED_BYTES + 2_000_000
_MOST_FILES: Final = MOST_ATTACHMENTS + 300
_LONGEST_PATH: Final = 200
_SYSTEM: Final = ("__MACOSX/", ".DS_Store", "Thumbs.db")
_DAY_ONE: Final = (1980, 1, 1, 0, 0, 0)  # the same contents make the same bytes


_TWICE: Final = Text("“{path}” stands in it twice", "“{path}”出现了两次")
_DAMAGED: Final = Text("it is damaged or locked ({detail})", "文件已损坏或加密（{detail}）")
_NO_TOML: Final = Text("it is not TOML ({detail})", "不是 TOML 格式（{detail}）")
_NO_WORDS: Final = Text(
    "name, prefix, department and process are words in quotes", "name、prefix、department、process 应为带引号的文字"
)
_NO_OWNERS: Final = Text("[owners] tells the code of a post for each lane", "[owners] 应为每个泳道写明岗位代码")
_NO_FLOWS: Final = Text("asked is a list of the ids of flows", "asked 应为流向编号的列表")
_NO_UTF8: Final = Text("“{path}” is not text in UTF-8", "“{path}”不是 UTF-8 文本")


def _said(sentence: Text, **facts: str) -> Name:
    """Filled at once: what a file says of itself is no sentence with facts."""
    return Name(sentence.say("en", **facts), sentence.say("zh", **facts))


class NotAPackage(Refusal):
    """“{file}” is not a ZIP that can be read: {why}. Pack the procedure again and upload it once more. Nothing was kept."""

    zh = "“{file}”不是可读取的 ZIP 文件：{why}。请重新打包后再上传。未保存任何内容。"


class PackageTooLarge(Refusal):
    """“{file}” holds {count} files of {size} kB. A procedure has at most {most} files of {limit} kB. Nothing was kept."""

    zh = "“{file}”内含 {count} 个文件，共 {size} kB；一个程序最多 {most} 个文件、{limit} kB。未保存任何内容。"


class PathClimbs(Refusal):
    """“{file}” holds “{path}”, which points outside the package. Nothing of it was kept."""

    zh = "“{file}”中的“{path}”指向包外位置。未保存任何内容。"


class DiagramMissing(Refusal):
    """“{file}” holds no diagram. Put the .bpmn file at its top, best as procedure.bpmn. Nothing was kept."""

    zh = "“{file}”中没有流程图。请将 .bpmn 文件放在顶层（建议命名为 procedure.bpmn）。未保存任何内容。"


class SeveralDiagrams(Refusal):
    """“{file}” holds several diagrams: {diagrams}. Each is a procedure of its own: take them in one by one."""

    zh = "“{file}”包含多个流程图：{diagrams}。每个流程图是一个独立的程序，请逐个导入。"


class ToldUnreadable(Refusal):
    """The procedure.toml in “{file}” cannot be read: {why}. Mend it and upload again. Nothing was kept."""

    zh = "“{file}”中的 procedure.toml 无法读取：{why}。请修正后重新上传。未保存任何内容。"


@frozen
class Package:
    """`owners` is owner as drawn to code of post; `scenarios` key to the text of the file. Empty strings: not told."""

    diagram: bytes
    file: str
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    scenarios: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    prefix: str = ""
    department: str = ""
    process: str = ""
    owners: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


def is_zip(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def packed(package: Package, diagram: Diagram) -> bytes:
    """The same package makes the same bytes."""
    files: dict[str, bytes] = {DIAGRAM: package.diagram, TOLD: _told(package).encode()}
    for path, content in package.attachments.items():
        folder = _FOLDERS.get(PurePosixPath(path.lower()).suffix, "files")
        files[f"{folder}/{path}"] = content
    for key, scenario in package.scenarios.items():
        files[f"scenarios/{key}.toml"] = scenario.encode()
    files[MANUAL] = manual(package.name, diagram).encode()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _DAY_ONE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[path], zipfile.ZIP_DEFLATED)
    return into.getvalue()


def _told(package: Package) -> str:
    lines = [f"{key} = {_quoted(getattr(package, key))}" for key in ("name", "prefix", "department", "process")]
    lines.append(f"asked = [{', '.join(_quoted(flow) for flow in package.asked)}]")
    lines += ["", "# Owner as drawn -> code of the post.", "[owners]"]
    lines += [f"{_quoted(owner)} = {_quoted(post)}" for owner, post in package.owners.items()]
    return "\n".join(lines) + "\n"


def _quoted(words: str) -> str:
    """A string of TOML; JSON's are, but for one sign."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")


def manual(name: str, diagram: Diagram) -> str:
    """What people read: each step's work instruction, in the order of the file."""
    lines = [f"# {_plain(name)}", ""]
    for element in diagram.elements.values():
        instruction = diagram.instructions.get(element.id)
        if instruction is None:
            continue
        lane = diagram.lanes[element.lane].name if element.lane else None
        lines += [f"## {_plain(element.name or element.id)}", "", *([_plain(lane), ""] if lane else [])]
        for title, part in (
            ("What 事项", instruction.what),
            ("How 方法", instruction.how),
            ("To what standard 标准", instruction.standard),
        ):
            for said in part.values():
                lines += [f"**{title}**: {_plain(said)}", ""]
    return "\n".join(lines)


def _plain(words: str) -> str:
    """What Markdown would take for markup is shown as it was typed."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|" else sign for sign in one_line(words))


def unpacked(content: bytes, file: str) -> Package:
    """Raises NotAPackage, PackageTooLarge, PathClimbs, DiagramMissing, SeveralDiagrams, ToldUnreadable."""
    return gathered(_files(content, file), file)


def gathered(files: Mapping[str, bytes], file: str) -> Package:
    """The files of a folder, by their paths in it. Raises as `unpacked` does."""
    files = _without_common_folder(files)
    diagrams = [path for path in files if path.lower().endswith(_DIAGRAMS)]
    top = DIAGRAM if DIAGRAM in files else diagrams[0] if len(diagrams) == 1 else None
    if not diagrams:
        raise DiagramMissing(file=file)
    if top is None or len(diagrams) > 1:
        raise SeveralDiagrams(file=file, diagrams=", ".join(sorted(diagrams)[:10]))
    told = _read_told(files.get(TOLD, b""), file)
    scenarios = {path: text for path, text in files.items() if path.startswith("scenarios/") and path.endswith(".toml")}
    left_out = {top, TOLD, MANUAL, *scenarios}
    return Package(
        diagram=files[top],
        file=f"{told['prefix'].lower()}.bpmn" if top == DIAGRAM and told["prefix"] else PurePosixPath(top).name,
        # An edition keeps its files by name alone, so that an upload of single files finds them too.
        attachments={PurePosixPath(path).name: text for path, text in files.items() if path not in left_out},
        scenarios={PurePosixPath(path).stem: _text(text, path, file) for path, text in scenarios.items()},
        **told,
    )


def _files(content: bytes, file: str) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir() and not _is_system(one.filename)]
            size = sum(one.file_size for one in entries)
            _must_be_modest(len(entries), size, file)
            found: dict[str, bytes] = {}
            for one in entries:
                path = _safe(one, file)
                if path in found:
                    raise NotAPackage(file=file, why=_said(_TWICE, path=path))
                # The size told may be a lie: no more is read than may be there.
                with archive.open(one) as opened:
                    found[path] = opened.read(MOST_UNPACKED + 1)
                _must_be_modest(len(entries), sum(map(len, found.values())), file)
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as fault:
        raise NotAPackage(file=file, why=_said(_DAMAGED, detail=one_line(str(fault))[:120])) from None


def _must_be_modest(count: int, size: int, file: str) -> None:
    if count > _MOST_FILES or size > MOST_UNPACKED:
        raise PackageTooLarge(file=file, count=count, size=size // 1000, most=_MOST_FILES, limit=MOST_UNPACKED // 1000)


def _is_system(path: str) -> bool:
    return path.startswith(_SYSTEM[0]) or path.rsplit("/", 1)[-1] in _SYSTEM


def _safe(entry: zipfile.ZipInfo, file: str) -> str:
    path = entry.filename.replace("\\", "/")
    parts = path.split("/")
    link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    if (
        path.startswith("/")
        or ".." in parts
        or ":" in parts[0]
        or link
        or not path.isprintable()
        or len(path) > _LONGEST_PATH
    ):
        raise PathClimbs(file=file, path=one_line(path)[:80])
    return path


def _without_common_folder(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """People pack the folder as often as what is in it."""
    tops = {path.split("/", 1)[0] for path in files}
    if len(tops) == 1 and all("/" in path for path in files):
        return {path.split("/", 1)[1]: content for path, content in files.items()}
    return dict(files)


def _read_told(content: bytes, file: str) -> dict[str, Any]:
    try:
        told = tomllib.loads(_text(content, TOLD, file))
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise ToldUnreadable(file=file, why=_said(_NO_TOML, detail=one_line(str(fault))[:120])) from None
    words = {key: told.get(key, "") for key in ("name", "prefix", "department", "process")}
    owners, asked = told.get("owners", {}), told.get("asked", [])
    if not all(isinstance(word, str) for word in words.values()):
        raise ToldUnreadable(file=file, why=_NO_WORDS)
    if not isinstance(owners, dict) or not _are_words([*owners, *owners.values()]):
        raise ToldUnreadable(file=file, why=_NO_OWNERS)
    if not isinstance(asked, list) or not _are_words(asked):
        raise ToldUnreadable(file=file, why=_NO_FLOWS)
    return {**words, "owners": owners, "asked": tuple(asked)}


def _are_words(values: Iterable[Any]) -> bool:
    return all(isinstance(one, str) for one in values)


def _text(content: bytes, path: str, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ToldUnreadable(file=file, why=_said(_NO_UTF8, path=path)) from None
