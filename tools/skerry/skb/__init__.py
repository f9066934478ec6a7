"""The system knowledge base, from the host."""
