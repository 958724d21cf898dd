"""Speed and memory beside the peers: PyTorch, JAX, HIPS autograd and the original generator.

    python -m benchmarks                      every row of the table
    python -m benchmarks mlp cnn --quick      some rows, fewer steps, two rounds
    python -m benchmarks --out table.txt      saves what it prints

Each contestant is a process of its own (POSIX only), held to one processor and one thread; they
take turns, round after round, so that a slow minute of the machine hits all of them. A time is the
median over the rounds, a ratio the median of the rounds' ratios. A peer that is not installed is
skipped by name; `pip install -e ".[peers]"` installs them all.
"""
