"""Writes pynetim_imm.json: what pynetim 0.5.5's IMM chooses on an invented graph, and its spread there.

In an environment of its own: pip install pynetim==0.5.5, then python pynetim_imm.py.
"""

import json
import random
from pathlib import Path

from pynetim import IMGraph
from pynetim.algorithms import IMMAlgorithm
from pynetim.diffusion_model import IndependentCascadeModel

N, M = 120, 500

rng = random.Random(4)
edges = sorted({(min(rng.randrange(N), rng.randrange(N)), rng.randrange(N)) for _ in range(M)})
edges = [(u, v) for u, v in edges if u != v]
p = [round(rng.choice([0.02, 0.1, 0.15, 0.3, 0.5]), 2) for _ in edges]
nodes = sorted({node for edge in edges for node in edge})
place = {node: i for i, node in enumerate(nodes)}
edges = [(place[u], place[v]) for u, v in edges]
graph = IMGraph(edges, p, directed=True, renumber=False)
found = []
for k in (1, 3, 10):
    seeds = IMMAlgorithm(graph, "IC", epsilon=0.1, l=1, random_seed=0).run(k)
    spread = IndependentCascadeModel(graph, seeds).run_monte_carlo_diffusion(100_000, 1)
    found.append({"chosen": sorted(seeds), "spread": spread})
written = {"n": len(nodes), "source": [u for u, _ in edges], "target": [v for _, v in edges], "p": p}
Path(__file__).with_suffix(".json").write_text(
    json.dumps({"pynetim": "0.5.5", **written, "found": found}) + "\n"
)
