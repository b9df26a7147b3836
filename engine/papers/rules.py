"""What is allowed with papers: their names, kinds and sizes. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from typing import Final

from engine.base.errors import Refusal
from engine.base.text import one_line

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_AT_ONCE: Final = 20
MOST_TITLE: Final = 200
MOST_REASON: Final = 2_000
MOST_NAME: Final = 120
_MOST_NAME_BYTES: Final = 200


class State(IntEnum):
    """Of a content. Numbers are stored: never renumber."""

    CLEAN = 1
    """Scanned and nothing found, or no scanner is set up here."""
    HELD = 2
    """The scanner did not answer: kept, and not handed out until it has."""
    INFECTED = 3


class PaperRefused(Refusal):
    """“{name}” was not accepted. Choose another file."""

    zh = "未接受“{name}”。请另选文件。"


class NothingChosen(PaperRefused):
    """No file was chosen. Choose one and send it again."""

    zh = "未选择文件。请选择文件后重新提交。"


class EmptyPaper(PaperRefused):
    """“{name}” is empty: it has 0 bytes. Save it again where it was made, and choose it once more."""

    zh = "“{name}”是空文件（0 字节）。请重新保存后再选择。"


class PaperTooLarge(PaperRefused):
    """“{name}” is larger than {most} MB. Make it smaller or split it; scans in grey at 200 dpi are small enough."""

    zh = "“{name}”超过 {most} MB。请压缩或拆分后再上传；扫描件可采用 200 dpi 灰度。"


class TooManyPapers(PaperRefused):
    """More than {most} files were sent at once. Send them in several turns."""

    zh = "一次最多上传 {most} 个文件。请分次上传。"


class KindNotTaken(PaperRefused):
    """“{name}” is {found}, which is not taken here. Accepted: {accepted}."""

    zh = "“{name}”是{found}，此处不接受。可接受的类型：{accepted}。"


class KindUnlikeName(PaperRefused):
    """“{name}” says by its name that it is {said}, but it is {found}. Save it in the right form, or correct its name."""

    zh = "“{name}”按名称应为{said}，实际却是{found}。请以正确的格式保存，或更正文件名。"


class CarriesCode(PaperRefused):
    """“{name}” carries {what}. For everybody's safety it is not taken. Print it to PDF and hand that in."""

    zh = "“{name}”含有{what}，出于安全考虑不予接受。请打印为 PDF 后上传。"


class Packed(PaperRefused):
    """“{name}” would unpack to far more than a document holds ({why}). It was not taken. Save it again where it was made."""

    zh = "“{name}”解压后远超一份文档应有的大小（{why}），未予接受。请重新保存后再上传。"


class PaperDamaged(PaperRefused):
    """“{name}” is damaged or locked with a password. Open and save it again without one, and choose it once more."""

    zh = "“{name}”已损坏或设有密码。请打开后以无密码方式重新保存，再选择一次。"


class Infected(PaperRefused):
    """The virus scanner found “{found}” in “{name}”. The file was not kept. Have your machine looked at."""

    zh = "病毒扫描在“{name}”中发现“{found}”，文件未保存。请检查您的计算机。"


class ScannerSilent(PaperRefused):
    """“{name}” could not be scanned for viruses, as the scanner does not answer. It was not kept. Try again in some minutes."""

    zh = "病毒扫描服务无响应，“{name}”未能扫描，因此未保存。请过几分钟再试。"


class ContentGone(Refusal):
    """“{name}” is no longer here: it was chosen long ago and never sent. Choose it again."""

    zh = "“{name}”已不在此处：选择后长时间未提交。请重新选择。"


class NotScannedYet(Refusal):
    """“{name}” waits for the virus scanner and cannot be opened yet. Try again in some minutes."""

    zh = "“{name}”正在等待病毒扫描，暂不能打开。请过几分钟再试。"


class FoundInfected(Refusal):
    """“{name}” cannot be opened: the virus scanner found “{found}” in it after it had been handed in."""

    zh = "“{name}”不能打开：提交后病毒扫描在其中发现“{found}”。"


class NoPreview(Refusal):
    """“{name}” cannot be shown here: {why}. Download it to read it."""

    zh = "“{name}”无法在此预览：{why}。请下载后查看。"


_UNFIT: Final = re.compile(r'[<>:"/\\|?*]')
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])", re.IGNORECASE)


def safe_name(given: str) -> str:
    """What a file is called from now on: no folders, no sign that nobody sees or that turns the others round."""
    name = unicodedata.normalize("NFC", given.encode("utf-8", "replace").decode()).replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(sign if unicodedata.category(sign)[0] not in "CZ" or sign == " " else " " for sign in name)
    plain = _UNFIT.sub("_", one_line(seen)).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    stem, ending = (stem, f".{ending}") if dot and stem and len(ending) <= 10 else (plain, "")
    if _DEVICE.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    return _short(stem, ending) or "paper"


def _short(stem: str, ending: str) -> str:
    stem = stem[: MOST_NAME - len(ending)]
    while len((stem + ending).encode()) > _MOST_NAME_BYTES:
        stem = stem[:-1]
    return stem.rstrip(". ") + ending if stem.strip("._ ") else ending.lstrip(".")


def fit_title(title: str, name: str) -> str:
    """Without one, a paper is called as its file is, without the ending."""
    return one_line(title)[:MOST_TITLE] or name.rpartition(".")[0] or name
