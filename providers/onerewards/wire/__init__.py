"""The shapes OneRewards answers in, one module a noun; nothing here knows what they mean."""
