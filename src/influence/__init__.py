"""Who will accept, who leads opinion, and which partners to approach: from a team's own records."""
