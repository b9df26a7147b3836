"""What is said to the person who filled a form in: what is not right, and what to do."""

from __future__ import annotations

from typing import Any, Final

from engine.base.text import Text


def told(sentence: Text, /, **facts: Any) -> Text:
    """A sentence with its facts in it; braces in a fact stay braces when it is said."""
    return Text(
        en=sentence.say("en", **facts).replace("{", "{{").replace("}", "}}"),
        zh=sentence.say("zh", **facts).replace("{", "{{").replace("}", "}}"),
    )


ENTER: Final = Text("Enter “{label}”.", "请填写“{label}”。")
CHOOSE: Final = Text("Choose an answer for “{label}”.", "请为“{label}”选择一项。")
CHOOSE_SOME: Final = Text("Choose at least one answer for “{label}”.", "请为“{label}”至少选择一项。")
TICK: Final = Text("Tick “{label}” before you go on.", "请先勾选“{label}”。")
ADD_A_ROW: Final = Text("Fill in at least one row of “{label}”.", "请至少填写一行“{label}”。")
TOO_MANY_ROWS: Final = Text(
    "“{label}” has {count} rows. Keep it to {most} or fewer.", "“{label}”共有 {count} 行，请控制在 {most} 行以内。"
)
TOO_FEW_ROWS: Final = Text(
    "“{label}” needs at least {least} rows; you filled in {count}. Add the rest.",
    "“{label}”至少需要 {least} 行，目前填写了 {count} 行，请补充。",
)
TOO_MANY_CHOSEN: Final = Text(
    "Choose {most} or fewer for “{label}”; you chose {count}.", "“{label}”最多选择 {most} 项，目前选择了 {count} 项。"
)
TOO_FEW_CHOSEN: Final = Text(
    "Choose at least {least} for “{label}”; you chose {count}.", "“{label}”至少选择 {least} 项，目前选择了 {count} 项。"
)
NOT_OFFERED: Final = Text("Choose one of the answers offered for “{label}”.", "“{label}”只能从所列选项中选择。")
TOO_LONG: Final = Text(
    "Shorten “{label}” to {most} characters or fewer; it has {count}.",
    "“{label}”最多 {most} 个字符，目前 {count} 个，请缩短。",
)
TOO_SHORT: Final = Text(
    "“{label}” needs at least {least} characters; it has {count}.",
    "“{label}”至少需要 {least} 个字符，目前 {count} 个。",
)
NOT_MATCHING: Final = Text("Write “{label}” in the form asked for{example}.", "请按要求的格式填写“{label}”{example}。")
NOT_AN_ADDRESS: Final = Text(
    "Enter an email address for “{label}”, like name@example.org.",
    "请为“{label}”填写电子邮箱，例如 name@example.org。",
)
NOT_A_PHONE: Final = Text(
    "Enter a phone number for “{label}”, like +86 750 123 4567.",
    "请为“{label}”填写电话号码，例如 +86 750 123 4567。",
)
NOT_A_NUMBER: Final = Text(
    "Enter “{label}” as a number, like 1,200 or 6.40, with a point for decimals.",
    "请将“{label}”填写为数字，例如 1,200 或 6.40，小数用点表示。",
)
NOT_WHOLE: Final = Text("Enter “{label}” as a whole number, like 12.", "请将“{label}”填写为整数，例如 12。")
TOO_MANY_DIGITS: Final = Text(
    "“{label}” has more digits than can be kept exactly. Use at most 15.",
    "“{label}”的位数过多，无法精确保存，请不超过 15 位。",
)
TOO_MANY_DECIMALS: Final = Text(
    "Enter “{label}” with at most {most} digits after the point.", "“{label}”小数点后最多 {most} 位。"
)
TOO_SMALL: Final = Text("“{label}” must be {least} or more.", "“{label}”不得小于 {least}。")
TOO_BIG: Final = Text("“{label}” must be {most} or less.", "“{label}”不得大于 {most}。")
NOT_ABOVE: Final = Text("“{label}” must be more than {least}.", "“{label}”必须大于 {least}。")
NOT_BELOW: Final = Text("“{label}” must be less than {most}.", "“{label}”必须小于 {most}。")
NOT_IN_STEPS: Final = Text("“{label}” must be a multiple of {step}.", "“{label}”必须是 {step} 的倍数。")
NOT_A_DATE: Final = Text(
    "Enter “{label}” as a date that exists, like 2026-11-21 or 21/11/2026.",
    "请为“{label}”填写真实的日期，例如 2026-11-21 或 21/11/2026。",
)
NOT_A_TIME: Final = Text(
    "Enter “{label}” as a time, like 09:30 or 14:05.", "请将“{label}”填写为时间，例如 09:30 或 14:05。"
)
NOT_A_MOMENT: Final = Text(
    "Enter “{label}” as a date and time, like 2026-11-21 14:05.",
    "请将“{label}”填写为日期和时间，例如 2026-11-21 14:05。",
)
NOT_YES_OR_NO: Final = Text("Answer “{label}” with yes or no.", "请用“是”或“否”回答“{label}”。")
NOT_BY_THE_SCHEMA: Final = Text(
    "Check “{label}”: the form does not accept this answer ({rule}).", "请检查“{label}”：表单不接受该答案（{rule}）。"
)
NOT_TOGETHER: Final = Text(
    "These answers do not fit together ({rule}). Check them, or ask whoever designed the form.",
    "这些答案相互不符（{rule}）。请检查，或询问表单设计者。",
)
CHOOSE_FILE: Final = Text("Choose a file for “{label}”.", "请为“{label}”选择文件。")
FILE_GONE: Final = Text(
    "A file of “{label}” is no longer here: it was chosen long ago. Choose it again.",
    "“{label}”的文件已不在此处：选择后长时间未提交。请重新选择。",
)
FILE_KIND: Final = Text(
    "“{label}” does not take “{name}”. Accepted: {accepted}.", "“{label}”不接受“{name}”。可接受的类型：{accepted}。"
)
FILE_LARGE: Final = Text(
    "“{name}” is too large for “{label}”: at most {most} MB.", "“{label}”的文件“{name}”过大：最多 {most} MB。"
)
TOO_MANY_FILES: Final = Text(
    "“{label}” takes {most} at most; you chose {count}. Remove the rest.",
    "“{label}”最多 {most} 个文件，目前选择了 {count} 个，请删去多余的。",
)
IN_ROW: Final = Text("{label}, row {number}", "{label}（第 {number} 行）")
