"""What a refresh or snapshot does to a model in use, decided as data."""
