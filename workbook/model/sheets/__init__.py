"""The sheets of the model, one module each."""
