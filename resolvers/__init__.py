"""What happens: plain async functions between the graph and the providers; no GraphQL, no HTTP."""
