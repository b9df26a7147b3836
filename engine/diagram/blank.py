"""The diagram a procedure drawn from nothing begins with: a pool, two lanes and where a case starts."""

from __future__ import annotations

import re
from typing import Final

from engine.base.quoted import quoted

_LANES: Final = ("First post 第一岗位", "Second post 第二岗位")
_START: Final = "Begin 开始"


def blank(name: str, key: str) -> bytes:
    """`name` is the pool's, `key` goes into the ids: the prefix of case numbers, say, in small letters."""
    key = re.sub(r"[^a-z0-9_]", "_", key.lower()) or "new"
    process = f"procedure_{key}"
    said = quoted(name)
    first, second = (quoted(one) for one in _LANES)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
                  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
                  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
                  xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
                  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                  xmlns:officium="urn:officium:procedure:1"
                  id="definitions_{key}" targetNamespace="urn:officium:processes:{key}"
                  expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <bpmn:collaboration id="collaboration_{key}">
    <bpmn:participant id="pool_{key}" name={said} processRef="{process}" />
  </bpmn:collaboration>
  <bpmn:process id="{process}" name={said} isExecutable="true">
    <bpmn:laneSet id="lanes_{key}">
      <bpmn:lane id="lane_1" name={first}>
        <bpmn:flowNodeRef>start</bpmn:flowNodeRef>
      </bpmn:lane>
      <bpmn:lane id="lane_2" name={second} />
    </bpmn:laneSet>
    <bpmn:startEvent id="start" name={quoted(_START)} />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram_{key}">
    <bpmndi:BPMNPlane id="plane_{key}" bpmnElement="collaboration_{key}">
      <bpmndi:BPMNShape id="pool_{key}_di" bpmnElement="pool_{key}" isHorizontal="true">
        <dc:Bounds x="160" y="80" width="1000" height="340" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="lane_1_di" bpmnElement="lane_1" isHorizontal="true">
        <dc:Bounds x="190" y="80" width="970" height="170" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="lane_2_di" bpmnElement="lane_2" isHorizontal="true">
        <dc:Bounds x="190" y="250" width="970" height="170" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="start_di" bpmnElement="start">
        <dc:Bounds x="242" y="147" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="230" y="190" width="60" height="27" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
""".encode()
