"""Fits an exponential decay to measurements: lines of a time and a value on standard input."""

import sys

import numpy as np
from scipy.optimize import curve_fit

# What `fit --demo` fits: 3 exp(-t / 2), with noise that is the same each time.
DEMO_AMPLITUDE, DEMO_LIFETIME = 3.0, 2.0


def decay(time: np.ndarray, amplitude: float, lifetime: float) -> np.ndarray:
    return amplitude * np.exp(-time / lifetime)


def demo() -> np.ndarray:
    time = np.linspace(0, 10, 200)
    noise = np.random.default_rng(seed=1).normal(scale=0.01, size=time.size)
    return np.column_stack([time, decay(time, DEMO_AMPLITUDE, DEMO_LIFETIME) + noise])


def main() -> None:
    measured = demo() if "--demo" in sys.argv[1:] else np.loadtxt(sys.stdin, ndmin=2)
    (amplitude, lifetime), _ = curve_fit(decay, measured[:, 0], measured[:, 1])
    print(f"amplitude {amplitude:.2f}, lifetime {lifetime:.2f}")
