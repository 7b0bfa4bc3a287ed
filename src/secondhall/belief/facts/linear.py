"""What the figures ask of the scores when the chance stays: a linear model of the readings, fitted to lives.

Scores split into x = (z, c): z along the few directions in which the figures move, c across. With readings y
in deviations, slopes J, a reference z_0 and errors R

    y(z) = y(z_0) + J (z - z_0),   P = (I + J' R^-1 J)^-1,   m = z_0 + P (J' R^-1 (v - y(z_0)) - z_0)

is where the figures v ask z to lie, and P how widely around it. R holds the tolerance and the model's own
error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from secondhall.company.layout import Floats, Truths

__all__ = ["LinearModel"]

RIDGE = 0.03
"""Of the mean square of a step, added to each: directions that the lives hardly tried count as blind."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearModel:
    """The linear model of some particles.

    Attributes
    ----------
    basis
        [unknown, direction] the directions, orthonormal; only scores that are smooth lie in them.
    slopes
        [figure, direction] J.
    reference
        [direction] z_0.
    gain
        [direction, figure] P J' R^-1.
    root
        [direction, direction] lower, with root root' = P.
    """

    basis: Floats
    slopes: Floats
    reference: Floats
    gain: Floats
    root: Floats

    @classmethod
    def fitted(
        cls, scores: Floats, steps: Floats, moves: Floats, *, smooth: Truths, tolerance: float
    ) -> LinearModel:
        """Return the model of particles that were lived a second time beside where they stand.

        Parameters
        ----------
        scores, steps
            [particle, unknown] where they stand, and how far beside; steps are nothing but for smooth scores.
        moves
            [particle, figure] how the readings changed, in deviations.
        smooth
            [unknown].
        tolerance
            of the level, in deviations too.
        """
        steps = steps[:, smooth]
        near = 1.0 / (1.0 + np.square(moves / tolerance).mean(axis=1))
        weighted = steps * near[:, None]
        gram = weighted.T @ steps
        ridge = RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram))
        slopes = np.linalg.solve(gram + ridge, weighted.T @ moves)
        left, _, _ = np.linalg.svd(slopes, full_matrices=False)
        basis = np.zeros((smooth.size, left.shape[1]))
        basis[smooth] = left
        errors = np.minimum(np.square(moves - steps @ slopes), 9.0 * tolerance**2)
        noise = tolerance**2 + np.average(errors, axis=0, weights=near)
        along = slopes.T @ left
        precision = np.eye(left.shape[1]) + (along.T / noise) @ along
        return cls(
            basis=basis,
            slopes=along,
            reference=(scores @ basis).mean(axis=0),
            gain=np.linalg.solve(precision, along.T / noise),
            root=np.linalg.cholesky(np.linalg.inv(precision)),
        )

    def along(self, scores: Floats) -> Floats:
        """Return z [particle, direction]."""
        found: Floats = scores @ self.basis
        return found

    def moved(self, scores: Floats, z: Floats) -> Floats:
        """Return the scores with another z [particle, direction] or [direction]; c stays."""
        found: Floats = scores + (z - scores @ self.basis) @ self.basis.T
        return found

    def asked(self, figures: Floats, readings: Floats) -> Floats:
        """Return m [particle, direction], of readings [particle, figure] at the reference."""
        found: Floats = (figures - readings + self.slopes @ self.reference) @ self.gain.T
        return found
