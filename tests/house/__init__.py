"""Tests of the house itself: its imports, shape, packages, schema and wheel."""
