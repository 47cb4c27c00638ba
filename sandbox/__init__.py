"""Emulators of the three upstreams over real HTTP; no part of the gateway, and no code shared with it."""
