"""Telluride's answers in our words: pure functions named by what they return; no calls."""
