"""Learns what likeness in writing is worth, from split timelines of the authors set apart for that; prints the weights.

    python -m bench.returns_fit HOME

HOME holds the three real collections. Pairs of two halves of one author against pairs of two authors, at three amounts
of posts, in a logistic regression that holds each likeness to START and lets none count against. Then what a nat of
each piece is worth beside the others, from synthetic scenes: the damping under which the true parents, and no parent
for the rest, are likeliest.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from bench.returns_data import half, is_learned_from, timelines
from bench.returns_world import scene
from seawall.lake import Lake
from seawall.signals.contract import Facts
from seawall.signals.returns.evidence import PIECES, TEXT, compared, weights
from seawall.signals.returns.known import Known
from seawall.signals.returns.posterior import RETURNING, posterior
from seawall.signals.returns.profiles import gather

AMOUNTS = (20, 75, 200)
START, HOLD = 0.5, 30.0  # spreads of likeness between two authors; how strongly it is held there
SCENES = (0, 1, 2, 3)  # seeds that are in no test
GROUPS = {"handle": ["handle"], "name": ["name"], "bio": ["bio"], "picture": ["picture"], "audience": ["audience"],
          "writing": [*TEXT, "writing at all"], "gap": ["gap"]}  # fmt: skip
_KEPT = 40  # likeliest candidates of a newcomer that are learned from
_HOLD_DAMPING = 5.0


def pairs(home: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Likenesses of all pairs, whether both halves are of one author, and what each pair weighs."""
    kept = {
        name: {a: at for a, at in its.items() if is_learned_from(a)} for name, its in timelines(home).items()
    }  # fmt: skip
    x, y, weight = [], [], []
    with Lake(home) as lake, lake.snapshot() as snapshot:
        facts = Facts.of(snapshot)
        for its in kept.values():
            for k in AMOUNTS:
                both = half(its, k)
                old, new = gather(facts, both.head(len(its))), gather(facts, both.tail(len(its)))
                known = Known(old, new)
                for row in range(len(new)):
                    like = compared(known, new, row, np.arange(len(old)))
                    x.append(np.stack([like[name] for name in TEXT], 1))
                    y.append(np.arange(len(old)) == row)
                    # each collection's pairs of one author weigh alike, and so do those of two
                    share = 1 / len(its)
                    weight.append(np.where(y[-1], share, share / max(len(its) - 1, 1)))
    return np.concatenate(x), np.concatenate(y), np.concatenate(weight)


def fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Weights per likeness, none below zero; the log-likelihood ratio of a typical pair of two; what is typical."""
    typical = np.average(x[~y], axis=0, weights=weight[~y])
    spread = np.sqrt(np.average((x[~y] - typical) ** 2, axis=0, weights=weight[~y])) + 1e-6
    z = (x - typical) / spread
    sign = np.where(y, 1.0, -1.0)
    mass = np.where(y, weight / weight[y].sum(), weight / weight[~y].sum()) * 300

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (z @ theta[:-1] + theta[-1])
        pull = -sign * mass / (1 + np.exp(np.clip(margin, -50, 50)))
        value = (mass * np.logaddexp(0, -margin)).sum() + 0.5 * HOLD * ((theta[:-1] - START) ** 2).sum()
        return value, np.append(z.T @ pull + HOLD * (theta[:-1] - START), pull.sum())

    bounds = [(0, None)] * z.shape[1] + [(None, None)]
    solved = minimize(loss, np.zeros(z.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds)
    return solved.x[:-1] / spread, float(solved.x[-1]), typical


def dealt() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each newcomer of synthetic scenes: undamped pieces of its likeliest candidates, which of these is its parent
    (-1: none), and the log of how many are suspended."""
    x, parent, many = [], [], []
    damped = np.array([weights().damped[name] for name in PIECES])
    place = [[PIECES.index(name) for name in group] for group in GROUPS.values()]
    for seed in SCENES:
        of = scene(seed)
        old, new = gather(of.facts, of.wanted(of.suspended)), gather(of.facts, of.wanted(of.newcomers))
        known = Known(old, new)
        for row, account in enumerate(of.newcomers):
            rows, found, _, _ = posterior(known, new, row)
            true = np.array([of.person[of.suspended[r]] == of.person[account] for r in rows])
            order = np.argsort(-found.sum(1) - 1e6 * true, kind="stable")[:_KEPT]
            raw = found[order] / damped
            x.append(np.stack([raw[:, its].sum(1) for its in place], 1))
            parent.append(0 if true.any() else -1)
            many.append(np.log(len(known)))
    return np.stack(x), np.array(parent), np.array(many)


def damping(x: np.ndarray, parent: np.ndarray, many: np.ndarray) -> np.ndarray:
    """What a nat of each group is worth: likeliest under the posterior, held to 1, none below 0. Writing stays as it
    was learned, for synthetic words are nobody's."""
    bounds = [(1, 1) if group == "writing" else (0, None) for group in GROUPS]
    none = np.log1p(-RETURNING)

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        odds = np.column_stack([np.log(RETURNING) - many[:, None] + x @ theta, np.full(len(x), none)])
        top = odds.max(1, keepdims=True)
        p = np.exp(odds - top)
        p /= p.sum(1, keepdims=True)
        column = np.where(parent < 0, odds.shape[1] - 1, parent)
        said = p[np.arange(len(x)), column]
        expected = np.einsum("ij,ijk->ik", p[:, :-1], x)
        seen = np.where((parent >= 0)[:, None], x[:, 0], 0.0)
        hold = _HOLD_DAMPING * (theta - 1)
        value = -np.log(said + 1e-12).sum() + 0.5 * _HOLD_DAMPING * ((theta - 1) ** 2).sum()
        return value, (expected - seen).sum(0) + hold

    solved = minimize(loss, np.ones(x.shape[2]), jac=True, method="L-BFGS-B", bounds=bounds)
    return np.asarray(solved.x)


def main(home: Path) -> None:
    """Print the sections of weights.toml that are learned. Damping rests on the text's: write that down, run again."""
    print("[damped]")
    for (group, names), value in zip(GROUPS.items(), damping(*dealt()), strict=True):
        print(f"# {group}\n" + "\n".join(f'"{name}" = {value:.3f}' for name in names))
    print()
    coefficients, base, typical = fit(*pairs(home))
    print(f"text_base = {base:.3f}\n\n[text]")
    for name, value in zip(TEXT, coefficients, strict=True):
        print(f"{name} = {value:.3f}")
    print("\n[typical]")
    for name, value in zip(TEXT, typical, strict=True):
        print(f"{name} = {value:.4f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
