"""What is quoted stands in an attribute as it was said."""

from __future__ import annotations

import re
from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.base.quoted import quoted

_FIT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\r\"'<>&"))


@given(_FIT)
def test_it_is_read_as_it_was_said(text: str) -> None:
    text = re.sub("[\ufffe\uffff]", "", text)
    read = etree.fromstring(f"<a b={quoted(text)}/>".encode())
    assert read.get("b") == text
    assert read.attrib == etree.fromstring(f"<a b={quoteattr(text)}/>".encode()).attrib
