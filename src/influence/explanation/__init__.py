"""The people and events behind each number: contributions that sum to the score, and reasons in words."""

from influence.explanation.explainer import Explainer

__all__ = ["Explainer"]
