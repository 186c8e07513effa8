"""Speed and memory of the costly steps: `make bench`, or `python -m benchmarks NAME ...`."""
