"""Speed and memory of the costly steps: `make bench`, or `python -m benchmarks NAME ...`.

Beside their peers: `python -m benchmarks.propagation`, `.sampling`, `.pairs`; at full size: `.world`.
"""
