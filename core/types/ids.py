"""Identifiers of what the catalog keeps."""

from __future__ import annotations

from typing import NewType

ImageId = NewType("ImageId", int)
KeywordId = NewType("KeywordId", int)
EncoderId = NewType("EncoderId", int)
PreparationId = NewType("PreparationId", int)
ExperimentId = NewType("ExperimentId", int)
