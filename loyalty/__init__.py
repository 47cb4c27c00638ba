"""The words of loyalty: pure values and errors that every room shares; imports nothing of ours."""
