"""What fabric Loyalty's answers mean in our words; pure, no calls."""
