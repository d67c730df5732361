"""Macro projects, ribbon and buttons, written without Excel."""
