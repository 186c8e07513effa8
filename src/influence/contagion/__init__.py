"""Who took up what after whom: exposure, credit, evidence for contagion, spread, choice of ambassadors."""
