"""The shapes of fabric Loyalty's answers, tolerant of all the contract allows; no meaning."""
