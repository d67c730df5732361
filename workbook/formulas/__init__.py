"""The text of formulas: calls of ours, references, what a formula depends on."""
