"""OpenAI's bill: asked for now and then, and kept in the ledger beside what is recorded."""
