"""What Telluride's answers look like: shapes and tolerant decoders, no meaning."""
