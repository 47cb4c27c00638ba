"""What OneRewards answers mean in our words, one module a noun; pure, without any I/O."""
