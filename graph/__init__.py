"""What clients see: the only room that speaks GraphQL and ASGI."""
