"""pytest's doctest run leaves the script alone: it needs PyTorch, which the tests do not."""

collect_ignore = ["make_torch_reference.py"]
