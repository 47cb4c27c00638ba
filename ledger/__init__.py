"""What we promised: the journal of mutations and the links of customers, kept for years."""
