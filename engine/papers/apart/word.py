"""A Word template filled in: {"template", "facts", "into"} on standard input; `made.docx` comes of it."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from typing import Any

_MEMORY = 1_000 * 2**20
_CPU = 4  # seconds
_FILE = 20 * 2**20
_NAME = "made.docx"


def main() -> None:
    for what, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU),
        (resource.RLIMIT_FSIZE, _FILE),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (most, most))
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(_made(asked)) + "\n")


def _made(asked: dict[str, Any]) -> dict[str, Any]:
    from jinja2 import TemplateError, UndefinedError  # noqa: PLC0415
    from jinja2.exceptions import SecurityError  # noqa: PLC0415

    try:
        missing = _filled(asked)
        told: dict[str, Any] = {"refused": "missing", "facts": missing} if missing else {"made": _NAME}
    except SecurityError as fault:
        told = {"refused": "reaches", "facts": [str(fault)[:200]]}
    except (UndefinedError, TemplateError, TypeError, ValueError, OverflowError) as fault:
        told = {"refused": "template", "facts": [f"{type(fault).__name__}: {fault}"[:200]]}
    except (MemoryError, RecursionError):
        told = {"refused": "large"}
    except Exception as fault:  # a damaged document: whatever the libraries say of it
        told = {"refused": "broken", "facts": [type(fault).__name__]}
    return told


def _filled(asked: dict[str, Any]) -> list[str]:
    """The names of what is missing; where nothing is, the document is written."""
    from docxtpl import DocxTemplate  # noqa: PLC0415
    from jinja2 import Undefined  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    missing: set[str] = set()

    class Narrow(ImmutableSandboxedEnvironment):
        """Facts are words, lists and tables of words: what is not in them is not walked to."""

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return not attr.startswith("_") and not callable(value) and isinstance(obj, dict | _loop())

        def is_safe_callable(self, obj: Any) -> bool:
            return isinstance(obj, _loop())

    class Missing(Undefined):
        """All that is missing is told at once, not the first alone; `is defined` may ask."""

        def __str__(self) -> str:
            missing.add(str(self._undefined_name))
            return ""

        def __iter__(self) -> Any:
            missing.add(str(self._undefined_name))
            return iter(())

        def __bool__(self) -> bool:
            missing.add(str(self._undefined_name))
            return False

    narrow = Narrow(autoescape=True, undefined=Missing)
    narrow.globals.clear()
    template = DocxTemplate(asked["template"])
    template.render(asked["facts"], narrow, autoescape=True)
    if not missing:
        template.save(Path(asked["into"]) / _NAME)
    return sorted(missing)[:20]


def _loop() -> type:
    from jinja2.runtime import LoopContext  # noqa: PLC0415

    return LoopContext


if __name__ == "__main__":
    main()
