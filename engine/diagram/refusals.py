"""Why a file is not even a drawing. Each says what is wrong, where, and what to do now."""

from __future__ import annotations

import re
from typing import Any

from engine.base.errors import Refusal
from engine.base.text import Text


class NotADrawing(Refusal):
    """“{file}” cannot be read as a BPMN diagram. Export it again as BPMN 2.0 XML and upload that file."""

    zh = "“{file}”无法作为 BPMN 流程图读取。请重新导出为 BPMN 2.0 XML 后上传。"

    def __init__(self, *, file: str, line: int | None = None, element: str | None = None, **facts: Any) -> None:
        self.line = line
        self.element = element
        super().__init__(file=file, line=line, element=element, **facts)

    @classmethod
    def text(cls) -> Text:
        return Text(en=" ".join((cls.__doc__ or cls.__name__).split()), zh=cls.zh)

    @property
    def rule(self) -> str:
        """The code in the form that findings use: `empty-file`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.code).lower()


class EmptyFile(NotADrawing):
    """“{file}” is empty. Save the diagram in the program you drew it with, and upload it again."""

    zh = "“{file}”是空文件。请在绘图软件中重新保存流程图，然后再次上传。"


class TooLarge(NotADrawing):
    """“{file}” is too large: {size} kB, and at most {limit} kB can be read. Take pictures and attachments out of it, or
    split the procedure into several diagrams that call each other."""

    zh = "“{file}”过大：{size} kB，最多可读取 {limit} kB。请去除其中的图片和附件，或将程序拆分为多个相互调用的流程图。"


class TooManyElements(NotADrawing):
    """“{file}” holds more than {limit} elements; the one in line {line}, <{element}>, is too many. Split the procedure
    into several diagrams that call each other."""

    zh = "“{file}”中的元素超过 {limit} 个，第 {line} 行的 <{element}> 已超出上限。请将程序拆分为多个相互调用的流程图。"


class TooDeep(NotADrawing):
    """“{file}” is nested more than {limit} levels deep at line {line}, <{element}>. Draw the inner sub-processes as
    procedures of their own and call them."""

    zh = "“{file}”在第 {line} 行的 <{element}> 处嵌套超过 {limit} 层。请将内层子流程画成独立的程序并加以调用。"


class NotXml(NotADrawing):
    """“{file}” is not well-formed XML: line {line}: {why}. Export the diagram again from the program it was drawn with;
    if you edited the file by hand, correct that line."""

    zh = "“{file}”不是格式正确的 XML：第 {line} 行：{why}。请从绘图软件重新导出；如曾手工编辑，请更正该行。"


class NotText(NotADrawing):
    """“{file}” is {what}, not a BPMN diagram. Open it in the program it comes from and export it as BPMN 2.0 XML."""

    zh = "“{file}”是{what}，不是 BPMN 流程图。请在原软件中打开，并导出为 BPMN 2.0 XML。"


class ZipFile(NotADrawing):
    """“{file}” is a ZIP archive, as drawing programs and office suites make them, not a BPMN diagram. Open it in the
    program it comes from, export the diagram as BPMN 2.0 XML, and upload the .bpmn file."""

    zh = "“{file}”是 ZIP 压缩文件（绘图软件和办公软件常用此格式），不是 BPMN 流程图。请在原软件中打开，导出为 BPMN 2.0 XML，再上传 .bpmn 文件。"


class HtmlPage(NotADrawing):
    """“{file}” is a web page (HTML, line {line}), not a BPMN diagram: a sign-in page is often saved in place of the
    file. Download the diagram again and check that it begins with <definitions>."""

    zh = "“{file}”是网页（HTML，第 {line} 行），不是 BPMN 流程图：下载时常会误存登录页面。请重新下载，并确认文件以 <definitions> 开头。"


class HasDoctype(NotADrawing):
    """“{file}” has a document type declaration (<!DOCTYPE {element}>) in line {line}. BPMN needs none, and it can be used
    to do harm. Delete the declaration, or export the diagram again."""

    zh = "“{file}”第 {line} 行含有文档类型声明（<!DOCTYPE {element}>）。BPMN 不需要该声明，且可能被用于攻击。请删除该声明或重新导出。"


class WrongEncoding(NotADrawing):
    """“{file}” says that it is written in {declared}, but from line {line} on it is not. Save it as UTF-8 (first line:
    encoding="UTF-8") and upload it again."""

    zh = '“{file}”声明编码为 {declared}，但自第 {line} 行起并非如此。请另存为 UTF-8（首行写 encoding="UTF-8"）后重新上传。'


class UnknownEncoding(NotADrawing):
    """“{file}” says in line {line} that it is written in “{declared}”, an encoding that is not known here. Save it as UTF-8
    and upload it again."""

    zh = "“{file}”第 {line} 行声明的编码“{declared}”在此无法识别。请另存为 UTF-8 后重新上传。"


class ControlCharacters(NotADrawing):
    """“{file}” contains the control character {character} in line {line}, which no XML file may hold. Delete it, or export
    the diagram again."""

    zh = "“{file}”第 {line} 行含有控制字符 {character}，XML 文件中不允许出现。请删除该字符或重新导出。"


class NotBpmn(NotADrawing):
    """“{file}” is XML, but not a BPMN 2.0 diagram: its root element in line {line} is <{element}>{namespace}. Open it in the
    program it comes from and export it as BPMN 2.0 XML."""

    zh = "“{file}”是 XML，但不是 BPMN 2.0 流程图：第 {line} 行的根元素是 <{element}>{namespace}。请在原软件中打开，并导出为 BPMN 2.0 XML。"


class NoProcess(NotADrawing):
    """“{file}” is a BPMN file, but <{element}> in line {line} holds no process. Draw at least one pool or step, save, and
    upload it again."""

    zh = "“{file}”是 BPMN 文件，但第 {line} 行的 <{element}> 中没有任何流程。请至少画出一个泳池或环节，保存后重新上传。"
