"""What a protocol of leadership is."""

from __future__ import annotations

from influence.evaluation.ground_truth import GroundTruth, Scored, Tell
from influence.tasks.leadership import LeadershipConfig

__all__ = ["LeadershipProtocol", "Scored", "Tell"]

LeadershipProtocol = GroundTruth[LeadershipConfig]
"""One kind of ground truth about leaders."""
