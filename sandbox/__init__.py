"""Emulators of the three upstreams over real HTTP; no part of the gateway, sharing no code."""
