"""Values that hypothesis draws for the laws of the functions."""

from __future__ import annotations

from hypothesis import strategies as st

probabilities = st.floats(0.0, 1.0)
megawatts = st.floats(0.0, 1e5)
values_per_mw = st.floats(-100.0, 100.0)
months = st.floats(0.0, 1e3)
windows = st.floats(0.1, 120.0)
COVERED = ("RIOT", "IREN", "CLSK", "CIFR", "MARA")
covered = st.sampled_from(COVERED)
