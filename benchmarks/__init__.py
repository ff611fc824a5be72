"""Long runs and ratios, each one command: `python -m benchmarks.<name>`. None of them is part of the fast tests."""
