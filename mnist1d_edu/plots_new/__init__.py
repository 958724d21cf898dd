"""Figures of experiments that move to `plots` when it is a package."""
