"""What is held on people: forget it, disclose it, let it expire."""

from influence.privacy.forgetting import Forgotten, forget

__all__ = ["Forgotten", "forget"]
