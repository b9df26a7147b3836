"""Ready-made rules of periods, as data. Each says by which article it holds; a lawyer must confirm each before it is relied on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Final

from engine.base.frozen import frozen
from engine.base.text import Text


class Clock(StrEnum):
    """Which of the periods of a case."""

    STATUTORY = "statutory"
    PROMISED = "promised"
    JOINT = "joint"
    """By law too, where several authorities handle it together: it takes the place of the statutory one."""
    NOTICE = "notice"
    """Within it the applicant is told once of all that is missing; else it is deemed accepted."""
    DELIVERY = "delivery"
    """Within it the decision reaches the applicant."""


CLOCKS: Final[Mapping[Clock, Text]] = {
    Clock.STATUTORY: Text("Statutory period", "法定期限"),
    Clock.PROMISED: Text("Promised period", "承诺期限"),
    Clock.JOINT: Text("Statutory period of joint handling", "联合办理的法定期限"),
    Clock.NOTICE: Text("Period to tell what is missing", "一次性告知期限"),
    Clock.DELIVERY: Text("Period to deliver the decision", "送达期限"),
}
DECIDING: Final = frozenset({Clock.STATUTORY, Clock.PROMISED, Clock.JOINT})
"""Those that run until it is decided: they alone are stopped on a ground, and extended."""


class Ground(StrEnum):
    """On which ground a period stands while the work may go on."""

    SUPPLEMENT = "supplement"
    HEARING = "hearing"
    INSPECTION = "inspection"
    REVIEW = "review"
    FORCE_MAJEURE = "force_majeure"
    OTHER = "other"


GROUNDS: Final[Mapping[Ground, Text]] = {
    Ground.SUPPLEMENT: Text("the applicant supplies or corrects what was asked for", "申请人补正材料"),
    Ground.HEARING: Text("a hearing is held", "依法举行听证"),
    Ground.INSPECTION: Text("an inspection, a test or a survey is carried out", "依法进行检验、检测、检疫、勘验"),
    Ground.REVIEW: Text("experts review or assess it", "依法进行专家评审、鉴定"),
    Ground.FORCE_MAJEURE: Text("force majeure", "不可抗力"),
    Ground.OTHER: Text("another ground laid down by law", "法律、法规规定的其他情形"),
}


class Expiry(StrEnum):
    """What it means that the period is over and nothing was decided."""

    ESCALATE = "escalate"
    GRANTED = "granted"
    REFUSED = "refused"


EXPIRIES: Final[Mapping[Expiry, Text]] = {
    Expiry.ESCALATE: Text(
        "When it is over, the accountable post and the one above it are told; nothing is deemed decided.",
        "期限届满时，告知责任岗位及其上级岗位；不视为已作出决定。",
    ),
    Expiry.GRANTED: Text(
        "When it is over without a decision, the application is deemed granted, once a person has confirmed it.",
        "期限届满未作决定的，经人工确认后视为准予。",
    ),
    Expiry.REFUSED: Text(
        "When it is over without a decision, the application is deemed refused, once a person has confirmed it.",
        "期限届满未作决定的，经人工确认后视为不予准许。",
    ),
}
DEEMED: Final = frozenset({Expiry.GRANTED, Expiry.REFUSED})
"""Those that make a legal act of silence: confirmed by a person, with an alarm before."""

CONFIRM: Final = Text(
    "This is how the software reads the law. A lawyer of the office must confirm it before anybody relies on it.",
    "以上为本软件对法律条文的理解，须经本机关法律顾问确认后方可适用。",
)


@frozen
class RuleSet:
    """Lengths are ISO 8601. `articles`: what holds by which article, by the clock or the matter it is about."""

    code: str
    name: Text
    working: bool  # days are working days
    stops: frozenset[Ground]
    statutory: str | None = None
    extension: str | None = None
    joint: str | None = None
    joint_extension: str | None = None
    notice: str | None = None
    delivery: str | None = None
    rolls: bool = True
    expiry: Expiry = Expiry.ESCALATE
    articles: Mapping[str, Text] = field(default_factory=dict)


_LICENSING: Final = RuleSet(
    code="cn-licensing",
    name=Text("China: Administrative Licensing Law", "中国：《行政许可法》"),
    working=True,
    statutory="P20D",
    extension="P10D",
    joint="P45D",
    joint_extension="P15D",
    notice="P5D",
    delivery="P10D",
    stops=frozenset({Ground.SUPPLEMENT, Ground.HEARING, Ground.INSPECTION, Ground.REVIEW}),
    articles={
        Clock.STATUTORY: Text(
            "Decided within 20 working days of acceptance (Administrative Licensing Law, article 42, paragraph 1).",
            "自受理之日起二十个工作日内作出决定（《行政许可法》第四十二条第一款）。",
        ),
        Clock.JOINT: Text(
            "Unified, joint or centralised handling: within 45 working days (Administrative Licensing Law, article 42, "
            "paragraph 2).",
            "统一办理或者联合办理、集中办理的，不超过四十五个工作日（《行政许可法》第四十二条第二款）。",
        ),
        Clock.NOTICE: Text(
            "What is missing is told once, within 5 working days; else it is accepted from the day it was received "
            "(Administrative Licensing Law, article 32, item 4).",
            "五个工作日内一次告知需要补正的全部内容，逾期不告知的，自收到申请材料之日起即为受理（《行政许可法》第三十二条第四项）。",
        ),
        Clock.DELIVERY: Text(
            "Issued and delivered within 10 working days of the decision (Administrative Licensing Law, article 44).",
            "自作出决定之日起十个工作日内颁发、送达（《行政许可法》第四十四条）。",
        ),
        "extension": Text(
            "Extended once, by the head of the authority, by at most 10 working days (of joint handling by the head of "
            "the government at that level, by at most 15); the applicant is told the reasons (article 42).",
            "经本行政机关负责人批准可延长一次，不超过十个工作日（联合办理的，经本级人民政府负责人批准，不超过十五个工作日），并应将理由告知申请人（第四十二条）。",
        ),
        "stops": Text(
            "Time for hearings, inspections, tests and expert review is not counted; the applicant is told in writing "
            "how long they take (article 45).",
            "听证、检验、检测、检疫、鉴定和专家评审所需时间不计算在期限内，并应将所需时间书面告知申请人（第四十五条）。",
        ),
        "counting": Text(
            "Periods are counted in working days, without statutory holidays (article 82); the day it begins is not counted "
            "(Civil Code, article 201).",
            "期限以工作日计算，不含法定节假日（第八十二条）；开始的当日不计入（《民法典》第二百零一条）。",
        ),
    },
)
_EU: Final = RuleSet(
    code="eu-1182",
    name=Text("European Union: Regulation 1182/71", "欧盟：第 1182/71 号条例"),
    working=False,
    stops=frozenset(Ground),
    articles={
        "counting": Text(
            "Calendar days; the day of the event is not counted; a last day that is a public holiday, Sunday or Saturday "
            "gives way to the next working day (Regulation (EEC, Euratom) No 1182/71, article 3(1) and (4)).",
            "按日历日计算；事件当日不计入；末日为法定假日、星期日或星期六的，以次一工作日为末日（第 1182/71 号条例第三条第一款、第四款）。",
        ),
    },
)
_EU_SERVICES: Final = RuleSet(
    code="eu-services",
    name=Text("European Union: Services Directive", "欧盟：《服务指令》"),
    working=False,
    expiry=Expiry.GRANTED,
    stops=frozenset({Ground.SUPPLEMENT, Ground.FORCE_MAJEURE, Ground.OTHER}),
    articles={
        "counting": Text(
            "Fixed and published beforehand; it runs only from when all documents are there (Directive 2006/123/EC, "
            "article 13(3)), counted by Regulation 1182/71.",
            "期限须事先确定并公布，自材料齐备时起算（第 2006/123/EC 号指令第十三条第三款），按第 1182/71 号条例计算。",
        ),
        "extension": Text(
            "Extended once, for a limited time, where the matter is complex; reasons are told before it is over "
            "(Directive 2006/123/EC, article 13(3)).",
            "事项复杂的，可在有限时间内延长一次，并应在届满前告知理由（第 2006/123/EC 号指令第十三条第三款）。",
        ),
        "expiry": Text(
            "Silence is deemed to grant, unless the law says otherwise for an overriding reason of public interest "
            "(Directive 2006/123/EC, article 13(4)).",
            "逾期未答复视为准予，但因重大公共利益另有规定的除外（第 2006/123/EC 号指令第十三条第四款）。",
        ),
    },
)
_PLAIN: Final = RuleSet(
    code="own",
    name=Text("The office's own rules", "本机关自定规则"),
    working=False,
    stops=frozenset(Ground),
    articles={
        "counting": Text(
            "The day of the event is not counted; a last day that is not worked gives way to the next one that is.",
            "事件当日不计入；末日非工作日的，顺延至次一工作日。",
        ),
    },
)
RULE_SETS: Final[Mapping[str, RuleSet]] = {one.code: one for one in (_LICENSING, _EU, _EU_SERVICES, _PLAIN)}
USUAL: Final = _PLAIN
"""Where the procedure names none."""
