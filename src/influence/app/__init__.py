"""The app: lists with reasons, marks and the map in a browser on this machine (extra `app`)."""

from influence.app.marks import Marks
from influence.app.page import Start, show
from influence.app.serving import serve

__all__ = ["Marks", "Start", "serve", "show"]
