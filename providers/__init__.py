"""Who answers: the port that resolvers see, and an adapter for each kind of loyalty system."""
