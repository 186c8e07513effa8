"""The network as a picture that can be explored."""

from influence.visualization.pages import plotly_script

__all__ = ["plotly_script"]
