"""What the commands do, one module each; imported only when its command runs, to start at once."""
