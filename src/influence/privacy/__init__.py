"""What is held on people: forget it, disclose it, let it expire."""

from influence.privacy.disclosure import Disclosure, disclose
from influence.privacy.expiry import expire
from influence.privacy.forgetting import Forgotten, forget

__all__ = ["Disclosure", "Forgotten", "disclose", "expire", "forget"]
