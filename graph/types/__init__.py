"""The types of the public schema: thin views over the values of loyalty/, one file a family."""
