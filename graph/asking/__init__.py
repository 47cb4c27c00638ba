"""What a mutation asks for: GraphQL inputs, checked, as commands of loyalty/; nothing is sent."""
