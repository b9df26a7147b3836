"""What is said where figures would tell of somebody. Every page must know it, though few ask for figures."""

from __future__ import annotations

from engine.base.errors import Refusal


class GroupTooSmall(Refusal):
    """Too few cases of this kind of applicant, or so few that the others would tell of them: their figures are not shown. Choose a longer period or all kinds."""

    zh = "该类申请人的办件过少，或可由其他类别推算得出，其指标不予显示。请选择更长的期间或全部类别。"
